//! The scenarios that are shipped, and how a script becomes a run that is ready to be watched.

use crate::i18n::{Lang, say};
use crate::notice::Text;
use crate::session::{Hands, Session};
use crate::terminal_lines::carry_out;
use kafkascope_engine::command::Command;
use kafkascope_engine::script::line::NoClients;
use kafkascope_engine::script::parse::parse;
use kafkascope_engine::script::spec_text::default_spec;
use kafkascope_engine::script::{Failure, Line};
use kafkascope_engine::timeline::Timeline;

pub struct Scenario {
    pub id: &'static str,
    pub ko: &'static str,
    pub en: &'static str,
    /// What to try, said once it is loaded.
    pub hint_ko: &'static str,
    pub hint_en: &'static str,
    pub script: &'static str,
}

/// In a script of ours: what follows is carried out in front of the viewer.
const LIVE: &str = "# live";

pub static SCENARIOS: [Scenario; 6] = [
    Scenario {
        id: "first-steps",
        ko: "첫걸음: 보내고, 복제하고, 읽기",
        en: "First steps: produce, replicate, fetch",
        hint_ko: "",
        hint_en: "",
        script: include_str!("../scenarios/first-steps.script"),
    },
    Scenario {
        id: "leader-crash",
        ko: "리더가 죽으면",
        en: "When the leader dies",
        hint_ko: "broker-1이 리더입니다. broker-1을 눌러 '프로세스 죽이기'를 고르고, 다음 리더가 누구인지 지켜보세요.",
        hint_en: "broker-1 leads. Click it, choose Crash, and watch who leads next.",
        script: include_str!("../scenarios/leader-crash.script"),
    },
    Scenario {
        id: "slow-follower",
        ko: "느린 팔로워와 ISR",
        en: "A slow follower and the ISR",
        hint_ko: "broker-3이 멈췄습니다. HW가 기다리다가, broker-3이 ISR에서 빠지면 다시 움직입니다.",
        hint_en: "broker-3 is frozen. The HW waits until broker-3 is out of the ISR, then moves on.",
        script: include_str!("../scenarios/slow-follower.script"),
    },
    Scenario {
        id: "acks",
        ko: "acks와 min.insync.replicas",
        en: "acks and min.insync.replicas",
        hint_ko: "ISR에 broker-1만 남았습니다. acks=all은 거절되고 acks=1은 받아들여집니다. 어느 쪽이 안전할까요?",
        hint_en: "Only broker-1 is in sync. acks=all is refused, acks=1 is taken. Which one is safe?",
        script: include_str!("../scenarios/acks.script"),
    },
    Scenario {
        id: "quorum",
        ko: "컨트롤러 셋의 쿼럼",
        en: "A quorum of three controllers",
        hint_ko: "controller-103이 액티브 컨트롤러입니다. 눌러서 죽이고 남은 둘이 다음을 뽑는 것을 지켜보세요. 하나를 더 죽이면 무엇이 멈추고 무엇이 계속될까요?",
        hint_en: "controller-103 is the active controller. Crash it and watch the other two elect the next. And if one more dies: what stops, and what goes on?",
        script: include_str!("../scenarios/quorum.script"),
    },
    Scenario {
        id: "groups",
        ko: "컨슈머 그룹: 다섯 멤버",
        en: "A consumer group: five members",
        hint_ko: "그룹 billing의 멤버를 눌러 하나는 정상 종료하고 하나는 죽여 보세요. 그룹의 테두리를 누르면 '누가 언제 무엇을'에서 파티션마다 얼마나, 왜 멈췄는지 볼 수 있습니다.",
        hint_en: "Click members of group billing: close one, kill another. Click the group's frame, and Who owned what when shows how long each partition stood still, and why.",
        script: include_str!("../scenarios/groups.script"),
    },
];

