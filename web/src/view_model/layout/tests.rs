//! Nothing on the stage covers anything else, whatever there is and whatever the room.

use super::strip::{label_width, place_labels};
use super::*;
use crate::scenario;
use crate::view_model::build::Frame;
use kafkascope_engine::timeline::Timeline;

fn view_of(timeline: &Timeline) -> View {
    View::of(timeline, Frame::still(Default::default()))
}

/// So many brokers, topics with a replica everywhere, and a producer and a consumer for each.
fn crowd(brokers: i32, topics: i32) -> View {
    let mut script = format!("cluster brokers={brokers}\nrun until ready\n");
    for topic in 0..topics {
        let replicas = brokers.min(3);
        script += &format!(
            "kafka-topics.sh --create --topic t{topic} --partitions 2 --replication-factor {replicas}\n"
        );
    }
    script += "run until quiet\n";
    for topic in 0..topics {
        script += &format!(
            "produce t{topic} value=x count=12 producer=p{topic}\nconsume t{topic} consumer=c{topic}\n"
        );
    }
    script += "run 2s\n";
    view_of(&scenario::prepare(&script).unwrap_or_else(|text| panic!("{}", text.en)).timeline)
}

#[track_caller]
fn check(view: &View, width: f64, height: f64) {
    let layout = Layout::of(view, width, height);
    let story = format!("{} nodes on {width} x {height}", layout.nodes.len());
    let boxes: Vec<Rect> =
        layout.nodes.iter().map(|n| n.rect).chain(layout.clients.iter().map(|c| c.rect)).collect();
    for (index, a) in boxes.iter().enumerate() {
        assert!(a.x >= 0.0 && a.right() <= layout.width + 0.5, "{story}: {a:?} is inside");
        assert!(
            a.y >= 0.0 && a.bottom() <= layout.height + 0.5,
            "{story}: {a:?} is inside {}",
            layout.height
        );
        for b in &boxes[index + 1..] {
            assert!(!a.overlaps(b), "{story}: {a:?} {b:?}");
        }
    }
    for node in &layout.nodes {
        for (index, strip) in node.strips.iter().enumerate() {
            let rect = strip.rect;
            assert!(
                rect.bottom() <= node.rect.bottom() && rect.right() <= node.rect.right(),
                "{story}"
            );
            assert!(strip.pitch * strip.slots as f64 <= rect.width + 0.5, "{story}: cells fit");
            assert!(
                node.strips[index + 1..].iter().all(|other| !rect.overlaps(&other.rect)),
                "{story}"
            );
        }
        let replicas = view.node(node.id).map_or(0, |node| node.replica_count);
        assert_eq!(node.strips.len() + node.strips_hidden, replicas, "{story}");
    }
    let shown = layout.clients.len() + layout.clients_hidden;
    assert_eq!(shown, view.clients.len(), "{story}");
}

#[test]
fn nothing_covers_anything() {
    let views = [crowd(1, 1), crowd(3, 1), crowd(3, 3), crowd(5, 2), crowd(12, 4)];
    for view in &views {
        for (width, height) in
            [(696.0, 544.0), (1100.0, 700.0), (560.0, 400.0), (360.0, 500.0), (320.0, 480.0)]
        {
            check(view, width, height);
        }
    }
}

/// A group whose members come and go, one beside it, and somebody on its own.
fn groups(members: i32) -> View {
    let mut script = "cluster brokers=3\nrun until ready\n\
        kafka-topics.sh --create --topic t --partitions 5 --replication-factor 3\n\
        run until quiet\nproduce t value=x\nconsume t consumer=alone\nconsume t group=other\n"
        .to_string();
    for member in 1..=members {
        script += &format!("consume t group=g consumer=m{member}\n");
    }
    script += "run 5s\n";
    view_of(&scenario::prepare(&script).unwrap_or_else(|text| panic!("{}", text.en)).timeline)
}

#[test]
fn members_stand_in_the_frame_of_their_group() {
    for members in [1, 5, 9] {
        let view = groups(members);
        for (width, height) in [(1100.0, 700.0), (696.0, 544.0), (390.0, 600.0)] {
            check(&view, width, height);
            let layout = Layout::of(&view, width, height);
            for group in &layout.groups {
                let own = view.group(&group.id).unwrap();
                for client in &layout.clients {
                    let inside = group.rect.overlaps(&client.rect);
                    assert_eq!(inside, own.members.contains(&client.id), "{width} {}", group.id);
                }
                let others = layout.groups.iter().filter(|other| other.id != group.id);
                assert!(others.into_iter().all(|other| !other.rect.overlaps(&group.rect)));
                assert!(layout.nodes.iter().all(|node| !node.rect.overlaps(&group.rect)));
            }
        }
    }
}

#[test]
fn handles_of_links_stand_apart() {
    let view = crowd(3, 2);
    for (width, height) in [(696.0, 544.0), (390.0, 600.0), (360.0, 500.0)] {
        let layout = Layout::of(&view, width, height);
        let handles: Vec<_> = layout.links.iter().map(LinkBox::handle).collect();
        assert!(handles.len() > 6);
        for (index, a) in handles.iter().enumerate() {
            for b in &handles[index + 1..] {
                let apart = (a.x - b.x).hypot(a.y - b.y);
                assert!(apart >= links::HANDLES_APART, "{width}: {apart} {a:?} {b:?}");
            }
        }
    }
}

#[test]
fn the_opening_fits_without_scrolling() {
    let view = view_of(&scenario::prepare(scenario::opening().script).unwrap().timeline);
    let layout = Layout::of(&view, 696.0, 496.0);
    assert_eq!(layout.height, 496.0);
    assert!(
        layout
            .nodes
            .iter()
            .flat_map(|node| &node.strips)
            .all(|strip| strip.density == Density::Full)
    );
    let pairs = ["broker-1-broker-2", "broker-1-broker-3", "broker-2-broker-3"];
    for (a, b) in [(1, 2), (1, 3), (2, 3)] {
        assert!(layout.link(ends(NodeId(a).into(), NodeId(b).into())).is_some(), "{pairs:?}");
    }
}

#[test]
fn replicas_of_a_partition_show_the_same_offsets() {
    let view = crowd(3, 1);
    let layout = Layout::of(&view, 696.0, 544.0);
    let first: Vec<i64> = layout
        .nodes
        .iter()
        .flat_map(|node| &node.strips)
        .filter(|s| s.partition.partition == 0)
        .map(|s| s.first_offset)
        .collect();
    assert!(first.windows(2).all(|pair| pair[0] == pair[1]), "{first:?}");
}

#[test]
fn labels_never_cover_each_other() {
    for (hw, leo) in [(0, 0), (0, 7), (3, 4), (6, 6), (5, 7), (7, 7)] {
        let (hw_text, leo_text) = (format!("HW {hw}"), format!("LEO {leo}"));
        let labels =
            place_labels(&hw_text, &leo_text, f64::from(hw) * 25.0, f64::from(leo) * 25.0, 178.0);
        assert!(labels.hw_left + labels.hw_width < labels.leo_left, "{hw} {leo}: {labels:?}");
        assert!(labels.leo_left + label_width(&leo_text) <= 190.0, "{hw} {leo}: {labels:?}");
    }
}
