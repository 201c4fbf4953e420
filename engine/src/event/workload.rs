//! What happens to workloads.

use super::EventKind;
use crate::command::Produce;
use crate::ids::ClientId;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum WorkloadEvent {
    /// The application of a producer calls `send`.
    Sent { client: ClientId, produce: Arc<Produce> },
    /// It has sent all that it was to.
    Ended { client: ClientId },
}

impl From<WorkloadEvent> for EventKind {
    fn from(event: WorkloadEvent) -> Self {
        EventKind::Workload(event)
    }
}
