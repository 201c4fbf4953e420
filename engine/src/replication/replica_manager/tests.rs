//! A follower's log beside its leader's: the tables of Kafka's `AbstractFetcherThreadTest`, of
//! `PartitionTest.testLastFetchedOffsetValidation`, and the divergence cases of the TLA+
//! specification, each played by the follower's real questions and the leader's real answers.

use super::ReplicaManager;
use crate::controller::metadata_image::MetadataImage;
use crate::controller::partition_registration::PartitionRegistration;
use crate::ids::{Address, EventId, NodeId, TopicPartition, Uuid};
use crate::log::log_config::LogConfig;
use crate::log::unified_log::UnifiedLog;
use crate::protocol::*;
use crate::record::record_batch_builder::RecordBatchBuilder;
use crate::replication::history_rule::HistoryRule;
use crate::replication::partition::Partition;
use crate::replication::replica_fetcher::{self, Next};
use crate::replication::replica_selector::ReplicaSelector;
use crate::sim::disk::Disk;
use crate::sim::time::SimTime;
use crate::spec::{BrokerConfig, ClusterSpec};
use crate::world::{Ctx, World};
use std::collections::BTreeMap;
use std::sync::Arc;

const LEADER: NodeId = NodeId(1);
const FOLLOWER: NodeId = NodeId(2);

/// One-record batches: (offset, epoch).
type Batches<'a> = &'a [(i64, i32)];

struct Scene {
    world: World,
    leader: ReplicaManager,
    leader_disk: Disk,
    follower: Partition,
    follower_disk: Disk,
}

fn id() -> TopicPartition {
    TopicPartition::new("topic", 0)
}

fn log_of(disk: &mut Disk, batches: Batches<'_>) -> UnifiedLog {
    let now = SimTime::ZERO;
    let mut log = UnifiedLog::create(disk, &id(), Uuid::ZERO, LogConfig::default(), now);
    if let Some(&(start, _)) = batches.first().filter(|(start, _)| *start > 0) {
        log.truncate_fully_and_start_at(disk, start);
    }
    for &(offset, epoch) in batches {
        let mut batch = RecordBatchBuilder::new(offset).leader_epoch(epoch);
        // The same offset and epoch mean the same record.
        batch.append(now.timestamp_ms(), None, Some(format!("{offset}:{epoch}").as_bytes()), &[]);
        log.append_as_follower(disk, &[batch.build()], epoch, now).unwrap();
    }
    log
}

fn registration(leader_epoch: i32) -> PartitionRegistration {
    PartitionRegistration {
        replicas: vec![LEADER, FOLLOWER],
        isr: vec![LEADER],
        leader: Some(LEADER),
        leader_epoch,
        partition_epoch: leader_epoch,
        ..PartitionRegistration::default()
    }
}

