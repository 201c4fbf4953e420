//! Files on their way in and out: what a person drops on the page as a disk of its own, and a
//! disk's files as a zip. Whatever comes from outside may be damaged, huge or made to harm: it gives
//! a problem with a place in bytes, never a panic, and nothing of the cluster is touched.

use crate::view_model::bytes::outline::{Damage, outline};
use crate::view_model::bytes::{FileKind, FileShot, kind_of, segment_name};
use bytes::Bytes;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use kafkascope_engine::sim::disk::Disk;
use rawzip::{CompressionMethod, ZipArchive, ZipArchiveWriter};
use std::collections::BTreeMap;
use std::io::{self, Read, Write};

/// Of all files that are opened together, and of what they unpack to.
pub const BYTES_MAX: u64 = 64 << 20;
/// Files in a zip, or in a folder.
pub const ENTRIES_MAX: u64 = 4096;
/// Where files go that came without a directory.
const DIR: &str = "opened";

/// Why files from outside are not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    TooLarge {
        name: String,
        len: u64,
    },
    TooMany {
        name: String,
    },
    /// The zip unpacks to more than is taken; `position` is where the file begins that is too much.
    UnpacksTooLarge {
        name: String,
        position: u64,
    },
    Zip {
        name: String,
        position: u64,
        why: String,
    },
    /// No batch at all can be read.
    NoBatch {
        name: String,
        damage: Damage,
    },
    /// Neither its name nor its bytes are those of a file of Kafka's.
    Unknown {
        name: String,
    },
    /// Two files would have the same path.
    Twice {
        path: String,
    },
    /// The browser could not read it.
    Unreadable {
        name: String,
    },
}

/// The files, as names and bytes, of what was dropped together. The files of a folder are named by their
/// paths in it; as in a zip, one of them has to be Kafka's.
pub fn import(dropped: Vec<(String, Bytes)>) -> Result<Disk, Problem> {
    let mut files = BTreeMap::new();
    let mut left = BYTES_MAX;
    // Whether a file of the folder is Kafka's.
    let mut folders = BTreeMap::new();
    for (name, bytes) in dropped {
        let len = bytes.len() as u64;
        if len > left {
            return Err(Problem::TooLarge { name, len });
        }
        if let Some((folder, _)) = name.split_once('/') {
            let is_known = folders.entry(folder.to_string()).or_insert(false);
            *is_known |= is_kafkas(&name);
            left -= len;
            if !is_left_out(&name) {
                add(&mut files, name, bytes)?;
            }
        } else if is_zip(&bytes) {
            left = unpack(&name, &bytes, left, &mut files)?;
        } else {
            left -= len;
            let path = path_of(&name, &bytes).ok_or(Problem::Unknown { name })?;
            add(&mut files, format!("{DIR}/{path}"), bytes)?;
        }
    }
    if let Some((name, _)) = folders.into_iter().find(|(_, is_known)| !is_known) {
        return Err(Problem::Unknown { name });
    }
    check(&files)?;
    Ok(Disk::from_files(files))
}

fn add(files: &mut BTreeMap<String, Bytes>, path: String, bytes: Bytes) -> Result<(), Problem> {
    match files.insert(path.clone(), bytes) {
        None => Ok(()),
        Some(_) => Err(Problem::Twice { path }),
    }
}

/// At least one file is Kafka's, and a log in which nothing can be read is not taken for one.
fn check(files: &BTreeMap<String, Bytes>) -> Result<(), Problem> {
    for (path, bytes) in files.iter().filter(|(path, _)| kind_of(path) == FileKind::Log) {
        let shot = FileShot {
            path: path.as_str().into(),
            kind: FileKind::Log,
            bytes: bytes.clone(),
            durable_len: bytes.len() as u64,
        };
        let outline = outline(&shot);
        if let (Some(damage), Some(0)) = (outline.damage, outline.block_at(0))
            && outline.blocks.iter().all(|block| block.start as u64 <= damage.position())
            && !outline.blocks.iter().any(|block| {
                matches!(block.what, crate::view_model::bytes::outline::BlockKind::Batch(_))
            })
        {
            let name = path.strip_prefix("opened/").unwrap_or(path).to_string();
            return Err(Problem::NoBatch { name, damage });
        }
    }
    Ok(())
}

/// A segment's file, by its name.
fn is_kafkas(path: &str) -> bool {
    segment_name(path).is_some() && kind_of(path) != FileKind::Text
}

/// What archivers and file managers add by themselves.
fn is_left_out(path: &str) -> bool {
    path.starts_with("__MACOSX/") || path.ends_with(".DS_Store")
}

fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// The name that Kafka would give the file: browsers add to the names of downloads, and a log says
/// itself at which offset it begins.
fn path_of(name: &str, bytes: &[u8]) -> Option<String> {
    let name = name.rsplit(['/', '\\']).next()?;
    const SUFFIXES: [&str; 5] = [".timeindex", ".txnindex", ".snapshot", ".index", ".log"];
    let Some(suffix) = SUFFIXES.into_iter().find(|suffix| name.ends_with(suffix)) else {
        return is_text_file(name, bytes).then(|| name.to_string());
    };
    let digits: String = name.chars().take_while(char::is_ascii_digit).collect();
    let base_offset = match (digits.parse::<u64>().ok(), suffix) {
        (Some(base), _) if i64::try_from(base).is_ok() => base,
        (_, ".log") => bytes.first_chunk::<8>().map_or(0, |base| u64::from_be_bytes(*base)),
        _ => 0,
    };
    Some(format!("{:020}{suffix}", i64::try_from(base_offset).unwrap_or(0)))
}

/// Kafka's checkpoints and properties.
fn is_text_file(name: &str, bytes: &[u8]) -> bool {
    let known = name.ends_with("-checkpoint")
        || name.ends_with(".properties")
        || ["partition.metadata", "bootstrap.checkpoint", ".kafka_cleanshutdown"].contains(&name);
    known && std::str::from_utf8(bytes).is_ok()
}

/// Takes the files out of a zip; answers how many bytes may still come.
fn unpack(
    name: &str,
    zip: &Bytes,
    mut left: u64,
    files: &mut BTreeMap<String, Bytes>,
) -> Result<u64, Problem> {
    let at_end = zip.len() as u64;
    // A damaged zip may point anywhere.
    let bad = |position: u64, why: String| Problem::Zip {
        name: name.to_string(),
        position: position.min(at_end),
        why,
    };
    let archive = ZipArchive::from_slice(zip)
        .map_err(|error| bad(error.eocd_offset().unwrap_or(at_end), error.to_string()))?;
    if archive.entries_hint() > ENTRIES_MAX {
        return Err(Problem::TooMany { name: name.to_string() });
    }
    let mut entries = archive.entries();
    let (mut count, mut known) = (0, false);
    let mut directory = archive.directory_offset();
    while let Some(entry) =
        entries.next_entry().map_err(|error| bad(directory, error.to_string()))?
    {
        directory = entry.central_directory_offset();
        count += 1;
        if count > ENTRIES_MAX {
            return Err(Problem::TooMany { name: name.to_string() });
        }
        let wayfinder = entry.wayfinder();
        let position = entry.local_header_offset();
        let path = entry.file_path().try_normalize().map_err(|e| bad(position, e.to_string()))?;
        let path = path.as_str();
        if entry.is_dir() || is_left_out(path) {
            continue;
        }
        let local = archive.get_entry(wayfinder).map_err(|e| bad(position, e.to_string()))?;
        let data: Box<dyn Read> = match entry.compression_method() {
            CompressionMethod::STORE => Box::new(local.data()),
            CompressionMethod::DEFLATE => Box::new(DeflateDecoder::new(local.data())),
            other => return Err(bad(position, format!("{path}: compression method {other:?}"))),
        };
        let mut content = Vec::new();
        // One byte more than may come tells a bomb, whatever the zip says of itself.
        let mut reader = local.verifying_reader(data).take(left + 1);
        reader.read_to_end(&mut content).map_err(|e| bad(position, format!("{path}: {e}")))?;
        let len = content.len() as u64;
        if len > left {
            return Err(Problem::UnpacksTooLarge { name: name.to_string(), position });
        }
        left -= len;
        known |= is_kafkas(path);
        let path = if path.contains('/') { path.to_string() } else { format!("{DIR}/{path}") };
        add(files, path, content.into())?;
    }
    if !known {
        return Err(Problem::Unknown { name: name.to_string() });
    }
    Ok(left)
}

/// The files as a zip.
pub fn zip<'a>(files: impl IntoIterator<Item = (&'a str, Bytes)>) -> io::Result<Vec<u8>> {
    let other = |error: rawzip::Error| io::Error::other(error.to_string());
    let mut output = Vec::new();
    let mut archive = ZipArchiveWriter::new(&mut output);
    for (path, bytes) in files {
        let (mut entry, config) = archive
            .new_file(path)
            .compression_method(CompressionMethod::DEFLATE)
            .start()
            .map_err(other)?;
        let mut writer = config.wrap(DeflateEncoder::new(&mut entry, Compression::fast()));
        writer.write_all(&bytes)?;
        let (encoder, descriptor) = writer.finish().map_err(other)?;
        encoder.finish()?;
        entry.finish(descriptor).map_err(other)?;
    }
    archive.finish().map_err(other)?;
    Ok(output)
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
