//! The verbs of clients that have many settings.

use super::table::{BOOLEAN, fixed, opt, with_idle};
use super::{Mode, Opt, Slot, Verb};
use crate::client::idle_config::IDLE_PRODUCER_CONFIGS;
use crate::script::read;

const PRODUCER_SETTINGS: &[Opt] = &[
    opt("acks", Slot::Choice(&["0", "1", "all"])),
    opt("enable.idempotence", BOOLEAN),
    opt("max.in.flight.requests.per.connection", Slot::Number),
    opt("linger.ms", Slot::Number),
    opt("batch.size", Slot::Number),
    opt("buffer.memory", Slot::Number),
    opt("max.block.ms", Slot::Number),
    opt("max.request.size", Slot::Number),
    opt("compression.type", Slot::Choice(&read::COMPRESSIONS)),
    opt("compression.gzip.level", Slot::Number),
    opt("retries", Slot::Number),
    opt("retry.backoff.ms", Slot::Number),
    opt("retry.backoff.max.ms", Slot::Number),
    opt("request.timeout.ms", Slot::Number),
    opt("delivery.timeout.ms", Slot::Number),
    opt("metadata.max.age.ms", Slot::Number),
    opt("partitioner.ignore.keys", BOOLEAN),
    opt("partitioner.adaptive.partitioning.enable", BOOLEAN),
    opt("transactional.id", Slot::Utf8),
    opt("transaction.timeout.ms", Slot::Number),
];

const PRODUCER_OPTIONS: [Opt; PRODUCER_SETTINGS.len() + IDLE_PRODUCER_CONFIGS.len()] =
    with_idle(PRODUCER_SETTINGS, &IDLE_PRODUCER_CONFIGS);

pub const PRODUCER: Verb = Verb {
    name: "producer",
    mode: Mode::Only,
    usage: "NAME [acks=0|1|all] [enable.idempotence=true|false] [max.in.flight.requests.per.connection=N] [linger.ms=MS] [batch.size=BYTES] [buffer.memory=BYTES] [max.block.ms=MS] [max.request.size=BYTES] [compression.type=CODEC] [compression.gzip.level=1..9|-1] [retries=N] [retry.backoff.ms=MS] [retry.backoff.max.ms=MS] [request.timeout.ms=MS] [delivery.timeout.ms=MS] [metadata.max.age.ms=MS] [partitioner.ignore.keys=true|false] [partitioner.adaptive.partitioning.enable=true|false] [transactional.id=ID] [transaction.timeout.ms=MS] [CONFIG=VALUE]...",
    ko: "설정을 정해 프로듀서를 만듭니다. 적지 않은 것은 Kafka의 기본값입니다. 여기서 아무것도 바꾸지 않는 Kafka의 설정도 받습니다. show settings가 모두 보여 줍니다.",
    en: "Creates a producer with these settings; the others are Kafka's defaults. Kafka's settings that change nothing here are taken, too: show settings lists them all.",
    words: fixed(&[Slot::Utf8]),
    options: &PRODUCER_OPTIONS,
    read: read::producer,
};

pub const SETTINGS: Verb = Verb {
    name: "show",
    mode: Mode::Word("settings"),
    usage: "CLIENT",
    ko: "프로듀서나 컨슈머의 모든 설정을 Kafka의 기본값과 함께 보여 줍니다. 여기서 아무것도 바꾸지 않는 설정에는 그 이유를 붙입니다.",
    en: "All settings of a producer or a consumer beside Kafka's defaults, with a note on those that change nothing here.",
    words: fixed(&[Slot::Client]),
    options: &[],
    read: read::show_settings,
};
