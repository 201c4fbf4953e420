//! The words of the monitors, of the comparison and of the search for a failure. What was found, and
//! why it was allowed, the engine says (`kafkascope_engine::script::words::finding`).

use super::{Lang, say, texts};
use crate::view_model::monitor::MonitorState;
use kafkascope_engine::invariant::Monitor;
use kafkascope_engine::sim::time::SimTime;
use kafkascope_engine::simulation::Goal;

texts! {
    pub enum MonitorText {
        Title: "여섯 가지 감시", "Six monitors";
        Lead: "지금 보이는 순간까지, 로그에 일어나지 않아야 할 여섯 가지가 일어났는지를 이벤트마다 확인합니다.", "Six things that should not happen to a log, checked after every event up to the shown moment.";
        Row: "감시", "Monitors";
        Lost: "확인 뒤 유실", "Acked, then lost";
        LostGuards: "프로듀서가 저장을 확인받은 레코드가 새 리더의 로그에 없으면 알립니다.", "Watches for a record that a producer was told is stored, and that a new leader does not have.";
        Diverged: "로그 갈라짐", "Logs diverged";
        DivergedGuards: "ISR에 있는 레플리카가 같은 오프셋에 서로 다른 배치를 가지면 알립니다. ISR 밖에서 잠시 다른 것은 보통 일입니다.", "Watches for replicas in sync that hold different batches at one offset. Outside the ISR logs may differ for a while; that is normal.";
        Back: "HW 되돌아감", "HW went back";
        BackGuards: "커밋된 끝이 로그와 함께 뒤로 가면 알립니다. 컨슈머가 이미 읽은 것이 사라질 수 있습니다. 새 리더가 HW를 잠시 낮게 아는 것은 보통 일입니다.", "Watches for a committed end that goes back with its log: what consumers have read may be gone. That a new leader knows a lower HW for a moment is normal.";
        Leaders: "한 에포크, 두 리더", "Two leaders";
        LeadersGuards: "두 브로커가 같은 leader epoch에 리더였다면 알립니다. 어떤 설정도 이것을 허락하지 않습니다.", "Watches for two brokers that lead in the same leader epoch. No setting allows it.";
        Twice: "두 번 적힘", "Written twice";
        TwiceGuards: "프로듀서가 한 번 보낸 레코드가 로그에 두 번 있으면 알립니다. 멱등성(idempotence)이 있으면 다시 온 배치를 리더가 알아봅니다.", "Watches for a record that is in a log twice, though its producer meant it once. With idempotence a leader knows a batch that comes again.";
        Order: "순서 뒤바뀜", "Out of order";
        OrderGuards: "먼저 보낸 레코드가 나중에 보낸 것보다 뒤에 적히면 알립니다. 멱등성이 있거나 요청을 하나씩만 보내면 순서가 지켜집니다.", "Watches for a record that stands behind one that its producer sent later. With idempotence, or with one request in flight, the order is kept.";
        Quiet: "없음", "none";
        Allowed: "설정이 허락함", "settings allowed it";
        Broken: "약속이 깨짐", "promise broken";
        Promise: "처음 깨진 약속", "The first promise that broke";
        UnderOldRule: "옛 규칙(history.rule)에서는 일어날 수 있는 일입니다. 지금 규칙에서는 일어나지 않습니다.", "Under a rule of old (history.rule) this may happen; under today's it does not.";
        AllowedBy: "허락한 것", "Allowed by";
        GoThere: "그 순간으로 가서 까닭 보기", "Go there, and see why";
        Compare: "나란히 보기", "Side by side";
        CompareHint: "같은 실행을 하나만 다르게 하여 나란히 봅니다", "The same run with one thing different, side by side";
        Find: "실패 찾기", "Find a failure";
        FindHint: "고른 설정에서 무언가를 잃는 가장 짧은 실행을 찾습니다", "Looks for the shortest run that loses something under the settings you pick";
    }
}

pub fn short_name(monitor: Monitor) -> MonitorText {
    match monitor {
        Monitor::AcknowledgedLost => MonitorText::Lost,
        Monitor::LogsDiverged => MonitorText::Diverged,
        Monitor::HighWatermarkBack => MonitorText::Back,
        Monitor::TwoLeaders => MonitorText::Leaders,
        Monitor::WrittenTwice => MonitorText::Twice,
        Monitor::OutOfOrder => MonitorText::Order,
    }
}

