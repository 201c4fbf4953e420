//! What a coordinator knows of one transactional id: who its producer is, and how far its transaction has
//! come. Sources: `TransactionState.java`, `TransactionMetadata.java`.
//!
//! | state | entered from | meaning |
//! |---|---|---|
//! | Empty | Empty, CompleteCommit, CompleteAbort | no transaction yet under this epoch |
//! | Ongoing | Ongoing, Empty, CompleteCommit, CompleteAbort | partitions have been added |
//! | PrepareCommit | Ongoing | it will be committed, whatever happens: markers are being written |
//! | PrepareAbort | Ongoing, PrepareEpochFence; since KIP-890 also Empty, CompleteCommit, CompleteAbort | the same for an abort |
//! | CompleteCommit | PrepareCommit | every partition has its marker |
//! | CompleteAbort | PrepareAbort | |
//! | Dead | Empty, CompleteCommit, CompleteAbort | it has expired |
//! | PrepareEpochFence | Ongoing | its epoch goes up so that its producer is fenced; then it is aborted |

use crate::ids::TopicPartition;
use crate::log::append_origin::EPOCH_PER_TRANSACTION;
use crate::protocol::{KafkaError, ProducerIdAndEpoch};
use crate::record::batch_header::{NO_PRODUCER_EPOCH, NO_PRODUCER_ID};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

const NO_TIMESTAMP: i64 = -1;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TransactionState {
    Empty,
    Ongoing,
    PrepareCommit,
    PrepareAbort,
    CompleteCommit,
    CompleteAbort,
    Dead,
    PrepareEpochFence,
}

impl TransactionState {
    /// In the order of Kafka's numbers, from 0.
    pub const ALL: [TransactionState; 8] = [
        TransactionState::Empty,
        TransactionState::Ongoing,
        TransactionState::PrepareCommit,
        TransactionState::PrepareAbort,
        TransactionState::CompleteCommit,
        TransactionState::CompleteAbort,
        TransactionState::Dead,
        TransactionState::PrepareEpochFence,
    ];

    pub fn id(self) -> i8 {
        self as i8
    }

    pub fn from_id(id: i8) -> Option<Self> {
        usize::try_from(id).ok().and_then(|id| TransactionState::ALL.get(id).copied())
    }

    pub fn name(self) -> &'static str {
        match self {
            TransactionState::Empty => "Empty",
            TransactionState::Ongoing => "Ongoing",
            TransactionState::PrepareCommit => "PrepareCommit",
            TransactionState::PrepareAbort => "PrepareAbort",
            TransactionState::CompleteCommit => "CompleteCommit",
            TransactionState::CompleteAbort => "CompleteAbort",
            TransactionState::Dead => "Dead",
            TransactionState::PrepareEpochFence => "PrepareEpochFence",
        }
    }

    /// `None`: nothing has been decided.
    pub fn decision(self) -> Option<bool> {
        match self {
            TransactionState::PrepareCommit => Some(true),
            TransactionState::PrepareAbort => Some(false),
            _ => None,
        }
    }

    pub fn is_complete(self) -> bool {
        matches!(self, TransactionState::CompleteCommit | TransactionState::CompleteAbort)
    }

    /// Whether the state may be entered from `from`.
    pub fn may_follow(self, from: TransactionState, transaction_version: u8) -> bool {
        use TransactionState::*;
        match self {
            Empty | Dead => matches!(from, Empty | CompleteCommit | CompleteAbort),
            Ongoing => matches!(from, Ongoing | Empty | CompleteCommit | CompleteAbort),
            PrepareCommit | PrepareEpochFence => from == Ongoing,
            PrepareAbort => {
                let without_partitions = matches!(from, Empty | CompleteCommit | CompleteAbort);
                matches!(from, Ongoing | PrepareEpochFence)
                    || (without_partitions && transaction_version >= EPOCH_PER_TRANSACTION)
            }
            CompleteCommit => from == PrepareCommit,
            CompleteAbort => from == PrepareAbort,
        }
    }
}

impl fmt::Display for TransactionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionMetadata {
    pub transactional_id: Arc<str>,
    pub producer_id: i64,
    pub prev_producer_id: i64,
    /// The producer's id once this transaction has ended, if its epochs are used up; else -1.
    pub next_producer_id: i64,
    /// -1 before the first InitProducerId is through.
    pub producer_epoch: i16,
    /// So that a bump that comes again is known.
    pub last_producer_epoch: i16,
    pub timeout_ms: u64,
    pub state: TransactionState,
    pub partitions: BTreeSet<TopicPartition>,
    /// Unix ms; -1 before the first transaction.
    pub start_ms: i64,
    pub last_update_ms: i64,
    /// The `transaction.version` that the producer works by.
    pub client_version: u8,
}

