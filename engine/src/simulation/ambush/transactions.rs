//! Ambushes on transactions: markers that come when they are no longer meant, or so late that others
//! go on from what they have yet to change.

use super::Plot;
use crate::cluster::{Client, Cluster};
use crate::command::{Command, Produce, TransactionAct};
use crate::ids::{NodeId, TopicPartition};
use crate::protocol::Api;
use crate::sim::link_fault::LinkFault;
use crate::sim::random::SimRng;
use crate::topic_name::is_internal;
use std::sync::Arc;

/// Draws one that the state of the cluster allows.
pub(in crate::simulation) fn draw(cluster: &Cluster, random: &mut SimRng) -> Option<Plot> {
    match random.below(2) {
        0 => late_marker(cluster, random),
        _ => pending_offsets(cluster, random),
    }
}

/// A coordinator shuts down while its marker is on the way. Its successor sends another, the producer
/// goes on to the next transaction, and then the first marker comes.
fn late_marker(cluster: &Cluster, random: &mut SimRng) -> Option<Plot> {
    let writers = cluster.clients().filter(|client| !client.closed).filter_map(|client| {
        Some((client.name.clone(), coordinator_of(client).filter(|_| !is_fed(cluster, client))?))
    });
    let (producer, coordinator) = random.pick(&writers.collect::<Vec<_>>())?.clone();
    let image = cluster.metadata_image()?;
    let led = image.partitions().filter_map(|(id, partition)| Some((id, partition.leader?)));
    let led: Vec<_> =
        led.filter(|(id, leader)| *leader != coordinator && !is_internal(&id.topic)).collect();
    let (id, leader) = random.pick(&led)?.clone();
    let at = |ms, command| (cluster.now().plus_millis(ms), command);
    let act = |act| Command::Transaction { producer: producer.clone(), act };
    let write = || Command::Produce(record(&producer, &id));
    let mut plot = vec![
        at(0, slow_markers(coordinator, leader, (6_000, 12_000))),
        at(100, act(TransactionAct::Begin)),
        at(200, write()),
        at(1_500, act(TransactionAct::Commit)),
        at(2_000, Command::Stop { node: coordinator }),
    ];
    for ms in (2_500..12_500).step_by(1_000) {
        plot.push(at(ms, act(TransactionAct::Begin)));
        plot.push(at(ms + 50, write()));
    }
    plot.push(at(15_000, act(TransactionAct::Commit)));
    Some(plot)
}

/// An application that has committed leaves its partitions to another before the group's coordinator has
/// heard of the commit.
fn pending_offsets(cluster: &Cluster, random: &mut SimRng) -> Option<Plot> {
    let applications: Vec<_> = cluster
        .clients()
        .filter(|client| !client.closed)
        .filter_map(|client| {
            let consumer = client.consumer()?;
            let feeding = consumer.feeding.as_ref()?;
            let coordinator = coordinator_of(cluster.client(feeding.producer)?)?;
            let group = consumer.member.as_ref()?.settings.group.clone();
            Some((client.name.clone(), consumer.topic.clone(), group, coordinator))
        })
        .collect();
    if applications.len() < 2 {
        return None;
    }
    let (client, input, group, coordinator) = random.pick(&applications)?.clone();
    let (group_coordinator, _) = cluster.coordinator_of(&group).ok()?;
    if coordinator == group_coordinator {
        return None;
    }
    let at = |ms, command| (cluster.now().plus_millis(ms), command);
    let slow = slow_markers(coordinator, group_coordinator, (8_000, 20_000));
    let mut plot = vec![at(0, slow)];
    for (id, _) in cluster.metadata_image()?.partitions().filter(|(id, _)| id.topic == input) {
        plot.push(at(100, Command::Produce(record(&"producer-1".into(), &id))));
    }
    plot.push(at(random.range(1_000..=4_000), Command::CloseClient { client }));
    Some(plot)
}

/// Nothing else has to wait behind the markers.
fn slow_markers(from: NodeId, to: NodeId, delay_ms: (u64, u64)) -> Command {
    let fault = LinkFault { delay_ms, reorder_per_mille: 1_000, ..LinkFault::default() };
    let api = Some(Api::WriteTxnMarkers);
    Command::Link { from: from.into(), to: to.into(), one_way: true, api, fault }
}

fn coordinator_of(client: &Client) -> Option<NodeId> {
    client.producer()?.transactional.as_ref()?.coordinator
}

/// Whether an application writes with this producer.
fn is_fed(cluster: &Cluster, producer: &Client) -> bool {
    let mut feeding = cluster.clients().filter_map(|client| client.consumer()?.feeding.as_ref());
    feeding.any(|feeding| feeding.producer == producer.id)
}

fn record(producer: &Arc<str>, id: &TopicPartition) -> Produce {
    Produce {
        topic: id.topic.clone(),
        producer: producer.clone(),
        partition: Some(id.partition),
        key: Some("ambush".into()),
        value: Some("v".into()),
        headers: Vec::new(),
        timestamp_ms: None,
        acks: None,
        compression: None,
        count: 2,
    }
}
