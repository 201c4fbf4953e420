//! Commands: what is refused and why, and what the others set in motion.

use super::{CLIENTS_MAX, Client, ClientKind, Cluster, RECORDS_MAX};
use crate::client::consumer::{Consumer, ConsumerConfig};
use crate::client::producer::{Producer, ProducerConfig};
use crate::command::workload::Workload;
use crate::command::{
    Command, DiskFault, Process, Produce, Refusal, ResetOffsets, SeekTo, TooMany,
};
use crate::controller::quorum_controller::QuorumController;
use crate::event::EventKind;
use crate::ids::{Address, ClientId, EventId, FIRST_CONTROLLER, NodeId, TopicPartition};
use crate::node::Node;
use crate::sim::disk::Disk;
use crate::spec::ClusterSpec;
use crate::world::{Ctx, World};
use std::sync::Arc;

impl Cluster {
    /// Refuses what cannot be done, before anything changes.
    pub(super) fn check(&self, command: &Command) -> Result<(), Refusal> {
        match command {
            Command::CreateTopic(_)
            | Command::DeleteTopic { .. }
            | Command::AddPartitions { .. }
            | Command::AlterConfigs { .. }
            | Command::ReassignPartitions(_)
            | Command::UnregisterBroker { .. } => Ok(()),
            Command::ElectLeaders { partition, .. } => match partition {
                Some(id) => self.known_partition(id),
                None => Ok(()),
            },
            Command::Produce(produce) => self.check_produce(produce),
            Command::CreateProducer { producer, configs } => {
                check_client_name(producer)?;
                if self.client_named(producer).is_some() {
                    return Err(Refusal::NameTaken { name: producer.to_string() });
                }
                ProducerConfig::from_settings(configs)?;
                self.check_room_for_client()
            }
            Command::StartWorkload(workload) => self.check_workload(workload),
            Command::StopWorkload { producer } => self.check_stop_workload(producer),
            Command::Consume { topic, consumer, group, configs, .. } => {
                self.known_topic(topic)?;
                ConsumerConfig::from_settings(configs)?;
                if let Some(membership) = group {
                    self.check_membership(membership)?;
                }
                check_client_name(consumer)?;
                if self.client_named(consumer).is_some() {
                    return Err(Refusal::NameTaken { name: consumer.to_string() });
                }
                self.check_room_for_client()
            }
            Command::Commit { consumer } => self.open_member(consumer).map(|_| ()),
            Command::Seek { to: SeekTo::Offset(offset), .. } if *offset < 0 => {
                Err(Refusal::NegativeOffset { offset: *offset })
            }
            Command::Seek { consumer, partition, .. }
            | Command::PausePartition { consumer, partition, .. } => {
                self.check_assigned(consumer, partition)
            }
            Command::Assign { consumer, partitions } => self.check_assign(consumer, partitions),
            Command::Subscribe { consumer, topics } => {
                self.open_member(consumer)?;
                topics.iter().try_for_each(|topic| self.known_topic(topic).map(|_| ()))
            }
            Command::Transaction { .. }
            | Command::SendOffsets { .. }
            | Command::Process(_)
            | Command::AbortTransaction { .. } => self.check_transaction(command),
            Command::ResetOffsets(reset) => self.reset_targets(reset).map(|_| ()),
            Command::DeleteGroup { group } => self.deletable_group(group).map(|_| ()),
            Command::KillClient { client, after: Some(_) } => self.open_member(client).map(|_| ()),
            Command::CloseClient { client } | Command::KillClient { client, after: None } => {
                match self.client_named(client) {
                    Some(known) if !known.closed => Ok(()),
                    _ => Err(Refusal::NoSuchClient { name: client.to_string() }),
                }
            }
            Command::SetProcessing { client, .. } => match self.client_named(client) {
                Some(known) if known.closed => {
                    Err(Refusal::NoSuchClient { name: client.to_string() })
                }
                Some(known) if known.consumer().is_some_and(|c| c.member.is_some()) => Ok(()),
                Some(_) => Err(Refusal::NoMember { name: client.to_string() }),
                None => Err(Refusal::NoSuchClient { name: client.to_string() }),
            },
            Command::DeleteRecords { partition, offset } => {
                self.check_delete_records(partition, *offset).map(|_| ())
            }
            Command::Crash { node } => {
                let node = self.known_node(*node)?;
                if node.listens() { Ok(()) } else { Err(Refusal::AlreadyDown { node: node.id }) }
            }
            // The page cache of a host without a process can be lost as well.
            Command::PowerLoss { node } => {
                let node = self.known_node(*node)?;
                if node.is_reachable() { Ok(()) } else { Err(Refusal::NoPower { node: node.id }) }
            }
            Command::Disk { node, fault } => {
                let node = self.known_node(*node)?.id;
                if *fault == DiskFault::Lost { self.check_is_no_voter(node) } else { Ok(()) }
            }
            Command::Replace { node } => {
                self.known_node(*node).and_then(|node| self.check_is_no_voter(node.id))
            }
            Command::AddBroker { node } => self.check_new_broker(*node),
            Command::Stop { node } => {
                let node = self.running_node(*node)?;
                match node.broker() {
                    Some(broker) if broker.shutting_down => {
                        Err(Refusal::ShuttingDown { node: node.id })
                    }
                    _ => Ok(()),
                }
            }
            Command::Pause { node } => self.running_node(*node).map(|_| ()),
            Command::Resume { node } => {
                let node = self.known_node(*node)?;
                if node.is_paused() { Ok(()) } else { Err(Refusal::NotPaused { node: node.id }) }
            }
            Command::Start { node } => {
                let node = self.known_node(*node)?;
                if node.listens() { Err(Refusal::AlreadyRunning { node: node.id }) } else { Ok(()) }
            }
            Command::Cut { from, to, .. }
            | Command::Link { from, to, .. }
            | Command::Heal { from, to } => self.check_link(*from, *to),
            Command::Isolate { node } => self.known_node(*node).map(|_| ()),
            Command::RingCut { nodes } => self.check_ring(nodes),
            Command::HealEnd { end } => self.known_address(*end),
            Command::HealAll => Ok(()),
            Command::Envelope { envelope, act } => self.check_envelope(*envelope, *act),
        }
    }

