//! Refusals in words: what, why, and what to do. Mistakes in a line are in [`script`], events in
//! [`super::describe`].

use super::condition::state::ids_text;
use super::lang::{Lang, say};
use crate::command::{AssignmentProblem, Refusal, TooMany};
use crate::ids::NodeId;

pub mod broker;
pub mod explain;
pub mod finding;
pub mod kafka_error;
pub mod ledger;
pub mod owner;
pub mod partition;
pub mod quorum;
pub mod read_replica;
pub mod record;
mod script;
pub mod violation;

/// Why a command was not carried out, and what would help.
pub fn words(refusal: &Refusal, lang: Lang) -> String {
    match refusal {
        Refusal::NoSuchNode { node } => say!(
            lang,
            "{node}은(는) 이 클러스터에 없습니다. show brokers로 노드를 확인해 주십시오.",
            "There is no {node} in this cluster. See show brokers for the nodes."
        ),
        Refusal::NoSuchClient { name } => say!(
            lang,
            "{name}(이)라는 열린 클라이언트가 없습니다. show clients로 이름을 확인해 주십시오.",
            "No open client is called {name}. See show clients for the names."
        ),
        Refusal::NoMember { name } => say!(
            lang,
            "{name}은(는) 컨슈머 그룹의 멤버가 아닙니다. consume에 group=을 주면 멤버가 됩니다.",
            "{name} is no member of a consumer group. With group= a consumer becomes one."
        ),
        Refusal::NoSuchTopic { topic } => say!(
            lang,
            "토픽 {topic}이(가) 없습니다. kafka-topics.sh --create로 먼저 만들어 주십시오.",
            "There is no topic {topic}. Create it first with kafka-topics.sh --create."
        ),
        Refusal::NoSuchPartition { topic, partition, partitions } => {
            let last = partitions - 1;
            say!(
                lang,
                "토픽 {topic}에 파티션 {partition}은(는) 없습니다. 0에서 {last}까지 쓸 수 있습니다.",
                "Topic {topic} has no partition {partition}. Use one from 0 to {last}."
            )
        }
        Refusal::TopicExists { topic } => say!(
            lang,
            "토픽 {topic}은(는) 이미 있습니다. 다른 이름을 쓰거나 있는 토픽을 쓰십시오. (TOPIC_ALREADY_EXISTS)",
            "Topic {topic} already exists. Choose another name, or use the one that is there. (TOPIC_ALREADY_EXISTS)"
        ),
        Refusal::InvalidTopicName { topic, reason } => say!(
            lang,
            "\"{topic}\"은(는) 토픽 이름으로 쓸 수 없습니다. 영문자, 숫자, '.', '_', '-'로 249자까지 쓸 수 있고 '.'와 '..'은 쓸 수 없습니다. (INVALID_TOPIC_EXCEPTION: {reason})",
            "\"{topic}\" cannot be a topic's name. Use up to 249 ASCII letters, digits, '.', '_' and '-', but not '.' or '..'. (INVALID_TOPIC_EXCEPTION: {reason})"
        ),
        Refusal::TopicNameCollides { topic, with } => say!(
            lang,
            "{topic}은(는) 이미 있는 {with}과(와) 메트릭 이름이 같아집니다('.'이 '_'로 바뀝니다). 다른 이름을 쓰십시오. (INVALID_TOPIC_EXCEPTION)",
            "{topic} would have the same metric names as {with}, because '.' becomes '_' there. Choose another name. (INVALID_TOPIC_EXCEPTION)"
        ),
        Refusal::InvalidPartitions { partitions, max } => say!(
            lang,
            "파티션은 1개에서 {max}개까지 만들 수 있습니다. {partitions}개는 안 됩니다. (INVALID_PARTITIONS)",
            "A topic has 1 to {max} partitions here, not {partitions}. (INVALID_PARTITIONS)"
        ),
        Refusal::NoPartitionsAdded { topic, partitions, asked } if partitions == asked => say!(
            lang,
            "토픽 {topic}에는 이미 파티션이 {partitions}개 있습니다. 더 큰 수를 쓰십시오. (INVALID_PARTITIONS: Topic already has {partitions} partition(s).)",
            "Topic {topic} has {partitions} partitions already. Ask for more. (INVALID_PARTITIONS: Topic already has {partitions} partition(s).)"
        ),
        Refusal::NoPartitionsAdded { topic, partitions, asked } => say!(
            lang,
            "파티션은 줄일 수 없습니다. 토픽 {topic}의 파티션 {partitions}개에 있는 레코드가 갈 곳이 없어지기 때문입니다. 적게 쓰려면 새 토픽을 만드십시오. (INVALID_PARTITIONS: The topic {topic} currently has {partitions} partition(s); {asked} would not be an increase.)",
            "A topic cannot have fewer partitions than it has: their records would have nowhere to be. For fewer, create another topic. (INVALID_PARTITIONS: The topic {topic} currently has {partitions} partition(s); {asked} would not be an increase.)"
        ),
        Refusal::InvalidReplicationFactor { replication_factor, brokers } => {
            replication_factor_words(*replication_factor, *brokers, lang)
        }
        Refusal::InvalidAssignment { reason } => assignment_words(*reason, lang),
        Refusal::RacksMissing { brokers } => {
            let ids = ids_text(brokers);
            say!(
                lang,
                "랙이 있는 브로커와 없는 브로커가 섞여 있습니다(없는 브로커: {ids}). 랙을 보지 않으려면 --disable-rack-aware를 쓰십시오. (Not all brokers have rack information. Add --disable-rack-aware in command line to make replica assignment without rack information.)",
                "Some of the brokers have a rack and some have none ({ids}). Add --disable-rack-aware to leave racks out of it. (Not all brokers have rack information. Add --disable-rack-aware in command line to make replica assignment without rack information.)"
            )
        }
        Refusal::NothingToReassign => say!(
            lang,
            "재배치할 파티션이 하나도 없습니다. partitions에 하나 이상 적어 주십시오. (Partition reassignment list cannot be empty)",
            "There is no partition to reassign. Name at least one in partitions. (Partition reassignment list cannot be empty)"
        ),
        Refusal::RepeatedPartition { partition } => say!(
            lang,
            "{partition}이(가) 두 번 나옵니다. 한 번만 적어 주십시오. (Partition reassignment contains duplicate topic partitions: {partition})",
            "{partition} stands twice in the list. Name it once. (Partition reassignment contains duplicate topic partitions: {partition})"
        ),
        Refusal::ReassignmentUnderWay => say!(
            lang,
            "진행 중인 재배치가 있습니다. 끝나기를 기다리거나 --additional로 더하십시오. (Cannot execute because there is an existing partition assignment.)",
            "Another reassignment is under way. Wait for it, or add this one to it with --additional. (Cannot execute because there is an existing partition assignment.)"
        ),
        Refusal::UncleanRevert { partition } => {
            let (topic, number) = (&partition.topic, partition.partition);
            say!(
                lang,
                "{partition}의 재배치를 취소하면 ISR에 없던 레플리카가 리더가 되어야 합니다. 끝나기를 기다리거나 unclean.leader.election.enable=true로 허용해 주십시오. (INVALID_REPLICA_ASSIGNMENT: Unable to revert partition assignment for {topic}:{number} because it would require an unclean leader election.)",
                "To take back the reassignment of {partition}, a replica that is out of sync would have to lead. Wait for its end, or allow that with unclean.leader.election.enable=true. (INVALID_REPLICA_ASSIGNMENT: Unable to revert partition assignment for {topic}:{number} because it would require an unclean leader election.)"
            )
        }
        Refusal::InvalidConfig { name, value, reason } => say!(
            lang,
            "{name}에 \"{value}\"을(를) 쓸 수 없습니다. 값을 고쳐 주십시오. (INVALID_CONFIG: {reason})",
            "{name} cannot be \"{value}\". Correct the value. (INVALID_CONFIG: {reason})"
        ),
        Refusal::UnknownConfig { name } => say!(
            lang,
            "{name}(이)라는 설정은 없습니다. 이름을 확인해 주십시오. (INVALID_CONFIG)",
            "No config is called {name} here. Check the name. (INVALID_CONFIG)"
        ),
        Refusal::NotDynamic { name } => say!(
            lang,
            "{name}은(는) 브로커가 시작할 때만 읽는 설정이라 움직이는 동안에는 바꿀 수 없습니다. cluster 줄에서 정해 주십시오. (INVALID_REQUEST: Cannot update these configs dynamically: Set({name}))",
            "{name} is read only when a broker starts, so it cannot be altered while one runs. Set it on the cluster line. (INVALID_REQUEST: Cannot update these configs dynamically: Set({name}))"
        ),
        Refusal::ControllerUnavailable => say!(
            lang,
            "액티브 컨트롤러가 없어 메타데이터를 바꿀 수 없습니다. 컨트롤러의 과반수가 움직이고 서로 닿아야 합니다. show brokers로 확인하고 start나 resume을 쓰십시오.",
            "There is no active controller, so metadata cannot change. A majority of the controllers has to run and reach each other: see show brokers, then use start or resume."
        ),
        Refusal::AlreadyDown { node } => say!(
            lang,
            "{node}은(는) 이미 꺼져 있습니다. start {node}(으)로 켤 수 있습니다.",
            "{node} is already down. start {node} brings it up."
        ),
        Refusal::NoPower { node } => say!(
            lang,
            "{node}에는 이미 전원이 없습니다. start {node}(으)로 켤 수 있습니다.",
            "{node} has no power already. start {node} brings it up."
        ),
        Refusal::VoterKeepsItsDisk { node } => say!(
            lang,
            "{node}의 디스크는 잃을 수 없습니다. 표와 기록을 잊은 컨트롤러가 같은 번호로 다시 투표하면 쿼럼의 약속이 깨집니다. 브로커의 디스크를 쓰거나, disk {node} full처럼 고장만 내 주십시오.",
            "The disk of {node} cannot be lost: a controller that has forgotten its votes and records must not vote again under the same id. Take a broker's, or only let it fail, as with disk {node} full."
        ),
        Refusal::AlreadyRunning { node } => say!(
            lang,
            "{node}은(는) 이미 켜져 있습니다. 다시 시작하려면 먼저 stop 또는 crash를 쓰십시오.",
            "{node} is already up. To restart it, stop or crash it first."
        ),
        Refusal::BrokerExists { node } => say!(
            lang,
            "{node}은(는) 이미 있습니다. 꺼져 있으면 start {node}(으)로 켜고, 새 브로커에는 다른 번호를 쓰십시오.",
            "{node} is there already. If it is down, start {node} brings it up; give a new broker another id."
        ),
        Refusal::InvalidBrokerId { id, most } => say!(
            lang,
            "브로커 번호(node.id)로 {id}은(는) 쓸 수 없습니다. 1에서 {most}까지 쓸 수 있고, 그 위는 컨트롤러의 번호입니다.",
            "A broker cannot have the node.id {id}. Use one from 1 to {most}; those above are for controllers."
        ),
        Refusal::BrokerNotRegistered { broker } => {
            let id = broker.0;
            say!(
                lang,
                "브로커 {id}은(는) 등록되어 있지 않아 지울 등록이 없습니다. show brokers로 확인해 주십시오. (BROKER_ID_NOT_REGISTERED: Broker ID {id} is not currently registered)",
                "There is no registration to remove: broker {id} is not registered. See show brokers. (BROKER_ID_NOT_REGISTERED: Broker ID {id} is not currently registered)"
            )
        }
        Refusal::NotPaused { node } => say!(
            lang,
            "{node}은(는) 멈춰 있지 않습니다. pause {node}(으)로 멈춘 노드만 다시 움직일 수 있습니다.",
            "{node} is not paused. Only a node that was paused can resume."
        ),
        Refusal::IsPaused { node } => say!(
            lang,
            "{node}은(는) 멈춰 있습니다. 먼저 resume {node}을(를) 쓰십시오.",
            "{node} is paused. Use resume {node} first."
        ),
        Refusal::ShuttingDown { node } => say!(
            lang,
            "{node}은(는) 이미 종료하고 있습니다. 기다리거나 crash {node}을(를) 쓰십시오.",
            "{node} is already shutting down. Wait, or use crash {node}."
        ),
        Refusal::NameTaken { name } => say!(
            lang,
            "{name}(이)라는 이름은 이미 쓰였습니다. 다른 이름을 쓰십시오.",
            "The name {name} is taken. Choose another one."
        ),
        Refusal::InvalidClientName { name } => say!(
            lang,
            "\"{name}\"은(는) 클라이언트 이름으로 쓸 수 없습니다. 글자, 숫자, '.', '-', '_'로 40자까지 쓸 수 있고 broker-나 controller-로 시작할 수 없습니다.",
            "\"{name}\" cannot be a client's name. Use up to 40 letters, digits, '.', '-' and '_', not beginning with broker- or controller-."
        ),
        Refusal::SameEnds => say!(
            lang,
            "링크의 두 끝이 같습니다. 서로 다른 둘을 쓰십시오.",
            "Both ends of the link are the same. Name two different ones."
        ),
        Refusal::NotLinked => say!(
            lang,
            "클라이언트끼리는 링크가 없습니다. 한쪽은 broker여야 합니다.",
            "Clients are not linked to each other. One end has to be a node."
        ),
        Refusal::RingTooSmall { least } => say!(
            lang,
            "노드가 {least}개보다 적으면 모두가 서로 이웃이라 끊을 링크가 없습니다. 노드를 {least}개 이상 쓰십시오.",
            "In a ring of fewer than {least} nodes everybody is a neighbour, so no link would be cut. Name {least} or more."
        ),
        Refusal::TwiceInRing { node } => say!(
            lang,
            "{node}이(가) 고리에 두 번 나옵니다. 한 번만 쓰십시오.",
            "{node} stands twice in the ring. Name it once."
        ),
        Refusal::NotUnderWay { from, to, number } => say!(
            lang,
            "{from}에서 {to}(으)로 가는 {number}번 메시지는 지금 가고 있지 않습니다. show envelopes로 번호를 확인해 주십시오.",
            "No message {number} is on its way from {from} to {to}. See show envelopes for the numbers."
        ),
        Refusal::NothingToOvertake { from, to } => say!(
            lang,
            "{from}에서 {to}(으)로 가는 메시지가 하나뿐이라 바꿀 순서가 없습니다. delay나 drop을 쓰십시오.",
            "Only this message is on its way from {from} to {to}, so there is no order to change. Use delay or drop."
        ),
        Refusal::InternalTopic { topic } => say!(
            lang,
            "{topic}은(는) Kafka가 자기 상태를 적어 두는 내부 토픽(internal topic)이라 클라이언트는 쓸 수 없습니다. 다른 토픽으로 보내십시오. (INVALID_TOPIC_EXCEPTION: Cannot append to internal topic {topic})",
            "{topic} is an internal topic, in which Kafka keeps its own state, so clients cannot write to it. Send to another topic. (INVALID_TOPIC_EXCEPTION: Cannot append to internal topic {topic})"
        ),
        Refusal::RecordTooLarge { bytes, max } => say!(
            lang,
            "레코드가 {bytes}바이트여서 max.request.size인 {max}바이트보다 큽니다. 더 작은 값을 보내 주십시오. (RecordTooLargeException)",
            "The record is {bytes} bytes, more than max.request.size, which is {max}. Send a smaller value. (RecordTooLargeException)"
        ),
        Refusal::LeaderUnavailable { partition } => say!(
            lang,
            "{partition}의 리더가 움직이지 않습니다. show partition {partition}(으)로 확인하고, 리더가 뽑힐 때까지 기다려 주십시오. (LEADER_NOT_AVAILABLE)",
            "No running broker leads {partition}. See show partition {partition}, and wait for an election. (LEADER_NOT_AVAILABLE)"
        ),
        Refusal::OffsetOutOfRange { partition, offset, high_watermark } => say!(
            lang,
            "{partition}의 레코드를 오프셋 {offset}까지 지울 수 없습니다. high watermark {high_watermark}까지만 됩니다. -1은 high watermark입니다. (OFFSET_OUT_OF_RANGE)",
            "Records of {partition} cannot be deleted up to offset {offset}, only up to the high watermark {high_watermark}; -1 means just that. (OFFSET_OUT_OF_RANGE)"
        ),
        Refusal::DeletionNotAllowed { partition } => say!(
            lang,
            "{partition}의 cleanup.policy에 delete가 없어 레코드를 지울 수 없습니다. 설정에 delete를 넣어 주십시오. (POLICY_VIOLATION)",
            "Records of {partition} cannot be deleted: its cleanup.policy does not include delete. Add it. (POLICY_VIOLATION)"
        ),
        Refusal::InvalidMembership => say!(
            lang,
            "그룹에 들어가려면 group.id가 있고, assignor가 하나 이상 겹치지 않게 있고, max.poll.records가 1 이상이고, heartbeat.interval.ms가 session.timeout.ms보다 작아야 합니다. 값을 고쳐 주십시오. (ConfigException)",
            "A member needs a group.id, one or more different assignors, a max.poll.records of at least 1, and a heartbeat.interval.ms below session.timeout.ms. Correct them. (ConfigException)"
        ),
        Refusal::NoSuchConsumer { name } => say!(
            lang,
            "열려 있는 컨슈머 {name}이(가) 없습니다. show clients로 이름을 확인해 주십시오.",
            "There is no open consumer {name}. See show clients."
        ),
        Refusal::NotInGroup { name } => say!(
            lang,
            "{name}은(는) 컨슈머 그룹의 멤버가 아니어서 할 수 없습니다. group=으로 시작한 컨슈머를 쓰십시오. (InvalidGroupIdException: To use the group management or offset commit APIs, you must provide a valid group.id in the consumer configuration.)",
            "{name} is no member of a consumer group. Take a consumer that was started with group=. (InvalidGroupIdException: To use the group management or offset commit APIs, you must provide a valid group.id in the consumer configuration.)"
        ),
        Refusal::Subscribed { name } => say!(
            lang,
            "{name}의 파티션은 그룹이 정합니다. 그룹 없이 시작한 컨슈머에만 파티션을 직접 정할 수 있습니다. (IllegalStateException: Subscription to topics, partitions and pattern are mutually exclusive)",
            "The partitions of {name} are given by its group. Only a consumer without a group can be assigned partitions. (IllegalStateException: Subscription to topics, partitions and pattern are mutually exclusive)"
        ),
        Refusal::NotAssigned { name, partition } => say!(
            lang,
            "{name}은(는) 지금 {partition}을(를) 배정받지 않았습니다. show consumer {name}(으)로 확인해 주십시오. (IllegalStateException: No current assignment for partition {partition})",
            "{name} has not been assigned {partition}. See show consumer {name}. (IllegalStateException: No current assignment for partition {partition})"
        ),
        Refusal::NegativeOffset { offset } => say!(
            lang,
            "오프셋 {offset}(으)로는 갈 수 없습니다. 0 이상의 수나 earliest, latest를 쓰십시오. (IllegalArgumentException: seek offset must not be a negative number)",
            "There is no offset {offset} to seek. Take a number from 0 on, earliest or latest. (IllegalArgumentException: seek offset must not be a negative number)"
        ),
        Refusal::NoWorkload { producer } => say!(
            lang,
            "{producer}은(는) 워크로드를 돌리고 있지 않습니다. show clients로 확인해 주십시오.",
            "{producer} runs no workload. See show clients."
        ),
        Refusal::WorkloadRuns { producer } => say!(
            lang,
            "{producer}은(는) 이미 워크로드를 돌리고 있습니다. 먼저 workload {producer} stop으로 멈춰 주십시오.",
            "{producer} runs a workload already. Stop it first with workload {producer} stop."
        ),
        Refusal::NotTransactional { name } => say!(
            lang,
            "{name}에는 transactional.id가 없어 트랜잭션을 쓸 수 없습니다. producer {name} transactional.id=... 로 만드십시오.",
            "{name} has no transactional.id, and so no transactions. Make it with producer {name} transactional.id=..."
        ),
        Refusal::NoSuchTransactionalId { transactional_id } => say!(
            lang,
            "transactional.id {transactional_id}을(를) 아는 코디네이터가 없습니다. (TRANSACTIONAL_ID_NOT_FOUND)",
            "No coordinator knows the transactional id {transactional_id}. (TRANSACTIONAL_ID_NOT_FOUND)"
        ),
        Refusal::NoSuchTransaction { partition, start_offset } => say!(
            lang,
            "{partition}의 오프셋 {start_offset}에서 시작한 열린 트랜잭션이 없습니다. kafka-transactions.sh describe-producers로 확인해 주십시오.",
            "Could not find any open transactions starting at offset {start_offset} on partition {partition}. See kafka-transactions.sh describe-producers."
        ),
        Refusal::NoSuchGroup { group } => say!(
            lang,
            "그룹 {group}이(가) 없습니다. kafka-consumer-groups.sh --list로 확인해 주십시오. (GROUP_ID_NOT_FOUND)",
            "There is no group {group}. See kafka-consumer-groups.sh --list. (GROUP_ID_NOT_FOUND)"
        ),
        Refusal::GroupNotEmpty { group } => say!(
            lang,
            "그룹 {group}에 멤버가 있어 할 수 없습니다. 멤버를 먼저 close로 닫거나 세션이 끝나기를 기다려 주십시오. (NON_EMPTY_GROUP: Assignments can only be reset if the group '{group}' is inactive.)",
            "Group {group} has members. Close them first, or wait until their sessions are over. (NON_EMPTY_GROUP: Assignments can only be reset if the group '{group}' is inactive.)"
        ),
        Refusal::CoordinatorUnavailable { group } => say!(
            lang,
            "그룹 {group}의 코디네이터가 지금 없습니다. 그룹이 하나도 없었거나, 코디네이터를 새로 읽는 중이거나, __consumer_offsets에 리더가 없습니다. (COORDINATOR_NOT_AVAILABLE)",
            "No broker coordinates group {group} just now: there has been no group yet, or a new coordinator is still reading, or its partition of __consumer_offsets has no leader. (COORDINATOR_NOT_AVAILABLE)"
        ),
        Refusal::TooMany { what, max } => too_many_words(*what, *max, lang),
    }
}

