//! Words of the byte viewer: its parts, what each field means, and what is wrong with a file.

use super::{Lang, format, say, texts};
use crate::view_model::bytes::fields::Remark;
use crate::view_model::bytes::outline::Damage;
use kafkascope_engine::record::{CompressionType, ControlRecordType, CorruptReason, CorruptRecord};
use kafkascope_engine::sim::time::{EPOCH_MS, SimTime};

texts! {
    pub enum BytesText {
        Title: "파일과 바이트", "Files and bytes";
        OpenFiles: "파일과 바이트 보기", "Look into the files";
        OpenHere: "파일에서 이 바이트 보기", "See these bytes in the file";
        Source: "누구의 디스크", "Whose disk";
        Opened: "열어 둔 파일", "Opened files";
        Files: "파일", "Files";
        Segment: "세그먼트", "Segment";
        NoDirectory: "그 밖의 파일", "Other files";
        Nothing: "이 디스크에는 아직 파일이 없습니다.", "There is no file on this disk yet.";
        EmptyFile: "빈 파일입니다. 아직 아무것도 쓰이지 않았습니다.", "An empty file: nothing has been written yet.";
        EmptyIndex: "빈 인덱스입니다. index.interval.bytes만큼 쌓일 때마다 항목이 하나씩 생깁니다.", "An empty index: an entry is made once per index.interval.bytes of log.";
        Gone: "이 파일은 이 순간에 없습니다.", "This file is not there at this moment.";
        Modes: "보는 방법", "Ways to look";
        ModeBytes: "바이트", "Bytes";
        ModeLookUp: "인덱스와 찾기", "Indexes and look-up";
        ModeCleaner: "Cleaner", "Cleaner";
        ModeCodecs: "코덱", "Codecs";
        CodecsHint: "이 로그의 레코드를 저장된 배치 그대로, 다섯 가지 compression.type으로 묶어 봅니다. 로그는 그대로입니다.", "Packs this log's records with each compression.type, in the batches they are stored in. The log stays as it is.";
        CodecsNothing: "레코드가 든 .log 파일에서 잴 수 있습니다.", "Choose a .log file that holds records.";
        CodecsMeasure: "이 브라우저에서 재기", "Measure in this browser";
        CodecsCodec: "코덱", "Codec";
        CodecsBytes: "크기", "Size";
        CodecsRatio: "none 대비", "Of none";
        CodecsPack: "묶는 시간", "To pack";
        CodecsUnpack: "푸는 시간", "To unpack";
        CodecsNotes: "노트의 표(크기, CPU)", "The notes' table (size, CPU)";
        CodecsCaution: "시간은 이 브라우저의 WebAssembly에서 잰 진짜 시간이라 잴 때마다 조금씩 다르고, 서버의 네이티브 코덱은 더 빠릅니다. 여기의 lz4와 zstd에는 한 가지 수준만 있습니다.", "Times are real, measured in this browser's WebAssembly: they differ a little every time, and a server's native codecs are faster. lz4 and zstd have one level here.";
        ModeDump: "덤프", "Dump";
        Previous: "앞으로", "Previous";
        Next: "다음", "Next";
        Fields: "필드", "Fields";
        FieldsHint: "필드나 바이트를 가리키면 짝이 함께 밝아집니다. ↑↓ 키로 옮겨 다닐 수 있습니다.", "Point at a field or a byte and its other half lights up. ↑↓ go from field to field.";
        Hex: "바이트(16진수와 글자)", "Bytes (hexadecimal and text)";
        Batch: "배치", "Batch";
        Entries: "항목", "Entries";
        Entry: "항목", "Entry";
        Record: "레코드", "Record";
        Header: "배치 헤더", "Batch header";
        TextLines: "글", "Text";
        Unread: "읽지 못한 바이트", "Bytes that were not read";
        Unused: "쓰지 않은 자리", "Unused room";
        SnapshotHeader: "스냅샷 머리", "Snapshot header";
        Durable: "디스크에 쓰임", "on the disk";
        Cached: "페이지 캐시에만", "page cache only";
        Unpacked: "압축을 푼 레코드", "Records, unpacked";
    }
}