    /// Answers the leader that deletes them.
    fn check_delete_records(&self, id: &TopicPartition, offset: i64) -> Result<NodeId, Refusal> {
        let partitions = self.known_topic(&id.topic)?;
        if !(0..partitions).contains(&id.partition) {
            let (topic, partition) = (id.topic.to_string(), id.partition);
            return Err(Refusal::NoSuchPartition { topic, partition, partitions });
        }
        // Of two that believe they lead, the one of the later epoch does.
        let led = self.brokers().filter(|node| node.is_running()).filter_map(|node| {
            let partition = node.broker()?.replicas.partitions.get(id)?;
            partition.is_leader().then_some((partition.leader_epoch, node.id, partition))
        });
        let leader = led.max_by_key(|(epoch, ..)| *epoch);
        let unavailable = Refusal::LeaderUnavailable { partition: id.clone() };
        let (_, node, partition) = leader.ok_or(unavailable)?;
        let policy = partition.log.config().cleanup_policy;
        if policy.compact && !policy.delete {
            return Err(Refusal::DeletionNotAllowed { partition: id.clone() });
        }
        let high_watermark = partition.log.high_watermark();
        if offset < -1 || offset > high_watermark {
            let partition = id.clone();
            return Err(Refusal::OffsetOutOfRange { partition, offset, high_watermark });
        }
        Ok(node)
    }

