//! The fields of each command: labelled, in reading order.

use super::draft::{CONFIGS, Draft, Kind};
use crate::app::App;
use crate::i18n::commands::CommandText;
use crate::i18n::{Key, t};
use crate::view_model::NodeState;
use kafkascope_engine::command::ElectionType;
use kafkascope_engine::ids::{NodeId, TopicPartition};
use kafkascope_engine::log::log_config::LogConfig;
use leptos::prelude::*;

fn field(app: App, label: impl Key + Send + Sync + 'static, control: AnyView) -> AnyView {
    view! {
        <label class="command-field">
            <span>{move || t(app.lang.get(), label)}</span>
            {control}
        </label>
    }
    .into_any()
}

fn input(
    draft: RwSignal<Draft>,
    testid: &'static str,
    is_number: bool,
    read: fn(&Draft) -> &String,
    write: fn(&mut Draft, String),
) -> AnyView {
    view! {
        <input
            type="text"
            data-testid=testid
            inputmode=if is_number { "numeric" } else { "text" }
            autocomplete="off"
            spellcheck="false"
            prop:value=move || draft.with(|draft| read(draft).clone())
            on:input=move |event| draft.update(|draft| write(draft, event_target_value(&event)))
        />
    }
    .into_any()
}

/// Choices, each with its value and what it says.
fn select(
    testid: String,
    choices: impl Fn() -> Vec<(String, String)> + Send + 'static,
    chosen: impl Fn() -> String + Copy + Send + 'static,
    choose: impl Fn(String) + 'static,
) -> AnyView {
    let option = move |(value, text): (String, String)| {
        let own = value.clone();
        view! { <option value=value prop:selected=move || chosen() == own>{text}</option> }
    };
    view! {
        <select data-testid=testid on:change=move |event| choose(event_target_value(&event))>
            {move || choices().into_iter().map(option).collect_view()}
        </select>
    }
    .into_any()
}

/// Which topic, and which partition.
pub fn about(app: App, draft: RwSignal<Draft>, kind: Memo<Kind>) -> AnyView {
    let topics = Memo::new(move |_| app.view.with(|view| view.topics.clone()));
    let id = Memo::new(move |_| draft.with(|draft| draft.id.clone()));
    let chosen_topic =
        move || id.with(|id| id.as_ref().map_or(String::new(), |id| id.topic.to_string()));
    let chosen_partition =
        move || id.with(|id| id.as_ref().map_or(String::new(), |id| id.partition.to_string()));
    let go = move |id: TopicPartition| {
        let kind = kind.get_untracked();
        app.topic_commands.begin(app, kind, Some(id));
    };
    let names = move || {
        let same = |(name, _): &(std::sync::Arc<str>, i32)| (name.to_string(), name.to_string());
        topics.with(|topics| topics.iter().map(same).collect())
    };
    let numbers = move || {
        let topic = chosen_topic();
        let count = topics.with(|topics| {
            topics.iter().find(|(name, _)| **name == *topic).map_or(0, |(_, count)| *count)
        });
        (0..count).map(|n| (n.to_string(), n.to_string())).collect()
    };
    let choose_topic = move |topic: String| go(TopicPartition::new(topic, 0));
    let choose_partition = move |number: String| {
        let id = id.get_untracked();
        if let (Some(id), Ok(partition)) = (id, number.parse()) {
            go(TopicPartition { partition, ..id });
        }
    };
    view! {
        <Show when=move || kind.get() != Kind::CreateTopic && id.with(Option::is_some)>
            <div class="command-fields">
                {field(app, CommandText::Topic, select("command-topic".into(), names, chosen_topic, choose_topic))}
                <Show when=move || kind.get().is_of_partition()>
                    {field(app, CommandText::Partition, select("command-partition".into(), numbers, chosen_partition, choose_partition))}
                </Show>
            </div>
        </Show>
    }
    .into_any()
}

