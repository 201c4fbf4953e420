//! The verbs of clients that have many settings.

use super::table::{fixed, opt};
use super::{Mode, Slot, Verb};
use crate::script::read;

const BOOLEAN: Slot = Slot::Choice(&["true", "false"]);

pub const PRODUCER: Verb = Verb {
    name: "producer",
    mode: Mode::Only,
    usage: "NAME [acks=0|1|all] [enable.idempotence=true|false] [max.in.flight.requests.per.connection=N] [linger.ms=MS] [batch.size=BYTES] [buffer.memory=BYTES] [max.block.ms=MS] [max.request.size=BYTES] [compression.type=CODEC] [retries=N] [retry.backoff.ms=MS] [retry.backoff.max.ms=MS] [request.timeout.ms=MS] [delivery.timeout.ms=MS] [metadata.max.age.ms=MS] [partitioner.ignore.keys=true|false] [partitioner.adaptive.partitioning.enable=true|false] [transactional.id=ID] [transaction.timeout.ms=MS]",
    ko: "설정을 정해 프로듀서를 만듭니다. 적지 않은 것은 Kafka의 기본값입니다.",
    en: "Creates a producer with these settings; the others are Kafka's defaults.",
    words: fixed(&[Slot::Utf8]),
    options: &[
        opt("acks", Slot::Choice(&["0", "1", "all"])),
        opt("enable.idempotence", BOOLEAN),
        opt("max.in.flight.requests.per.connection", Slot::Number),
        opt("linger.ms", Slot::Number),
        opt("batch.size", Slot::Number),
        opt("buffer.memory", Slot::Number),
        opt("max.block.ms", Slot::Number),
        opt("max.request.size", Slot::Number),
        opt("compression.type", Slot::Choice(&read::COMPRESSIONS)),
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
    ],
    read: read::producer,
};
