//! What commands to consumers need before they are carried out, and how clients end.

use super::{ClientKind, Cluster};
use crate::client::consumer::Consumer;
use crate::command::Refusal;
use crate::event::EventKind;
use crate::ids::{ClientId, EventId, TopicPartition};
use crate::world::Ctx;
use std::sync::Arc;

impl Cluster {
    fn open_consumer(&self, name: &str) -> Result<&Consumer, Refusal> {
        let client = self.client_named(name).filter(|client| !client.closed);
        let consumer = client.and_then(|client| client.consumer());
        consumer.ok_or_else(|| Refusal::NoSuchConsumer { name: name.to_string() })
    }

    /// A consumer that is a member of a group.
    pub(super) fn open_member(&self, name: &str) -> Result<&Consumer, Refusal> {
        let consumer = self.open_consumer(name)?;
        match consumer.member {
            Some(_) => Ok(consumer),
            None => Err(Refusal::NotInGroup { name: name.to_string() }),
        }
    }

    pub(super) fn check_assigned(&self, name: &str, id: &TopicPartition) -> Result<(), Refusal> {
        if self.open_consumer(name)?.positions.contains_key(id) {
            return Ok(());
        }
        Err(Refusal::NotAssigned { name: name.to_string(), partition: id.clone() })
    }

    pub(super) fn check_assign(&self, name: &str, ids: &[TopicPartition]) -> Result<(), Refusal> {
        if self.open_consumer(name)?.member.is_some() {
            return Err(Refusal::Subscribed { name: name.to_string() });
        }
        ids.iter().try_for_each(|id| self.known_partition(id))
    }

    pub(super) fn with_consumer(
        &mut self,
        name: &str,
        cause: EventId,
        act: impl FnOnce(&mut Consumer, &mut Ctx<'_>),
    ) {
        let Some(id) = self.client_named(name).map(|client| client.id) else {
            return;
        };
        self.with_client(id, cause, |kind, ctx| {
            if let ClientKind::Consumer(consumer) = kind {
                act(consumer, ctx);
            }
        });
    }

    /// Ends the process of a consumer that was to die, and has.
    pub(super) fn end_if_dead(&mut self, id: ClientId) {
        let open = self.client(id).filter(|client| !client.closed);
        let consumer = open.and_then(|client| client.consumer());
        if let Some(after) = consumer.and_then(Consumer::died_after) {
            self.end_client(id, true, after);
        }
    }

    /// A client's process ends; the producer of an application that writes what it reads is of the same.
    pub(super) fn end_client(&mut self, id: ClientId, killed: bool, cause: EventId) {
        self.world.forget_process(id.into());
        Arc::make_mut(&mut self.clients[id.0 as usize]).closed = true;
        let kind = EventKind::ClientClosed { client: id, killed };
        let event = self.world.emit(id.into(), Some(cause), kind);
        let consumer = self.client(id).and_then(|client| client.consumer());
        let feeding = consumer.and_then(|consumer| consumer.feeding.as_ref());
        if let Some(producer) = feeding.map(|feeding| feeding.producer) {
            self.end_client(producer, killed, event);
        }
    }
}
