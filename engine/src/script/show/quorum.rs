//! `kafka-metadata-quorum.sh describe`, as the quorum's leader answers it. Sources:
//! `MetadataQuorumCommand.java`, `ToolsUtils.java`.

use crate::cluster::Cluster;
use crate::command::Refusal;
use crate::controller::quorum_controller::QuorumController;
use crate::ids::{NodeId, Uuid};
use crate::log::checkpoint::{META_PROPERTIES, MetaProperties};
use crate::raft::leader_state::{LeaderState, ReplicaState};
use crate::script::runner::Failure;

pub fn describe(cluster: &Cluster, replication: bool) -> Result<String, Failure> {
    let answering = cluster.controllers().filter_map(|c| Some((c, c.raft.leading()?)));
    let (controller, leader) = answering
        .filter(|(c, _)| cluster.node(c.id).is_some_and(|node| node.is_running()))
        .max_by_key(|(c, _)| c.raft.epoch())
        .ok_or(Failure::Refused(Refusal::ControllerUnavailable))?;
    Ok(match replication {
        true => describe_replication(cluster, controller, leader),
        false => describe_status(cluster, controller, leader),
    })
}

fn describe_status(
    cluster: &Cluster,
    controller: &QuorumController,
    leader: &LeaderState,
) -> String {
    let end = controller.raft.log.log_end_offset();
    let behind = leader.voters().values().min_by_key(|voter| voter.end_offset);
    let lag = behind.map_or(0, |voter| end - voter.end_offset.max(0));
    let lag_ms = behind
        .filter(|_| lag > 0)
        .and_then(|voter| voter.last_caught_up)
        .map_or(if lag == 0 { 0 } else { -1 }, |at| (cluster.now().since(at) / 1000) as i64);
    let ids = |nodes: Vec<&NodeId>| {
        let nodes: Vec<String> = nodes.iter().map(|id| format!("{{\"id\": {}}}", id.0)).collect();
        format!("[{}]", nodes.join(", "))
    };
    [
        ("ClusterId:", cluster_id(cluster, controller.id)),
        ("LeaderId:", controller.id.0.to_string()),
        ("LeaderEpoch:", controller.raft.epoch().to_string()),
        ("HighWatermark:", controller.raft.high_watermark().to_string()),
        ("MaxFollowerLag:", lag.to_string()),
        ("MaxFollowerLagTimeMs:", lag_ms.to_string()),
        ("CurrentVoters:", ids(leader.voters().keys().collect())),
        ("CurrentObservers:", ids(leader.observers().keys().collect())),
    ]
    .map(|(name, value)| format!("{name:<24}{value}"))
    .join("\n")
}

fn cluster_id(cluster: &Cluster, node: NodeId) -> String {
    let bytes = cluster.node(node).and_then(|node| node.disk.read_all(META_PROPERTIES));
    let meta =
        bytes.and_then(|bytes| MetaProperties::parse(std::str::from_utf8(&bytes).ok()?).ok());
    meta.map(|meta| meta.cluster_id).unwrap_or_default()
}

fn describe_replication(
    cluster: &Cluster,
    controller: &QuorumController,
    leader: &LeaderState,
) -> String {
    let end = controller.raft.log.log_end_offset();
    let row = |id: &NodeId, replica: &ReplicaState, status: &str| {
        let is_leader = *id == controller.id;
        let fetched = if is_leader { cluster.now() } else { replica.last_fetch };
        let caught_up = if is_leader { Some(cluster.now()) } else { replica.last_caught_up };
        [
            id.0.to_string(),
            Uuid::ZERO.to_string(),
            replica.end_offset.to_string(),
            (end - replica.end_offset.max(0)).to_string(),
            fetched.timestamp_ms().to_string(),
            caught_up.map_or(-1, |at| at.timestamp_ms()).to_string(),
            status.to_string(),
        ]
    };
    let head = [
        "NodeId",
        "DirectoryId",
        "LogEndOffset",
        "Lag",
        "LastFetchTimestamp",
        "LastCaughtUpTimestamp",
        "Status",
    ];
    let mut rows = vec![head.map(String::from)];
    let leads = |id: &&NodeId| **id == controller.id;
    let voters = || leader.voters().iter();
    rows.extend(voters().filter(|(id, _)| leads(id)).map(|(id, v)| row(id, v, "Leader")));
    rows.extend(voters().filter(|(id, _)| !leads(id)).map(|(id, v)| row(id, v, "Follower")));
    rows.extend(leader.observers().iter().map(|(id, v)| row(id, v, "Observer")));
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |row: &[String; 7]| {
        let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("\t").trim_end().to_string()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}
