//! Timers in words: what it is time to do.

use super::Teller;
use crate::script::lang::say;
use crate::world::Timer;

impl Teller<'_> {
    pub(super) fn timer_fired(&self, timer: &Timer) -> String {
        let (place, (ko, en)) = (&self.place, deed(timer));
        say!(self.lang, "{place}이(가) {ko} 때가 되었습니다.", "It is time for {place} to {en}.")
    }
}

/// What the owner of the timer does when it fires.
fn deed(timer: &Timer) -> (String, String) {
    let fixed = |ko: &str, en: &str| (ko.to_string(), en.to_string());
    match timer {
        Timer::WriteBack => {
            fixed("오래된 더티 페이지를 디스크에 쓸", "write old dirty pages to the disk")
        }
        Timer::Registration => {
            fixed("컨트롤러에 등록을 다시 요청할", "ask the controller again to be registered")
        }
        Timer::Heartbeat => fixed("다음 하트비트를 보낼", "send its next heartbeat"),
        Timer::IsrExpiration => {
            fixed("오래 뒤처진 팔로워가 있는지 살필", "look for followers that lag too long")
        }
        Timer::HighWatermarkCheckpoint => {
            fixed("high watermark를 파일에 적을", "write its high watermarks to a file")
        }
        Timer::RecoveryPointCheckpoint => {
            fixed("recovery point를 파일에 적을", "write its recovery points to a file")
        }
        Timer::LogRetention => fixed(
            "보존 기간이나 크기를 넘긴 세그먼트를 찾을",
            "look for segments past their retention",
        ),
        Timer::LogFlush => {
            fixed("flush.ms가 지난 로그를 flush할", "flush logs that are past flush.ms")
        }
        Timer::DeleteFiles => {
            fixed("삭제를 기다리던 파일을 지울", "remove the files that waited to be deleted")
        }
        Timer::LogCleaner => {
            fixed("log cleaner를 한 걸음 움직일", "let its log cleaner take a step")
        }
        Timer::ReplicaFetch(leader) => {
            (format!("{leader}에서 다시 fetch할"), format!("fetch from {leader} again"))
        }
        Timer::AlterPartition(partition) => (
            format!("{partition}의 ISR 변경을 다시 요청할"),
            format!("ask again to change the ISR of {partition}"),
        ),
        Timer::Parked(_) => {
            fixed("오래 미룬 요청에 답할", "answer a request that has waited long enough")
        }
        Timer::ShutdownDeadline => {
            fixed("더 기다리지 않고 종료할", "stop without waiting any longer")
        }
        Timer::Election => fixed(
            "더 기다리지 않고 컨트롤러 선출에 나설",
            "wait no longer and see to an election of controllers",
        ),
        Timer::QuorumFetch => {
            fixed("메타데이터 로그를 다시 fetch할", "fetch the metadata log again")
        }
        Timer::ParkedMetadataFetch(_) => {
            fixed("오래 미룬 fetch에 답할", "answer a fetch that has waited long enough")
        }
        Timer::MetadataLogClean => fixed(
            "메타데이터 로그와 스냅숏에서 지울 것이 있는지 살필",
            "see what may go of its metadata log and snapshots",
        ),
        Timer::BeginQuorumEpoch => fixed(
            "답이 없는 투표자에게 새 에포크를 다시 알릴",
            "tell silent voters again that its epoch has begun",
        ),
        Timer::CheckQuorum => fixed(
            "투표자의 과반수가 살아 있는지 살필",
            "see whether it still hears of a majority of voters",
        ),
        Timer::SessionCheck => fixed(
            "브로커의 하트비트가 끊겼는지 살필",
            "look for brokers that it no longer hears of",
        ),
        Timer::UncleanElection => fixed(
            "리더 없는 파티션에 unclean 리더를 뽑을 수 있는지 살필",
            "look for partitions without a leader that may have an unclean one",
        ),
        Timer::LeaderBalance => fixed(
            "첫 레플리카(preferred leader)에 리더를 돌려줄 파티션이 있는지 살필",
            "look for partitions that their preferred leader could lead",
        ),
        Timer::Linger(partition) => (
            format!("{partition}(으)로 모은 레코드를 보낼"),
            format!("send what it has gathered for {partition}"),
        ),
        Timer::Retry(partition) => (
            format!("{partition}의 배치를 다시 보낼"),
            format!("send the batch for {partition} again"),
        ),
        Timer::DeliveryTimeout => fixed(
            "delivery.timeout.ms 안에 전하지 못한 배치를 포기할",
            "give up on what it could not deliver within delivery.timeout.ms",
        ),
        Timer::Workload => fixed("워크로드의 다음 것을 보낼", "send the next of its workload"),
        Timer::MaxBlock => fixed(
            "max.block.ms만큼 기다린 send를 포기할",
            "give up on a send that has waited for max.block.ms",
        ),
        Timer::InitProducerId => {
            fixed("producer id를 다시 물을", "ask a broker again for a producer id")
        }
        Timer::MetadataRefresh => {
            fixed("메타데이터를 다시 물을", "ask a broker again for metadata")
        }
        Timer::MetadataExpiry => fixed(
            "metadata.max.age.ms가 지나 메타데이터를 다시 물을",
            "ask a broker again for metadata, as metadata.max.age.ms is over",
        ),
        Timer::GroupsLoaded(partition) => (
            format!("{partition}에서 그룹을 다 읽을"),
            format!("have read the groups of {partition}"),
        ),
        Timer::OffsetsCommit(..) => fixed(
            "로그에 적은 것이 커밋되기를 더 기다리지 않을",
            "wait no longer for what it wrote to be committed",
        ),
        Timer::GroupSession(group, _) => (
            format!("그룹 {group}의 멤버를 session.timeout.ms 동안 보지 못해 내보낼"),
            format!("give up on a member of group {group} that it has not heard of"),
        ),
        Timer::GroupRevocation(group, _) => (
            format!("그룹 {group}의 멤버가 파티션을 내놓기를 더는 기다리지 않을"),
            format!("stop waiting for a member of group {group} to give partitions up"),
        ),
        Timer::GroupJoin(group) => (
            format!("그룹 {group}에 들어올 멤버를 더 기다리지 않을"),
            format!("wait no longer for members to join group {group}"),
        ),
        Timer::GroupSync(group) => (
            format!("그룹 {group}의 배정을 물어 오기를 더 기다리지 않을"),
            format!("wait no longer for members of group {group} to ask for their assignment"),
        ),
        Timer::OffsetsRetention => {
            fixed("쓰지 않는 커밋된 오프셋을 찾을", "look for committed offsets that nobody uses")
        }
        Timer::GroupRetry => fixed("코디네이터에 다시 물을", "ask its coordinator again"),
        Timer::GroupHeartbeat => {
            fixed("코디네이터에 하트비트를 보낼", "send a heartbeat to its coordinator")
        }
        Timer::TransactionsLoaded(partition) => (
            format!("{partition}에서 트랜잭션을 다 읽을"),
            format!("have read the transactions of {partition}"),
        ),
        Timer::TransactionMarkers(id) => (
            format!("{id}의 트랜잭션 마커를 다시 챙길"),
            format!("see again to the markers of the transaction of {id}"),
        ),
        Timer::AbortTimedOutTransactions => fixed(
            "transaction.timeout.ms를 넘긴 트랜잭션을 찾을",
            "look for transactions that are past transaction.timeout.ms",
        ),
        Timer::ExpireTransactionalIds => fixed(
            "오래 쓰지 않은 transactional.id를 찾을",
            "look for transactional ids that nobody has used for long",
        ),
        Timer::CoordinatorSilent => fixed(
            "오래 답이 없는 코디네이터를 다시 찾을",
            "look anew for a coordinator that has been silent for too long",
        ),
        Timer::AutoCommit => fixed("읽은 위치를 자동으로 커밋할", "commit its positions by itself"),
        Timer::Processing => fixed("레코드 하나의 처리를 끝낼", "be done with a record"),
        Timer::MaxPollInterval => fixed(
            "max.poll.interval.ms 안에 poll을 부르지 못해 그룹에서 나갈",
            "leave its group, as the application has not called poll within max.poll.interval.ms",
        ),
        Timer::Poll(leader) => {
            (format!("{leader}에 다시 요청할"), format!("fetch from {leader} again"))
        }
    }
}
