//! `PartitionRecord` and `PartitionChangeRecord`, version 2, which a controller of this metadata
//! version writes; versions 0 and 1, which earlier ones wrote, are read.
//!
//! A broker that registers names no log directories, so each replica is said to be in
//! `DirectoryId.MIGRATING`, whichever directory that is.

use super::flexible::{Reader, Writer};
use crate::controller::partition_registration::{
    LeaderRecoveryState, PartitionChange, PartitionRegistration,
};
use crate::ids::{NodeId, Uuid};
use bytes::BytesMut;

const NO_LEADER: i32 = -1;
/// The first version with the directories of the replicas (KIP-858).
const WITH_DIRECTORIES: u8 = 1;
const MIGRATING: Uuid = Uuid::ZERO;

pub(super) fn write_registration(out: &mut Writer, of: &PartitionRegistration) {
    out.nodes(&of.replicas);
    out.nodes(&of.isr);
    out.nodes(&of.removing_replicas);
    out.nodes(&of.adding_replicas);
    out.i32(id_of(of.leader));
    out.i32(of.leader_epoch);
    out.i32(of.partition_epoch);
    directories(out, of.replicas.len());
    let recovering = of.leader_recovery_state == LeaderRecoveryState::Recovering;
    let state = recovering.then(|| (0, vec![of.leader_recovery_state.as_i8() as u8]));
    let listed = |tag, nodes: &Vec<NodeId>| (!nodes.is_empty()).then(|| (tag, bytes_of(nodes)));
    let fields = [state, listed(1, &of.elr), listed(2, &of.last_known_elr)];
    out.tags(fields.into_iter().flatten().collect());
}

pub(super) fn read_registration(
    input: &mut Reader<'_>,
    version: u8,
) -> Option<PartitionRegistration> {
    let (replicas, isr) = (input.nodes()?, input.nodes()?);
    let (removing_replicas, adding_replicas) = (input.nodes()?, input.nodes()?);
    let leader = leader_from(input.i32()?);
    let (leader_epoch, partition_epoch) = (input.i32()?, input.i32()?);
    if version >= WITH_DIRECTORIES {
        let count = input.unsigned_varint()?.checked_sub(1)?;
        input.take((count as usize).checked_mul(16)?)?;
    }
    let mut registration = PartitionRegistration {
        replicas,
        isr,
        removing_replicas,
        adding_replicas,
        leader,
        leader_epoch,
        partition_epoch,
        ..PartitionRegistration::default()
    };
    for (tag, field) in input.tags()? {
        match tag {
            0 => registration.leader_recovery_state = state_from(field)?,
            1 => registration.elr = nodes_from(field)?,
            2 => registration.last_known_elr = nodes_from(field)?,
            _ => return None,
        }
    }
    Some(registration)
}

pub(super) fn write_change(out: &mut Writer, change: &PartitionChange) {
    let listed =
        |tag, nodes: &Option<Vec<NodeId>>| nodes.as_ref().map(|nodes| (tag, bytes_of(nodes)));
    let fields = [
        listed(0, &change.isr),
        change.leader.map(|leader| (1, id_of(leader).to_be_bytes().to_vec())),
        listed(2, &change.replicas),
        listed(3, &change.removing_replicas),
        listed(4, &change.adding_replicas),
        change.leader_recovery_state.map(|state| (5, vec![state.as_i8() as u8])),
        listed(6, &change.elr),
        listed(7, &change.last_known_elr),
        change.replicas.as_ref().map(|replicas| {
            let mut field = Writer(BytesMut::new());
            directories(&mut field, replicas.len());
            (8, field.0.to_vec())
        }),
    ];
    out.tags(fields.into_iter().flatten().collect());
}

pub(super) fn read_change(input: &mut Reader<'_>) -> Option<PartitionChange> {
    let mut change = PartitionChange::default();
    for (tag, field) in input.tags()? {
        match tag {
            0 => change.isr = Some(nodes_from(field)?),
            1 => change.leader = Some(leader_from(i32::from_be_bytes(field.try_into().ok()?))),
            2 => change.replicas = Some(nodes_from(field)?),
            3 => change.removing_replicas = Some(nodes_from(field)?),
            4 => change.adding_replicas = Some(nodes_from(field)?),
            5 => change.leader_recovery_state = Some(state_from(field)?),
            6 => change.elr = Some(nodes_from(field)?),
            7 => change.last_known_elr = Some(nodes_from(field)?),
            8 => {}
            _ => return None,
        }
    }
    Some(change)
}

fn directories(out: &mut Writer, replicas: usize) {
    out.count(replicas);
    (0..replicas).for_each(|_| out.uuid(MIGRATING));
}

fn bytes_of(nodes: &[NodeId]) -> Vec<u8> {
    let mut field = Writer(BytesMut::new());
    field.nodes(nodes);
    field.0.to_vec()
}

fn nodes_from(field: &[u8]) -> Option<Vec<NodeId>> {
    let mut field = Reader(field);
    let nodes = field.nodes()?;
    field.0.is_empty().then_some(nodes)
}

fn state_from(field: &[u8]) -> Option<LeaderRecoveryState> {
    match field {
        [state] => LeaderRecoveryState::from_i8(*state as i8),
        _ => None,
    }
}

fn id_of(leader: Option<NodeId>) -> i32 {
    leader.map_or(NO_LEADER, |leader| leader.0)
}

fn leader_from(id: i32) -> Option<NodeId> {
    (id != NO_LEADER).then_some(NodeId(id))
}
