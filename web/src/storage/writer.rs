//! The writer: follows a run and knows, at any time, what has to be written to keep it. It looks at
//! every change before it is shown, and says how urgent the next commit is.
//!
//! What is stored is the end of the run, never the moment shown: looking back changes nothing. A
//! fork, a switch to another branch or another run is a new image, written in one transaction.
//!
//! Absent: the browser. When commits are made is [`super::keep`]'s.

use super::journal::{Journal, moment_at};
use super::layout::{Commit, Layout, OutOfStep};
use super::root::Moment;
use kafkascope_engine::script::spec_text;
use kafkascope_engine::timeline::Timeline;

/// How soon a change must be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Nothing has to be written.
    Nothing,
    /// Only time has passed.
    Later,
    /// Somebody gave a command.
    Soon,
    /// Bytes became durable: it must not be shown before it is stored.
    BeforeShowing,
}

/// Which end of which run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tip {
    revision: u64,
    len: usize,
}

impl Tip {
    fn of(timeline: &Timeline) -> Self {
        Tip { revision: timeline.revision(), len: timeline.len() }
    }
}

pub struct Writer {
    session: u64,
    former: Option<String>,
    layout: Layout,
    journal: Journal,
    moment: Moment,
    followed: Tip,
    /// Another moment than the end was shown, so the operations recorded are not those of the end.
    away: bool,
    has_news: bool,
}

impl Writer {
    /// For a run of which nothing is stored yet. `former` is the journal of the runs before it;
    /// `None` if the run began on disks of which nobody knows how they came to be.
    pub fn begin(session: u64, former: Option<String>, timeline: &mut Timeline) -> Self {
        let mut writer = Writer {
            session,
            layout: Layout::new(session, String::new(), []),
            journal: Journal::of(former.as_deref(), timeline),
            former,
            moment: Moment::default(),
            followed: Tip::of(timeline),
            away: false,
            has_news: true,
        };
        writer.write_anew(timeline);
        writer
    }

    /// Looks at what has changed.
    pub fn follow(&mut self, timeline: &mut Timeline) -> Need {
        let tip = Tip::of(timeline);
        let came_back = self.away && timeline.at_tip();
        self.away = !timeline.at_tip();
        if self.away || came_back {
            timeline.take_disk_ops();
            timeline.record_disk_ops(true);
            if tip == self.followed {
                return Need::Nothing;
            }
            return self.write_anew(timeline);
        }
        if tip.revision != self.followed.revision || tip.len < self.followed.len {
            return self.write_anew(timeline);
        }
        match self.go_on(timeline) {
            Ok(need) => need,
            Err(OutOfStep) => self.write_anew(timeline),
        }
    }

    /// The run has grown at its end.
    fn go_on(&mut self, timeline: &mut Timeline) -> Result<Need, OutOfStep> {
        let mut need = Need::Nothing;
        for (node, ops) in timeline.take_disk_ops() {
            need = Need::BeforeShowing;
            self.layout.apply(node, ops)?;
        }
        let grown = &timeline.steps()[self.followed.len..];
        if grown.iter().any(|step| step.is_command) {
            need = need.max(Need::Soon);
        } else if !grown.is_empty() {
            need = need.max(Need::Later);
        }
        self.journal.follow(timeline);
        self.moment = moment_at(timeline.len(), timeline.cluster());
        self.followed = Tip::of(timeline);
        self.has_news |= need > Need::Nothing;
        Ok(need)
    }

    fn write_anew(&mut self, timeline: &mut Timeline) -> Need {
        self.away = !timeline.at_tip();
        timeline.take_disk_ops();
        timeline.record_disk_ops(true);
        let last = timeline.at(timeline.len());
        let image = last.nodes().map(|node| (node.id, node.disk.durable_image()));
        self.layout = Layout::new(self.session, spec_text::print(last.spec()), image);
        self.journal = Journal::of(self.former.as_deref(), timeline);
        self.moment = moment_at(timeline.len(), &last);
        self.followed = Tip::of(timeline);
        self.has_news = true;
        Need::BeforeShowing
    }

    /// What is not stored yet; it counts as stored from here on.
    pub fn take_commit(&mut self) -> Option<Commit> {
        if !std::mem::take(&mut self.has_news) {
            return None;
        }
        Some(self.layout.commit(self.moment, self.journal.commit()))
    }
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