texts! {
    /// What a field is for.
    pub enum FieldText {
        BaseOffset: "첫 레코드의 오프셋. 리더가 추가할 때 정하므로 CRC가 덮지 않습니다.", "Offset of the first record. The leader assigns it at append, so the CRC does not cover it.";
        BatchLength: "이 필드 뒤로 배치 끝까지의 바이트 수입니다. 다음 배치는 여기에 12를 더한 곳에서 시작합니다.", "Bytes from here to the end of the batch. The next batch starts 12 bytes more than this further on.";
        PartitionLeaderEpoch: "추가한 리더의 에포크. 팔로워가 갈라진 로그를 알아보는 데 씁니다.", "Epoch of the leader that appended it; followers use it to see where logs part.";
        Magic: "형식의 버전. Kafka 0.11부터 2입니다.", "Version of the format: 2 since Kafka 0.11.";
        Crc: "attributes부터 끝까지의 CRC-32C. 읽을 때마다 견줍니다.", "CRC-32C of everything from attributes on, compared at every read.";
        Attributes: "비트 모음: 압축(0–2), 타임스탬프 종류(3), 트랜잭션(4), 컨트롤(5), 삭제 시한(6).", "Bits: compression (0–2), kind of timestamp (3), transactional (4), control (5), delete horizon (6).";
        LastOffsetDelta: "마지막 오프셋에서 baseOffset을 뺀 값. 압축 정리(compaction)로 레코드가 지워져도 남습니다.", "Last offset less baseOffset. It stays when compaction removes records.";
        BaseTimestamp: "레코드의 timestampDelta를 여기에 더합니다(Unix ms).", "Records' timestampDelta are added to this (Unix ms).";
        MaxTimestamp: "이 배치에서 가장 늦은 타임스탬프. 시간 인덱스와 보존 기간이 씁니다.", "The latest timestamp in the batch; for the time index and retention.";
        ProducerId: "멱등·트랜잭션 프로듀서의 번호. -1이면 없습니다.", "Number of an idempotent or transactional producer; -1 is none.";
        ProducerEpoch: "같은 프로듀서의 옛 프로세스를 막는 번호입니다.", "Fences former processes of the same producer.";
        BaseSequence: "첫 레코드의 순번. 같은 배치가 두 번 쓰이는 것을 막습니다.", "Sequence number of the first record; keeps a batch from being written twice.";
        RecordsCount: "배치에 든 레코드 수입니다.", "How many records are in the batch.";
        Length: "이 필드 뒤로 레코드 끝까지의 바이트 수(varint)입니다.", "Bytes from here to the end of the record (varint).";
        RecordAttributes: "쓰이지 않으며 늘 0입니다.", "Not used: always 0.";
        TimestampDelta: "baseTimestamp에 더할 값(varlong). 작을수록 짧게 적힙니다.", "To be added to baseTimestamp (varlong); small numbers take few bytes.";
        OffsetDelta: "baseOffset에 더할 값(varint)입니다.", "To be added to baseOffset (varint).";
        KeyLength: "키의 바이트 수. -1이면 null입니다.", "Bytes of the key; -1 is null.";
        Key: "키. 같은 키는 같은 파티션으로 갑니다.", "The key: equal keys go to the same partition.";
        ValueLength: "값의 바이트 수. -1이면 null, 곧 tombstone입니다.", "Bytes of the value; -1 is null: a tombstone.";
        Value: "값. Kafka는 들여다보지 않습니다.", "The value; Kafka does not look into it.";
        HeadersCount: "헤더의 수(varint)입니다.", "How many headers there are (varint).";
        HeaderKeyLength: "헤더 이름의 바이트 수입니다.", "Bytes of the header's name.";
        HeaderKey: "헤더의 이름(UTF-8)입니다.", "The header's name (UTF-8).";
        HeaderValueLength: "헤더 값의 바이트 수. -1이면 null입니다.", "Bytes of the header's value; -1 is null.";
        HeaderValue: "헤더의 값입니다.", "The header's value.";
        Records: "레코드 구역. 통째로 압축되었거나 읽을 수 없습니다.", "The records section: compressed as a whole, or not readable.";
        ControlKey: "컨트롤 레코드의 키: 버전과 종류(i16 둘). 컨슈머에게는 보이지 않습니다.", "Key of a control record: version and type, two i16. Consumers never see it.";
        ControlValue: "컨트롤 레코드의 값. 트랜잭션 표시라면 버전과 코디네이터 에포크입니다.", "Value of a control record; of a transaction marker: version and the coordinator's epoch.";
        RelativeOffset: "세그먼트의 baseOffset을 뺀 오프셋. 그래서 4바이트면 됩니다.", "The offset less the segment's base offset, so that 4 bytes are enough.";
        IndexPosition: "그 배치가 .log에서 시작하는 바이트입니다.", "Byte in the .log where that batch starts.";
        IndexTimestamp: "이 오프셋까지 나온 가장 늦은 타임스탬프(Unix ms)입니다.", "The latest timestamp up to this offset (Unix ms).";
        EntryVersion: "항목 형식의 버전입니다.", "Version of the entry's format.";
        FirstOffset: "중단된 트랜잭션의 첫 오프셋입니다.", "First offset of the aborted transaction.";
        LastOffset: "마지막 오프셋입니다.", "The last offset.";
        LastStableOffset: "중단될 때의 LSO(last stable offset)입니다.", "The last stable offset (LSO) when it was aborted.";
        LastSequence: "마지막 순번입니다.", "The last sequence number.";
        CoordinatorEpoch: "트랜잭션 코디네이터의 에포크입니다.", "Epoch of the transaction coordinator.";
        CurrentTxnFirstOffset: "열려 있는 트랜잭션의 첫 오프셋. -1이면 없습니다.", "First offset of the open transaction; -1 is none.";
        ProducersCount: "이어지는 프로듀서 항목의 수입니다.", "How many entries of producers follow.";
        Line: "글 한 줄입니다.", "A line of text.";
        UnusedRoom: "Kafka가 쓰는 동안 미리 잡아 둔 자리. 닫을 때 잘라 냅니다.", "Room that Kafka reserves while it writes; cut off at close.";
        UnreadBytes: "여기부터는 말이 되지 않아 읽지 않았습니다.", "From here on it makes no sense, so it was not read.";
    }
}

