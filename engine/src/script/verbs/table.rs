//! The verbs themselves. What the fields mean is in [`super`].

use super::{
    Mode, Opt, Slot, Verb, Words, clients, console, faults, groups, ledger, topics, transactions,
    why, workload,
};
use crate::client::idle_config::{IdleConfig, Takes};
use crate::script::error::ScriptError;
use crate::script::line::Line;
use crate::script::parse::Args;
use crate::script::read;

pub(super) const fn opt(name: &'static str, takes: Slot) -> Opt {
    Opt { name, takes, many: false }
}

pub(super) const BOOLEAN: Slot = Slot::Choice(&["true", "false"]);

/// The settings of a client that do something, and after them Kafka's others.
pub(super) const fn with_idle<const N: usize>(own: &[Opt], idle: &[IdleConfig]) -> [Opt; N] {
    let mut all = [opt("", Slot::Nothing); N];
    let mut at = 0;
    while at < own.len() {
        all[at] = own[at];
        at += 1;
    }
    while at < N {
        let config = idle[at - own.len()];
        let slot = match config.takes {
            Takes::Boolean => BOOLEAN,
            Takes::Between(..) => Slot::Number,
            Takes::Text => Slot::Utf8,
        };
        all[at] = opt(config.name, slot);
        at += 1;
    }
    all
}

pub(super) const fn many(name: &'static str, takes: Slot) -> Opt {
    Opt { name, takes, many: true }
}

pub(super) const fn none() -> Words {
    Words::Fixed { slots: &[], optional: 0 }
}

pub(super) const fn fixed(slots: &'static [Slot]) -> Words {
    Words::Fixed { slots, optional: 0 }
}

/// Accepted so that a command line for a real cluster works here too; there is only one cluster.
pub(super) const BOOTSTRAP: Opt = opt("--bootstrap-server", Slot::Text);
const BOOTSTRAP_CONTROLLER: Opt = opt("--bootstrap-controller", Slot::Text);
/// What `kafka-configs.sh` knows, of all that Kafka's has.
pub const ENTITY_TYPES: [&str; 2] = ["topics", "brokers"];

/// What `kafka-metadata-shell.sh` can be asked.
pub const SHELL_COMMAND: Slot = Slot::Choice(&["ls", "cat", "find", "tree"]);

const ENTITY_TYPE: Opt = opt("--entity-type", Slot::Choice(&ENTITY_TYPES));
const ENTITY_DEFAULT: Opt = opt("--entity-default", Slot::Nothing);
const BROKER: Opt = opt("--broker", Slot::Number);
const BROKER_DEFAULTS: Opt = opt("--broker-defaults", Slot::Nothing);
const ENTITY_NAME: Opt = opt("--entity-name", Slot::Topic);
const ASSIGNMENT: Opt = opt("--reassignment-json-file", Slot::AssignmentJson);
pub(super) const TOPIC: Opt = opt("--topic", Slot::Topic);

