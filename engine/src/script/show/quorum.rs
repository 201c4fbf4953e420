//! `kafka-metadata-quorum.sh describe`, as the quorum's leader answers it. Sources:
//! `MetadataQuorumCommand.java`, `ToolsUtils.java`.

use crate::cluster::Cluster;
use crate::command::Refusal;
use crate::controller::quorum_controller::QuorumController;
use crate::ids::{NodeId, Uuid};
use crate::log::checkpoint::MetaProperties;
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
    // The first of those that are furthest behind, the leader itself among them.
    let (behind, state) = leader
        .voters()
        .iter()
        .min_by_key(|(_, voter)| voter.end_offset)
        .expect("a quorum has a voter");
    let lag_ms = match state.last_caught_up {
        _ if *behind == controller.id => 0,
        Some(at) => (cluster.now().since(at) / 1000) as i64,
        None => -1,
    };
    let list = |nodes: Vec<String>| format!("[{}]", nodes.join(", "));
    let voters = leader.voters().keys().map(|id| {
        let id_text = id.0;
        format!(
            r#"{{"id": {id_text}, "directoryId": null, "endpoints": ["CONTROLLER://{id}:9093"]}}"#
        )
    });
    let observers = leader.observers().keys().map(|id| {
        let (directory, id) = (directory_id(cluster, *id), id.0);
        format!(r#"{{"id": {id}, "directoryId": "{directory}"}}"#)
    });
    [
        ("ClusterId:", meta(cluster, controller.id).map_or(String::new(), |m| m.cluster_id)),
        ("LeaderId:", controller.id.0.to_string()),
        ("LeaderEpoch:", controller.raft.epoch().to_string()),
        ("HighWatermark:", controller.raft.high_watermark().to_string()),
        ("MaxFollowerLag:", (end - state.end_offset).to_string()),
        ("MaxFollowerLagTimeMs:", lag_ms.to_string()),
        ("CurrentVoters:", list(voters.collect())),
        ("CurrentObservers:", list(observers.collect())),
    ]
    .map(|(name, value)| format!("{name:<24}{value}"))
    .join("\n")
}

fn meta(cluster: &Cluster, node: NodeId) -> Option<MetaProperties> {
    MetaProperties::on(&cluster.node(node)?.disk)
}

/// A fetch carries it. Voters that are fixed are known without.
fn directory_id(cluster: &Cluster, node: NodeId) -> Uuid {
    meta(cluster, node).map_or(Uuid::ZERO, |meta| meta.directory_id)
}

fn describe_replication(
    cluster: &Cluster,
    controller: &QuorumController,
    leader: &LeaderState,
) -> String {
    let end = controller.raft.log.log_end_offset();
    let row = |id: &NodeId, replica: &ReplicaState, status: &str| {
        let directory = if status == "Observer" { directory_id(cluster, *id) } else { Uuid::ZERO };
        let is_leader = *id == controller.id;
        let fetched = if is_leader { cluster.now() } else { replica.last_fetch };
        let caught_up = if is_leader { Some(cluster.now()) } else { replica.last_caught_up };
        [
            id.0.to_string(),
            directory.to_string(),
            replica.end_offset.to_string(),
            (end - replica.end_offset).to_string(),
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