    fn check_produce(&self, produce: &Produce) -> Result<(), Refusal> {
        let partitions = self.writable_topic(&produce.topic)?;
        check_client_name(&produce.producer)?;
        let default = Arc::default();
        let config = match self.client_named(&produce.producer) {
            Some(client) => match client.producer().filter(|_| !client.closed) {
                Some(producer) => &producer.config,
                None => return Err(Refusal::NameTaken { name: produce.producer.to_string() }),
            },
            None => {
                self.check_room_for_client()?;
                &default
            }
        };
        if let Some(acks) = produce.acks {
            config.check_acks(acks)?;
        }
        if let Some(partition) = produce.partition {
            partition_in(&produce.topic, partition, partitions)?;
        }
        if !(1..=RECORDS_MAX).contains(&produce.count) {
            return Err(Refusal::TooMany { what: TooMany::Records, max: RECORDS_MAX });
        }
        let bytes = produce.key.as_ref().map_or(0, |key| key.len())
            + produce.value.as_ref().map_or(0, |value| value.len())
            + produce.headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
        let max = config.max_request_size as usize;
        if bytes > max { Err(Refusal::RecordTooLarge { bytes, max }) } else { Ok(()) }
    }

    fn check_is_no_voter(&self, node: NodeId) -> Result<(), Refusal> {
        match self.spec().voters().any(|voter| voter == node) {
            true => Err(Refusal::VoterKeepsItsDisk { node }),
            false => Ok(()),
        }
    }

    fn check_new_broker(&self, node: Option<NodeId>) -> Result<(), Refusal> {
        let max = ClusterSpec::MAX_BROKERS;
        if self.brokers().count() >= max as usize {
            return Err(Refusal::TooMany { what: TooMany::Brokers, max: max as u32 });
        }
        match node {
            Some(NodeId(id)) if !(1..FIRST_CONTROLLER).contains(&id) => {
                Err(Refusal::InvalidBrokerId { id, most: FIRST_CONTROLLER - 1 })
            }
            Some(node) if self.node(node).is_some() => Err(Refusal::BrokerExists { node }),
            _ => Ok(()),
        }
    }

    /// The id of a broker that is to be added.
    fn new_broker(&self, wanted: Option<NodeId>) -> NodeId {
        let mut free = (1..FIRST_CONTROLLER).map(NodeId).filter(|id| self.node(*id).is_none());
        wanted.or_else(|| free.next()).expect("there are fewer brokers than ids")
    }

    pub(super) fn check_room_for_client(&self) -> Result<(), Refusal> {
        if self.clients.len() as u32 >= CLIENTS_MAX {
            return Err(Refusal::TooMany { what: TooMany::Clients, max: CLIENTS_MAX });
        }
        Ok(())
    }

    /// The node or client that a command is about; its event is shown there.
    pub(super) fn place_of(&self, command: &Command) -> Address {
        let client = |name: &str| {
            let known = self.client_named(name).map(|client| client.id);
            Address::Client(known.unwrap_or(ClientId(self.clients.len() as u32)))
        };
        match command {
            Command::CreateTopic(_)
            | Command::DeleteTopic { .. }
            | Command::AddPartitions { .. }
            | Command::AlterConfigs { .. }
            | Command::ElectLeaders { .. }
            | Command::ReassignPartitions(_)
            | Command::UnregisterBroker { .. }
            | Command::RingCut { .. }
            | Command::HealAll => Address::Node(self.controller_to_ask()),
            Command::ResetOffsets(ResetOffsets { group, .. }) | Command::DeleteGroup { group } => {
                let coordinator = self.coordinator_of(group).map(|(node, _)| node);
                Address::Node(coordinator.unwrap_or(self.controller_to_ask()))
            }
            Command::DeleteRecords { partition, offset } => {
                let leader = self.check_delete_records(partition, *offset);
                Address::Node(leader.unwrap_or(self.controller_to_ask()))
            }
            Command::Produce(produce) => client(&produce.producer),
            Command::CreateProducer { producer, .. }
            | Command::StartWorkload(Workload { producer, .. })
            | Command::StopWorkload { producer } => client(producer),
            Command::Consume { consumer, .. } => client(consumer),
            Command::Transaction { producer: name, .. }
            | Command::SendOffsets { producer: name, .. }
            | Command::Process(Process { app: name, .. }) => client(name),
            Command::AbortTransaction { partition, start_offset } => {
                let leader = self.abort_target(partition, *start_offset).map(|(leader, _)| leader);
                Address::Node(leader.unwrap_or(self.controller_to_ask()))
            }
            Command::CloseClient { client: name }
            | Command::KillClient { client: name, .. }
            | Command::Commit { consumer: name }
            | Command::Seek { consumer: name, .. }
            | Command::PausePartition { consumer: name, .. }
            | Command::Assign { consumer: name, .. }
            | Command::Subscribe { consumer: name, .. }
            | Command::SetProcessing { client: name, .. } => client(name),
            Command::Crash { node }
            | Command::PowerLoss { node }
            | Command::Disk { node, .. }
            | Command::Stop { node }
            | Command::Pause { node }
            | Command::Resume { node }
            | Command::Start { node }
            | Command::Replace { node } => Address::Node(*node),
            Command::AddBroker { node } => Address::Node(self.new_broker(*node)),
            Command::Cut { from, .. } | Command::Link { from, .. } | Command::Heal { from, .. } => {
                *from
            }
            Command::Isolate { node } => Address::Node(*node),
            Command::HealEnd { end } => *end,
            Command::Envelope { envelope, .. } => envelope.to,
        }
    }

