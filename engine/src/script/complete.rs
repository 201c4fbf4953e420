//! What the word being typed may become: verbs, options, and the names of what exists.

use super::condition::state::image;
use super::condition::{Comparison, FORMS};
use super::spec_text;
use super::verbs::{Mode, Opt, Slot, VERBS, Verb, Words, names};
use crate::cluster::{Client, Cluster};
use crate::log::log_config::LogConfig;
use crate::protocol::Api;

/// Everything that the last, unfinished word of `line` may become, sorted as a person would look for
/// it. After a space the last word is empty.
pub fn complete(line: &str, cluster: &Cluster) -> Vec<String> {
    let mut words: Vec<&str> = line.split_whitespace().collect();
    let open = if line.is_empty() || line.ends_with(char::is_whitespace) {
        ""
    } else {
        words.pop().unwrap_or("")
    };
    let mut candidates = candidates(&words, open, cluster);
    candidates.retain(|candidate| candidate.starts_with(open) && candidate != open);
    candidates.dedup();
    candidates
}

fn candidates(words: &[&str], open: &str, cluster: &Cluster) -> Vec<String> {
    let Some((&first, rest)) = words.split_first() else {
        return names().into_iter().map(String::from).collect();
    };
    let of_this_name: Vec<&Verb> = VERBS.iter().filter(|verb| verb.name == first).collect();
    let matches = |verb: &&&Verb| match verb.mode {
        Mode::Only => true,
        Mode::Word(mode) => rest.first() == Some(&mode),
        Mode::Option(mode) => rest.contains(&mode),
    };
    let mut found: Vec<String> = Vec::new();
    let is_decided = of_this_name.iter().any(|verb| verb.mode != Mode::Only && matches(&verb));
    if !is_decided && (rest.is_empty() || of_this_name.iter().all(|v| !matches(&v))) {
        found.extend(of_this_name.iter().map(|verb| verb.mode.text().to_string()));
        found.retain(|mode| !mode.is_empty());
    }
    if let Some(verb) = of_this_name.iter().find(matches) {
        let skip = usize::from(matches!(verb.mode, Mode::Word(_)));
        let rest: Vec<&str> = rest[skip..]
            .iter()
            .copied()
            .filter(|word| verb.mode == Mode::Only || *word != verb.mode.text())
            .collect();
        found.extend(after_verb(verb, &rest, open, cluster));
    }
    found
}

fn after_verb(verb: &Verb, rest: &[&str], open: &str, cluster: &Cluster) -> Vec<String> {
    if let Some((name, _)) = open.split_once('=') {
        let values = verb.options.iter().filter(|option| option.name == name);
        let values = values.flat_map(|option| slot(option.takes, rest, cluster));
        return values.map(|value| format!("{name}={value}")).collect();
    }
    if let Some(option) = verb.options.iter().find(|option| rest.last() == Some(&option.name))
        && option.takes != Slot::Nothing
    {
        return slot(option.takes, rest, cluster);
    }
    let slots = match verb.words {
        Words::Free(Slot::Condition) => return condition(rest, cluster),
        Words::Free(first) => {
            let mut found = slot(first, rest, cluster);
            if verb.name == "heal" && rest.is_empty() {
                found.push("all".to_string());
            }
            if verb.name == "ring-cut" {
                found.retain(|node| !rest.contains(&node.as_str()));
            }
            return found;
        }
        Words::Fixed { slots, .. } => slots,
    };
    let taken = rest.iter().filter(|word| !is_option(verb, word)).count();
    let mut found = slots.get(taken).map(|wants| slot(*wants, rest, cluster)).unwrap_or_default();
    if taken >= slots.len() || slots.is_empty() {
        let unused = |option: &&Opt| {
            option.many || !rest.iter().any(|word| word.split('=').next() == Some(option.name))
        };
        found.extend(verb.options.iter().filter(unused).map(option_text));
    }
    found
}

fn is_option(verb: &Verb, word: &str) -> bool {
    let name = word.split('=').next().unwrap_or(word);
    verb.options.iter().any(|option| option.name == name)
}

fn option_text(option: &Opt) -> String {
    let stands_alone = option.name.starts_with("--") || option.takes == Slot::Nothing;
    if stands_alone { option.name.to_string() } else { format!("{}=", option.name) }
}

