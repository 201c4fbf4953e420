//! Transactions in words: what their coordinator decides, what becomes of them in the logs, what producers do.

use super::Teller;
use crate::event::{DecisionReason, TransactionCall, TransactionEvent};
use crate::ids::TopicPartition;
use crate::protocol::{CommittedOffset, ProducerIdAndEpoch};
use crate::script::lang::{Lang, say};

/// More than these are counted, not named.
const NAMED_MAX: usize = 8;

impl Teller<'_> {
    pub(super) fn transaction(&self, event: &TransactionEvent) -> String {
        let place = &self.place;
        match event {
            TransactionEvent::Loaded { partition, transactional_ids } => say!(
                self.lang,
                "{place}이(가) {partition}을(를) 읽고 트랜잭션 코디네이터가 되었습니다. transactional.id {transactional_ids}개가 있습니다.",
                "{place} has read {partition} and coordinates its transactions: transactional ids {transactional_ids}."
            ),
            TransactionEvent::Unloaded { partition } => say!(
                self.lang,
                "{place}은(는) 더는 {partition}의 리더가 아니므로 그 트랜잭션들의 코디네이터가 아닙니다.",
                "{place} leads {partition} no more, and so coordinates its transactions no more."
            ),
            TransactionEvent::ProducerInitialized { transactional_id, producer } => {
                let producer = producer_text(*producer);
                say!(
                    self.lang,
                    "이제 transactional.id {transactional_id}의 프로듀서는 {producer}입니다. 더 낮은 epoch의 프로듀서는 차단(fencing)됩니다.",
                    "The producer of transactional id {transactional_id} is {producer} now; one of a lower epoch is fenced."
                )
            }
            TransactionEvent::PartitionsAdded { transactional_id, partitions, .. } => {
                let partitions = partitions_text(partitions, self.lang);
                say!(
                    self.lang,
                    "{transactional_id}의 트랜잭션에 {partitions} 파티션이 들어갔습니다.",
                    "Part of the transaction of {transactional_id} now: {partitions}."
                )
            }
            TransactionEvent::Decided {
                transactional_id,
                producer,
                commit,
                reason,
                partitions,
            } => {
                let outcome = outcome_text(*commit, self.lang);
                let (why, partitions) =
                    (reason_text(*reason, self.lang), partitions_text(partitions, self.lang));
                let producer = producer_text(*producer);
                say!(
                    self.lang,
                    "{transactional_id}의 트랜잭션이 {outcome}(으)로 정해졌습니다. {why} 마커는 {producer}(으)로 갑니다: {partitions}.",
                    "The transaction of {transactional_id} will be {outcome}: {why} Markers of {producer} go to: {partitions}."
                )
            }
            TransactionEvent::Completed { transactional_id, commit, .. } => {
                let outcome = outcome_text(*commit, self.lang);
                say!(
                    self.lang,
                    "{transactional_id}의 트랜잭션이 모든 파티션에서 {outcome}(으)로 끝났습니다.",
                    "The transaction of {transactional_id} is {outcome} in all of its partitions."
                )
            }
            TransactionEvent::RequestRefused { transactional_id, api, error, epochs } => {
                let (api, (asked, own)) = (api.name(), epochs);
                say!(
                    self.lang,
                    "{place}이(가) {transactional_id}의 {api} 요청을 거절했습니다: {error}(요청의 epoch {asked}, 코디네이터가 아는 epoch {own}).",
                    "{place} refused {api} for {transactional_id}: {error} (epoch of the request {asked}, known to the coordinator {own})."
                )
            }
            TransactionEvent::Expired { transactional_id } => say!(
                self.lang,
                "transactional.id {transactional_id}이(가) transactional.id.expiration.ms를 넘겨 지워졌습니다.",
                "Transactional id {transactional_id} is gone after transactional.id.expiration.ms."
            ),
            TransactionEvent::MarkerWritten { partition, producer, commit, offset, .. } => {
                let (kind, producer) = (marker_text(*commit), producer_text(*producer));
                say!(
                    self.lang,
                    "{place}이(가) {partition}의 오프셋 {offset}에 {kind} 마커를 썼습니다({producer}).",
                    "{place} wrote the {kind} marker at offset {offset} of {partition} ({producer})."
                )
            }
            TransactionEvent::LastStableOffsetMoved { partition, from, to, high_watermark } => {
                say!(
                    self.lang,
                    "{partition}의 last stable offset(LSO)이 {from}에서 {to}(으)로 갔습니다(high watermark {high_watermark}). read_committed 컨슈머는 여기까지 읽습니다.",
                    "The last stable offset (LSO) of {partition} went from {from} to {to} (high watermark {high_watermark}): consumers with read_committed read up to it."
                )
            }
            TransactionEvent::OffsetsResolved { group, commit: true, offsets, .. } => {
                let offsets = offsets_text(offsets);
                say!(
                    self.lang,
                    "트랜잭션과 함께 커밋된 그룹 {group}의 오프셋이 유효해졌습니다: {offsets}.",
                    "Offsets of group {group} hold, as their transaction is committed: {offsets}."
                )
            }
            TransactionEvent::OffsetsResolved { group, commit: false, offsets, .. } => {
                let offsets = offsets_text(offsets);
                say!(
                    self.lang,
                    "트랜잭션이 중단되어 그룹 {group}의 오프셋은 없던 일이 되었습니다: {offsets}.",
                    "Offsets of group {group} are forgotten, as their transaction is aborted: {offsets}."
                )
            }
            TransactionEvent::CoordinatorFound { transactional_id, coordinator, .. } => say!(
                self.lang,
                "{place}이(가) {transactional_id}의 트랜잭션 코디네이터가 {coordinator}임을 알았습니다.",
                "{place} learned that {coordinator} coordinates the transactions of {transactional_id}."
            ),
            TransactionEvent::Began { number, .. } => say!(
                self.lang,
                "{place}이(가) {number}번째 트랜잭션을 시작했습니다.",
                "{place} began its transaction {number}."
            ),
            TransactionEvent::Ending { number, commit, .. } => {
                let deed = if *commit {
                    self.lang.pick("커밋", "commit")
                } else {
                    self.lang.pick("중단", "abort")
                };
                say!(
                    self.lang,
                    "{place}의 애플리케이션이 {number}번째 트랜잭션의 {deed}을(를) 요청했습니다.",
                    "The application of {place} asked to {deed} its transaction {number}."
                )
            }
            TransactionEvent::Ended { number, commit, .. } => {
                let outcome = outcome_text(*commit, self.lang);
                say!(
                    self.lang,
                    "{place}의 {number}번째 트랜잭션이 {outcome}되었습니다.",
                    "Transaction {number} of {place} is {outcome}."
                )
            }
            TransactionEvent::OffsetsSent { group, offsets, .. } => {
                let offsets = offsets_text(offsets);
                say!(
                    self.lang,
                    "{place}이(가) 그룹 {group}의 오프셋을 트랜잭션에 넣었습니다: {offsets}.",
                    "{place} put offsets of group {group} into its transaction: {offsets}."
                )
            }
            TransactionEvent::Failed { error, done: false, .. } => say!(
                self.lang,
                "{place}의 트랜잭션은 이제 중단할 수만 있습니다: {error}.",
                "The transaction of {place} can only be aborted now: {error}."
            ),
            TransactionEvent::Failed { error, done: true, .. } => say!(
                self.lang,
                "{place}은(는) 더 쓸 수 없는 프로듀서가 되었습니다: {error}. 닫고 새로 만들어야 합니다.",
                "{place} is of no more use as a producer: {error}. It has to be closed and made anew."
            ),
            TransactionEvent::CallRefused { call, .. } => {
                let call = call_text(*call);
                say!(
                    self.lang,
                    "{place}의 애플리케이션이 지금은 맞지 않는 {call}을(를) 불렀습니다(IllegalStateException).",
                    "The application of {place} called {call}, which does not fit now (IllegalStateException)."
                )
            }
        }
    }
}

