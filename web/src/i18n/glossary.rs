//! Kafka's terms in one sentence each. Terms stay English in both languages; the Korean gloss stands
//! beside them.

use super::Lang;

/// A term: as Kafka writes it, its Korean gloss, and what it means.
pub struct Term {
    pub term: &'static str,
    pub gloss_ko: &'static str,
    meaning: (&'static str, &'static str),
}

impl Term {
    pub fn meaning(&self, lang: Lang) -> &'static str {
        lang.pick(self.meaning.0, self.meaning.1)
    }
}

const fn term(
    term: &'static str,
    gloss_ko: &'static str,
    ko: &'static str,
    en: &'static str,
) -> Term {
    Term { term, gloss_ko, meaning: (ko, en) }
}

/// From what one meets first to what one meets last.
#[rustfmt::skip]
pub static GLOSSARY: [Term; 27] = [
    term("record", "레코드", "키, 값, 타임스탬프, 헤더로 이루어진 한 건의 데이터입니다.", "One piece of data: key, value, timestamp, headers."),
    term("topic", "토픽", "레코드를 모으는 이름입니다. 파티션으로 나뉩니다.", "A name under which records are gathered; it is divided into partitions."),
    term("partition", "파티션", "순서가 지켜지는 로그 하나입니다. 순서는 파티션 안에서만 보장됩니다.", "One log with an order of its own; order holds only within a partition."),
    term("offset", "오프셋", "파티션 안에서 레코드의 번호입니다. 0부터 셉니다.", "The number of a record in its partition, from 0."),
    term("record batch", "레코드 배치", "함께 쓰고 함께 복제되는 레코드의 묶음입니다. CRC가 붙습니다.", "Records that are written and replicated together, under one CRC."),
    term("segment", "세그먼트", "로그 파일 하나입니다. 첫 오프셋이 파일 이름입니다.", "One file of a log, named after its first offset."),
    term("broker", "브로커", "레코드를 저장하고 요청에 답하는 서버입니다.", "A server that stores records and answers requests."),
    term("controller", "컨트롤러", "메타데이터를 정하는 서버입니다. 누가 살아 있고 누가 리더인지 결정합니다.", "The server that decides on metadata: who is alive, who leads."),
    term("replica", "레플리카", "브로커가 가진 파티션의 사본 하나입니다.", "One broker's copy of a partition."),
    term("leader (L)", "리더", "쓰기와 읽기를 받는 레플리카입니다. 파티션마다 하나입니다.", "The replica that takes writes and reads; one for each partition."),
    term("follower (F)", "팔로워", "리더에게서 Fetch로 가져와 복제하는 레플리카입니다.", "A replica that copies from the leader with Fetch."),
    term("LEO", "로그 끝 오프셋", "log end offset. 그 레플리카에 다음으로 쓰일 레코드의 오프셋입니다.", "Log end offset: the offset that the next record in that replica will have."),
    term("HW", "하이 워터마크", "high watermark. ISR 모두가 가진 곳까지이며, 컨슈머는 그 앞까지만 읽습니다.", "High watermark: everything below is on the whole ISR. Consumers read only below it."),
    term("committed", "커밋됨", "high watermark 아래에 있는 레코드입니다. ISR에서 리더를 뽑는 한 사라지지 않습니다.", "Below the high watermark. It is not lost as long as leaders come from the ISR."),
    term("ISR", "동기화된 레플리카", "in-sync replicas. 리더를 따라잡고 있는 레플리카의 모임입니다.", "In-sync replicas: those that keep up with the leader, and the leader."),
    term("under-replicated", "복제 부족", "ISR이 레플리카 수보다 적은 상태입니다.", "The ISR is smaller than the set of replicas."),
    term("acks", "응답 조건", "프로듀서가 언제 답을 받을지입니다. 0은 기다리지 않고, 1은 리더가 저장하면, all은 ISR이 복제하면 답합니다.", "When the producer is answered: 0 not at all, 1 once the leader has stored, all once the ISR has replicated."),
    term("min.insync.replicas", "최소 ISR 수", "acks=all을 받아들이는 데 필요한 ISR의 크기입니다.", "How large the ISR must be for acks=all to be accepted."),
    term("leader epoch", "리더 에포크", "리더가 바뀔 때마다 하나씩 느는 번호입니다. 레코드마다 적혀 있어 옛 리더의 기록을 가려냅니다.", "A number that grows with each change of leader. It is written with the records and tells an old leader's apart."),
    term("truncation", "잘라 내기", "팔로워가 리더와 다른 뒷부분을 버리는 일입니다.", "A follower drops the end of its log where it differs from the leader's."),
    term("broker epoch", "브로커 에포크", "브로커가 등록할 때 받는 번호입니다. 다시 시작하면 새로 받습니다.", "A number given to a broker at registration; a restart brings a new one."),
    term("fenced", "격리됨", "heartbeat가 끊겨 컨트롤러가 리더에서 제외한 브로커의 상태입니다.", "Heartbeats stopped, so the controller keeps the broker from leading."),
    term("unclean leader election", "불완전 리더 선출", "ISR 밖에서 리더를 뽑는 일입니다. 커밋된 레코드를 잃을 수 있습니다.", "A leader from outside the ISR; committed records may be lost."),
    term("rack", "랙", "전원과 스위치를 함께 쓰는 서버들입니다(broker.rack). 컨트롤러는 한 파티션의 레플리카를 되도록 다른 랙에 둡니다.", "Servers that share their power and their switch (broker.rack). The controller puts the replicas of a partition into different ones where it can."),
    term("page cache", "페이지 캐시", "운영 체제가 메모리에 들고 있는 파일 내용입니다. 정전이면 사라집니다.", "File content that the operating system holds in memory; a power loss takes it."),
    term("purgatory", "대기실", "조건이 맞을 때까지 답을 미룬 요청이 기다리는 곳입니다.", "Where requests wait whose answer has to wait for a condition."),
    term("virtual time", "가상 시간", "클러스터 안의 시간입니다. 멈추고, 되감고, 빨리 감을 수 있습니다.", "The time inside the cluster; it can be stopped, rewound and hurried."),
];

/// The heading of a term: in Korean with its gloss.
pub fn heading(term: &Term, lang: Lang) -> String {
    match lang {
        Lang::Ko => format!("{} · {}", term.term, term.gloss_ko),
        Lang::En => term.term.to_string(),
    }
}
