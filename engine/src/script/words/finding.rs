//! What a monitor has found, and what allowed it, in words.

use crate::ids::ClientId;
use crate::invariant::{Allowance, Finding, Found, Monitor};
use crate::script::lang::{Lang, say};

/// What a monitor watches for, in a few words.
pub fn monitor(monitor: Monitor, lang: Lang) -> &'static str {
    let (ko, en) = match monitor {
        Monitor::AcknowledgedLost => {
            ("저장을 확인받은 레코드의 유실", "An acknowledged record was lost")
        }
        Monitor::LogsDiverged => ("갈라진 로그", "Logs diverged"),
        Monitor::HighWatermarkBack => {
            ("되돌아간 HW(high watermark)", "The high watermark went back")
        }
        Monitor::TwoLeaders => ("같은 에포크의 두 리더", "Two leaders in one epoch"),
        Monitor::WrittenTwice => ("두 번 적힌 레코드", "A record was written twice"),
        Monitor::OutOfOrder => ("뒤바뀐 순서", "Records out of order"),
    };
    lang.pick(ko, en)
}

/// What happened, in one sentence.
pub fn found(found: &Found, lang: Lang) -> String {
    match found {
        Found::AcknowledgedLost { partition, leader, from, to, leader_epoch, acks } => {
            let offsets = offsets(*from, *to, lang);
            say!(
                lang,
                "프로듀서가 acks={acks}로 저장을 확인받은 {partition}의 {offsets}(leader epoch {leader_epoch})이(가) 새 리더 {leader}의 로그에 없습니다.",
                "The new leader {leader} does not have {offsets} of {partition} (leader epoch {leader_epoch}), acknowledged with acks={acks}."
            )
        }
        Found::LogsDiverged { partition, node, offset } => say!(
            lang,
            "{node}이(가) {partition}의 오프셋 {offset}에 커밋된 것과 다른 배치를 가지고 있습니다.",
            "{node} holds another batch at offset {offset} of {partition} than the one that is committed."
        ),
        Found::HighWatermarkBack { partition, node, from, to } => say!(
            lang,
            "{node}이(가) 아는 {partition}의 커밋된 끝이 {from}에서 {to}(으)로 되돌아갔습니다.",
            "On {node} the committed end of {partition} went back from {from} to {to}."
        ),
        Found::TwoLeaders { partition, leader_epoch, nodes: [one, other] } => say!(
            lang,
            "{one}과(와) {other}이(가) 같은 leader epoch {leader_epoch}에 {partition}의 리더였습니다.",
            "{one} and {other} both led {partition} in leader epoch {leader_epoch}."
        ),
        Found::WrittenTwice { partition, client, first, offset, earlier_offset } => {
            let (n, client) = (first + 1, client_name(*client));
            say!(
                lang,
                "{client}의 {n}번째 레코드가 {partition}에 두 번 있습니다. 오프셋 {earlier_offset}과 {offset}입니다.",
                "Record {n} of {client} is in {partition} twice, at offset {earlier_offset} and at offset {offset}."
            )
        }
        Found::OutOfOrder { partition, client, first, behind, offset } => {
            let (n, later, client) = (first + 1, behind + 1, client_name(*client));
            say!(
                lang,
                "{client}의 {n}번째 레코드가 {partition}에서 나중에 보낸 {later}번째보다 뒤에 있습니다(오프셋 {offset}).",
                "Record {n} of {client} stands in {partition} behind its record {later}, which was sent later (offset {offset})."
            )
        }
        Found::TwoQuorumLeaders { epoch, nodes: [one, other] } => say!(
            lang,
            "{one}과(와) {other}이(가) 같은 에포크 {epoch}에 쿼럼의 리더였습니다.",
            "{one} and {other} both led the quorum in epoch {epoch}."
        ),
    }
}

