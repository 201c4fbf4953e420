//! Our loader and our cleaner on a log directory of a real broker, for `scripts/real-kafka`.
//!
//! ```text
//! log-dir state DIR --now MS
//!     Of each partition what a broker that starts there knows: where it starts and ends, its leader
//!     epochs, its producers.
//! log-dir records DIR PARTITION --now MS
//!     The records of the loaded log from its start on, as `kafkascope dump-log --records` lists them.
//! log-dir clean DIR PARTITION OUT --now MS [--config NAME=VALUE]... [--forget-tombstones]
//!     Lets the cleaner pass over the partition once and writes the files that are then there to OUT.
//!     All records count as committed. With --forget-tombstones it is broken.
//! ```
//!
//! DIR is only read. MS is the time, in Unix ms.

use kafkascope_engine::ids::TopicPartition;
use kafkascope_engine::log::checkpoint::{
    LOG_START_OFFSET_CHECKPOINT, OffsetCheckpoint, RECOVERY_POINT_OFFSET_CHECKPOINT,
    REPLICATION_OFFSET_CHECKPOINT,
};
use kafkascope_engine::log::cleaner::cleaner_pass::Faults;
use kafkascope_engine::log::cleaner::{CleanerConfig, CleanerPass, LogCleanerManager, PassStep};
use kafkascope_engine::log::dump::list_records;
use kafkascope_engine::log::log_config::LogConfig;
use kafkascope_engine::log::unified_log::{self, LoadOptions, UnifiedLog};
use kafkascope_engine::sim::disk::Disk;
use kafkascope_engine::sim::time::{EPOCH_MS, SimTime};
use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::Path;

const CLEAN_SHUTDOWN_FILE: &str = ".kafka_cleanshutdown";

type Done = Result<(), Box<dyn Error>>;

fn main() -> Done {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut words = Vec::new();
    let mut how = How::default();
    let mut rest = arguments.iter().map(String::as_str);
    while let Some(argument) = rest.next() {
        match argument {
            "--now" => how.now = unix_ms(rest.next().ok_or("--now needs a time")?.parse()?),
            "--config" => {
                let setting = rest.next().and_then(|setting| setting.split_once('='));
                let (name, value) = setting.ok_or("--config needs NAME=VALUE")?;
                how.config.set(name, value).map_err(|_| format!("{name} cannot be {value}"))?;
            }
            "--forget-tombstones" => how.faults.forget_tombstones = true,
            word => words.push(word),
        }
    }
    let named = |partition: &str| -> Result<TopicPartition, String> {
        partition.parse().map_err(|()| format!("{partition} is no partition"))
    };
    match words[..] {
        ["state", dir] => state(Path::new(dir), &how),
        ["records", dir, partition] => records(Path::new(dir), &named(partition)?, &how),
        ["clean", dir, partition, out] => {
            clean(Path::new(dir), &named(partition)?, Path::new(out), &how)
        }
        _ => Err("see the head of log_dir.rs for the usage".into()),
    }
}

#[derive(Default)]
struct How {
    now: SimTime,
    config: LogConfig,
    faults: Faults,
}

fn unix_ms(ms: i64) -> SimTime {
    SimTime::from_millis(ms.saturating_sub(EPOCH_MS).max(0) as u64)
}

/// The files of the log directory that belong to the broker or to a partition that `which` wants.
fn read_disk(dir: &Path, which: impl Fn(&TopicPartition) -> bool) -> std::io::Result<Disk> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_file() {
            files.push((name, fs::read(&path)?.into()));
        } else if name.parse().is_ok_and(|partition| which(&partition)) {
            for file in fs::read_dir(&path)? {
                let file = file?.path();
                let file_name = file.file_name().unwrap_or_default().to_string_lossy();
                files.push((format!("{name}/{file_name}"), fs::read(&file)?.into()));
            }
        }
    }
    Ok(Disk::from_files(files))
}

