//! A broken promise in one sentence. What it is called in tables and tests is
//! [`Broken::name`].

use crate::invariant::Broken;
use crate::script::lang::{Lang, say};

pub fn broken(broken: &Broken, lang: Lang) -> String {
    use Broken::*;
    match broken {
        CommittedRecordsLost { partition, leader, from, to } => say!(
            lang,
            "{partition}의 새 리더 {leader}에 커밋된 레코드 {from}부터 {to} 앞까지가 없습니다.",
            "{leader}, the new leader of {partition}, lacks committed records from {from} up to {to}."
        ),
        DecidedBeforeCommit { transactional_id, node } => say!(
            lang,
            "{node}이(가) {transactional_id}의 트랜잭션에 대한 결정을 커밋되기 전에 알렸습니다.",
            "{node} told what will become of the transaction of {transactional_id} before that was committed."
        ),
        DecidedTwice { transactional_id, producer_id, epoch } => say!(
            lang,
            "{transactional_id}의 트랜잭션 하나(producer id {producer_id}, epoch {epoch})가 커밋으로도 중단으로도 정해졌습니다.",
            "A transaction of {transactional_id} (producer id {producer_id}, epoch {epoch}) was both to be committed and to be aborted."
        ),
        MarkerWithoutDecision { partition, producer_id, epoch, offset } => say!(
            lang,
            "{partition}의 오프셋 {offset}에 있는 마커(producer id {producer_id}, epoch {epoch})가 코디네이터의 결정과 다르게 트랜잭션을 끝냈습니다.",
            "The marker at offset {offset} of {partition} (producer id {producer_id}, epoch {epoch}) ended a transaction otherwise than its coordinator had decided."
        ),
        FencedProducerWrote { partition, producer_id, epoch, offset } => say!(
            lang,
            "차단된 프로듀서(producer id {producer_id}, epoch {epoch})가 {partition}의 오프셋 {offset}에 썼습니다.",
            "A fenced producer (producer id {producer_id}, epoch {epoch}) wrote at offset {offset} of {partition}."
        ),
        ReadCommittedNotExact { partition, base_offset, last_offset, records, committed } => say!(
            lang,
            "read_committed 컨슈머가 {partition}의 오프셋 {base_offset}-{last_offset}에서 레코드 {records}개를 받았는데, 커밋된 것은 {committed}개입니다.",
            "A consumer with read_committed got records {records} of offsets {base_offset}-{last_offset} of {partition}, of which {committed} are committed."
        ),
        TransactionNeverEnded { transactional_id } => say!(
            lang,
            "장애가 끝났는데 {transactional_id}의 정해진 트랜잭션이 완료되지 않습니다.",
            "The faults have ended, and the transaction of {transactional_id} is decided and not complete."
        ),
        TransactionHangs { partition, producer_id, first_offset } => say!(
            lang,
            "{partition}의 오프셋 {first_offset}에서 시작한 트랜잭션(producer id {producer_id})을 아는 코디네이터가 없습니다.",
            "No coordinator knows the transaction that began at offset {first_offset} of {partition} (producer id {producer_id})."
        ),
        NotExactlyOnce { source, times } => say!(
            lang,
            "입력 {source}이(가) 커밋된 출력에 {times}번 들어 있습니다.",
            "The input {source} is in the committed output {times} times."
        ),
        LogsDiverged { partition, node, offset } => say!(
            lang,
            "{node}이(가) {partition}의 커밋된 오프셋 {offset}에 다른 배치를 가지고 있습니다.",
            "{node} holds another batch at the committed offset {offset} of {partition}."
        ),
        TwoLeadersInOneEpoch { partition, leader_epoch, nodes: [one, other] } => say!(
            lang,
            "{one}과(와) {other}이(가) 같은 leader epoch {leader_epoch}에 {partition}의 리더였습니다.",
            "{one} and {other} both led {partition} in leader epoch {leader_epoch}."
        ),
        HighWatermarkWentBack { partition, node, from, to } => say!(
            lang,
            "{node}이(가) 아는 {partition}의 HW가 {from}에서 {to}(으)로 되돌아갔습니다.",
            "On {node} the high watermark of {partition} went back from {from} to {to}."
        ),
        HighWatermarkAboveLogEnd { partition, node, high_watermark } => say!(
            lang,
            "{node}에서 {partition}의 HW {high_watermark}이(가) 로그 끝보다 뒤에 있습니다.",
            "On {node} the high watermark {high_watermark} of {partition} is beyond the end of the log."
        ),
        IsrMemberBehind { partition, node, log_end_offset, committed } => say!(
            lang,
            "{node}은(는) {partition}의 ISR에 있는데 LEO가 {log_end_offset}(으)로, 커밋된 끝 {committed}에 미치지 못합니다.",
            "{node} is in the ISR of {partition} with a LEO of {log_end_offset}, short of the committed end {committed}."
        ),
        RecoveryLostRecords { partition, node, log_end_offset } => say!(
            lang,
            "{node}의 프로세스가 죽었을 뿐인데 {partition}의 레코드를 잃었습니다. 복구 뒤의 LEO는 {log_end_offset}입니다.",
            "The crash of a process cost {node} records of {partition}: after recovery its LEO is {log_end_offset}."
        ),
        LeaderOutsideIsr { partition, leader } => say!(
            lang,
            "{partition}의 리더 {leader}이(가) ISR 밖에 있습니다.",
            "{leader} leads {partition} from outside its ISR."
        ),
        IsrMemberNotCounted { partition, leader, missing } => say!(
            lang,
            "{partition}의 리더 {leader}이(가) ISR에 있는 {missing}을(를) 기다리지 않습니다.",
            "{leader} leads {partition} and does not wait for {missing}, a member of the ISR."
        ),
        UnregisteredInIsr { partition, node } => say!(
            lang,
            "등록이 지워진 {node}이(가) 아직 {partition}의 리더이거나 ISR에 있습니다.",
            "{node} was unregistered and still leads {partition} or counts as in sync."
        ),
        AcknowledgedBelowMinIsr { partition, isr, min_isr } => say!(
            lang,
            "{partition}의 ISR이 {isr}개인데 acks=all을 확인해 주었습니다. min.insync.replicas는 {min_isr}입니다.",
            "acks=all was acknowledged for {partition} with {isr} in sync; min.insync.replicas is {min_isr}."
        ),
        AcknowledgedBeforeCommit { partition, offset, committed } => say!(
            lang,
            "{partition}의 오프셋 {offset}을(를) 커밋되기 전에 확인해 주었습니다. 커밋된 끝은 {committed}입니다.",
            "Offset {offset} of {partition} was acknowledged before it was committed; the committed end is {committed}."
        ),
        ConsumedBeforeCommit { partition, offset, committed } => say!(
            lang,
            "컨슈머가 {partition}의 오프셋 {offset}을(를) 커밋되기 전에 읽었습니다. 커밋된 끝은 {committed}입니다.",
            "A consumer read offset {offset} of {partition} before it was committed; the committed end is {committed}."
        ),
        CleanedTooFar { partition, node, first_uncleanable_offset, bound } => say!(
            lang,
            "{node}의 cleaner가 {partition}을(를) {first_uncleanable_offset}까지 정리하려 합니다. {bound}까지만 허락됩니다.",
            "On {node} the cleaner took up {partition} up to {first_uncleanable_offset}; only up to {bound} is allowed."
        ),
        CompactionLostRecord { partition, node, offset } => say!(
            lang,
            "{node}에서 compaction한 뒤 {partition}의 오프셋 {offset}이(가) 없거나 다릅니다.",
            "After a cleaning on {node}, offset {offset} of {partition} is missing or not what it was."
        ),
        DeletedUncommitted { partition, node, offset, high_watermark } => say!(
            lang,
            "{node}이(가) {partition}을(를) HW {high_watermark}을(를) 넘어 {offset}까지 지웠습니다.",
            "{node} deleted {partition} up to {offset}, beyond the high watermark {high_watermark}."
        ),
        LogStartWentBack { partition, node, from, to } => say!(
            lang,
            "{node}에서 {partition}의 로그 시작이 {from}에서 {to}(으)로 되돌아갔습니다.",
            "On {node} the log start of {partition} went back from {from} to {to}."
        ),
        CorruptBatch { partition, node, offset } => say!(
            lang,
            "{node}에 저장된 {partition}의 오프셋 {offset} 배치가 체크섬과 다릅니다.",
            "The batch at offset {offset} of {partition} on {node} does not have the checksum that it says."
        ),
        IndexNotTrue { partition, node, base_offset } => say!(
            lang,
            "{node}에서 {partition}의 세그먼트 {base_offset}의 인덱스가 로그와 맞지 않습니다.",
            "On {node} an index of segment {base_offset} of {partition} does not fit its log."
        ),
        BatchTooLarge { partition, node, size, most } => say!(
            lang,
            "{node}이(가) {partition}에 max.message.bytes({most})보다 큰 배치({size}바이트)를 저장했습니다.",
            "{node} stored a batch of {size} bytes in {partition}; max.message.bytes is {most}."
        ),
        NotConverged { partition, node: Some(node) } => say!(
            lang,
            "고장이 모두 끝났는데 {node}의 {partition} 로그가 리더의 로그와 다릅니다.",
            "The faults have ended, but the log of {partition} on {node} is not the leader's."
        ),
        NotConverged { partition, node: None } => say!(
            lang,
            "고장이 모두 끝났는데 {partition}에 리더가 없습니다.",
            "The faults have ended, but nobody leads {partition}."
        ),
        TwoQuorumLeaders { epoch, nodes: [one, other] } => say!(
            lang,
            "{one}과(와) {other}이(가) 같은 에포크 {epoch}에 쿼럼의 리더였습니다.",
            "{one} and {other} both led the quorum in epoch {epoch}."
        ),
        QuorumEpochWentBack { node, from, to } => say!(
            lang,
            "{node}의 쿼럼 에포크가 {from}에서 {to}(으)로 되돌아갔습니다.",
            "The quorum epoch of {node} went back from {from} to {to}."
        ),
        CommittedMetadataLost { node, offset } => say!(
            lang,
            "쿼럼의 새 리더 {node}에 오프셋 {offset}의 커밋된 메타데이터가 없습니다.",
            "{node}, the new leader of the quorum, lacks committed metadata at offset {offset}."
        ),
        CommittedMetadataDiverged { node, offset } => say!(
            lang,
            "{node}이(가) 메타데이터 오프셋 {offset}에서 다른 것을 커밋된 것으로 압니다.",
            "{node} took other metadata for committed at offset {offset}."
        ),
        SnapshotOfUncommitted { node, offset } => say!(
            lang,
            "{node}의 스냅숏 {offset}에 커밋되지 않은 메타데이터가 있습니다.",
            "The snapshot of {node} at {offset} holds metadata that no majority has."
        ),
        SnapshotNotTrue { node, offset } => say!(
            lang,
            "{node}에서 스냅숏으로 얻은 메타데이터가 오프셋 {offset}에서 전체 로그와 다릅니다.",
            "On {node} what a snapshot led to at offset {offset} is not what the whole log adds up to."
        ),
        LeaderLoadedSnapshot { node, offset } => say!(
            lang,
            "쿼럼의 리더 {node}이(가) 오프셋 {offset}의 스냅숏에서 상태를 얻었습니다.",
            "{node} leads the quorum and took its state from a snapshot at offset {offset}."
        ),
        LogStartWithoutSnapshot { node, log_start_offset } => say!(
            lang,
            "{node}의 메타데이터 로그가 {log_start_offset}부터 시작하는데 그 앞을 담은 스냅숏이 없습니다.",
            "The metadata log of {node} begins at {log_start_offset}, and no snapshot stands for what came before."
        ),
        IsrMemberFenced { partition, member } => say!(
            lang,
            "컨트롤러가 없는 것으로 아는 {member}이(가) {partition}의 ISR에 들어갔습니다.",
            "{member} is in the ISR of {partition}, though the controller takes it for gone."
        ),
        CommittedWithoutMajority { node, offset } => say!(
            lang,
            "쿼럼의 리더 {node}이(가) 보터의 과반수가 가질 수 없는 오프셋 {offset}을(를) 커밋된 것으로 보았습니다.",
            "{node} leads the quorum and took offset {offset} for committed, which no majority of the voters can have."
        ),
        CoreNotConverged { node, partition } => {
            let what = match (node, partition) {
                (Some(node), _) => node.to_string(),
                (None, Some(partition)) => partition.to_string(),
                (None, None) => "-".to_string(),
            };
            say!(
                lang,
                "과반수의 고장이 끝났는데 그 안에서 아직 뜻이 맞지 않습니다: {what}.",
                "The faults of a majority have ended, but it does not agree with itself: {what}."
            )
        }
        CoreNotServing { partition, leader } => say!(
            lang,
            "과반수의 고장이 끝났는데 {partition}의 리더 {leader}이(가) 레코드를 받지 않습니다.",
            "The faults of a majority have ended, but {leader}, the leader of {partition}, takes no records."
        ),
        QuorumHighWatermarkWentBack { node, from, to } => say!(
            lang,
            "{node}이(가) 아는 메타데이터의 HW가 {from}에서 {to}(으)로 되돌아갔습니다.",
            "On {node} the high watermark of the metadata went back from {from} to {to}."
        ),
        SequenceNotNext { partition, producer_id, epoch, sequence, expected } => {
            let next = expected.map_or("-".to_string(), |next| next.to_string());
            say!(
                lang,
                "{partition}의 로그가 producer id {producer_id}(epoch {epoch})의 시퀀스 {sequence}을(를) 받았는데, 다음 차례는 {next}이었습니다.",
                "{partition} took sequence {sequence} of producer id {producer_id} (epoch {epoch}), and {next} was next."
            )
        }
        DuplicateNotRecognised { partition, node, producer_id, sequence } => say!(
            lang,
            "{node}이(가) 이미 받은 다섯 배치 안에 있는 producer id {producer_id}의 시퀀스 {sequence}을(를) {partition}에서 알아보지 못하고 거절했습니다.",
            "{node} refused sequence {sequence} of producer id {producer_id} in {partition}, which is among the last five batches that it took."
        ),
        TwoOwners { group, generation, partition } => say!(
            lang,
            "그룹 {group}의 generation {generation}에서 {partition}의 주인이 둘입니다.",
            "Two members of {group} own {partition} in generation {generation}."
        ),
        StaleCommitTaken { group, generation, current } => say!(
            lang,
            "{group}의 코디네이터가 지난 generation {generation}의 커밋을 받았습니다. 지금은 {current}입니다.",
            "The coordinator of {group} took a commit of generation {generation}; it is {current} by now."
        ),
        CommittedBeyondDelivered { group, partition, offset, delivered } => say!(
            lang,
            "그룹 {group}이(가) {partition}에서 {offset}까지 커밋했는데, 애플리케이션은 {delivered}까지만 받았습니다.",
            "{group} committed {partition} up to {offset}, and its application has got no more than {delivered}."
        ),
        CoordinatorNotTrue { partition, node } => say!(
            lang,
            "코디네이터 {node}이(가) 아는 것이 {partition}의 로그와 다릅니다.",
            "What the coordinator {node} knows is not what the log of {partition} says."
        ),
        NoActiveController => say!(
            lang,
            "고장이 모두 끝났는데 쿼럼에 리더가 없습니다.",
            "The faults have ended, but no controller leads."
        ),
        MessagesNotConserved => say!(
            lang,
            "보낸 메시지와, 도착했거나 사라진 메시지의 수가 맞지 않습니다.",
            "Messages sent do not add up with those delivered and lost."
        ),
        RecordsNeverSettled => say!(
            lang,
            "고장이 모두 끝났는데 프로듀서가 아직 답을 기다립니다.",
            "The faults have ended, but a producer still waits for an answer."
        ),
    }
}
