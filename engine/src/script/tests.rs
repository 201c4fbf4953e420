//! The script language as a whole: every line reads back as it was printed, and mistakes and
//! refusals have words.

use super::complete::complete;
use super::error::ScriptProblem;
use super::*;
use crate::command::*;
use crate::ids::NodeId;
use crate::log::log_config::LogConfig;
use crate::spec::ClusterSpec;
use arbitrary::{Clients, line};
use proptest::prelude::*;

mod arbitrary;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn lines_read_back(line in line()) {
        let text = print(&line, &Clients);
        prop_assert!(!text.contains('\n'), "{text}");
        match parse(1, &text, &Clients) {
            Ok(read) => prop_assert_eq!(read, line, "{}", text),
            Err(error) => prop_assert!(false, "{text}: {}", error.words(Lang::En)),
        }
    }

    /// Any text is a line or a mistake with words, and a line has one canonical form.
    #[test]
    fn any_text_can_be_read(
        text in prop_oneof![
            any::<String>(),
            "(produce|consume|run|show|cut|kafka-topics.sh|cluster|why|ls)( [-a-z0-9=:,\"'\\\\>.]{1,9}){0,5}",
        ]
    ) {
        match parse(1, &text, &Clients) {
            Ok(line) => {
                let canonical = print(&line, &Clients);
                let again = parse(1, &canonical, &Clients).unwrap();
                prop_assert_eq!(print(&again, &Clients), canonical);
            }
            Err(error) => {
                for lang in [Lang::Ko, Lang::En] {
                    prop_assert!(!error.words(lang).is_empty());
                }
            }
        }
    }
}

#[test]
fn canonical_forms() {
    for line in [
        "kafka-topics.sh --create --topic orders --partitions 3 --replication-factor 3",
        "kafka-topics.sh --create --topic orders --replica-assignment 1:2:3,2:3:1",
        "kafka-topics.sh --create --topic t --partitions 1 --replication-factor 1 --config cleanup.policy=compact,delete",
        "kafka-configs.sh --alter --entity-type topics --entity-name t --add-config cleanup.policy=[compact,delete],segment.bytes=200 --delete-config retention.ms",
        "produce orders key=alice value=americano",
        "produce orders key=\"Kim Minji\" null-value partition=0 header=trace:7 timestamp=1767225600000 acks=0 producer=pos count=3",
        "produce orders value=\"\\x00\\xff\"",
        "consume orders consumer=billing from=earliest",
        "cut broker-1 broker-3 one-way",
        "heal \"my app\" broker-3",
        "link broker-1 producer-1 one-way delay=50ms..2s loss=2.5% duplicate=30% api=Produce",
        "link broker-1 broker-2 delay=1s reorder=10%",
        "isolate broker-2",
        "disk broker-1 slow by=50ms",
        "disk broker-1 full",
        "ring-cut broker-1 broker-2 broker-3 controller-101",
        "heal broker-3",
        "heal all",
        "heal \"all\"",
        "drop broker-1 producer-1 17.1",
        "delay broker-1 broker-2 0 by=200ms",
        "step",
        "run 500ms",
        "run until high-watermark orders-0 >= 4",
        "run until log-end broker-2 orders-0 >= 4 within 2m",
        "run until leader orders-0 != broker-1",
        "run until isr orders-0 == 1,2,3",
        "cluster brokers=5 seed=7 network.delay.us=1000..2000 history.rule=kip-101 replica.lag.time.max.ms=10000 min.insync.replicas=2 mutant=stale-metadata-taken",
        "why #57",
        "cat broker-1 orders-0/00000000000000000000.log",
    ] {
        let read =
            parse(1, line, &Clients).unwrap_or_else(|e| panic!("{line}: {}", e.words(Lang::En)));
        assert_eq!(print(&read, &Clients), line);
    }
}

