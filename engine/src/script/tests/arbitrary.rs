//! Lines of every kind, with names as people give them and names as nobody would.

use crate::client::consumer::CONSUMER_CONFIGS;
use crate::client::idle_config::{IDLE_CONSUMER_CONFIGS, IDLE_PRODUCER_CONFIGS};
use crate::client::producer::PRODUCER_CONFIGS;
use crate::command::workload::{Workload, WorkloadKind};
use crate::command::*;
use crate::explain::partition::About;
use crate::group::assignor::Assignor;
use crate::group::assignor::server::ServerAssignor;
use crate::ids::{Address, ClientId, ConfigResource, EnvelopeId, EventId, NodeId, TopicPartition};
use crate::log::dump::Depth;
use crate::protocol::{Acks, Api, IsolationLevel};
use crate::record::CompressionType;
use crate::replication::history_rule::HistoryRule;
use crate::script::condition::{Comparison, Condition};
use crate::script::kafka_console::{ConsoleConsumer, Formatter};
use crate::script::line::*;
use crate::script::words::explain::Question;
use crate::sim::disk::DiskCondition;
use crate::sim::link_fault::{DELAY_MS_MAX, LinkFault, PER_MILLE_MAX};
use crate::spec::{ClusterSpec, Mutant, ProcessRoles};
use crate::transaction::transaction_metadata::TransactionState;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::sync::Arc;

mod members;
mod tools;
mod transactions;

use members::{consume_in_group, group_protocol};
use tools::perf_test;
use transactions::{transaction, transaction_look};

/// Some clients, two with names that need quotes.
pub(super) struct Clients;

const CLIENTS: [&str; 5] = ["producer-1", "consumer-1", "my app", "--x", "all"];

impl Names for Clients {
    fn client_named(&self, name: &str) -> Option<ClientId> {
        CLIENTS.iter().position(|known| *known == name).map(|index| ClientId(index as u32))
    }

    fn client_name(&self, id: ClientId) -> Option<String> {
        CLIENTS.get(id.0 as usize).map(|name| name.to_string())
    }

    fn client_names(&self) -> Vec<String> {
        CLIENTS.map(String::from).to_vec()
    }
}

fn node() -> impl Strategy<Value = NodeId> {
    (1..200i32).prop_map(NodeId)
}

fn address() -> impl Strategy<Value = Address> {
    prop_oneof![
        node().prop_map(Address::Node),
        (0..CLIENTS.len() as u32).prop_map(|id| Address::Client(ClientId(id))),
    ]
}

/// Names as people give them, and names as nobody would.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,8}",
        "[a-zA-Z0-9._-]{1,12}",
        "[-=,:\\[\\]\"'\\\\# ]{0,5}",
        "(--|all|none|last|until|within|one-way|null-value|key=|>=|topics)[a-z=]{0,2}",
        "\\PC{0,6}",
        any::<String>(),
    ]
}

fn name() -> impl Strategy<Value = Arc<str>> {
    text().prop_map(Arc::from)
}

fn bytes() -> impl Strategy<Value = bytes::Bytes> {
    prop_oneof![
        text().prop_map(bytes::Bytes::from),
        vec(any::<u8>(), 0..8).prop_map(bytes::Bytes::from)
    ]
}

fn partition() -> impl Strategy<Value = TopicPartition> {
    let topic = text().prop_filter("a topic has a name", |topic| !topic.is_empty());
    (topic, 0..=i32::MAX).prop_map(|(topic, partition)| TopicPartition::new(topic, partition))
}

fn create_topic() -> impl Strategy<Value = Command> {
    let assignment = vec(vec(any::<i32>().prop_map(NodeId), 0..4), 0..4);
    let configs = vec((text(), text()), 0..3);
    (name(), any::<i32>(), any::<i16>(), assignment, configs).prop_map(
        |(topic, partitions, replication_factor, replica_assignment, configs)| {
            Command::CreateTopic(CreateTopic {
                topic,
                partitions,
                replication_factor,
                replica_assignment,
                configs,
            })
        },
    )
}

