//! Carries out lines: commands and moves through time on a [`Machine`], looks by [`super::show`].
//! Every wait is bounded, and one that was in vain says what it waited for.

use super::condition::Condition;
use super::describe::{is_milestone, sentence};
use super::error::{ScriptError, ScriptProblem};
use super::lang::{Lang, say};
use super::line::{Drive, Line, duration_text};
use super::parse::parse;
use super::print::print_condition;
use super::words::words;
use super::{
    kafka_cluster, kafka_consumer_groups, kafka_producer_perf_test, kafka_reassign, kafka_tools,
    show,
};
use crate::cluster::Cluster;
use crate::command::{Command, Refusal};
use crate::event::Event;
use crate::ids::{EventId, NodeId, TopicPartition};
use crate::invariant::Violation;
use crate::spec::ClusterSpec;
use std::ops::Range;

/// What a script runs on. The page's session is one, and records the inputs.
pub trait Machine {
    fn cluster(&self) -> &Cluster;
    fn handle(&mut self, command: &Command) -> Result<Vec<Event>, Refusal>;
    fn advance(&mut self) -> Option<Vec<Event>>;
    /// An event of the past.
    fn event(&self, id: EventId) -> Option<Event>;

    /// Events of the past by their numbers. Worth overriding where one by one is slow.
    fn events(&self, ids: Range<u64>) -> Vec<Event> {
        ids.filter_map(|id| self.event(EventId(id))).collect()
    }
}

/// A cluster with all that has happened to it, its invariants on: what scripts run on outside the
/// page.
pub struct Recording {
    pub cluster: Cluster,
    pub events: Vec<Event>,
}

impl Recording {
    pub fn new(spec: ClusterSpec) -> Self {
        let (cluster, events) = Cluster::new(spec);
        Recording { cluster: cluster.with_checks(), events }
    }
}

impl Machine for Recording {
    fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    fn handle(&mut self, command: &Command) -> Result<Vec<Event>, Refusal> {
        let events = self.cluster.handle(command)?;
        self.events.extend_from_slice(&events);
        Ok(events)
    }

    fn advance(&mut self) -> Option<Vec<Event>> {
        let events = self.cluster.advance()?;
        self.events.extend_from_slice(&events);
        Some(events)
    }

    fn event(&self, id: EventId) -> Option<Event> {
        self.events.get(usize::try_from(id.0).ok()?).cloned()
    }
}

/// Why a line did not do what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    Script(ScriptError),
    Refused(Refusal),
    GaveUp(GaveUp),
    NotFound(NotFound),
    /// A promise of the engine is broken: a bug, or a mutant at work.
    Broken {
        told: String,
        violation: Violation,
    },
}

