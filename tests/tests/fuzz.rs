//! Bytes from outside that are noise, or were right once: every decoder answers, with a place where it
//! has one, and sets aside no more memory than what it was given can be worth.
//!
//! Each target takes a fixed number of rounds from a fixed seed. The page's own inputs, links and zips,
//! are fuzzed where they are read, in `web`.
#![allow(unsafe_code, reason = "an allocator that counts cannot be written without")]

use bytes::Bytes;
use kafkascope_engine::controller::metadata_record::MetadataRecord;
use kafkascope_engine::controller::partition_registration::{
    PartitionChange, PartitionRegistration,
};
use kafkascope_engine::ids::{ClientId, ConfigResource, NodeId, TopicPartition, Uuid};
use kafkascope_engine::log::checkpoint::{MetaProperties, OffsetCheckpoint, PartitionMetadata};
use kafkascope_engine::log::cleaner::cleaner_pass::Faults;
use kafkascope_engine::log::cleaner::{CleanerConfig, CleanerPass, LogCleanerManager, PassStep};
use kafkascope_engine::log::dump::{Depth, dump_file, java_text, list_records};
use kafkascope_engine::log::log_config::LogConfig;
use kafkascope_engine::log::look_up::{Target, index_entries, look_up};
use kafkascope_engine::log::producer_snapshot;
use kafkascope_engine::log::unified_log::{self, LoadOptions, UnifiedLog};
use kafkascope_engine::record::compression::UNCOMPRESSED_MAX;
use kafkascope_engine::record::{
    CompressionType, ControlRecordType, EndTransactionMarker, RecordBatch, RecordBatchBuilder,
    batches, field_map, stamp,
};
use kafkascope_engine::script::{Lang, Names, parse};
use kafkascope_engine::sim::disk::Disk;
use kafkascope_engine::sim::random::SimRng;
use kafkascope_engine::sim::time::SimTime;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fs;

/// Counts what the test's own thread holds.
struct Counting;

thread_local! {
    static HELD: Cell<i64> = const { Cell::new(0) };
    static MOST_HELD: Cell<i64> = const { Cell::new(0) };
}

fn count(bytes: i64) {
    let held = HELD.get() + bytes;
    HELD.set(held);
    MOST_HELD.set(MOST_HELD.get().max(held));
}

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(-(layout.size() as i64));
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What is held at most, in bytes, for an input of `len`, apart from what its records unpack to.
fn fair_share(len: usize) -> i64 {
    500_000 + 200 * len as i64
}

/// Decodes noise, and each of `samples` damaged in one place to four.
///
/// # Panics
/// If `decode` does, or if it holds more than a fair share and `extra`.
fn fuzz(seed: u64, rounds: u32, samples: &[Bytes], extra: i64, mut decode: impl FnMut(Bytes)) {
    let mut random = SimRng::new(seed);
    for round in 0..rounds {
        let mut bytes = match random.pick(samples) {
            Some(sample) if round % 8 > 0 => sample.to_vec(),
            _ => (0..random.below(300)).map(|_| random.next_u64() as u8).collect(),
        };
        for _ in 0..=random.below(4) {
            damage(&mut bytes, &mut random);
        }
        let allowed = fair_share(bytes.len()) + extra;
        let input = Bytes::from(bytes);
        let held = HELD.get();
        MOST_HELD.set(held);
        decode(input.clone());
        let most = MOST_HELD.get() - held;
        assert!(
            most <= allowed,
            "round {round} held {most} bytes for {}: {input:02x?}",
            input.len()
        );
    }
}

#[test]
#[should_panic(expected = "bytes for")]
fn a_decoder_that_believes_a_length_is_noticed() {
    fuzz(11, 1_000, &[Bytes::from_static(&[0, 0, 0, 4, 1, 2, 3, 4])], 0, |bytes| {
        let length = bytes.first_chunk().map_or(0, |length| u32::from_be_bytes(*length));
        drop(Vec::<u8>::with_capacity(length as usize));
    });
}