fn reassign() -> impl Strategy<Value = Command> {
    let rate = option::of(1..=1u64 << 40);
    let action = prop_oneof![
        (any::<bool>(), rate)
            .prop_map(|(additional, throttle)| ReassignAction::Execute { additional, throttle }),
        any::<bool>().prop_map(|preserve_throttles| ReassignAction::Verify { preserve_throttles }),
        any::<bool>().prop_map(|preserve_throttles| ReassignAction::Cancel { preserve_throttles }),
    ];
    let targets = vec((partition(), vec(any::<i32>().prop_map(NodeId), 0..4)), 0..3);
    (action, targets)
        .prop_map(|(action, targets)| Command::ReassignPartitions(Reassign { action, targets }))
}

fn produce() -> impl Strategy<Value = Command> {
    let acks = option::of(prop_oneof![Just(Acks::None), Just(Acks::Leader), Just(Acks::All)]);
    let record = (option::of(bytes()), option::of(bytes()), vec((text(), bytes()), 0..3));
    let compression = option::of(select(&CompressionType::ALL[..]));
    let rest =
        (option::of(any::<i32>()), option::of(any::<i64>()), acks, compression, any::<u32>());
    (name(), name(), record, rest).prop_map(|(topic, producer, (key, value, headers), rest)| {
        let (partition, timestamp_ms, acks, compression, count) = rest;
        Command::Produce(Produce {
            topic,
            producer,
            partition,
            key,
            value,
            headers,
            timestamp_ms,
            acks,
            compression,
            count,
        })
    })
}

fn create_producer() -> impl Strategy<Value = Command> {
    let names = {
        let idle = IDLE_PRODUCER_CONFIGS.iter().map(|config| config.name);
        let all: Vec<_> = PRODUCER_CONFIGS.into_iter().chain(idle).collect();
        subsequence(all, 0..PRODUCER_CONFIGS.len())
    };
    let configs = names.prop_flat_map(|names| {
        let values = vec(text(), names.len());
        values.prop_map(move |values| {
            names.iter().map(|name| name.to_string()).zip(values).collect::<Vec<_>>()
        })
    });
    (name(), configs).prop_map(|(producer, configs)| Command::CreateProducer { producer, configs })
}

fn resource() -> impl Strategy<Value = ConfigResource> {
    prop_oneof![
        name().prop_map(ConfigResource::Topic),
        any::<i32>().prop_map(|id| ConfigResource::Broker(NodeId(id))),
        Just(ConfigResource::BrokerDefault),
    ]
}

fn link() -> impl Strategy<Value = Command> {
    let rate = || 0..=PER_MILLE_MAX;
    let delay = (0..=DELAY_MS_MAX, 0..=DELAY_MS_MAX);
    let api = option::of(proptest::sample::select(&Api::ALL[..]));
    (address(), address(), any::<bool>(), api, (delay, rate(), rate(), rate())).prop_map(
        |(from, to, one_way, api, (delay, loss, duplicate, reorder))| Command::Link {
            from,
            to,
            one_way,
            api,
            fault: LinkFault {
                delay_ms: (delay.0.min(delay.1), delay.0.max(delay.1)),
                loss_per_mille: loss,
                duplicate_per_mille: duplicate,
                // A link that harms nothing cannot be said.
                reorder_per_mille: reorder.max(1),
            },
        },
    )
}

fn disk_fault() -> impl Strategy<Value = DiskFault> {
    let slow = (0..=DELAY_MS_MAX).prop_map(|ms| DiskCondition::Slow { ms });
    let condition = prop_oneof![
        Just(DiskCondition::Sound),
        slow,
        Just(DiskCondition::Full),
        Just(DiskCondition::Failing)
    ];
    prop_oneof![condition.prop_map(DiskFault::Becomes), Just(DiskFault::Lost)]
}

fn envelope_act() -> impl Strategy<Value = EnvelopeAct> {
    prop_oneof![
        Just(EnvelopeAct::Drop),
        (0..=DELAY_MS_MAX).prop_map(|ms| EnvelopeAct::Delay { ms }),
        Just(EnvelopeAct::Duplicate),
        Just(EnvelopeAct::Reorder),
    ]
}