fn call_text(call: TransactionCall) -> &'static str {
    match call {
        TransactionCall::Begin => "beginTransaction",
        TransactionCall::Send => "send",
        TransactionCall::SendOffsets => "sendOffsetsToTransaction",
        TransactionCall::Commit => "commitTransaction",
        TransactionCall::Abort => "abortTransaction",
    }
}

fn producer_text(producer: ProducerIdAndEpoch) -> String {
    format!("producer id {}, epoch {}", producer.producer_id, producer.epoch)
}

fn marker_text(commit: bool) -> &'static str {
    if commit { "COMMIT" } else { "ABORT" }
}

fn outcome_text(commit: bool, lang: Lang) -> &'static str {
    if commit { lang.pick("커밋", "committed") } else { lang.pick("중단", "aborted") }
}

fn reason_text(reason: DecisionReason, lang: Lang) -> &'static str {
    let (ko, en) = match reason {
        DecisionReason::Asked => ("프로듀서가 그렇게 요청했습니다.", "its producer said so."),
        DecisionReason::TimedOut => (
            "transaction.timeout.ms가 지나도록 열려 있었습니다.",
            "it was open for longer than transaction.timeout.ms.",
        ),
        DecisionReason::Fenced => (
            "같은 transactional.id로 새 프로듀서가 왔습니다.",
            "another producer came with the same transactional id.",
        ),
        DecisionReason::Recovered => {
            ("이전 코디네이터가 정해 두었습니다.", "an earlier coordinator had decided so.")
        }
    };
    lang.pick(ko, en)
}

fn partitions_text(partitions: &[TopicPartition], lang: Lang) -> String {
    match partitions.len() {
        0 => lang.pick("없음", "none").to_string(),
        len if len > NAMED_MAX => say!(lang, "{len}개", "{len} partitions"),
        _ => partitions.iter().map(|id| id.to_string()).collect::<Vec<_>>().join(", "),
    }
}

fn offsets_text(offsets: &[(TopicPartition, CommittedOffset)]) -> String {
    let each = offsets.iter().map(|(id, committed)| format!("{id} @ {}", committed.offset));
    each.collect::<Vec<_>>().join(", ")
}