#[test]
fn other_ways_to_say_it() {
    for (typed, canonical) in [
        (
            "kafka-topics.sh --topic=t --create --bootstrap-server localhost:9092",
            "kafka-topics.sh --create --topic t --partitions 1 --replication-factor 1",
        ),
        (
            "kafka-configs.sh --alter --topic t --add-config min.insync.replicas=2",
            "kafka-configs.sh --alter --entity-type topics --entity-name t --add-config min.insync.replicas=2",
        ),
        ("produce orders acks=-1 value=v key=k", "produce orders key=k value=v acks=all"),
        (
            "kafka-topics.sh --at-min-isr-partitions --under-replicated-partitions --describe --topic t",
            "kafka-topics.sh --describe --topic t --under-replicated-partitions --at-min-isr-partitions",
        ),
        (
            "kafka-broker-api-versions.sh --bootstrap-server broker-1:9092",
            "kafka-broker-api-versions.sh",
        ),
        ("run 3000ms", "run 3s"),
        ("run until quiet within 60s", "run until quiet"),
        ("why 57", "why #57"),
        ("  step   1 ", "step"),
        ("#   prose", "# prose"),
    ] {
        assert_eq!(print(&parse(1, typed, &Clients).unwrap(), &Clients), canonical);
    }
}

#[test]
fn mistakes_say_where_and_what() {
    for (line, column, words) in [
        ("porduce orders", 1, "There is no command porduce. Did you mean produce?"),
        ("zookeeper", 1, "There is no command zookeeper. See help."),
        (
            "kafka-topics.sh --topic t",
            1,
            "Say what kafka-topics.sh should do: --create, --alter, --delete, --describe, --list",
        ),
        (
            "show topics",
            6,
            "show does not know topics. It knows: partition, producer, settings, consumer, log, brokers, page-cache, clients, monitors, ledger, envelopes, transactions, events",
        ),
        ("produce", 8, "Here should be a topic."),
        ("produce key=a", 9, "Here should be a topic."),
        ("produce orders kye=a", 16, "produce has no option kye. Did you mean key?"),
        ("produce orders key", 16, "key= needs a value."),
        ("produce orders acks=2", 21, "\"2\" should be one of 0, 1, all."),
        ("produce orders partition=x", 26, "\"x\" should be a number."),
        ("produce orders key=a key=b", 22, "key is given twice."),
        ("produce orders value=a null-value", 34, "value and null-value contradict each other."),
        ("produce orders americano", 16, "\"americano\" is one word too many."),
        ("crash broker", 7, "\"broker\" should be a node such as broker-1."),
        ("crash 2", 7, "\"2\" should be a node such as broker-1."),
        (
            "cut broker-1 producer-2",
            14,
            "No node or client is called producer-2. Did you mean producer-1?",
        ),
        ("link broker-1 broker-2", 23, "Here should be at least one of delay=50ms"),
        ("link broker-1 broker-2 loss=30", 29, "\"30\" should be a share such as 30%"),
        ("link broker-1 broker-2 loss=101%", 29, "\"101%\" should be a share such as 30%"),
        ("link broker-1 broker-2 delay=2s..1s", 30, "\"2s..1s\" should be a time or a range"),
        ("link broker-1 broker-2 loss=1% api=Fech", 36, "\"Fech\" should be the name of a request"),
        ("disk broker-1 slow", 19, "by needs a time"),
        ("disk broker-1 brittle", 15, "\"brittle\" should be one of slow, full"),
        ("drop broker-1 broker-2 #7", 24, "\"#7\" should be the number of a message"),
        ("run until hw orders-0 >= 1", 11, "There is no condition hw. See help run."),
        ("run until high-watermark orders-0", 34, "Here should be a comparison"),
        ("run until leader orders-0 >= broker-1", 27, "\">=\" should be one of ==, !=."),
        ("run 5", 5, "\"5\" should be a time such as 500ms, 3s or 2m."),
        ("cluster brokers=99", 17, "99 is out of range. Use 1 to 12."),
        ("cluster min.isr=2", 9, "There is no setting min.isr."),
        ("cluster min.insync.replicas=0", 29, "min.insync.replicas cannot be \"0\"."),
        ("cluster mutant=x", 16, "There is no setting x."),
        ("kafka-configs.sh --alter --topic t", 35, "There is nothing to alter."),
        (
            "kafka-topics.sh --describe --topics-with-overrides --unavailable-partitions",
            28,
            "--unavailable-partitions and --topics-with-overrides contradict each other.",
        ),
        ("produce orders key=\"a", 20, "The quote \" is not closed."),
    ] {
        let error = parse(3, line, &Clients).expect_err(line);
        let said = error.what.words(Lang::En);
        assert!(said.starts_with(words), "{line}: {said}");
        assert_eq!((error.line, error.column), (3, column), "{line}");
        assert!(
            error.what.words(Lang::Ko).contains("니다")
                || error.what.words(Lang::Ko).contains("십시오")
                || error.what.words(Lang::Ko).contains("습니까")
                || matches!(error.what, ScriptProblem::MissingMode { .. })
        );
    }
}