impl TransactionMetadata {
    pub fn new(transactional_id: Arc<str>, producer_id: i64, timeout_ms: u64, now_ms: i64) -> Self {
        TransactionMetadata {
            transactional_id,
            producer_id,
            prev_producer_id: NO_PRODUCER_ID,
            next_producer_id: NO_PRODUCER_ID,
            producer_epoch: NO_PRODUCER_EPOCH,
            last_producer_epoch: NO_PRODUCER_EPOCH,
            timeout_ms,
            state: TransactionState::Empty,
            partitions: BTreeSet::new(),
            start_ms: NO_TIMESTAMP,
            last_update_ms: now_ms,
            client_version: 0,
        }
    }

    pub fn producer(&self) -> ProducerIdAndEpoch {
        ProducerIdAndEpoch { producer_id: self.producer_id, epoch: self.producer_epoch }
    }

    /// Who the producer is once the transaction that is ending has ended.
    pub fn producer_afterwards(&self) -> ProducerIdAndEpoch {
        match self.next_producer_id {
            NO_PRODUCER_ID => self.producer(),
            producer_id => ProducerIdAndEpoch { producer_id, epoch: 0 },
        }
    }

    /// The last epoch is for fencing.
    pub fn is_epoch_exhausted(&self) -> bool {
        self.producer_epoch >= i16::MAX - 1
    }

    pub fn has_epoch_per_transaction(&self) -> bool {
        self.client_version >= EPOCH_PER_TRANSACTION
    }

    /// Whether the open transaction has outlived its timeout.
    pub fn is_timed_out(&self, now_ms: i64) -> bool {
        self.state == TransactionState::Ongoing && self.start_ms + (self.timeout_ms as i64) < now_ms
    }

    fn next(&self, state: TransactionState, now_ms: i64) -> Self {
        let prev_producer_id = self.producer_id;
        TransactionMetadata { state, prev_producer_id, last_update_ms: now_ms, ..self.clone() }
    }

    /// `prepareIncrementProducerEpoch`: a producer begins, or begins anew. `expected` is its epoch if it
    /// only wants that bumped.
    pub fn increment_epoch(
        &self,
        timeout_ms: u64,
        expected: Option<i16>,
        now_ms: i64,
    ) -> Result<Self, KafkaError> {
        let bumped = self.producer_epoch + 1;
        let (producer_epoch, last_producer_epoch) = match expected {
            None => (bumped, NO_PRODUCER_EPOCH),
            Some(epoch) if self.producer_epoch < 0 || epoch == self.producer_epoch => {
                (bumped, self.producer_epoch)
            }
            // It did not hear of the bump that it asked for.
            Some(epoch) if epoch == self.last_producer_epoch => (self.producer_epoch, epoch),
            Some(_) => return Err(KafkaError::ProducerFenced),
        };
        Ok(TransactionMetadata {
            producer_epoch,
            last_producer_epoch,
            timeout_ms,
            partitions: BTreeSet::new(),
            start_ms: NO_TIMESTAMP,
            ..self.next(TransactionState::Empty, now_ms)
        })
    }

    /// `prepareProducerIdRotation`: all epochs of the id are used up.
    pub fn rotate_producer_id(
        &self,
        producer_id: i64,
        timeout_ms: u64,
        expects: bool,
        now_ms: i64,
    ) -> Self {
        TransactionMetadata {
            producer_id,
            producer_epoch: 0,
            last_producer_epoch: if expects { self.producer_epoch } else { NO_PRODUCER_EPOCH },
            timeout_ms,
            partitions: BTreeSet::new(),
            start_ms: NO_TIMESTAMP,
            ..self.next(TransactionState::Empty, now_ms)
        }
    }

    /// `prepareAddPartitions`
    pub fn add_partitions(
        &self,
        added: &[TopicPartition],
        client_version: u8,
        now_ms: i64,
    ) -> Self {
        let begins = self.state != TransactionState::Ongoing;
        let mut next = self.next(TransactionState::Ongoing, now_ms);
        next.partitions.extend(added.iter().cloned());
        if begins {
            next.start_ms = now_ms;
        }
        next.client_version = client_version;
        next
    }

    /// `prepareAbortOrCommit`: the decision. `next_producer_id` is -1 unless the epochs are used up.
    pub fn decide(
        &self,
        commit: bool,
        client_version: u8,
        next_producer_id: i64,
        without_partitions: bool,
        now_ms: i64,
    ) -> Self {
        let state =
            if commit { TransactionState::PrepareCommit } else { TransactionState::PrepareAbort };
        let mut next = self.next(state, now_ms);
        if client_version >= EPOCH_PER_TRANSACTION {
            next.last_producer_epoch = self.producer_epoch;
            next.producer_epoch += 1;
        }
        next.next_producer_id = next_producer_id;
        next.client_version = client_version;
        if without_partitions {
            next.start_ms = now_ms;
        }
        next
    }

