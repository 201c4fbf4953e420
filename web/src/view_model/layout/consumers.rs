//! The consumers below the brokers: members of a group side by side in the group's frame, whoever reads on
//! its own beside them. What does not fit in one row goes into the next.

use super::{CLIENT_HEIGHT, ClientBox, GroupBox, row_of_clients};
use crate::view_model::curve::Rect;
use crate::view_model::{ClientKindView, View};
use kafkascope_engine::ids::ClientId;
use std::sync::Arc;

const FRAME_HEAD: f64 = 24.0;
const FRAME_PAD: f64 = 8.0;
const MEMBER_HEIGHT: f64 = 46.0;
const MEMBER_MIN: f64 = 98.0;
const MEMBER_MAX: f64 = 176.0;
const GAP: f64 = 8.0;
const ROW_GAP: f64 = 10.0;
/// More members of one group are not drawn.
const MEMBERS_MAX: usize = 12;

/// Where everything stands, from the upper left corner of the room there is.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub clients: Vec<ClientBox>,
    pub groups: Vec<GroupBox>,
    pub hidden: usize,
    pub height: f64,
}

/// What stays together in a row.
struct Unit {
    group: Option<Arc<str>>,
    clients: Vec<ClientId>,
}

impl Unit {
    /// How many stand beside each other where there is so much room.
    fn columns(&self, width: f64) -> usize {
        let fit = (width - self.padding() + GAP) / (MEMBER_MIN + GAP);
        (fit as usize).clamp(1, self.clients.len().max(1))
    }

    fn rows(&self, width: f64) -> usize {
        self.clients.len().max(1).div_ceil(self.columns(width))
    }

    fn padding(&self) -> f64 {
        if self.group.is_some() { 2.0 * FRAME_PAD } else { 0.0 }
    }

    fn width(&self, card: f64, room: f64) -> f64 {
        let columns = self.columns(room) as f64;
        columns * card + (columns - 1.0) * GAP + self.padding()
    }

    fn height(&self, width: f64) -> f64 {
        let rows = self.rows(width) as f64;
        match self.group {
            Some(_) => FRAME_HEAD + rows * MEMBER_HEIGHT + (rows - 1.0) * GAP + FRAME_PAD,
            None => CLIENT_HEIGHT,
        }
    }
}

impl Plan {
    pub fn of(view: &View, width: f64, card_max: f64, height: f64) -> Plan {
        let is_consumer = |kind: &ClientKindView| matches!(kind, ClientKindView::Consumer { .. });
        let open = view.clients.iter().filter(|client| !client.closed && is_consumer(&client.kind));
        let alone: Vec<ClientId> =
            open.filter(|client| client.member.is_none()).map(|client| client.id).collect();
        let mut plan = Plan::default();
        if view.groups.is_empty() {
            let area = Rect { x: 0.0, y: 0.0, width, height };
            plan.hidden = row_of_clients(&alone, area, card_max, &mut plan.clients);
            plan.height = if alone.is_empty() { 0.0 } else { height };
            return plan;
        }
        let mut units: Vec<Unit> = Vec::new();
        for group in &view.groups {
            let members = group.members.iter().copied().take(MEMBERS_MAX).collect();
            plan.hidden += group.members.len().saturating_sub(MEMBERS_MAX);
            units.push(Unit { group: Some(group.id.clone()), clients: members });
        }
        units.extend(alone.into_iter().map(|id| Unit { group: None, clients: vec![id] }));
        let mut row: Vec<Unit> = Vec::new();
        for unit in units {
            let taken: f64 = row.iter().map(|other| other.width(MEMBER_MIN, width) + GAP).sum();
            if !row.is_empty() && taken + unit.width(MEMBER_MIN, width) > width {
                plan.put(std::mem::take(&mut row), width);
            }
            row.push(unit);
        }
        plan.put(row, width);
        plan
    }

    /// One row of units, as wide as their cards may be.
    fn put(&mut self, row: Vec<Unit>, width: f64) {
        let columns: f64 = row.iter().map(|unit| unit.columns(width) as f64).sum();
        let fixed: f64 = row.iter().map(|unit| unit.width(0.0, width)).sum::<f64>()
            + GAP * (row.len() as f64 - 1.0);
        let card = ((width - fixed) / columns).min(MEMBER_MAX);
        let whole = fixed + card * columns;
        let y = if self.height > 0.0 { self.height + ROW_GAP } else { 0.0 };
        let mut x = (width - whole) / 2.0;
        let mut bottom = y;
        for unit in row {
            let (own_width, own_height) = (unit.width(card, width), unit.height(width));
            let columns = unit.columns(width);
            let (left, top, height) = match unit.group {
                Some(_) => (x + FRAME_PAD, y + FRAME_HEAD, MEMBER_HEIGHT),
                None => (x, y, CLIENT_HEIGHT),
            };
            for (index, &id) in unit.clients.iter().enumerate() {
                let (row, column) = ((index / columns) as f64, (index % columns) as f64);
                let (x, y) = (left + column * (card + GAP), top + row * (height + GAP));
                self.clients.push(ClientBox { id, rect: Rect { x, y, width: card, height } });
            }
            if let Some(id) = unit.group {
                let rect = Rect { x, y, width: own_width, height: own_height };
                self.groups.push(GroupBox { id, rect });
            }
            bottom = bottom.max(y + own_height);
            x += own_width + GAP;
        }
        self.height = bottom;
    }

    /// Moves everything to where the room is.
    pub fn at(mut self, x: f64, y: f64) -> Plan {
        let clients = self.clients.iter_mut().map(|client| &mut client.rect);
        for rect in clients.chain(self.groups.iter_mut().map(|group| &mut group.rect)) {
            (rect.x, rect.y) = (rect.x + x, rect.y + y);
        }
        self
    }
}
