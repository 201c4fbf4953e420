//! Links read back; whatever else claims to be one is refused, within the limits.

use super::*;
use crate::storage::journal::{Progress, Replay};
use kafkascope_engine::script::line::NoClients;
use kafkascope_engine::spec::ClusterSpec;
use proptest::prelude::*;

/// As a link of somebody who does not keep to the rules.
fn forged(text: &str) -> String {
    let mut packed = Vec::new();
    DeflateEncoder::new(text.as_bytes(), Compression::best()).read_to_end(&mut packed).unwrap();
    format!("#v1.{}", URL_SAFE_NO_PAD.encode(packed))
}

fn with_head(head: &str, journal: &str) -> String {
    forged(&format!("{head} crc={:08x}\n{journal}", checksum(head, journal)))
}

fn with_moment(journal: &str) -> String {
    with_head("moment 0 now=0 events=0", journal)
}

fn problem(journal: &str) -> LinkProblem {
    decode(&with_moment(journal)).unwrap_err()
}

#[test]
fn the_same_link_shows_the_same_moment() {
    let mut timeline = Timeline::new(ClusterSpec::new(3, 7));
    (0..300).for_each(|_| _ = timeline.advance());
    for text in [
        "kafka-topics.sh --create --topic orders --partitions 1 --replication-factor 3",
        "produce orders key=민지 value=\"a b\" count=5 producer=app",
        "consume orders consumer=billing",
        "cut billing broker-1",
    ] {
        let Line::Command(command) = parse(1, text, timeline.cluster()).unwrap() else {
            panic!("{text}")
        };
        timeline.handle(command).unwrap();
        (0..70).for_each(|_| _ = timeline.advance());
    }
    timeline.seek(391);
    let link = encode("", &timeline).unwrap();
    assert!(link.len() < 400, "{} characters", link.len());
    assert!(is_link(&link));

    let shared = decode(&link).unwrap();
    assert_eq!((shared.tally.runs, shared.tally.records, shared.tally.inputs), (1, 5, 584));
    let mut replay = Replay::new(shared.journal);
    assert_eq!(replay.run(u64::MAX), Ok(Progress::Done));
    let mut again = replay.finish().unwrap().timeline;
    again.seek(shared.moment.position as usize);
    assert_eq!(moment_of(&again), shared.moment);
    assert_eq!(again.cluster(), timeline.cluster());
    assert_eq!(encode("", &again), Ok(link));
}

#[test]
fn other_addresses_are_not_links() {
    for hash in ["", "#", "#lesson=1", "#version.2", "#v.x", "#v+1.x", "#v12345678.x"] {
        assert!(!is_link(hash), "{hash}");
        assert_eq!(decode(hash), Err(LinkProblem::Damaged));
    }
}

#[test]
fn a_link_that_is_cut_off_early_still_is_one() {
    for hash in ["#v1", "#v1."] {
        assert!(is_link(hash), "{hash}");
        assert_eq!(decode(hash), Err(LinkProblem::Damaged));
    }
}

#[test]
fn a_link_that_breaks_a_rule_is_refused() {
    let start = "cluster brokers=3 seed=1\n";
    assert_eq!(decode("#v3.anything"), Err(LinkProblem::Version(3)));
    assert_eq!(decode("#v1.not base64"), Err(LinkProblem::Damaged));
    assert_eq!(problem(""), LinkProblem::NoSpec);
    assert_eq!(problem("step 3"), LinkProblem::NoSpec);
    assert!(matches!(problem(&format!("{start}explode broker-1")), LinkProblem::Script(_)));
    assert!(matches!(problem("cluster brokers=3 unheard.of=1"), LinkProblem::Script(_)));
    assert_eq!(problem(&format!("{start}run 3s")), LinkProblem::NotAnInput { line: 2 });
    assert_eq!(problem(&format!("{start}show brokers")), LinkProblem::NotAnInput { line: 2 });
    let too_many = |what, max| LinkProblem::TooMany { what, max };
    assert_eq!(problem(&start.repeat(65)), too_many(TooMany::Runs, 64));
    assert_eq!(problem(&format!("{start}step 4000000000")), too_many(TooMany::Steps, STEPS_MAX));
    let records = "produce t count=60000\n".repeat(2);
    assert_eq!(problem(&format!("{start}{records}")), too_many(TooMany::Records, RECORDS_MAX));
    let big = format!("produce t value={} count=10000\n", "x".repeat(2000));
    assert_eq!(problem(&format!("{start}{big}")), too_many(TooMany::Bytes, PRODUCED_BYTES_MAX));
    let lines = "step\n".repeat(20_000);
    assert_eq!(problem(&format!("{start}{lines}")), too_many(TooMany::Lines, LINES_MAX.into()));
    assert_eq!(
        decode(&with_head("moment 1 now=0 events=0", start)),
        Err(LinkProblem::NoSuchMoment)
    );
    for head in [
        "moment -1 now=0 events=0",
        "moment 0 now=0",
        "moment 0 now=0 events=0 more=1",
        "now=0",
        "",
    ] {
        assert_eq!(decode(&with_head(head, start)), Err(LinkProblem::Damaged), "{head}");
    }
    assert_eq!(
        decode(&forged(&format!("moment 0 now=0 events=0 crc=0\n{start}"))),
        Err(LinkProblem::Damaged)
    );
    assert_eq!(decode(&forged(start)), Err(LinkProblem::Damaged));
}

