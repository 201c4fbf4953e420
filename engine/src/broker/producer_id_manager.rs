//! The producer ids that a broker gives away. It gets them from the controller in blocks, and asks for the
//! next one before the last is used up. Source: `RPCProducerIdManager.java`.

use crate::protocol::{KafkaError, ProducerIdAndEpoch, ProducerIdsBlock};
use crate::sim::time::SimTime;

/// From here on, in percent of the block, the next one is asked for (`PID_PREFETCH_THRESHOLD`).
const PREFETCH_PERCENT: i64 = 90;
/// After an error the controller is left alone for so long (`RETRY_BACKOFF_MS`).
const RETRY_BACKOFF_MS: u64 = 50;

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ProducerIdManager {
    current: Option<(ProducerIdsBlock, i64)>,
    next: Option<ProducerIdsBlock>,
    request_in_flight: bool,
    backoff_until: SimTime,
}

impl ProducerIdManager {
    /// An id that nobody had before. Without one the producer has to ask again.
    pub fn generate(&mut self) -> Result<ProducerIdAndEpoch, KafkaError> {
        let is_used_up = self.current.is_none_or(|(block, used)| used == block.size);
        if is_used_up {
            self.current = self.next.take().map(|block| (block, 0));
        }
        let (block, used) = self.current.as_mut().ok_or(KafkaError::CoordinatorLoadInProgress)?;
        let producer_id = block.first + *used;
        *used += 1;
        Ok(ProducerIdAndEpoch { producer_id, epoch: 0 })
    }

    /// Whether the controller is to be asked for a block now; then it counts as asked.
    pub fn wants_block(&mut self, now: SimTime) -> bool {
        let runs_out =
            self.current.is_none_or(|(block, used)| used * 100 >= block.size * PREFETCH_PERCENT);
        let asks =
            runs_out && self.next.is_none() && !self.request_in_flight && now >= self.backoff_until;
        self.request_in_flight |= asks;
        asks
    }

    /// The controller's answer; `None` if there was none, or an error.
    pub fn on_block(&mut self, now: SimTime, block: Option<ProducerIdsBlock>) {
        self.request_in_flight = false;
        match block {
            Some(block) => self.next = Some(block),
            None => self.backoff_until = now.plus_millis(RETRY_BACKOFF_MS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_block_is_asked_for_before_the_last_id() {
        let (mut manager, now) = (ProducerIdManager::default(), SimTime::ZERO);
        assert_eq!(manager.generate(), Err(KafkaError::CoordinatorLoadInProgress));
        assert!(manager.wants_block(now));
        assert!(!manager.wants_block(now), "one question at a time");
        manager.on_block(now, Some(ProducerIdsBlock { first: 1_000, size: 10 }));
        for n in 0..9 {
            assert!(!manager.wants_block(now), "after {n}");
            assert_eq!(manager.generate().map(|id| (id.producer_id, id.epoch)), Ok((1_000 + n, 0)));
        }
        assert!(manager.wants_block(now));
        manager.on_block(now, None);
        assert!(!manager.wants_block(now));
        let later = now.plus_millis(RETRY_BACKOFF_MS);
        assert!(manager.wants_block(later));
        manager.on_block(later, Some(ProducerIdsBlock { first: 5_000, size: 10 }));
        let next = [(); 2].map(|()| manager.generate().map(|id| id.producer_id));
        assert_eq!(next, [Ok(1_009), Ok(5_000)]);
    }
}
