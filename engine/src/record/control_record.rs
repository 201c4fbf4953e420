//! Control records: what brokers write into logs for each other. A key of two i16 (version 0 and
//! the type) and a value by type. Sources: `ControlRecordType.java`, `EndTransactionMarker.java`.
//! When they are written is known elsewhere.

use super::record_batch_builder::RecordBatchBuilder;
use crate::ids::NodeId;
use bytes::Bytes;

const KEY_VERSION: i16 = 0;
const MARKER_VERSION: i16 = 0;

/// What a control record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ControlRecordType {
    /// The transaction of this producer was aborted.
    Abort,
    Commit,
    /// First record of an epoch of the KRaft quorum.
    LeaderChange,
    SnapshotHeader,
    SnapshotFooter,
    KraftVersion,
    KraftVoters,
    /// A type of a later version; its records are skipped.
    Unknown,
}

impl ControlRecordType {
    const KNOWN: [ControlRecordType; 7] = [
        ControlRecordType::Abort,
        ControlRecordType::Commit,
        ControlRecordType::LeaderChange,
        ControlRecordType::SnapshotHeader,
        ControlRecordType::SnapshotFooter,
        ControlRecordType::KraftVersion,
        ControlRecordType::KraftVoters,
    ];

    /// Kafka's number, 0 to 6; -1 for [`ControlRecordType::Unknown`].
    pub fn type_id(self) -> i16 {
        match self {
            ControlRecordType::Unknown => -1,
            known => known as i16,
        }
    }

    pub fn from_type_id(id: i16) -> Self {
        usize::try_from(id)
            .ok()
            .and_then(|id| ControlRecordType::KNOWN.get(id).copied())
            .unwrap_or(ControlRecordType::Unknown)
    }

    /// The key of a control record of this type.
    pub fn key(self) -> [u8; 4] {
        let ([a, b], [c, d]) = (KEY_VERSION.to_be_bytes(), self.type_id().to_be_bytes());
        [a, b, c, d]
    }

    /// The type that a control record's key names. Keys of later versions may be longer.
    /// `None` if it is no such key.
    pub fn from_key(key: &[u8]) -> Option<Self> {
        let [a, b, c, d, ..] = *key else { return None };
        let version = i16::from_be_bytes([a, b]);
        (version >= KEY_VERSION)
            .then(|| ControlRecordType::from_type_id(i16::from_be_bytes([c, d])))
    }
}

/// The batch with which a leader of the KRaft quorum begins its epoch (`LeaderChangeMessage`, version
/// 0): who leads, among whom, elected by whom.
pub fn leader_change_batch(
    base_offset: i64,
    epoch: i32,
    timestamp: i64,
    leader: NodeId,
    voters: &[NodeId],
    granting: &[NodeId],
) -> Bytes {
    let mut value = 0i16.to_be_bytes().to_vec();
    value.extend(leader.0.to_be_bytes());
    for side in [voters, granting] {
        // A compact array: its length plus one, then the elements, each with no tagged fields.
        value.push(side.len() as u8 + 1);
        for voter in side {
            value.extend(voter.0.to_be_bytes());
            value.push(0);
        }
    }
    value.push(0);
    let mut builder = RecordBatchBuilder::new(base_offset).leader_epoch(epoch).control();
    builder.append(timestamp, Some(&ControlRecordType::LeaderChange.key()), Some(&value), &[]);
    builder.build()
}

/// The end of a transaction in one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndTransactionMarker {
    /// True for COMMIT, false for ABORT.
    pub commit: bool,
    /// Epoch of the coordinator that decided; an older one is fenced.
    pub coordinator_epoch: i32,
}

impl EndTransactionMarker {
    pub fn control_type(self) -> ControlRecordType {
        if self.commit { ControlRecordType::Commit } else { ControlRecordType::Abort }
    }

    /// The 6 bytes of the record's value.
    pub fn value(self) -> [u8; 6] {
        let mut value = [0; 6];
        value[..2].copy_from_slice(&MARKER_VERSION.to_be_bytes());
        value[2..].copy_from_slice(&self.coordinator_epoch.to_be_bytes());
        value
    }

    /// `None` if key and value are not those of a marker.
    pub fn from_record(key: &[u8], value: &[u8]) -> Option<Self> {
        let commit = match ControlRecordType::from_key(key)? {
            ControlRecordType::Commit => true,
            ControlRecordType::Abort => false,
            _ => return None,
        };
        let [a, b, epoch @ ..] = value.first_chunk::<6>()?;
        (i16::from_be_bytes([*a, *b]) >= MARKER_VERSION)
            .then(|| EndTransactionMarker { commit, coordinator_epoch: i32::from_be_bytes(*epoch) })
    }

    /// The batch that ends the transaction of a producer. It takes one offset.
    pub fn batch(self, producer_id: i64, producer_epoch: i16, timestamp: i64) -> Bytes {
        let mut builder = RecordBatchBuilder::new(0)
            .producer(producer_id, producer_epoch, super::batch_header::NO_SEQUENCE)
            .transactional()
            .control();
        builder.append(timestamp, Some(&self.control_type().key()), Some(&self.value()), &[]);
        builder.build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::RecordBatch;

    #[test]
    fn keys_have_kafkas_numbers() {
        let table = [
            (ControlRecordType::Abort, 0),
            (ControlRecordType::Commit, 1),
            (ControlRecordType::LeaderChange, 2),
            (ControlRecordType::SnapshotHeader, 3),
            (ControlRecordType::SnapshotFooter, 4),
            (ControlRecordType::KraftVersion, 5),
            (ControlRecordType::KraftVoters, 6),
            (ControlRecordType::Unknown, -1),
        ];
        for (kind, id) in table {
            assert_eq!(kind.type_id(), id);
            assert_eq!(ControlRecordType::from_type_id(id), kind);
            assert_eq!(ControlRecordType::from_key(&kind.key()), Some(kind));
        }
        assert_eq!(ControlRecordType::from_type_id(7), ControlRecordType::Unknown);
        assert_eq!(ControlRecordType::from_key(&[0, 0, 1]), None);
        assert_eq!(ControlRecordType::from_key(&[0xff, 0xff, 0, 1]), None);
    }

    #[test]
    fn a_marker_is_a_control_batch_of_one_record() {
        for commit in [true, false] {
            let marker = EndTransactionMarker { commit, coordinator_epoch: 7 };
            let batch = RecordBatch::parse(marker.batch(9, 3, 1000)).unwrap();
            assert!(batch.is_control() && batch.is_transactional());
            assert_eq!((batch.producer_id(), batch.producer_epoch()), (9, 3));
            assert_eq!((batch.base_sequence(), batch.last_offset_delta()), (-1, 0));
            let record = batch.records().next().unwrap().unwrap();
            let (key, value) = (record.key.unwrap(), record.value.unwrap());
            assert_eq!(value.len(), 6);
            assert_eq!(EndTransactionMarker::from_record(&key, &value), Some(marker));
        }
        let leader_change = ControlRecordType::LeaderChange.key();
        assert_eq!(EndTransactionMarker::from_record(&leader_change, &[0; 6]), None);
        assert_eq!(EndTransactionMarker::from_record(&[0, 0, 0, 1], &[0; 5]), None);
    }
}
