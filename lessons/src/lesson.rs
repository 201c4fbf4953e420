//! A lesson as data, typed so that what makes no sense cannot be read: texts in both languages,
//! predictions with one right answer, names that are unique.

use crate::goal::Goal;
use crate::text::{Complaint, Prose, Text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
    pub id: Name,
    pub title: Text,
    pub lessons: Vec<Arc<Lesson>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "LessonFile")]
pub struct Lesson {
    pub id: Name,
    pub title: Text,
    /// One sentence for the list of lessons.
    pub summary: Text,
    pub minutes: u32,
    /// Makes the cluster and brings it to where the lesson begins.
    pub setup: Script,
    pub steps: Vec<Step>,
    /// Said when every step is done.
    pub closing: Prose,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LessonFile {
    id: Name,
    title: Text,
    summary: Text,
    minutes: u32,
    setup: Script,
    steps: Vec<Step>,
    closing: Prose,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "StepFile")]
pub struct Step {
    pub id: Name,
    pub title: Text,
    pub text: Prose,
    pub remarks: Vec<Remark>,
    /// Asked before the goals are worked on.
    pub prediction: Option<Prediction>,
    pub goals: Vec<StepGoal>,
    /// Ways to miss the goals that the lesson knows and explains.
    pub mistakes: Vec<Mistake>,
    /// From a nudge to nearly the answer; shown one at a time.
    pub hints: Vec<Prose>,
    /// Meets the goals, from where the solutions of the steps before have led.
    pub solution: Script,
    /// What the text offers to try and the cluster refuses, once the goals are met.
    pub refused: Option<Script>,
    pub wrong: Vec<WrongAnswer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepFile {
    id: Name,
    title: Text,
    text: Prose,
    #[serde(default)]
    remarks: Vec<Remark>,
    prediction: Option<Prediction>,
    goals: Vec<StepGoal>,
    #[serde(default)]
    mistakes: Vec<Mistake>,
    hints: Vec<Prose>,
    solution: Script,
    refused: Option<Script>,
    #[serde(default)]
    wrong: Vec<WrongAnswer>,
}

/// Where a study note and Kafka 4.x differ, or where the note says it in other words.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remark {
    pub note: Prose,
    pub kafka: Prose,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepGoal {
    pub id: Name,
    pub text: Prose,
    pub goal: Goal,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mistake {
    pub id: Name,
    pub when: Goal,
    pub text: Prose,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "PredictionFile")]
pub struct Prediction {
    pub question: Prose,
    pub choices: Vec<Choice>,
    /// The index of the right choice.
    pub right: usize,
    /// What a run shows when the right answer is right.
    pub evidence: Goal,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PredictionFile {
    question: Prose,
    choices: Vec<Choice>,
    evidence: Goal,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub text: Prose,
    #[serde(default)]
    pub right: bool,
    /// What to say to whoever chose it: the explanation, or where the thought goes astray.
    pub feedback: Prose,
}

/// A script that must not meet the step's goals, and the mistake that must then be shown.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrongAnswer {
    pub script: Script,
    pub mistake: Name,
}

impl Lesson {
    pub fn step(&self, id: &Name) -> Option<usize> {
        self.steps.iter().position(|step| step.id == *id)
    }
}

impl TryFrom<LessonFile> for Lesson {
    type Error = Complaint;

    fn try_from(file: LessonFile) -> Result<Self, Complaint> {
        let LessonFile { id, title, summary, minutes, setup, steps, closing } = file;
        if steps.is_empty() {
            return Err(Complaint::new("단계가 없습니다", "there are no steps"));
        }
        unique(steps.iter().map(|step| &step.id))?;
        Ok(Lesson { id, title, summary, minutes, setup, steps, closing })
    }
}

impl TryFrom<StepFile> for Step {
    type Error = Complaint;