#[test]
fn what_is_too_big_is_refused_before_it_is_held() {
    let long = "A".repeat(COMPRESSED_BYTES_MAX * 2);
    assert!(matches!(decode(&format!("#v1.{long}")), Err(LinkProblem::TooLong { .. })));
    // A thousandfold bomb.
    let bomb = forged(&"x".repeat(40 << 20));
    assert!(bomb.len() < COMPRESSED_BYTES_MAX);
    assert_eq!(decode(&bomb), Err(LinkProblem::TextTooLong { max: TEXT_BYTES_MAX }));
    // Nor is one made that nobody could open.
    let mut timeline = Timeline::new(ClusterSpec::new(1, 7));
    (0..100).for_each(|_| _ = timeline.advance());
    let prose = "# nothing\n".repeat(200_000);
    assert_eq!(encode(&prose, &timeline), Err(LinkProblem::TextTooLong { max: TEXT_BYTES_MAX }));
}

proptest! {
    #[test]
    fn any_journal_reads_back(
        seed in any::<u64>(),
        lines in prop::collection::vec(("[a-z]{1,8}", "\\PC{0,12}", 1..900u32), 0..30),
        (now, events) in any::<(u64, u64)>(),
    ) {
        let mut journal = format!("cluster brokers=2 seed={seed}\n");
        for (topic, value, steps) in lines {
            let value = kafkascope_engine::script::lexer::quote(value.as_bytes(), "");
            journal += &format!("produce {topic} value={value}\nstep {steps}\n");
        }
        let moment = Moment { position: 0, now, events };
        let shared = decode(&encode_text(moment, &journal, None).unwrap()).unwrap();
        prop_assert_eq!((shared.moment, shared.journal), (moment, journal));
    }

    #[test]
    fn noise_is_refused(hash in "\\PC*", body in "[A-Za-z0-9_-]{0,400}", bytes in any::<Vec<u8>>()) {
        let _ = decode(&hash);
        for link in [["#v1.", &body].concat(), ["#v1.", &URL_SAFE_NO_PAD.encode(bytes)].concat()] {
            prop_assert!(decode(&link).is_err());
        }
    }

    #[test]
    fn scripts_of_noise_are_refused_or_read(text in "(cluster [a-z.=0-9 ]{0,20}\n|[a-z-]{1,9}( [a-z0-9=\"\\\\-]{0,9}){0,4}\n){0,9}") {
        let _ = decode(&with_moment(&text));
        let _ = parse(1, &text, &NoClients);
    }

    #[test]
    fn a_link_changed_anywhere_is_refused(at in any::<prop::sample::Index>(), to in "[A-Za-z0-9_-]") {
        let link = encode_text(Moment::default(), "cluster brokers=3 seed=4711\nstep 17\nproduce orders value=x\n", None).unwrap();
        let body = link.len() - 4;
        let at = 4 + at.index(body);
        let mut changed = link.clone();
        changed.replace_range(at..at + 1, &to);
        prop_assert!(decode(&link[..at]).is_err());
        // The last bits may say nothing.
        if let Ok(shared) = decode(&changed) {
            prop_assert_eq!(shared, decode(&link).unwrap());
        }
    }
}

#[test]
fn a_comparison_leads_back_to_its_run_and_its_difference() {
    let journal = "cluster brokers=3 seed=4\nstep 9\n";
    for text in ["history.rule=kip-320", "acks=all from=120", "drop=broker-2,broker-1,17 from=9"] {
        let change = Change::parse(text).unwrap();
        let link = encode_text(Moment::default(), journal, Some(&change)).unwrap();
        assert!(link.starts_with("#v2."));
        let shared = decode(&link).unwrap();
        assert_eq!((shared.compare, &shared.journal[..]), (Some(change), journal));
        let as_a_run = link.replace("#v2.", "#v1.");
        assert_eq!(decode(&as_a_run), Err(LinkProblem::Damaged));
    }
    let run = encode_text(Moment::default(), journal, None).unwrap();
    assert_eq!(decode(&run.replace("#v1.", "#v2.")), Err(LinkProblem::Damaged));
}
