//! Share links: a run and the moment shown in it, as the part of the address behind `#`.
//!
//! `#v1.` and, in unpadded base64url, a deflated text: one line that names the moment, then the
//! journal ([`crate::storage::journal`]).
//!
//! ```text
//! moment 212 now=1843000 events=905 crc=3f1c09aa
//! cluster brokers=3 seed=42
//! step 212
//! ```
//!
//! A link to a comparison is `#v2.`; a line before the others says what is different in the other run:
//! `compare history.rule=kip-320`.
//!
//! Anybody can write a link, so nothing here trusts one: its size is limited before and while it is
//! inflated, its lines, steps and records are counted before anything is played, and whatever is
//! unknown is refused with words ([`crate::i18n::storage`]). Absent: the browser; opening a link is
//! [`crate::storage::link`]'s.

use crate::storage::journal::{ReplayProblem, moment_of, text_of};
use crate::storage::root::Moment;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};
use kafkascope_engine::command::{Command, Produce};
use kafkascope_engine::compare::Change;
use kafkascope_engine::ids::ClientId;
use kafkascope_engine::script::ScriptError;
use kafkascope_engine::script::line::{Drive, Line, Names};
use kafkascope_engine::script::parse::parse;
use kafkascope_engine::timeline::Timeline;
use std::io::Read;

const VERSION: u32 = 1;
const VERSION_OF_COMPARISONS: u32 = 2;
pub const COMPRESSED_BYTES_MAX: usize = 64 << 10;
pub const TEXT_BYTES_MAX: usize = 1 << 20;
pub const LINES_MAX: u32 = 20_000;
pub const STEPS_MAX: u64 = 5_000_000;
pub const RECORDS_MAX: u64 = 100_000;
pub const PRODUCED_BYTES_MAX: u64 = 16 << 20;
pub const RUNS_MAX: u32 = 64;
/// A link that makes more events than this is played only if the person agrees.
pub const EVENTS_BEFORE_ASKING: u64 = 200_000;

/// What a link says, with its structure checked. It has not been played: the cluster may still
/// refuse a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    pub moment: Moment,
    pub journal: String,
    pub tally: Tally,
    /// What is different in the run that is shown beside it.
    pub compare: Option<Change>,
}

/// What is in a journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub lines: u32,
    /// Inputs of all runs.
    pub inputs: u64,
    pub records: u64,
    /// Of their keys, values and headers.
    pub produced_bytes: u64,
    pub runs: u32,
    /// Inputs of the last run, which the moment is part of.
    pub inputs_of_last_run: u64,
}

/// Why a link is not opened, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkProblem {
    /// Made by a newer page.
    Version(u32),
    TooLong {
        bytes: usize,
        max: usize,
    },
    /// Cut off, or changed on the way.
    Damaged,
    /// It unfolds to more than this.
    TextTooLong {
        max: usize,
    },
    TooMany {
        what: TooMany,
        max: u64,
    },
    Script(ScriptError),
    /// This line is no input of a run.
    NotAnInput {
        line: u32,
    },
    NoSpec,
    /// The moment lies behind the end of the run.
    NoSuchMoment,
    /// The cluster refuses a line.
    Replay(ReplayProblem),
    /// The run began on disks of which nobody knows how they came to be.
    NoJournal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooMany {
    Lines,
    Steps,
    Records,
    Bytes,
    Runs,
}

/// Whether the part behind `#` claims to be a link of ours, of whatever version.
pub fn is_link(hash: &str) -> bool {
    version_and_body(hash).is_some()
}

fn version_and_body(hash: &str) -> Option<(u32, &str)> {
    let link = hash.strip_prefix('#').unwrap_or(hash).strip_prefix('v')?;
    // One that is cut off early still is one.
    let (version, body) = link.split_once('.').unwrap_or((link, ""));
    let digits = (1..=6).contains(&version.len()) && version.bytes().all(|b| b.is_ascii_digit());
    Some((digits.then(|| version.parse().ok())??, body))
}

/// The link to what the timeline shows. `former` is the journal of the runs before it.
pub fn encode(former: &str, timeline: &Timeline) -> Result<String, LinkProblem> {
    encode_with(former, timeline, None)
}

/// The link to a comparison of what the timeline shows.
pub fn encode_comparison(
    former: &str,
    timeline: &Timeline,
    change: &Change,
) -> Result<String, LinkProblem> {
    encode_with(former, timeline, Some(change))
}

fn encode_with(
    former: &str,
    timeline: &Timeline,
    compare: Option<&Change>,
) -> Result<String, LinkProblem> {
    let journal = [former, &text_of(timeline)].concat();
    let link = encode_text(moment_of(timeline), &journal, compare)?;
    // What is made here can be opened.
    decode(&link).map(|_| link)
}

fn encode_text(
    moment: Moment,
    journal: &str,
    compare: Option<&Change>,
) -> Result<String, LinkProblem> {
    let Moment { position, now, events } = moment;
    let version = if compare.is_some() { VERSION_OF_COMPARISONS } else { VERSION };
    let compare = compare.map_or(String::new(), |change| format!("compare {}\n", change.text()));
    let head = format!("{compare}moment {position} now={now} events={events}");
    let text = format!("{head} crc={:08x}\n{journal}", checksum(&head, journal));
    if text.len() > TEXT_BYTES_MAX {
        return Err(LinkProblem::TextTooLong { max: TEXT_BYTES_MAX });
    }
    let mut packed = Vec::new();
    let read = DeflateEncoder::new(text.as_bytes(), Compression::best()).read_to_end(&mut packed);
    read.map_err(|_| LinkProblem::Damaged)?;
    if packed.len() > COMPRESSED_BYTES_MAX {
        return Err(LinkProblem::TooLong { bytes: packed.len(), max: COMPRESSED_BYTES_MAX });
    }
    Ok(format!("#v{version}.{}", URL_SAFE_NO_PAD.encode(packed)))
}