fn steer() -> impl Strategy<Value = Command> {
    let to = prop_oneof![
        Just(SeekTo::Beginning),
        Just(SeekTo::End),
        any::<i64>().prop_map(SeekTo::Offset)
    ];
    prop_oneof![
        (name(), option::of(any::<u32>()))
            .prop_map(|(client, after)| Command::KillClient { client, after }),
        name().prop_map(|consumer| Command::Commit { consumer }),
        (name(), partition(), to).prop_map(|(consumer, partition, to)| Command::Seek {
            consumer,
            partition,
            to
        }),
        (name(), partition(), any::<bool>()).prop_map(|(consumer, partition, paused)| {
            Command::PausePartition { consumer, partition, paused }
        }),
        (name(), vec(partition(), 1..4))
            .prop_map(|(consumer, partitions)| Command::Assign { consumer, partitions }),
        (name(), vec(name(), 1..4))
            .prop_map(|(consumer, topics)| Command::Subscribe { consumer, topics }),
    ]
}

fn start_from() -> impl Strategy<Value = StartFrom> {
    prop_oneof![
        Just(StartFrom::Earliest),
        Just(StartFrom::Latest),
        Just(StartFrom::None),
        (0..1u64 << 40).prop_map(|ms| StartFrom::ByDuration { ms }),
    ]
}

fn consume() -> impl Strategy<Value = Command> {
    let rack = option::of("[a-z가-힣0-9._-]{1,40}");
    let idle = IDLE_CONSUMER_CONFIGS.iter().map(|config| config.name);
    let all: Vec<_> = CONSUMER_CONFIGS.into_iter().chain(idle).collect();
    let settings = subsequence(all, 0..4);
    let settings = settings.prop_flat_map(|names| (Just(names.clone()), vec(text(), names.len())));
    (name(), name(), start_from(), rack, settings).prop_map(
        |(topic, consumer, from, rack, (names, values))| Command::Consume {
            topic,
            consumer,
            from,
            client_rack: rack.map(Into::into),
            configs: names.into_iter().map(String::from).zip(values).collect(),
            group: None,
        },
    )
}

fn reset_offsets() -> impl Strategy<Value = ResetOffsets> {
    let to = prop_oneof![
        Just(ResetTo::Earliest),
        Just(ResetTo::Latest),
        Just(ResetTo::Current),
        any::<i64>().prop_map(ResetTo::Offset),
        any::<i64>().prop_map(ResetTo::ShiftBy),
        (0..1u64 << 40).prop_map(ResetTo::ByDuration),
        (0..1i64 << 41).prop_map(ResetTo::Datetime),
    ];
    let topic = option::of((name(), vec(any::<i32>(), 0..3)));
    (name(), topic, to).prop_map(|(group, topic, to)| {
        let (topic, partitions) = topic.map_or((None, Vec::new()), |(t, p)| (Some(t), p));
        ResetOffsets { group, topic, partitions, to }
    })
}

