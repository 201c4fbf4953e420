//! How the controllers agree, in words.

use super::Teller;
use crate::ids::{NodeId, SnapshotId};
use crate::script::lang::say;

impl Teller<'_> {
    pub(super) fn votes_asked(&self, node: NodeId, epoch: i32, pre_vote: bool) -> String {
        if pre_vote {
            return say!(
                self.lang,
                "{node}이(가) 리더의 소식을 듣지 못해, 자기를 뽑아 줄지 다른 컨트롤러에 물었습니다(pre-vote, 에포크 {epoch}).",
                "{node} hears of no leader and asks the other controllers whether they would elect it (pre-vote, epoch {epoch})."
            );
        }
        say!(
            self.lang,
            "{node}이(가) 에포크 {epoch}을(를) 열고 후보로 나서 표를 청했습니다.",
            "{node} begins epoch {epoch} as a candidate and asks for votes."
        )
    }

    pub(super) fn vote_cast(
        &self,
        node: NodeId,
        candidate: NodeId,
        epoch: i32,
        pre_vote: bool,
        granted: bool,
    ) -> String {
        match (pre_vote, granted) {
            (true, true) => say!(
                self.lang,
                "{node}은(는) {candidate}을(를) 뽑겠다고 답했습니다(pre-vote).",
                "{node} would vote for {candidate} (pre-vote)."
            ),
            (true, false) => say!(
                self.lang,
                "{node}은(는) {candidate}을(를) 뽑지 않겠다고 답했습니다(pre-vote).",
                "{node} would not vote for {candidate} (pre-vote)."
            ),
            (false, true) => say!(
                self.lang,
                "{node}이(가) 에포크 {epoch}의 표를 {candidate}에게 주었습니다.",
                "{node} gave its vote of epoch {epoch} to {candidate}."
            ),
            (false, false) => say!(
                self.lang,
                "{node}이(가) {candidate}에게 표를 주지 않았습니다(에포크 {epoch}).",
                "{node} did not vote for {candidate} (epoch {epoch})."
            ),
        }
    }

    pub(super) fn quorum_leader_elected(&self, node: NodeId, epoch: i32, votes: u32) -> String {
        say!(
            self.lang,
            "{node}이(가) {votes}표로 에포크 {epoch}의 쿼럼 리더가 되었습니다.",
            "{node} leads the quorum in epoch {epoch}, elected by {votes} of the votes."
        )
    }

    pub(super) fn quorum_leader_resigned(&self, node: NodeId, epoch: i32) -> String {
        say!(
            self.lang,
            "{node}은(는) 이제 쿼럼 리더가 아닙니다(에포크 {epoch}).",
            "{node} no longer leads the quorum (epoch {epoch})."
        )
    }

    pub(super) fn quorum_leader_followed(
        &self,
        node: NodeId,
        leader: NodeId,
        epoch: i32,
        voter: bool,
    ) -> String {
        if !voter {
            return say!(
                self.lang,
                "{node}이(가) 이제 에포크 {epoch}의 쿼럼 리더 {leader}에서 메타데이터를 가져옵니다.",
                "{node} takes the metadata from {leader} now, which leads the quorum in epoch {epoch}."
            );
        }
        say!(
            self.lang,
            "{node}이(가) 에포크 {epoch}의 쿼럼 리더 {leader}을(를) 따릅니다.",
            "{node} follows {leader}, which leads the quorum in epoch {epoch}."
        )
    }

    pub(super) fn metadata_committed(&self, node: NodeId, offset: i64) -> String {
        say!(
            self.lang,
            "과반수가 메타데이터를 오프셋 {offset}까지 가졌습니다. {node}이(가) 커밋했습니다.",
            "A majority has the metadata up to offset {offset}: {node} committed it."
        )
    }

    pub(super) fn metadata_truncated(&self, node: NodeId, from: i64, to: i64) -> String {
        let range = self.offsets(to, from - 1);
        say!(
            self.lang,
            "{node}이(가) 메타데이터 로그에서 쿼럼 리더에게 없는 {range}을(를) 잘라 냈습니다. 커밋된 적이 없는 기록입니다.",
            "{node} cut {range} off its metadata log: the quorum's leader does not have them, and they were never committed."
        )
    }

    pub(super) fn snapshot_generated(
        &self,
        node: NodeId,
        id: SnapshotId,
        bytes: u64,
        after_bytes: Option<u64>,
    ) -> String {
        let SnapshotId { offset, epoch } = id;
        match after_bytes {
            Some(after) => say!(
                self.lang,
                "{node}이(가) 오프셋 {offset} 앞까지(에포크 {epoch})의 메타데이터를 스냅숏 하나로 적었습니다({bytes}바이트). 지난 스냅숏 뒤로 레코드가 {after}바이트 쌓였습니다.",
                "{node} wrote what the metadata below offset {offset} (epoch {epoch}) add up to into a snapshot of {bytes} bytes: {after} bytes of records had come since the last one."
            ),
            None => say!(
                self.lang,
                "{node}이(가) 오프셋 {offset} 앞까지(에포크 {epoch})의 메타데이터를 스냅숏 하나로 적었습니다({bytes}바이트). 지난 스냅숏이 오래되었습니다.",
                "{node} wrote what the metadata below offset {offset} (epoch {epoch}) add up to into a snapshot of {bytes} bytes: the last one was old."
            ),
        }
    }

    pub(super) fn snapshot_fetch_started(&self, node: NodeId, id: SnapshotId) -> String {
        let offset = id.offset;
        say!(
            self.lang,
            "쿼럼 리더가 스냅숏부터 가져가라고 답했습니다. {node}은(는) 오프셋 {offset} 앞까지의 스냅숏을 먼저 가져옵니다(FetchSnapshot).",
            "The quorum's leader would have {node} begin with a snapshot: {node} fetches the one of everything below offset {offset} first (FetchSnapshot)."
        )
    }

    pub(super) fn snapshot_fetched(&self, node: NodeId, id: SnapshotId, bytes: u64) -> String {
        let offset = id.offset;
        say!(
            self.lang,
            "{node}이(가) 스냅숏 {bytes}바이트를 모두 받았습니다. 메타데이터 로그는 이제 오프셋 {offset}에서 시작합니다.",
            "{node} has all {bytes} bytes of the snapshot; its metadata log begins at offset {offset} now."
        )
    }

    pub(super) fn snapshot_loaded(&self, node: NodeId, id: SnapshotId) -> String {
        let offset = id.offset;
        say!(
            self.lang,
            "{node}이(가) 클러스터의 상태를 스냅숏에서 읽었습니다(오프셋 {offset} 앞까지).",
            "{node} read the state of the cluster from a snapshot (everything below offset {offset})."
        )
    }

    pub(super) fn metadata_log_start_moved(
        &self,
        node: NodeId,
        log_start_offset: i64,
        segments: u32,
        snapshots: u32,
    ) -> String {
        say!(
            self.lang,
            "{node}의 메타데이터 로그가 이제 스냅숏이 있는 오프셋 {log_start_offset}에서 시작합니다. 세그먼트 {segments}개와 옛 스냅숏 {snapshots}개를 지웠습니다.",
            "The metadata log of {node} begins at offset {log_start_offset} now, where it has a snapshot; {segments} segments and {snapshots} older snapshots went."
        )
    }

    pub(super) fn controller_activated(&self, node: NodeId, epoch: i32) -> String {
        say!(
            self.lang,
            "{node}이(가) 액티브 컨트롤러(active controller)입니다(에포크 {epoch}). 이제 메타데이터를 바꿀 수 있습니다.",
            "{node} is the active controller (epoch {epoch}): metadata can change now."
        )
    }

    pub(super) fn changes_left_open(&self, node: NodeId, records: u32) -> String {
        say!(
            self.lang,
            "{node}이(가) 적은 메타데이터 {records}건은 커밋되었는지 모릅니다. 다음 리더의 로그가 정합니다.",
            "Whether {records} metadata records that {node} wrote are committed is open: the next leader's log decides."
        )
    }
}
