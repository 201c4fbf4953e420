//! The words of consumer groups: their cards on the stage, the inspector, the story of a group, its form.

use super::{Lang, say, t, texts};
use crate::view_model::groups::lag::{Clears, Pace};
use crate::view_model::groups::story::{Rebalance, Still, Trigger};
use kafkascope_engine::group::assignor::Assignor;
use kafkascope_engine::ids::ClientId;
use kafkascope_engine::sim::time::SimTime;

texts! {
    pub enum GroupText {
        Title: "컨슈머 그룹의 이야기", "The story of a consumer group";
        Group: "컨슈머 그룹(consumer group)", "Consumer group";
        Groups: "컨슈머 그룹", "Consumer groups";
        NewGroup: "새 그룹…", "New group…";
        NoMembers: "멤버 없음", "no members";
        Forming: "코디네이터를 찾는 중", "looking for its coordinator";
        Leader: "리더", "leader";
        Busy: "처리 중", "busy";
        Ended: "오류로 끝남", "ended with an error";
        Nothing: "받은 파티션 없음", "owns nothing";
        State: "상태", "State";
        Generation: "세대(generation)", "Generation";
        Protocol: "assignor", "Assignor";
        LeaderIs: "그룹 리더", "Group leader";
        WhyCoordinator: "왜 이 브로커인가", "Why this broker";
        Lag: "lag 합계", "Lag in all";
        Clears: "따라잡는 데", "Clears";
        Pace: "읽기 · 쓰기", "Read · written";
        Members: "멤버", "Members";
        Partitions: "파티션", "Partitions";
        Partition: "파티션", "Partition";
        Owner: "주인", "Owner";
        Position: "위치", "Position";
        Committed: "커밋됨", "Committed";
        End: "끝(HW)", "End (HW)";
        LagOf: "lag", "Lag";
        Why: "왜 이 멤버가 읽는가, 왜 서 있는가", "Why it is read, or stands still";
        OpenStory: "누가 언제 무엇을", "Who owned what when";
        OpenProtocol: "프로토콜", "The protocol";
        ToChart: "lag 그래프", "Chart of the lag";
        TabStory: "누가 언제 무엇을", "Who owned what when";
        TabProtocol: "프로토콜", "Protocol";
        TabOffsets: "오프셋과 lag", "Offsets and lag";
        Tabs: "그룹의 이야기", "The story of the group";
        Reach: "구간", "Span";
        ReachAll: "처음부터", "from the beginning";
        ReachMinute: "지난 1분", "the last minute";
        ReachLast: "지난 리밸런스", "the last rebalance";
        StoryHint: "색과 숫자는 멤버, 빗금은 아무도 읽지 않은 시간입니다. 가리키거나 초점을 두면 까닭이 나오고, 누르면 그때로 갑니다.", "Colours and numbers are members; hatched is the time when nobody read. Point at it for the reason, click to go there.";
        NoStory: "이 그룹은 아직 파티션을 나눈 적이 없습니다.", "This group has not divided any partitions yet.";
        Rebalances: "리밸런스(rebalance)", "Rebalances";
        Began: "시작", "Began";
        Cause: "계기", "Set off by";
        Took: "걸린 시간", "Took";
        Stopped: "멈춘 파티션", "Partitions stopped";
        Longest: "가장 오래", "Longest";
        InAll: "모두 합쳐", "In all";
        UnderWay: "진행 중", "under way";
        Eager: "eager: 모두 가진 것을 다 내놓고 시작합니다", "eager: everybody gives up everything first";
        Cooperative: "cooperative: 옮겨 갈 것만 내놓고, 나머지는 계속 읽습니다", "cooperative: only what moves is given up, the rest is read on";
        Choose: "리밸런스 고르기", "Choose a rebalance";
        FormTitle: "컨슈머 그룹 명령", "Consumer group commands";
        Join: "멤버 시작", "Start a member";
        Reset: "오프셋 재설정", "Reset offsets";
        Delete: "그룹 지우기", "Delete the group";
        JoinHint: "그룹의 이름이 처음이면 새 그룹이 생깁니다. 모든 멤버가 아는 assignor만 쓰이므로 한 그룹은 같은 것을 쓰세요.", "A name that is new makes a new group. Only an assignor that all members know is used, so keep to one in a group.";
        ResetHint: "멤버가 없는 그룹만 옮길 수 있습니다. 먼저 어디로 가는지 보여 줍니다(--dry-run).", "Only a group without members can be moved. First it is shown where to (--dry-run).";
        DeleteHint: "멤버가 없는 그룹과 그 오프셋이 사라집니다.", "A group without members, and its offsets, go.";
        Topic: "토픽", "Topic";
        Name: "컨슈머 이름", "Consumer";
        AllTopics: "커밋한 모든 토픽", "every topic it has committed";
        SessionTimeout: "session.timeout.ms", "session.timeout.ms";
        MaxPollInterval: "max.poll.interval.ms", "max.poll.interval.ms";
        Processing: "레코드당 처리 시간(ms)", "Processing of a record (ms)";
        GroupName: "그룹", "Group";
        To: "어디로", "Where to";
        Offset: "오프셋 또는 이동량", "Offset, or shift by";
        DryRun: "그렇게 하면", "It would become";
        NothingToMove: "옮길 파티션이 없습니다.", "There is no partition to move.";
        Default: "기본값", "default";
    }
}

