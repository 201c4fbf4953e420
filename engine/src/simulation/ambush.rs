//! Faults that follow each other as nobody would draw them by chance, each aimed at one guard: what
//! they lead to is harmless as long as the guard is there. Told as commands and when they are given.

pub(super) mod transactions;

use crate::cluster::Cluster;
use crate::command::Command;
use crate::ids::{Address, ConfigResource, NodeId};
use crate::protocol::Api;
use crate::sim::link_fault::LinkFault;
use crate::sim::random::SimRng;
use crate::sim::time::SimTime;
use std::sync::Arc;

pub(super) type Plot = Vec<(SimTime, Command)>;

/// Draws one that the state of the cluster allows. `unclean`: topics may have an unclean leader.
pub(super) fn draw(cluster: &Cluster, random: &mut SimRng, unclean: bool) -> Option<Plot> {
    let image = cluster.metadata_image()?;
    let controller = cluster.controller()?.id;
    let led = image.partitions().filter_map(|(id, p)| Some((id, p.leader?, p.isr.clone())));
    let led: Vec<_> =
        led.filter(|(_, leader, isr)| isr.len() > 1 && *leader != controller).collect();
    let (id, leader, isr) = random.pick(&led)?.clone();
    let others: Vec<_> = isr.into_iter().filter(|node| *node != leader).collect();
    let follower = *random.pick(&others)?;
    let scene = Scene { now: cluster.now(), controller, leader, follower };
    // What a leader needs to drop a follower that does not fetch: it looks every half of the limit.
    let lag_ms = cluster.spec().broker.replica_lag_time_max_ms * 3 / 2 + 1_200;
    Some(match random.below(if unclean { 6 } else { 3 }) {
        3.. => scene.unclean_later(lag_ms, &id.topic, &others),
        0 => scene.late_isr(lag_ms, random),
        1 => scene.reborn(lag_ms, random),
        _ => scene.stale_follower(lag_ms, random),
    })
}

struct Scene {
    now: SimTime,
    controller: NodeId,
    leader: NodeId,
    follower: NodeId,
}

impl Scene {
    fn at(&self, ms: u64, command: Command) -> (SimTime, Command) {
        (self.now.plus_millis(ms), command)
    }

    /// Holds up what the leader asks of the controller, each request for as long as it draws.
    fn hold_up_alter_partition(&self, delay_ms: (u64, u64)) -> Command {
        let (from, to) = (self.leader.into(), self.controller.into());
        let fault = LinkFault {
            delay_ms,
            reorder_per_mille: 1_000,
            duplicate_per_mille: 500,
            ..LinkFault::default()
        };
        Command::Link { from, to, one_way: true, api: Some(Api::AlterPartition), fault }
    }

    fn cut(&self) -> Command {
        let (from, to) = self.ends();
        Command::Cut { from, to, one_way: false }
    }

    fn heal(&self) -> Command {
        let (from, to) = self.ends();
        Command::Heal { from, to }
    }

    fn ends(&self) -> (Address, Address) {
        (self.leader.into(), self.follower.into())
    }

    /// A follower leaves the ISR, comes back and leaves again, while the controller gets to know of it
    /// late and out of order.
    fn late_isr(&self, lag_ms: u64, random: &mut SimRng) -> Plot {
        let back_ms = random.range(500..=3_000);
        let again_ms = lag_ms + back_ms;
        vec![
            self.at(0, self.hold_up_alter_partition((0, random.range(5_000..=50_000)))),
            self.at(0, self.cut()),
            self.at(lag_ms, self.heal()),
            self.at(again_ms, self.cut()),
            self.at(again_ms + lag_ms, self.heal()),
        ]
    }

    /// A follower is about to come back into the ISR when it loses its page cache, and is there again,
    /// as another process, before the controller hears of it.
    fn reborn(&self, lag_ms: u64, random: &mut SimRng) -> Plot {
        let node = self.follower;
        let lost_ms = lag_ms + random.range(1_000..=4_000);
        let delay_ms = random.range(11_000..=20_000);
        vec![
            // Behind a cut link it would wait for its time-out before it fetches again.
            self.at(0, Command::Pause { node }),
            self.at(lag_ms, self.hold_up_alter_partition((delay_ms, delay_ms + 8_000))),
            self.at(lag_ms, Command::Resume { node }),
            self.at(lost_ms, Command::PowerLoss { node }),
            self.at(lost_ms, self.cut()),
            self.at(lost_ms + random.range(1..=2_000), Command::Start { node }),
        ]
    }

    /// Only the leader is in sync when it dies, and nobody else may lead until it is allowed later.
    fn unclean_later(&self, lag_ms: u64, topic: &Arc<str>, others: &[NodeId]) -> Plot {
        let node = self.leader;
        let allow = |allowed: bool| {
            let name = "unclean.leader.election.enable".to_string();
            let changes = vec![(name, Some(allowed.to_string()))];
            Command::AlterConfigs { resource: ConfigResource::Topic(topic.clone()), changes }
        };
        let cut = |other: &NodeId| {
            let (from, to) = (node.into(), (*other).into());
            self.at(0, Command::Cut { from, to, one_way: false })
        };
        // The controller misses it when its session is over.
        let fenced_ms = lag_ms + 9_500;
        let mut plot = vec![self.at(0, allow(false))];
        plot.extend(others.iter().map(cut));
        plot.push(self.at(lag_ms, Command::Crash { node }));
        plot.push(self.at(fenced_ms, allow(true)));
        plot
    }

    /// A follower hears nothing of its leader for so long that it is dropped; then the leader freezes,
    /// and wakes up when another may lead.
    fn stale_follower(&self, lag_ms: u64, random: &mut SimRng) -> Plot {
        let node = self.leader;
        let frozen_ms = lag_ms + random.range(0..=2_000);
        vec![
            self.at(0, self.cut()),
            self.at(frozen_ms, Command::Pause { node }),
            self.at(frozen_ms + random.range(0..=4_000), self.heal()),
            self.at(frozen_ms + random.range(9_500..=20_000), Command::Resume { node }),
        ]
    }
}