    pub(super) fn carry_out(&mut self, command: &Command, event: EventId) -> Result<(), Refusal> {
        match command {
            Command::CreateTopic(request) => {
                self.at_controller(event, |controller, ctx, disk| {
                    controller.create_topic(ctx, disk, request)
                })?;
            }
            Command::DeleteTopic { topic } => {
                self.at_controller(event, |controller, ctx, disk| {
                    controller.delete_topic(ctx, disk, topic)
                })?;
            }
            Command::AddPartitions { topic, partitions, replica_assignment } => {
                self.at_controller(event, |controller, ctx, disk| {
                    controller.add_partitions(ctx, disk, topic, *partitions, replica_assignment)
                })?;
            }
            Command::AlterConfigs { resource, changes } => {
                self.at_controller(event, |controller, ctx, disk| {
                    controller.alter_configs(ctx, disk, resource, changes)
                })?;
            }
            Command::ElectLeaders { election, partition } => {
                self.at_controller(event, |controller, ctx, disk| {
                    controller.elect_leaders(ctx, disk, *election, partition.as_ref());
                    Ok(())
                })?;
            }
            Command::ReassignPartitions(request) => {
                self.at_controller(event, |controller, ctx, disk| {
                    controller.reassign(ctx, disk, request)
                })?;
            }
            Command::Produce(produce) => {
                let id = self.producer_named(&produce.producer);
                self.with_client(id, event, |kind, ctx| {
                    if let ClientKind::Producer(producer) = kind {
                        producer.send(ctx, produce);
                    }
                });
            }
            Command::CreateProducer { producer, configs } => {
                let config = ProducerConfig::from_settings(configs)?;
                let id = self.add_producer(producer, config);
                self.with_client(id, event, |kind, ctx| {
                    if let ClientKind::Producer(producer) = kind {
                        producer.start(ctx);
                    }
                });
            }
            Command::StartWorkload(workload) => {
                let id = self.producer_named(&workload.producer);
                self.with_client(id, event, |kind, ctx| {
                    if let ClientKind::Producer(producer) = kind {
                        producer.start_workload(ctx, workload);
                    }
                });
            }
            Command::StopWorkload { producer } => {
                let id = self.producer_named(producer);
                self.with_client(id, event, |kind, ctx| {
                    if let ClientKind::Producer(producer) = kind {
                        producer.stop_workload(ctx);
                    }
                });
            }
            Command::Consume { topic, consumer, from, client_rack, configs, group } => {
                let id = ClientId(self.clients.len() as u32);
                let new = Consumer::new(id, topic.clone(), *from, client_rack.clone())
                    .configured(ConsumerConfig::from_settings(configs)?);
                let kind = ClientKind::Consumer(Box::new(match group {
                    Some(group) => new.in_group(consumer.clone(), (**group).clone()),
                    None => new,
                }));
                let client = Client { id, name: consumer.clone(), closed: false, kind };
                self.clients.push(Arc::new(client));
                self.with_client(id, event, |kind, ctx| {
                    if let ClientKind::Consumer(consumer) = kind {
                        consumer.start(ctx);
                    }
                });
            }
            Command::Transaction { .. }
            | Command::SendOffsets { .. }
            | Command::Process(_)
            | Command::AbortTransaction { .. } => self.carry_out_transaction(command, event)?,
            Command::CloseClient { client } => {
                if let Some(id) = self.client_named(client).map(|client| client.id) {
                    self.with_client(id, event, |kind, ctx| {
                        if let ClientKind::Consumer(consumer) = kind {
                            consumer.leave(ctx);
                        }
                    });
                    self.end_client(id, false, event);
                }
            }
            Command::KillClient { client, after: Some(records) } => {
                self.with_consumer(client, event, |consumer, _| consumer.die_after(*records));
            }
            Command::KillClient { client, after: None } => {
                if let Some(id) = self.client_named(client).map(|client| client.id) {
                    self.end_client(id, true, event);
                }
            }
            Command::Commit { consumer } => {
                self.with_consumer(consumer, event, Consumer::commit_positions);
            }
            Command::Seek { consumer, partition, to } => {
                self.with_consumer(consumer, event, |consumer, ctx| {
                    consumer.seek(ctx, partition, *to);
                });
            }
            Command::PausePartition { consumer, partition, paused } => {
                self.with_consumer(consumer, event, |consumer, ctx| {
                    consumer.set_paused(ctx, partition, *paused);
                });
            }
            Command::Assign { consumer, partitions } => {
                self.with_consumer(consumer, event, |consumer, ctx| {
                    consumer.assign(ctx, partitions);
                });
            }
            Command::Subscribe { consumer, topics } => {
                self.with_consumer(consumer, event, |consumer, ctx| {
                    consumer.subscribe(ctx, topics);
                });
            }
            Command::SetProcessing { client, processing_ms } => {
                self.with_consumer(client, event, |consumer, ctx| {
                    consumer.set_processing(ctx, *processing_ms);
                });
            }
            Command::ResetOffsets(reset) => {
                let (coordinator, offsets) = self.reset_targets(reset)?;
                let offsets: Vec<_> =
                    offsets.into_iter().map(|to| (to.partition, to.offset)).collect();
                self.administer_group(coordinator, &reset.group, Some(&offsets), event);
            }
            Command::DeleteGroup { group } => {
                let coordinator = self.deletable_group(group)?;
                self.administer_group(coordinator, group, None, event);
            }
            Command::DeleteRecords { partition, offset } => {
                let leader = self.check_delete_records(partition, *offset)?;
                self.at_node(leader, |node, world| {
                    node.delete_records(world, partition, *offset, event);
                });
            }
            Command::Crash { node } => self.at_node(*node, |node, world| node.crash(world, event)),
            Command::PowerLoss { node } => {
                self.at_node(*node, |node, world| node.power_loss(world, event));
            }
            Command::Disk { node, fault } => {
                self.at_node(*node, |node, world| node.harm_disk(world, *fault, event));
            }
            Command::Stop { node } => self.at_node(*node, |node, world| node.stop(world, event)),
            Command::Pause { node } => self.at_node(*node, |node, world| node.pause(world, event)),
            Command::Resume { node } => {
                self.at_node(*node, |node, world| node.resume(world, event))
            }
            Command::Start { node } => {
                self.at_node(*node, |node, world| node.start(world, Some(event)));
            }
            Command::AddBroker { node } => {
                let id = self.new_broker(*node);
                let like = self.nodes().next().expect("a cluster has nodes");
                let disk = like.disk.empty_like_it();
                self.nodes.insert(id, Arc::new(Node::new(id, disk)));
                self.at_node(id, |node, world| {
                    let kind = EventKind::BrokerAdded { node: id };
                    let event = world.emit(id.into(), Some(event), kind);
                    node.start(world, Some(event));
                });
            }
            Command::Replace { node } => {
                self.at_node(*node, |node, world| node.replace(world, event));
            }
            Command::UnregisterBroker { broker } => {
                self.at_controller(event, |controller, ctx, disk| {
                    controller.unregister_broker(ctx, disk, *broker)
                })?;
            }
            Command::Cut { .. }
            | Command::Link { .. }
            | Command::Isolate { .. }
            | Command::RingCut { .. }
            | Command::Heal { .. }
            | Command::HealEnd { .. }
            | Command::HealAll
            | Command::Envelope { .. } => self.harm_network(command, event),
        }
        Ok(())
    }

