//! The fields of a message, by Kafka's names, as text.

mod group;
mod transaction;

use bytes::Bytes;
use kafkascope_engine::ids::{NodeId, SnapshotId};
use kafkascope_engine::protocol::{
    FetchMetadata, FetchPartition, FetchRequest, Fetcher, KafkaError, LeaderAndEpoch, OffsetSpec,
    PartitionData, Request, Response,
};
use kafkascope_engine::record::record_batch::RecordBatch;
use kafkascope_engine::script::lexer::escaped;
use kafkascope_engine::sim::network::Body;
use std::fmt::Display;

/// How many records of a message are listed.
const RECORDS_MAX: usize = 8;

/// A field; deeper ones belong to the last one above them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageField {
    pub depth: u8,
    pub name: &'static str,
    pub value: String,
}

struct Fields(Vec<MessageField>);

impl Fields {
    fn add(&mut self, depth: u8, name: &'static str, value: impl Display) -> &mut Self {
        self.0.push(MessageField { depth, name, value: value.to_string() });
        self
    }
}

pub fn fields(body: &Body) -> Vec<MessageField> {
    let mut fields = Fields(Vec::new());
    match body {
        Body::Request(request) => of_request(&mut fields, request),
        Body::Response(response) => of_response(&mut fields, response),
        Body::Reset(_) => {}
    }
    fields.0
}

fn of_request(out: &mut Fields, request: &Request) {
    match request {
        Request::Produce(r) => {
            out.add(0, "acks", r.acks.as_i16()).add(0, "timeoutMs", r.timeout_ms);
            for data in &r.partitions {
                out.add(0, "partition", &data.partition).add(1, "topicId", data.topic_id);
                records(out, 1, [&data.records]);
            }
        }
        Request::Fetch(r) => of_fetch(out, r),
        Request::ListOffsets(r) => {
            let timestamp = match r.timestamp {
                OffsetSpec::Latest => "-1 (latest)",
                OffsetSpec::Earliest => "-2 (earliest)",
                OffsetSpec::MaxTimestamp => "-3 (max timestamp)",
                OffsetSpec::Timestamp(_) => "a timestamp",
            };
            out.add(0, "partition", &r.partition)
                .add(0, "currentLeaderEpoch", r.current_leader_epoch)
                .add(0, "timestamp", timestamp);
        }
        Request::Metadata { topics } => {
            for topic in topics {
                out.add(0, "topic", topic);
            }
        }
        Request::OffsetForLeaderEpoch(r) => {
            out.add(0, "partition", &r.partition)
                .add(0, "currentLeaderEpoch", r.current_leader_epoch)
                .add(0, "leaderEpoch", r.leader_epoch);
        }
        Request::AlterPartition(r) => {
            let isr: Vec<String> = r.new_isr.iter().map(|(node, _)| node.0.to_string()).collect();
            out.add(0, "brokerId", r.broker.0)
                .add(0, "brokerEpoch", r.broker_epoch)
                .add(0, "partition", &r.partition)
                .add(0, "topicId", r.topic_id)
                .add(0, "leaderEpoch", r.leader_epoch)
                .add(0, "partitionEpoch", r.partition_epoch)
                .add(0, "newIsr", format!("[{}]", isr.join(", ")));
        }
        Request::BrokerRegistration(r) => {
            out.add(0, "brokerId", r.broker.0)
                .add(0, "incarnationId", r.incarnation_id)
                .add(0, "rack", r.rack.as_deref().unwrap_or("null"))
                .add(0, "previousBrokerEpoch", r.previous_broker_epoch);
        }
        Request::BrokerHeartbeat(r) => {
            out.add(0, "brokerId", r.broker.0)
                .add(0, "brokerEpoch", r.broker_epoch)
                .add(0, "currentMetadataOffset", r.current_metadata_offset)
                .add(0, "wantShutDown", r.want_shut_down);
        }
        Request::Vote(r) => {
            out.add(0, "replicaId", r.candidate.0)
                .add(0, "replicaEpoch", r.epoch)
                .add(0, "lastOffsetEpoch", r.last_epoch)
                .add(0, "lastOffset", r.last_epoch_end_offset)
                .add(0, "preVote", r.pre_vote);
        }
        Request::BeginQuorumEpoch(r) => {
            out.add(0, "leaderId", r.leader.0).add(0, "leaderEpoch", r.epoch);
        }
        Request::EndQuorumEpoch(r) => {
            let next: Vec<_> = r.preferred_successors.iter().map(|id| id.0.to_string()).collect();
            out.add(0, "leaderId", r.leader.0).add(0, "leaderEpoch", r.epoch).add(
                0,
                "preferredSuccessors",
                format!("[{}]", next.join(", ")),
            );
        }
        Request::InitProducerId(r) => {
            out.add(0, "transactionalId", r.transactional_id.as_deref().unwrap_or("null"));
            if r.transactional_id.is_some() {
                out.add(0, "transactionTimeoutMs", r.transaction_timeout_ms);
            }
            if let Some(producer) = r.producer {
                out.add(0, "producerId", producer.producer_id).add(
                    0,
                    "producerEpoch",
                    producer.epoch,
                );
            }
        }
        Request::AllocateProducerIds(r) => {
            out.add(0, "brokerId", r.broker.0).add(0, "brokerEpoch", r.broker_epoch);
        }
        Request::FetchSnapshot(r) => {
            out.add(0, "replicaId", r.replica.0)
                .add(0, "currentLeaderEpoch", r.current_leader_epoch)
                .add(0, "maxBytes", r.max_bytes)
                .add(0, "snapshotId", snapshot_id(r.snapshot_id))
                .add(0, "position", r.position);
        }
        Request::AddPartitionsToTxn(_)
        | Request::AddOffsetsToTxn(_)
        | Request::EndTxn(_)
        | Request::WriteTxnMarkers(_)
        | Request::TxnOffsetCommit(_) => transaction::of_request(out, request),
        request => group::of_request(out, request),
    }
}