impl Scene {
    /// A follower of `follower_epoch` beside a leader of `leader_epoch`.
    fn new(
        (follower, follower_epoch): (Batches<'_>, i32),
        (leader, leader_epoch, high_watermark): (Batches<'_>, i32, i64),
    ) -> Scene {
        let mut world = World::new(Arc::new(ClusterSpec::new(2, 0)));
        let (mut leader_disk, mut follower_disk) = (Disk::default(), Disk::default());
        let image = MetadataImage::default();
        let mut led = Partition::new(id(), Uuid::ZERO, log_of(&mut leader_disk, leader));
        let mut following = Partition::new(id(), Uuid::ZERO, log_of(&mut follower_disk, follower));
        let here = Address::Node(LEADER);
        let mut ctx = Ctx { world: &mut world, here, cause: EventId(0) };
        let epoch = registration(leader_epoch);
        led.make_leader(&mut ctx, &mut leader_disk, &image, &epoch, LEADER);
        led.log.update_high_watermark(high_watermark);
        following.make_follower(&mut ctx, &registration(follower_epoch));
        let mut manager = ReplicaManager::new(LEADER, BrokerConfig::default(), BTreeMap::default());
        manager.partitions.insert(id(), Arc::new(led));
        Scene { world, leader: manager, leader_disk, follower: following, follower_disk }
    }

    fn question(&self) -> FetchPartition {
        replica_fetcher::question(HistoryRule::default(), &self.follower)
    }

    fn answer(&mut self, asked: &FetchPartition) -> PartitionData {
        self.answer_to(Fetcher::Replica { id: FOLLOWER, broker_epoch: 1 }, None, asked)
    }

    fn answer_to(
        &mut self,
        fetcher: Fetcher,
        rack_id: Option<Arc<str>>,
        asked: &FetchPartition,
    ) -> PartitionData {
        let request = FetchRequest {
            fetcher,
            rack_id,
            isolation: IsolationLevel::ReadUncommitted,
            max_wait_ms: 0,
            min_bytes: 1,
            max_bytes: 1_000_000,
            session: FetchMetadata::SESSIONLESS,
            partitions: vec![asked.clone()],
            forgotten: Vec::new(),
        };
        let mut ctx =
            Ctx { world: &mut self.world, here: Address::Node(LEADER), cause: EventId(0) };
        let disk = &mut self.leader_disk;
        self.leader.read(&mut ctx, disk, &request, asked, request.max_bytes, true)
    }

    /// One fetch, and what comes of it.
    fn fetch(&mut self) -> Next {
        let asked = self.question();
        let data = self.answer(&asked);
        self.take(&data)
    }

    fn take(&mut self, data: &PartitionData) -> Next {
        let here = Address::Node(FOLLOWER);
        let mut ctx = Ctx { world: &mut self.world, here, cause: EventId(0) };
        let (disk, partition) = (&mut self.follower_disk, &mut self.follower);
        let next = replica_fetcher::apply(&mut ctx, disk, partition, data).next;
        if next == Next::AskOffsets {
            let request = ListOffsetsRequest {
                partition: id(),
                current_leader_epoch: partition.leader_epoch,
                timestamp: OffsetSpec::Latest,
                from_replica: true,
                isolation: IsolationLevel::ReadUncommitted,
            };
            let answer = self.leader.list_offsets(&self.leader_disk, &request).unwrap();
            let (end, start) = (answer.offset, answer.log_start_offset);
            replica_fetcher::restart_from(&mut ctx, disk, partition, end, start);
        }
        next
    }

    /// Fetches until nothing changes any more.
    fn catch_up(&mut self) {
        for _ in 0..20 {
            let before = self.follower.clone();
            self.fetch();
            if self.follower == before {
                return;
            }
        }
        panic!("the follower never comes to rest");
    }

    fn led(&self) -> &Partition {
        &self.leader.partitions[&id()]
    }

    /// Offsets and epochs of the follower's batches.
    fn follower_batches(&self) -> Vec<(i64, i32)> {
        batches_of(&self.follower.log, &self.follower_disk)
    }

    fn assert_equal(&self) {
        let (own, led) = (&self.follower.log, &self.led().log);
        assert_eq!(self.follower_batches(), batches_of(led, &self.leader_disk));
        assert_eq!(own.log_start_offset(), led.log_start_offset());
        assert_eq!(own.log_end_offset(), led.log_end_offset());
        assert_eq!(own.high_watermark(), led.high_watermark());
    }
}

fn batches_of(log: &UnifiedLog, disk: &Disk) -> Vec<(i64, i32)> {
    let batches = log.batches(disk, log.log_start_offset());
    let batches = batches.map(|batch| batch.expect("it was just written"));
    batches.map(|batch| (batch.base_offset(), batch.partition_leader_epoch())).collect()
}

#[test]
fn truncation_without_a_common_epoch() {
    let mut scene = Scene::new((&[(0, 0), (1, 2), (2, 4)], 5), (&[(0, 1), (1, 3), (2, 5)], 5, 2));
    scene.catch_up();
    scene.assert_equal();
}

#[test]
fn diverging_epochs() {
    let mut scene = Scene::new((&[(0, 0), (1, 2), (2, 4)], 5), (&[(0, 0), (1, 2), (2, 5)], 5, 2));
    scene.fetch();
    assert_eq!(scene.question().last_fetched_epoch, 2);
    scene.catch_up();
    assert_eq!(scene.question().last_fetched_epoch, 5);
    scene.assert_equal();
}

#[test]
fn follower_fetch_out_of_range_high() {
    let batches: Batches<'_> = &[(0, 0), (1, 2), (2, 4)];
    let mut scene = Scene::new((batches, 4), (batches, 4, 2));
    scene.catch_up();
    let led = Arc::make_mut(scene.leader.partitions.get_mut(&id()).unwrap());
    led.log.truncate_to(&mut scene.leader_disk, 0);
    scene.catch_up();
    assert_eq!(
        (scene.follower.log.log_start_offset(), scene.follower.log.log_end_offset()),
        (0, 0)
    );
    assert_eq!(scene.follower.log.high_watermark(), 0);
}

#[test]
fn follower_fetch_out_of_range_low() {
    let mut scene = Scene::new((&[(0, 0)], 4), (&[(2, 4)], 4, 2));
    assert_eq!(scene.fetch(), Next::AskOffsets);
    let log = &scene.follower.log;
    assert_eq!((log.log_start_offset(), log.log_end_offset()), (2, 2));
    scene.catch_up();
    scene.assert_equal();
}

/// KAFKA-18723
#[test]
fn replicate_batches_up_to_leader_epoch() {
    let mut scene = Scene::new((&[], 4), (&[(0, 3), (1, 4), (2, 5)], 5, 0));
    let mut asked = scene.question();
    asked.current_leader_epoch = 5;
    let data = PartitionData { asked_leader_epoch: 4, ..scene.answer(&asked) };
    scene.take(&data);
    assert_eq!(scene.follower_batches(), [(0, 3), (1, 4)]);
}

#[test]
fn a_fenced_fetch_ends_and_one_from_the_future_waits() {
    let batches: Batches<'_> = &[(0, 0)];
    assert_eq!(Scene::new((batches, 1), (batches, 4, 0)).fetch(), Next::Remove);
    assert_eq!(Scene::new((batches, 5), (batches, 4, 0)).fetch(), Next::Delay);
}

#[test]
fn an_answer_to_another_epoch_or_offset_is_dropped() {
    let mut scene = Scene::new((&[(0, 0)], 4), (&[(0, 0), (1, 4)], 4, 1));
    let asked = scene.question();
    let data = scene.answer(&asked);
    for stale in [
        PartitionData { asked_leader_epoch: 3, ..data.clone() },
        PartitionData { asked_offset: 0, ..data.clone() },
    ] {
        assert_eq!(scene.take(&stale), Next::Continue);
        assert_eq!(
            (scene.follower_batches(), scene.follower.log.high_watermark()),
            (vec![(0, 0)], 0)
        );
    }
    scene.take(&data);
    assert_eq!(scene.follower_batches(), [(0, 0), (1, 4)]);
}

/// A diverging answer brings no records, and leaves the high watermark alone as long as the log
/// reaches it.
#[test]
fn a_diverging_answer_does_not_move_the_high_watermark() {
    let mut scene = Scene::new((&[(0, 0), (1, 0), (2, 1)], 5), (&[(0, 0), (1, 0), (2, 5)], 5, 3));
    scene.follower.log.update_high_watermark(1);
    let asked = scene.question();
    let data = scene.answer(&asked);
    assert_eq!(data.diverging_epoch, Some(DivergingEpoch { epoch: 0, end_offset: 2 }));
    assert!(data.records.is_empty());
    scene.take(&data);
    assert_eq!((scene.follower.log.log_end_offset(), scene.follower.log.high_watermark()), (2, 1));
}

/// KAFKA.md 4.2: what the leader answers to (last fetched epoch, fetch offset).
#[test]
fn last_fetched_offset_validation() {
    const OUT_OF_RANGE: Result<Option<(i32, i64)>, KafkaError> = Err(KafkaError::OffsetOutOfRange);
    let epochs = [(0..2, 0), (2..8, 3), (8..13, 4), (13..14, 7), (14..17, 9)];
    let batches: Vec<(i64, i32)> =
        epochs.into_iter().flat_map(|(offsets, epoch)| offsets.map(move |o| (o, epoch))).collect();
    let mut scene = Scene::new((&[], 10), (&batches, 10, 17));
    let mut check = |last_fetched_epoch, fetch_offset, expected| {
        let asked = FetchPartition { last_fetched_epoch, fetch_offset, ..scene.question() };
        let data = scene.answer(&asked);
        let found = match data.error {
            Some(error) => Err(error),
            None => Ok(data.diverging_epoch.map(|end| (end.epoch, end.end_offset))),
        };
        assert_eq!(found, expected, "({last_fetched_epoch}, {fetch_offset})");
        // Where logs part there is nothing to hand over.
        assert!(found == Ok(None) || data.records.is_empty());
        if (last_fetched_epoch, fetch_offset) == (0, 5) {
            let led = Arc::make_mut(scene.leader.partitions.get_mut(&id()).unwrap());
            led.log.maybe_increment_log_start_offset(&mut scene.leader_disk, 10);
        }
    };
    check(2, 5, Ok(Some((0, 2))));
    check(0, 4, Ok(Some((0, 2))));
    check(10, 18, Ok(Some((10, 17))));
    for (epoch, offset) in [(0, 2), (7, 14), (9, 17), (10, 17), (3, 5)] {
        check(epoch, offset, Ok(None));
    }
    check(11, 5, OUT_OF_RANGE);
    // From here on the log starts at 10.
    check(0, 5, Ok(Some((0, 2))));
    for (epoch, offset) in [(0, 0), (5, 6), (3, 6)] {
        check(epoch, offset, OUT_OF_RANGE);
    }
}

/// The cases that the comments of the TLA+ specification draw: where the follower's log ends after
/// one answer, and that both logs agree at last.
#[test]
fn divergence_cases_of_the_specification() {
    let follower_one: Batches<'_> = &[(0, 1), (1, 1)];
    let follower_long: Batches<'_> = &[(0, 1), (1, 1), (2, 1), (3, 1)];
    let follower_two: Batches<'_> = &[(0, 1), (1, 1), (2, 2), (3, 2)];
    let follower_early: Batches<'_> = &[(0, 1), (1, 2), (2, 2)];
    let table: [(&str, Batches<'_>, Batches<'_>, i32, i64); 5] = [
        ("A", follower_one, follower_long, 1, 4),
        ("B", follower_one, follower_two, 2, 4),
        ("C", follower_long, &[(0, 1), (1, 1), (2, 2)], 2, 2),
        ("D", follower_two, &[(0, 1), (1, 1), (2, 3)], 3, 2),
        ("F", follower_early, &[(0, 1), (1, 1), (2, 3)], 3, 1),
    ];
    for (case, follower, leader, epoch, end_after_one) in table {
        let mut scene = Scene::new((follower, epoch), (leader, epoch, leader.len() as i64));
        scene.fetch();
        assert_eq!(scene.follower.log.log_end_offset(), end_after_one, "case {case}");
        scene.catch_up();
        scene.assert_equal();
    }
}

/// `ReplicaManager.findPreferredReadReplica`: a follower is named while it is in the ISR and, as far as the
/// leader knows, its log has the offset.
#[test]
fn a_consumer_is_sent_only_to_who_has_the_offset() {
    let log: Batches<'_> = &[(0, 1), (1, 1), (2, 1)];
    let named = |isr: &[NodeId], (start, end): (i64, i64), rack: &str, offset: i64| {
        let mut scene = Scene::new((log, 1), (log, 1, 3));
        let replica_selector_class = ReplicaSelector::RackAware;
        scene.leader.settings =
            Arc::new(BrokerConfig { replica_selector_class, ..BrokerConfig::default() });
        scene.leader.racks = [(LEADER, "a".into()), (FOLLOWER, "b".into())].into();
        let led = Arc::make_mut(scene.leader.partitions.get_mut(&id()).unwrap());
        led.isr = isr.to_vec();
        let remote = &mut led.leading.as_mut().unwrap().remote;
        let state = remote.get_mut(&FOLLOWER).unwrap();
        (state.log_start_offset, state.log_end_offset) = (start, end);
        let asked =
            FetchPartition { fetch_offset: offset, last_fetched_epoch: -1, ..scene.question() };
        let data = scene.answer_to(Fetcher::Consumer, Some(rack.into()), &asked);
        assert!(data.preferred_read_replica.is_none() || data.records.is_empty());
        data.preferred_read_replica
    };
    let both = [LEADER, FOLLOWER];
    assert_eq!(named(&both, (0, 3), "b", 1), Some(FOLLOWER));
    assert_eq!(named(&both, (0, 3), "b", 3), Some(FOLLOWER), "at the end of its log");
    assert_eq!(named(&both, (0, 2), "b", 3), None, "it has not fetched so far");
    assert_eq!(named(&both, (-1, -1), "b", 0), None, "it has not fetched in this epoch");
    assert_eq!(named(&both, (2, 3), "b", 1), None, "it has let go of the offset");
    assert_eq!(named(&[LEADER], (0, 3), "b", 1), None, "it is not in sync");
    assert_eq!(named(&both, (0, 3), "a", 1), None, "the leader is near");
    assert_eq!(named(&both, (0, 3), "c", 1), None, "nobody is near");
}
