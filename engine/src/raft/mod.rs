//! KRaft: how the controllers agree on one log of metadata (Kafka's `raft` module, KIP-595, KIP-996).
//! Voters elect a leader by epochs and votes, the others fetch from it, and what a majority has is
//! committed. What the records mean is not known here.

pub mod leader_state;
pub mod quorum_state;
pub mod raft_client;

use crate::log::unified_log::UnifiedLog;
use crate::protocol::DivergingEpoch;
use crate::sim::disk::Disk;

/// Cuts off what the quorum's leader does not have, as a voter and as an observer. Answers where the
/// log ended before, and from where on it was cut.
pub fn truncate_to_diverging(
    log: &mut UnifiedLog,
    disk: &mut Disk,
    diverging: DivergingEpoch,
) -> (i64, i64) {
    let own = log.end_offset_for_epoch(diverging.epoch).end_offset;
    let to = if own < 0 { diverging.end_offset } else { own.min(diverging.end_offset) };
    let from = log.log_end_offset();
    log.truncate_to(disk, to);
    (from, to)
}
