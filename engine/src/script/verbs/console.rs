//! The verbs of the tools that produce and consume. What the fields mean is in [`super`].

use super::table::{BOOTSTRAP, TOPIC, fixed, many, none, opt};
use super::{Mode, Slot, Verb};
use crate::script::kafka_console::{FORMATTERS, consume, produce};
use crate::script::kafka_producer_perf_test;
use crate::script::read::consumers::ISOLATION_LEVELS;

pub(super) const PERF_TEST: Verb = Verb {
    name: "kafka-producer-perf-test.sh",
    mode: Mode::Only,
    usage: "--topic TOPIC --num-records N --record-size BYTES --throughput N|-1 [--producer-props NAME=VALUE]...",
    ko: "프로듀서 하나로 레코드를 보내고, 모두 끝날 때까지 시간을 보낸 다음 처리량과 지연 시간을 출력합니다. 가상 시간으로 잽니다. --throughput -1은 초당 1,000개입니다.",
    en: "Sends records with a producer of its own, lets time pass until all are settled, and prints throughput and latencies, measured in virtual time. --throughput -1 is 1,000 records a second.",
    words: none(),
    options: &[
        TOPIC,
        opt("--num-records", Slot::Number),
        opt("--record-size", Slot::Number),
        opt("--throughput", Slot::Number),
        many("--producer-props", Slot::Config),
        many("--command-property", Slot::Config),
        BOOTSTRAP,
    ],
    read: kafka_producer_perf_test::read,
};

pub(super) const PRODUCER: Verb = Verb {
    name: "kafka-console-producer.sh",
    mode: Mode::Only,
    usage: "LINE --topic TOPIC [--reader-property parse.key=true] [--reader-property key.separator=:] [--reader-property parse.headers=true] [--command-property acks=1]",
    ko: "한 줄을 레코드 하나로 보냅니다. parse.key=true면 key.separator(기본은 탭) 앞을 키로 읽습니다. 프로듀서의 이름은 console-producer입니다.",
    en: "Sends one line as one record. With parse.key=true what stands before key.separator, a tab by default, is the key. The producer is console-producer.",
    words: fixed(&[Slot::Utf8]),
    options: &[
        TOPIC,
        many("--property", Slot::Config),
        many("--reader-property", Slot::Config),
        many("--producer-property", Slot::Config),
        many("--command-property", Slot::Config),
        BOOTSTRAP,
    ],
    read: produce,
};

pub(super) const CONSUMER: Verb = Verb {
    name: "kafka-console-consumer.sh",
    mode: Mode::Only,
    usage: "--topic TOPIC [--partition N] [--from-beginning | --offset N|earliest|latest] [--isolation-level read_uncommitted|read_committed] [--max-messages N] [--formatter CLASS] [--formatter-property print.key=true]...",
    ko: "지금 읽을 수 있는 레코드를 출력하고 끝납니다. print.key, print.offset, print.partition, print.headers, print.timestamp, key.separator를 정할 수 있습니다. __consumer_offsets는 OffsetsMessageFormatter나 GroupMetadataMessageFormatter로 읽습니다.",
    en: "Prints what can be read at this moment, and ends. Takes print.key, print.offset, print.partition, print.headers, print.timestamp, key.separator; OffsetsMessageFormatter and GroupMetadataMessageFormatter read __consumer_offsets.",
    words: none(),
    options: &[
        TOPIC,
        opt("--partition", Slot::Number),
        opt("--from-beginning", Slot::Nothing),
        opt("--offset", Slot::Offset),
        opt("--isolation-level", Slot::Choice(&ISOLATION_LEVELS)),
        opt("--max-messages", Slot::Number),
        opt("--formatter", Slot::Choice(&FORMATTERS)),
        many("--property", Slot::Config),
        many("--formatter-property", Slot::Config),
        BOOTSTRAP,
    ],
    read: consume,
};
