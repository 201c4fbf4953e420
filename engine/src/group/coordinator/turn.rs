//! One group in the hands of its coordinator.

use super::Write;
use crate::event::{GroupEvent, GroupReason, RemovedMember};
use crate::group::classic_group::{ClassicGroup, GroupState};
use crate::world::{Ctx, Timer};
use std::sync::Arc;

/// A group, and what its coordinator may do to it.
pub(super) struct Turn<'a, 'w> {
    pub ctx: Ctx<'w>,
    pub group: &'a mut ClassicGroup,
    pub writes: &'a mut Vec<Write>,
}

impl Turn<'_, '_> {
    pub fn transition_to(&mut self, state: GroupState, reason: GroupReason) {
        let from = self.group.state;
        self.group.transition_to(state, self.ctx.now());
        self.tell_state(from, reason);
    }

    /// Tells that the group is in another state now.
    pub fn tell_state(&mut self, from: GroupState, reason: GroupReason) {
        let event = self.ctx.emit(GroupEvent::StateChanged {
            group: self.group.id.clone(),
            generation: self.group.generation,
            members: self.group.members.len() as u32,
            from,
            to: self.group.state,
            reason,
        });
        self.ctx.cause = event;
    }

    pub fn tell_removed(&mut self, member_id: &Arc<str>, why: RemovedMember) {
        let (group, member) = (self.group.id.clone(), member_id.clone());
        let event = self.ctx.emit(GroupEvent::MemberRemoved { group, member, why });
        self.ctx.cause = event;
    }

    pub fn session_timer(&self, member_id: &Arc<str>) -> Timer {
        Timer::GroupSession(self.group.id.clone(), member_id.clone())
    }

    /// The member has been heard of.
    pub fn restart_session(&mut self, member_id: &Arc<str>) {
        if let Some(member) = self.group.members.get(member_id) {
            let (timer, ms) = (self.session_timer(member_id), member.session_timeout_ms);
            self.ctx.set_timer_in(timer, ms);
        }
    }
}
