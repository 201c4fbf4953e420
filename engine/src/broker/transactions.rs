//! A broker's part in transactions besides coordinating them: who coordinates what, whether a batch belongs to
//! a transaction of which its coordinator knows (Kafka's `AddPartitionsToTxnManager`), markers.

use super::{Broker, CREATE_TIMEOUT_MS, REQUEST_TIMEOUT_MS};
use crate::command::CreateTopic;
use crate::group::coordinator::partition_of_group;
use crate::group::group_record::OFFSETS_TOPIC;
use crate::ids::{NodeId, TopicPartition};
use crate::log::append_origin::{EPOCH_PER_TRANSACTION, Verification};
use crate::protocol::*;
use crate::record::record_batch::RecordBatch;
use crate::record::record_batch_builder::RecordBatchBuilder;
use crate::replication::replica_manager::{Env, Verified};
use crate::sim::disk::Disk;
use crate::spec::{ClusterSpec, Mutant};
use crate::transaction::coordinator::partition_of_transactional_id;
use crate::transaction::transaction_record::TRANSACTION_STATE_TOPIC;
use crate::world::{Call, Ctx, ReplyTo, TxnCall};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Requests that wait for a coordinator's word.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Verifications {
    next: u64,
    held: BTreeMap<u64, Held>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Held {
    Produce { reply_to: ReplyTo, request: ProduceRequest, guards: BTreeMap<TopicPartition, u64> },
    Offsets { reply_to: ReplyTo, request: TxnOffsetCommitRequest, guard: u64 },
}

impl Broker {
    pub(super) fn settle_coordinators(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk) {
        let (broker_epoch, controller) = (self.broker_epoch, self.controller);
        let env = Env { image: &self.image, broker_epoch, controller };
        self.groups.on_committed(ctx, &mut self.replicas);
        self.transactions.settle(ctx, disk, &mut self.replicas, &env);
    }

    // Who coordinates what.

    /// The leader of the partition that the group or the transactional id belongs to. The first who asks
    /// makes the topic come to be.
    pub(super) fn find_coordinator(
        &mut self,
        ctx: &mut Ctx<'_>,
        key_type: CoordinatorType,
        key: &str,
    ) -> Result<NodeId, KafkaError> {
        let partition = match key_type {
            CoordinatorType::Group if key.is_empty() => return Err(KafkaError::InvalidGroupId),
            CoordinatorType::Transaction if key.is_empty() => {
                return Err(KafkaError::InvalidRequest);
            }
            CoordinatorType::Group => partition_of_group(&self.image, key),
            CoordinatorType::Transaction => partition_of_transactional_id(&self.image, key),
        };
        let Some(id) = partition else {
            let topic = match key_type {
                CoordinatorType::Group => OFFSETS_TOPIC,
                CoordinatorType::Transaction => TRANSACTION_STATE_TOPIC,
            };
            self.create_internal_topic(ctx, topic);
            return Err(KafkaError::CoordinatorNotAvailable);
        };
        self.leader_of(&id).ok_or(KafkaError::CoordinatorNotAvailable)
    }

    /// If it serves.
    fn leader_of(&self, id: &TopicPartition) -> Option<NodeId> {
        let leader = self.image.partition(id).and_then(|partition| partition.leader);
        let serves = |leader: &NodeId| self.image.brokers.get(leader).is_some_and(|b| !b.fenced);
        leader.filter(serves)
    }

    /// `AutoTopicCreationManager`
    fn create_internal_topic(&mut self, ctx: &mut Ctx<'_>, topic: &'static str) {
        if self.creating_topic.is_some() {
            return;
        }
        self.creating_topic = Some(topic);
        let request = Request::CreateTopics(internal_topic(&ctx.spec(), topic));
        ctx.request(self.controller, request, CREATE_TIMEOUT_MS, Call::CreateTopics);
    }

    // Whether a transaction is known.

    /// Whether this broker asks coordinators about transactions that it does not know.
    fn verifies(ctx: &Ctx<'_>) -> bool {
        let spec = &ctx.world.spec;
        let is_on = spec.transaction_version >= EPOCH_PER_TRANSACTION
            || spec.broker.transaction_partition_verification_enable;
        is_on && !ctx.is_mutant(Mutant::TransactionNotVerified)
    }