pub fn decode(hash: &str) -> Result<Shared, LinkProblem> {
    let (version, body) = version_and_body(hash).ok_or(LinkProblem::Damaged)?;
    if ![VERSION, VERSION_OF_COMPARISONS].contains(&version) {
        return Err(LinkProblem::Version(version));
    }
    let bytes = body.len() / 4 * 3;
    if bytes > COMPRESSED_BYTES_MAX {
        return Err(LinkProblem::TooLong { bytes, max: COMPRESSED_BYTES_MAX });
    }
    let packed = URL_SAFE_NO_PAD.decode(body).map_err(|_| LinkProblem::Damaged)?;
    let text = inflate(&packed)?;
    let (compare, rest) = match version {
        VERSION_OF_COMPARISONS => {
            let (line, rest) = text.split_once('\n').ok_or(LinkProblem::Damaged)?;
            (Some(line), rest)
        }
        _ => (None, &text[..]),
    };
    let (line, journal) = rest.split_once('\n').ok_or(LinkProblem::Damaged)?;
    let moment = read_moment(compare, line, journal).ok_or(LinkProblem::Damaged)?;
    let compare = compare.map(|line| read_compare(line).ok_or(LinkProblem::Damaged)).transpose()?;
    let tally = count(journal)?;
    if moment.position > tally.inputs_of_last_run {
        return Err(LinkProblem::NoSuchMoment);
    }
    Ok(Shared { moment, journal: journal.to_string(), tally, compare })
}

/// Never holds more than the limit, whatever the bytes claim.
fn inflate(packed: &[u8]) -> Result<String, LinkProblem> {
    let mut text = Vec::new();
    let mut decoder = DeflateDecoder::new(packed).take(TEXT_BYTES_MAX as u64 + 1);
    decoder.read_to_end(&mut text).map_err(|_| LinkProblem::Damaged)?;
    if text.len() > TEXT_BYTES_MAX {
        return Err(LinkProblem::TextTooLong { max: TEXT_BYTES_MAX });
    }
    String::from_utf8(text).map_err(|_| LinkProblem::Damaged)
}

fn checksum(head: &str, journal: &str) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(head.as_bytes()), journal.as_bytes())
}

fn read_compare(line: &str) -> Option<Change> {
    line.strip_prefix("compare ").and_then(Change::parse)
}

/// The checksum covers the line before it, too.
fn read_moment(before: Option<&str>, line: &str, journal: &str) -> Option<Moment> {
    let (head, crc) = line.split_once(" crc=")?;
    let whole = before.map_or(head.to_string(), |before| format!("{before}\n{head}"));
    if u32::from_str_radix(crc, 16) != Ok(checksum(&whole, journal)) {
        return None;
    }
    let mut words = head.strip_prefix("moment ")?.split(' ');
    let position = words.next()?.parse().ok()?;
    let now = words.next()?.strip_prefix("now=")?.parse().ok()?;
    let events = words.next()?.strip_prefix("events=")?.parse().ok()?;
    words.next().is_none().then_some(Moment { position, now, events })
}

/// Checks the structure and counts what is in it, without playing it.
fn count(journal: &str) -> Result<Tally, LinkProblem> {
    let mut tally = Tally::default();
    for (number, line) in (1..).zip(journal.lines()) {
        tally.lines = number;
        within(TooMany::Lines, number.into(), LINES_MAX.into())?;
        match parse(number, line, &AnyName).map_err(LinkProblem::Script)? {
            Line::Prose(_) => continue,
            Line::Spec(_) => {
                tally.runs += 1;
                tally.inputs_of_last_run = 0;
                within(TooMany::Runs, tally.runs.into(), RUNS_MAX.into())?;
                continue;
            }
            _ if tally.runs == 0 => return Err(LinkProblem::NoSpec),
            Line::Command(command) => {
                if let Command::Produce(produce) = command {
                    tally.records += u64::from(produce.count);
                    tally.produced_bytes += u64::from(produce.count) * size(&produce);
                }
                tally.inputs += 1;
                tally.inputs_of_last_run += 1;
            }
            Line::Drive(Drive::Step(steps)) => {
                tally.inputs += u64::from(steps);
                tally.inputs_of_last_run += u64::from(steps);
            }
            _ => return Err(LinkProblem::NotAnInput { line: number }),
        }
        within(TooMany::Records, tally.records, RECORDS_MAX)?;
        within(TooMany::Bytes, tally.produced_bytes, PRODUCED_BYTES_MAX)?;
        within(TooMany::Steps, tally.inputs, STEPS_MAX)?;
    }
    if tally.runs == 0 { Err(LinkProblem::NoSpec) } else { Ok(tally) }
}

fn size(produce: &Produce) -> u64 {
    let headers: usize = produce.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    let len = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, Bytes::len);
    (len(&produce.key) + len(&produce.value) + headers) as u64
}

fn within(what: TooMany, count: u64, max: u64) -> Result<(), LinkProblem> {
    if count > max { Err(LinkProblem::TooMany { what, max }) } else { Ok(()) }
}

/// Which clients there are is known only when the link is played.
struct AnyName;

impl Names for AnyName {
    fn client_named(&self, _: &str) -> Option<ClientId> {
        Some(ClientId(0))
    }

    fn client_name(&self, _: ClientId) -> Option<String> {
        None
    }

    fn client_names(&self) -> Vec<String> {
        Vec::new()
    }
}

#[cfg(test)]
#[path = "permalink_tests.rs"]
mod tests;
