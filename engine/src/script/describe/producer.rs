//! What happens in a producer between `send` and the answer, in words.

use super::Teller;
use crate::event::{BatchStage, FailureReason};
use crate::ids::TopicPartition;
use crate::protocol::{KafkaError, ProducerIdAndEpoch};
use crate::script::lang::say;

impl Teller<'_> {
    pub(super) fn record_failed(
        &self,
        partition: &TopicPartition,
        sequence: u64,
        error: KafkaError,
        reason: FailureReason,
    ) -> String {
        let (place, n) = (&self.place, sequence + 1);
        let why = match reason {
            FailureReason::Refused => error.to_string(),
            FailureReason::RetriesExhausted => {
                say!(
                    self.lang,
                    "{error}, retries를 다 썼습니다",
                    "{error}, and retries are used up"
                )
            }
            FailureReason::DeliveryTimeout => say!(
                self.lang,
                "delivery.timeout.ms가 지났습니다(TimeoutException)",
                "delivery.timeout.ms has passed (TimeoutException)"
            ),
            FailureReason::NoMetadata => say!(
                self.lang,
                "max.block.ms 동안 토픽의 메타데이터를 얻지 못했습니다(TimeoutException)",
                "no metadata of the topic within max.block.ms (TimeoutException)"
            ),
            FailureReason::BufferExhausted => say!(
                self.lang,
                "max.block.ms 동안 buffer.memory에 자리가 나지 않았습니다(TimeoutException)",
                "no room in buffer.memory within max.block.ms (TimeoutException)"
            ),
            FailureReason::TransactionAborted => say!(
                self.lang,
                "보내기 전에 트랜잭션이 중단되었습니다(TransactionAbortedException)",
                "its transaction was aborted before it was sent (TransactionAbortedException)"
            ),
        };
        say!(
            self.lang,
            "{place}이(가) {partition}(으)로 보내던 {n}번째 레코드를 포기했습니다: {why}.",
            "{place} gave up on its record {n} for {partition}: {why}."
        )
    }

    pub(super) fn send_blocked(
        &self,
        partition: &TopicPartition,
        needed: u64,
        free: u64,
    ) -> String {
        let place = &self.place;
        say!(
            self.lang,
            "{place}의 send가 멈춰 기다립니다. {partition}의 새 배치에 {needed} B가 필요한데 buffer.memory에 {free} B만 남았습니다.",
            "send of {place} blocks: a new batch for {partition} needs {needed} B, and buffer.memory has {free} B left."
        )
    }

    pub(super) fn batch_advanced(
        &self,
        partition: &TopicPartition,
        batch: u64,
        stage: &BatchStage,
    ) -> String {
        match *stage {
            BatchStage::Created => self.batch_created(partition, batch),
            BatchStage::Filled { records, bytes } => {
                self.batch_filled(partition, batch, (records, bytes))
            }
            BatchStage::Lingered { records } => self.batch_lingered(partition, batch, records),
            BatchStage::Drained { records, attempt, sequence } => {
                self.batch_drained(partition, (batch, records, attempt), sequence)
            }
            BatchStage::Expired { records, was_sent } => {
                self.batch_expired(partition, (batch, records), was_sent)
            }
            BatchStage::Split { parts } => self.batch_split(partition, batch, parts),
        }
    }

    fn batch_created(&self, partition: &TopicPartition, batch: u64) -> String {
        let place = &self.place;
        say!(
            self.lang,
            "{place}이(가) {partition}에 보낼 배치 {batch}을(를) 열었습니다.",
            "{place} began batch {batch} for {partition}."
        )
    }

    fn batch_filled(
        &self,
        partition: &TopicPartition,
        batch: u64,
        (records, bytes): (u32, u64),
    ) -> String {
        let place = &self.place;
        say!(
            self.lang,
            "{place}의 배치 {batch}({partition})이(가) 찼습니다: 레코드 {records}개, {bytes} B.",
            "Batch {batch} of {place} for {partition} is full: records {records}, {bytes} B."
        )
    }

    fn batch_lingered(&self, partition: &TopicPartition, batch: u64, records: u32) -> String {
        let place = &self.place;
        say!(
            self.lang,
            "{place}의 배치 {batch}({partition})이(가) linger.ms만큼 기다렸습니다: 레코드 {records}개.",
            "Batch {batch} of {place} for {partition} has lingered for linger.ms: records {records}."
        )
    }

    fn batch_drained(
        &self,
        partition: &TopicPartition,
        (batch, records, attempt): (u64, u32, u32),
        sequence: Option<(ProducerIdAndEpoch, i32)>,
    ) -> String {
        let place = &self.place;
        let number = match sequence {
            None => String::new(),
            Some((id, first)) => {
                let (id, epoch) = (id.producer_id, id.epoch);
                say!(
                    self.lang,
                    ", producer id {id}, epoch {epoch}, 시퀀스 {first}부터",
                    ", producer id {id}, epoch {epoch}, from sequence {first} on"
                )
            }
        };
        say!(
            self.lang,
            "{place}이(가) 배치 {batch}을(를) {partition}의 리더에게 보냅니다({attempt}번째): 레코드 {records}개{number}.",
            "{place} sends batch {batch} to the leader of {partition} (attempt {attempt}): records {records}{number}."
        )
    }

    pub(super) fn retried(
        &self,
        partition: &TopicPartition,
        batch: u64,
        error: Option<KafkaError>,
    ) -> String {
        let place = &self.place;
        match error {
            Some(error) => say!(
                self.lang,
                "{place}이(가) 받은 응답은 {error}입니다. {partition}의 배치 {batch}을(를) 다시 보냅니다.",
                "{place} will send batch {batch} for {partition} again: the answer was {error}."
            ),
            None => say!(
                self.lang,
                "{place}이(가) 응답을 받지 못했습니다. {partition}의 배치 {batch}을(를) 다시 보냅니다.",
                "{place} got no answer and will send batch {batch} for {partition} again."
            ),
        }
    }

    fn batch_expired(
        &self,
        partition: &TopicPartition,
        (batch, records): (u64, u32),
        was_sent: bool,
    ) -> String {
        let place = &self.place;
        match was_sent {
            true => say!(
                self.lang,
                "{place}의 배치 {batch}({partition}, 레코드 {records}개)이(가) delivery.timeout.ms를 넘겼습니다. 보낸 적이 있으므로 저장되었을 수도 있습니다.",
                "Batch {batch} of {place} for {partition} (records {records}) is past delivery.timeout.ms. It was sent, so it may be stored all the same."
            ),
            false => say!(
                self.lang,
                "{place}의 배치 {batch}({partition}, 레코드 {records}개)이(가) 한 번도 보내지 못한 채 delivery.timeout.ms를 넘겼습니다.",
                "Batch {batch} of {place} for {partition} (records {records}) is past delivery.timeout.ms without ever having been sent."
            ),
        }
    }

    fn batch_split(
        &self,
        partition: &TopicPartition,
        batch: u64,
        (first, last): (u64, u64),
    ) -> String {
        let (place, parts) = (&self.place, last + 1 - first);
        say!(
            self.lang,
            "{place}의 배치 {batch}({partition})이(가) 리더에게 너무 컸습니다(MESSAGE_TOO_LARGE). {parts}개로 나누어 다시 보냅니다.",
            "Batch {batch} of {place} for {partition} was too large for the leader (MESSAGE_TOO_LARGE): it goes again, in parts: {parts}."
        )
    }

    pub(super) fn producer_id_assigned(&self, producer: ProducerIdAndEpoch) -> String {
        let (place, id, epoch) = (&self.place, producer.producer_id, producer.epoch);
        say!(
            self.lang,
            "{place}이(가) producer id {id}을(를) 받았습니다(epoch {epoch}).",
            "{place} was given producer id {id} (epoch {epoch})."
        )
    }

    pub(super) fn epoch_bumped(
        &self,
        producer: ProducerIdAndEpoch,
        partitions: &[TopicPartition],
    ) -> String {
        let (place, epoch) = (&self.place, producer.epoch);
        let partitions: Vec<_> = partitions.iter().map(TopicPartition::to_string).collect();
        let partitions = partitions.join(", ");
        say!(
            self.lang,
            "{place}이(가) epoch를 {epoch}(으)로 올렸습니다. {partitions}의 시퀀스를 0부터 다시 셉니다.",
            "{place} went to epoch {epoch}: sequence numbers of {partitions} begin again with 0."
        )
    }

    pub(super) fn duplicate_recognised(
        &self,
        partition: &TopicPartition,
        producer_id: i64,
        (first, last): (i32, i32),
        base_offset: i64,
    ) -> String {
        let place = &self.place;
        say!(
            self.lang,
            "{place}이(가) {partition}에 이미 있는 배치를 알아보았습니다(producer id {producer_id}, 시퀀스 {first}-{last}). 다시 쓰지 않고 그때의 오프셋 {base_offset}(으)로 답합니다.",
            "{place} knows the batch already in {partition} (producer id {producer_id}, sequences {first}-{last}): it does not write it again, and answers with its offset {base_offset}."
        )
    }

    pub(super) fn sequence_refused(
        &self,
        partition: &TopicPartition,
        producer: ProducerIdAndEpoch,
        (first, expected): (i32, Option<i32>),
        current: i16,
    ) -> String {
        let (place, id, epoch) = (&self.place, producer.producer_id, producer.epoch);
        match expected {
            Some(expected) => say!(
                self.lang,
                "{place}이(가) {partition}의 배치를 거절했습니다(producer id {id}): 시퀀스 {expected}이(가) 와야 하는데 {first}이(가) 왔습니다(OUT_OF_ORDER_SEQUENCE_NUMBER).",
                "{place} refused a batch for {partition} (producer id {id}): sequence {first} came where {expected} was next (OUT_OF_ORDER_SEQUENCE_NUMBER)."
            ),
            None => say!(
                self.lang,
                "{place}이(가) {partition}의 배치를 거절했습니다(producer id {id}): epoch {epoch}은(는) 지났고 지금은 {current}입니다(INVALID_PRODUCER_EPOCH).",
                "{place} refused a batch for {partition} (producer id {id}): epoch {epoch} is over, it is {current} now (INVALID_PRODUCER_EPOCH)."
            ),
        }
    }
}
