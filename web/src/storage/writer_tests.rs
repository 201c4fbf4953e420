//! Whatever is done to a run, and wherever the page dies, the last commit holds the disks as they
//! were at its end, and a journal that makes the run again.

use super::*;
use crate::storage::journal::{
    Progress, Replay, Replayed, disks_after_power_loss, moment_of, spec_after_power_loss,
};
use crate::storage::root::{ExtentId, Root};
use bytes::Bytes;
use kafkascope_engine::command::{Command, CreateTopic, Produce};
use kafkascope_engine::ids::NodeId;
use kafkascope_engine::log::checkpoint::MetaProperties;
use kafkascope_engine::spec::ClusterSpec;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What IndexedDB would hold.
#[derive(Clone, Default)]
struct Store {
    root: Bytes,
    extents: BTreeMap<ExtentId, Bytes>,
    journal: BTreeMap<usize, Bytes>,
}

impl Store {
    fn carry_out(&mut self, commit: Commit) {
        if commit.anew {
            *self = Store::default();
        }
        self.root = commit.root;
        self.extents.extend(commit.extents);
        self.journal.extend(commit.journal);
        self.extents.retain(|id, _| !commit.superseded.contains(id));
    }

    fn save(&mut self, writer: &mut Writer) {
        if let Some(commit) = writer.take_commit() {
            self.carry_out(commit);
        }
    }

    fn root(&self) -> Root {
        Root::decode(&self.root).unwrap()
    }

    fn replay(&self) -> Replayed {
        let chunks: Vec<_> = self.journal.values().cloned().map(Some).collect();
        let mut replay = Replay::new(self.root().journal(&chunks).unwrap());
        assert_eq!(replay.run(u64::MAX), Ok(Progress::Done));
        replay.finish().unwrap()
    }

    /// The disks and the journal are those of the end of this run.
    fn assert_holds(&self, timeline: &Timeline) {
        let last = timeline.at(timeline.len());
        let stored = self.root().disks(&self.extents).unwrap();
        assert_eq!(stored, disks_after_power_loss(&last));
        let replayed = self.replay().timeline;
        assert_eq!(replayed.inputs(), timeline.inputs());
        assert_eq!(disks_after_power_loss(replayed.cluster()), stored);
        assert_eq!(self.root().moment, moment_of(&replayed));
    }
}

fn orders() -> Timeline {
    let mut timeline = Timeline::new(ClusterSpec { writeback_ms: 300, ..ClusterSpec::new(2, 9) });
    (0..150).for_each(|_| _ = timeline.advance());
    let topic = CreateTopic {
        topic: "orders".into(),
        partitions: 1,
        replication_factor: 2,
        replica_assignment: Vec::new(),
        configs: Vec::new(),
    };
    timeline.handle(Command::CreateTopic(topic)).unwrap();
    (0..30).for_each(|_| _ = timeline.advance());
    timeline
}

fn produce(value: u32) -> Command {
    Command::Produce(Produce {
        topic: "orders".into(),
        producer: "app".into(),
        partition: None,
        key: None,
        value: Some(value.to_string().into()),
        headers: Vec::new(),
        timestamp_ms: None,
        acks: None,
        compression: None,
        count: 1,
    })
}

#[test]
fn only_what_became_durable_holds_the_page_back() {
    let mut timeline = orders();
    let mut writer = Writer::begin(1, Some(String::new()), &mut timeline);
    assert!(writer.take_commit().is_some_and(|commit| commit.anew));
    assert!(writer.take_commit().is_none());
    timeline.handle(produce(1)).unwrap();
    assert_eq!(writer.follow(&mut timeline), Need::Soon);
    let mut needs = Vec::new();
    for _ in 0..200 {
        let dirty: u64 = timeline.cluster().nodes().map(|node| node.disk.dirty_bytes()).sum();
        timeline.advance();
        let cleaned =
            timeline.cluster().nodes().map(|node| node.disk.dirty_bytes()).sum::<u64>() < dirty;
        let need = writer.follow(&mut timeline);
        assert!(!cleaned || need == Need::BeforeShowing);
        needs.push(need);
    }
    assert!(needs.contains(&Need::Later) && needs.contains(&Need::BeforeShowing));
}

#[test]
fn looking_back_writes_nothing() {
    let mut timeline = orders();
    let mut writer = Writer::begin(1, Some(String::new()), &mut timeline);
    writer.take_commit();
    let end = timeline.len();
    for position in [end - 1, 0, end / 2, end] {
        timeline.seek(position);
        assert_eq!(writer.follow(&mut timeline), Need::Nothing);
    }
    timeline.seek(end - 20);
    for _ in 0..20 {
        timeline.advance();
        assert_eq!(writer.follow(&mut timeline), Need::Nothing);
    }
    assert!(writer.take_commit().is_none());
    timeline.advance();
    assert!(writer.follow(&mut timeline) >= Need::Later);
    assert!(writer.take_commit().is_some_and(|commit| !commit.anew));
}

