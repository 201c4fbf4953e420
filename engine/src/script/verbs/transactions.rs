//! The verbs of transactions. What the fields mean is in [`super`].

use super::table::{BOOTSTRAP, TOPIC, fixed, none, opt};
use super::{Mode, Opt, Slot, Verb, Words};
use crate::script::kafka_transactions;
use crate::script::read::consumers;

const PARTITION: Opt = opt("--partition", Slot::Number);
const BROKER_ID: Opt = opt("--broker-id", Slot::Broker);
const TOOL: &str = "kafka-transactions.sh";

pub(super) const TRANSACTION: Verb = Verb {
    name: "transaction",
    mode: Mode::Only,
    usage: "PRODUCER begin|commit|abort",
    ko: "transactional.id가 있는 프로듀서의 애플리케이션이 트랜잭션을 시작, 커밋, 중단합니다.",
    en: "What the application of a producer with a transactional.id calls: it begins, commits or aborts a transaction.",
    words: fixed(&[Slot::Producer, Slot::Choice(&kafka_transactions::ACTS)]),
    options: &[],
    read: kafka_transactions::transaction,
};

pub(super) const SEND_OFFSETS: Verb = Verb {
    name: "send-offsets",
    mode: Mode::Only,
    usage: "PRODUCER group=GROUP PARTITION=OFFSET...",
    ko: "컨슈머 그룹의 오프셋을 열린 트랜잭션과 함께 커밋합니다(sendOffsetsToTransaction).",
    en: "Commits offsets of a consumer group with the open transaction (sendOffsetsToTransaction).",
    words: Words::Free(Slot::Producer),
    options: &[],
    read: kafka_transactions::send_offsets,
};

pub(super) const PROCESS: Verb = Verb {
    name: "process",
    mode: Mode::Only,
    usage: "INPUT OUTPUT app=NAME group=GROUP [group.protocol=classic|consumer] [group.remote.assignor=uniform|range] transactional.id=ID [transaction.timeout.ms=60000] [session.timeout.ms=45000] [max.poll.records=500] [max.poll.interval.ms=300000] [processing=50ms]",
    ko: "그룹의 멤버로 INPUT을 읽고, 처리한 결과와 오프셋을 한 트랜잭션으로 OUTPUT에 쓰는 애플리케이션을 시작합니다. 레코드마다 정확히 한 번(exactly once) 처리됩니다. 프로듀서의 이름은 NAME.producer입니다.",
    en: "Starts an application that reads INPUT as a member of the group, and writes what it made of it to OUTPUT, with its offsets, in one transaction: each record counts exactly once. Its producer is called NAME.producer.",
    words: fixed(&[Slot::Topic, Slot::Topic]),
    options: &[
        opt("app", Slot::Utf8),
        opt("group", Slot::Group),
        opt("group.protocol", Slot::Choice(&consumers::GROUP_PROTOCOLS)),
        opt("group.remote.assignor", Slot::Choice(&consumers::REMOTE_ASSIGNORS)),
        opt("transactional.id", Slot::Utf8),
        opt("transaction.timeout.ms", Slot::Number),
        opt("session.timeout.ms", Slot::Number),
        opt("max.poll.records", Slot::Number),
        opt("max.poll.interval.ms", Slot::Number),
        opt("processing", Slot::Duration),
    ],
    read: kafka_transactions::process,
};

pub(super) const SHOW: Verb = Verb {
    name: "show",
    mode: Mode::Word("transactions"),
    usage: "",
    ko: "transactional.id마다 코디네이터, 프로듀서, 상태, 열린 파티션을 보여 줍니다.",
    en: "Shows of every transactional id its coordinator, producer, state and partitions.",
    words: none(),
    options: &[],
    read: kafka_transactions::show_transactions,
};

pub(super) const LIST: Verb = Verb {
    name: TOOL,
    mode: Mode::Word("list"),
    usage: "",
    ko: "transactional.id를 코디네이터, 상태와 함께 늘어놓습니다.",
    en: "Lists the transactional ids with their coordinators and states.",
    words: none(),
    options: &[BOOTSTRAP],
    read: kafka_transactions::list,
};

pub(super) const DESCRIBE: Verb = Verb {
    name: TOOL,
    mode: Mode::Word("describe"),
    usage: "--transactional-id ID",
    ko: "transactional.id 하나의 트랜잭션을 자세히 보여 줍니다.",
    en: "Shows the transaction of one transactional id.",
    words: none(),
    options: &[opt("--transactional-id", Slot::Utf8), BOOTSTRAP],
    read: kafka_transactions::describe,
};

pub(super) const DESCRIBE_PRODUCERS: Verb = Verb {
    name: TOOL,
    mode: Mode::Word("describe-producers"),
    usage: "--topic TOPIC --partition N [--broker-id ID]",
    ko: "파티션에 쓰는 프로듀서와 열린 트랜잭션이 시작한 오프셋을 보여 줍니다.",
    en: "Shows who writes to a partition, and where the open transactions begin.",
    words: none(),
    options: &[TOPIC, PARTITION, BROKER_ID, BOOTSTRAP],
    read: kafka_transactions::describe_producers,
};

pub(super) const FIND_HANGING: Verb = Verb {
    name: TOOL,
    mode: Mode::Word("find-hanging"),
    usage: "[--broker-id ID] [--topic TOPIC [--partition N]] [--max-transaction-timeout MINUTES]",
    ko: "코디네이터가 모르는 채로 열려 있어 아무도 끝내지 않을 트랜잭션을 찾습니다.",
    en: "Finds transactions that are open and not known to a coordinator, so that nobody will end them.",
    words: none(),
    options: &[
        BROKER_ID,
        TOPIC,
        PARTITION,
        opt("--max-transaction-timeout", Slot::Number),
        BOOTSTRAP,
    ],
    read: kafka_transactions::find_hanging,
};

pub(super) const ABORT: Verb = Verb {
    name: TOOL,
    mode: Mode::Word("abort"),
    usage: "--topic TOPIC --partition N --start-offset OFFSET",
    ko: "파티션에 매달려(hanging) 있는 트랜잭션을 중단 마커로 끝냅니다.",
    en: "Ends a hanging transaction in a partition with an abort marker.",
    words: none(),
    options: &[TOPIC, PARTITION, opt("--start-offset", Slot::Offset), BOOTSTRAP],
    read: kafka_transactions::abort,
};
