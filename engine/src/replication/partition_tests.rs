//! Scenarios of Kafka's `PartitionTest`: a leader at epoch 5 whose log holds ten records of epoch 4.

use super::append::Appender;
use super::partition::{Effects, Partition};
use crate::controller::metadata_image::{BrokerRegistration, MetadataImage};
use crate::controller::partition_registration::PartitionRegistration;
use crate::ids::{Address, ClientId, EventId, NodeId, TopicPartition, Uuid};
use crate::log::append_origin::AppendOrigin;
use crate::log::log_config::LogConfig;
use crate::log::unified_log::UnifiedLog;
use crate::protocol::{Acks, Origin};
use crate::record::record_batch::RecordBatch;
use crate::record::record_batch_builder::RecordBatchBuilder;
use crate::sim::disk::Disk;
use crate::sim::time::SimTime;
use crate::spec::ClusterSpec;
use crate::world::{Ctx, World};
use std::sync::Arc;

const LEADER: NodeId = NodeId(1);
const F1: NodeId = NodeId(2);
const F2: NodeId = NodeId(3);
const F3: NodeId = NodeId(4);
const LAG_MS: u64 = 30_000;
const ORIGIN: Origin = Origin { client: ClientId(0), first: 0, last: 0, acks: Acks::All };

fn appender(acks_all: bool) -> Appender {
    Appender { origin: Some(ORIGIN), acks_all, by: AppendOrigin::CLIENT }
}

struct Scene {
    world: World,
    disk: Disk,
    image: MetadataImage,
    partition: Partition,
}

impl Scene {
    fn new(replicas: &[NodeId], isr: &[NodeId], min_isr: i32) -> Scene {
        let mut world = World::new(Arc::new(ClusterSpec::new(4, 0)));
        world.now = SimTime::from_millis(1_000_000);
        let mut disk = Disk::default();
        let id = TopicPartition::new("topic", 0);
        let config = LogConfig { min_insync_replicas: min_isr, ..LogConfig::default() };
        let mut log = UnifiedLog::create(&mut disk, &id, Uuid::ZERO, config, world.now);
        log.append_as_leader(&mut disk, &batch(10), 4, world.now).unwrap();
        let mut image = MetadataImage::default();
        for node in [LEADER, F1, F2, F3] {
            let registration = BrokerRegistration {
                broker_epoch: 1,
                incarnation_id: Uuid::ZERO,
                rack: None,
                fenced: false,
                in_controlled_shutdown: false,
            };
            image.brokers.insert(node, registration);
        }
        let mut scene =
            Scene { world, disk, image, partition: Partition::new(id, Uuid::ZERO, log) };
        let registration = PartitionRegistration {
            replicas: replicas.to_vec(),
            isr: isr.to_vec(),
            leader: Some(LEADER),
            leader_epoch: 5,
            partition_epoch: 1,
            ..PartitionRegistration::default()
        };
        scene.act(|partition, ctx, disk, image| {
            partition.make_leader(ctx, disk, image, &registration, LEADER);
        });
        scene
    }

