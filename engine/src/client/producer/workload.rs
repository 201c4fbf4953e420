//! A producer whose application sends by itself: at its times, unless it is still waiting in `send`.

use super::Producer;
use crate::command::workload::Workload;
use crate::event::WorkloadEvent;
use crate::sim::time::SimTime;
use crate::world::{Ctx, Timer};
use std::sync::Arc;

/// How long an application that is held up waits before it looks again.
const HELD_UP_MS: u64 = 10;

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

    fn plan_workload(&mut self, ctx: &mut Ctx<'_>) {
        if let Some(running) = &self.workload {
            let due = running.started.plus_millis(running.workload.due_ms(running.next));
            ctx.world.set_timer(ctx.here, Timer::Workload, due.max(ctx.now()), Some(ctx.cause));
        }
    }

    pub(super) fn on_workload(&mut self, ctx: &mut Ctx<'_>) {
        let Some(running) = &mut self.workload else { return };
        if !self.blocked.is_empty() {
            return ctx.set_timer_in(Timer::Workload, HELD_UP_MS);
        }
        let client = self.id;
        match running.workload.send(running.next) {
            Some(produce) => {
                running.next += 1;
                let produce = Arc::new(produce);
                let event = ctx.emit(WorkloadEvent::Sent { client, produce: produce.clone() });
                let ctx = &mut ctx.because(event);
                self.send(ctx, &produce);
                self.plan_workload(ctx);
            }
            None => {
                ctx.emit(WorkloadEvent::Ended { client });
                self.workload = None;
            }
        }
    }
}