/// What may follow `run until` and the words behind it.
fn condition(rest: &[&str], cluster: &Cluster) -> Vec<String> {
    let Some((&first, rest)) = rest.split_first() else {
        return FORMS.iter().map(|form| form.name.to_string()).collect();
    };
    let Some(form) = FORMS.iter().find(|form| form.name == first) else {
        return Vec::new();
    };
    let comparison = Comparison::ALL.iter().position(|c| rest.contains(&c.symbol()));
    match comparison {
        Some(_)
            if rest
                .last()
                .is_some_and(|last| Comparison::ALL.iter().any(|c| c.symbol() == *last)) =>
        {
            slot(form.value, rest, cluster)
        }
        Some(_) => vec!["within".to_string()],
        None if form.value == Slot::Nothing && rest.len() >= form.slots.len() => {
            vec!["within".to_string()]
        }
        None => {
            // A node in front may be left out, so both may stand in the first place.
            let both = form.slots.starts_with(&[Slot::Node, Slot::Partition]) && rest.is_empty();
            let mut found = if both { slot(Slot::Partition, rest, cluster) } else { Vec::new() };
            if rest.len() >= form.slots.len() || (rest.len() == 1 && form.slots[0] == Slot::Node) {
                found.extend(Comparison::ALL.map(|c| c.symbol().to_string()));
            }
            found.extend(
                form.slots.get(rest.len()).map(|s| slot(*s, rest, cluster)).unwrap_or_default(),
            );
            found
        }
    }
}

fn slot(wants: Slot, rest: &[&str], cluster: &Cluster) -> Vec<String> {
    let image = image(cluster);
    let topics =
        || image.into_iter().flat_map(|image| image.topics.keys().map(|name| name.to_string()));
    let nodes = || cluster.nodes().map(|node| node.id.to_string());
    let clients = |which: fn(&Client) -> bool| {
        let open = cluster.clients().filter(move |client| !client.closed && which(client));
        open.map(|client| client.name.to_string())
    };
    match wants {
        Slot::Topic => topics().collect(),
        Slot::Partition => image
            .into_iter()
            .flat_map(|image| image.partitions().map(|(id, _)| id.to_string()))
            .collect(),
        Slot::Node => nodes().collect(),
        Slot::Broker => {
            let known = image.into_iter().flat_map(|image| image.brokers.keys());
            known.map(|id| id.0.to_string()).collect()
        }
        Slot::Leader => nodes().chain(["none".to_string()]).collect(),
        Slot::Address => nodes().chain(clients(|_| true)).collect(),
        Slot::Client => clients(|_| true).collect(),
        Slot::Group => cluster.groups().iter().map(|(_, group)| group.id.to_string()).collect(),
        Slot::Producer => clients(|client| client.producer().is_some()).collect(),
        Slot::Consumer => clients(|client| client.consumer().is_some()).collect(),
        Slot::Choice(choices) => choices.iter().map(|choice| choice.to_string()).collect(),
        Slot::Envelope => numbers(rest, cluster),
        Slot::Api => Api::ALL.iter().map(|api| api.name().to_string()).collect(),
        Slot::ConfigName => LogConfig::keys().iter().map(|key| key.name.to_string()).collect(),
        Slot::Config => LogConfig::keys().iter().map(|key| format!("{}=", key.name)).collect(),
        Slot::Setting => spec_text::names().into_iter().map(|name| format!("{name}=")).collect(),
        Slot::Verb => names().into_iter().map(String::from).collect(),
        Slot::Condition => FORMS.iter().map(|form| form.name.to_string()).collect(),
        Slot::File | Slot::Dir => paths(wants, rest, cluster),
        _ => Vec::new(),
    }
}

/// The messages on their way between the two ends that are named before.
fn numbers(rest: &[&str], cluster: &Cluster) -> Vec<String> {
    let end = |at: usize| rest.get(at).and_then(|name| cluster.address_named(name));
    let (Some(from), Some(to)) = (end(0), end(1)) else {
        return Vec::new();
    };
    let under_way = cluster.envelopes().map(|envelope| envelope.id);
    under_way.filter(|id| (id.from, id.to) == (from, to)).map(|id| id.number()).collect()
}

/// Files, or directories, of the node that is named before.
fn paths(wants: Slot, rest: &[&str], cluster: &Cluster) -> Vec<String> {
    let node = rest.first().and_then(|name| cluster.node(name.parse().ok()?));
    let paths = node.into_iter().flat_map(|node| node.disk.paths());
    let mut found: Vec<String> = match wants {
        Slot::Dir => paths.filter_map(|path| Some(path.split_once('/')?.0.to_string())).collect(),
        _ => paths.map(|path| path.to_string()).collect(),
    };
    found.dedup();
    found
}