/// Whether a promise was broken, in one sentence.
pub fn verdict(finding: &Finding, lang: Lang) -> String {
    match finding.is_allowed() {
        true => say!(
            lang,
            "Kafka의 약속은 깨지지 않았습니다. 설정이나 사고가 허락한 일입니다.",
            "No promise of Kafka's was broken: this is what allowed it."
        ),
        false => say!(
            lang,
            "Kafka의 약속이 깨졌습니다. 어떤 설정도 이것을 허락하지 않습니다.",
            "A promise of Kafka's is broken: no setting allows this."
        ),
    }
}

/// The setting or deed, as it is written.
pub fn name(allowance: &Allowance, lang: Lang) -> String {
    match allowance {
        Allowance::AcksLeader => "acks=1".to_string(),
        Allowance::MinInsyncReplicas { min } => format!("min.insync.replicas={min}"),
        Allowance::UncleanElection => "unclean.leader.election.enable=true".to_string(),
        Allowance::UncleanElectionByHand => "--election-type unclean".to_string(),
        Allowance::HistoryRule(rule) => format!("history.rule={}", rule.name()),
        Allowance::BytesNotFlushed { node } => {
            say!(lang, "{node}의 전원", "the power of {node}")
        }
        Allowance::DiskLost { node } => format!("disk {node} lost"),
        Allowance::BrokerReplaced { node } => format!("replace {node}"),
        Allowance::NotIdempotent => "enable.idempotence=false".to_string(),
        Allowance::InFlight { max } => format!("max.in.flight.requests.per.connection={max}"),
        Allowance::AcksNone => "acks=0".to_string(),
        Allowance::ProducerEpochBumped => {
            say!(lang, "프로듀서의 새 epoch", "a new epoch of the producer")
        }
        Allowance::ProducerStateReloaded { node } => {
            say!(lang, "{node}의 프로듀서 스냅숏", "the producer snapshot of {node}")
        }
    }
}

