//! The verbs of `kafka-topics.sh`.

use super::table::{BOOTSTRAP, TOPIC, many, none, opt};
use super::{Mode, Slot, Verb};
use crate::script::read;

pub const CREATE: Verb = Verb {
    name: "kafka-topics.sh",
    mode: Mode::Option("--create"),
    usage: "--topic TOPIC [--partitions N] [--replication-factor N] [--replica-assignment 1:2:3,2:3:1] [--config NAME=VALUE]...",
    ko: "토픽을 만듭니다.",
    en: "Creates a topic.",
    words: none(),
    options: &[
        opt("--topic", Slot::NewTopic),
        opt("--partitions", Slot::Number),
        opt("--replication-factor", Slot::Number),
        opt("--replica-assignment", Slot::Assignment),
        many("--config", Slot::Config),
        BOOTSTRAP,
    ],
    read: read::create_topic,
};

pub const ALTER: Verb = Verb {
    name: "kafka-topics.sh",
    mode: Mode::Option("--alter"),
    usage: "--topic TOPIC --partitions N [--replica-assignment 1:2:3,2:3:1]",
    ko: "토픽의 파티션을 N개로 늘립니다. 줄일 수는 없고, 키가 가는 파티션이 달라집니다.",
    en: "Gives a topic more partitions, N in all. There can never be fewer, and keys go elsewhere.",
    words: none(),
    options: &[
        TOPIC,
        opt("--partitions", Slot::Number),
        opt("--replica-assignment", Slot::Assignment),
        BOOTSTRAP,
    ],
    read: read::add_partitions,
};

pub const DELETE: Verb = Verb {
    name: "kafka-topics.sh",
    mode: Mode::Option("--delete"),
    usage: "--topic TOPIC",
    ko: "토픽을 지웁니다. 같은 이름으로 다시 만들면 topic id가 다른 새 토픽입니다.",
    en: "Deletes a topic. One that is created again under its name is another, with another topic id.",
    words: none(),
    options: &[TOPIC, BOOTSTRAP],
    read: read::delete_topic,
};

pub const DESCRIBE: Verb = Verb {
    name: "kafka-topics.sh",
    mode: Mode::Option("--describe"),
    usage: "[--topic TOPIC] [--under-replicated-partitions] [--unavailable-partitions] [--under-min-isr-partitions] [--at-min-isr-partitions] [--topics-with-overrides]",
    ko: "토픽과 파티션의 리더, 레플리카, ISR을 보여 줍니다. 조건을 주면 하나라도 맞는 파티션만 보여 줍니다: ISR이 복제 계수(replication factor)보다 작은 것, 리더가 없는 것, ISR이 min.insync.replicas보다 작은 것, 꼭 그만큼인 것. --topics-with-overrides는 따로 정한 설정이 있는 토픽만 파티션 없이 보여 줍니다.",
    en: "Shows topics with the leader, replicas and ISR of each partition; or only the partitions to which one of these applies: an ISR smaller than the replication factor, no leader, an ISR below min.insync.replicas, one just that large. --topics-with-overrides shows only topics on which a config is set, without partitions.",
    words: none(),
    options: &[
        TOPIC,
        opt("--under-replicated-partitions", Slot::Nothing),
        opt("--unavailable-partitions", Slot::Nothing),
        opt("--under-min-isr-partitions", Slot::Nothing),
        opt("--at-min-isr-partitions", Slot::Nothing),
        opt("--topics-with-overrides", Slot::Nothing),
        BOOTSTRAP,
    ],
    read: read::describe_topics,
};

pub const LIST: Verb = Verb {
    name: "kafka-topics.sh",
    mode: Mode::Option("--list"),
    usage: "",
    ko: "토픽의 이름을 보여 줍니다.",
    en: "Lists the topics.",
    words: none(),
    options: &[BOOTSTRAP],
    read: read::list_topics,
};
