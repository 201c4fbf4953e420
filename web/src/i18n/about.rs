//! The honest list: what of Kafka is modelled, what is simplified, what is absent. Kept next to
//! ARCHITECTURE.md's; a simplification that is not here is a bug.

use super::texts;

texts! {
    pub enum AboutText {
        Title: "무엇을 본떴나", "What is modelled, what is not";
        Intro: "Kafkascope는 브라우저 안에서 도는 진짜 클러스터입니다. 화면에서 움직이는 것은 모두 엔진의 실제 상태이고, 파일의 바이트는 Kafka의 형식 그대로입니다.", "Kafkascope is a real cluster that runs in your browser: everything that moves is the engine's own state, and the bytes in its files are Kafka's formats.";
        Modelled: "Kafka와 같은 것", "As in Kafka";
        Simplified: "단순하게 한 것", "Simplified";
        Absent: "아직 없는 것", "Not there yet";
        Sources: "버전과 근거", "Versions and sources";
        Legal: "고지", "Notice";
    }
}

texts! {
    /// What works by Kafka's own rules.
    pub listed enum Modelled {
        Records: "레코드 배치 v2(record batch): 바이트, varint, CRC-32C, 헤더, 타임스탬프", "Record batch v2: its bytes, varints, CRC-32C, headers and timestamps";
        Log: "세그먼트(segment)와 오프셋 인덱스, 타임 인덱스, leader epoch 체크포인트, recovery point, high watermark 체크포인트", "Segments with offset index and time index, leader epoch checkpoint, recovery point and high watermark checkpoint";
        Cleanup: "압축(gzip, snappy, lz4, zstd), retention에 따른 삭제, tombstone을 포함한 로그 컴팩션(log cleaner)", "Compression (gzip, snappy, lz4, zstd), deletion by retention, compaction by the log cleaner with tombstones";
        Recovery: "비정상 종료 뒤의 로그 복구: CRC를 확인하고 마지막으로 온전한 배치까지만 남깁니다", "Recovery after an unclean stop: batches are checked by CRC and the log is cut after the last whole one";
        Replication: "팔로워의 Fetch, high watermark 계산, leader epoch에 따른 로그 자르기(KIP-101, KIP-279, KIP-320)", "Followers' Fetch, the computation of the high watermark, truncation by leader epoch (KIP-101, KIP-279, KIP-320)";
        FetchSessions: "Fetch 세션(fetch session, KIP-227): 첫 Fetch 뒤로는 달라진 파티션만 묻고 답합니다", "Fetch sessions (KIP-227): after the first one, a Fetch and its answer name only the partitions that have changed";
        Isr: "ISR 축소와 확장, AlterPartition, min.insync.replicas, maximal ISR", "ISR shrink and expansion by AlterPartition, min.insync.replicas, the maximal ISR";
        Quorum: "KRaft 컨트롤러 쿼럼(quorum): pre-vote와 투표, 에포크, 과반수가 가져야 커밋되는 메타데이터 로그와 그 스냅숏(snapshot), FetchSnapshot, 브로커를 겸하는 컨트롤러(process.roles)", "The KRaft quorum of controllers: pre-votes and votes, epochs, a metadata log that is committed when a majority has it, its snapshots and FetchSnapshot, controllers that are brokers too (process.roles)";
        Controller: "KRaft 컨트롤러의 메타데이터 로그, 브로커 등록과 heartbeat, fencing, 리더 선출(unclean 포함), controlled shutdown", "The KRaft controller's metadata log, broker registration and heartbeats, fencing, leader election (unclean too), controlled shutdown";
        Elr: "ELR(eligible leader replicas, KIP-966): cluster 줄에 eligible.leader.replicas.version=1을 쓰면, ISR이 min.insync.replicas 아래로 줄 때 빠진 레플리카도 커밋된 레코드를 모두 가진 것으로 알려져 리더가 될 수 있습니다", "Eligible leader replicas (KIP-966), with eligible.leader.replicas.version=1 in the cluster line: who leaves an ISR below min.insync.replicas is known to hold all that is committed, and may lead";
        Membership: "브로커 더하기, 등록 지우기(kafka-cluster.sh unregister), 빈 서버로 바꾸기", "Brokers added, unregistered (kafka-cluster.sh unregister), replaced by an empty host";
        Reassignment: "파티션 재배치(kafka-reassign-partitions.sh): 레플리카를 더하고 빼기, 취소, throttle", "Reassignment of partitions (kafka-reassign-partitions.sh): replicas added and removed, taken back, throttled";
        Producer: "프로듀서의 acks 0/1/all, 배치와 메모리(linger.ms, batch.size, buffer.memory, max.block.ms), murmur2와 sticky 파티셔너(KIP-794), 여러 요청을 한꺼번에 보내기, 재시도와 시간 제한", "Producers with acks 0/1/all, batches and their memory (linger.ms, batch.size, buffer.memory, max.block.ms), the murmur2 and the sticky partitioner (KIP-794), several requests in flight, retries and timeouts";
        Idempotence: "멱등 프로듀서(idempotence): 클러스터가 나누어 주는 producer id, 파티션마다의 시퀀스 번호, 리더가 기억하는 마지막 배치 다섯 개, epoch 올리기(KIP-360)", "Idempotent producers: ids from the cluster, sequence numbers for each partition, the last five batches that a leader remembers, new epochs (KIP-360)";
        Consumer: "컨슈머의 auto.offset.reset, high watermark까지만 읽기, 로그가 잘렸는지 확인하기(KIP-320)", "Consumers with auto.offset.reset, reading only up to the high watermark, detecting a truncated log (KIP-320)";
        Racks: "랙(broker.rack): 레플리카를 여러 랙에 나누는 배치, 가까운 팔로워에서 읽기(KIP-392: replica.selector.class, client.rack)", "Racks (broker.rack): placement over them, and reading from the follower nearby (KIP-392: replica.selector.class, client.rack)";
        Groups: "컨슈머 그룹(classic 프로토콜과 KIP-848의 consumer 프로토콜): 코디네이터와 __consumer_offsets, join과 sync, 하트비트, 정적 멤버, range·roundrobin·sticky·cooperative-sticky assignor, 자동 커밋과 손으로 하는 커밋(commitSync, commitAsync, 처리 전·후), seek·pause·resume·assign·subscribe, Kafka 이름의 컨슈머 설정, 오프셋 만료와 재설정", "Consumer groups by the classic protocol and by the consumer protocol (KIP-848): coordinator and __consumer_offsets, join and sync, heartbeats, static members, the range, roundrobin, sticky and cooperative-sticky assignors, automatic commits and commits by hand (commitSync, commitAsync, before or after processing), seek, pause, resume, assign and subscribe, a consumer's settings by Kafka's names, expiry and reset of offsets";
        Transactions: "트랜잭션(transaction): 코디네이터와 __transaction_state, 펜싱(fencing), 마커, last stable offset과 read_committed, 트랜잭션과 함께 커밋되는 오프셋, 정확히 한 번(exactly once) 처리하는 애플리케이션, transaction.version으로 고르는 KIP-890 앞뒤의 규칙", "Transactions: coordinator and __transaction_state, fencing, markers, the last stable offset and read_committed, offsets that are committed with a transaction, applications that process exactly once, the rules before and after KIP-890 by transaction.version";
        Disks: "페이지 캐시와 디스크의 구분: 프로세스 crash는 페이지 캐시를 남기고, 정전은 디스크에 닿지 않은 바이트를 잃습니다", "Page cache and disk kept apart: a process crash keeps the cache, a power loss takes what had not reached the disk";
        LogDirs: "로그 디렉터리가 고장 나면 프로듀서는 KAFKA_STORAGE_ERROR를 받고, 디렉터리가 하나뿐인 브로커는 스스로 멈춥니다", "When a log directory fails, a producer gets KAFKA_STORAGE_ERROR, and a broker that has no other one halts";
    }
}