/// What the field of that name is for; `is_control`: of a control batch.
pub fn meaning(name: &str, in_record: bool, is_control: bool) -> FieldText {
    match (name, in_record) {
        ("baseOffset", _) => FieldText::BaseOffset,
        ("batchLength", _) => FieldText::BatchLength,
        ("partitionLeaderEpoch", _) => FieldText::PartitionLeaderEpoch,
        ("magic", _) => FieldText::Magic,
        ("crc" | "snapshotCrc", _) => FieldText::Crc,
        ("attributes", false) => FieldText::Attributes,
        ("attributes", true) => FieldText::RecordAttributes,
        ("lastOffsetDelta", _) => FieldText::LastOffsetDelta,
        ("baseTimestamp", _) => FieldText::BaseTimestamp,
        ("maxTimestamp" | "lastTimestamp", _) => FieldText::MaxTimestamp,
        ("producerId", _) => FieldText::ProducerId,
        ("producerEpoch", _) => FieldText::ProducerEpoch,
        ("baseSequence", _) => FieldText::BaseSequence,
        ("recordsCount", _) => FieldText::RecordsCount,
        ("length", _) => FieldText::Length,
        ("timestampDelta", _) => FieldText::TimestampDelta,
        ("offsetDelta", _) => FieldText::OffsetDelta,
        ("keyLength", _) => FieldText::KeyLength,
        ("key", _) if is_control => FieldText::ControlKey,
        ("value", _) if is_control => FieldText::ControlValue,
        ("key", _) => FieldText::Key,
        ("valueLength", _) => FieldText::ValueLength,
        ("value", _) => FieldText::Value,
        ("headersCount", _) => FieldText::HeadersCount,
        ("headerKeyLength", _) => FieldText::HeaderKeyLength,
        ("headerKey", _) => FieldText::HeaderKey,
        ("headerValueLength", _) => FieldText::HeaderValueLength,
        ("headerValue", _) => FieldText::HeaderValue,
        ("records", _) => FieldText::Records,
        ("relativeOffset", _) => FieldText::RelativeOffset,
        ("position", _) => FieldText::IndexPosition,
        ("indexTimestamp", _) => FieldText::IndexTimestamp,
        ("entryVersion" | "snapshotVersion", _) => FieldText::EntryVersion,
        ("firstOffset", _) => FieldText::FirstOffset,
        ("lastOffset", _) => FieldText::LastOffset,
        ("lastStableOffset", _) => FieldText::LastStableOffset,
        ("lastSequence", _) => FieldText::LastSequence,
        ("coordinatorEpoch", _) => FieldText::CoordinatorEpoch,
        ("currentTxnFirstOffset", _) => FieldText::CurrentTxnFirstOffset,
        ("producersCount", _) => FieldText::ProducersCount,
        ("unused", _) => FieldText::UnusedRoom,
        ("unread", _) => FieldText::UnreadBytes,
        _ => FieldText::Line,
    }
}