/// A length of virtual time, as exact as it is worth.
pub fn length(us: u64) -> String {
    let ms = us / 1000;
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1000),
    }
}

/// Who somebody is.
type Names<'a> = &'a dyn Fn(ClientId) -> String;

pub fn trigger(lang: Lang, trigger: Trigger, name: Names<'_>) -> String {
    match trigger {
        Trigger::Joined(who) => {
            let who = name(who);
            say!(lang, "{who}이(가) 들어옴", "{who} joined")
        }
        Trigger::Left(who) => {
            let who = name(who);
            say!(lang, "{who}이(가) 나감(LeaveGroup)", "{who} left (LeaveGroup)")
        }
        Trigger::PollExceeded(who) => {
            let who = name(who);
            say!(
                lang,
                "{who}이(가) max.poll.interval.ms 안에 poll을 부르지 않아 나감",
                "{who} did not poll within max.poll.interval.ms and left"
            )
        }
        Trigger::Expired(who) => {
            let who = name(who);
            say!(
                lang,
                "{who}의 Heartbeat가 session.timeout.ms 동안 없음",
                "no heartbeat of {who} for session.timeout.ms"
            )
        }
        Trigger::Rejoined(who) => {
            let who = name(who);
            say!(
                lang,
                "{who}이(가) 다시 들어옴: 파티션을 내놓았거나 구독이 바뀜",
                "{who} joined again: it gave partitions up, or knows of a change"
            )
        }
        Trigger::Other => say!(lang, "코디네이터가 다시 시작함", "the coordinator began anew"),
    }
}

/// Eager or cooperative, and by which assignor.
pub fn protocol(lang: Lang, assignor: Assignor) -> String {
    let kind = if assignor.is_cooperative() { "cooperative" } else { "eager" };
    say!(lang, "{assignor} · {kind}", "{assignor} · {kind}")
}