fn replication_factor_words(replication_factor: i16, brokers: i32, lang: Lang) -> String {
    if replication_factor <= 0 {
        return say!(
            lang,
            "replication factor는 1 이상이어야 합니다. {replication_factor}은(는) 안 됩니다. (INVALID_REPLICATION_FACTOR)",
            "A replication factor is at least 1, not {replication_factor}. (INVALID_REPLICATION_FACTOR)"
        );
    }
    say!(
        lang,
        "replication factor {replication_factor}을(를) 채울 브로커가 없습니다. 등록된 브로커는 {brokers}개이고 하나는 켜져 있어야 합니다. 값을 줄이거나 run until ready로 기다려 주십시오. (INVALID_REPLICATION_FACTOR)",
        "There are not enough brokers for replication factor {replication_factor}: {brokers} are registered, and one at least has to be unfenced. Lower it, or wait with run until ready. (INVALID_REPLICATION_FACTOR)"
    )
}

fn assignment_words(reason: AssignmentProblem, lang: Lang) -> String {
    let number = |node: NodeId| node.0;
    match reason {
        AssignmentProblem::UnknownBroker(node) => {
            let node = number(node);
            say!(
                lang,
                "replica assignment의 브로커 {node}은(는) 등록되어 있지 않습니다. show brokers로 확인해 주십시오. (INVALID_REPLICA_ASSIGNMENT)",
                "Broker {node} of the replica assignment is not registered. See show brokers. (INVALID_REPLICA_ASSIGNMENT)"
            )
        }
        AssignmentProblem::FencedBroker(node) => {
            let node = number(node);
            say!(
                lang,
                "브로커 {node}은(는) 지금 일하지 않아서 도구가 알지 못합니다. 먼저 start broker-{node}로 켜 주십시오. (AdminCommandFailedException: Unknown broker id {node})",
                "Broker {node} does not serve now, so that the tool does not know it. Start it first: start broker-{node}. (AdminCommandFailedException: Unknown broker id {node})"
            )
        }
        AssignmentProblem::DuplicateBroker(node) => {
            let node = number(node);
            say!(
                lang,
                "한 파티션의 replica assignment에 브로커 {node}이(가) 두 번 나옵니다. 한 번만 쓰십시오. (INVALID_REPLICA_ASSIGNMENT)",
                "Broker {node} stands twice in the assignment of one partition. Name it once. (INVALID_REPLICA_ASSIGNMENT)"
            )
        }
        AssignmentProblem::UnevenReplicas => say!(
            lang,
            "파티션마다 레플리카 수가 다릅니다. 같은 수로 맞춰 주십시오. (INVALID_REPLICA_ASSIGNMENT)",
            "The partitions have different numbers of replicas. Give each the same number. (INVALID_REPLICA_ASSIGNMENT)"
        ),
        AssignmentProblem::AllFenced => say!(
            lang,
            "replica assignment에 일할 수 있는 브로커가 하나도 없는 파티션이 있습니다. 켜져 있는 브로커를 넣거나 run until ready로 기다려 주십시오. (INVALID_REPLICA_ASSIGNMENT)",
            "Every broker in the assignment of a partition is fenced or shutting down. Name one that is active, or wait with run until ready. (INVALID_REPLICA_ASSIGNMENT)"
        ),
        AssignmentProblem::OtherCount { added, assigned } => say!(
            lang,
            "늘릴 파티션은 {added}개인데 --replica-assignment에는 {assigned}개가 더 적혀 있습니다. 있는 파티션부터 모두 적어 주십시오. (INVALID_REPLICA_ASSIGNMENT)",
            "{added} partitions are to be added, and --replica-assignment has {assigned} beyond those that are there. List them all, the present ones first. (INVALID_REPLICA_ASSIGNMENT: Attempted to add {added} additional partition(s), but only {assigned} assignment(s) were specified.)"
        ),
        AssignmentProblem::Empty => say!(
            lang,
            "레플리카가 없는 파티션이 있습니다. 파티션마다 브로커를 하나 이상 쓰십시오. (INVALID_REPLICA_ASSIGNMENT)",
            "A partition has no replica. Name at least one broker for each. (INVALID_REPLICA_ASSIGNMENT)"
        ),
    }
}

fn too_many_words(what: TooMany, max: u32, lang: Lang) -> String {
    match what {
        TooMany::Records => say!(
            lang,
            "한 번에 1개에서 {max}개까지 보낼 수 있습니다. count를 고쳐 주십시오.",
            "One command sends 1 to {max} records. Correct count."
        ),
        TooMany::RecordsPerSecond => say!(
            lang,
            "워크로드의 rate는 초당 1에서 {max}까지입니다. 그 사이의 값을 쓰십시오.",
            "A workload sends 1 to {max} records a second. Take a rate in between."
        ),
        TooMany::Clients => say!(
            lang,
            "클라이언트는 {max}개까지 만들 수 있습니다. 있는 것을 쓰십시오.",
            "There can be {max} clients. Use one of those that exist."
        ),
        TooMany::Brokers => say!(
            lang,
            "브로커는 {max}대까지 둘 수 있습니다. 꺼 둔 브로커가 있으면 start로 켜서 쓰십시오.",
            "There can be {max} brokers. If one is down, start brings it back."
        ),
        TooMany::Partitions => say!(
            lang,
            "파티션은 {max}개까지 만들 수 있습니다. 수를 줄여 주십시오.",
            "There can be {max} partitions. Create fewer."
        ),
    }
}