/// The virtual clock's time where the record was made by it, else Unix milliseconds.
pub fn time(ms: i64) -> String {
    match u64::try_from(ms.saturating_sub(EPOCH_MS)) {
        Ok(since) if since < 400 * 86_400_000 => SimTime::from_millis(since).to_string(),
        _ => format!("{ms} ms"),
    }
}

pub fn remark(remark: &Remark, lang: Lang) -> String {
    match remark {
        Remark::CrcMatches => lang.pick("맞습니다", "matches").to_string(),
        Remark::CrcDiffers { computed } => {
            say!(lang, "맞지 않습니다: 계산값 0x{computed:08x}", "does not match: 0x{computed:08x}")
        }
        Remark::Offset(offset) => say!(lang, "오프셋 {offset}", "offset {offset}"),
        Remark::Time(ms) => time(*ms),
        Remark::Null => "null".to_string(),
        Remark::Attributes(words) => words.clone(),
        Remark::Control(kind) => match kind {
            ControlRecordType::Abort => "ABORT".to_string(),
            ControlRecordType::Commit => "COMMIT".to_string(),
            other => format!("{other:?}"),
        },
        Remark::Marker(marker) => {
            let (word, epoch) =
                (if marker.commit { "COMMIT" } else { "ABORT" }, marker.coordinator_epoch);
            format!("{word} · coordinatorEpoch {epoch}")
        }
        Remark::Compressed("none") => lang.pick("읽을 수 없습니다", "not readable").to_string(),
        Remark::Compressed(codec) => say!(lang, "{codec}(으)로 압축됨", "compressed with {codec}"),
    }
}

/// A compressed batch in one sentence.
pub fn compressed(codec: CompressionType, lang: Lang) -> String {
    say!(
        lang,
        "이 배치의 레코드들은 {codec}(으)로 한 덩어리로 압축되어 있어, 낱낱의 필드는 풀고 나서야 보입니다.",
        "The records of this batch are compressed with {codec} as one piece; single fields can be seen only after unpacking."
    )
}

pub fn codecs_sample(records: usize, batches: usize, lang: Lang) -> String {
    say!(lang, "레코드 {records}건, 배치 {batches}개", "{records} records in {batches} batches")
}

/// A large file is dumped up to a place only.
pub fn dump_cut(at: usize, lang: Lang) -> String {
    let at = format::number(at as u64);
    say!(
        lang,
        "파일이 커서 {at}바이트까지만 덤프했습니다.",
        "A large file: dumped up to byte {at}."
    )
}

pub fn bytes_of(from: usize, to: usize, len: usize, lang: Lang) -> String {
    let (from, to, len) =
        (format::number(from as u64), format::number(to as u64), format::number(len as u64));
    say!(lang, "{len}바이트 가운데 {from}–{to}", "bytes {from}–{to} of {len}")
}