/// A run of the past, to be seen beside the same run with one thing different.
pub struct Comparison {
    pub id: &'static str,
    pub ko: &'static str,
    pub en: &'static str,
    transcript: &'static str,
    /// As [`kafkascope_engine::compare::Change::parse`] reads it.
    pub change: &'static str,
}

pub static COMPARISONS: [Comparison; 2] = [
    Comparison {
        id: "kip-101-lost",
        ko: "KIP-101: 잃은 레코드, 옛 규칙과 지금 규칙",
        en: "KIP-101: the lost record, old rule and new",
        transcript: include_str!("../../engine/testdata/history-lost-record.script"),
        change: "history.rule=kip-320",
    },
    Comparison {
        id: "kip-101-diverged",
        ko: "KIP-101: 갈라진 로그, 옛 규칙과 지금 규칙",
        en: "KIP-101: the diverged logs, old rule and new",
        transcript: include_str!("../../engine/testdata/history-diverged-logs.script"),
        change: "history.rule=kip-320",
    },
];

impl Comparison {
    /// The commands of the recorded scenario.
    pub fn script(&self) -> String {
        let commands = self.transcript.lines().filter_map(|line| line.strip_prefix("$ "));
        commands.map(|command| format!("{command}\n")).collect()
    }
}

pub fn opening() -> &'static Scenario {
    &SCENARIOS[0]
}

pub fn by_id(id: &str) -> Option<&'static Scenario> {
    SCENARIOS.iter().find(|scenario| scenario.id == id)
}

/// A run after its set-up, and what is to follow in front of the viewer.
pub struct Prepared {
    pub timeline: Timeline,
    pub home: usize,
    pub live: Vec<Command>,
}

/// Carries out the set-up. A line that fails is told, with its number.
pub fn prepare(script: &str) -> Result<Prepared, Text> {
    let mut spec = default_spec();
    let mut lines = (1u32..).zip(script.lines()).peekable();
    while let Some((number, line)) = lines.peek() {
        match parse(*number, line, &NoClients) {
            Ok(Line::Prose(_)) => _ = lines.next(),
            Ok(Line::Spec(given)) => {
                spec = *given;
                lines.next();
                break;
            }
            _ => break,
        }
    }
    let mut session = Session::new(Timeline::new(spec), 0);
    while let Some((number, line)) = lines.next_if(|(_, line)| line.trim() != LIVE) {
        let (answer, _) = session.carry_out(|hands| run_setup_line(hands, number, line));
        answer?;
    }
    let mut live = Vec::new();
    for (number, line) in lines {
        match parse(number, line, session.timeline().cluster()) {
            Ok(Line::Command(command)) => live.push(command),
            Ok(_) => {}
            Err(error) => return Err(told(number, |lang| error.words(lang))),
        }
    }
    let timeline = session.into_timeline();
    Ok(Prepared { home: timeline.position(), timeline, live })
}

fn run_setup_line(hands: &mut Hands<'_>, number: u32, line: &str) -> Result<(), Text> {
    match carry_out(hands, number, line, Lang::En) {
        // A refusal may be the point of a scenario, and so may what an old rule breaks.
        Ok(_) | Err(Failure::Refused(_) | Failure::Broken { .. }) => Ok(()),
        Err(failure) => Err(told(number, |lang| failure.words(lang))),
    }
}

fn told(number: u32, words: impl Fn(Lang) -> String) -> Text {
    Text::of(|lang| {
        let words = words(lang);
        say!(lang, "{number}번째 줄: {words}", "Line {number}: {words}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_can_be_set_up() {
        for scenario in &SCENARIOS {
            let prepared = prepare(scenario.script);
            let prepared = prepared.unwrap_or_else(|text| panic!("{}: {}", scenario.id, text.en));
            assert!(prepared.home > 0, "{}", scenario.id);
            assert!(!prepared.live.is_empty(), "{}: something should be seen at once", scenario.id);
            assert_eq!(prepared.timeline.cluster().violation(), None, "{}", scenario.id);
        }
    }
}
