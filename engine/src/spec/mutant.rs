//! Ways to break the engine, to prove the checkers.

use serde::{Deserialize, Serialize};

/// One line a mutant: what it breaks, and its name on a `cluster` line.
macro_rules! mutants {
    ($(#[$outer:meta])* pub enum Mutant { $($(#[$doc:meta])* $variant:ident => $name:literal,)* }) => {
        $(#[$outer])*
        pub enum Mutant { $($(#[$doc])* $variant,)* }

        impl Mutant {
            pub const ALL: &'static [Mutant] = &[$(Mutant::$variant,)*];

            pub fn name(self) -> &'static str {
                match self { $(Mutant::$variant => $name,)* }
            }
        }
    };
}

mutants! {
    /// Each must be caught by an invariant ([`crate::invariant`]), and so must the rules that Kafka had in
    /// the past ([`crate::replication::history_rule::HistoryRule`]).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    pub enum Mutant {
        /// acks=all is answered after the leader's append, whatever min.insync.replicas says.
        AcknowledgeBeforeMinInsync => "acknowledge-before-min-insync",
        /// A consumer is served up to the log end offset.
        ConsumerReadsPastHighWatermark => "consumer-reads-past-high-watermark",
        /// A consumer that reads from a follower is served up to that one's log end offset.
        FollowerServesPastHighWatermark => "follower-serves-past-high-watermark",
        /// The high watermark is computed with the committed ISR while an expansion is in flight.
        HighWatermarkIgnoresPendingIsr => "high-watermark-ignores-pending-isr",
        /// The high watermark does not wait for whom the leader has asked to drop from the ISR.
        HighWatermarkIgnoresPendingShrink => "high-watermark-ignores-pending-shrink",
        /// The high watermark moves although the ISR is below min.insync.replicas.
        HighWatermarkIgnoresMinInsync => "high-watermark-ignores-min-insync",
        /// The cleaner removes a tombstone the first time it meets it.
        TombstoneRemovedAtOnce => "tombstone-removed-at-once",
        /// The cleaner takes the old segments away before the new one has its name.
        SwapDeletesFirst => "swap-deletes-first",
        /// The cleaner goes up to the active segment, whatever is committed.
        CleanerIgnoresHighWatermark => "cleaner-ignores-high-watermark",
        /// The cleaner takes up the active segment, too.
        CleanerTouchesActiveSegment => "cleaner-touches-active-segment",
        /// Retention deletes what is old or too much, committed or not.
        RetentionIgnoresHighWatermark => "retention-ignores-high-watermark",
        /// Recovery takes the indexes as they are, also where the log is shorter.
        RecoveryTrustsIndex => "recovery-trusts-index",
        /// A leader appends batches larger than `max.message.bytes`.
        BatchSizeNotChecked => "batch-size-not-checked",
        /// A voter of the quorum votes for whoever asks, though it has given its vote in this epoch.
        VoteForgotten => "vote-forgotten",
        /// A voter of the quorum votes for a candidate whose log is shorter than its own.
        VoteIgnoresLog => "vote-ignores-log",
        /// The active controller makes snapshots of all that it wrote, committed or not.
        SnapshotIgnoresHighWatermark => "snapshot-ignores-high-watermark",
        /// A follower appends what it fetched without a look at the CRC.
        CrcNotCheckedOnFollowerAppend => "crc-not-checked-on-follower-append",
        /// A broker that comes back without the mark of a clean shutdown stays eligible to lead.
        ElrKeptAfterUncleanShutdown => "elr-kept-after-unclean-shutdown",
        /// A reassignment completes before its new replicas are in sync.
        ReassignmentCompletedEarly => "reassignment-completed-early",
        /// A follower joins the ISR wherever its log ends, as soon as that is past the start of the
        /// leader's epoch.
        ExpansionIgnoresHighWatermark => "expansion-ignores-high-watermark",
        /// A follower joins the ISR at the leader's high watermark, which may be lower than what an earlier
        /// leader has committed.
        ExpansionIgnoresEpochStart => "expansion-ignores-epoch-start",
        /// A leader sends records to a follower whose log parts from its own.
        DivergenceNotChecked => "divergence-not-checked",
        /// The controller takes an ISR that was asked for before the last change of the partition.
        PartitionEpochNotChecked => "partition-epoch-not-checked",
        /// The controller takes brokers into an ISR that are fenced or shutting down.
        FencedBrokerTakenIntoIsr => "fenced-broker-taken-into-isr",
        /// The controller lets any live replica lead.
        ElectionIgnoresIsr => "election-ignores-isr",
        /// The controller takes no broker for gone, however long it has been silent.
        SessionsNeverExpire => "sessions-never-expire",
        /// The leader of the quorum takes for committed what it has written itself.
        MajorityNotCounted => "majority-not-counted",
        /// A voter says that it has what a power loss would take from it.
        VoterFlushesLater => "voter-flushes-later",
        /// A replica takes over metadata that are older than what it knows.
        StaleMetadataTaken => "stale-metadata-taken",
        /// A follower takes an answer to a question that it asked in an earlier leader epoch, or at another
        /// offset.
        StaleFetchAnswerTaken => "stale-fetch-answer-taken",
        /// A new leader takes whatever sequence number comes first.
        SequenceNotCheckedAfterFailover => "sequence-not-checked-after-failover",
        /// A leader knows only the last batch of a producer again.
        DuplicateWindowOne => "duplicate-window-one",
        /// Topics are known by their names alone: what is on a disk or in a fetch may be an older topic's.
        TopicIdNotChecked => "topic-id-not-checked",
        /// A broker that is unregistered keeps its leaderships and its places in the ISRs.
        UnregisteredStaysInIsr => "unregistered-stays-in-isr",
        /// A coordinator takes commits of members of any generation, and of such as it does not know.
        CommitGenerationNotChecked => "commit-generation-not-checked",
        /// A coordinator takes commits of members of any member epoch (KIP-848).
        MemberEpochNotChecked => "member-epoch-not-checked",
        /// A coordinator gives a member partitions that another has yet to give up.
        UnreleasedPartitionAssigned => "unreleased-partition-assigned",
        /// A consumer commits what it has fetched, before the application has got it.
        CommittedBeforeDelivered => "committed-before-delivered",
        /// A transaction coordinator writes markers before its decision is committed.
        DecisionNotAwaited => "decision-not-awaited",
        /// A transaction coordinator takes the requests of producers that it has fenced.
        ProducerEpochNotChecked => "producer-epoch-not-checked",
        /// A leader begins a transaction without a word to its coordinator, as before KIP-890.
        TransactionNotVerified => "transaction-not-verified",
        /// A leader takes markers of transactions that are long over.
        LateMarkerTaken => "late-marker-taken",
        /// A reader of committed records is served up to the high watermark.
        LastStableOffsetIgnored => "last-stable-offset-ignored",
        /// A reader of committed records is not told what was aborted.
        AbortedNotTold => "aborted-not-told",
        /// The group coordinator gives out offsets while a transaction is open that may change them.
        UnstableOffsetsServed => "unstable-offsets-served",
        /// The group coordinator takes over offsets whatever becomes of their transaction.
        AbortedOffsetsTaken => "aborted-offsets-taken",
    }
}

impl Mutant {
    pub fn names() -> impl Iterator<Item = &'static str> {
        Mutant::ALL.iter().map(|mutant| mutant.name())
    }

    pub fn from_name(name: &str) -> Option<Mutant> {
        Mutant::ALL.iter().copied().find(|mutant| mutant.name() == name)
    }
}