    /// A producer's batches; those that begin a transaction here wait for its coordinator's word.
    pub(super) fn produce(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        reply_to: ReplyTo,
        request: ProduceRequest,
    ) {
        let transactional_id = request.transactional_id.clone().filter(|_| Self::verifies(ctx));
        let Some(transactional_id) = transactional_id else {
            return self.append_produced(ctx, disk, reply_to, request, &Verified::default());
        };
        let mut guards = BTreeMap::new();
        let mut producer = None;
        for data in &request.partitions {
            let batch = RecordBatch::parse(data.records.clone()).ok();
            if let Some(batch) = batch.filter(RecordBatch::is_transactional)
                && let Some(guard) = self.replicas.start_verification(&data.partition, &batch)
            {
                let (producer_id, epoch) = (batch.producer_id(), batch.producer_epoch());
                producer = Some(ProducerIdAndEpoch { producer_id, epoch });
                guards.insert(data.partition.clone(), guard);
            }
        }
        let Some(producer) = producer else {
            let verified = Verified { is_on: true, partitions: BTreeMap::new() };
            return self.append_produced(ctx, disk, reply_to, request, &verified);
        };
        let partitions = guards.keys().cloned().collect();
        let held = Held::Produce { reply_to, request, guards };
        self.hold(ctx, disk, (transactional_id, producer), partitions, held);
    }

    /// `TxnOffsetCommit`: the partition of the offsets is part of the transaction as any other.
    pub(super) fn commit_in_transaction(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        reply_to: ReplyTo,
        request: TxnOffsetCommitRequest,
    ) {
        let ProducerIdAndEpoch { producer_id, epoch } = request.producer;
        let id = partition_of_group(&self.image, &request.member.group);
        let mut batch = RecordBatchBuilder::new(0).producer(producer_id, epoch, 0).transactional();
        batch.append(0, None, None, &[]);
        let batch = RecordBatch::parse(batch.build()).ok();
        let asks = Self::verifies(ctx).then(|| id.zip(batch)).flatten();
        let guard =
            asks.as_ref().and_then(|(id, batch)| self.replicas.start_verification(id, batch));
        match (asks, guard) {
            (Some((id, _)), Some(guard)) => {
                let of = (request.transactional_id.clone(), request.producer);
                let held = Held::Offsets { reply_to, request, guard };
                self.hold(ctx, disk, of, vec![id], held);
            }
            (asks, _) => {
                let verification = match asks {
                    Some(_) => Verification::On { guard: None },
                    None => Verification::Off,
                };
                self.append_offsets(ctx, disk, reply_to, &request, verification);
            }
        }
    }

    fn hold(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        (transactional_id, producer): (Arc<str>, ProducerIdAndEpoch),
        partitions: Vec<TopicPartition>,
        held: Held,
    ) {
        let number = self.verifications.next;
        self.verifications.next += 1;
        self.verifications.held.insert(number, held);
        let id = partition_of_transactional_id(&self.image, &transactional_id);
        let Some(coordinator) = id.and_then(|id| self.leader_of(&id)) else {
            return self.go_on(ctx, disk, number, Err(KafkaError::CoordinatorNotAvailable));
        };
        // Since KIP-890 the leader adds the partition; before, the producer has, and it only asks.
        let verify_only = ctx.world.spec.transaction_version < EPOCH_PER_TRANSACTION;
        let request =
            AddPartitionsToTxnRequest { transactional_id, producer, verify_only, partitions };
        let call = Call::Txn(TxnCall::VerifyTransaction { held: number });
        ctx.request(coordinator, Request::AddPartitionsToTxn(request), REQUEST_TIMEOUT_MS, call);
    }

    pub(super) fn on_verified(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        number: u64,
        reply: Reply,
    ) {
        let result = match reply {
            Reply::Response(Response::AddPartitionsToTxn(result)) => result,
            _ => Err(KafkaError::CoordinatorNotAvailable),
        };
        self.go_on(ctx, disk, number, result);
    }

