//! Where everything stands on the stage. A pure function of the view and the room there is: the same
//! view in the same room always stands the same way. One unit is one CSS pixel.
//!
//! A wide stage has producers and the controller above, brokers side by side, consumers below. A
//! narrow one stacks the brokers and leads the links along the edges. What is drawn in a strip is in
//! [`strip`], the links in [`links`].

mod cabinet;
mod consumers;
mod links;
pub mod strip;
#[cfg(test)]
mod tests;

use super::curve::{Curve, Point, Rect};
use super::{ClientKindView, View};
use cabinet::{cabinet, most_strips};
use consumers::Plan;
use kafkascope_engine::ids::{Address, ClientId, NodeId, TopicPartition};
use std::sync::Arc;
use strip::Density;

pub const MARGIN: f64 = 20.0;
const GAP: f64 = 20.0;
/// Below this width brokers are stacked.
const STACKED_BELOW: f64 = 560.0;
const CABINET_MIN: f64 = 146.0;
const CABINET_MAX: f64 = 300.0;
pub const PAD: f64 = 14.0;
const HEADER: f64 = 40.0;
const FOOTER: f64 = 28.0;
const ROW_GAP: f64 = 44.0;
/// Between the row above and the brokers, and between them and the row below: links and actions.
const LANE_MIN: f64 = 52.0;
const LANE_MAX: f64 = 96.0;
const CLIENT_HEIGHT: f64 = 50.0;
const CONTROLLER_WIDTH_MIN: f64 = 176.0;
/// A stacked quorum has so many controllers in a row.
const CONTROLLERS_PER_ROW: usize = 3;
const CONTROLLER_GAP: f64 = 8.0;
/// Of stacked cabinets.
const LOW_HEADER: f64 = 30.0;
const LOW_FOOTER: f64 = 8.0;
/// Room for links beside stacked brokers.
const EDGE: f64 = 32.0;

