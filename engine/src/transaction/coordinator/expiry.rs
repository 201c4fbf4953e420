//! What time brings: transactions that are open for too long are aborted, and transactional ids that nobody
//! has used for long are forgotten.

use super::{TransactionCoordinator, Waits};
use crate::event::DecisionReason;
use crate::transaction::transaction_metadata::TransactionState;
use crate::world::{Ctx, Timer};

/// Begins to look now and then, unless it does already.
pub(super) fn start_timers(ctx: &mut Ctx<'_>) {
    let spec = ctx.spec();
    let settings = &spec.broker;
    for (timer, ms) in [
        (
            Timer::AbortTimedOutTransactions,
            settings.transaction_abort_timed_out_transaction_cleanup_interval_ms,
        ),
        (
            Timer::ExpireTransactionalIds,
            settings.transaction_remove_expired_transaction_cleanup_interval_ms,
        ),
    ] {
        if !ctx.has_timer(&timer) {
            ctx.set_timer_in(timer, ms);
        }
    }
}

impl TransactionCoordinator {
    /// `abortTimedOutTransactions`
    pub(super) fn abort_timed_out(&mut self, ctx: &mut Ctx<'_>) {
        let now_ms = ctx.now().timestamp_ms();
        for (id, shard) in self.shards.iter_mut().filter(|(_, shard)| !shard.loading) {
            let open = shard.transactions.values().filter(|transaction| {
                transaction.pending.is_none() && transaction.metadata.is_timed_out(now_ms)
            });
            let late: Vec<_> = open.map(|t| t.metadata.transactional_id.clone()).collect();
            for transactional_id in late {
                let reason = DecisionReason::TimedOut;
                shard.fence(ctx, &transactional_id, reason, Waits::Nobody);
                self.busy.insert(id.clone());
            }
        }
        if !self.shards.is_empty() {
            start_timers(ctx);
        }
    }

    /// `removeExpiredTransactionalIds`
    pub(super) fn expire_ids(&mut self, ctx: &mut Ctx<'_>) {
        let now_ms = ctx.now().timestamp_ms();
        let expiration_ms = ctx.world.spec.broker.transactional_id_expiration_ms as i64;
        for (id, shard) in self.shards.iter_mut().filter(|(_, shard)| !shard.loading) {
            let silent = shard.transactions.values().filter(|transaction| {
                let metadata = &transaction.metadata;
                let rests =
                    metadata.state == TransactionState::Empty || metadata.state.is_complete();
                let has_expired = now_ms.saturating_sub(metadata.last_update_ms) >= expiration_ms;
                transaction.pending.is_none() && rests && has_expired
            });
            let silent: Vec<_> = silent.map(|t| t.metadata.transactional_id.clone()).collect();
            for transactional_id in silent {
                shard.expire(transactional_id);
                self.busy.insert(id.clone());
            }
        }
        if !self.shards.is_empty() {
            start_timers(ctx);
        }
    }
}