texts! {
    /// What is there, but less than in Kafka.
    pub listed enum Simplified {
        Quorum: "투표자(voter)는 시작할 때 정해져 바뀌지 않습니다(KIP-853 없음). 메타데이터 로그에 NoOp 레코드를 쓰지 않습니다.", "The voters are fixed at the start (no KIP-853), and no NoOp records are written into the metadata log.";
        Admin: "관리 명령(토픽 만들기, 설정 바꾸기)은 네트워크를 거치지 않고 곧바로 액티브 컨트롤러에 닿습니다.", "Admin commands (creating topics, changing configs) reach the active controller at once, without a network trip.";
        PastHighWatermark: "컨슈머의 위치가 팔로워의 high watermark보다 앞서면, Fetch는 따라올 때까지 기다립니다. Kafka는 빈 답을 바로, 되풀이해서 보냅니다.", "Where a consumer is ahead of its replica's high watermark, its fetch waits; Kafka answers it empty at once, time and again.";
        PerRecordAcks: "produce 줄에서 acks와 압축을 따로 정할 수 있습니다. all이 아닌 acks로 보낸 레코드에는 멱등성이 없습니다. Kafka에서는 프로듀서마다 하나입니다.", "A produce line may have acks and compression of its own; what is sent with acks other than all is not covered by idempotence. In Kafka a producer has one of each.";
        Startup: "시작할 때의 로그 복구에는 가상 시간이 걸리지 않습니다.", "Recovery at start-up takes no virtual time.";
        Time: "시간은 가상입니다. 레코드의 타임스탬프는 가상 시계로 찍히며 2026-01-01부터 셉니다.", "Time is virtual: record timestamps come from the virtual clock, which counts from 2026-01-01.";
        Network: "메시지마다 지연을 씨앗(seed)에서 뽑습니다. 대역폭과 소켓 버퍼는 없습니다.", "Each message's delay is drawn from the seed; there is no bandwidth and there are no socket buffers.";
        Cpu: "요청을 처리하는 데는 시간이 걸리지 않습니다. 요청 큐와 스레드 수의 영향은 보이지 않습니다.", "Handling a request takes no time; queues and thread counts have no effect.";
        Cleaner: "log cleaner의 스레드는 하나이고, 한 걸음에 1 ms와 읽은 100 kB마다 1 ms가 걸립니다.", "The log cleaner has one thread; a step takes 1 ms and 1 ms more for every 100 kB that it reads.";
        PageCache: "페이지 캐시는 정전 말고는 아무것도 내놓지 않고, 디스크에서 읽는 데에도 시간이 걸리지 않습니다.", "The page cache gives nothing up but by a power loss, and a read from the disk takes no time.";
        Elr: "ELR은 cluster 줄에서 켤 때만 씁니다. Kafka 4.1부터 새 클러스터에서는 켜져 있습니다.", "Eligible leader replicas are off unless the cluster line turns them on; in Kafka new clusters have had them on since 4.1.";
        Reassignment: "재배치 위에 다시 재배치를 요청하면 처음 시작한 곳을 기준으로 셉니다. --generate의 제안은 씨앗(seed)에서 뽑습니다. throttle에 걸린 레플리카는 replica.fetch.backoff.ms마다 다시 봅니다.", "A reassignment asked for over another counts from where the first began; the proposal of --generate is drawn from the seed; a throttled replica looks again every replica.fetch.backoff.ms.";
        GroupCoordinator: "그룹 코디네이터는 __consumer_offsets를 50 ms 만에 읽고, 정한 것을 모으지 않고 바로 적습니다. __consumer_offsets의 복제 수는 브로커 수를 넘지 않고, assignor는 랙을 보지 않습니다. 한 그룹에 classic과 consumer 프로토콜의 멤버가 함께 있지 못하고, consumer 프로토콜의 목표 배정은 모으지 않고 바로 정합니다.", "A group coordinator reads __consumer_offsets in 50 ms and writes what it decides at once; __consumer_offsets has at most as many replicas as there are brokers; assignors do not look at racks. A group has members of one protocol only, and by the consumer protocol its target is found out at once.";
        TransactionCoordinator: "트랜잭션 코디네이터는 __transaction_state를 50 ms 만에 읽고, 정한 것을 모으지 않고 바로 적습니다. 이전 코디네이터가 정해 둔 것은 그 레코드가 커밋된 뒤에 이어 갑니다. 프로듀서를 닫으면 열린 트랜잭션은 timeout으로 끝납니다. Kafka의 프로듀서는 닫힐 때 스스로 중단합니다.", "A transaction coordinator reads __transaction_state in 50 ms and writes what it decides at once; what an earlier one decided goes on when its record is committed. A producer that is closed leaves its transaction to the timeout; Kafka's aborts it.";
        ConsoleTools: "kafka-console-producer.sh는 명령줄에 적은 한 줄을 보내고, kafka-console-consumer.sh는 지금 읽을 수 있는 것만 시간을 들이지 않고 출력합니다. 그룹에는 들어가지 않습니다.", "kafka-console-producer.sh sends one line that stands on the command line; kafka-console-consumer.sh prints what can be read at this moment, without taking time, and joins no group.";
        PerfTest: "kafka-producer-perf-test.sh는 레코드를 10,000개까지, --throughput -1이어도 초당 1,000개까지 보내고 가상 시간으로 잽니다. 트랜잭션과 payload 파일은 없습니다.", "kafka-producer-perf-test.sh sends at most 10,000 records, 1,000 a second with --throughput -1 too, and measures virtual time; it has no transactions and no payload files.";
        Ledger: "전달 장부는 compaction으로 지워진 값을 그 뒤의 값과 함께 전달된 것으로 셉니다. 중단된 트랜잭션의 값은 누가 읽었든 포기한 값으로 셉니다.", "The delivery ledger counts a value that was compacted away as delivered with what follows it, and one whose transaction was aborted as given up, whoever has read it.";
        SlowDisk: "느린 디스크에서는 로그에 쓰거나 읽는 요청이 차례를 기다립니다. 페이지 캐시만으로 답할 수 있는 요청도 마찬가지입니다.", "On a slow disk whatever writes or reads a log waits its turn, even where the page cache could serve it.";
        Hosts: "브로커는 12대까지입니다. 등록을 지운 브로커의 서버는 무대에 남고, 더하거나 바꾼 서버는 바로 시작합니다.", "There can be twelve brokers; the host of one that was unregistered stays on the stage, and one that is added or replaced starts at once.";
        BadLinks: "끊기거나 나쁜 링크는 메시지를 잃고, 보낸 쪽은 시간 제한까지 기다립니다. TCP처럼 다시 보내지 않습니다.", "Cut and bad links lose messages, and the sender waits for its time-out; nothing is sent again as TCP would.";
        SmallValues: "눈으로 보기 쉽도록 Kafka가 허용하지 않는 작은 값(예: 아주 작은 세그먼트)도 쓸 수 있습니다.", "Values too small for Kafka (a tiny segment, say) are allowed, so that an eye can follow.";
    }
}

