//! How much a broker sends or takes of throttled replicas (`ReplicationQuotaManager`): bytes over the
//! last eleven seconds, measured by the second, against a rate. Replicas in the ISR are never held
//! back; what is, waits until the measured rate has fallen below the allowed one.

use crate::sim::time::SimTime;
use std::collections::VecDeque;

/// `replication.quota.window.num`
const WINDOWS: usize = 11;
/// `replication.quota.window.size.seconds`
const WINDOW_US: u64 = 1_000_000;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplicationQuota {
    /// Bytes by the second in which they were counted, the oldest first.
    windows: VecDeque<(u64, u64)>,
}

impl ReplicationQuota {
    pub fn record(&mut self, now: SimTime, bytes: u64) {
        let window = now.0 / WINDOW_US;
        match self.windows.back_mut() {
            Some((at, sum)) if *at == window => *sum += bytes,
            _ => self.windows.push_back((window, bytes)),
        }
        while self.windows.front().is_some_and(|(at, _)| at + WINDOWS as u64 <= window) {
            self.windows.pop_front();
        }
    }

    /// Whether more than `rate` bytes a second were counted. Less than all windows count as if they
    /// were all but one, so that a first burst is allowed.
    pub fn is_exceeded(&self, now: SimTime, rate: u64) -> bool {
        let window = now.0 / WINDOW_US;
        let counted = self.windows.iter().filter(|(at, _)| at + WINDOWS as u64 > window);
        let sum: u64 = counted.clone().map(|(_, bytes)| bytes).sum();
        let first = counted.map(|(at, _)| at * WINDOW_US).next().unwrap_or(0);
        let elapsed_us = (now.0 - first).max((WINDOWS as u64 - 1) * WINDOW_US);
        u128::from(sum) * u128::from(WINDOW_US) > u128::from(rate) * u128::from(elapsed_us)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_paid_back_by_waiting() {
        let mut quota = ReplicationQuota::default();
        let at = SimTime::from_millis;
        quota.record(at(0), 1_000);
        assert!(!quota.is_exceeded(at(0), 100), "ten seconds' worth");
        quota.record(at(500), 1);
        assert!(quota.is_exceeded(at(500), 100));
        assert!(!quota.is_exceeded(at(10_100), 100), "over 10.1 seconds it is less");
        quota.record(at(10_500), 2_000);
        assert!(quota.is_exceeded(at(10_500), 100));
        // The first second no longer counts, and the other 2,000 bytes do for ten more.
        assert!(quota.is_exceeded(at(20_400), 100));
        assert!(!quota.is_exceeded(at(21_000), 100), "nothing in the last eleven seconds");
    }
}
