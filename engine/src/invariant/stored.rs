//! What a log's files must say of each other, read one batch after the other.

use super::committed::Replica;
use super::violation::Broken;
use crate::record::batches;
use std::collections::BTreeSet;

/// Every entry of the indexes names a batch that is there: the offset index its last offset and its
/// place, the time index its last offset and its timestamp.
pub(super) fn check_indexes(replica: &Replica<'_>) -> Result<(), Broken> {
    for segment in replica.partition.log.segments() {
        let bytes = replica.disk.read_all(segment.path()).unwrap_or_default();
        let (mut places, mut times, mut position) = (BTreeSet::new(), BTreeSet::new(), 0);
        for batch in batches(bytes).map_while(Result::ok) {
            places.insert((batch.last_offset(), position));
            times.insert((batch.last_offset(), batch.max_timestamp()));
            position += u64::from(batch.size_in_bytes());
        }
        let mut entries = segment.offset_index().entries();
        let offsets_hold = entries.all(|entry| places.contains(&(entry.offset, entry.position)));
        let mut entries = segment.time_index().entries();
        let times_hold = entries.all(|entry| times.contains(&(entry.offset, entry.timestamp)));
        if !offsets_hold || !times_hold {
            return Err(Broken::IndexNotTrue {
                partition: replica.partition.id.clone(),
                node: replica.node,
                base_offset: segment.base_offset(),
            });
        }
    }
    Ok(())
}

/// What a leader has just appended is as large as its topic allows.
pub(super) fn check_batch_size(replica: &Replica<'_>) -> Result<(), Broken> {
    let log = &replica.partition.log;
    let size = log.active_segment().last_batch().map_or(0, |batch| batch.size_in_bytes);
    let most = log.config().max_message_bytes;
    if i64::from(size) <= i64::from(most) {
        return Ok(());
    }
    let (partition, node) = (replica.partition.id.clone(), replica.node);
    Err(Broken::BatchTooLarge { partition, node, size, most })
}

/// What a follower has just appended, from `offset` on, is as its CRC says.
pub(super) fn check_crcs(replica: &Replica<'_>, offset: i64) -> Result<(), Broken> {
    let mut batches = replica.partition.log.batches(replica.disk, offset).map_while(Result::ok);
    match batches.find(|batch| batch.ensure_valid().is_err()) {
        None => Ok(()),
        Some(batch) => Err(Broken::CorruptBatch {
            partition: replica.partition.id.clone(),
            node: replica.node,
            offset: batch.base_offset(),
        }),
    }
}