    fn go_on(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        number: u64,
        result: Result<(), KafkaError>,
    ) {
        match self.verifications.held.remove(&number) {
            Some(Held::Produce { reply_to, request, guards }) => {
                let result = result.map_err(as_produce_error);
                let of = |(id, guard)| (id, result.map(|()| guard));
                let partitions = guards.into_iter().map(of).collect();
                let verified = Verified { is_on: true, partitions };
                self.append_produced(ctx, disk, reply_to, request, &verified);
            }
            Some(Held::Offsets { reply_to, request, guard }) => match result {
                Ok(()) => {
                    let verification = Verification::On { guard: Some(guard) };
                    self.append_offsets(ctx, disk, reply_to, &request, verification);
                }
                Err(error) => {
                    let error = match error {
                        KafkaError::NotCoordinator => KafkaError::CoordinatorNotAvailable,
                        error => error,
                    };
                    ctx.respond(reply_to, Response::TxnOffsetCommit(Err(error)));
                }
            },
            None => {}
        }
    }

    fn append_produced(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        reply_to: ReplyTo,
        request: ProduceRequest,
        verified: &Verified,
    ) {
        let (broker_epoch, controller) = (self.broker_epoch, self.controller);
        let env = Env { image: &self.image, broker_epoch, controller };
        self.replicas.handle_produce(ctx, disk, &env, reply_to, request, verified);
    }

    fn append_offsets(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        reply_to: ReplyTo,
        request: &TxnOffsetCommitRequest,
        verification: Verification,
    ) {
        let (broker_epoch, controller) = (self.broker_epoch, self.controller);
        let env = Env { image: &self.image, broker_epoch, controller };
        let replicas = (&mut self.replicas, &env);
        let groups = &mut self.groups;
        groups.commit_in_transaction(ctx, disk, replicas, reply_to, request, verification);
    }

    // Markers.

    pub(crate) fn write_txn_markers(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        reply_to: ReplyTo,
        request: &WriteTxnMarkersRequest,
    ) {
        let (broker_epoch, controller) = (self.broker_epoch, self.controller);
        let env = Env { image: &self.image, broker_epoch, controller };
        let written = self.replicas.handle_write_txn_markers(ctx, disk, &env, reply_to, request);
        for marker in &written {
            if &*marker.0.topic == OFFSETS_TOPIC {
                self.groups.note_marker(marker, request.producer.producer_id, request.commit);
            }
        }
    }
}

/// What a producer hears of what its leader heard of the coordinator.
fn as_produce_error(error: KafkaError) -> KafkaError {
    match error {
        KafkaError::CoordinatorNotAvailable
        | KafkaError::CoordinatorLoadInProgress
        | KafkaError::NotCoordinator => KafkaError::NotEnoughReplicas,
        KafkaError::ProducerFenced => KafkaError::InvalidProducerEpoch,
        error => error,
    }
}

fn internal_topic(spec: &ClusterSpec, topic: &str) -> CreateTopic {
    let settings = &spec.broker;
    let brokers = spec.brokers as i16;
    let config = |name: &str, value: String| (name.to_string(), value);
    let compact = config("cleanup.policy", "compact".into());
    if topic == OFFSETS_TOPIC {
        return CreateTopic {
            topic: topic.into(),
            partitions: settings.offsets_topic_num_partitions,
            replication_factor: settings.offsets_topic_replication_factor.min(brokers),
            replica_assignment: Vec::new(),
            configs: vec![
                compact,
                config("compression.type", "producer".into()),
                config("segment.bytes", settings.offsets_topic_segment_bytes.to_string()),
            ],
        };
    }
    let replication_factor = settings.transaction_state_log_replication_factor.min(brokers);
    let min_isr = settings.transaction_state_log_min_isr.min(replication_factor);
    CreateTopic {
        topic: topic.into(),
        partitions: settings.transaction_state_log_num_partitions,
        replication_factor,
        replica_assignment: Vec::new(),
        configs: vec![
            config("unclean.leader.election.enable", "false".into()),
            config("compression.type", "uncompressed".into()),
            compact,
            config("min.insync.replicas", min_isr.to_string()),
            config("segment.bytes", settings.transaction_state_log_segment_bytes.to_string()),
        ],
    }
}
