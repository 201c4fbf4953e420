//! What is let go of and what is compacted, in words.

use super::Teller;
use crate::event::{LogStartReason, RemovalReason};
use crate::ids::{NodeId, TopicPartition};
use crate::log::cleaner::SwapStage;
use crate::log::unified_log::DeletionReason;
use crate::script::lang::say;

impl Teller<'_> {
    pub(super) fn log_start_moved(
        &self,
        partition: &TopicPartition,
        from: i64,
        to: i64,
        reason: LogStartReason,
    ) -> String {
        let place = &self.place;
        match reason {
            LogStartReason::ClientRecordDeletion => say!(
                self.lang,
                "{place}에서 {partition}의 로그 시작이 {from}에서 {to}(으)로 옮겨졌습니다(DeleteRecords). 그 앞의 레코드는 더 읽을 수 없습니다.",
                "The log start of {partition} on {place} moved from {from} to {to} (DeleteRecords): what is before it can no longer be read."
            ),
            LogStartReason::SegmentDeletion => say!(
                self.lang,
                "{place}에서 {partition}의 로그 시작이 {from}에서 {to}(으)로 옮겨졌습니다. 앞의 세그먼트가 지워졌습니다.",
                "The log start of {partition} on {place} moved from {from} to {to}: the segments before it are gone."
            ),
            LogStartReason::LeaderOffsetIncremented => say!(
                self.lang,
                "{place}이(가) 리더를 따라 {partition}의 로그 시작을 {from}에서 {to}(으)로 옮겼습니다.",
                "{place} moved its log start of {partition} from {from} to {to}, as its leader did."
            ),
        }
    }

    pub(super) fn segments_deleted(
        &self,
        partition: &TopicPartition,
        segments: &[i64],
        end_offset: i64,
        bytes: u64,
        reason: DeletionReason,
    ) -> String {
        let (place, count) = (&self.place, segments.len());
        let range = self.offsets(segments.first().copied().unwrap_or(0), end_offset - 1);
        let why = match reason {
            DeletionReason::LogStart { log_start_offset } => say!(
                self.lang,
                "로그 시작 {log_start_offset}보다 앞에 있습니다",
                "they lie before the log start {log_start_offset}"
            ),
            DeletionReason::Size { bytes } => say!(
                self.lang,
                "로그가 {bytes}바이트로 retention.bytes를 넘었습니다",
                "the log had {bytes} bytes, more than retention.bytes"
            ),
            DeletionReason::Time { age_ms } => say!(
                self.lang,
                "가장 새 레코드가 {age_ms}ms 전 것이어서 retention.ms를 넘었습니다",
                "the newest record was {age_ms} ms old, more than retention.ms"
            ),
        };
        say!(
            self.lang,
            "{place}이(가) {partition}의 {range}에 걸친 세그먼트 {count}개({bytes}바이트)를 로그에서 뺐습니다. {why}.",
            "{place} took {count} segments of {partition} with {range} ({bytes} bytes) out of the log: {why}."
        )
    }

    pub(super) fn files_deleted(&self, node: NodeId, files: u32) -> String {
        say!(
            self.lang,
            "{node}이(가) 지우기로 한 파일 {files}개를 디스크에서 없앴습니다.",
            "{node} took {files} files off its disk that had waited to be deleted."
        )
    }

    pub(super) fn replica_removed(
        &self,
        partition: &TopicPartition,
        reason: RemovalReason,
        directory: &str,
    ) -> String {
        let place = &self.place;
        match reason {
            RemovalReason::TopicDeleted => say!(
                self.lang,
                "토픽이 지워져 {place}이(가) {partition}의 레플리카를 치웠습니다. 디렉터리는 {directory}(이)라는 이름으로 file.delete.delay.ms를 기다립니다.",
                "{place} put its replica of {partition} away: the topic was deleted. As {directory} its directory waits for file.delete.delay.ms."
            ),
            RemovalReason::Reassigned => say!(
                self.lang,
                "재배치로 {place}이(가) {partition}의 레플리카를 내려놓았습니다. 디렉터리는 {directory}(이)라는 이름으로 file.delete.delay.ms를 기다립니다.",
                "{place} put its replica of {partition} away: a reassignment has taken it from here. As {directory} its directory waits for file.delete.delay.ms."
            ),
            RemovalReason::Stray => say!(
                self.lang,
                "{place}의 디스크에 있던 {partition}은(는) 이제 맡은 파티션이 아닙니다(topic id나 배치가 다릅니다). 디렉터리를 {directory}(으)로 바꾸고 쓰지 않습니다.",
                "What {place} had on its disk as {partition} is not its replica: the topic id or the assignment is another. It set the directory aside as {directory}."
            ),
        }
    }

    pub(super) fn cleaning_started(
        &self,
        partition: &TopicPartition,
        (first_dirty, first_uncleanable): (i64, i64),
        clean_bytes: u64,
        cleanable_bytes: u64,
    ) -> String {
        let place = &self.place;
        let percent = cleanable_bytes * 100 / (clean_bytes + cleanable_bytes).max(1);
        say!(
            self.lang,
            "{place}의 log cleaner가 {partition}을(를) 청소하기 시작했습니다. 오프셋 {first_dirty}부터 {first_uncleanable} 앞까지가 더티이고, dirty ratio는 {percent}%입니다.",
            "The log cleaner of {place} took up {partition}: dirty from offset {first_dirty}, to be cleaned up to {first_uncleanable}, dirty ratio {percent} %."
        )
    }

    pub(super) fn offset_map_built(
        &self,
        partition: &TopicPartition,
        keys: u64,
        end_offset: i64,
        is_full: bool,
    ) -> String {
        let place = &self.place;
        if is_full {
            return say!(
                self.lang,
                "{place}의 log cleaner가 {partition}의 키 {keys}개로 오프셋 맵을 채웠습니다. 이번에는 오프셋 {end_offset} 앞까지만 청소합니다.",
                "The log cleaner of {place} filled its offset map with {keys} keys of {partition}; this pass goes up to offset {end_offset} only."
            );
        }
        say!(
            self.lang,
            "{place}의 log cleaner가 {partition}의 키 {keys}개마다 가장 새 오프셋을 알아냈습니다. 오프셋 {end_offset} 앞까지 청소합니다.",
            "The log cleaner of {place} knows the newest offset of {keys} keys of {partition}; it will clean up to offset {end_offset}."
        )
    }

    pub(super) fn segments_cleaned(
        &self,
        partition: &TopicPartition,
        segments: &[i64],
        before: u64,
        after: u64,
    ) -> String {
        let (place, count) = (&self.place, segments.len());
        let base = segments.first().copied().unwrap_or(0);
        say!(
            self.lang,
            "{place}의 log cleaner가 {partition}의 세그먼트 {count}개에서 남길 것을 새 세그먼트 {base}에 옮겨 적었습니다. {before}바이트가 {after}바이트가 됩니다.",
            "The log cleaner of {place} copied what stays of {count} segments of {partition} into a new segment {base}: {before} bytes become {after}."
        )
    }

    pub(super) fn segments_swapped(
        &self,
        partition: &TopicPartition,
        segments: &[i64],
        stage: SwapStage,
    ) -> String {
        let (place, base) = (&self.place, segments.first().copied().unwrap_or(0));
        match stage {
            SwapStage::Began => say!(
                self.lang,
                "{place}에서 {partition}의 새 세그먼트 {base}이(가) .swap이 되었습니다. 이제 다시 시작해도 바꾸기를 끝냅니다.",
                "On {place} the new segment {base} of {partition} became .swap: from here on a restart finishes the swap."
            ),
            SwapStage::Replaced => say!(
                self.lang,
                "{place}에서 {partition}의 옛 세그먼트들이 .deleted가 되고 새 세그먼트 {base}이(가) 그 자리에 들어갔습니다.",
                "On {place} the old segments of {partition} became .deleted, and the new segment {base} took their place."
            ),
            SwapStage::Done => say!(
                self.lang,
                "{place}에서 {partition}의 새 세그먼트 {base}이(가) 제 이름을 얻었습니다.",
                "On {place} the new segment {base} of {partition} got its own name."
            ),
        }
    }

    pub(super) fn cleaning_finished(
        &self,
        partition: &TopicPartition,
        end_offset: i64,
        before: u64,
        after: u64,
    ) -> String {
        let place = &self.place;
        say!(
            self.lang,
            "{place}의 log cleaner가 {partition}을(를) 오프셋 {end_offset} 앞까지 청소했습니다. {before}바이트에서 {after}바이트가 남았습니다.",
            "The log cleaner of {place} has cleaned {partition} up to offset {end_offset}: of {before} bytes {after} are left."
        )
    }

    pub(super) fn cleaning_aborted(&self, partition: &TopicPartition) -> String {
        let place = &self.place;
        say!(
            self.lang,
            "{place}의 log cleaner가 {partition}의 청소를 그만두었습니다. 로그가 잘렸거나, 깨졌거나, 설정이 바뀌었습니다.",
            "The log cleaner of {place} gave up on {partition}: the log was cut or is damaged, or its settings changed."
        )
    }
}