/// Why it allowed it, and what would have prevented it.
pub fn reason(allowance: &Allowance, lang: Lang) -> String {
    match allowance {
        Allowance::AcksLeader => say!(
            lang,
            "리더 혼자 저장하면 확인해 줍니다. 팔로워가 복제하기 전에 리더를 잃으면 레코드도 잃습니다. acks=all이면 복제된 뒤에 확인됩니다.",
            "The leader answers when it alone has the record: lose it before the followers have fetched, and the record is gone. acks=all answers after they have."
        ),
        Allowance::MinInsyncReplicas { .. } => say!(
            lang,
            "ISR에 리더 혼자 남았어도 acks=all을 받아 주었습니다. 2로 두면 NOT_ENOUGH_REPLICAS로 거절됩니다.",
            "acks=all was taken although the leader alone was in sync. With 2 it would have been refused: NOT_ENOUGH_REPLICAS."
        ),
        Allowance::UncleanElection => say!(
            lang,
            "ISR 밖의 레플리카가 리더가 될 수 있습니다. 그 레플리카에 없는 것은 커밋되었더라도 잃습니다. false(기본값)면 ISR이 돌아올 때까지 기다립니다.",
            "A replica out of sync may lead, and what it lacks is lost, committed or not. With false, the default, the partition waits for its ISR to come back."
        ),
        Allowance::UncleanElectionByHand => say!(
            lang,
            "사람이 ISR 밖의 레플리카를 리더로 세웠습니다. 기다리는 대신 잃기를 고른 것입니다.",
            "Somebody made a replica out of sync the leader by hand: to lose rather than to wait."
        ),
        Allowance::HistoryRule(rule) => {
            let rule = rule.name();
            say!(
                lang,
                "옛 Kafka의 자르기 규칙({rule})에 있던 구멍입니다. 지금 규칙(kip-320)에서는 일어나지 않습니다.",
                "A hole in how Kafka once cut logs ({rule}). Under today's rule (kip-320) it does not happen."
            )
        }
        Allowance::NotIdempotent => say!(
            lang,
            "시퀀스 번호가 없으면(acks가 all이 아닐 때도 그렇습니다) 리더는 다시 온 배치와 새 배치를 가리지 못합니다. 멱등성이 있으면 다시 온 것을 알아보고 쓰지 않습니다.",
            "Without sequence numbers, which acks other than all do without as well, a leader cannot tell a batch that comes again from a new one. With idempotence it knows it, and does not write it."
        ),
        Allowance::InFlight { .. } => say!(
            lang,
            "응답을 기다리지 않고 다음 배치를 보냅니다. 앞의 배치를 다시 보내게 되면 뒤의 것이 먼저 저장됩니다. 1로 두거나 멱등성을 켜면 순서가 지켜집니다.",
            "The next batch leaves before the answer to the last is there. When the first has to go again, the second is stored before it. With 1, or with idempotence, the order is kept."
        ),
        Allowance::AcksNone => say!(
            lang,
            "응답을 기다리지 않으므로 무엇이 먼저 닿았는지 아무도 살피지 않습니다.",
            "Nobody waits for an answer, so nobody looks which came first."
        ),
        Allowance::ProducerEpochBumped => say!(
            lang,
            "프로듀서가 어떤 시퀀스까지 저장되었는지 알 수 없어 epoch를 올리고 0부터 다시 보냈습니다(KIP-360). 지난 epoch에 저장된 것은 새 epoch에서 알아볼 수 없습니다.",
            "The producer could not know which sequence numbers were taken, so it began a new epoch with 0 (KIP-360). What was stored in the last epoch is not known again in the new one."
        ),
        Allowance::ProducerStateReloaded { .. } => say!(
            lang,
            "리더가 디스크의 스냅숏에서 프로듀서를 다시 읽었습니다. 스냅숏에는 프로듀서마다 마지막 배치 하나만 있어, 그보다 앞의 배치는 알아보지 못합니다.",
            "The leader had read its producers from a snapshot on its disk, which has the last batch of each and no other: an earlier one it does not know again."
        ),
        Allowance::BytesNotFlushed { node } => say!(
            lang,
            "Kafka는 디스크에 쓰이기를 기다리지 않고 복제를 믿습니다. ISR에 {node}만 남은 채 전원이 나가서 페이지 캐시에 있던 레코드를 잃었습니다.",
            "Kafka trusts replication and does not wait for the disk. {node} was the last one in sync when its power failed, and lost what was only in its page cache."
        ),
        Allowance::DiskLost { node } => say!(
            lang,
            "ISR에 {node}만 남은 채 그 디스크가 사라졌습니다. 빈 디스크로 돌아온 {node}이(가) ISR에 있었다는 이유로 다시 리더가 되었습니다. eligible.leader.replicas.version=1이면 정상 종료하지 않은 브로커를 믿지 않습니다.",
            "{node} was the last one in sync when its disk was lost, and came back with an empty one: being in the ISR, it was made the leader again. With eligible.leader.replicas.version=1 a broker is not trusted that did not stop cleanly."
        ),
        Allowance::BrokerReplaced { node } => say!(
            lang,
            "ISR에 {node}만 남은 채 그 서버가 빈 서버로 바뀌었습니다. 번호가 같은 새 서버가 ISR에 있는 브로커로 여겨져 다시 리더가 되었습니다. eligible.leader.replicas.version=1이면 정상 종료하지 않은 브로커를 믿지 않습니다.",
            "{node} was the last one in sync when its host was replaced by an empty one: under the same id it was taken for the one in the ISR, and made the leader again. With eligible.leader.replicas.version=1 a broker is not trusted that did not stop cleanly."
        ),
    }
}

/// Where names are not at hand.
fn client_name(client: ClientId) -> String {
    format!("client-{}", client.0)
}

fn offsets(from: i64, to: i64, lang: Lang) -> String {
    let last = to - 1;
    match from == last {
        true => say!(lang, "오프셋 {from}", "offset {from}"),
        false => say!(lang, "오프셋 {from}-{last}", "offsets {from}-{last}"),
    }
}
