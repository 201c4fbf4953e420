//! What a leader shows to consumers: all that is committed, or what is decided of it.

use crate::log::unified_log::UnifiedLog;
use crate::protocol::{AbortedTransaction, IsolationLevel};
use crate::spec::Mutant;
use crate::world::Ctx;

/// Up to where a consumer is served.
pub(super) fn visible_end(ctx: &Ctx<'_>, log: &UnifiedLog, isolation: IsolationLevel) -> i64 {
    match isolation {
        IsolationLevel::ReadCommitted if !ctx.is_mutant(Mutant::LastStableOffsetIgnored) => {
            log.last_stable_offset()
        }
        _ => log.high_watermark(),
    }
}

/// The aborted transactions that a reader of these offsets meets.
pub fn aborted_in(log: &UnifiedLog, from: i64, to: i64) -> Vec<AbortedTransaction> {
    let aborted = log.collect_aborted_txns(from, to).into_iter();
    let told = aborted.map(|txn| AbortedTransaction {
        first_offset: txn.first_offset,
        producer_id: txn.producer_id,
    });
    told.collect()
}
