//! The `cluster` line: what a run starts from, as text. Only what differs from Kafka's defaults is
//! printed; every broker and topic setting goes by Kafka's name.

use super::error::{ScriptError, ScriptProblem, closest};
use super::lexer::{Word, quote};
use super::parse::Args;
use super::verbs::Slot;
use crate::controller::metadata_image::ELR_FEATURE;
use crate::log::log_config::LogConfig;
use crate::replication::history_rule::HistoryRule;
use crate::spec::{BrokerConfig, ClusterSpec, Mutant, ProcessRoles, is_rack};

/// The cluster of a script that does not say otherwise.
pub const BROKERS: i32 = 3;
pub const SEED: u64 = 42;
/// `process.roles` of the voters: brokers too, or on nodes of their own.
const COMBINED: &str = "broker,controller";
const ISOLATED: &str = "controller";
/// A feature of Kafka's.
const TRANSACTION_VERSION: &str = "transaction.version";
/// Slower links or disks than these would only look like a cluster that does nothing.
const DELAY_US_MAX: u64 = 60_000_000;
/// The longest time that a setting may be.
const MS_MAX: i64 = 1 << 40;

pub fn default_spec() -> ClusterSpec {
    ClusterSpec::new(BROKERS, SEED)
}

/// Names of everything that a `cluster` line can set.
pub fn names() -> Vec<&'static str> {
    let own = [
        "brokers",
        "controllers",
        "process.roles",
        "broker.rack",
        "seed",
        "network.delay.us",
        "network.damage.per.mille",
        "writeback.ms",
        "metadata.clean.ms",
        "history.rule",
        ELR_FEATURE,
        TRANSACTION_VERSION,
        "mutant",
    ];
    let mut broker = BrokerConfig::default();
    let broker = broker.entries().map(|(name, _)| name);
    own.into_iter().chain(broker).chain(LogConfig::keys().iter().map(|key| key.name)).collect()
}

pub(super) fn read(args: &Args<'_>) -> Result<ClusterSpec, ScriptError> {
    let mut spec = default_spec();
    let mut seen: Vec<String> = Vec::new();
    for word in &args.words {
        let Some((name, value)) = word.split_once(b'=') else {
            return Err(args.invalid(word, Slot::Config));
        };
        let name_text = args.text(&name)?;
        if name_text != "mutant" && seen.contains(&name_text) {
            return Err(args.error(&name, ScriptProblem::Repeated { option: name_text }));
        }
        set(args, &mut spec, (&name, &name_text), &value)?;
        seen.push(name_text);
    }
    if spec.roles == ProcessRoles::Combined && spec.controllers > spec.brokers {
        let (word, most) = (spec.controllers.to_string(), i64::from(spec.brokers));
        return Err(args.error_at_end(ScriptProblem::OutOfRange { word, least: 1, most }));
    }
    Ok(spec)
}

fn set(
    args: &Args<'_>,
    spec: &mut ClusterSpec,
    (name, name_text): (&Word, &str),
    value: &Word,
) -> Result<(), ScriptError> {
    match name_text {
        "controllers" => {
            let most = i64::from(ClusterSpec::MAX_CONTROLLERS);
            spec.controllers = number_in(args, value, 1, most)? as i32;
        }
        "brokers" => {
            let most = i64::from(ClusterSpec::MAX_BROKERS);
            spec.brokers = number_in(args, value, 1, most)? as i32;
        }
        "seed" => spec.seed = args.parsed(value, Slot::Number)?,
        "network.delay.us" => {
            let text = args.text(value)?;
            let ends = text.split_once("..").unwrap_or((&text, &text));
            let (Ok(least), Ok(most)) = (ends.0.parse::<u64>(), ends.1.parse::<u64>()) else {
                return Err(args.invalid(value, Slot::Number));
            };
            if least > most || most > DELAY_US_MAX {
                let (least, most) = (least.min(DELAY_US_MAX) as i64, DELAY_US_MAX as i64);
                let what = ScriptProblem::OutOfRange { word: text, least, most };
                return Err(args.error(value, what));
            }
            spec.network_delay_us = (least, most);
        }
        "network.damage.per.mille" => {
            spec.network_damage_per_mille = number_in(args, value, 0, 1000)? as u32;
        }
        "process.roles" => {
            spec.roles = match value {
                word if word.is(COMBINED) => ProcessRoles::Combined,
                word if word.is(ISOLATED) => ProcessRoles::Isolated,
                word => return Err(args.invalid(word, Slot::Choice(&[COMBINED, ISOLATED]))),
            };
        }
        "broker.rack" => {
            let text = args.text(value)?;
            let rack = |name: &str| (!name.is_empty()).then(|| name.into());
            spec.racks = text.split(',').map(rack).collect();
            let sound = spec.racks.iter().flatten().all(|name| is_rack(name));
            let fits = spec.racks.len() <= ClusterSpec::MAX_BROKERS as usize;
            if !sound || !fits || spec.racks.iter().all(Option::is_none) {
                return Err(args.invalid(value, Slot::Racks));
            }
        }
        "metadata.clean.ms" => {
            spec.metadata_clean_ms = number_in(args, value, 1, MS_MAX)? as u64;
        }
        "writeback.ms" => {
            spec.writeback_ms = number_in(args, value, 0, MS_MAX)? as u64;
        }
        "history.rule" => {
            let text = args.text(value)?;
            let rules = &["truncate-to-hw", "kip-101", "kip-279", "kip-320"];
            spec.history = HistoryRule::from_name(&text)
                .ok_or_else(|| args.invalid(value, Slot::Choice(rules)))?;
        }
        TRANSACTION_VERSION => {
            let most = i64::from(ClusterSpec::TRANSACTION_VERSION_MAX);
            spec.transaction_version = number_in(args, value, 0, most)? as u8;
        }
        ELR_FEATURE => spec.eligible_leader_replicas = number_in(args, value, 0, 1)? == 1,
        "mutant" => {
            let text = args.text(value)?;
            let Some(mutant) = Mutant::from_name(&text) else {
                let closest = closest(&text, Mutant::names());
                return Err(
                    args.error(value, ScriptProblem::UnknownSetting { name: text, closest })
                );
            };
            spec.mutants.insert(mutant);
        }
        _ => return set_config(args, spec, (name, name_text), value),
    }
    Ok(())
}