    fn try_from(file: StepFile) -> Result<Self, Complaint> {
        if file.goals.is_empty() {
            return Err(Complaint::new("목표가 없습니다", "there are no goals"));
        }
        if file.hints.is_empty() {
            return Err(Complaint::new("힌트가 없습니다", "there are no hints"));
        }
        unique(file.goals.iter().map(|goal| &goal.id))?;
        unique(file.mistakes.iter().map(|mistake| &mistake.id))?;
        for goal in file.goals.iter().map(|goal| &goal.goal) {
            ask_for_something(goal)?;
        }
        for goal in file.mistakes.iter().map(|mistake| &mistake.when) {
            ask_for_something(goal)?;
        }
        for mistake in &file.mistakes {
            if !file.wrong.iter().any(|wrong| wrong.mistake == mistake.id) {
                return Err(Complaint::new(
                    format!("이 실수를 하는 틀린 답이 없습니다: {}", mistake.id),
                    format!("no wrong answer makes this mistake: {}", mistake.id),
                ));
            }
        }
        for wrong in &file.wrong {
            if !file.mistakes.iter().any(|mistake| mistake.id == wrong.mistake) {
                return Err(Complaint::new(
                    format!("이 단계에 없는 실수입니다: {}", wrong.mistake),
                    format!("the step has no such mistake: {}", wrong.mistake),
                ));
            }
        }
        let StepFile {
            id,
            title,
            text,
            remarks,
            prediction,
            goals,
            mistakes,
            hints,
            solution,
            refused,
            wrong,
        } = file;
        Ok(Step {
            id,
            title,
            text,
            remarks,
            prediction,
            goals,
            mistakes,
            hints,
            solution,
            refused,
            wrong,
        })
    }
}

impl TryFrom<PredictionFile> for Prediction {
    type Error = Complaint;

    fn try_from(file: PredictionFile) -> Result<Self, Complaint> {
        let PredictionFile { question, choices, evidence } = file;
        ask_for_something(&evidence)?;
        let rights: Vec<_> =
            choices.iter().enumerate().filter(|(_, choice)| choice.right).collect();
        match rights[..] {
            [(right, _)] if choices.len() > 1 => {
                Ok(Prediction { question, choices, right, evidence })
            }
            _ => Err(Complaint::new(
                "예측에는 맞는 답 하나와 틀린 답 하나 이상이 있어야 합니다",
                "a prediction has exactly one right answer and at least one wrong one",
            )),
        }
    }
}

fn ask_for_something(goal: &Goal) -> Result<(), Complaint> {
    if goal.moments().is_empty() {
        return Err(Complaint::new(
            "아무것도 묻지 않는 목표입니다",
            "a goal that asks for nothing",
        ));
    }
    Ok(())
}

fn unique<'a>(names: impl Iterator<Item = &'a Name>) -> Result<(), Complaint> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(Complaint::new(
                format!("같은 id가 두 번 나옵니다: {name}"),
                format!("the id stands there twice: {name}"),
            ));
        }
    }
    Ok(())
}

/// The id of a lesson, a step, a goal or a mistake: it is kept with a learner's progress, so it must
/// never change its meaning.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Name(String);

impl Name {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Name {
    type Error = Complaint;

    fn try_from(name: String) -> Result<Self, Complaint> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !name.is_empty() && name.len() <= 60 && name.chars().all(allowed) {
            return Ok(Name(name));
        }
        Err(Complaint::new(
            format!("id는 소문자, 숫자, -로 씁니다: {name}"),
            format!("an id has lower-case letters, digits and dashes: {name}"),
        ))
    }
}

/// Lines of the script language.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Script(String);

impl Script {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its lines without prose.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.0.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
    }
}

impl TryFrom<String> for Script {
    type Error = Complaint;

    fn try_from(text: String) -> Result<Self, Complaint> {
        let script = Script(text.trim().into());
        if script.lines().next().is_none() {
            return Err(Complaint::new("스크립트가 비어 있습니다", "the script is empty"));
        }
        Ok(script)
    }
}
