//! Envelopes: what each carries in a word or two, and whether it is worth watching.
//!
//! A Kafka cluster at rest is never silent: followers and consumers ask again twice a second, brokers
//! beat. Those are [`Weight::Background`]. Foreground is what brings news: records, offsets that move
//! a high watermark, a changed ISR, metadata, errors.

use super::{Content, EnvelopeView, Weight};
use kafkascope_engine::cluster::Cluster;
use kafkascope_engine::event::Direction;
use kafkascope_engine::ids::{Address, NodeId};
use kafkascope_engine::node::Node;
use kafkascope_engine::protocol::{
    FetchRequest, FetchResponse, Fetcher, JoinGroupResponse, ProduceRequest, Request, Response,
};
use kafkascope_engine::raft::metadata_log::CLUSTER_METADATA;
use kafkascope_engine::record::record_batch::RecordBatch;
use kafkascope_engine::replication::partition::Partition;
use kafkascope_engine::sim::network::{Body, Envelope};

pub fn envelope_view(cluster: &Cluster, envelope: &Envelope) -> EnvelopeView {
    let (content, weight) = gist(cluster, envelope);
    EnvelopeView {
        id: envelope.id,
        api: envelope.api(),
        direction: match envelope.body {
            Body::Request(_) => Direction::Request,
            Body::Response(_) | Body::Reset(_) => Direction::Response,
        },
        from: envelope.id.from,
        to: envelope.id.to,
        sent_at: envelope.sent_at,
        deliver_at: envelope.deliver_at,
        weight,
        content,
        is_reset: matches!(envelope.body, Body::Reset(_)),
    }
}

pub fn is_foreground(cluster: &Cluster, envelope: &Envelope) -> bool {
    gist(cluster, envelope).1 == Weight::Foreground
}

fn gist(cluster: &Cluster, envelope: &Envelope) -> (Content, Weight) {
    use Weight::{Background, Foreground};
    match &envelope.body {
        Body::Reset(_) => (Content::Plain, Foreground),
        Body::Request(request) => match request {
            Request::Produce(request) => {
                (Content::Sends { records: records_in(request) }, Foreground)
            }
            Request::Fetch(request) => fetch_request(cluster, envelope.id.to, request),
            Request::BrokerHeartbeat(request) if !request.want_shut_down => {
                (Content::Plain, Background)
            }
            Request::Heartbeat(_) => (Content::Plain, Background),
            _ => (Content::Plain, Foreground),
        },
        Body::Response(response) => match response {
            Response::Produce(answer) => {
                let error = answer.partitions.iter().find_map(|one| one.result.err());
                let offset = answer.partitions.first().and_then(|one| one.result.ok());
                match (error, offset) {
                    (Some(error), _) => (Content::Error(error), Foreground),
                    (None, offset) => {
                        let base_offset = offset.unwrap_or(-1);
                        (Content::Acknowledged { base_offset }, Foreground)
                    }
                }
            }
            Response::Fetch(response) => fetch_response(cluster, envelope.id.to, response),
            Response::BrokerHeartbeat(Ok(answer)) if !answer.should_shut_down => {
                (Content::Plain, Background)
            }
            Response::Heartbeat(Ok(())) => (Content::Plain, Background),
            Response::JoinGroup(JoinGroupResponse { error: Some(error), .. })
            | Response::FindCoordinator(Err(error))
            | Response::AddPartitionsToTxn(Err(error))
            | Response::AddOffsetsToTxn(Err(error))
            | Response::EndTxn(Err(error))
            | Response::TxnOffsetCommit(Err(error))
            | Response::SyncGroup(Err(error))
            | Response::Heartbeat(Err(error))
            | Response::LeaveGroup(Err(error))
            | Response::OffsetCommit(Err(error))
            | Response::OffsetFetch(Err(error))
            | Response::ListOffsets(Err(error))
            | Response::OffsetForLeaderEpoch(Err(error))
            | Response::AlterPartition(Err(error))
            | Response::BrokerRegistration(Err(error))
            | Response::BrokerHeartbeat(Err(error))
            | Response::InitProducerId(Err(error))
            | Response::AllocateProducerIds(Err(error)) => (Content::Error(*error), Foreground),
            _ => (Content::Plain, Foreground),
        },
    }
}

fn records_in(request: &ProduceRequest) -> i32 {
    let batches = request.partitions.iter();
    let batches = batches.filter_map(|data| RecordBatch::parse(data.records.clone()).ok());
    batches.map(|batch| batch.records_count()).sum()
}

/// A fetch is news when it tells the leader that the follower has got further.
fn fetch_request(cluster: &Cluster, to: Address, request: &FetchRequest) -> (Content, Weight) {
    let leader = to.node().and_then(|id| cluster.node(id)).and_then(Node::broker);
    if let (Fetcher::Replica { id, .. }, Some(leader)) = (request.fetcher, leader) {
        for asked in &request.partitions {
            let partition = leader.replicas.partitions.get(&asked.partition);
            if partition.is_some_and(|partition| is_progress(partition, id, asked.fetch_offset)) {
                return (Content::Asks { offset: asked.fetch_offset }, Weight::Foreground);
            }
        }
    }
    let content = match &request.partitions[..] {
        [only] => Content::Asks { offset: only.fetch_offset },
        _ => Content::Plain,
    };
    (content, Weight::Background)
}

fn is_progress(partition: &Partition, follower: NodeId, fetch_offset: i64) -> bool {
    let Some(leading) = &partition.leading else {
        return false;
    };
    let known = leading.remote.get(&follower).map_or(-1, |state| state.log_end_offset);
    // The first fetch of an idle follower in a new epoch (known is -1) moves nothing either.
    fetch_offset > known && fetch_offset > partition.log.high_watermark()
}

/// An answer is news when it brings records, an error, a place to cut at, or a high watermark that
/// the receiver does not know.
fn fetch_response(cluster: &Cluster, to: Address, response: &FetchResponse) -> (Content, Weight) {
    let foreground = |content| (content, Weight::Foreground);
    for data in &response.partitions {
        if let Some(error) = data.error {
            return foreground(Content::Error(error));
        }
        if data.diverging_epoch.is_some() {
            return foreground(Content::Plain);
        }
        let batches: Vec<_> = data
            .records
            .iter()
            .filter_map(|bytes| RecordBatch::parse(bytes.clone()).ok())
            .collect();
        if let (Some(first), Some(last)) = (batches.first(), batches.last()) {
            return foreground(Content::Records {
                base_offset: first.base_offset(),
                last_offset: last.last_offset(),
                leader_epoch: last.partition_leader_epoch(),
            });
        }
    }
    let Some(follower) = to.node().and_then(|id| cluster.node(id)).and_then(Node::broker) else {
        return (Content::Plain, Weight::Background);
    };
    for data in &response.partitions {
        if &*data.partition.topic == CLUSTER_METADATA {
            continue;
        }
        let Some(partition) = follower.replicas.partitions.get(&data.partition) else {
            continue;
        };
        let reach = data.high_watermark.min(partition.log.log_end_offset());
        if reach > partition.log.high_watermark() {
            return foreground(Content::HighWatermark(data.high_watermark));
        }
    }
    (Content::Plain, Weight::Background)
}