pub fn of_kind(app: App, draft: RwSignal<Draft>, kind: Kind) -> AnyView {
    match kind {
        Kind::CreateTopic => view! {
            <div class="command-fields">
                {field(app, CommandText::Name, input(draft, "command-name", false, |d| &d.name, |d, text| d.name = text))}
                {field(app, CommandText::Partitions, input(draft, "command-partitions", true, |d| &d.partitions, |d, text| d.partitions = text))}
                {field(app, CommandText::ReplicationFactor, input(draft, "command-replication-factor", true, |d| &d.replication_factor, |d, text| d.replication_factor = text))}
            </div>
            {configs(app, draft)}
        }
        .into_any(),
        Kind::AddPartitions => view! {
            <div class="command-fields">
                {field(app, CommandText::PartitionsInAll, input(draft, "command-partitions", true, |d| &d.partitions, |d, text| d.partitions = text))}
            </div>
        }
        .into_any(),
        Kind::AlterConfigs => configs(app, draft),
        Kind::Reassign => reassign(app, draft),
        Kind::ElectLeader => {
            let chosen = move || draft.with(|draft| draft.election.name().to_string());
            let choose = move |name: String| {
                let found = ElectionType::ALL.into_iter().find(|one| one.name() == name);
                draft.update(|draft| draft.election = found.unwrap_or(draft.election));
            };
            let choices = || {
                ElectionType::ALL.map(|one| (one.name().to_string(), one.name().to_string())).into()
            };
            let control = select("command-election".into(), choices, chosen, choose);
            view! { <div class="command-fields">{field(app, CommandText::Election, control)}</div> }
                .into_any()
        }
        Kind::DeleteRecords => view! {
            <div class="command-fields">
                {field(app, CommandText::Before, input(draft, "command-before", true, |d| &d.before, |d, text| d.before = text))}
            </div>
        }
        .into_any(),
        Kind::DeleteTopic => ().into_any(),
    }
}

/// By Kafka's names; what is left empty is not set, and the default stands there in grey.
fn configs(app: App, draft: RwSignal<Draft>) -> AnyView {
    let one = move |at: usize| {
        let name = CONFIGS[at];
        let default = LogConfig::keys().iter().find(|key| key.name == name);
        let default = default.map_or(String::new(), |key| key.default_value());
        let value = move || draft.with(|draft| draft.configs[at].clone());
        let set = move |text: String| draft.update(|draft| draft.configs[at] = text);
        let values: &[&str] = match name {
            "cleanup.policy" => &["delete", "compact", "compact,delete"],
            "unclean.leader.election.enable" => &["true", "false"],
            _ => &[],
        };
        let testid = format!("config-{name}");
        let control = match values {
            [] => view! {
                <input type="text" inputmode="numeric" data-testid=testid autocomplete="off"
                    placeholder=default prop:value=value on:input=move |event| set(event_target_value(&event)) />
            }
            .into_any(),
            values => {
                let choices = move || {
                    let unset = format!("{} ({default})", t(app.lang.get(), CommandText::Default));
                    let set = values.iter().map(|value| (value.to_string(), value.to_string()));
                    [(String::new(), unset)].into_iter().chain(set).collect()
                };
                select(testid, choices, value, set)
            }
        };
        view! { <label class="command-field is-config"><span class="mono">{name}</span>{control}</label> }
    };
    view! { <div class="command-fields">{(0..CONFIGS.len()).map(one).collect_view()}</div> }
        .into_any()
}

fn reassign(app: App, draft: RwSignal<Draft>) -> AnyView {
    let brokers = Memo::new(move |_| {
        app.view.with(|view| {
            view.brokers().map(|node| (node.id, node.state)).collect::<Vec<(NodeId, NodeState)>>()
        })
    });
    let broker = move |(id, state): (NodeId, NodeState)| {
        let place = move || {
            draft.with(|draft| draft.replicas.iter().position(|one| *one == id).map(|at| at + 1))
        };
        view! {
            <button
                type="button"
                class="command-broker"
                class:is-down=!state.has_process()
                data-testid=format!("target-{id}")
                aria-pressed=move || place().is_some().to_string()
                on:click=move |_| draft.update(|draft| draft.toggle(id))
            >
                <span class="command-place">{move || place().map_or("·".to_string(), |at| at.to_string())}</span>
                {id.to_string()}
            </button>
        }
    };
    let is_under_way = move || app.view.with(|view| view.gauges.reassigning_partitions > 0);
    let additional =
        move |event| draft.update(|draft| draft.additional = event_target_checked(&event));
    view! {
        <p class="command-label" aria-hidden="true">{move || t(app.lang.get(), CommandText::Replicas)}</p>
        <div class="command-brokers" role="group" aria-label=move || t(app.lang.get(), CommandText::Replicas)>
            {move || brokers.get().into_iter().map(broker).collect_view()}
        </div>
        <div class="command-fields">
            {field(app, CommandText::Throttle, input(draft, "command-throttle", true, |d| &d.throttle, |d, text| d.throttle = text))}
        </div>
        <Show when=is_under_way>
            <label class="command-check">
                <input type="checkbox" data-testid="command-additional" on:change=additional
                    prop:checked=move || draft.with(|draft| draft.additional) />
                {move || t(app.lang.get(), CommandText::Additional)}
            </label>
        </Show>
    }
    .into_any()
}