fn damage(bytes: &mut Vec<u8>, random: &mut SimRng) {
    let at = random.below(bytes.len() as u64 + 1) as usize;
    let most = 1 << random.below(9);
    let end = (at + 1 + random.below(most) as usize).min(bytes.len());
    let patch: &[u8] = match random.below(8) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
            return;
        }
        1 => return bytes.truncate(at),
        2 => return drop(bytes.drain(at..end)),
        3 => {
            let noise: Vec<u8> = (0..random.below(40)).map(|_| random.next_u64() as u8).collect();
            return drop(bytes.splice(at..at, noise));
        }
        4 => {
            let again = bytes[at..end].to_vec();
            let to = random.below(bytes.len() as u64 + 1) as usize;
            return drop(bytes.splice(to..to, again));
        }
        // Lengths and counts that promise much, as numbers of fixed size and as varints.
        5 => random.pick(&[[0x7f, 0xff, 0xff, 0xff], [0xff; 4], [0x80, 0, 0, 0]]).unwrap(),
        6 => &[0xfe, 0xff, 0xff, 0xff, 0x0f],
        _ => &[0; 8],
    };
    let to = (at + patch.len()).min(bytes.len());
    bytes[at..to].copy_from_slice(&patch[..to - at]);
}

/// A producer's batches, one of each codec, and what logs have besides.
fn sample_batches() -> Vec<Bytes> {
    let mut samples = Vec::new();
    for compression in CompressionType::ALL {
        let mut batch = RecordBatchBuilder::new(0).compression(compression).producer(7, 0, 0);
        for n in 0..20i64 {
            let (key, value) = (format!("key-{}", n % 3), "value ".repeat(n as usize));
            batch.append(1_000 + n, Some(key.as_bytes()), Some(value.as_bytes()), &[]);
        }
        batch.append(2_000, None, None, &[]);
        samples.push(batch.build());
    }
    samples.push(EndTransactionMarker { commit: true, coordinator_epoch: 1 }.batch(7, 0, 5));
    let emptied = RecordBatch::parse(samples[0].clone()).unwrap();
    samples.push(RecordBatchBuilder::empty_like(&emptied));
    samples
}

/// Reads a batch in every way that there is.
fn read_batch(bytes: Bytes) {
    let len = bytes.len() as u64;
    match RecordBatch::parse(bytes) {
        Ok(batch) => {
            if let Err(corrupt) = batch.ensure_valid() {
                assert!(corrupt.position <= len);
            }
            for record in batch.records() {
                match record {
                    Ok(record) => {
                        let key = record.key.unwrap_or_default();
                        ControlRecordType::from_key(&key);
                        EndTransactionMarker::from_record(&key, &record.value.unwrap_or_default());
                    }
                    Err(corrupt) => assert!(!corrupt.to_string().is_empty()),
                }
            }
            field_map(&batch);
        }
        Err(corrupt) => assert!(corrupt.position <= len, "{corrupt} of {len}"),
    }
}

/// What a codec may hold: the limit, and what a buffer that doubles has before and after.
const UNPACKED: i64 = 4 * UNCOMPRESSED_MAX as i64;

#[test]
fn record_batches() {
    fuzz(1, 200_000, &sample_batches(), UNPACKED, read_batch);
}

#[test]
fn codecs() {
    for compression in CompressionType::ALL {
        let sections = [0usize, 1, 30, 3_000].map(|count| b"to be packed, ".repeat(count));
        let samples = sections.map(|section| Bytes::from(compression.compress(&section, -1)));
        fuzz(2, 60_000, &samples, UNPACKED, |bytes| {
            if let Ok(unpacked) = compression.decompress(bytes) {
                assert!(unpacked.len() <= UNCOMPRESSED_MAX);
            }
        });
    }
}

#[test]
fn batches_one_after_the_other() {
    let log = Bytes::from(sample_batches().concat());
    fuzz(3, 40_000, &[log], UNPACKED, |bytes| {
        let len = bytes.len() as u64;
        for batch in batches(bytes.clone()) {
            match batch {
                Ok(batch) => drop(batch.ensure_valid()),
                Err(corrupt) => assert!(corrupt.position <= len),
            }
        }
        let _ = list_records(&bytes);
    });
}

/// A log of three segments that has all that a log can have, closed.
fn sample_disk() -> (Disk, TopicPartition, LogConfig) {
    let (mut disk, id, mut config) =
        (Disk::default(), TopicPartition::new("t", 0), LogConfig::default());
    let settings =
        [("segment.bytes", "900"), ("index.interval.bytes", "100"), ("cleanup.policy", "compact")];
    for (name, value) in settings {
        config.set(name, value).unwrap();
    }
    let now = SimTime::ZERO;
    let mut log = UnifiedLog::create(&mut disk, &id, Uuid::from_random(1, 2), config.clone(), now);
    for n in 0..9i64 {
        let (producer, abort) = (n % 2, n % 3 == 0);
        let mut batch = RecordBatchBuilder::default().transactional();
        batch = batch.compression(CompressionType::ALL[n as usize % 5]);
        batch = batch.producer(producer, 0, (n / 2 * 3) as i32);
        for value in ["a", "b", "longer than the others"] {
            batch.append(now.timestamp_ms() + n, Some(value.as_bytes()), Some(b"v"), &[]);
        }
        let end = EndTransactionMarker { commit: !abort, coordinator_epoch: 0 };
        let marker = end.batch(producer, 0, now.timestamp_ms() + n);
        for (offset, bytes) in [(n * 4, batch.build()), (n * 4 + 3, marker)] {
            let stored = stamp(&bytes, offset, (n / 4) as i32, None);
            log.append_as_follower(&mut disk, &[stored], 9, now).unwrap();
        }
    }
    log.close(&mut disk);
    assert!(log.segment_count() > 2);
    (disk, id, config)
}

