//! One broker's cabinet: which of its replicas there is room for, and where their strips stand.

use super::strip::{self, Density};
use super::{FOOTER, HEADER, LOW_FOOTER, NodeBox, PAD, StripBox};
use crate::view_model::View;
use crate::view_model::curve::Rect;
use kafkascope_engine::ids::{NodeId, TopicPartition};
use std::collections::BTreeMap;

pub fn most_strips(view: &View) -> usize {
    view.brokers().map(|node| node.replicas.len()).max().unwrap_or(0)
}

pub fn cabinet(view: &View, id: NodeId, rect: Rect, density: Density, header: f64) -> NodeBox {
    let node = view.node(id);
    let replicas = node.map_or(&[][..], |node| &node.replicas);
    let count = node.map_or(0, |node| node.replica_count);
    let ends: BTreeMap<&TopicPartition, i64> = longest_logs(view);
    let is_low = header < HEADER;
    let footer = if is_low { LOW_FOOTER } else { FOOTER };
    let inner_width = rect.width - 2.0 * PAD;
    let mut strips = Vec::new();
    let mut y = rect.y + header;
    for replica in replicas {
        if y + density.height() > rect.bottom() - footer + 1.0 {
            break;
        }
        let end = ends.get(&replica.partition).copied().unwrap_or(0);
        let window = strip::Window::of(end, replica.log_start_offset, inner_width, density);
        strips.push(StripBox {
            partition: replica.partition.clone(),
            rect: Rect { x: rect.x + PAD, y, width: inner_width, height: density.height() },
            density,
            first_offset: window.first_offset,
            slots: window.slots,
            pitch: window.pitch,
        });
        y += density.height() + density.gap();
    }
    let strips_hidden = count.saturating_sub(strips.len());
    NodeBox { id, rect, strips, strips_hidden, is_low }
}

/// Where the longest log of each partition ends: all its strips show the same offsets.
fn longest_logs(view: &View) -> BTreeMap<&TopicPartition, i64> {
    let mut ends = BTreeMap::new();
    for replica in view.brokers().flat_map(|node| &node.replicas) {
        let end = ends.entry(&replica.partition).or_insert(0);
        *end = replica.log_end_offset.max(*end);
    }
    ends
}