#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    pub width: f64,
    /// May be more than the room there is; then the stage scrolls.
    pub height: f64,
    pub stacked: bool,
    pub nodes: Vec<NodeBox>,
    pub clients: Vec<ClientBox>,
    /// Frames around the members of a group.
    pub groups: Vec<GroupBox>,
    /// Clients for which there is no room.
    pub clients_hidden: usize,
    pub links: Vec<LinkBox>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct NodeBox {
    pub id: NodeId,
    pub rect: Rect,
    pub strips: Vec<StripBox>,
    /// Replicas for which there is no room.
    pub strips_hidden: usize,
    /// All that is written on it stands in one row at its top.
    pub is_low: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct StripBox {
    pub partition: TopicPartition,
    pub rect: Rect,
    pub density: Density,
    /// The offset at the left end, the same for every replica of the partition.
    pub first_offset: i64,
    pub slots: usize,
    pub pitch: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ClientBox {
    pub id: ClientId,
    pub rect: Rect,
}

#[derive(Clone, Debug, PartialEq)]
pub struct GroupBox {
    pub id: Arc<str>,
    pub rect: Rect,
}

/// The two ends of a link, the lesser first.
pub type Ends = (Address, Address);

#[derive(Clone, Debug, PartialEq)]
pub struct LinkBox {
    pub ends: Ends,
    pub curve: Curve,
    /// After which part of the way the handle stands, and a cut breaks the line.
    pub handle_at: f64,
}

impl LinkBox {
    pub fn handle(&self) -> Point {
        self.curve.at(self.handle_at, 0.0)
    }
}

pub fn ends(a: Address, b: Address) -> Ends {
    if a <= b { (a, b) } else { (b, a) }
}

impl Layout {
    fn empty(width: f64) -> Layout {
        Layout {
            width,
            height: 0.0,
            stacked: false,
            nodes: Vec::new(),
            clients: Vec::new(),
            groups: Vec::new(),
            clients_hidden: 0,
            links: Vec::new(),
        }
    }

    pub fn of(view: &View, width: f64, height: f64) -> Layout {
        let width = width.max(280.0);
        let stacked = width < STACKED_BELOW;
        let mut layout =
            if stacked { stack(view, width, height) } else { spread(view, width, height) };
        layout.links = links::links(view, &layout);
        layout
    }

    pub fn node(&self, id: NodeId) -> Option<&NodeBox> {
        self.nodes.iter().find(|node| node.id == id)
    }

    pub fn client(&self, id: ClientId) -> Option<&ClientBox> {
        self.clients.iter().find(|client| client.id == id)
    }

    pub fn group(&self, id: &str) -> Option<&GroupBox> {
        self.groups.iter().find(|group| *group.id == *id)
    }

    fn put_consumers(&mut self, plan: Plan, x: f64, y: f64) {
        let plan = plan.at(x, y);
        self.clients.extend(plan.clients);
        self.groups.extend(plan.groups);
        self.clients_hidden += plan.hidden;
    }

    pub fn rect_of(&self, address: Address) -> Option<Rect> {
        match address {
            Address::Node(id) => self.node(id).map(|node| node.rect),
            Address::Client(id) => self.client(id).map(|client| client.rect),
        }
    }

    pub fn link(&self, ends: Ends) -> Option<&LinkBox> {
        self.links.iter().find(|link| link.ends == ends)
    }
}

/// What stands in a row above the brokers.
fn producers(view: &View) -> Vec<ClientId> {
    let open = view.clients.iter().filter(|client| !client.closed);
    let is_producer = |kind: &ClientKindView| matches!(kind, ClientKindView::Producer { .. });
    open.filter(|client| is_producer(&client.kind)).map(|client| client.id).collect()
}

/// Puts as many clients as fit in a row; returns how many do not.
fn row_of_clients(
    ids: &[ClientId],
    area: Rect,
    width_max: f64,
    boxes: &mut Vec<ClientBox>,
) -> usize {
    let least = 132.0_f64.min(area.width);
    let fit = (((area.width + 12.0) / (least + 12.0)) as usize).max(1).min(ids.len());
    if fit == 0 {
        return 0;
    }
    let width = ((area.width - 12.0 * (fit as f64 - 1.0)) / fit as f64).min(width_max);
    for (index, &id) in ids.iter().take(fit).enumerate() {
        let x = area.x + index as f64 * (width + 12.0);
        boxes.push(ClientBox { id, rect: Rect { x, y: area.y, width, height: area.height } });
    }
    ids.len() - fit
}

fn spread(view: &View, width: f64, height: f64) -> Layout {
    let producers = producers(view);
    let brokers: Vec<NodeId> = view.brokers().map(|node| node.id).collect();
    let room = width - 2.0 * MARGIN;
    let per_row = (((room + GAP) / (CABINET_MIN + GAP)) as usize).max(1);
    let rows = brokers.len().div_ceil(per_row).max(1);
    let columns = brokers.len().div_ceil(rows).max(1);
    let cabinet_width =
        ((room - GAP * (columns as f64 - 1.0)) / columns as f64).clamp(CABINET_MIN, CABINET_MAX);

    let block = columns as f64 * cabinet_width + GAP * (columns as f64 - 1.0);
    let left = (width - block) / 2.0;
    // Clients stand in the columns of the brokers; few brokers still leave room for three.
    let row = block.max(room.min(640.0));
    let column = if columns >= 3 { cabinet_width } else { (row - 2.0 * GAP) / 3.0 };
    let row_left = (width - row) / 2.0;
    let consumers = Plan::of(view, row, column, CLIENT_HEIGHT);
    let top = 14.0;
    let below = consumers.height + 14.0;
    let fixed = top + CLIENT_HEIGHT + below + ROW_GAP * (rows as f64 - 1.0);
    let lanes_min = LANE_MIN * 2.0;
    let most = (height - fixed - lanes_min) / rows as f64;
    let density = Density::that_fits(view, most - HEADER - FOOTER);
    let wanted = HEADER + FOOTER + density.height_of(most_strips(view), most - HEADER - FOOTER);
    let slack = (height - fixed - lanes_min - wanted * rows as f64).max(0.0);
    // Slack first widens the lanes, then the cabinets keep their size and the whole is centred.
    let lane = (LANE_MIN + slack / 2.0).min(LANE_MAX);
    let rest = (slack - (lane - LANE_MIN) * 2.0).max(0.0);
    let top = top + (rest / 2.0).min(40.0);

    let mut layout = Layout { stacked: false, ..Layout::empty(width) };
    // One controller is as wide as a client; a quorum leaves the producers nearly a third of the row.
    let quorum = match controllers(view).count() {
        // The brokers are the voters.
        0 => -GAP,
        1 => column.max(CONTROLLER_WIDTH_MIN),
        count => (count as f64 * CONTROLLER_WIDTH_MIN).max(row * 0.5).min(row * 0.7),
    };
    let area = Rect { x: row_left + row - quorum, y: top, width: quorum, height: CLIENT_HEIGHT };
    rows_of_controllers(view, area, usize::MAX, &mut layout);
    let area = Rect { x: row_left, y: top, width: row - quorum - GAP, height: CLIENT_HEIGHT };
    layout.clients_hidden += row_of_clients(&producers, area, column, &mut layout.clients);

    let cabinets_top = top + CLIENT_HEIGHT + lane;
    for (index, &id) in brokers.iter().enumerate() {
        let (row, column) = (index / columns, index % columns);
        let x = left + column as f64 * (cabinet_width + GAP);
        let y = cabinets_top + row as f64 * (wanted + ROW_GAP);
        let rect = Rect { x, y, width: cabinet_width, height: wanted };
        layout.nodes.push(cabinet(view, id, rect, density, HEADER));
    }
    let bottom = cabinets_top + rows as f64 * wanted + (rows as f64 - 1.0) * ROW_GAP;
    layout.put_consumers(consumers, row_left, bottom + lane);
    layout.height = (bottom + lane + below).max(height);
    layout
}

fn controllers(view: &View) -> impl Iterator<Item = NodeId> {
    view.nodes.iter().map(|node| node.id).filter(|id| id.is_controller())
}

/// The controllers side by side, in rows of so many; `area` is the first row.
fn rows_of_controllers(view: &View, area: Rect, per_row: usize, layout: &mut Layout) {
    let columns = controllers(view).count().min(per_row).max(1);
    let gaps = CONTROLLER_GAP * (columns as f64 - 1.0);
    let width = (area.width - gaps) / columns as f64;
    for (index, id) in controllers(view).enumerate() {
        let (row, column) = ((index / columns) as f64, (index % columns) as f64);
        let x = area.x + column * (width + CONTROLLER_GAP);
        let rect = Rect { x, y: area.y + row * (area.height + CONTROLLER_GAP), width, ..area };
        layout.nodes.push(NodeBox {
            id,
            rect,
            strips: Vec::new(),
            strips_hidden: 0,
            is_low: false,
        });
    }
}

fn stack(view: &View, width: f64, height: f64) -> Layout {
    let senders = producers(view);
    let brokers: Vec<NodeId> = view.brokers().map(|node| node.id).collect();
    let count = brokers.len().max(1) as f64;
    let (top, gap, lane, client_height) = (8.0, 12.0, 22.0, 42.0);
    let consumers = Plan::of(view, width - 2.0 * EDGE, width - 2.0 * EDGE, client_height);
    let below = if consumers.height == 0.0 { 8.0 } else { lane + consumers.height + 8.0 };
    // One controller stands beside the producers, a quorum on rows of its own.
    let is_quorum = controllers(view).count() > 1;
    let quorum_rows = controllers(view).count().div_ceil(CONTROLLERS_PER_ROW) as f64;
    let above = match is_quorum {
        true => quorum_rows * (CLIENT_HEIGHT + CONTROLLER_GAP) - CONTROLLER_GAP + gap,
        false => 0.0,
    };
    let fixed = top + above + client_height + lane + below + gap * (count - 1.0);
    let most = (height - fixed) / count - LOW_HEADER - LOW_FOOTER;
    // Numbers are worth some scrolling, a long list is not.
    let least = if most_strips(view) <= 3 { Density::Compact } else { Density::Line };
    let density = Density::that_fits(view, most).min(Density::Compact).max(least);
    let wanted = LOW_HEADER + density.height_of(most_strips(view), f64::MAX) + LOW_FOOTER;
    let inner = Rect { x: EDGE, y: top, width: width - 2.0 * EDGE, height: client_height };

    let mut layout = Layout { stacked: true, ..Layout::empty(width) };
    let half = (inner.width - 12.0) / 2.0;
    let (quorum, producers) = match is_quorum {
        true => (Rect { height: CLIENT_HEIGHT, ..inner }, Rect { y: top + above, ..inner }),
        false if controllers(view).count() == 0 => (inner, inner),
        false => {
            (Rect { x: inner.x + half + 12.0, width: half, ..inner }, Rect { width: half, ..inner })
        }
    };
    rows_of_controllers(view, quorum, CONTROLLERS_PER_ROW, &mut layout);
    layout.clients_hidden += row_of_clients(&senders, producers, half, &mut layout.clients);
    let mut y = top + above + client_height + lane;
    for &id in &brokers {
        let rect = Rect { x: inner.x, y, width: inner.width, height: wanted };
        layout.nodes.push(cabinet(view, id, rect, density, LOW_HEADER));
        y += wanted + gap;
    }
    layout.put_consumers(consumers, inner.x, y - gap + lane);
    layout.height = (y - gap + below).max(height);
    layout
}