fn snapshot_id(id: SnapshotId) -> String {
    format!("endOffset {}, epoch {}", id.offset, id.epoch)
}

fn of_fetch(out: &mut Fields, r: &FetchRequest) {
    if let Fetcher::Replica { id, broker_epoch } = r.fetcher {
        out.add(0, "replicaId", id.0).add(0, "replicaEpoch", broker_epoch);
    }
    if let Some(rack) = &r.rack_id {
        out.add(0, "rackId", rack);
    }
    out.add(0, "maxWaitMs", r.max_wait_ms).add(0, "minBytes", r.min_bytes).add(
        0,
        "maxBytes",
        r.max_bytes,
    );
    if r.session != FetchMetadata::SESSIONLESS {
        out.add(0, "sessionId", r.session.session_id).add(0, "sessionEpoch", r.session.epoch);
    }
    for forgotten in &r.forgotten {
        out.add(0, "forgottenPartition", forgotten);
    }
    for FetchPartition {
        topic_id,
        partition,
        current_leader_epoch,
        fetch_offset,
        last_fetched_epoch,
        log_start_offset,
        max_bytes,
        high_watermark,
    } in &r.partitions
    {
        out.add(0, "partition", partition)
            .add(1, "topicId", topic_id)
            .add(1, "fetchOffset", fetch_offset)
            .add(1, "currentLeaderEpoch", current_leader_epoch)
            .add(1, "lastFetchedEpoch", last_fetched_epoch)
            .add(1, "logStartOffset", log_start_offset);
        // Followers are held by the whole request's bound alone.
        if *max_bytes < u32::MAX {
            out.add(1, "partitionMaxBytes", max_bytes);
        }
        // Only the metadata log's fetches carry it.
        if *high_watermark >= 0 {
            out.add(1, "highWatermark", high_watermark);
        }
    }
}