/// Where a file stops making sense, and why.
pub fn damage(damage: &Damage, lang: Lang) -> String {
    let position = damage.position();
    let at = format::number(position);
    match damage {
        Damage::Batch(corrupt) => corrupt_at(corrupt, lang),
        Damage::OffsetsOverlap { base_offset, after, .. } => say!(
            lang,
            "{at}번째 바이트: 오프셋 {base_offset}에서 시작하는 배치가 앞 배치의 끝({after})보다 앞섭니다. 여기까지만 읽었습니다.",
            "Byte {at}: a batch begins at offset {base_offset}, before the end of the one before it ({after}). Read up to here."
        ),
        Damage::PartOfEntry { left, .. } => say!(
            lang,
            "{at}번째 바이트: 파일이 항목 중간에서 끝나 {left}바이트가 남습니다.",
            "Byte {at}: the file ends inside an entry; {left} bytes are left over."
        ),
        Damage::EntryOutOfOrder { .. } => say!(
            lang,
            "{at}번째 바이트: 항목이 앞 항목보다 뒤가 아닙니다. 여기까지만 읽었습니다.",
            "Byte {at}: the entry does not come after the one before it. Read up to here."
        ),
    }
}

fn corrupt_at(corrupt: &CorruptRecord, lang: Lang) -> String {
    let at = format::number(corrupt.position);
    let what = match corrupt.reason {
        CorruptReason::Truncated { needed, available } => say!(
            lang,
            "배치에 {needed}바이트가 있어야 하는데 {available}바이트에서 파일이 끝납니다. 쓰다가 끊긴 자리이며, 시작할 때 Kafka가 잘라 냅니다.",
            "the batch needs {needed} bytes but the file ends after {available}: a torn write, which Kafka cuts off at its start."
        ),
        CorruptReason::TrailingBytes { count } => {
            say!(lang, "배치 뒤에 {count}바이트가 더 있습니다.", "{count} bytes follow the batch.")
        }
        CorruptReason::LengthTooSmall { batch_length } => say!(
            lang,
            "batchLength {batch_length}은(는) 배치 헤더보다 작습니다.",
            "batchLength {batch_length} is smaller than a batch header."
        ),
        CorruptReason::UnsupportedMagic { magic } => say!(
            lang,
            "magic이 {magic}입니다. 여기에서는 2(Kafka 0.11부터)만 읽습니다.",
            "magic is {magic}; only 2 (since Kafka 0.11) is read here."
        ),
        CorruptReason::CrcMismatch { stored, computed } => say!(
            lang,
            "CRC가 맞지 않습니다(적힌 값 0x{stored:08x}, 계산값 0x{computed:08x}).",
            "the CRC does not match (stored 0x{stored:08x}, computed 0x{computed:08x})."
        ),
        CorruptReason::UnknownCompression { id } => {
            say!(lang, "압축 종류 {id}은(는) 없습니다.", "compression type {id} does not exist.")
        }
        CorruptReason::NegativeBaseOffset { base_offset } => say!(
            lang,
            "baseOffset {base_offset}은(는) 있을 수 없는 값입니다.",
            "baseOffset {base_offset} is out of range."
        ),
        CorruptReason::InvalidLastOffsetDelta { last_offset_delta } => say!(
            lang,
            "lastOffsetDelta {last_offset_delta}은(는) 있을 수 없는 값입니다.",
            "lastOffsetDelta {last_offset_delta} is out of range."
        ),
        CorruptReason::InvalidRecordsCount { records_count } => say!(
            lang,
            "recordsCount {records_count}이(가) 배치와 맞지 않습니다.",
            "recordsCount {records_count} does not fit the batch."
        ),
        other => {
            let other = other.to_string();
            say!(lang, "읽을 수 없습니다({other}).", "{other}.")
        }
    };
    say!(lang, "{at}번째 바이트: {what}", "Byte {at}: {what}")
}