    /// `prepareComplete`: every partition has its marker.
    pub fn complete(&self, now_ms: i64) -> Self {
        let state = match self.state {
            TransactionState::PrepareCommit => TransactionState::CompleteCommit,
            _ => TransactionState::CompleteAbort,
        };
        let mut next = self.next(state, now_ms);
        if self.has_epoch_per_transaction() {
            let ProducerIdAndEpoch { producer_id, epoch } = self.producer_afterwards();
            (next.producer_id, next.producer_epoch) = (producer_id, epoch);
        }
        next.next_producer_id = NO_PRODUCER_ID;
        next.partitions = BTreeSet::new();
        next
    }
}

#[cfg(test)]
mod tests {
    use super::TransactionState::*;
    use super::*;

    /// `TransactionState.VALID_PREVIOUS_STATES`.
    #[test]
    fn states_follow_as_in_kafka() {
        let table: [(TransactionState, &[TransactionState], &[TransactionState]); 8] = [
            (Empty, &[Empty, CompleteCommit, CompleteAbort], &[]),
            (Ongoing, &[Ongoing, Empty, CompleteCommit, CompleteAbort], &[]),
            (PrepareCommit, &[Ongoing], &[]),
            (PrepareAbort, &[Ongoing, PrepareEpochFence], &[Empty, CompleteCommit, CompleteAbort]),
            (CompleteCommit, &[PrepareCommit], &[]),
            (CompleteAbort, &[PrepareAbort], &[]),
            (Dead, &[Empty, CompleteAbort, CompleteCommit], &[]),
            (PrepareEpochFence, &[Ongoing], &[]),
        ];
        for (to, always, since_v2) in table {
            assert_eq!(TransactionState::from_id(to.id()), Some(to));
            for from in TransactionState::ALL {
                let old = always.contains(&from);
                assert_eq!(to.may_follow(from, 1), old, "{from} -> {to}");
                assert_eq!(to.may_follow(from, 2), old || since_v2.contains(&from));
            }
        }
        assert_eq!(TransactionState::from_id(8), None);
    }

    fn ongoing(epoch: i16, version: u8) -> TransactionMetadata {
        let new = TransactionMetadata::new("t".into(), 7, 60_000, 1);
        let ready = TransactionMetadata { producer_epoch: epoch, ..new };
        ready.add_partitions(&[TopicPartition::new("orders", 0)], version, 10)
    }

    /// `TransactionMetadataTest.testTransitFromOngoingToPrepareCommit` and its neighbours.
    #[test]
    fn since_kip_890_every_end_brings_a_new_epoch() {
        for (version, epoch) in [(0, 5), (1, 5), (2, 6)] {
            let decided = ongoing(5, version).decide(true, version, NO_PRODUCER_ID, false, 20);
            assert_eq!((decided.producer_epoch, decided.start_ms), (epoch, 10));
            let done = decided.complete(30);
            assert_eq!((done.state, done.producer_epoch), (CompleteCommit, epoch));
            assert!(done.partitions.is_empty());
        }
    }

    /// `testTransitFromPrepareCommitToCompleteCommitWithLastProducerIdExhausted` in short.
    #[test]
    fn a_producer_whose_epochs_are_used_up_gets_another_id() {
        let last = ongoing(i16::MAX - 1, 2);
        assert!(last.is_epoch_exhausted());
        let decided = last.decide(false, 2, 99, false, 20);
        assert_eq!(decided.producer_epoch, i16::MAX);
        let afterwards = ProducerIdAndEpoch { producer_id: 99, epoch: 0 };
        assert_eq!(decided.producer_afterwards(), afterwards);
        let done = decided.complete(30);
        assert_eq!((done.producer(), done.prev_producer_id), (afterwards, 7));
    }

    /// `testInitializeEpoch`, `testAttemptedEpochBumpWithNewlyCreatedMetadata`,
    /// `testIncrementEpochAndFence`, `testRetryBumpEpoch` ...
    #[test]
    fn an_epoch_is_bumped_for_whoever_knows_it() {
        let new = TransactionMetadata::new("t".into(), 7, 60_000, 1);
        assert_eq!(new.increment_epoch(100, None, 2).map(|m| m.producer_epoch), Ok(0));
        assert_eq!(new.increment_epoch(100, Some(30), 2).map(|m| m.producer_epoch), Ok(0));
        let known = TransactionMetadata { producer_epoch: 5, last_producer_epoch: 4, ..new };
        let bumped = |expected| known.increment_epoch(100, expected, 2).map(|m| m.producer_epoch);
        assert_eq!(bumped(None), Ok(6));
        assert_eq!(bumped(Some(5)), Ok(6));
        assert_eq!(bumped(Some(4)), Ok(5), "it comes again");
        assert_eq!(bumped(Some(3)), Err(KafkaError::ProducerFenced));
    }
}