fn command() -> impl Strategy<Value = Command> {
    // A command that changes nothing cannot be said, and nobody needs it.
    let changes = vec((text(), option::of(text())), 1..5);
    prop_oneof![
        create_topic(),
        name().prop_map(|topic| Command::DeleteTopic { topic }),
        (name(), any::<i32>(), vec(vec(any::<i32>().prop_map(NodeId), 1..4), 0..3)).prop_map(
            |(topic, partitions, replica_assignment)| Command::AddPartitions {
                topic,
                partitions,
                replica_assignment
            }
        ),
        (resource(), changes)
            .prop_map(|(resource, changes)| Command::AlterConfigs { resource, changes }),
        (any::<bool>(), option::of((name(), any::<i32>()))).prop_map(|(preferred, partition)| {
            Command::ElectLeaders {
                election: ElectionType::ALL[usize::from(preferred)],
                partition: partition.map(|(topic, partition)| TopicPartition { topic, partition }),
            }
        }),
        reassign(),
        produce(),
        create_producer(),
        consume(),
        consume_in_group(),
        transaction(),
        steer(),
        workload().prop_map(Command::StartWorkload),
        name().prop_map(|producer| Command::StopWorkload { producer }),
        (name(), 0..100_000u64)
            .prop_map(|(client, processing_ms)| Command::SetProcessing { client, processing_ms }),
        reset_offsets().prop_map(Command::ResetOffsets),
        name().prop_map(|group| Command::DeleteGroup { group }),
        name().prop_map(|client| Command::CloseClient { client }),
        (partition(), any::<i64>())
            .prop_map(|(partition, offset)| Command::DeleteRecords { partition, offset }),
        node().prop_map(|node| Command::Crash { node }),
        node().prop_map(|node| Command::PowerLoss { node }),
        node().prop_map(|node| Command::Stop { node }),
        node().prop_map(|node| Command::Pause { node }),
        node().prop_map(|node| Command::Resume { node }),
        node().prop_map(|node| Command::Start { node }),
        option::of(any::<i32>().prop_map(NodeId)).prop_map(|node| Command::AddBroker { node }),
        node().prop_map(|node| Command::Replace { node }),
        any::<i32>().prop_map(|id| Command::UnregisterBroker { broker: NodeId(id) }),
        (address(), address(), any::<bool>()).prop_map(|(from, to, one_way)| Command::Cut {
            from,
            to,
            one_way
        }),
        link(),
        (node(), disk_fault()).prop_map(|(node, fault)| Command::Disk { node, fault }),
        node().prop_map(|node| Command::Isolate { node }),
        vec(node(), 1..6).prop_map(|nodes| Command::RingCut { nodes }),
        (address(), address()).prop_map(|(from, to)| Command::Heal { from, to }),
        address().prop_map(|end| Command::HealEnd { end }),
        (address(), address(), any::<u32>(), 0..3u32, envelope_act()).prop_map(
            |(from, to, n, copy, act)| Command::Envelope {
                envelope: EnvelopeId { from, to, n, copy },
                act
            }
        ),
        Just(Command::HealAll),
    ]
}

fn condition() -> impl Strategy<Value = Condition> {
    let is = || select(&Comparison::ALL[..]);
    let place = || (option::of(node()), partition(), is(), any::<i64>());
    prop_oneof![
        place().prop_map(|(node, partition, is, offset)| Condition::HighWatermark {
            node,
            partition,
            is,
            offset
        }),
        place().prop_map(|(node, partition, is, offset)| Condition::LogEnd {
            node,
            partition,
            is,
            offset
        }),
        (partition(), any::<bool>(), option::of(node())).prop_map(|(partition, equal, leader)| {
            Condition::Leader { partition, equal, leader }
        }),
        (partition(), any::<bool>(), vec(node(), 0..4))
            .prop_map(|(partition, equal, isr)| { Condition::Isr { partition, equal, isr } }),
        (name(), partition(), is(), any::<i64>()).prop_map(|(consumer, partition, is, offset)| {
            Condition::Position { consumer, partition, is, offset }
        }),
        (name(), is(), any::<i64>()).prop_map(|(producer, is, count)| Condition::Acknowledged {
            producer,
            is,
            count
        }),
        (name(), is(), any::<i64>()).prop_map(|(producer, is, count)| Condition::Failed {
            producer,
            is,
            count
        }),
        (name(), any::<bool>(), select(TransactionState::ALL.to_vec())).prop_map(
            |(transactional_id, equal, state)| Condition::Transaction {
                transactional_id,
                equal,
                state
            }
        ),
        node().prop_map(|node| Condition::Stopped { node }),
        Just(Condition::Ready),
        Just(Condition::Quiet),
    ]
}

fn drive() -> impl Strategy<Value = Drive> {
    prop_oneof![
        (1..=u32::MAX).prop_map(Drive::Step),
        any::<u64>().prop_map(|ms| Drive::For { ms }),
        (condition(), any::<u64>())
            .prop_map(|(condition, within_ms)| Drive::Until { condition, within_ms }),
        condition().prop_map(|condition| Drive::Until { condition, within_ms: WITHIN_MS }),
    ]
}

fn described() -> impl Strategy<Value = Described> {
    prop_oneof![
        Just(Described::All),
        Just(Described::Overrides),
        subsequence(PartitionReport::ALL.to_vec(), 1..=4)
            .prop_map(|reports| Described::Partitions(reports.into_iter().collect())),
    ]
}

