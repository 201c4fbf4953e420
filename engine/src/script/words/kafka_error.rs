//! Why a request was answered with an error: the rule behind each of Kafka's errors that clients and
//! replicas meet, in one or two sentences.

use crate::protocol::KafkaError;
use crate::script::lang::Lang;

/// `None` for errors that say all by their name.
pub fn meaning(error: KafkaError, lang: Lang) -> Option<&'static str> {
    use KafkaError::*;
    let (ko, en) = match error {
        NotEnoughReplicas => (
            "ISR이 min.insync.replicas보다 작습니다. acks=all이라 리더는 쓰기 전에 거절했고, 아무것도 저장되지 않았습니다.",
            "The ISR is smaller than min.insync.replicas. For acks=all the leader refused before writing: nothing was stored.",
        ),
        NotEnoughReplicasAfterAppend => (
            "리더가 쓴 뒤에 ISR이 min.insync.replicas보다 작아졌습니다. 레코드는 리더의 로그에 있으므로, 다시 보내면 두 번 저장될 수 있습니다.",
            "The ISR fell below min.insync.replicas after the leader had written. The record is in its log: sent again, it may be stored twice.",
        ),
        NotLeaderOrFollower => (
            "이 브로커는 이 파티션의 리더가 아닙니다. 보낸 쪽의 메타데이터가 낡았으므로 새로 물어야 합니다.",
            "This broker does not lead the partition: the sender's metadata are old, and it has to ask anew.",
        ),
        FencedLeaderEpoch => (
            "요청의 leader epoch가 이 브로커가 아는 것보다 작습니다. 그 사이에 선출이 있었습니다.",
            "The request's leader epoch is lower than the one that this broker knows: there was an election meanwhile.",
        ),
        UnknownLeaderEpoch => (
            "요청의 leader epoch가 이 브로커가 아는 것보다 큽니다. 이 브로커는 아직 새 메타데이터를 받지 못했습니다.",
            "The request's leader epoch is higher than the one that this broker knows: it has yet to hear of the election.",
        ),
        OffsetOutOfRange => (
            "로그 시작과 끝 사이에 없는 오프셋을 요청했습니다.",
            "The offset asked for is not between the start and the end of the log.",
        ),
        OffsetNotAvailable => (
            "새 리더의 high watermark가 아직 지난 리더의 것에 이르지 못했습니다.",
            "The new leader's high watermark has yet to reach that of the leader before.",
        ),
        LeaderNotAvailable => ("파티션에 리더가 없습니다.", "The partition has no leader."),
        RequestTimedOut => (
            "acks=all을 기다리는 동안 request.timeout.ms가 지났습니다. ISR 모두가 제때 가져가지 않았습니다. 레코드는 저장되었을 수 있습니다.",
            "request.timeout.ms passed while acks=all waited: not all of the ISR fetched it in time. The record may be stored all the same.",
        ),
        OutOfOrderSequenceNumber => (
            "리더가 이 프로듀서에게서 기다리는 시퀀스가 아닙니다. 앞의 배치가 아직 오지 않았거나, 오지 않을 것입니다.",
            "It is not the sequence number that the leader waits for from this producer: what came before is missing, for now or for good.",
        ),
        InvalidProducerEpoch => (
            "이 producer id의 더 높은 epoch를 리더가 이미 보았습니다.",
            "The leader has seen a higher epoch of this producer id.",
        ),
        NetworkException => (
            "응답이 오기 전에 연결이 끊겼습니다. 저장되었는지는 알 수 없습니다.",
            "The connection was lost before the answer came: nobody knows whether it was stored.",
        ),
        CorruptMessage => (
            "배치의 CRC가 맞지 않습니다. 오는 길에 바이트가 바뀌었습니다.",
            "The batch's CRC is wrong: bytes have changed on the way.",
        ),
        MessageTooLarge => {
            ("배치가 max.message.bytes보다 큽니다.", "The batch is larger than max.message.bytes.")
        }
        NotController => (
            "이 컨트롤러는 활성 컨트롤러가 아니거나, 보낸 쪽보다 뒤처진 메타데이터를 가졌습니다.",
            "This controller is not the active one, or its metadata are behind those of the sender.",
        ),
        StaleBrokerEpoch => (
            "broker epoch가 컨트롤러가 아는 것과 다릅니다. 그 브로커의 지난 프로세스가 보낸 요청입니다.",
            "The broker epoch is not the one that the controller knows: an earlier process of that broker sent it.",
        ),
        InvalidUpdateVersion => (
            "partition epoch가 낡았습니다. 그 사이에 ISR이나 리더가 바뀌었습니다.",
            "The partition epoch is old: ISR or leader have changed meanwhile.",
        ),
        IneligibleReplica => (
            "ISR에 넣으려는 레플리카가 fenced이거나 종료 중이거나, 컨트롤러가 모르는 프로세스입니다.",
            "A replica to be added to the ISR is fenced, shutting down, or a process that the controller does not know.",
        ),
        NewLeaderElected => (
            "이 ISR 변경으로 다른 브로커가 리더가 되었습니다.",
            "With this change of the ISR another broker became the leader.",
        ),
        DuplicateBrokerRegistration => (
            "같은 id의 브로커가 아직 살아 있습니다. 그 세션이 끝나야 등록됩니다.",
            "A broker of the same id is still alive; its session has to end first.",
        ),
        FetchSessionIdNotFound | InvalidFetchSessionEpoch => (
            "브로커가 그 fetch 세션을 모릅니다. 보낸 쪽은 세션을 새로 엽니다.",
            "The broker does not know the fetch session; the sender opens a new one.",
        ),
        PreferredLeaderNotAvailable => (
            "preferred leader가 ISR에 없거나 일할 수 없습니다.",
            "The preferred leader is not in the ISR, or may not serve.",
        ),
        EligibleLeadersNotAvailable => {
            ("살아 있는 레플리카가 하나도 없습니다.", "No replica is alive.")
        }
        CoordinatorNotAvailable => (
            "그룹의 코디네이터가 아직 없거나, 적은 것이 제때 커밋되지 않았습니다. 다시 찾아 다시 요청합니다.",
            "The group has no coordinator yet, or what that wrote was not committed in time: look for it and ask again.",
        ),
        CoordinatorLoadInProgress => (
            "코디네이터가 아직 __consumer_offsets를 읽고 있거나, 브로커가 producer id를 컨트롤러에서 받고 있습니다. 곧 다시 물으면 됩니다.",
            "The coordinator is still reading __consumer_offsets, or the broker is getting producer ids from the controller: ask again soon.",
        ),
        NotCoordinator => (
            "이 브로커는 그 그룹의 코디네이터가 아닙니다. __consumer_offsets 파티션의 리더가 바뀌었습니다.",
            "This broker does not coordinate the group: its partition of __consumer_offsets has another leader now.",
        ),
        IllegalGeneration => (
            "지난 세대(generation)의 요청입니다. 그 사이에 그룹이 리밸런스를 마쳤으므로 받지 않습니다.",
            "The request is of a generation that is over: the group has rebalanced since, and does not take it.",
        ),
        UnknownMemberId => (
            "코디네이터가 그 멤버를 모릅니다. 세션이 끝났거나 그룹에서 나갔으므로 새로 들어와야 합니다.",
            "The coordinator does not know the member: its session is over, or it has left. It has to join anew.",
        ),
        RebalanceInProgress => (
            "그룹이 리밸런스 중입니다. 멤버는 다시 들어와야(JoinGroup) 합니다.",
            "The group rebalances: members have to join again.",
        ),
        MemberIdRequired => (
            "새 멤버는 받은 member id로 한 번 더 JoinGroup을 보내야 합니다.",
            "A new member sends JoinGroup once more, with the member id that it has just got.",
        ),
        FencedInstanceId => (
            "같은 group.instance.id로 다른 멤버가 들어와 이 멤버의 자리를 이었습니다.",
            "Another member came with the same group.instance.id and took this one's place.",
        ),
        InconsistentGroupProtocol => (
            "그룹의 모든 멤버가 아는 assignor가 하나도 없습니다.",
            "There is no assignor that all members of the group know.",
        ),
        ProducerFenced => (
            "같은 transactional.id로 더 새로운 프로듀서가 왔습니다. 이 프로듀서는 더 쓸 수 없습니다.",
            "A newer producer came with the same transactional.id: this one is of no more use.",
        ),
        ConcurrentTransactions => (
            "앞의 트랜잭션이 아직 끝나지 않았거나, 코디네이터가 이 트랜잭션에 대해 무언가를 적고 있습니다. 곧 다시 요청합니다.",
            "The transaction before has yet to end, or the coordinator is writing something about this one: ask again soon.",
        ),
        InvalidTxnState => (
            "이 요청은 트랜잭션의 지금 상태에 맞지 않습니다. 열린 트랜잭션의 것이 아닌 레코드일 수도 있습니다.",
            "The request does not fit the state of the transaction; or the record belongs to none that is open.",
        ),
        InvalidProducerIdMapping => (
            "코디네이터는 이 transactional.id에 다른 producer id를 주었거나, 그 id를 모릅니다.",
            "The coordinator has given this transactional.id another producer id, or does not know it.",
        ),
        InvalidTransactionTimeout => (
            "transaction.timeout.ms가 브로커의 transaction.max.timeout.ms보다 큽니다.",
            "transaction.timeout.ms is larger than the broker's transaction.max.timeout.ms.",
        ),
        TransactionCoordinatorFenced => (
            "더 새로운 코디네이터의 마커를 이미 받았습니다.",
            "A marker of a newer coordinator has come before.",
        ),
        TransactionAbortable => {
            ("이 트랜잭션은 이제 중단할 수만 있습니다.", "The transaction can only be aborted now.")
        }
        UnstableOffsetCommit => (
            "이 파티션의 오프셋이 아직 끝나지 않은 트랜잭션에 들어 있습니다. 끝나면 다시 물으면 됩니다.",
            "A transaction that is yet to end has offsets of this partition: ask again when it has ended.",
        ),
        InvalidGroupId => (
            "그룹 이름이 비었습니다. group.id를 정해야 합니다.",
            "The group's name is empty: group.id has to be set.",
        ),
        GroupIdNotFound => (
            "코디네이터는 이런 그룹을 모르거나, 그 이름의 그룹이 다른 프로토콜을 씁니다.",
            "The coordinator knows no such group, or the group of that name speaks the other protocol.",
        ),
        FencedMemberEpoch => (
            "멤버의 epoch가 코디네이터가 아는 것과 다릅니다. 멤버는 가진 파티션을 모두 놓고 epoch 0으로 다시 들어가야 합니다.",
            "The member's epoch is not the one that the coordinator knows. It has to let go of all its partitions and join again with epoch 0.",
        ),
        StaleMemberEpoch => (
            "멤버의 epoch가 낡았습니다. 하트비트로 새 epoch를 받은 다음 다시 요청해야 합니다.",
            "The member's epoch is old. It has to learn the new one with a heartbeat, and ask again.",
        ),
        UnreleasedInstanceId => (
            "같은 group.instance.id를 쓰는 멤버가 아직 그룹에 있습니다. 그 멤버가 나가거나 세션이 끝나야 들어갈 수 있습니다.",
            "A member with the same group.instance.id is still in the group. It has to leave, or its session has to end.",
        ),
        UnsupportedAssignor => (
            "코디네이터에 그런 assignor가 없습니다. group.remote.assignor는 uniform이나 range입니다.",
            "The coordinator has no such assignor. group.remote.assignor is uniform or range.",
        ),
        InvalidSessionTimeout => (
            "session.timeout.ms가 브로커의 group.min.session.timeout.ms와 group.max.session.timeout.ms 사이에 있지 않습니다.",
            "session.timeout.ms is not between the broker's group.min.session.timeout.ms and group.max.session.timeout.ms.",
        ),
        _ => return None,
    };
    Some(lang.pick(ko, en))
}