fn set_config(
    args: &Args<'_>,
    spec: &mut ClusterSpec,
    (name, name_text): (&Word, &str),
    value: &Word,
) -> Result<(), ScriptError> {
    let broker_setting = spec.broker.entries().into_iter().find(|(known, _)| *known == name_text);
    if let Some((_, mut setting)) = broker_setting {
        if setting.set(&args.text(value)?) {
            return Ok(());
        }
        let Some(most) = setting.most() else {
            return Err(args.invalid(value, Slot::Choice(setting.choices())));
        };
        args.parsed::<u64>(value, Slot::Number)?;
        let (word, most) = (value.shown(), most as i64);
        return Err(args.error(value, ScriptProblem::OutOfRange { word, least: 1, most }));
    }
    // A broker's own name for the default of a topic setting: log.retention.ms, log.roll.ms ...
    let synonym = LogConfig::key_of_broker(name_text);
    let name_text = synonym.map_or(name_text, |key| key.name);
    if LogConfig::default().get(name_text).is_none() {
        let closest = closest(name_text, names());
        let name_text = name_text.to_string();
        return Err(args.error(name, ScriptProblem::UnknownSetting { name: name_text, closest }));
    }
    let text = args.text(&value.without_brackets())?;
    spec.log.set(name_text, &text).map_err(|error| {
        let (name, reason) = (name_text.to_string(), error.to_string());
        args.error(value, ScriptProblem::InvalidSetting { name, value: text, reason })
    })
}

fn number_in(args: &Args<'_>, value: &Word, least: i64, most: i64) -> Result<i64, ScriptError> {
    let number = args.parsed(value, Slot::Number)?;
    if (least..=most).contains(&number) {
        return Ok(number);
    }
    Err(args.error(value, ScriptProblem::OutOfRange { word: value.shown(), least, most }))
}

pub fn print(spec: &ClusterSpec) -> String {
    let mut line = format!("cluster brokers={} seed={}", spec.brokers, spec.seed);
    let usual = default_spec();
    if spec.controllers != usual.controllers {
        line += &format!(" controllers={}", spec.controllers);
    }
    if spec.roles == ProcessRoles::Combined {
        line += &format!(" process.roles={COMBINED}");
    }
    if !spec.racks.is_empty() {
        let racks: Vec<_> = spec.racks.iter().map(|rack| rack.as_deref().unwrap_or("")).collect();
        line += &format!(" broker.rack={}", racks.join(","));
    }
    if spec.network_delay_us != usual.network_delay_us {
        let (least, most) = spec.network_delay_us;
        line += &format!(" network.delay.us={least}..{most}");
    }
    if spec.network_damage_per_mille != usual.network_damage_per_mille {
        line += &format!(" network.damage.per.mille={}", spec.network_damage_per_mille);
    }
    if spec.writeback_ms != usual.writeback_ms {
        line += &format!(" writeback.ms={}", spec.writeback_ms);
    }
    if spec.metadata_clean_ms != usual.metadata_clean_ms {
        line += &format!(" metadata.clean.ms={}", spec.metadata_clean_ms);
    }
    if spec.history != usual.history {
        line += &format!(" history.rule={}", spec.history.name());
    }
    if spec.eligible_leader_replicas {
        line += &format!(" {ELR_FEATURE}=1");
    }
    if spec.transaction_version != usual.transaction_version {
        line += &format!(" {TRANSACTION_VERSION}={}", spec.transaction_version);
    }
    let (mut broker, mut usual_broker) = (spec.broker.clone(), usual.broker.clone());
    for ((name, setting), (_, usual)) in broker.entries().iter().zip(usual_broker.entries()) {
        if setting.text() != usual.text() {
            line += &format!(" {name}={}", setting.text());
        }
    }
    for key in LogConfig::keys() {
        let value = spec.log.get(key.name).unwrap_or_default();
        if value != usual.log.get(key.name).unwrap_or_default() {
            line += &format!(" {}={}", key.name, quote(value.as_bytes(), "[]"));
        }
    }
    for mutant in &spec.mutants {
        line += &format!(" mutant={}", mutant.name());
    }
    line
}
