//! The cleaner's settings, by Kafka's names and with Kafka's defaults (`CleanerConfig.java`).

use crate::log::log_config::Ratio;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CleanerConfig {
    /// `log.cleaner.enable`
    pub enable: bool,
    /// `log.cleaner.dedupe.buffer.size`: memory of the offset map, in bytes.
    pub dedupe_buffer_size: u64,
    /// `log.cleaner.io.buffer.load.factor`: how full the map may get.
    pub dedupe_buffer_load_factor: Ratio,
    /// `log.cleaner.backoff.ms`: how long it rests when nothing is to be cleaned.
    pub backoff_ms: u64,
}

impl Default for CleanerConfig {
    fn default() -> Self {
        CleanerConfig {
            enable: true,
            dedupe_buffer_size: 128 * 1024 * 1024,
            dedupe_buffer_load_factor: Ratio { millionths: 900_000 },
            backoff_ms: 15_000,
        }
    }
}

impl CleanerConfig {
    /// How many keys one pass maps, given the map's slots.
    pub fn desired_map_size(&self, slots: u64) -> u64 {
        let factor = u128::from(self.dedupe_buffer_load_factor.millionths);
        (u128::from(slots) * factor / 1_000_000) as u64
    }
}