/// What a checkpoint file says of the partition.
fn checkpointed(disk: &Disk, file: &str, partition: &TopicPartition) -> Option<i64> {
    let text = disk.read_all(file)?;
    let checkpoint = OffsetCheckpoint::parse(std::str::from_utf8(&text).ok()?).ok()?;
    checkpoint.entries.get(partition).copied()
}

/// As a broker that starts on this disk loads it.
fn load(disk: &mut Disk, partition: &TopicPartition, how: &How) -> Result<UnifiedLog, String> {
    let options = LoadOptions {
        clean_shutdown: disk.len(CLEAN_SHUTDOWN_FILE).is_some(),
        recovery_point: checkpointed(disk, RECOVERY_POINT_OFFSET_CHECKPOINT, partition)
            .unwrap_or(0),
        high_watermark_checkpoint: checkpointed(disk, REPLICATION_OFFSET_CHECKPOINT, partition)
            .unwrap_or(0),
        log_start_offset_checkpoint: checkpointed(disk, LOG_START_OFFSET_CHECKPOINT, partition),
        faults: unified_log::Faults::NONE,
    };
    let loaded = UnifiedLog::load(disk, partition, how.config.clone(), options, how.now);
    Ok(loaded.map_err(|error| format!("{partition}: {error}"))?.0)
}

fn state(dir: &Path, how: &How) -> Done {
    let mut disk = read_disk(dir, |_| true)?;
    let partitions: BTreeSet<TopicPartition> = disk
        .paths()
        .filter_map(|path| path.split_once('/').and_then(|(partition, _)| partition.parse().ok()))
        .collect();
    for partition in partitions {
        let log = load(&mut disk, &partition, how)?;
        println!("{partition} from {} to {}", log.log_start_offset(), log.log_end_offset());
        for (epoch, start_offset) in log.leader_epoch_cache().entries() {
            println!("{partition} epoch {epoch} from {start_offset}");
        }
        for producer in log.producer_state().producers() {
            println!(
                "{partition} producer {} epoch {} sequence {} at {} coordinator {} transaction {}",
                producer.producer_id,
                producer.producer_epoch,
                producer.last_sequence(),
                producer.last_timestamp,
                producer.coordinator_epoch,
                producer.current_txn_first_offset.unwrap_or(-1),
            );
        }
    }
    Ok(())
}

fn records(dir: &Path, partition: &TopicPartition, how: &How) -> Done {
    let mut disk = read_disk(dir, |other| other == partition)?;
    let log = load(&mut disk, partition, how)?;
    for batch in log.batches(&disk, log.log_start_offset()) {
        for line in list_records(batch?.bytes())?.lines() {
            // The log may start inside of a batch.
            let offset: i64 = line.split(' ').next().unwrap_or_default().parse()?;
            if offset >= log.log_start_offset() {
                println!("{line}");
            }
        }
    }
    Ok(())
}

fn clean(dir: &Path, partition: &TopicPartition, out: &Path, how: &How) -> Done {
    let mut disk = read_disk(dir, |other| other == partition)?;
    let mut log = load(&mut disk, partition, how)?;
    log.update_high_watermark(log.log_end_offset());
    let (config, manager) = (CleanerConfig::default(), LogCleanerManager::default());
    let filthiest = manager.grab_filthiest_compacted_log(std::iter::once(&log), &mut disk, how.now);
    let to_clean = filthiest.ok_or("there is nothing to clean")?;
    // The engine keeps the last batch below the high watermark, as Kafka does from 4.4 on. Up to 4.3
    // Kafka keeps the last of what a pass covers: the same rule, with the high watermark there.
    log.update_high_watermark(to_clean.first_uncleanable_offset);
    let mut pass = CleanerPass::begin(&log, to_clean, &config, how.faults, how.now);
    while !matches!(pass.step(&mut log, &mut disk, &config, how.now)?, PassStep::Finished { .. }) {}
    fs::create_dir_all(out)?;
    for path in disk.list(&partition.to_string()) {
        let name = path.rsplit('/').next().unwrap_or_default();
        fs::write(out.join(name), disk.read_all(&path).unwrap_or_default())?;
    }
    Ok(())
}