#[test]
fn a_spec_stands_only_at_the_start() {
    let mut runner = Runner::new(Recording::new(ClusterSpec::new(1, 1)), Lang::En);
    let failure = runner.run_line(2, "cluster brokers=3").unwrap_err();
    assert!(matches!(
        failure,
        Failure::Script(ScriptError { what: ScriptProblem::SpecNotFirst, .. })
    ));
}

#[test]
fn the_table_of_verbs_is_what_help_completion_and_parsing_know() {
    let mut runner = Runner::new(Recording::new(ClusterSpec::new(1, 1)), Lang::Ko);
    let help = runner.run_line(1, "help").unwrap();
    for verb in verbs::VERBS {
        assert!(help.contains(&verb.form()), "{}", verb.name);
        assert!(complete("", runner.machine.cluster()).contains(&verb.name.to_string()));
        let alone = verb.form().split(['[', '<']).next().unwrap_or_default().to_string();
        if let Err(error) = parse(1, &alone, &Clients) {
            let unknown = matches!(
                error.what,
                ScriptProblem::UnknownVerb { .. } | ScriptProblem::UnknownMode { .. }
            );
            assert!(!unknown, "{alone}");
        }
    }
}

#[test]
fn completion_offers_what_exists() {
    let mut runner = Runner::new(Recording::new(ClusterSpec::new(3, 1)), Lang::En);
    for line in [
        "run until ready",
        "kafka-topics.sh --create --topic orders --partitions 2 --replication-factor 3",
        "run until quiet",
        "produce orders key=a",
        "consume orders consumer=app",
    ] {
        runner.run_line(1, line).unwrap();
    }
    let cluster = runner.machine.cluster();
    for (typed, offered) in [
        ("pro", vec!["process", "produce", "producer"]),
        ("produce ", vec!["orders"]),
        ("produce orders ac", vec!["acks="]),
        ("produce orders acks=", vec!["acks=0", "acks=1", "acks=all"]),
        ("crash broker-", vec!["broker-1", "broker-2", "broker-3"]),
        ("kafka-topics.sh --d", vec!["--delete", "--describe"]),
        ("kafka-topics.sh --describe --topic ", vec!["orders"]),
        (
            "kafka-topics.sh --describe --under-replicated-partitions --un",
            vec!["--unavailable-partitions", "--under-min-isr-partitions"],
        ),
        ("kafka-br", vec!["kafka-broker-api-versions.sh"]),
        ("kafka-topics.sh --create --rep", vec!["--replication-factor", "--replica-assignment"]),
        ("kafka-configs.sh --alter --add-config min.ins", vec!["min.insync.replicas="]),
        ("run until h", vec!["high-watermark"]),
        ("run until high-watermark ord", vec!["orders-0", "orders-1"]),
        ("run until leader orders-0 == n", vec!["none"]),
        ("run until position app orders-0 >= 4 ", vec!["within"]),
        ("show b", vec!["brokers"]),
        ("show partition ", vec!["orders-0", "orders-1"]),
        ("cut producer-1 broker-1 o", vec!["one-way"]),
        ("heal a", vec!["all", "app"]),
        ("close ", vec!["producer-1", "app"]),
        ("cat broker-1 orders-1/p", vec!["orders-1/partition.metadata"]),
        ("ls broker-1 o", vec!["orders-0", "orders-1"]),
        ("help po", vec!["power-loss"]),
        ("nothing ", vec![]),
    ] {
        let mut found = complete(typed, cluster);
        let mut offered = offered;
        found.sort();
        offered.sort();
        assert_eq!(found, offered, "{typed}");
    }
}

