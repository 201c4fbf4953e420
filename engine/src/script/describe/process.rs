//! What happens to processes and disks, in words.

use super::Teller;
use crate::ids::{NodeId, TopicPartition};
use crate::protocol::Api;
use crate::script::lang::say;
use crate::sim::disk::DiskError;
use crate::sim::time::SimTime;

impl Teller<'_> {
    pub(super) fn broker_added(&self, node: NodeId) -> String {
        say!(
            self.lang,
            "빈 디스크를 가진 새 서버 {node}이(가) 생겼습니다.",
            "{node} is a new host, with an empty disk."
        )
    }

    pub(super) fn broker_replaced(&self, node: NodeId, bytes: u64) -> String {
        say!(
            self.lang,
            "{node}의 서버가 디스크의 {bytes}바이트와 함께 사라지고, 번호가 같은 빈 서버가 대신합니다.",
            "The host of {node} is gone, with the {bytes} bytes on its disk; an empty one of the same id takes its place."
        )
    }

    pub(super) fn started(&self, node: NodeId) -> String {
        say!(self.lang, "{node}이(가) 시작했습니다.", "{node} started.")
    }

    pub(super) fn crashed(&self, node: NodeId) -> String {
        say!(
            self.lang,
            "{node}의 프로세스가 죽었습니다. 디스크와 페이지 캐시는 남아 있습니다.",
            "The process of {node} died. Its disk and page cache are still there."
        )
    }

    pub(super) fn power_lost(&self, node: NodeId, bytes: u64) -> String {
        if bytes == 0 {
            return say!(
                self.lang,
                "{node}의 전원이 나갔습니다. 잃은 바이트는 없습니다.",
                "{node} lost power. No byte was lost with it."
            );
        }
        say!(
            self.lang,
            "{node}의 전원이 나갔습니다. 디스크에 닿지 않은 {bytes}바이트가 사라졌습니다.",
            "{node} lost power, and with it {bytes} bytes that had not reached its disk."
        )
    }

    pub(super) fn log_dir_failed(&self, node: NodeId, error: DiskError) -> String {
        let error = error.message();
        say!(
            self.lang,
            "{node}의 로그 디렉터리가 고장 났습니다({error}).",
            "The log directory of {node} has failed: {error}."
        )
    }

    pub(super) fn disk_lost(&self, node: NodeId, bytes: u64) -> String {
        say!(
            self.lang,
            "{node}의 디스크가 {bytes}바이트와 함께 사라졌습니다. 다음에는 빈 디스크로 시작합니다.",
            "The disk of {node} is lost, with {bytes} bytes. The next start begins on an empty one."
        )
    }

    pub(super) fn halted(&self, node: NodeId) -> String {
        say!(
            self.lang,
            "하나뿐인 로그 디렉터리를 쓸 수 없어 {node}이(가) 스스로 멈췄습니다.",
            "{node} halted: its only log directory is offline."
        )
    }

    pub(super) fn disk_awaited(&self, node: NodeId, api: Api, until: SimTime) -> String {
        let api = api.name();
        say!(
            self.lang,
            "{node}의 디스크가 느려 {api}은(는) {until}에 처리합니다.",
            "The disk of {node} is slow: {api} is handled at {until}."
        )
    }

    pub(super) fn shutdown_began(&self, node: NodeId) -> String {
        say!(
            self.lang,
            "{node}이(가) 차례를 지켜 종료하기 시작했습니다(controlled shutdown).",
            "{node} began a controlled shutdown."
        )
    }

    pub(super) fn stopped(&self, node: NodeId) -> String {
        say!(
            self.lang,
            "{node}이(가) 모두 디스크에 쓰고 종료했습니다.",
            "{node} wrote everything to its disk and stopped."
        )
    }

    pub(super) fn paused(&self, node: NodeId) -> String {
        say!(self.lang, "{node}이(가) 멈췄습니다.", "{node} is paused.")
    }

    pub(super) fn resumed(&self, node: NodeId) -> String {
        say!(self.lang, "{node}이(가) 다시 움직입니다.", "{node} goes on.")
    }

    pub(super) fn recovered(
        &self,
        node: NodeId,
        partition: &TopicPartition,
        (end, mark): (i64, i64),
        cut: u64,
        clean: bool,
    ) -> String {
        match (clean, cut) {
            (true, _) => say!(
                self.lang,
                "{node}이(가) {partition}의 로그를 열었습니다. LEO {end}, high watermark {mark}.",
                "{node} opened its log of {partition}: LEO {end}, high watermark {mark}."
            ),
            (false, 0) => say!(
                self.lang,
                "{node}이(가) {partition}의 로그를 복구했습니다. LEO {end}, high watermark {mark}.",
                "{node} recovered its log of {partition}: LEO {end}, high watermark {mark}."
            ),
            (false, _) => say!(
                self.lang,
                "{node}이(가) {partition}의 로그를 복구하며 깨진 끝부분 {cut}바이트를 버렸습니다. LEO {end}, high watermark {mark}.",
                "{node} recovered its log of {partition} and dropped a torn tail of {cut} bytes: LEO {end}, high watermark {mark}."
            ),
        }
    }

    pub(super) fn flushed(&self, node: NodeId, bytes: u64) -> String {
        say!(
            self.lang,
            "{node}의 페이지 캐시에 있던 {bytes}바이트가 디스크에 닿았습니다.",
            "{bytes} bytes of the page cache of {node} reached its disk."
        )
    }

    pub(super) fn read_from_disk(&self, partition: &TopicPartition, bytes: u64) -> String {
        let place = &self.place;
        say!(
            self.lang,
            "{place}이(가) {partition}의 {bytes}바이트를 디스크에서 읽었습니다. 페이지 캐시에 없었고, 이제는 있습니다.",
            "{place} read {bytes} bytes of {partition} from its disk: the page cache did not have them. Now it does."
        )
    }

    pub(super) fn checkpointed(&self, node: NodeId) -> String {
        say!(
            self.lang,
            "{node}이(가) replication-offset-checkpoint에 high watermark를 적었습니다.",
            "{node} wrote its high watermarks to replication-offset-checkpoint."
        )
    }
}