    fn act<T>(
        &mut self,
        act: impl FnOnce(&mut Partition, &mut Ctx<'_>, &mut Disk, &MetadataImage) -> T,
    ) -> T {
        let here = Address::Node(LEADER);
        let mut ctx = Ctx { world: &mut self.world, here, cause: EventId(0) };
        act(&mut self.partition, &mut ctx, &mut self.disk, &self.image)
    }

    fn sleep(&mut self, ms: u64) {
        self.world.now = self.world.now.plus_millis(ms);
    }

    fn fetch(&mut self, follower: NodeId, offset: i64) -> Effects {
        self.act(|partition, ctx, _, image| {
            partition.observe_follower_fetch(ctx, image, follower, (offset, 0, 1))
        })
    }

    fn append(&mut self, count: usize) {
        self.act(|partition, ctx, disk, image| {
            partition.append_to_leader(ctx, disk, image, &batch(count), appender(false)).unwrap();
        });
    }

    fn shrink(&mut self) -> bool {
        self.act(|partition, ctx, _, _| partition.maybe_shrink_isr(ctx, LEADER).is_some())
    }

    fn commit(&mut self, isr: &[NodeId]) {
        let epoch = self.partition.partition_epoch + 1;
        let isr = isr.to_vec();
        self.act(|partition, ctx, _, image| partition.commit_isr(ctx, image, 5, epoch, isr));
    }

    fn proposed(&self) -> Option<Vec<NodeId>> {
        let pending = self.partition.leading.as_ref()?.pending_isr.as_ref()?;
        Some(pending.proposed.clone())
    }

    fn high_watermark(&self) -> i64 {
        self.partition.log.high_watermark()
    }
}

fn batch(count: usize) -> RecordBatch {
    let mut batch = RecordBatchBuilder::new(0);
    for n in 0..count {
        batch.append(SimTime::ZERO.timestamp_ms(), None, Some(format!("v{n}").as_bytes()), &[]);
    }
    RecordBatch::parse(batch.build()).unwrap()
}

#[test]
fn maybe_shrink_isr() {
    let mut scene = Scene::new(&[LEADER, F1, F2], &[LEADER, F1, F2], 1);
    scene.fetch(F1, 10);
    assert_eq!(scene.high_watermark(), 0);
    assert!(!scene.shrink());
    scene.sleep(LAG_MS + 1);
    assert!(scene.shrink());
    // Until it is committed the larger ISR counts.
    assert_eq!(scene.proposed(), Some(vec![LEADER, F1]));
    assert_eq!(scene.partition.isr, [LEADER, F1, F2]);
    assert_eq!(scene.partition.maximal_isr(), [LEADER, F1, F2]);
    assert_eq!(scene.high_watermark(), 0);
    scene.commit(&[LEADER, F1]);
    assert_eq!(scene.partition.isr, [LEADER, F1]);
    assert_eq!(scene.high_watermark(), 10);
}

#[test]
fn high_watermark_advance_should_not_advance_when_under_min_isr() {
    let mut scene = Scene::new(&[LEADER, F1, F2], &[LEADER, F1], 3);
    scene.fetch(F1, 10);
    assert_eq!(scene.high_watermark(), 0);
    scene.fetch(F2, 10);
    assert_eq!(scene.partition.maximal_isr().len(), 3);
    assert_eq!(scene.high_watermark(), 0);
    scene.commit(&[LEADER, F1, F2]);
    assert_eq!(scene.high_watermark(), 10);
}

#[test]
fn isr_expansion() {
    let mut scene = Scene::new(&[LEADER, F1], &[LEADER], 1);
    // The leader is alone in its ISR and has committed everything; the follower has to reach it.
    scene.fetch(F1, 3);
    assert_eq!(scene.proposed(), None);
    let remote = &scene.partition.leading.as_ref().unwrap().remote[&F1];
    assert_eq!((remote.log_end_offset, remote.last_caught_up), (3, None));
    scene.fetch(F1, 10);
    assert_eq!(scene.proposed(), Some(vec![LEADER, F1]));
    assert_eq!(scene.partition.isr, [LEADER]);
    assert_eq!(scene.partition.maximal_isr(), [LEADER, F1]);
    scene.commit(&[LEADER, F1]);
    assert_eq!(scene.partition.isr, [LEADER, F1]);
    assert_eq!(scene.partition.maximal_isr(), [LEADER, F1]);
}

#[test]
fn should_not_shrink_isr_if_previous_fetch_is_caught_up() {
    let mut scene = Scene::new(&[LEADER, F1], &[LEADER, F1], 1);
    scene.sleep(5_000);
    let first_fetch = scene.world.now;
    scene.fetch(F1, 5);
    assert_eq!(scene.high_watermark(), 5);
    scene.sleep(1);
    scene.append(5);
    scene.fetch(F1, 10);
    let remote = &scene.partition.leading.as_ref().unwrap().remote[&F1];
    assert_eq!(remote.last_caught_up, Some(first_fetch));
    assert_eq!(scene.high_watermark(), 10);
    scene.sleep(LAG_MS - 1);
    assert!(!scene.shrink());
}

#[test]
fn single_in_flight_alter_isr() {
    let mut scene = Scene::new(&[LEADER, F1, F2, F3], &[LEADER, F1, F2], 1);
    assert!(scene.fetch(F3, 10).propose_isr.is_some());
    scene.sleep(LAG_MS + 1);
    assert!(!scene.shrink(), "one proposal at a time");
    assert_eq!(scene.proposed(), Some(vec![LEADER, F1, F2, F3]));
}

#[test]
fn a_fenced_follower_does_not_join() {
    let mut scene = Scene::new(&[LEADER, F1], &[LEADER], 1);
    scene.image.brokers.get_mut(&F1).unwrap().fenced = true;
    assert_eq!(scene.fetch(F1, 10).propose_isr, None);
    scene.image.brokers.get_mut(&F1).unwrap().fenced = false;
    scene.image.brokers.get_mut(&F1).unwrap().broker_epoch = 2;
    assert_eq!(scene.fetch(F1, 10).propose_isr, None, "another incarnation of the broker");
}

/// `Partition.fetchOffsetSnapshot` and R9: a follower from before the leader's epoch has to reach
/// its start, even where the high watermark is lower.
#[test]
fn a_follower_joins_only_from_the_start_of_the_leaders_epoch() {
    let mut scene = Scene::new(&[LEADER, F1, F2], &[LEADER, F1], 1);
    assert_eq!(scene.high_watermark(), 0);
    assert_eq!(scene.fetch(F2, 9).propose_isr, None);
    assert!(scene.fetch(F2, 10).propose_isr.is_some());
}

#[test]
fn the_same_epoch_again_keeps_what_is_known_of_followers() {
    let mut scene = Scene::new(&[LEADER, F1], &[LEADER, F1], 1);
    scene.fetch(F1, 7);
    let again = PartitionRegistration {
        replicas: vec![LEADER, F1],
        isr: vec![LEADER, F1],
        leader: Some(LEADER),
        leader_epoch: 5,
        partition_epoch: 2,
        ..PartitionRegistration::default()
    };
    scene.act(|partition, ctx, disk, image| {
        partition.make_leader(ctx, disk, image, &again, LEADER);
    });
    assert_eq!(scene.partition.leading.as_ref().unwrap().remote[&F1].log_end_offset, 7);
    let older = PartitionRegistration { partition_epoch: 1, isr: vec![LEADER], ..again };
    scene.act(|partition, ctx, disk, image| {
        assert!(partition.make_leader(ctx, disk, image, &older, LEADER).is_none());
    });
    assert_eq!(scene.partition.isr, [LEADER, F1]);
}

#[test]
fn acks_all_is_refused_before_anything_is_written() {
    let mut scene = Scene::new(&[LEADER, F1, F2], &[LEADER], 2);
    let refused = scene.act(|partition, ctx, disk, image| {
        partition.append_to_leader(ctx, disk, image, &batch(1), appender(true)).map(|_| ())
    });
    assert_eq!(refused, Err(crate::protocol::KafkaError::NotEnoughReplicas));
    assert_eq!(scene.partition.log.log_end_offset(), 10);
    scene.append(1);
    assert_eq!(scene.partition.log.log_end_offset(), 11);
    assert_eq!(scene.high_watermark(), 0, "the mark stands still under min ISR");
}
