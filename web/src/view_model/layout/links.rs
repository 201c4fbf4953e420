//! Links: which are drawn, where they leave and arrive, and along which curve.

use super::{Ends, Layout, LinkBox, ends};
use crate::view_model::curve::{Curve, Point, Rect};
use crate::view_model::{ClientKindView, NodeView, View};
use kafkascope_engine::ids::{Address, NodeId};
use std::collections::{BTreeMap, BTreeSet};

/// More brokers than this, and only those that have something to do with each other are linked.
const ALL_PAIRS_MAX: usize = 4;
/// So far apart two handles can be told by a finger.
pub const HANDLES_APART: f64 = 24.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Top,
    Bottom,
    Left,
    Right,
}

pub fn links(view: &View, layout: &Layout) -> Vec<LinkBox> {
    let drawn: Vec<Ends> = wanted(view)
        .into_iter()
        .filter(|&(a, b)| layout.rect_of(a).is_some() && layout.rect_of(b).is_some())
        .collect();
    let ports = ports(layout, &drawn);
    drawn
        .into_iter()
        .filter_map(|ends| {
            let (a, b) = (ports.get(&(ends.0, ends))?, ports.get(&(ends.1, ends))?);
            Some((ends, curve(layout, *a, *b)))
        })
        .scan(Vec::new(), |taken, (ends, curve)| {
            let handle_at = place_of_handle(&curve, taken);
            taken.push(curve.at(handle_at, 0.0));
            Some(LinkBox { ends, curve, handle_at })
        })
        .collect()
}

/// In the middle of its line, or so near to it that it stands clear of the handles before it.
fn place_of_handle(curve: &Curve, taken: &[Point]) -> f64 {
    const PARTS: [f64; 9] = [0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73, 0.2, 0.8];
    let clearance = |part: f64| {
        let here = curve.at(part, 0.0);
        let distances = taken.iter().map(|other| (here.x - other.x).hypot(here.y - other.y));
        distances.fold(f64::MAX, f64::min)
    };
    let clear = PARTS.into_iter().find(|part| clearance(*part) >= HANDLES_APART);
    clear.unwrap_or_else(|| {
        PARTS.into_iter().max_by(|a, b| clearance(*a).total_cmp(&clearance(*b))).unwrap_or(0.5)
    })
}

fn wanted(view: &View) -> BTreeSet<Ends> {
    let mut wanted = BTreeSet::new();
    let brokers: Vec<NodeId> = view.brokers().map(|node| node.id).collect();
    for (index, &a) in brokers.iter().enumerate() {
        for &b in &brokers[index + 1..] {
            let related = || {
                view.partitions.iter().any(|p| {
                    p.replicas.contains(&a)
                        && p.replicas.contains(&b)
                        && (p.leader == Some(a) || p.leader == Some(b))
                })
            };
            if brokers.len() <= ALL_PAIRS_MAX || related() {
                wanted.insert(ends(a.into(), b.into()));
            }
        }
    }
    // Brokers and the other voters fetch the metadata log from the controller that leads.
    let leads = |node: &&NodeView| node.quorum.as_ref().is_some_and(|quorum| quorum.is_active);
    for leader in view.nodes.iter().filter(leads) {
        let others = view.nodes.iter().filter(|node| node.id != leader.id);
        wanted.extend(others.map(|node| ends(node.id.into(), leader.id.into())));
    }
    for client in view.clients.iter().filter(|client| !client.closed) {
        let (ClientKindView::Producer { sends_to: nodes, .. }
        | ClientKindView::Consumer { reads_from: nodes, .. }) = &client.kind;
        wanted.extend(nodes.iter().map(|&node| ends(node.into(), client.id.into())));
    }
    wanted.extend(view.envelopes.iter().map(|envelope| ends(envelope.from, envelope.to)));
    wanted.extend(view.cuts.iter().map(|&(from, to)| ends(from, to)));
    wanted
}

/// The side at which each end of a link meets its box.
fn sides(layout: &Layout, (a, b): Ends) -> (Side, Side) {
    let (Some(from), Some(to)) = (layout.rect_of(a), layout.rect_of(b)) else {
        return (Side::Bottom, Side::Bottom);
    };
    let has_client = matches!(b, Address::Client(_));
    if layout.stacked {
        return if has_client { (Side::Left, Side::Left) } else { (Side::Right, Side::Right) };
    }
    if from.bottom() < to.y {
        (Side::Bottom, Side::Top)
    } else if to.bottom() < from.y {
        (Side::Top, Side::Bottom)
    } else {
        (Side::Bottom, Side::Bottom)
    }
}

#[derive(Clone, Copy, Debug)]
struct Port {
    at: Point,
    side: Side,
}

/// Spreads the links of each side of a box along it, in the order in which their other ends stand.
fn ports(layout: &Layout, drawn: &[Ends]) -> BTreeMap<(Address, Ends), Port> {
    let mut at_side: BTreeMap<(Address, Side), Vec<(Address, Ends)>> = BTreeMap::new();
    for &link in drawn {
        let (from, to) = sides(layout, link);
        at_side.entry((link.0, from)).or_default().push((link.1, link));
        at_side.entry((link.1, to)).or_default().push((link.0, link));
    }
    let mut ports = BTreeMap::new();
    for ((address, side), mut others) in at_side {
        let Some(rect) = layout.rect_of(address) else {
            continue;
        };
        let place = |other: &Address| {
            let center = layout.rect_of(*other).unwrap_or_default().center();
            if matches!(side, Side::Top | Side::Bottom) { center.x } else { center.y }
        };
        others.sort_by(|a, b| place(&a.0).total_cmp(&place(&b.0)).then(a.0.cmp(&b.0)));
        let count = others.len() as f64;
        for (index, (_, link)) in others.into_iter().enumerate() {
            let part = (index as f64 + 1.0) / (count + 1.0);
            ports.insert((address, link), Port { at: on_side(rect, side, part), side });
        }
    }
    ports
}

fn on_side(rect: Rect, side: Side, part: f64) -> Point {
    match side {
        Side::Top => Point { x: rect.x + rect.width * part, y: rect.y },
        Side::Bottom => Point { x: rect.x + rect.width * part, y: rect.bottom() },
        Side::Left => Point { x: rect.x, y: rect.y + rect.height * part },
        Side::Right => Point { x: rect.right(), y: rect.y + rect.height * part },
    }
}

fn curve(layout: &Layout, a: Port, b: Port) -> Curve {
    let reach = if a.side == b.side {
        let (along, most) = match a.side {
            Side::Top | Side::Bottom => ((a.at.x - b.at.x).abs(), 78.0),
            Side::Left | Side::Right => {
                ((a.at.y - b.at.y).abs(), if layout.stacked { 26.0 } else { 60.0 })
            }
        };
        (18.0 + along * 0.16).min(most)
    } else {
        ((a.at.y - b.at.y).abs() * 0.5).max(18.0)
    };
    Curve::new([a.at, towards(a, reach), towards(b, reach), b.at])
}

fn towards(port: Port, reach: f64) -> Point {
    let Point { x, y } = port.at;
    match port.side {
        Side::Top => Point { x, y: y - reach },
        Side::Bottom => Point { x, y: y + reach },
        Side::Left => Point { x: x - reach, y },
        Side::Right => Point { x: x + reach, y },
    }
}
