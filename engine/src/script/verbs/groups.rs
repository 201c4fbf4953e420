//! The verbs of consumers and their groups. What the fields mean is in [`super`].

use super::table::{BOOLEAN, BOOTSTRAP, TOPIC, fixed, none, opt, with_idle};
use super::{Mode, Opt, Slot, Verb};
use crate::client::idle_config::IDLE_CONSUMER_CONFIGS;
use crate::script::kafka_consumer_groups;
use crate::script::read::consumers;

const GROUP: Opt = opt("--group", Slot::Group);

const CONSUMER_SETTINGS: &[Opt] = &[
    opt("consumer", Slot::Utf8),
    opt("from", Slot::Choice(&["earliest", "latest"])),
    opt("client.rack", Slot::Rack),
    opt("isolation.level", Slot::Choice(&consumers::ISOLATION_LEVELS)),
    opt("group", Slot::Group),
    opt("group.protocol", Slot::Choice(&consumers::GROUP_PROTOCOLS)),
    opt("group.remote.assignor", Slot::Choice(&consumers::REMOTE_ASSIGNORS)),
    opt("assignor", Slot::Choice(&consumers::ASSIGNORS)),
    opt("group.instance.id", Slot::Utf8),
    opt("auto.offset.reset", Slot::Choice(&consumers::OFFSET_RESETS)),
    opt("enable.auto.commit", BOOLEAN),
    opt("auto.commit.interval.ms", Slot::Number),
    opt("session.timeout.ms", Slot::Number),
    opt("heartbeat.interval.ms", Slot::Number),
    opt("max.poll.records", Slot::Number),
    opt("max.poll.interval.ms", Slot::Number),
    opt("processing", Slot::Duration),
    opt("commit", Slot::Choice(&consumers::COMMIT_HOW)),
    opt("commit.when", Slot::Choice(&consumers::COMMIT_WHEN)),
    opt("commit.each", Slot::Choice(&consumers::COMMIT_EACH)),
    opt("fetch.min.bytes", Slot::Number),
    opt("fetch.max.wait.ms", Slot::Number),
    opt("fetch.max.bytes", Slot::Number),
    opt("max.partition.fetch.bytes", Slot::Number),
    opt("check.crcs", BOOLEAN),
    opt("request.timeout.ms", Slot::Number),
    opt("retry.backoff.ms", Slot::Number),
    opt("retry.backoff.max.ms", Slot::Number),
    opt("metadata.max.age.ms", Slot::Number),
    opt("group.id", Slot::Group),
    opt("partition.assignment.strategy", Slot::Choice(&consumers::ASSIGNORS)),
];

const CONSUMER_OPTIONS: [Opt; CONSUMER_SETTINGS.len() + IDLE_CONSUMER_CONFIGS.len()] =
    with_idle(CONSUMER_SETTINGS, &IDLE_CONSUMER_CONFIGS);

pub(super) const CONSUME: Verb = Verb {
    name: "consume",
    mode: Mode::Only,
    usage: "TOPIC[,TOPIC...] [consumer=NAME] [from=earliest|latest] [SETTINGS] | TOPIC[,TOPIC...] group=GROUP [consumer=NAME] [group.protocol=classic|consumer] [group.remote.assignor=uniform|range] [assignor=range|roundrobin|sticky|cooperative-sticky,...] [group.instance.id=ID] [auto.offset.reset=earliest|latest|none|by_duration:PT1H] [enable.auto.commit=true|false] [auto.commit.interval.ms=5000] [session.timeout.ms=45000] [heartbeat.interval.ms=3000] [max.poll.records=500] [max.poll.interval.ms=300000] [processing=50ms] [commit=sync|async] [commit.when=after-processing|before-processing] [commit.each=poll|record] [SETTINGS], SETTINGS: [client.rack=RACK] [isolation.level=read_uncommitted|read_committed] [auto.offset.reset=...] [fetch.min.bytes=1] [fetch.max.wait.ms=500] [fetch.max.bytes=52428800] [max.partition.fetch.bytes=1048576] [check.crcs=true|false] [request.timeout.ms=30000] [retry.backoff.ms=100] [retry.backoff.max.ms=1000] [metadata.max.age.ms=300000] [CONFIG=VALUE]...",
    ko: "토픽의 모든 파티션을 읽는 컨슈머를 시작합니다. group을 주면 그 컨슈머 그룹(consumer group)의 멤버가 되어 배정받은 파티션만 읽습니다. processing은 애플리케이션이 레코드 하나를 처리하는 시간입니다. isolation.level=read_committed면 커밋된 트랜잭션만, last stable offset까지 읽습니다. client.rack을 주면 replica.selector.class에 따라 그 랙의 팔로워에게서 읽을 수 있습니다. group은 group.id로, assignor는 partition.assignment.strategy로 적어도 됩니다.",
    en: "Starts a consumer that reads every partition of the topic; with group, a member of that consumer group, which reads what it is assigned. processing is how long the application takes for a record. With isolation.level=read_committed it reads only committed transactions, up to the last stable offset. With client.rack it may read from a follower in that rack, as replica.selector.class says. group may be written group.id, and assignor partition.assignment.strategy.",
    words: fixed(&[Slot::Topic]),
    options: &CONSUMER_OPTIONS,
    read: consumers::consume,
};

