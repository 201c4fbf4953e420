//! Whatever a session went through, its journal makes it again.

use super::*;
use crate::storage::root::Root;

fn line(timeline: &mut Timeline, text: &str) {
    match parse(1, text, timeline.cluster()).unwrap() {
        Line::Command(command) => _ = timeline.handle(command).unwrap(),
        Line::Drive(Drive::Step(count)) => (0..count).for_each(|_| _ = timeline.advance()),
        other => panic!("{other:?}"),
    }
}

fn orders() -> Timeline {
    let mut timeline = Timeline::new(ClusterSpec { writeback_ms: 1000, ..ClusterSpec::new(3, 42) });
    for text in [
        "step 200",
        "kafka-topics.sh --create --topic orders --partitions 2 --replication-factor 3",
        "step 100",
        "produce orders key=\"민지 Kim\" value=latte producer=app count=3",
        "step 60",
        "consume orders consumer=billing from=earliest",
        "cut billing broker-2 one-way",
        "step",
        "power-loss broker-2",
        "step 150",
    ] {
        line(&mut timeline, text);
    }
    timeline
}

fn replay(text: &str) -> Result<Replayed, ReplayProblem> {
    let mut replay = Replay::new(text.to_string());
    while replay.run(50)? == Progress::More {}
    Ok(replay.finish().unwrap())
}

#[test]
fn a_run_is_made_again_from_its_text() {
    let timeline = orders();
    let text = text_of(&timeline);
    assert!(
        text.starts_with("cluster brokers=3 seed=42 writeback.ms=1000\nstep 200\nkafka-topics.sh"),
        "{text}"
    );
    let again = replay(&text).unwrap();
    assert_eq!(again.former, "");
    assert_eq!(again.timeline.inputs(), timeline.inputs());
    assert_eq!(again.timeline.cluster(), timeline.cluster());
}

#[test]
fn a_session_that_lost_its_power_twice_is_made_again() {
    let mut former = String::new();
    let mut timeline = orders();
    for _ in 0..2 {
        former += &text_of(&timeline);
        let spec = spec_after_power_loss(timeline.cluster().spec());
        timeline = Timeline::on_disks(spec, disks_after_power_loss(timeline.cluster()));
        line(&mut timeline, "step 400");
        line(&mut timeline, "produce orders value=more");
        line(&mut timeline, "step 50");
    }
    assert_eq!(timeline.cluster().violation(), None);
    let again = replay(&[former.as_str(), &text_of(&timeline)].concat()).unwrap();
    assert_eq!(again.former, former);
    assert_eq!(again.timeline.cluster(), timeline.cluster());
}

#[test]
fn the_stored_journal_grows_and_reads_back() {
    let mut timeline = orders();
    let mut journal = Journal::of(Some("# former\n"), &timeline);
    let mut chunks: BTreeMap<usize, Bytes> = BTreeMap::new();
    let mut stamps = Vec::new();
    for n in 0..40 {
        let value = n.to_string().repeat(2000);
        line(&mut timeline, &format!("produce orders value={value}"));
        line(&mut timeline, "step 2");
        journal.follow(&timeline);
        let commit = journal.commit();
        assert!(commit.changed.len() <= 3, "only the end is written again");
        chunks.extend(commit.changed);
        stamps = commit.stamps;
    }
    assert!(stamps.len() > 2 && stamps.len() == chunks.len());
    let root = Root {
        session: 1,
        generation: 1,
        spec: String::new(),
        moment: Moment::default(),
        extents: BTreeMap::new(),
        manifest: BTreeMap::new(),
        journal: stamps,
    };
    let chunks: Vec<_> = chunks.into_values().map(Some).collect();
    let text = root.journal(&chunks).unwrap();
    assert_eq!(replay(&text).unwrap().timeline.cluster(), timeline.cluster());
}

#[test]
fn what_cannot_be_played_is_told_by_its_line() {
    use ReplayProblemKind::*;
    let problem = |text: &str| replay(text).map(|_| ()).unwrap_err();
    assert_eq!(problem(""), ReplayProblem { line: 0, what: NoSpec });
    assert_eq!(problem("step 3").what, NoSpec);
    assert_eq!(problem("cluster brokers=1\nrun 3s"), ReplayProblem { line: 2, what: NotAnInput });
    assert_eq!(problem("cluster brokers=1\nshow brokers").what, NotAnInput);
    assert!(matches!(
        problem("cluster brokers=1\n\ncrash broker-7"),
        ReplayProblem { line: 3, what: Refused(_) }
    ));
    assert!(matches!(problem("cluster brokers=1\nexplode").what, Script(_)));
}