/// Why a partition stood still for a while, in one sentence; `rebalance` is the one that it waited in.
pub fn still(
    lang: Lang,
    why: Still,
    until: SimTime,
    rebalance: Option<&Rebalance>,
    name: Names<'_>,
) -> String {
    match why {
        Still::NoMembers => say!(lang, "그룹에 멤버가 없음", "the group has no members"),
        Still::InitialDelay => say!(
            lang,
            "빈 그룹의 첫 리밸런스라 다른 멤버를 기다림(group.initial.rebalance.delay.ms)",
            "the first rebalance of an empty group waits for more members (group.initial.rebalance.delay.ms)"
        ),
        Still::Joining => joining(lang, until, rebalance, name),
        Still::Assigning => say!(
            lang,
            "모두 들어왔고, 리더가 나누고 코디네이터가 커밋하는 중(SyncGroup)",
            "all have joined; the leader divides and the coordinator commits (SyncGroup)"
        ),
        Still::Handing => say!(
            lang,
            "나눈 결과가 새 주인에게 가는 중",
            "the assignment is on its way to the new owner"
        ),
        Still::TakingOver(who) => {
            let who = name(who);
            say!(
                lang,
                "{who}이(가) 어디서 이어 읽을지 묻는 중(OffsetFetch)",
                "{who} asks where to go on (OffsetFetch)"
            )
        }
        Still::Released(who) => {
            let who = name(who);
            say!(
                lang,
                "{who}이(가) 내놓음: 다음 리밸런스가 새 주인에게 줌",
                "{who} gave it up: the next rebalance gives it to somebody"
            )
        }
        Still::OwnerDied(who) => {
            let who = name(who);
            say!(
                lang,
                "주인 {who}이(가) 죽음: session.timeout.ms가 지나야 코디네이터가 앎",
                "its owner {who} died, and the coordinator knows only when session.timeout.ms is over"
            )
        }
        Still::OwnerAway(who) => {
            let who = name(who);
            say!(
                lang,
                "정적 멤버 {who}이(가) 자리를 비움: session.timeout.ms 동안은 돌아올 자리를 남겨 둠",
                "its owner {who} is a static member that is away: its place is kept for session.timeout.ms"
            )
        }
        Still::OwnerLeft(who) => {
            let who = name(who);
            say!(
                lang,
                "{who}이(가) max.poll.interval.ms 안에 poll을 부르지 않아 그룹에서 나가는 중",
                "{who} did not poll within max.poll.interval.ms and leaves the group"
            )
        }
    }
}

/// Whom everybody waits, or waited, for.
fn joining(lang: Lang, until: SimTime, rebalance: Option<&Rebalance>, name: Names<'_>) -> String {
    let Some(rebalance) = rebalance else {
        return say!(lang, "멤버가 모두 들어오기를 기다림", "all members have to join");
    };
    let missing: Vec<_> = rebalance.missing(until).map(name).collect();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        return say!(
            lang,
            "모두 들어와야 나눌 수 있음: {missing}을(를) 기다림",
            "all have to join before anything is divided: waits for {missing}"
        );
    }
    match rebalance.last_arrival() {
        Some(last) if last.was_busy => {
            let who = name(last.client);
            say!(
                lang,
                "모두 들어와야 나눌 수 있음: 레코드를 처리하느라 바쁜 {who}이(가) poll을 부를 때까지 기다림",
                "all have to join before anything is divided: {who} was busy with records, and joined when it polled"
            )
        }
        Some(last) => {
            let who = name(last.client);
            say!(
                lang,
                "모두 들어와야 나눌 수 있음: {who}이(가) 다음 Heartbeat에서야 알고 마지막으로 옴",
                "all have to join before anything is divided: {who} came last, told by its next heartbeat"
            )
        }
        None => say!(lang, "멤버가 모두 들어오기를 기다림", "all members have to join"),
    }
}

pub fn clears(lang: Lang, pace: Pace) -> String {
    match pace.clears() {
        Clears::Already => say!(lang, "밀린 것이 없음", "nothing to catch up with"),
        Clears::InSeconds(seconds) => {
            let length = length(seconds as u64 * 1_000_000);
            say!(lang, "이대로면 약 {length}", "about {length} at this pace")
        }
        Clears::NotAtThisPace => say!(lang, "이대로는 따라잡지 못함", "not at this pace"),
    }
}

/// Records a second, given in hundredths.
pub fn rate(hundredths: i64) -> String {
    format!("{}.{}/s", hundredths / 100, hundredths % 100 / 10)
}

/// Why the form makes no command yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    GroupMissing,
    TopicMissing,
    NotANumber(GroupText),
}

impl Mistake {
    pub fn words(self, lang: Lang) -> String {
        match self {
            Mistake::GroupMissing => {
                say!(lang, "그룹의 이름을 적어 주세요.", "Give the group a name.")
            }
            Mistake::TopicMissing => {
                say!(lang, "먼저 토픽을 만들어 주세요.", "Create a topic first.")
            }
            Mistake::NotANumber(field) => {
                let field = t(lang, field);
                say!(lang, "{field}: 정수를 적어 주세요.", "{field}: this is not a whole number.")
            }
        }
    }
}