pub fn guards(monitor: Monitor) -> MonitorText {
    match monitor {
        Monitor::AcknowledgedLost => MonitorText::LostGuards,
        Monitor::LogsDiverged => MonitorText::DivergedGuards,
        Monitor::HighWatermarkBack => MonitorText::BackGuards,
        Monitor::TwoLeaders => MonitorText::LeadersGuards,
        Monitor::WrittenTwice => MonitorText::TwiceGuards,
        Monitor::OutOfOrder => MonitorText::OrderGuards,
    }
}

pub fn state_word(state: MonitorState) -> MonitorText {
    match state {
        MonitorState::Quiet => MonitorText::Quiet,
        MonitorState::Allowed => MonitorText::Allowed,
        MonitorState::Broken => MonitorText::Broken,
    }
}

pub fn rivals(lang: Lang, partition: &str, leaders: &str) -> String {
    say!(
        lang,
        "지금 {partition}에서는 {leaders}이(가) 저마다 리더라고 믿습니다. 에포크가 다르므로 보통 일입니다. 앞선 에포크의 리더는 아직 소식을 듣지 못했고, 그가 받은 것은 커밋될 수 없습니다.",
        "At this moment {leaders} all believe to lead {partition}. In different epochs that is normal: the one of the earlier epoch has not heard yet, and cannot commit what it takes."
    )
}

texts! {
    pub enum SearchText {
        Title: "실패 찾기", "Find a failure";
        Lead: "씨앗(seed)마다 다른 고장을 일으켜 보며 고른 일이 일어나는 실행을 찾고, 없어도 되는 명령을 덜어 가장 짧게 만듭니다.", "Tries seed after seed with faults at random until what you picked happens, then leaves out every command it does not take.";
        What: "무엇을 잃어 볼까요?", "What shall be lost?";
        Start: "찾기", "Search";
        Again: "다른 씨앗으로 다시", "Search on";
        Cancel: "그만", "Cancel";
        Open: "이 실행 열기", "Open this run";
        Link: "링크 복사", "Copy its link";
        Script: "이 실행의 명령", "The commands of this run";
        GaveUp: "찾지 못했습니다. 다른 것을 골라 보세요.", "Nothing found. Try another goal.";
        Linked: "이 실행의 링크를 복사했습니다.", "The link to this run is copied.";
        ByAcks: "acks=1로 확인받은 레코드", "A record acknowledged with acks=1";
        ByAcksHint: "프로세스 죽음과 끊긴 링크만으로", "crashes and cut links are enough";
        ByMinIsr: "min.insync.replicas=1에서 acks=all로 확인받은 레코드", "A record acknowledged with acks=all, min.insync.replicas=1";
        ByMinIsrHint: "전원이 나가는 호스트", "hosts lose their power";
        ByUnclean: "unclean.leader.election.enable=true에서 확인받은 레코드", "A record with unclean.leader.election.enable=true";
        ByUncleanHint: "ISR 밖의 레플리카가 리더가 될 때", "a replica out of sync comes to lead";
        ByHistory: "옛 자르기 규칙에서 확인받은 레코드", "A record under the truncation rule of old";
        ByHistoryHint: "acks=all, min.insync.replicas=2, 프로세스 죽음만으로 (KIP-101 이전)", "acks=all, min.insync.replicas=2, crashes alone, before KIP-101";
        Diverged: "옛 규칙에서 갈라진 로그", "Logs that diverge under the rule of old";
        DivergedHint: "ISR의 로그가 끝내 달라짐 (KIP-101 이전)", "replicas in sync stay different, before KIP-101";
        Back: "되돌아가는 HW", "A high watermark that goes back";
        BackHint: "unclean 선출 뒤 커밋된 끝이 줄어듦", "after an unclean election less is committed";
    }
}

pub fn goal(goal: Goal) -> (SearchText, SearchText) {
    match goal {
        Goal::LostByAcks => (SearchText::ByAcks, SearchText::ByAcksHint),
        Goal::LostByMinIsr => (SearchText::ByMinIsr, SearchText::ByMinIsrHint),
        Goal::LostByUncleanElection => (SearchText::ByUnclean, SearchText::ByUncleanHint),
        Goal::LostByHistory => (SearchText::ByHistory, SearchText::ByHistoryHint),
        Goal::DivergedByHistory => (SearchText::Diverged, SearchText::DivergedHint),
        Goal::HighWatermarkBack => (SearchText::Back, SearchText::BackHint),
    }
}