pub(super) const KILL: Verb = Verb {
    name: "kill",
    mode: Mode::Only,
    usage: "CLIENT [after=N]",
    ko: "프로듀서나 컨슈머의 프로세스를 죽입니다. 그룹에서 나간다고 알리지도, 커밋하지도 못합니다. after를 주면 그룹 멤버가 레코드를 N개 더 처리한 직후, 커밋하기 전에 죽습니다.",
    en: "Kills the process of a producer or a consumer: it neither leaves its group nor commits. With after, a group's member dies right after it has processed N records more, before it commits.",
    words: fixed(&[Slot::Client]),
    options: &[opt("after", Slot::Number)],
    read: consumers::kill,
};

const CONSUMER: Slot = Slot::Consumer;

pub(super) const COMMIT: Verb = Verb {
    name: "commit",
    mode: Mode::Only,
    usage: "CONSUMER",
    ko: "그룹 멤버의 애플리케이션이 지금 위치(position)를 커밋하게 합니다(commitAsync).",
    en: "Lets the application of a group's member commit its positions (commitAsync).",
    words: fixed(&[CONSUMER]),
    options: &[],
    read: consumers::commit,
};

pub(super) const SEEK: Verb = Verb {
    name: "seek",
    mode: Mode::Only,
    usage: "CONSUMER PARTITION OFFSET|earliest|latest",
    ko: "컨슈머가 파티션을 읽을 자리를 옮깁니다. 커밋된 오프셋은 그대로입니다.",
    en: "Moves where a consumer reads a partition; what is committed stays.",
    words: fixed(&[CONSUMER, Slot::Partition, Slot::Offset]),
    options: &[],
    read: consumers::seek,
};

pub(super) const PAUSE_PARTITION: Verb = Verb {
    name: "pause-partition",
    mode: Mode::Only,
    usage: "CONSUMER PARTITION",
    ko: "컨슈머가 배정받은 파티션을 그대로 가진 채 읽기만 멈춥니다(pause).",
    en: "A consumer keeps a partition, but reads no more of it (pause).",
    words: fixed(&[CONSUMER, Slot::Partition]),
    options: &[],
    read: consumers::pause_partition,
};

pub(super) const RESUME_PARTITION: Verb = Verb {
    name: "resume-partition",
    mode: Mode::Only,
    usage: "CONSUMER PARTITION",
    ko: "멈춘 파티션을 다시 읽습니다(resume).",
    en: "A consumer reads a paused partition again (resume).",
    words: fixed(&[CONSUMER, Slot::Partition]),
    options: &[],
    read: consumers::resume_partition,
};

pub(super) const ASSIGN: Verb = Verb {
    name: "assign",
    mode: Mode::Only,
    usage: "CONSUMER PARTITION[,PARTITION...]",
    ko: "그룹이 없는 컨슈머가 읽을 파티션을 직접 정합니다.",
    en: "Says which partitions a consumer without a group reads.",
    words: fixed(&[CONSUMER, Slot::Partition]),
    options: &[],
    read: consumers::assign,
};

pub(super) const SUBSCRIBE: Verb = Verb {
    name: "subscribe",
    mode: Mode::Only,
    usage: "CONSUMER TOPIC[,TOPIC...]",
    ko: "그룹 멤버가 구독하는 토픽을 바꿉니다. 그룹은 리밸런스합니다.",
    en: "Changes which topics a group's member subscribes; the group rebalances.",
    words: fixed(&[CONSUMER, Slot::Topic]),
    options: &[],
    read: consumers::subscribe,
};