    fn administer_group(
        &mut self,
        coordinator: NodeId,
        group: &Arc<str>,
        offsets: Option<&[(TopicPartition, i64)]>,
        cause: EventId,
    ) {
        self.at_node(coordinator, |node, world| {
            node.administer_group(world, group, offsets, cause);
        });
    }

    pub(super) fn at_node(&mut self, id: NodeId, act: impl FnOnce(&mut Node, &mut World)) {
        if let Some(node) = self.nodes.get_mut(&id) {
            act(Arc::make_mut(node), &mut self.world);
        }
    }

    /// The controller that an admin tool finds: the active one that runs, or, without one, the first.
    fn controller_to_ask(&self) -> NodeId {
        self.nodes()
            .filter(|node| node.is_running())
            .filter_map(Node::controller)
            .filter(|controller| controller.is_active())
            .max_by_key(|controller| controller.raft.epoch())
            .map(|controller| controller.id)
            .or_else(|| self.spec().voters().next())
            .expect("a quorum has a voter")
    }

    fn at_controller(
        &mut self,
        cause: EventId,
        act: impl FnOnce(&mut QuorumController, &mut Ctx<'_>, &mut Disk) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let id = self.controller_to_ask();
        let node = self.nodes.get_mut(&id).filter(|node| node.is_running());
        let node = Arc::make_mut(node.ok_or(Refusal::ControllerUnavailable)?);
        let mut answer = Err(Refusal::ControllerUnavailable);
        node.attempt(&mut self.world, cause, None, |node, world| {
            let Some((server, disk)) = node.running_mut() else { return };
            let controller = server.controller_mut().filter(|controller| controller.is_active());
            let Some(controller) = controller else { return };
            let mut ctx = Ctx { world, here: id.into(), cause };
            answer = act(controller, &mut ctx, disk);
            if answer.is_ok() {
                server.catch_up(&mut ctx, disk);
                node.after(world, cause);
            }
        });
        answer
    }

    /// The producer of this name; a new one if there is none.
    fn producer_named(&mut self, name: &Arc<str>) -> ClientId {
        match self.client_named(name) {
            Some(client) => client.id,
            None => self.add_producer(name, ProducerConfig::default()),
        }
    }

    fn add_producer(&mut self, name: &Arc<str>, config: ProducerConfig) -> ClientId {
        let id = ClientId(self.clients.len() as u32);
        let kind = ClientKind::Producer(Box::new(Producer::new(id, config, self.spec().seed)));
        self.clients.push(Arc::new(Client { id, name: name.clone(), closed: false, kind }));
        id
    }
}

pub(super) fn partition_in(topic: &str, partition: i32, partitions: i32) -> Result<(), Refusal> {
    if (0..partitions).contains(&partition) {
        return Ok(());
    }
    Err(Refusal::NoSuchPartition { topic: topic.into(), partition, partitions })
}

/// Letters, digits, dot, dash and underscore of any script, up to 40: a name must be one word of a
/// script, and must not look like a node's.
pub(super) fn check_client_name(name: &str) -> Result<(), Refusal> {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let sound = !name.is_empty() && name.chars().count() <= 40 && name.chars().all(allowed);
    let is_node = name.starts_with("broker-") || name.starts_with("controller-");
    if sound && !is_node { Ok(()) } else { Err(Refusal::InvalidClientName { name: name.into() }) }
}