texts! {
    /// What is not there at all.
    pub listed enum Absent {
        Groups: "정규식 구독", "Subscriptions by pattern";
        Security: "보안(TLS, SASL, ACL), 할당량(quota), tiered storage, Connect와 Streams", "Security (TLS, SASL, ACLs), quotas, tiered storage, Connect and Streams";
    }
}

texts! {
    pub enum SourceText {
        Version: "규칙과 기본값은 Apache Kafka 4.x의 것입니다.", "Rules and default values are those of Apache Kafka 4.x.";
        Docs: "Kafka 문서, KIP(Kafka Improvement Proposals)와 공개된 소스 코드를 근거로 새로 썼습니다.", "Written anew after Kafka's documentation, its improvement proposals (KIPs) and its public source.";
        Checked: "파일의 바이트는 진짜 Kafka의 도구와 브로커로 확인하고, 불변식(invariant)은 걸음마다 검사합니다.", "Its bytes are checked by real Kafka's tools and brokers, and its invariants after every step.";
        Unofficial: "Kafkascope는 비공식 프로젝트이며 Apache Software Foundation과 관계가 없고 그 보증을 받지 않았습니다.", "Kafkascope is an unofficial project, neither affiliated with nor endorsed by the Apache Software Foundation.";
        Trademark: "Apache Kafka와 Kafka는 Apache Software Foundation의 상표입니다.", "Apache Kafka and Kafka are trademarks of the Apache Software Foundation.";
        Licence: "Kafkascope의 코드는 Apache License 2.0으로 배포됩니다.", "Kafkascope's code is published under the Apache License 2.0.";
    }
}