pub(super) const SHOW: Verb = Verb {
    name: "show",
    mode: Mode::Word("consumer"),
    usage: "NAME",
    ko: "컨슈머가 다음에 읽을 위치와 커밋된 오프셋, 그룹에서의 상태, 설정을 보여 줍니다.",
    en: "Where a consumer reads next, what is committed, what it is in its group, and its settings.",
    words: fixed(&[CONSUMER]),
    options: &[],
    read: consumers::show_consumer,
};

pub(super) const APPLICATION: Verb = Verb {
    name: "application",
    mode: Mode::Only,
    usage: "CONSUMER processing=2s",
    ko: "그룹 멤버의 애플리케이션이 이제부터 레코드 하나를 처리하는 데 걸리는 시간을 정합니다.",
    en: "How long the application of a group's member takes for a record from now on.",
    words: fixed(&[Slot::Consumer]),
    options: &[opt("processing", Slot::Duration)],
    read: consumers::application,
};

pub(super) const WHY_OWNER: Verb = Verb {
    name: "why",
    mode: Mode::Word("owner"),
    usage: "PARTITION group=GROUP",
    ko: "그룹에서 이 파티션을 왜 그 멤버가 읽는지, 아무도 읽지 않으면 왜 그런지 보여 줍니다.",
    en: "Why this member of the group reads the partition, or why nobody does.",
    words: fixed(&[Slot::Partition]),
    options: &[opt("group", Slot::Group)],
    read: consumers::why_owner,
};

pub(super) const LIST: Verb = Verb {
    name: "kafka-consumer-groups.sh",
    mode: Mode::Option("--list"),
    usage: "[--state] [--type]",
    ko: "컨슈머 그룹을 늘어놓습니다. --state면 상태를, --type이면 프로토콜도 보여 줍니다.",
    en: "Lists the consumer groups; with --state their states, with --type their protocols, too.",
    words: none(),
    options: &[opt("--state", Slot::Nothing), opt("--type", Slot::Nothing), BOOTSTRAP],
    read: kafka_consumer_groups::list,
};

pub(super) const DESCRIBE: Verb = Verb {
    name: "kafka-consumer-groups.sh",
    mode: Mode::Option("--describe"),
    usage: "--group GROUP [--offsets | --members | --state] [--verbose]",
    ko: "그룹의 커밋된 오프셋과 lag를 보여 줍니다. --members는 멤버를, --state는 상태를 보여 줍니다.",
    en: "Shows a group's committed offsets and its lag; --members shows its members, --state its state.",
    words: none(),
    options: &[
        GROUP,
        opt("--offsets", Slot::Nothing),
        opt("--members", Slot::Nothing),
        opt("--verbose", Slot::Nothing),
        opt("--state", Slot::Nothing),
        BOOTSTRAP,
    ],
    read: kafka_consumer_groups::describe,
};

pub(super) const RESET: Verb = Verb {
    name: "kafka-consumer-groups.sh",
    mode: Mode::Option("--reset-offsets"),
    usage: "--group GROUP (--topic TOPIC[:0,1...] | --all-topics) (--to-earliest | --to-latest | --to-current | --to-offset N | --shift-by=N | --by-duration PT1H | --to-datetime 2026-01-01T00:00:00.000) [--dry-run | --execute]",
    ko: "멤버가 없는 그룹이 읽을 자리를 옮깁니다. --execute가 없으면 어디로 갈지 보여 주기만 합니다.",
    en: "Moves where a group without members goes on to read; without --execute it only shows where to.",
    words: none(),
    options: &[
        GROUP,
        TOPIC,
        opt("--all-topics", Slot::Nothing),
        opt("--to-earliest", Slot::Nothing),
        opt("--to-latest", Slot::Nothing),
        opt("--to-current", Slot::Nothing),
        opt("--to-offset", Slot::Offset),
        opt("--shift-by", Slot::Number),
        opt("--by-duration", Slot::Iso8601),
        opt("--to-datetime", Slot::Iso8601),
        opt("--dry-run", Slot::Nothing),
        opt("--execute", Slot::Nothing),
        BOOTSTRAP,
    ],
    read: kafka_consumer_groups::reset_offsets,
};

pub(super) const DELETE: Verb = Verb {
    name: "kafka-consumer-groups.sh",
    mode: Mode::Option("--delete"),
    usage: "--group GROUP",
    ko: "멤버가 없는 그룹과 그 오프셋을 지웁니다.",
    en: "Deletes a group without members, and its offsets.",
    words: none(),
    options: &[GROUP, BOOTSTRAP],
    read: kafka_consumer_groups::delete,
};