fn look() -> impl Strategy<Value = Show> {
    let question = prop_oneof![Just(Question::NotDeleted), Just(Question::NotCompacted)];
    let depth = prop_oneof![
        Just(Depth::Batches),
        Just(Depth::Records),
        Just(Depth::Contents),
        Just(Depth::Metadata)
    ];
    prop_oneof![
        (option::of(name()), described())
            .prop_map(|(topic, described)| Show::DescribeTopics { topic, described }),
        Just(Show::BrokerApiVersions),
        Just(Show::ClusterId),
        any::<bool>().prop_map(|fenced| Show::Endpoints { fenced }),
        (any::<bool>(), any::<bool>()).prop_map(|(state, kind)| Show::ListGroups { state, kind }),
        (name(), 0..3usize, any::<bool>()).prop_map(|(group, n, verbose)| {
            let reports = [
                GroupReport::Offsets { verbose },
                GroupReport::State { verbose },
                GroupReport::Members { verbose },
            ];
            Show::DescribeGroup { group, report: reports[n] }
        }),
        reset_offsets().prop_map(Show::ResetOffsets),
        transaction_look().prop_map(Show::Transactions),
        Just(Show::ListTopics),
        Just(Show::Reassignments),
        (vec(name(), 0..3), vec(0..100, 1..4), any::<bool>()).prop_map(|(topics, ids, unaware)| {
            let distinct: std::collections::BTreeSet<_> = ids.into_iter().map(NodeId).collect();
            let brokers = distinct.into_iter().collect();
            Show::GenerateReassignment { topics, brokers, disable_rack_aware: unaware }
        }),
        (resource(), any::<bool>())
            .prop_map(|(resource, all)| Show::DescribeConfigs { resource, all }),
        (option::of(name()), any::<i64>())
            .prop_map(|(topic, time)| Show::GetOffsets { topic, time }),
        (node(), vec(text(), 1..3), depth).prop_map(|(node, files, depth)| Show::DumpLog {
            node,
            files,
            depth
        }),
        (node(), text()).prop_map(|(node, dir)| Show::Du { node, dir }),
        partition().prop_map(Show::Partition),
        (node(), partition()).prop_map(|(node, partition)| Show::Log { node, partition }),
        Just(Show::Brokers),
        Just(Show::Clients),
        Just(Show::Monitors),
        console_consumer().prop_map(Show::ConsoleConsumer),
        option::of(name()).prop_map(|topic| Show::Ledger { topic }),
        name().prop_map(Show::Producer),
        name().prop_map(Show::Consumer),
        name().prop_map(Show::Settings),
        Just(Show::PageCache),
        any::<bool>().prop_map(|replication| Show::MetadataQuorum { replication }),
        (node(), option::of(text()), proptest::sample::select(&ShellCommand::ALL[..]), text())
            .prop_map(|(node, snapshot, command, path)| Show::MetadataShell {
                node,
                snapshot,
                command,
                path
            }),
        Just(Show::Envelopes),
        (1..=u32::MAX).prop_map(Show::Events),
        option::of(any::<u64>()).prop_map(|id| Show::Why(id.map(EventId))),
        (question, node(), partition(), option::of(any::<i64>())).prop_map(
            |(question, node, partition, offset)| Show::WhyNot {
                question,
                node,
                partition,
                offset
            }
        ),
        (select(About::ALL.to_vec()), partition())
            .prop_map(|(about, partition)| Show::WhyIs { about, partition }),
        Just(Show::WhyQuorum),
        node().prop_map(Show::WhyBroker),
        (name(), partition())
            .prop_map(|(consumer, partition)| Show::WhyReadReplica { consumer, partition }),
        (partition(), name()).prop_map(|(partition, group)| Show::WhyOwner { partition, group }),
        (partition(), any::<i64>())
            .prop_map(|(partition, offset)| Show::WhyRecord { partition, offset }),
        (node(), text()).prop_map(|(node, dir)| Show::Ls { node, dir }),
        (node(), text()).prop_map(|(node, path)| Show::Cat { node, path }),
        option::of(text()).prop_map(|verb| Show::Help { verb }),
    ]
}

