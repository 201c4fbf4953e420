//! `kafka-broker-api-versions.sh`: what each broker answers to an ApiVersions request. Sources:
//! `BrokerApiVersionsCommand.java`, `NodeApiVersions.java`, `Node.java`, `ApiKeys.java` and the JSON of
//! the messages (Kafka 4.3).

use super::condition::state::image;
use super::runner::Failure;
use crate::cluster::Cluster;
use crate::command::Refusal;
use crate::node::Node;
use crate::protocol::Api;

/// Of every broker in the metadata that is not fenced. One that does not answer is an error.
pub fn show(cluster: &Cluster) -> Result<String, Failure> {
    let image = image(cluster).ok_or(Failure::Refused(Refusal::ControllerUnavailable))?;
    let listed = image.brokers.iter().filter(|(_, registration)| !registration.fenced);
    let blocks = listed.map(|(id, registration)| {
        let answer = match cluster.node(*id).is_some_and(Node::is_running) {
            true => api_versions(),
            false => "ERROR: org.apache.kafka.common.errors.DisconnectException".to_string(),
        };
        let rack = registration.rack.as_deref().unwrap_or("null");
        format!("{id}:9092 (id: {} rack: {rack} isFenced: false) -> {answer}", id.0)
    });
    Ok(blocks.collect::<Vec<_>>().join("\n"))
}

fn api_versions() -> String {
    let mut offers: Vec<_> =
        Api::ALL.into_iter().filter_map(|api| Some((offered(api)?, api))).collect();
    offers.sort_by_key(|((key, ..), _)| *key);
    let line = |((key, oldest, latest), api): &((i16, i16, i16), Api)| {
        format!("\t{}({key}): {oldest} to {latest} [usable: {latest}]", api.name())
    };
    format!("(\n{}\n)", offers.iter().map(line).collect::<Vec<_>>().join(",\n"))
}

/// The key of an API with the versions that a broker offers, or `None` of what only controllers take.
/// Produce is served from version 3; 0 is said for clients that would give up without it (KAFKA-18659).
fn offered(api: Api) -> Option<(i16, i16, i16)> {
    match api {
        Api::Produce => Some((0, 0, 13)),
        Api::Fetch => Some((1, 4, 18)),
        Api::ListOffsets => Some((2, 1, 11)),
        Api::Metadata => Some((3, 0, 13)),
        Api::InitProducerId => Some((22, 0, 5)),
        Api::OffsetForLeaderEpoch => Some((23, 2, 4)),
        Api::OffsetCommit => Some((8, 2, 10)),
        Api::OffsetFetch => Some((9, 1, 10)),
        Api::FindCoordinator => Some((10, 0, 6)),
        Api::JoinGroup => Some((11, 0, 9)),
        Api::Heartbeat => Some((12, 0, 4)),
        Api::LeaveGroup => Some((13, 0, 5)),
        Api::ConsumerGroupHeartbeat => Some((68, 0, 1)),
        Api::SyncGroup => Some((14, 0, 5)),
        Api::CreateTopics => Some((19, 2, 7)),
        Api::AddPartitionsToTxn => Some((24, 0, 5)),
        Api::AddOffsetsToTxn => Some((25, 0, 4)),
        Api::EndTxn => Some((26, 0, 5)),
        Api::WriteTxnMarkers => Some((27, 1, 2)),
        Api::TxnOffsetCommit => Some((28, 0, 5)),
        Api::AlterPartition
        | Api::BrokerRegistration
        | Api::BrokerHeartbeat
        | Api::Vote
        | Api::BeginQuorumEpoch
        | Api::EndQuorumEpoch
        | Api::FetchSnapshot
        | Api::AllocateProducerIds => None,
    }
}