pub fn seeking(lang: Lang, seeds: u64) -> String {
    say!(lang, "씨앗 {seeds}개째를 돌려 보는 중입니다…", "Trying seed number {seeds}…")
}

pub fn shortening(lang: Lang, seeds: u64, commands: usize, first: usize) -> String {
    say!(
        lang,
        "씨앗 {seeds}개 만에 찾았습니다. 명령을 {first}개에서 {commands}개로 줄이는 중입니다…",
        "Found after {seeds} seeds. Shortening: {commands} of {first} commands left…"
    )
}

pub fn found(lang: Lang, seeds: u64, commands: usize) -> String {
    say!(
        lang,
        "씨앗 {seeds}개 만에 찾았습니다. 명령 {commands}개면 됩니다.",
        "Found after {seeds} seeds. It takes {commands} commands."
    )
}

texts! {
    pub enum CompareText {
        Title: "나란히 보기: 하나만 다르게", "Side by side: one thing different";
        SameRun: "같은 실행에서", "The same run, but with";
        From: "언제부터", "From";
        FromStart: "처음부터", "from the start";
        FromNow: "지금 보이는 순간부터", "from the shown moment";
        Run: "나란히 놓기", "Compare";
        Working: "다시 돌려 보는 중입니다…", "Playing the other run…";
        AsItRan: "있던 그대로", "as it ran";
        GroupAcks: "모든 produce의 acks", "acks of every produce";
        GroupMin: "min.insync.replicas", "min.insync.replicas";
        GroupUnclean: "unclean.leader.election.enable", "unclean.leader.election.enable";
        GroupHistory: "자르기 규칙 (history.rule)", "Truncation rule (history.rule)";
        GroupWithout: "주지 않을 명령", "A command left out";
        GroupDropped: "지금 가고 있는 메시지 하나를 잃음", "One message under way, lost";
        LostMessage: "사라진 메시지:", "lost:";
        WhatIfLost: "이 메시지가 사라졌다면? 나란히 보기", "What if it were lost? Side by side";
        GroupBranch: "남겨 둔 갈래", "A branch that was kept";
        Branch: "갈래", "branch";
        Without: "없이", "without";
        FirstDifference: "처음 갈라진 곳", "First difference";
        NoDifference: "두 실행은 끝까지 같습니다.", "The two runs are alike to their end.";
        NothingMore: "더 일어난 일이 없습니다.", "Nothing more happened.";
        ShowIt: "이 순간 보기", "Show this moment";
        Tally: "보이는 순간까지 프로듀서가 들은 것", "What producers were told, up to this moment";
        Acknowledged: "확인받음", "acknowledged";
        Lost: "확인 뒤 유실", "acknowledged, then lost";
        StillThere: "남아 있음", "still there";
        Refused: "거절당함", "refused";
        Duplicated: "두 번 적힘", "duplicated";
        Unasked: "acks=0으로 보냄", "sent with acks=0";
        Axis: "두 실행의 시간", "Time of both runs";
        Previous: "앞선 순간", "Earlier moment";
        Next: "다음 순간", "Later moment";
        Play: "재생", "Play";
        Pause: "멈춤", "Pause";
        Partition: "파티션", "Partition";
        LostRow: "유실", "lost";
        NoLeader: "리더 없음", "no leader";
        Differs: "다른 쪽과 다름", "differs from the other side";
        OpenSide: "이 실행 열기", "Open this run";
        Share: "비교 링크 복사", "Copy a link to this comparison";
        Shared: "이 비교의 링크를 복사했습니다.", "The link to this comparison is copied.";
        RefusedThere: "이쪽에서는 거절된 명령", "Refused on this side";
        Ready: "비교", "Comparisons";
    }
}

pub fn leads(lang: Lang, leader: &str, epoch: i32, isr: &str) -> String {
    say!(
        lang,
        "리더 {leader} · 에포크 {epoch} · ISR {isr}",
        "leader {leader} · epoch {epoch} · ISR {isr}"
    )
}

/// This side does nothing at the moment of the difference.
pub fn next_only(lang: Lang, at: SimTime, told: &str) -> String {
    say!(
        lang,
        "이쪽에서는 일어나지 않습니다. 다음은 {at}: {told}",
        "Not on this side. Next, at {at}: {told}"
    )
}
