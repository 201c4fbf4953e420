//! What a goal asks of what producers and consumer groups get done.

use super::{Partition, lies};
use crate::ledger::Ledger;
use crate::ledger::delivery::Reading;
use kafkascope_engine::event::EventKind;
use serde::Deserialize;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Delivery {
    // What is so after the event.
    /// A record of the producer is stored behind one that it sent later.
    Overtaken { producer: String, partition: Partition },
    /// A member of the group knows that the next offset to read is committed so far.
    Committed { group: String, partition: Partition, at_least: i64 },
    /// The group has processed so many records of the partition, however often.
    Processed { group: String, partition: Partition, at_least: u64 },
    /// It has processed so many of them again.
    ProcessedAgain {
        group: String,
        partition: Partition,
        at_least: Option<u64>,
        at_most: Option<u64>,
    },
    /// It went on behind so many records that it had not processed.
    Skipped { group: String, partition: Partition, at_least: u64 },

    // What the event is.
    /// `send` of the producer does not return: there is no room in `buffer.memory`.
    SendBlocked { partition: Partition },
    /// The producer will send a batch again.
    Retried { producer: String, partition: Partition },
    /// The leader got a batch whose sequence number is not the next one.
    SequenceRefused { partition: Partition },
}

impl Delivery {
    pub fn holds(&self, kind: &EventKind, ledger: &Ledger) -> bool {
        let reading = |group: &str, partition: &Partition, holds: &dyn Fn(&Reading) -> bool| {
            ledger.delivery().reading(group, &partition.0).is_some_and(holds)
        };
        match self {
            Delivery::Overtaken { producer, partition } => {
                let mut overtaken = ledger.delivery().overtaken(&partition.0);
                overtaken.any(|client| ledger.is_named(client, Some(producer)))
            }
            Delivery::Committed { group, partition, at_least } => {
                reading(group, partition, &|r| r.committed.is_some_and(|to| to >= *at_least))
            }
            Delivery::Processed { group, partition, at_least } => {
                reading(group, partition, &|r| r.processed >= *at_least)
            }
            Delivery::ProcessedAgain { group, partition, at_least, at_most } => {
                reading(group, partition, &|r| lies(r.processed_again, at_least, at_most))
            }
            Delivery::Skipped { group, partition, at_least } => {
                reading(group, partition, &|r| r.skipped >= *at_least)
            }
            Delivery::SendBlocked { partition } => {
                matches!(kind, EventKind::SendBlocked { partition: id, .. } if *id == partition.0)
            }
            Delivery::Retried { producer, partition } => {
                matches!(kind, EventKind::ProduceRetried { client, partition: id, .. }
                    if *id == partition.0 && ledger.is_named(*client, Some(producer)))
            }
            Delivery::SequenceRefused { partition } => {
                matches!(kind, EventKind::SequenceRefused { partition: id, .. } if *id == partition.0)
            }
        }
    }
}
