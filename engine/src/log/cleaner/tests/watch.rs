//! A cleaning that is looked at does what any cleaning does, and says of every record why.

use super::*;
use crate::log::cleaner::watch::{Bench, Step, Watched};
use crate::log::cleaner::watcher::Verdict;

fn tea_and_cake() -> Fixture {
    let mut fixture = Fixture::new(&[("delete.retention.ms", "1000")]);
    fixture.puts(&["tea", "cake", "tea"]);
    fixture.roll();
    fixture.put("cake", None);
    fixture.puts(&["pie"]);
    fixture.commit();
    fixture
}

fn watch(fixture: &Fixture, prepare: impl Fn(&mut Bench)) -> Watched {
    let (log, disk) = (&fixture.log, &fixture.disk);
    let mut bench = Bench::of_log(log, disk, CleanerConfig::default(), fixture.now);
    prepare(&mut bench);
    bench.clean()
}

fn mapped(watched: &Watched) -> Vec<(i64, Option<i64>)> {
    let steps = watched.steps.iter().filter_map(|step| match step {
        Step::Mapped { offset, replaced, .. } => Some((*offset, *replaced)),
        _ => None,
    });
    steps.collect()
}

fn judged(watched: &Watched) -> Vec<(i64, Verdict)> {
    let steps = watched.steps.iter().filter_map(|step| match step {
        Step::Judged { offset, verdict, .. } => Some((*offset, *verdict)),
        _ => None,
    });
    steps.collect()
}

#[test]
fn every_record_is_told() {
    let fixture = tea_and_cake();
    let watched = watch(&fixture, |_| {});
    assert_eq!(mapped(&watched), [(0, None), (1, None), (2, Some(0))]);
    let superseded = Verdict::Superseded { by: 2 };
    assert_eq!(judged(&watched), [(0, superseded), (1, Verdict::Newest), (2, Verdict::Newest)]);
    assert!(matches!(watched.steps.last(), Some(Step::Did(PassStep::Finished { end_offset: 3 }))));

    // With the active segment closed first, the tombstone of cake is met, and stays for now.
    let watched = watch(&fixture, Bench::close_active_segment);
    let tombstone = Verdict::Tombstone { horizon: None };
    let expected = [
        (0, superseded),
        (1, Verdict::Superseded { by: 3 }),
        (2, Verdict::Newest),
        (3, tombstone),
        (4, Verdict::Newest),
    ];
    assert_eq!(judged(&watched), expected);

    // What it left can be looked at as files, and cleaned again when the horizon has passed.
    let mut again = Bench::of_files(&watched.disk, "orders-0").unwrap();
    again.close_active_segment();
    again.pass_delete_horizons();
    let watched = again.clean();
    let horizon = Some(fixture.now.timestamp_ms() + 1000);
    let expired = Verdict::Expired { horizon };
    assert_eq!(judged(&watched), [(2, Verdict::Newest), (3, expired), (4, Verdict::Newest)]);
    let left: Vec<i64> = mapped(&watched).into_iter().map(|(offset, _)| offset).collect();
    assert_eq!(left, [2, 3, 4]);
}

/// The copy is cleaned as the log itself would be, and the log is not touched.
#[test]
fn it_is_the_real_cleaner() {
    let mut fixture = tea_and_cake();
    let before = (fixture.log.clone(), fixture.disk.clone());
    let watched = watch(&fixture, |_| {});
    assert_eq!((&fixture.log, &fixture.disk), (&before.0, &before.1));
    fixture.clean_from(0);
    let files = |disk: &Disk| -> Vec<_> {
        let live = disk.paths().filter(|path| !path.ends_with(".deleted"));
        live.map(|path| (path.clone(), disk.read_all(path))).collect()
    };
    assert_eq!(files(&watched.disk), files(&fixture.disk));
}

#[test]
fn files_of_any_name_are_a_log_and_damage_ends_it() {
    let mut fixture = tea_and_cake();
    fixture.roll();
    let log = fixture.disk.read_all("orders-0/00000000000000000000.log").unwrap();
    let mut damaged = log.to_vec();
    let at = damaged.len() - 3;
    damaged[at] ^= 1;
    for (bytes, count) in [(log, 3), (damaged.into(), 2)] {
        let disk =
            Disk::from_files([("some/where/0.log.d/00000000000000000000.log".to_string(), bytes)]);
        let mut bench = Bench::of_files(&disk, "some/where/0.log.d").unwrap();
        assert_eq!(bench.recovered.clone().unwrap().truncation.is_some(), count == 2);
        bench.close_active_segment();
        assert_eq!(mapped(&bench.clean()).len(), count);
    }
}

#[test]
fn more_than_can_be_told_is_counted() {
    let mut fixture = Fixture::new(&[]);
    for n in 0..300 {
        let keys: Vec<String> = (0..5).map(|k| format!("{}", (n * 5 + k) % 700)).collect();
        let pairs: Vec<_> = keys.iter().map(|key| (key.as_str(), Some("v"))).collect();
        let batch = records(None, &pairs, fixture.now);
        fixture.append(&batch);
    }
    fixture.commit();
    let watched = watch(&fixture, Bench::close_active_segment);
    let rest: Vec<_> = watched.steps.iter().filter(|s| matches!(s, Step::Passed { .. })).collect();
    let expected =
        [Step::Passed { records: 500, stay: 0 }, Step::Passed { records: 500, stay: 500 }];
    assert_eq!(rest, expected.iter().collect::<Vec<_>>());
    assert_eq!(watched.stats.messages_written, 700);
}
