//! What the controller does, in words.

use super::Teller;
use crate::controller::metadata_record::MetadataRecord;
use crate::event::{ChangeReason, FenceReason};
use crate::ids::{NodeId, TopicPartition, Uuid};
use crate::protocol::KafkaError;
use crate::script::condition::state::ids_text;
use crate::script::lang::say;

impl Teller<'_> {
    pub(super) fn registered(&self, broker: NodeId, epoch: i64) -> String {
        say!(
            self.lang,
            "컨트롤러가 {broker}을(를) 등록했습니다(broker epoch {epoch}). 메타데이터를 따라잡을 때까지 fenced 상태입니다.",
            "The controller registered {broker} (broker epoch {epoch}); it stays fenced until it has caught up with the metadata."
        )
    }

    pub(super) fn fenced(&self, broker: NodeId, reason: FenceReason) -> String {
        match reason {
            FenceReason::SessionExpired => say!(
                self.lang,
                "{broker}의 하트비트가 broker.session.timeout.ms 동안 오지 않아 컨트롤러가 fenced 상태로 바꿨습니다.",
                "The controller fenced {broker}: no heartbeat for broker.session.timeout.ms."
            ),
            FenceReason::ControlledShutdown => say!(
                self.lang,
                "{broker}이(가) 더는 리더가 아니어서 컨트롤러가 fenced 상태로 바꿨습니다. 이제 종료해도 됩니다.",
                "The controller fenced {broker}: it leads nothing any more and may stop."
            ),
        }
    }

    pub(super) fn unfenced(&self, broker: NodeId) -> String {
        say!(
            self.lang,
            "{broker}이(가) 메타데이터를 따라잡아 일할 수 있게 되었습니다(unfenced).",
            "The controller unfenced {broker}: it has caught up with the metadata and may serve."
        )
    }

    pub(super) fn unregistered(&self, broker: NodeId) -> String {
        say!(
            self.lang,
            "컨트롤러가 {broker}의 등록을 지웠습니다. 다시 시작하기 전까지 하트비트는 STALE_BROKER_EPOCH로 거절됩니다.",
            "The controller removed the registration of {broker}; until it is started anew its heartbeats are refused with STALE_BROKER_EPOCH."
        )
    }

    pub(super) fn topic_deleted(&self, topic: &str, topic_id: Uuid) -> String {
        say!(
            self.lang,
            "컨트롤러가 토픽 {topic}(topic id {topic_id})을(를) 지웠습니다. 브로커마다 자기 레플리카를 치웁니다.",
            "The controller deleted topic {topic} (topic id {topic_id}); every broker puts its replicas of it away."
        )
    }

    pub(super) fn metadata_appended(&self, offset: i64, record: &MetadataRecord) -> String {
        let (place, record) = (&self.place, record.type_name());
        say!(
            self.lang,
            "{place}이(가) 메타데이터 로그의 오프셋 {offset}에 {record}을(를) 썼습니다.",
            "{place} wrote {record} to the metadata log at offset {offset}."
        )
    }

    pub(super) fn metadata_applied(&self, node: NodeId, offset: i64) -> String {
        say!(
            self.lang,
            "{node}이(가) 메타데이터를 오프셋 {offset}까지 받아들였습니다.",
            "{node} applied the metadata up to offset {offset}."
        )
    }

    pub(super) fn elected(
        &self,
        partition: &TopicPartition,
        leader: Option<NodeId>,
        epoch: i32,
        unclean: bool,
        reason: ChangeReason,
    ) -> String {
        let why = self.reason(reason);
        match leader {
            Some(leader) if unclean => say!(
                self.lang,
                "컨트롤러가 ISR 밖의 {leader}을(를) {partition}의 리더로 정했습니다(leader epoch {epoch}). 커밋된 레코드를 잃을 수 있습니다. {why}",
                "The controller made {leader} leader of {partition} (leader epoch {epoch}) although it was not in the ISR; committed records may be lost. {why}"
            ),
            Some(leader) => say!(
                self.lang,
                "컨트롤러가 {leader}을(를) {partition}의 리더로 정했습니다(leader epoch {epoch}). {why}",
                "The controller made {leader} leader of {partition} (leader epoch {epoch}). {why}"
            ),
            None => say!(
                self.lang,
                "{partition}에는 이제 리더가 없습니다(leader epoch {epoch}). ISR에서 리더가 될 수 있는 브로커가 없습니다. {why}",
                "{partition} has no leader now (leader epoch {epoch}): nobody in its ISR can lead. {why}"
            ),
        }
    }

    pub(super) fn isr_changed(
        &self,
        partition: &TopicPartition,
        isr: &[NodeId],
        epoch: i32,
        reason: ChangeReason,
    ) -> String {
        let (isr, why) = (ids_text(isr), self.reason(reason));
        say!(
            self.lang,
            "컨트롤러가 {partition}의 ISR을 [{isr}](으)로 적었습니다(partition epoch {epoch}). {why}",
            "The controller made [{isr}] the ISR of {partition} (partition epoch {epoch}). {why}"
        )
    }

    pub(super) fn isr_refused(&self, partition: &TopicPartition, error: KafkaError) -> String {
        let place = &self.place;
        say!(
            self.lang,
            "컨트롤러가 {place}이(가) 요청한 {partition}의 ISR 변경을 거절했습니다: {error}.",
            "The controller refused the ISR that {place} proposed for {partition}: {error}."
        )
    }

    pub(super) fn election_refused(&self, partition: &TopicPartition, error: KafkaError) -> String {
        match error {
            KafkaError::ElectionNotNeeded => say!(
                self.lang,
                "{partition}의 리더는 이미 요청한 대로입니다: {error}.",
                "{partition} has the leader already that was asked for: {error}."
            ),
            _ => say!(
                self.lang,
                "{partition}의 리더를 바꾸지 않았습니다. 지금 리더가 될 수 있는 레플리카가 없습니다: {error}.",
                "The leader of {partition} stays as it is, because no such replica can lead now: {error}."
            ),
        }
    }

    /// Why a partition changed, as a sentence of its own.
    pub(super) fn reason(&self, reason: ChangeReason) -> String {
        match reason {
            ChangeReason::TopicCreated => {
                say!(self.lang, "토픽을 만들었기 때문입니다.", "The topic was created.")
            }
            ChangeReason::PartitionsAdded => {
                say!(self.lang, "파티션을 늘렸기 때문입니다.", "Partitions were added.")
            }
            ChangeReason::TopicDeleted => {
                say!(self.lang, "토픽을 지웠기 때문입니다.", "The topic was deleted.")
            }
            ChangeReason::IsrRequested => say!(
                self.lang,
                "리더가 AlterPartition으로 요청했습니다.",
                "The leader asked by AlterPartition."
            ),
            ChangeReason::BrokerFenced(node) => {
                say!(
                    self.lang,
                    "{node}이(가) fenced 상태가 되었기 때문입니다.",
                    "{node} was fenced."
                )
            }
            ChangeReason::BrokerUnfenced(node) => {
                say!(self.lang, "{node}이(가) 돌아왔기 때문입니다.", "{node} is back.")
            }
            ChangeReason::ControlledShutdown(node) => {
                say!(self.lang, "{node}이(가) 종료하기 때문입니다.", "{node} is shutting down.")
            }
            ChangeReason::BrokerUnregistered(node) => {
                say!(self.lang, "{node}의 등록이 지워졌기 때문입니다.", "{node} was unregistered.")
            }
            ChangeReason::BrokerRestarted(node) => {
                say!(self.lang, "{node}이(가) 새로 등록했기 때문입니다.", "{node} registered anew.")
            }
            ChangeReason::UncleanShutdown(node) => say!(
                self.lang,
                "{node}이(가) 정상 종료 표시(.kafka_cleanshutdown) 없이 돌아와, 가지고 있던 레코드를 잃었을 수 있기 때문입니다.",
                "{node} came back without the mark of a clean shutdown (.kafka_cleanshutdown) and may have lost what it had."
            ),
            ChangeReason::ReassignmentAsked => say!(
                self.lang,
                "kafka-reassign-partitions.sh로 요청했습니다.",
                "It was asked for by kafka-reassign-partitions.sh."
            ),
            ChangeReason::UncleanElection => say!(
                self.lang,
                "리더가 없고 unclean.leader.election.enable=true이기 때문입니다.",
                "Nobody led, and unclean.leader.election.enable=true."
            ),
            ChangeReason::ElectionAsked => say!(
                self.lang,
                "kafka-leader-election.sh로 요청했습니다.",
                "It was asked for by kafka-leader-election.sh."
            ),
            ChangeReason::LeadersBalanced => say!(
                self.lang,
                "첫 레플리카(preferred leader)가 다시 리더가 될 수 있기 때문입니다.",
                "The first replica, the preferred leader, can lead again."
            ),
            ChangeReason::EarlierController => say!(
                self.lang,
                "앞선 컨트롤러가 적어 둔 변경입니다.",
                "An earlier controller had written it."
            ),
            ChangeReason::ProducerIdsAsked => {
                say!(
                    self.lang,
                    "브로커에 나누어 줄 producer id가 없었습니다.",
                    "A broker had no producer ids left."
                )
            }
            ChangeReason::ConfigChanged => {
                say!(self.lang, "설정이 바뀌었기 때문입니다.", "A config changed.")
            }
        }
    }
}