/// A wait in vain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GaveUp {
    /// What happened meanwhile.
    pub told: String,
    pub limit: Limit,
    /// What was waited for, and how far it had come; `None` where only time should have passed.
    pub waited_for: Option<(Condition, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    Time { ms: u64 },
    Steps { count: u32 },
    NothingPending,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotFound {
    Log {
        node: NodeId,
        partition: TopicPartition,
    },
    /// No process has it open.
    OpenLog {
        node: NodeId,
        partition: TopicPartition,
    },
    File {
        node: NodeId,
        path: String,
    },
    Event,
    Verb {
        word: String,
    },
}

/// Steps that one line may take: some seconds of work at most.
pub const STEPS_MAX: u32 = 1_000_000;
/// How many events a line tells at its beginning and its end; those between are counted.
const TOLD_FIRST: usize = 24;
const TOLD_LAST: usize = 12;

pub struct Runner<M> {
    pub machine: M,
    pub lang: Lang,
    /// A broken promise stops the line in which it breaks, and no other.
    violation_told: bool,
}

impl<M: Machine> Runner<M> {
    pub fn new(machine: M, lang: Lang) -> Self {
        Runner { violation_told: machine.cluster().violation().is_some(), machine, lang }
    }

    /// Carries out one line and answers with what it prints; `number` is its place in the script.
    pub fn run_line(&mut self, number: u32, text: &str) -> Result<String, Failure> {
        let line = parse(number, text, self.machine.cluster()).map_err(Failure::Script)?;
        let at_start = ScriptError { line: number, column: 1, what: ScriptProblem::SpecNotFirst };
        match &line {
            Line::Prose(_) => Ok(String::new()),
            Line::Spec(_) => Err(Failure::Script(at_start)),
            Line::Command(command) => self.command(command),
            Line::Drive(drive) => self.drive(drive),
            Line::PerfTest(test) => {
                let told = kafka_producer_perf_test::run(&mut self.machine, test, self.lang)?;
                self.check(told)
            }
            Line::Show(look) => show::show(&self.machine, look, self.lang),
        }
    }

    fn command(&mut self, command: &Command) -> Result<String, Failure> {
        let before = kafka_reassign::Before::of(self.machine.cluster(), command);
        let targets = match command {
            Command::ResetOffsets(reset) => {
                let planned = self.machine.cluster().reset_targets(reset);
                planned.map_or(Vec::new(), |(_, targets)| targets)
            }
            _ => Vec::new(),
        };
        let events = self.machine.handle(command).map_err(Failure::Refused)?;
        let cluster = self.machine.cluster();
        let answer = match command {
            Command::CreateTopic(_)
            | Command::DeleteTopic { .. }
            | Command::AddPartitions { .. }
            | Command::AlterConfigs { .. }
            | Command::ElectLeaders { .. }
            | Command::ReassignPartitions(_)
            | Command::UnregisterBroker { .. }
                if cluster.controller().is_some_and(|c| c.last_pending().is_some()) =>
            {
                self.awaits_majority()
            }
            Command::CreateTopic(create) => kafka_tools::created(&create.topic),
            Command::AlterConfigs { resource, .. } => kafka_tools::altered(resource),
            Command::ElectLeaders { election, .. } => kafka_tools::elected(*election, &events),
            Command::ReassignPartitions(request) => {
                kafka_reassign::reassigned(cluster, request, &before)
            }
            Command::UnregisterBroker { broker } => kafka_cluster::unregistered(*broker),
            Command::DeleteRecords { partition, .. } => {
                kafka_tools::records_deleted(cluster, partition)
            }
            Command::ResetOffsets(reset) => {
                kafka_consumer_groups::reset_table(&reset.group, &targets)
            }
            Command::DeleteGroup { group } => kafka_consumer_groups::deleted(group),
            _ => {
                let mut told = Told::default();
                told.add(&events, false, cluster, self.lang);
                told.text(self.lang)
            }
        };
        self.check(answer)
    }

    /// What an admin tool has in place of its answer while time stands still: with several voters that
    /// comes after their next fetches.
    fn awaits_majority(&self) -> String {
        let cluster = self.machine.cluster();
        let controller = cluster.controller().map(|c| c.id.to_string()).unwrap_or_default();
        say!(
            self.lang,
            "{controller}이(가) 메타데이터 로그에 적었습니다. 컨트롤러의 과반수가 가지면 이루어집니다.",
            "{controller} wrote it to the metadata log. It holds when a majority of the controllers has it."
        )
    }

    /// The text, unless a promise has just been broken.
    fn check(&mut self, told: String) -> Result<String, Failure> {
        match self.machine.cluster().violation() {
            Some(violation) if !self.violation_told => {
                self.violation_told = true;
                Err(Failure::Broken { told, violation: violation.clone() })
            }
            _ => Ok(told),
        }
    }

    fn drive(&mut self, drive: &Drive) -> Result<String, Failure> {
        let (within_ms, condition, steps_max) = match drive {
            Drive::Step(count) => (None, None, *count),
            Drive::For { ms } => (Some(*ms), None, u32::MAX),
            Drive::Until { condition, within_ms } => (Some(*within_ms), Some(condition), u32::MAX),
        };
        let everything = matches!(drive, Drive::Step(_));
        let deadline = within_ms.map(|ms| self.machine.cluster().now().plus_millis(ms));
        let mut told = Told::default();
        let mut steps = 0;
        let limit = loop {
            let cluster = self.machine.cluster();
            if condition.is_some_and(|condition| condition.holds(cluster)) {
                return self.arrived(told, steps, condition);
            }
            let next_due = cluster.next_due();
            if steps == steps_max {
                return self.arrived(told, steps, None);
            }
            match (deadline, next_due, within_ms, condition) {
                // Only time had to pass, and it has.
                (Some(deadline), Some(due), _, None) if due > deadline => {
                    return self.arrived(told, steps, None);
                }
                (Some(deadline), Some(due), Some(ms), Some(_)) if due > deadline => {
                    break Limit::Time { ms };
                }
                // Where nothing is pending, time has nothing to show.
                (Some(_), None, _, None) => return self.arrived(told, steps, None),
                (_, None, ..) => break Limit::NothingPending,
                _ => {}
            }
            if steps == STEPS_MAX {
                break Limit::Steps { count: STEPS_MAX };
            }
            steps += 1;
            let events = self.machine.advance().unwrap_or_default();
            told.add(&events, everything, self.machine.cluster(), self.lang);
            if self.machine.cluster().violation().is_some() && !self.violation_told {
                return self.check(told.text(self.lang));
            }
        };
        let told = told.text(self.lang);
        let waited_for = condition.map(|condition| {
            (condition.clone(), condition.state(self.machine.cluster(), self.lang))
        });
        Err(Failure::GaveUp(GaveUp { told, limit, waited_for }))
    }

    fn arrived(
        &self,
        told: Told,
        steps: u32,
        condition: Option<&Condition>,
    ) -> Result<String, Failure> {
        let (cluster, lang) = (self.machine.cluster(), self.lang);
        let now = cluster.now();
        let plural = if steps == 1 { "" } else { "s" };
        let end = match condition {
            Some(condition) => {
                let state = condition.state(cluster, lang);
                say!(lang, "{now} {steps}단계. {state}", "{now} {steps} step{plural}; {state}")
            }
            None => say!(lang, "{now} {steps}단계", "{now} {steps} step{plural}"),
        };
        Ok(joined(told.text(lang), end))
    }
}

fn joined(mut text: String, line: String) -> String {
    if !text.is_empty() {
        text.push('\n');
    }
    text + &line
}

/// One event as a line of text.
pub fn event_line(event: &Event, cluster: &Cluster, lang: Lang) -> String {
    format!("{} {} {}", event.at, event.id, sentence(event, cluster, lang))
}

/// The events that a line tells: the first and the last of them.
#[derive(Default)]
struct Told {
    first: Vec<String>,
    last: std::collections::VecDeque<String>,
    left_out: usize,
}

impl Told {
    fn add(&mut self, events: &[Event], everything: bool, cluster: &Cluster, lang: Lang) {
        for event in events.iter().filter(|event| everything || is_milestone(&event.kind)) {
            let line = event_line(event, cluster, lang);
            if self.first.len() < TOLD_FIRST {
                self.first.push(line);
                continue;
            }
            self.last.push_back(line);
            if self.last.len() > TOLD_LAST {
                self.last.pop_front();
                self.left_out += 1;
            }
        }
    }

    fn text(self, lang: Lang) -> String {
        let mut lines = self.first;
        let count = self.left_out;
        if count > 0 {
            lines.push(say!(lang, "... 이벤트 {count}개 생략", "... {count} more events"));
        }
        lines.extend(self.last);
        lines.join("\n")
    }
}

impl Failure {
    /// What a terminal prints.
    pub fn words(&self, lang: Lang) -> String {
        match self {
            Failure::Script(error) => error.words(lang),
            Failure::Refused(refusal) => {
                let words = words(refusal, lang);
                say!(lang, "거절: {words}", "refused: {words}")
            }
            Failure::GaveUp(gave_up) => joined(gave_up.told.clone(), gave_up.words(lang)),
            Failure::NotFound(not_found) => not_found.words(lang),
            Failure::Broken { told, violation } => {
                let line = say!(
                    lang,
                    "엔진의 약속이 깨졌습니다: {violation}",
                    "a promise of the engine is broken: {violation}"
                );
                joined(told.clone(), line)
            }
        }
    }
}

impl GaveUp {
    fn words(&self, lang: Lang) -> String {
        let limit = match self.limit {
            Limit::Time { ms } => {
                let time = duration_text(ms);
                say!(lang, "{time} 동안 기다렸습니다", "waited {time}")
            }
            Limit::Steps { count } => say!(lang, "{count}단계를 지났습니다", "took {count} steps"),
            Limit::NothingPending => {
                say!(lang, "더 일어날 일이 없습니다", "nothing more will happen")
            }
        };
        match &self.waited_for {
            Some((condition, state)) => {
                let condition = print_condition(condition);
                say!(
                    lang,
                    "그만 기다립니다: {limit}. \"{condition}\"은(는) 아직 맞지 않습니다. {state}",
                    "gave up: {limit}, and \"{condition}\" does not hold; {state}"
                )
            }
            None => say!(lang, "그만 기다립니다: {limit}.", "gave up: {limit}."),
        }
    }
}

impl NotFound {
    fn words(&self, lang: Lang) -> String {
        match self {
            NotFound::Log { node, partition } => say!(
                lang,
                "{node}에는 {partition}의 로그가 없습니다. ls {node}(으)로 확인해 주십시오.",
                "{node} has no log of {partition}. See ls {node}."
            ),
            NotFound::OpenLog { node, partition } => say!(
                lang,
                "{node}은(는) 지금 {partition}의 로그를 열고 있지 않습니다. show partition {partition}(으)로 확인해 주십시오.",
                "{node} does not have {partition} open now. See show partition {partition}."
            ),
            NotFound::File { node, path } => say!(
                lang,
                "{node}에 {path}이(가) 없습니다. ls {node}(으)로 확인해 주십시오.",
                "{node} has no {path}. See ls {node}."
            ),
            NotFound::Event => say!(
                lang,
                "그런 이벤트가 없습니다. show events로 번호를 확인해 주십시오.",
                "There is no such event. See show events for their numbers."
            ),
            NotFound::Verb { word } => say!(
                lang,
                "{word}(이)라는 명령은 없습니다. help를 보십시오.",
                "There is no command {word}. See help."
            ),
        }
    }
}