#[test]
fn every_refusal_has_words_in_both_languages() {
    let node = NodeId(2);
    let text = || "x".to_string();
    let problems = [
        AssignmentProblem::UnknownBroker(node),
        AssignmentProblem::FencedBroker(node),
        AssignmentProblem::DuplicateBroker(node),
        AssignmentProblem::UnevenReplicas,
        AssignmentProblem::AllFenced,
        AssignmentProblem::Empty,
    ];
    let mut refusals = vec![
        Refusal::NoSuchNode { node },
        Refusal::NoSuchClient { name: text() },
        Refusal::NoMember { name: text() },
        Refusal::NoSuchTopic { topic: text() },
        Refusal::NoSuchPartition { topic: text(), partition: 3, partitions: 3 },
        Refusal::TopicExists { topic: text() },
        Refusal::InvalidTopicName { topic: text(), reason: text() },
        Refusal::TopicNameCollides { topic: text(), with: text() },
        Refusal::InvalidPartitions { partitions: 0, max: 9 },
        Refusal::InvalidReplicationFactor { replication_factor: 4, brokers: 3 },
        Refusal::InvalidReplicationFactor { replication_factor: 0, brokers: 3 },
        Refusal::InvalidConfig { name: text(), value: text(), reason: text() },
        Refusal::UnknownConfig { name: text() },
        Refusal::NotDynamic { name: text() },
        Refusal::ControllerUnavailable,
        Refusal::AlreadyDown { node },
        Refusal::AlreadyRunning { node },
        Refusal::NotPaused { node },
        Refusal::IsPaused { node },
        Refusal::ShuttingDown { node },
        Refusal::NameTaken { name: text() },
        Refusal::InvalidClientName { name: text() },
        Refusal::SameEnds,
        Refusal::NotLinked,
        Refusal::InternalTopic { topic: text() },
        Refusal::RecordTooLarge { bytes: 2, max: 1 },
    ];
    refusals.extend(problems.map(|reason| Refusal::InvalidAssignment { reason }));
    for what in [TooMany::Records, TooMany::RecordsPerSecond, TooMany::Clients, TooMany::Partitions]
    {
        refusals.push(Refusal::TooMany { what, max: 9 });
    }
    for refusal in refusals {
        let (ko, en) = (words::words(&refusal, Lang::Ko), words::words(&refusal, Lang::En));
        assert!(ko.contains("니다") && ko.chars().any(|c| ('가'..='힣').contains(&c)), "{ko}");
        assert!(en.contains('.') && en.is_ascii(), "{en}");
        // What to do is a second sentence.
        assert!(en.matches(". ").count() >= 1, "{en}");
        assert!(!ko.contains("(가)") && !ko.contains("(은)") && !ko.contains("(를)"), "{ko}");
    }
}

#[test]
fn settings_of_the_cluster_line_are_those_that_exist() {
    let names = spec_text::names();
    assert!(LogConfig::keys().iter().all(|key| names.contains(&key.name)));
    assert!(names.contains(&"replica.lag.time.max.ms"));
}