/// Every file of a log in turn is damaged; the log is opened, read, searched and cleaned all the same.
#[test]
fn logs_on_disks() {
    let (disk, id, config) = sample_disk();
    let dir = id.to_string();
    let (now, mut opened) = (SimTime::ZERO, 0);
    for path in disk.list(&dir) {
        let whole = disk.read_all(&path).unwrap();
        fuzz(4, 1_500, &[whole], 3 * UNPACKED, |bytes| {
            for depth in [Depth::Batches, Depth::Contents] {
                dump_file(&path, &bytes, depth, java_text);
            }
            let mut damaged = disk.clone();
            damaged.replace(&path, bytes);
            for target in [Target::Offset(5), Target::Time(now.timestamp_ms() + 4)] {
                look_up(&damaged, &dir, target);
            }
            index_entries(&damaged, &dir, 0);
            for clean_shutdown in [true, false] {
                let mut disk = damaged.clone();
                let options = LoadOptions {
                    clean_shutdown,
                    recovery_point: 0,
                    high_watermark_checkpoint: i64::MAX,
                    log_start_offset_checkpoint: None,
                    faults: unified_log::Faults::NONE,
                };
                match UnifiedLog::load(&mut disk, &id, config.clone(), options, now) {
                    Ok((log, _)) => {
                        use_log(log, &mut disk, now);
                        opened += 1;
                    }
                    Err(error) => assert!(!error.to_string().is_empty()),
                }
            }
        });
    }
    assert!(opened > 1_000);
}

/// Answers are right or refusals; here only that they come.
fn use_log(mut log: UnifiedLog, disk: &mut Disk, now: SimTime) {
    for batch in log.batches(disk, 0).map_while(Result::ok) {
        let _ = list_records(batch.bytes());
    }
    let _ = log.offset_for_timestamp(disk, now.timestamp_ms() + 3);
    log.collect_aborted_txns(0, i64::MAX);
    let manager = LogCleanerManager::default();
    let to_clean = manager.grab_filthiest_compacted_log(std::iter::once(&log), disk, now);
    let config = CleanerConfig { dedupe_buffer_size: 10_000, ..CleanerConfig::default() };
    if let Some(to_clean) = to_clean {
        let mut pass = CleanerPass::begin(&log, to_clean, &config, Faults::default(), now);
        loop {
            match pass.step(&mut log, disk, &config, now) {
                Ok(PassStep::Finished { .. }) => break,
                Ok(_) => {}
                Err(_) => return pass.abort(&mut log, disk),
            }
        }
    }
    let middle = log.log_end_offset() / 2;
    log.truncate_to(disk, middle);
}

#[test]
fn snapshots_and_indexes_by_themselves() {
    let (disk, id, _) = sample_disk();
    let files = |suffix: &str| -> Vec<Bytes> {
        let paths = disk.list(&id.to_string()).into_iter().filter(|path| path.ends_with(suffix));
        paths.map(|path| disk.read_all(&path).unwrap()).collect()
    };
    fuzz(5, 100_000, &files(".snapshot"), 0, |bytes| drop(producer_snapshot::decode(&bytes)));
    for suffix in [".index", ".timeindex", ".txnindex", ".snapshot"] {
        let path = format!("t-0/00000000000000000000{suffix}");
        fuzz(6, 30_000, &files(suffix), 0, |bytes| {
            let text = dump_file(&path, &bytes, Depth::Contents, java_text).unwrap();
            assert!(text.starts_with("Dumping "));
        });
    }
}

