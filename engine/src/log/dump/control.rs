//! What a control record says.

use crate::ids::Uuid;
use crate::record::varint::read_unsigned_varint;
use crate::record::{ControlRecordType, EndTransactionMarker, Record};

/// The end of a control record's line. Of the quorum's own records those of voters that change are not
/// spelled out.
pub(super) fn control(record: &Record) -> String {
    let key = record.key.as_deref().unwrap_or(&[]);
    let value = record.value.as_deref().unwrap_or(&[]);
    if let Some(marker) = EndTransactionMarker::from_record(key, value) {
        let decision = if marker.commit { "COMMIT" } else { "ABORT" };
        let epoch = marker.coordinator_epoch;
        return format!(" endTxnMarker: {decision} coordinatorEpoch: {epoch}");
    }
    let kind = ControlRecordType::from_key(key).unwrap_or(ControlRecordType::Unknown);
    let known = match kind {
        ControlRecordType::LeaderChange => {
            leader_change(value).map(|json| format!(" LeaderChange: {json}"))
        }
        ControlRecordType::SnapshotHeader => {
            snapshot_header(value).map(|json| format!(" SnapshotHeader {json}"))
        }
        ControlRecordType::SnapshotFooter => {
            snapshot_footer(value).map(|json| format!(" SnapshotFooter {json}"))
        }
        _ => None,
    };
    known.unwrap_or_else(|| format!(" controlType: {kind:?}({})", kind.type_id()))
}

/// `LeaderChangeMessage.json` as Kafka's converter writes it.
fn leader_change(value: &[u8]) -> Option<String> {
    let mut input = Input(value);
    let version = i16::from_be_bytes(input.take()?);
    let leader = i32::from_be_bytes(input.take()?);
    let (voters, granting) = (input.voters(version)?, input.voters(version)?);
    Some(format!(
        r#"{{"version":{version},"leaderId":{leader},"voters":[{voters}],"grantingVoters":[{granting}]}}"#
    ))
}

/// `SnapshotHeaderRecord.json`
fn snapshot_header(value: &[u8]) -> Option<String> {
    let mut input = Input(value);
    let version = i16::from_be_bytes(input.take()?);
    let timestamp = i64::from_be_bytes(input.take()?);
    Some(format!(r#"{{"version":{version},"lastContainedLogTimestamp":{timestamp}}}"#))
}

/// `SnapshotFooterRecord.json`
fn snapshot_footer(value: &[u8]) -> Option<String> {
    let version = i16::from_be_bytes(Input(value).take()?);
    Some(format!(r#"{{"version":{version}}}"#))
}

struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*head)
    }

    fn varint(&mut self) -> Option<u32> {
        let (value, len) = read_unsigned_varint(self.0).ok()?;
        self.0 = &self.0[len..];
        Some(value)
    }

    /// A compact array: its length is stored plus one. No tagged fields are known.
    fn voters(&mut self, version: i16) -> Option<String> {
        let mut voters = Vec::new();
        for _ in 1..self.varint()? {
            let id = i32::from_be_bytes(self.take()?);
            let directory = match version {
                0 => String::new(),
                _ => format!(r#","voterDirectoryId":"{}""#, Uuid(self.take()?)),
            };
            voters.push(format!(r#"{{"voterId":{id}{directory}}}"#));
            if self.varint()? != 0 {
                return None;
            }
        }
        Some(voters.join(","))
    }
}
