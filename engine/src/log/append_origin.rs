//! Where a batch comes from that a leader is to append, and so what it is checked for. Kafka's
//! `AppendOrigin`, with the transaction version that comes with a marker (KIP-1228) and the guard of
//! KIP-890.

/// Since this version every transaction has a producer epoch of its own (KIP-890).
pub const EPOCH_PER_TRANSACTION: u8 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppendOrigin {
    /// A producer numbers its records; a coordinator does not.
    pub is_client: bool,
    /// `transaction.version`, by which the producer works, or by which the marker was decided.
    pub transaction_version: u8,
    pub verification: Verification,
    /// What a leader must not do ([`crate::spec::Mutant`]).
    pub takes_late_markers: bool,
}

/// Whether a transactional batch has to belong to a transaction that its coordinator knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verification {
    Off,
    /// The coordinator was asked under this guard; without one the transaction has to be open here.
    On {
        guard: Option<u64>,
    },
}

impl AppendOrigin {
    /// A producer of which no more is asked than its epoch and its sequence numbers.
    pub const CLIENT: AppendOrigin = AppendOrigin {
        is_client: true,
        transaction_version: 0,
        verification: Verification::Off,
        takes_late_markers: false,
    };

    pub fn client(transaction_version: u8, verification: Verification) -> Self {
        AppendOrigin { transaction_version, verification, ..AppendOrigin::CLIENT }
    }

    pub fn coordinator(transaction_version: u8, verification: Verification) -> Self {
        AppendOrigin { is_client: false, ..AppendOrigin::client(transaction_version, verification) }
    }

    pub(super) fn has_epoch_per_transaction(self) -> bool {
        self.transaction_version >= EPOCH_PER_TRANSACTION
    }
}