#[test]
fn texts_beside_logs() {
    let samples = [
        "0\n2\norders 0 17\norders 11 4000000000\n",
        "0\n2\n0 0\n5 17\n",
        "version: 0\ntopic_id: AAAAAAAAAAEAAAAAAAAAAg\n",
        "#\n#Thu Jan 01\ncluster.id=a\ndirectory.id=AAAAAAAAAAEAAAAAAAAAAg\nnode.id=1\nversion=1\n",
    ]
    .map(|text| Bytes::from_static(text.as_bytes()));
    fuzz(7, 200_000, &samples, 0, |bytes| {
        let text = String::from_utf8_lossy(&bytes);
        let lines = text.lines().count();
        let errors = [
            OffsetCheckpoint::parse(&text).err(),
            PartitionMetadata::parse(&text).err(),
            MetaProperties::parse(&text).err(),
        ];
        for error in errors.into_iter().flatten() {
            assert!((1..=lines.max(2) + 1).contains(&error.line), "{error} of {lines}");
        }
    });
}

#[test]
fn metadata_records() {
    let (id, nodes) = (Uuid::from_random(3, 4), vec![NodeId(1), NodeId(2), NodeId(3)]);
    let records = [
        MetadataRecord::RegisterBroker {
            broker_id: NodeId(1),
            incarnation_id: id,
            broker_epoch: 9,
            rack: Some("a".into()),
            fenced: false,
            in_controlled_shutdown: true,
        },
        MetadataRecord::FenceBroker { id: NodeId(1), epoch: 9 },
        MetadataRecord::UnfenceBroker { id: NodeId(1), epoch: 9 },
        MetadataRecord::BrokerRegistrationChange {
            broker_id: NodeId(1),
            broker_epoch: 9,
            fenced: Some(true),
            in_controlled_shutdown: None,
        },
        MetadataRecord::Topic { name: "orders".into(), topic_id: id },
        MetadataRecord::Partition {
            partition_id: 0,
            topic_id: id,
            registration: PartitionRegistration {
                replicas: nodes.clone(),
                isr: nodes.clone(),
                leader: Some(NodeId(1)),
                elr: nodes.clone(),
                ..PartitionRegistration::default()
            },
        },
        MetadataRecord::PartitionChange {
            partition_id: 0,
            topic_id: id,
            change: PartitionChange {
                isr: Some(nodes.clone()),
                leader: Some(None),
                replicas: Some(nodes),
                ..PartitionChange::default()
            },
        },
        MetadataRecord::ClearElr { topic: Some("orders".into()) },
        MetadataRecord::Config {
            resource: ConfigResource::Topic("orders".into()),
            name: "retention.ms".into(),
            value: Some("1".into()),
        },
        MetadataRecord::FeatureLevel { name: "metadata.version".into(), level: 25 },
    ];
    let samples: Vec<Bytes> = records.iter().map(MetadataRecord::encode).collect();
    fuzz(8, 300_000, &samples, 0, |bytes| {
        if let Some(record) = MetadataRecord::decode(&bytes) {
            assert_eq!(MetadataRecord::decode(&record.encode()), Some(record));
        }
    });
}

struct Nobody;

impl Names for Nobody {
    fn client_named(&self, _: &str) -> Option<ClientId> {
        None
    }

    fn client_name(&self, _: ClientId) -> Option<String> {
        None
    }

    fn client_names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The files of a directory beside this crate whose names end so.
fn texts(dir: &str, suffix: &str) -> Vec<String> {
    let dir = format!("{}/../{dir}", env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.to_string_lossy().ends_with(suffix));
    paths.sort();
    assert!(!paths.is_empty());
    paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

#[test]
fn scripts() {
    let scripts = texts("engine/testdata", ".script");
    let commands =
        scripts.iter().flat_map(|text| text.lines()).filter_map(|l| l.strip_prefix("$ "));
    let samples: Vec<Bytes> = commands.map(|line| Bytes::from(line.to_string())).collect();
    fuzz(9, 200_000, &samples, 0, |bytes| {
        let text = String::from_utf8_lossy(&bytes);
        if let Err(error) = parse(3, &text, &Nobody) {
            for lang in [Lang::En, Lang::Ko] {
                assert!(!error.words(lang).is_empty());
            }
            let place = error.column as usize;
            assert!((1..=text.chars().count() + 1).contains(&place), "column {place}: {text:?}");
        }
    });
}

#[test]
fn lessons() {
    let samples: Vec<Bytes> =
        texts("lessons/content/01-replication", ".toml").into_iter().map(Bytes::from).collect();
    fuzz(10, 3_000, &samples, 10_000_000, |bytes| {
        let text = String::from_utf8_lossy(&bytes);
        if let Err(error) = kafkascope_lessons::load::read_lesson("lesson.toml", &text) {
            assert!(error.line >= 1 && error.line <= text.lines().count() + 1, "{error:?}");
            assert!(!error.sentence(Lang::Ko).is_empty());
        }
    });
}
