//! From which replica a consumer reads, in words (KIP-392).

use super::Teller;
use crate::event::{ReadReplicaChange, ReadReplicaReason};
use crate::ids::{Address, ClientId, NodeId, TopicPartition};
use crate::script::lang::say;
use crate::sim::time::SimTime;

impl Teller<'_> {
    pub(super) fn read_replica_changed(
        &self,
        client: ClientId,
        partition: &TopicPartition,
        replica: NodeId,
        change: &ReadReplicaChange,
    ) -> String {
        match change {
            ReadReplicaChange::Named { rack, log_end_offset } => {
                self.read_replica_named(partition, client, replica, rack, *log_end_offset)
            }
            ReadReplicaChange::Taken { expires } => {
                self.read_replica_taken(partition, replica, *expires)
            }
            ReadReplicaChange::Left(reason) => self.read_replica_left(partition, replica, *reason),
        }
    }

    fn read_replica_named(
        &self,
        partition: &TopicPartition,
        client: ClientId,
        replica: NodeId,
        rack: &str,
        log_end_offset: i64,
    ) -> String {
        let (place, client) = (&self.place, self.names.name_of(Address::Client(client)));
        say!(
            self.lang,
            "{place}이(가) {client}에게 {partition}을(를) {replica}에서 읽으라고 답합니다. {replica}은(는) 컨슈머와 같은 랙 {rack}에 있고, ISR에 있으며, 로그가 오프셋 {log_end_offset}까지 차 있습니다.",
            "{place} sends {client} to {replica} for {partition}: it stands in the consumer's rack {rack}, is in the ISR, and its log reaches up to offset {log_end_offset}."
        )
    }

    fn read_replica_taken(
        &self,
        partition: &TopicPartition,
        replica: NodeId,
        expires: SimTime,
    ) -> String {
        let place = &self.place;
        say!(
            self.lang,
            "{place}이(가) 이제 {partition}을(를) 팔로워 {replica}에서 읽습니다. {expires}이(가) 지나면 리더에게 다시 묻습니다.",
            "{place} reads {partition} from its follower {replica} from now on; after {expires} it asks the leader again."
        )
    }

    fn read_replica_left(
        &self,
        partition: &TopicPartition,
        replica: NodeId,
        reason: ReadReplicaReason,
    ) -> String {
        let place = &self.place;
        let why = match reason {
            ReadReplicaReason::LeaseExpired => say!(
                self.lang,
                "metadata.max.age.ms가 지나서 리더가 다시 고를 차례입니다",
                "metadata.max.age.ms have passed, and the leader is to choose anew"
            ),
            ReadReplicaReason::Offline => say!(
                self.lang,
                "메타데이터에 {replica}이(가) 오프라인으로 나옵니다",
                "the metadata say that {replica} is offline"
            ),
            ReadReplicaReason::NewLeader => say!(
                self.lang,
                "파티션의 leader epoch가 바뀌었습니다",
                "the partition is in another leader epoch"
            ),
            ReadReplicaReason::Unreachable => {
                say!(self.lang, "{replica}이(가) 답하지 않습니다", "{replica} does not answer")
            }
            ReadReplicaReason::Refused(error) => {
                say!(self.lang, "{replica}의 답이 {error}입니다", "{replica} answered {error}")
            }
        };
        say!(
            self.lang,
            "{place}이(가) {partition}을(를) {replica} 대신 리더에서 읽습니다: {why}.",
            "{place} reads {partition} from the leader again, not from {replica}: {why}."
        )
    }
}
