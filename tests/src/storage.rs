//! What the benchmarks of the log do: batches of small records, a log for the cleaner, a pass over it.

use kafkascope_engine::ids::{TopicPartition, Uuid};
use kafkascope_engine::log::cleaner::cleaner_pass::Faults;
use kafkascope_engine::log::cleaner::{CleanerConfig, CleanerPass, LogCleanerManager, PassStep};
use kafkascope_engine::log::log_config::LogConfig;
use kafkascope_engine::log::unified_log::UnifiedLog;
use kafkascope_engine::record::{RecordBatch, RecordBatchBuilder};
use kafkascope_engine::sim::disk::Disk;
use kafkascope_engine::sim::random::mix;
use kafkascope_engine::sim::time::SimTime;

/// Records of one batch.
pub const BATCH_RECORDS: i64 = 100;
/// Bytes of a value; with its key of eight and its framing, a record has about 115.
const VALUE_BYTES: usize = 96;
/// So many keys that most records are superseded, and each segment keeps some.
const KEYS: u64 = 50_000;

/// The batch whose first record is the `first` of all.
pub fn batch(first: i64) -> RecordBatch {
    let mut batch = RecordBatchBuilder::default();
    for n in first..first + BATCH_RECORDS {
        let key = (mix(&[n as u64]) % KEYS).to_be_bytes();
        let value = [n as u8; VALUE_BYTES];
        batch.append(SimTime::ZERO.timestamp_ms() + n / 100, Some(&key), Some(&value), &[]);
    }
    RecordBatch::parse(batch.build()).expect("it was built just now")
}

/// A log with room for more, as a topic with these settings has it.
pub fn empty_log(settings: &[(&str, &str)]) -> (UnifiedLog, Disk) {
    let (mut disk, mut config) = (Disk::default(), LogConfig::default());
    for (name, value) in settings {
        config.set(name, value).expect("the settings are right");
    }
    let id = TopicPartition::new("bench", 0);
    let topic = Uuid::from_random(1, 2);
    let log = UnifiedLog::create(&mut disk, &id, topic, config, SimTime::ZERO);
    (log, disk)
}

/// A compacted log of about `bytes` in segments of 16 MiB, all of it committed, none of it clean.
pub fn dirty_log(bytes: u64) -> (UnifiedLog, Disk) {
    let (mut log, mut disk) =
        empty_log(&[("cleanup.policy", "compact"), ("segment.bytes", "16777216")]);
    let mut first = 0;
    while log.size() < bytes {
        log.append_as_leader(&mut disk, &batch(first), 0, SimTime::ZERO).expect("it is in order");
        first += BATCH_RECORDS;
    }
    log.roll(&mut disk, SimTime::ZERO);
    log.update_high_watermark(log.log_end_offset());
    (log, disk)
}

/// One pass over all of it. Returns the bytes of the log that it went through.
pub fn clean(log: &UnifiedLog, disk: &Disk) -> u64 {
    let (mut log, mut disk, now) = (log.clone(), disk.clone(), SimTime::ZERO);
    let (config, manager) = (CleanerConfig::default(), LogCleanerManager::default());
    let logs = std::iter::once(&log);
    let to_clean = manager.grab_filthiest_compacted_log(logs, &mut disk, now).expect("it is dirty");
    let mut pass = CleanerPass::begin(&log, to_clean, &config, Faults::default(), now);
    loop {
        match pass.step(&mut log, &mut disk, &config, now) {
            Ok(PassStep::Finished { .. }) => return pass.stats.bytes_read,
            step => drop(step.expect("nothing is damaged")),
        }
    }
}