fn of_response(out: &mut Fields, response: &Response) {
    match response {
        Response::Produce(r) => {
            for answered in &r.partitions {
                out.add(0, "partition", &answered.partition);
                match &answered.result {
                    Ok(base_offset) => {
                        out.add(1, "errorCode", 0).add(1, "baseOffset", base_offset);
                    }
                    Err(error) => {
                        out.add(1, "errorCode", error);
                    }
                }
            }
        }
        Response::Fetch(r) => {
            if let Some(error) = r.error {
                error_code(out, error);
            }
            if r.session_id != 0 {
                out.add(0, "sessionId", r.session_id);
            }
            r.partitions.iter().for_each(|data| partition_data(out, data));
        }
        Response::ListOffsets(Ok(r)) => {
            out.add(0, "offset", r.offset).add(0, "leaderEpoch", r.leader_epoch);
        }
        Response::Metadata(r) => {
            for broker in &r.brokers {
                out.add(0, "nodeId", broker.id.0);
                if let Some(rack) = &broker.rack {
                    out.add(1, "rack", rack);
                }
            }
            for topic in &r.topics {
                out.add(0, "topic", &topic.topic).add(1, "topicId", topic.topic_id);
                for partition in &topic.partitions {
                    let leader = partition.leader.map_or(-1, |leader| leader.0);
                    out.add(1, "partition", partition.partition)
                        .add(2, "leaderId", leader)
                        .add(2, "leaderEpoch", partition.leader_epoch)
                        .add(2, "replicaNodes", ids(&partition.replicas))
                        .add(2, "offlineReplicas", ids(&partition.offline_replicas));
                }
            }
            for topic in &r.unknown_topics {
                out.add(0, "topic", topic).add(1, "errorCode", KafkaError::UnknownTopicOrPartition);
            }
        }
        Response::OffsetForLeaderEpoch(Ok(r)) => {
            out.add(0, "leaderEpoch", r.epoch).add(0, "endOffset", r.end_offset);
        }
        Response::AlterPartition(Ok(r)) => {
            out.add(0, "leaderId", r.leader.map_or(-1, |leader| leader.0))
                .add(0, "leaderEpoch", r.leader_epoch)
                .add(0, "partitionEpoch", r.partition_epoch)
                .add(0, "isr", ids(&r.isr));
        }
        Response::BrokerRegistration(Ok(broker_epoch)) => {
            out.add(0, "brokerEpoch", broker_epoch);
        }
        Response::BrokerHeartbeat(Ok(r)) => {
            out.add(0, "isFenced", r.is_fenced).add(0, "shouldShutDown", r.should_shut_down);
        }
        Response::Vote(r) => {
            current_leader(out, 0, r.current_leader);
            out.add(0, "voteGranted", r.granted);
        }
        Response::BeginQuorumEpoch(r) | Response::EndQuorumEpoch(r) => current_leader(out, 0, *r),
        Response::FetchSnapshot(r) => {
            if let Some(error) = r.error {
                error_code(out, error);
            }
            current_leader(out, 0, r.current_leader);
            out.add(0, "snapshotId", snapshot_id(r.snapshot_id))
                .add(0, "size", r.size)
                .add(0, "position", r.position)
                .add(0, "unalignedRecords", format!("{} B", r.bytes.len()));
        }
        Response::InitProducerId(Ok(r)) => {
            out.add(0, "producerId", r.producer_id).add(0, "producerEpoch", r.epoch);
        }
        Response::AllocateProducerIds(Ok(r)) => {
            out.add(0, "producerIdStart", r.first).add(0, "producerIdLen", r.size);
        }
        Response::ListOffsets(Err(error))
        | Response::OffsetForLeaderEpoch(Err(error))
        | Response::AlterPartition(Err(error))
        | Response::BrokerRegistration(Err(error))
        | Response::BrokerHeartbeat(Err(error))
        | Response::InitProducerId(Err(error))
        | Response::AllocateProducerIds(Err(error)) => error_code(out, *error),
        Response::AddPartitionsToTxn(_)
        | Response::AddOffsetsToTxn(_)
        | Response::EndTxn(_)
        | Response::WriteTxnMarkers(_)
        | Response::TxnOffsetCommit(_) => transaction::of_response(out, response),
        response => group::of_response(out, response),
    }
}

fn partition_data(out: &mut Fields, data: &PartitionData) {
    out.add(0, "partition", &data.partition);
    if let Some(error) = data.error {
        out.add(1, "errorCode", format!("{} ({error})", error.code()));
    }
    out.add(1, "highWatermark", data.high_watermark).add(
        1,
        "lastStableOffset",
        data.last_stable_offset,
    );
    out.add(1, "logStartOffset", data.log_start_offset);
    if let Some(leader) = data.current_leader {
        current_leader(out, 1, leader);
    }
    if let Some(diverging) = data.diverging_epoch {
        out.add(
            1,
            "divergingEpoch",
            format!("epoch {}, endOffset {}", diverging.epoch, diverging.end_offset),
        );
    }
    if let Some(id) = data.snapshot_id {
        out.add(1, "snapshotId", snapshot_id(id));
    }
    if let Some(replica) = data.preferred_read_replica {
        out.add(1, "preferredReadReplica", replica.0);
    }
    for aborted in &data.aborted_transactions {
        out.add(
            1,
            "abortedTransaction",
            format!("producerId {}, firstOffset {}", aborted.producer_id, aborted.first_offset),
        );
    }
    records(out, 1, &data.records);
}

fn ids(nodes: &[NodeId]) -> String {
    let ids: Vec<String> = nodes.iter().map(|node| node.0.to_string()).collect();
    format!("[{}]", ids.join(", "))
}

fn current_leader(out: &mut Fields, depth: u8, leader: LeaderAndEpoch) {
    out.add(depth, "leaderId", leader.leader.map_or(-1, |leader| leader.0)).add(
        depth,
        "leaderEpoch",
        leader.epoch,
    );
}

fn error_code(out: &mut Fields, error: KafkaError) {
    out.add(0, "errorCode", format!("{} ({error})", error.code()));
}

fn records<'a>(out: &mut Fields, depth: u8, batches: impl IntoIterator<Item = &'a Bytes>) {
    let mut left = RECORDS_MAX;
    for batch in batches.into_iter().filter_map(|bytes| RecordBatch::parse(bytes.clone()).ok()) {
        for record in batch.records().filter_map(Result::ok) {
            if left == 0 {
                out.add(depth, "records", "…");
                return;
            }
            left -= 1;
            let text = |bytes: &Option<Bytes>| {
                bytes.as_ref().map_or("null".into(), |bytes| escaped(bytes))
            };
            let line =
                format!("{}: {} = {}", record.offset, text(&record.key), text(&record.value));
            out.add(depth, "record", line);
        }
    }
}
