//! Workloads: which may start, and which can be stopped.

use super::commands::check_client_name;
use super::{Client, Cluster};
use crate::command::workload::{RATE_MAX, Workload};
use crate::command::{Refusal, TooMany};

impl Cluster {
    pub(super) fn check_workload(&self, workload: &Workload) -> Result<(), Refusal> {
        self.writable_topic(&workload.topic)?;
        check_client_name(&workload.producer)?;
        if !(1..=RATE_MAX).contains(&workload.rate) {
            return Err(Refusal::TooMany { what: TooMany::RecordsPerSecond, max: RATE_MAX });
        }
        let name = workload.producer.to_string();
        match self.client_named(&workload.producer) {
            None => self.check_room_for_client(),
            Some(client) => match client.producer().filter(|_| !client.closed) {
                None => Err(Refusal::NameTaken { name }),
                Some(producer) if producer.workload.is_some() => {
                    Err(Refusal::WorkloadRuns { producer: name })
                }
                Some(_) => Ok(()),
            },
        }
    }

    pub(super) fn check_stop_workload(&self, name: &str) -> Result<(), Refusal> {
        let client = self.client_named(name).filter(|client| !client.closed);
        match client.and_then(Client::producer).and_then(|producer| producer.workload.as_ref()) {
            Some(_) => Ok(()),
            None => Err(Refusal::NoWorkload { producer: name.to_string() }),
        }
    }
}
