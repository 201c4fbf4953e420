//! An application that reads, processes and writes: what it has processed goes to a transactional producer, and
//! with it, in the same transaction, how far it has got. So each record counts once, whatever fails.

use super::{Application, Consumed, Consumer, PositionState};
use crate::client::producer::SendOffsets;
use crate::ids::{ClientId, EventId, TopicPartition};
use crate::protocol::{CommittedOffset, KafkaError, MemberIdentity};
use crate::world::Ctx;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a consumer gives to a producer, and what comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feeding {
    pub producer: ClientId,
    /// The topic that it writes to.
    output: Arc<str>,
    /// What has been polled and not yet handed over.
    pub(super) polled: Polled,
    outbox: Option<Work>,
}

/// What a poll has returned, how far the partitions are read with it, and as whom the consumer polled.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Polled {
    pub records: Vec<Consumed>,
    pub offsets: BTreeMap<TopicPartition, CommittedOffset>,
    pub member: Option<MemberIdentity>,
}

/// Records that an application has processed, and where it is with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    pub records: Vec<Consumed>,
    pub offsets: SendOffsets,
    pub cause: EventId,
}

/// What has become of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkDone {
    Committed,
    Aborted,
    /// The producer cannot go on.
    Failed(KafkaError),
}

impl Feeding {
    pub fn output(&self) -> &Arc<str> {
        &self.output
    }
}

impl Consumer {
    /// Gives what it processes to a producer, in transactions.
    pub fn feeding(mut self, producer: ClientId, output: Arc<str>) -> Self {
        let feeding = Feeding { producer, output, polled: Polled::default(), outbox: None };
        self.feeding = Some(Box::new(feeding));
        self
    }

    /// The application is done with what it had polled, and polls again; one that writes what it has
    /// processed does so once that is written.
    pub(super) fn hand_over(&mut self, ctx: &mut Ctx<'_>) {
        let polled = self.feeding.as_mut().map(|feeding| std::mem::take(&mut feeding.polled));
        let (Some(feeding), Some(Polled { records, offsets, member: Some(member) })) =
            (&mut self.feeding, polled)
        else {
            self.application = Application::Polling;
            return;
        };
        // Who has left meanwhile says as whom it polled, and is refused.
        let now = self.member.as_deref().map(|member| member.identity());
        let now = now.filter(|now| now.generation >= 0 && now.member_id == member.member_id);
        let member = now.unwrap_or(member);
        let offsets = SendOffsets { member, offsets: offsets.into_iter().collect() };
        feeding.outbox = Some(Work { records, offsets, cause: ctx.cause });
        self.application = Application::Transacting;
    }

    /// Its work, and the topic that it is for.
    pub fn take_work(&mut self) -> Option<(Arc<str>, Work)> {
        let feeding = self.feeding.as_mut()?;
        Some((feeding.output.clone(), feeding.outbox.take()?))
    }

    pub fn has_work(&self) -> bool {
        self.feeding.as_ref().is_some_and(|feeding| feeding.outbox.is_some())
    }

    pub fn on_work_done(&mut self, ctx: &mut Ctx<'_>, done: WorkDone) {
        if self.application != Application::Transacting {
            return;
        }
        self.application = Application::Polling;
        match done {
            WorkDone::Committed => {}
            WorkDone::Aborted => {
                // It goes back to what the group has committed.
                self.fetched.clear();
                for position in self.positions.values_mut() {
                    position.state = PositionState::Initializing;
                }
                if let Some(member) = &mut self.member {
                    member.fetches_offsets = false;
                }
            }
            WorkDone::Failed(error) => return self.fail(ctx, None, Some(error)),
        }
        self.poll(ctx);
    }
}
