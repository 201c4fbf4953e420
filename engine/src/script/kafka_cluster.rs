//! What `kafka-cluster.sh` prints, to the letter (`ClusterTool.java`, Kafka 4.3).

use super::condition::state::image;
use super::runner::Failure;
use crate::cluster::Cluster;
use crate::command::Refusal;
use crate::ids::NodeId;

/// The answer to `unregister`.
pub fn unregistered(broker: NodeId) -> String {
    format!("Broker {} is no longer registered.", broker.0)
}

pub fn cluster_id(cluster: &Cluster) -> String {
    format!("Cluster ID: {}", cluster.id())
}

/// Every broker in the metadata, listening under its own name, as nobody has told a rack.
pub fn list_endpoints(cluster: &Cluster, fenced: bool) -> Result<String, Failure> {
    let image = image(cluster).ok_or(Failure::Refused(Refusal::ControllerUnavailable))?;
    let listed: Vec<_> = image.brokers.iter().filter(|(_, b)| fenced || !b.fenced).collect();
    let width = listed.iter().map(|(id, _)| id.to_string().len()).max().unwrap_or(100);
    let line = |[id, host, port, rack, state, kind]: [&str; 6]| {
        format!("{id:<10} {host:<width$} {port:<10} {rack:<10} {state:<10} {kind:<15}")
    };
    let header = line(["ID", "HOST", "PORT", "RACK", "STATE", "ENDPOINT_TYPE"]);
    let rows = listed.into_iter().map(|(id, broker)| {
        let state = if broker.fenced { "fenced" } else { "unfenced" };
        line([&id.0.to_string(), &id.to_string(), "9092", "null", state, "broker"])
    });
    Ok(std::iter::once(header).chain(rows).collect::<Vec<_>>().join("\n"))
}