#[test]
fn a_broker_that_was_added_is_there_after_the_page_has_died() {
    let mut timeline = orders();
    let mut store = Store::default();
    let mut writer = Writer::begin(1, Some(String::new()), &mut timeline);
    store.save(&mut writer);
    timeline.handle(Command::AddBroker { node: None }).unwrap();
    (0..60).for_each(|_| _ = timeline.advance());
    assert_eq!(writer.follow(&mut timeline), Need::BeforeShowing);
    store.save(&mut writer);
    store.assert_holds(&timeline);
    let disks = store.root().disks(&store.extents).unwrap();
    let spec = spec_after_power_loss(timeline.cluster().spec());
    let mut again = Timeline::on_disks(spec, disks);
    again.handle(Command::AddBroker { node: None }).unwrap();
    let ids =
        |timeline: &Timeline| timeline.cluster().brokers().map(|n| n.id.0).collect::<Vec<_>>();
    assert_eq!((ids(&timeline), ids(&again)), (vec![1, 2, 3], vec![1, 2, 3, 4]));
    let clusters = again.cluster().brokers().map(|node| MetaProperties::on(&node.disk).unwrap());
    assert!(clusters.map(|meta| meta.cluster_id).all(|id| id == timeline.cluster().id()));
}

#[derive(Clone, Debug)]
enum Act {
    Advance(usize),
    Produce(u32),
    Crash(i32),
    PowerLoss(i32),
    Start(i32),
    AddBroker,
    Replace(i32),
    Unregister(i32),
    Seek(prop::sample::Index),
    /// To a moment of the past, and back to the end.
    LookBack(prop::sample::Index),
    Switch(prop::sample::Index),
    Save,
    /// The page dies; the next one goes on from the disks, or makes the run again.
    DieAndGoOn,
    DieAndReopen,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => (1..120usize).prop_map(Act::Advance),
        4 => (0..9999u32).prop_map(Act::Produce),
        1 => (1..3i32).prop_map(Act::Crash),
        1 => (1..3i32).prop_map(Act::PowerLoss),
        2 => (1..3i32).prop_map(Act::Start),
        1 => Just(Act::AddBroker),
        1 => (1..4i32).prop_map(Act::Replace),
        1 => (1..4i32).prop_map(Act::Unregister),
        2 => any::<prop::sample::Index>().prop_map(Act::Seek),
        3 => any::<prop::sample::Index>().prop_map(Act::LookBack),
        1 => any::<prop::sample::Index>().prop_map(Act::Switch),
        4 => Just(Act::Save),
        1 => Just(Act::DieAndGoOn),
        1 => Just(Act::DieAndReopen),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn the_last_commit_holds_the_end_of_the_run(acts in prop::collection::vec(act(), 1..40)) {
        let mut timeline = orders();
        let mut store = Store::default();
        let mut writer = Writer::begin(1, Some(String::new()), &mut timeline);
        store.save(&mut writer);
        let mut saved = timeline.clone();
        for act in acts {
            match act {
                Act::Advance(steps) => (0..steps).for_each(|_| _ = timeline.advance()),
                Act::Produce(value) => _ = timeline.handle(produce(value)),
                Act::Crash(node) => _ = timeline.handle(Command::Crash { node: NodeId(node) }),
                Act::PowerLoss(node) => _ = timeline.handle(Command::PowerLoss { node: NodeId(node) }),
                Act::Start(node) => _ = timeline.handle(Command::Start { node: NodeId(node) }),
                Act::AddBroker => _ = timeline.handle(Command::AddBroker { node: None }),
                Act::Replace(node) => _ = timeline.handle(Command::Replace { node: NodeId(node) }),
                Act::Unregister(id) => {
                    _ = timeline.handle(Command::UnregisterBroker { broker: NodeId(id) });
                }
                Act::Seek(to) => timeline.seek(to.index(timeline.len() + 1)),
                Act::LookBack(to) => {
                    timeline.seek(to.index(timeline.len() + 1));
                    writer.follow(&mut timeline);
                    timeline.seek(timeline.len());
                }
                Act::Switch(to) if !timeline.branches().is_empty() => {
                    timeline.switch_to(to.index(timeline.branches().len()));
                }
                Act::Switch(_) | Act::Save => {}
                Act::DieAndReopen => {
                    let Replayed { timeline: again, former, .. } = store.replay();
                    prop_assert_eq!(again.inputs(), saved.inputs());
                    timeline = again;
                    writer = Writer::begin(3, Some(former), &mut timeline);
                }
                Act::DieAndGoOn => {
                    let disks = store.root().disks(&store.extents).unwrap();
                    let spec = spec_after_power_loss(saved.cluster().spec());
                    let Replayed { timeline: last, former, .. } = store.replay();
                    timeline = Timeline::on_disks(spec, disks);
                    let former = former + &crate::storage::journal::text_of(&last);
                    writer = Writer::begin(2, Some(former), &mut timeline);
                }
            }
            let need = writer.follow(&mut timeline);
            if need == Need::BeforeShowing || matches!(act, Act::Save | Act::DieAndGoOn | Act::DieAndReopen) {
                store.save(&mut writer);
                store.assert_holds(&timeline);
                saved = timeline.clone();
            }
        }
        prop_assert_eq!(saved.cluster().violation(), None);
    }
}
