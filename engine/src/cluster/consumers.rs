//! What commands to consumers need before they are carried out.

use super::{ClientKind, Cluster};
use crate::client::consumer::Consumer;
use crate::command::Refusal;
use crate::ids::{EventId, TopicPartition};
use crate::world::Ctx;

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
}