prop_compose! {
    fn spec()(
        brokers in 1..=ClusterSpec::MAX_BROKERS,
        seed in any::<u64>(),
        delay in (0..=60_000_000u64, 0..=60_000_000u64),
        damage in 0..=1000u32,
        writeback_ms in 0..1u64 << 40,
        clean_ms in 1..1u64 << 40,
        (controllers, combined) in (1..=ClusterSpec::MAX_CONTROLLERS, any::<bool>()),
        broker in vec(option::of(0..i32::MAX as u64), 16),
        segment_bytes in 100..=i32::MAX,
        policy in select(&["compact", "delete", "compact,delete", ""][..]),
        history in select(&HistoryRule::ALL[..]),
        elr in any::<bool>(),
        racks in vec(select(&["", "a", "랙-b", "us-east-1c"][..]), 0..5),
        mutants in subsequence(Mutant::ALL.to_vec(), 0..=Mutant::ALL.len()),
    ) -> ClusterSpec {
        let mut spec = ClusterSpec::new(brokers, seed);
        spec.network_delay_us = (delay.0.min(delay.1), delay.0.max(delay.1));
        spec.network_damage_per_mille = damage;
        spec.writeback_ms = writeback_ms;
        spec.metadata_clean_ms = clean_ms;
        spec.controllers = controllers;
        if combined {
            spec.roles = ProcessRoles::Combined;
            spec.controllers = controllers.min(brokers);
        }
        for ((_, mut setting), value) in spec.broker.entries().into_iter().zip(broker) {
            value.map(|value| setting.set(&value.to_string()));
        }
        spec.log.set("segment.bytes", &segment_bytes.to_string()).unwrap();
        spec.log.set("cleanup.policy", policy).unwrap();
        spec.history = history;
        spec.eligible_leader_replicas = elr;
        spec.transaction_version = (seed % 3) as u8;
        if racks.iter().any(|rack| !rack.is_empty()) {
            let rack = |name: &&str| (!name.is_empty()).then(|| (*name).into());
            spec.racks = racks.iter().map(rack).collect();
        }
        spec.mutants = mutants.into_iter().collect();
        spec
    }
}

pub(super) fn line() -> impl Strategy<Value = Line> {
    prop_oneof![
        8 => command().prop_map(Line::Command),
        3 => drive().prop_map(Line::Drive),
        1 => perf_test().prop_map(Line::PerfTest),
        3 => look().prop_map(Line::Show),
        1 => spec().prop_map(|spec| Line::Spec(Box::new(spec))),
        1 => "[a-zA-Z가-힣]([ -~]*[a-z.])?".prop_map(Line::Prose),
    ]
}

fn workload() -> impl Strategy<Value = Workload> {
    let kind = proptest::sample::select(&WorkloadKind::ALL[..]);
    (
        name(),
        name(),
        kind,
        any::<u32>(),
        any::<u64>(),
        (option::of(any::<u32>()), option::of(any::<u32>())),
    )
        .prop_map(|(producer, topic, kind, rate, seed, (count, record_size))| Workload {
            producer,
            topic,
            kind,
            rate,
            seed,
            count,
            record_size,
        })
}

fn console_consumer() -> impl Strategy<Value = ConsoleConsumer> {
    let formatter = proptest::sample::select(&Formatter::ALL[..]);
    let properties = proptest::collection::btree_map("[a-z][a-z.]{0,20}", text(), 0..3);
    let isolation = select(&IsolationLevel::ALL[..]);
    let place = (option::of(any::<i32>()), -2..i64::from(u32::MAX), isolation);
    (name(), place, option::of(any::<u32>()), formatter, properties).prop_map(
        |(topic, (partition, offset, isolation), max_messages, formatter, properties)| {
            ConsoleConsumer {
                topic,
                partition,
                // A number is taken only with a partition.
                offset: if partition.is_some() { offset } else { offset.min(-1) },
                isolation,
                max_messages,
                formatter,
                properties,
            }
        },
    )
}
