//! A producer whose application sends by itself: at its times, unless it is still waiting in `send`.

use super::Producer;
use crate::command::workload::Workload;
use crate::event::WorkloadEvent;
use crate::sim::time::SimTime;
use crate::world::{Ctx, Timer};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningWorkload {
    pub workload: Arc<Workload>,
    started: SimTime,
    /// The next send.
    next: u64,
}

impl Producer {
    pub fn start_workload(&mut self, ctx: &mut Ctx<'_>, workload: &Workload) {
        let (workload, started) = (Arc::new(workload.clone()), ctx.now());
        self.workload = Some(RunningWorkload { workload, started, next: 0 });
        self.plan_workload(ctx);
    }

    pub fn stop_workload(&mut self, ctx: &mut Ctx<'_>) {
        self.workload = None;
        ctx.cancel_timer(Timer::Workload);
    }

    /// The next send: at its time, or once the one before it has returned.
    pub(super) fn plan_workload(&mut self, ctx: &mut Ctx<'_>) {
        if let Some(running) = &self.workload
            && self.blocked.is_empty()
            && !ctx.has_timer(&Timer::Workload)
        {
            let due = running.started.plus_millis(running.workload.due_ms(running.next));
            ctx.world.set_timer(ctx.here, Timer::Workload, due.max(ctx.now()), Some(ctx.cause));
        }
    }

    pub(super) fn on_workload(&mut self, ctx: &mut Ctx<'_>) {
        let Some(running) = self.workload.as_mut().filter(|_| self.blocked.is_empty()) else {
            return;
        };
        let client = self.id;
        match running.workload.send(running.next) {
            Some(produce) => {
                running.next += 1;
                let produce = Arc::new(produce);
                let event = ctx.emit(WorkloadEvent::Sent { client, produce: produce.clone() });
                let ctx = &mut ctx.because(event);
                self.send(ctx, &produce);
            }
            None => {
                ctx.emit(WorkloadEvent::Ended { client });
                self.workload = None;
            }
        }
    }
}