pub static VERBS: &[Verb] = &[
    Verb {
        name: "cluster",
        mode: Mode::Only,
        usage: "[brokers=3] [seed=42] [network.delay.us=5000..15000] [writeback.ms=30000] [CONFIG=VALUE]... [mutant=NAME]...",
        ko: "클러스터를 정합니다. 스크립트의 첫 줄에만 씁니다.",
        en: "What the run starts from; only as the first line of a script.",
        words: Words::Free(Slot::Setting),
        options: &[],
        read: read::cluster,
    },
    topics::CREATE,
    topics::ALTER,
    topics::DELETE,
    topics::DESCRIBE,
    topics::LIST,
    Verb {
        name: "kafka-configs.sh",
        mode: Mode::Option("--alter"),
        usage: "(--entity-type topics --entity-name TOPIC | --entity-type brokers (--entity-name N | --entity-default)) [--add-config NAME=VALUE,...] [--delete-config NAME,...]",
        ko: "토픽이나 브로커의 설정을 바꾸거나 기본값으로 되돌립니다.",
        en: "Sets configs of a topic or of brokers, or takes them back.",
        words: none(),
        options: &[
            ENTITY_TYPE,
            ENTITY_NAME,
            ENTITY_DEFAULT,
            TOPIC,
            BROKER,
            BROKER_DEFAULTS,
            many("--add-config", Slot::Config),
            many("--delete-config", Slot::ConfigName),
            BOOTSTRAP,
        ],
        read: read::alter_configs,
    },
    Verb {
        name: "kafka-configs.sh",
        mode: Mode::Option("--describe"),
        usage: "(--entity-type topics --entity-name TOPIC | --entity-type brokers (--entity-name N | --entity-default)) [--all]",
        ko: "토픽이나 브로커에 따로 정한 설정을 보여 줍니다. --all이면 정하지 않은 것까지 보여 줍니다.",
        en: "Shows the configs that are set on a topic or on brokers; with --all the others too.",
        words: none(),
        options: &[
            ENTITY_TYPE,
            ENTITY_NAME,
            ENTITY_DEFAULT,
            TOPIC,
            BROKER,
            BROKER_DEFAULTS,
            opt("--all", Slot::Nothing),
            BOOTSTRAP,
        ],
        read: read::describe_configs,
    },
    Verb {
        name: "kafka-reassign-partitions.sh",
        mode: Mode::Option("--generate"),
        usage: "--topics-to-move-json-file '{\"version\":1,\"topics\":[{\"topic\":\"orders\"}]}' --broker-list 1,2,3 [--disable-rack-aware]",
        ko: "토픽의 레플리카를 이 브로커들로, 랙이 있으면 여러 랙에 나누어 옮기는 재배치(reassignment)를 제안합니다. 아무것도 바꾸지 않습니다.",
        en: "Proposes a reassignment that moves topics to these brokers, spread over their racks if they have any; changes nothing.",
        words: none(),
        options: &[
            opt("--topics-to-move-json-file", Slot::TopicsJson),
            opt("--broker-list", Slot::Brokers),
            opt("--disable-rack-aware", Slot::Nothing),
            BOOTSTRAP,
        ],
        read: read::generate_reassignment,
    },
    Verb {
        name: "kafka-reassign-partitions.sh",
        mode: Mode::Option("--execute"),
        usage: "--reassignment-json-file '{\"version\":1,\"partitions\":[{\"topic\":\"orders\",\"partition\":0,\"replicas\":[2,3]}]}' [--additional] [--throttle BYTES]",
        ko: "파티션의 레플리카를 다른 브로커로 옮기기 시작합니다. --throttle은 옮기는 속도(초당 바이트)를 묶습니다.",
        en: "Begins to move replicas of partitions to other brokers; --throttle holds the copying back, in bytes a second.",
        words: none(),
        options: &[
            ASSIGNMENT,
            opt("--additional", Slot::Nothing),
            opt("--throttle", Slot::Number),
            BOOTSTRAP,
        ],
        read: read::execute_reassignment,
    },
    Verb {
        name: "kafka-reassign-partitions.sh",
        mode: Mode::Option("--verify"),
        usage: "--reassignment-json-file JSON [--preserve-throttles]",
        ko: "재배치가 끝났는지 보여 주고, 진행 중인 것이 없으면 throttle을 풉니다.",
        en: "Shows whether the reassignment is complete, and takes the throttles away when none is under way.",
        words: none(),
        options: &[ASSIGNMENT, opt("--preserve-throttles", Slot::Nothing), BOOTSTRAP],
        read: read::verify_reassignment,
    },
    Verb {
        name: "kafka-reassign-partitions.sh",
        mode: Mode::Option("--cancel"),
        usage: "--reassignment-json-file JSON [--preserve-throttles]",
        ko: "이 파티션들의 진행 중인 재배치를 취소하고 처음의 레플리카로 되돌립니다.",
        en: "Takes back the reassignments of these partitions that are under way.",
        words: none(),
        options: &[ASSIGNMENT, opt("--preserve-throttles", Slot::Nothing), BOOTSTRAP],
        read: read::cancel_reassignment,
    },
    Verb {
        name: "kafka-reassign-partitions.sh",
        mode: Mode::Option("--list"),
        usage: "",
        ko: "진행 중인 재배치를 보여 줍니다.",
        en: "Lists the reassignments that are under way.",
        words: none(),
        options: &[BOOTSTRAP],
        read: read::list_reassignments,
    },
    Verb {
        name: "kafka-leader-election.sh",
        mode: Mode::Only,
        usage: "--election-type preferred|unclean (--topic TOPIC --partition N | --all-topic-partitions)",
        ko: "리더를 다시 뽑습니다. preferred는 첫 레플리카에 리더를 돌려주고, unclean은 리더가 없는 곳에 ISR 밖에서라도 뽑습니다.",
        en: "Elects leaders: preferred hands back to the first replica, unclean takes any where nobody leads.",
        words: none(),
        options: &[
            opt("--election-type", Slot::Choice(&["preferred", "unclean"])),
            TOPIC,
            opt("--partition", Slot::Number),
            opt("--all-topic-partitions", Slot::Nothing),
            BOOTSTRAP,
        ],
        read: read::elect_leaders,
    },
    Verb {
        name: "kafka-metadata-quorum.sh",
        mode: Mode::Word("describe"),
        usage: "[--status | --replication]",
        ko: "컨트롤러 쿼럼의 리더와 에포크를 보여 줍니다. --replication이면 메타데이터 로그를 누가 어디까지 가졌는지 보여 줍니다.",
        en: "The leader and epoch of the quorum of controllers; with --replication how much of the metadata log each node has.",
        words: none(),
        options: &[
            opt("--status", Slot::Nothing),
            opt("--replication", Slot::Nothing),
            BOOTSTRAP,
            BOOTSTRAP_CONTROLLER,
        ],
        read: read::metadata_quorum,
    },
    Verb {
        name: "kafka-metadata-shell.sh",
        mode: Mode::Only,
        usage: "--node NODE [--snapshot FILE] ls|cat|find|tree [PATH]",
        ko: "노드가 아는 클러스터 메타데이터를 파일처럼 둘러봅니다. --snapshot이면 디스크의 스냅숏을 봅니다.",
        en: "Looks around in the metadata that a node knows, or that a snapshot on its disk has, as in a tree of files.",
        words: Words::Fixed { slots: &[SHELL_COMMAND, Slot::Text], optional: 1 },
        options: &[opt("--node", Slot::Node), opt("--snapshot", Slot::File)],
        read: read::metadata_shell,
    },
    Verb {
        name: "kafka-get-offsets.sh",
        mode: Mode::Only,
        usage: "[--topic TOPIC] [--time latest|earliest|max-timestamp|MS]",
        ko: "파티션마다 오프셋을 보여 줍니다. 시각을 주면 그때부터의 첫 오프셋입니다.",
        en: "An offset of each partition; with a time, the first offset from then on.",
        words: none(),
        options: &[TOPIC, opt("--time", Slot::Timestamp), BOOTSTRAP],
        read: read::get_offsets,
    },
    Verb {
        name: "kafka-broker-api-versions.sh",
        mode: Mode::Only,
        usage: "",
        ko: "브로커마다 받아 주는 요청(API)과 그 버전의 범위를 보여 줍니다. 이 클러스터가 쓰는 요청만 나옵니다.",
        en: "The requests (APIs) that each broker takes, with the range of versions; of those that this cluster speaks.",
        words: none(),
        options: &[BOOTSTRAP],
        read: read::broker_api_versions,
    },
    Verb {
        name: "kafka-cluster.sh",
        mode: Mode::Word("unregister"),
        usage: "--id N",
        ko: "브로커의 등록을 지웁니다. 프로세스와 디스크는 그대로이고, 레플리카 목록에도 남습니다.",
        en: "Removes the registration of a broker; its process and its disk stay, and its place among the replicas.",
        words: none(),
        options: &[opt("--id", Slot::Broker), BOOTSTRAP, BOOTSTRAP_CONTROLLER],
        read: read::unregister_broker,
    },
    Verb {
        name: "kafka-cluster.sh",
        mode: Mode::Word("list-endpoints"),
        usage: "[--include-fenced-brokers]",
        ko: "브로커의 주소를 보여 줍니다. --include-fenced-brokers이면 fenced 상태인 것까지 보여 줍니다.",
        en: "The addresses of the brokers; with --include-fenced-brokers of fenced ones too.",
        words: none(),
        options: &[opt("--include-fenced-brokers", Slot::Nothing), BOOTSTRAP],
        read: read::list_endpoints,
    },
    Verb {
        name: "kafka-cluster.sh",
        mode: Mode::Word("cluster-id"),
        usage: "",
        ko: "클러스터의 id를 보여 줍니다.",
        en: "The id of the cluster.",
        words: none(),
        options: &[BOOTSTRAP, BOOTSTRAP_CONTROLLER],
        read: read::cluster_id,
    },
    Verb {
        name: "kafka-dump-log.sh",
        mode: Mode::Only,
        usage: "--node NODE --files FILE,... [--deep-iteration] [--print-data-log | --cluster-metadata-decoder]",
        ko: "세그먼트와 인덱스, 메타데이터 스냅숏 파일을 풀어서 보여 줍니다. --cluster-metadata-decoder는 값을 메타데이터 레코드로 읽습니다.",
        en: "What is in the files of a segment or a snapshot; --cluster-metadata-decoder reads the values as metadata records.",
        words: none(),
        options: &[
            opt("--node", Slot::Node),
            opt("--files", Slot::File),
            opt("--deep-iteration", Slot::Nothing),
            opt("--print-data-log", Slot::Nothing),
            opt("--cluster-metadata-decoder", Slot::Nothing),
        ],
        read: read::dump_log,
    },
    Verb {
        name: "delete-records",
        mode: Mode::Only,
        usage: "PARTITION before=OFFSET",
        ko: "오프셋 앞의 레코드를 지웁니다(kafka-delete-records.sh). -1이면 high watermark 앞을 모두 지웁니다.",
        en: "Deletes the records before an offset (kafka-delete-records.sh); -1 is the high watermark.",
        words: fixed(&[Slot::Partition]),
        options: &[opt("before", Slot::Offset)],
        read: read::delete_records,
    },
    Verb {
        name: "kafka-delete-records.sh",
        mode: Mode::Only,
        usage: "--offset-json-file JSON",
        ko: "delete-records와 같습니다. 파일 이름 대신 파일에 들어갈 JSON을 따옴표로 묶어 적습니다.",
        en: "The same as delete-records. In place of the file's name it takes what the file holds, in quotes.",
        words: none(),
        options: &[opt("--offset-json-file", Slot::OffsetJson), BOOTSTRAP],
        read: read::delete_records_json,
    },
    clients::PRODUCER,
    workload::WORKLOAD,
    console::PERF_TEST,
    console::PRODUCER,
    console::CONSUMER,
    Verb {
        name: "produce",
        mode: Mode::Only,
        usage: "TOPIC [key=K] [value=V | null-value] [partition=N] [header=K:V]... [timestamp=MS] [acks=0|1|all] [compression=none|gzip|snappy|lz4|zstd] [producer=NAME] [count=N]",
        ko: "레코드를 보냅니다. 보내는 것은 producer-1이고, 설정은 그 프로듀서의 것입니다.",
        en: "Sends records, from producer-1 if no other is named, with that producer's settings.",
        words: fixed(&[Slot::Topic]),
        options: &[
            opt("key", Slot::Text),
            opt("value", Slot::Text),
            opt("null-value", Slot::Nothing),
            opt("partition", Slot::Number),
            many("header", Slot::Header),
            opt("timestamp", Slot::Timestamp),
            opt("acks", Slot::Choice(&["0", "1", "all"])),
            opt("compression", Slot::Choice(&read::COMPRESSIONS)),
            opt("producer", Slot::Producer),
            opt("count", Slot::Number),
        ],
        read: read::produce,
    },
    groups::CONSUME,
    Verb {
        name: "close",
        mode: Mode::Only,
        usage: "CLIENT",
        ko: "프로듀서나 컨슈머를 닫습니다.",
        en: "Closes a producer or a consumer.",
        words: fixed(&[Slot::Client]),
        options: &[],
        read: read::close,
    },
    groups::KILL,
    groups::APPLICATION,
    groups::COMMIT,
    groups::SEEK,
    groups::PAUSE_PARTITION,
    groups::RESUME_PARTITION,
    groups::ASSIGN,
    groups::SUBSCRIBE,
    groups::LIST,
    groups::DESCRIBE,
    groups::RESET,
    groups::DELETE,
    transactions::TRANSACTION,
    transactions::SEND_OFFSETS,
    transactions::PROCESS,
    transactions::LIST,
    transactions::DESCRIBE,
    transactions::DESCRIBE_PRODUCERS,
    transactions::FIND_HANGING,
    transactions::ABORT,
    faults::CRASH,
    faults::POWER_LOSS,
    faults::STOP,
    faults::PAUSE,
    faults::RESUME,
    faults::START,
    faults::ADD_BROKER,
    faults::REPLACE,
    faults::DISK,
    faults::CUT,
    faults::LINK,
    faults::ISOLATE,
    faults::RING_CUT,
    faults::HEAL,
    faults::DROP,
    faults::DELAY,
    faults::DUPLICATE,
    faults::REORDER,
    Verb {
        name: "step",
        mode: Mode::Only,
        usage: "[N]",
        ko: "다음 일 하나(또는 N개)를 일어나게 합니다.",
        en: "Lets the next thing happen, or the next N.",
        words: Words::Fixed { slots: &[Slot::Number], optional: 1 },
        options: &[],
        read: read::step,
    },
    Verb {
        name: "run",
        mode: Mode::Word("until"),
        usage: "CONDITION [within 60s]",
        ko: "조건이 맞을 때까지 시간을 보냅니다.",
        en: "Lets time pass until the condition holds.",
        words: Words::Free(Slot::Condition),
        options: &[],
        read: read::run_until,
    },
    Verb {
        name: "run",
        mode: Mode::Only,
        usage: "DURATION",
        ko: "그만큼 시간을 보냅니다: 500ms, 3s, 2m, 1h, 7d.",
        en: "Lets this much time pass: 500ms, 3s, 2m, 1h, 7d.",
        words: fixed(&[Slot::Duration]),
        options: &[],
        read: read::run_for,
    },
    Verb {
        name: "show",
        mode: Mode::Word("partition"),
        usage: "PARTITION",
        ko: "파티션의 레플리카마다 LEO, high watermark, 상태를 보여 줍니다.",
        en: "Each replica of a partition with its LEO, high watermark and state.",
        words: fixed(&[Slot::Partition]),
        options: &[],
        read: read::show_partition,
    },
    Verb {
        name: "show",
        mode: Mode::Word("producer"),
        usage: "NAME",
        ko: "프로듀서의 id와 시퀀스, 메모리, 배치를 보여 줍니다.",
        en: "Who a producer is, its sequence numbers, its memory and its batches.",
        words: fixed(&[Slot::Producer]),
        options: &[],
        read: read::show_producer,
    },
    clients::SETTINGS,
    groups::SHOW,
    Verb {
        name: "show",
        mode: Mode::Word("log"),
        usage: "NODE PARTITION",
        ko: "로그의 세그먼트, 배치, 레코드를 보여 줍니다.",
        en: "Segments, batches and records of a log.",
        words: fixed(&[Slot::Node, Slot::Partition]),
        options: &[],
        read: read::show_log,
    },
    show_verb(
        "brokers",
        "노드와 끊긴 링크를 보여 줍니다.",
        "The nodes, and the links that are cut.",
        read::show_brokers,
    ),
    show_verb(
        "page-cache",
        "아직 디스크에 닿지 않은 바이트와, 페이지 캐시와 디스크에서 읽어 준 바이트를 보여 줍니다.",
        "Bytes that are not durable yet, and bytes served from the page cache and from the disk.",
        read::show_page_cache,
    ),
    show_verb(
        "clients",
        "프로듀서와 컨슈머를 보여 줍니다.",
        "Producers and consumers.",
        read::show_clients,
    ),
    show_verb(
        "monitors",
        "네 가지 감시가 지금까지 찾은 것과, 무엇이 그것을 허락했는지 보여 줍니다.",
        "What the four monitors have found so far, and what allowed it.",
        read::show_monitors,
    ),
    ledger::SHOW,
    show_verb(
        "envelopes",
        "가고 있는 메시지를 보여 줍니다.",
        "The messages on their way.",
        read::show_envelopes,
    ),
    transactions::SHOW,
    Verb {
        name: "show",
        mode: Mode::Word("events"),
        usage: "[N]",
        ko: "최근 이벤트를 보여 줍니다.",
        en: "The last events.",
        words: Words::Fixed { slots: &[Slot::Number], optional: 1 },
        options: &[],
        read: read::show_events,
    },
    why::NOT_DELETED,
    why::NOT_COMPACTED,
    why::HIGH_WATERMARK,
    why::ISR,
    why::LEADER,
    why::LEADER_EPOCH,
    why::RECORD,
    why::QUORUM,
    why::BROKER,
    why::READ_REPLICA,
    groups::WHY_OWNER,
    why::EVENT,
    Verb {
        name: "ls",
        mode: Mode::Only,
        usage: "NODE [DIR]",
        ko: "노드의 디스크에 있는 파일을 보여 줍니다.",
        en: "The files on a node's disk.",
        words: Words::Fixed { slots: &[Slot::Node, Slot::Dir], optional: 1 },
        options: &[],
        read: read::ls,
    },
    Verb {
        name: "du",
        mode: Mode::Only,
        usage: "NODE [DIR]",
        ko: "노드의 디렉터리가 차지하는 바이트를 보여 줍니다.",
        en: "The bytes in a node's directories.",
        words: Words::Fixed { slots: &[Slot::Node, Slot::Dir], optional: 1 },
        options: &[],
        read: read::du,
    },
    Verb {
        name: "cat",
        mode: Mode::Only,
        usage: "NODE FILE",
        ko: "파일의 내용을 보여 줍니다. .log와 인덱스는 kafka-dump-log.sh처럼 풀어서 보여 줍니다.",
        en: "The content of a file; logs and indexes as kafka-dump-log.sh shows them.",
        words: fixed(&[Slot::Node, Slot::File]),
        options: &[],
        read: read::cat,
    },
    Verb {
        name: "help",
        mode: Mode::Only,
        usage: "[VERB]",
        ko: "쓸 수 있는 명령을 보여 줍니다.",
        en: "What can be typed.",
        words: Words::Fixed { slots: &[Slot::Verb], optional: 1 },
        options: &[],
        read: read::help,
    },
];

const fn show_verb(
    what: &'static str,
    ko: &'static str,
    en: &'static str,
    read: fn(&Args<'_>) -> Result<Line, ScriptError>,
) -> Verb {
    Verb {
        name: "show",
        mode: Mode::Word(what),
        usage: "",
        ko,
        en,
        words: none(),
        options: &[],
        read,
    }
}
