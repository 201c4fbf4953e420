//! The lesson files, embedded, and how they are read: strictly. A file that is not a lesson is
//! refused with its name, line and column, and why, in both languages; the others are read all the
//! same.

use crate::lesson::{Chapter, Lesson, Name};
use crate::text::{Complaint, Text};
use kafkascope_engine::script::Lang;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// A file of `content/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File {
    pub path: &'static str,
    pub text: &'static str,
}

/// A folder of `content/`: its `chapter.toml` and its lessons, in the order in which they are taught.
#[derive(Clone, Copy, Debug)]
pub struct Folder {
    pub chapter: File,
    pub lessons: &'static [File],
}

macro_rules! file {
    ($path:literal) => {
        File { path: $path, text: include_str!(concat!("../content/", $path)) }
    };
}

/// Every file of `content/`; a test holds that none is missing.
pub const CONTENT: &[Folder] = &[
    Folder {
        chapter: file!("00-basics/chapter.toml"),
        lessons: &[
            file!("00-basics/01-post-office.toml"),
            file!("00-basics/02-offsets.toml"),
            file!("00-basics/03-keys.toml"),
            file!("00-basics/04-adding-partitions.toml"),
            file!("00-basics/05-topic-names.toml"),
            file!("00-basics/06-how-many-partitions.toml"),
        ],
    },
    Folder {
        chapter: file!("01-replication/chapter.toml"),
        lessons: &[
            file!("01-replication/01-high-watermark.toml"),
            file!("01-replication/02-leaders-and-followers.toml"),
            file!("01-replication/03-isr.toml"),
            file!("01-replication/04-acks.toml"),
            file!("01-replication/05-min-insync.toml"),
            file!("01-replication/06-between.toml"),
            file!("01-replication/07-unclean.toml"),
            file!("01-replication/08-lost-record.toml"),
            file!("01-replication/09-diverged-logs.toml"),
            file!("01-replication/10-leader-epochs.toml"),
            file!("01-replication/11-checkpoints.toml"),
        ],
    },
    Folder {
        chapter: file!("02-log/chapter.toml"),
        lessons: &[
            file!("02-log/01-record.toml"),
            file!("02-log/02-segments.toml"),
            file!("02-log/03-look-up.toml"),
            file!("02-log/04-page-cache.toml"),
            file!("02-log/05-retention.toml"),
            file!("02-log/06-compaction.toml"),
            file!("02-log/07-dirty-ratio.toml"),
            file!("02-log/08-tombstones.toml"),
            file!("02-log/09-why-not-compacted.toml"),
            file!("02-log/10-compression.toml"),
            file!("02-log/11-compact-delete.toml"),
        ],
    },
    Folder {
        chapter: file!("03-control/chapter.toml"),
        lessons: &[
            file!("03-control/01-controller-failover.toml"),
            file!("03-control/02-controlled-shutdown.toml"),
            file!("03-control/03-quorum.toml"),
            file!("03-control/04-preferred-leaders.toml"),
            file!("03-control/05-scaling-out.toml"),
            file!("03-control/06-removing-a-broker.toml"),
            file!("03-control/07-racks.toml"),
        ],
    },
    Folder {
        chapter: file!("04-clients/chapter.toml"),
        lessons: &[
            file!("04-clients/01-idempotence.toml"),
            file!("04-clients/02-batches.toml"),
            file!("04-clients/03-in-flight.toml"),
            file!("04-clients/04-commits.toml"),
            file!("04-clients/05-at-least-once.toml"),
            file!("04-clients/06-exactly-once.toml"),
        ],
    },
    Folder {
        chapter: file!("05-groups/chapter.toml"),
        lessons: &[
            file!("05-groups/01-one-group.toml"),
            file!("05-groups/04-why-did-my-group-stop.toml"),
            file!("05-groups/05-where-to-start.toml"),
            file!("05-groups/06-offsets-topic.toml"),
            file!("05-groups/07-lag.toml"),
        ],
    },
];

/// All lessons that could be read, and what could not.
#[derive(Clone, Debug, Default)]
pub struct Library {
    pub chapters: Vec<Chapter>,
    pub refused: Vec<LoadError>,
}

impl Library {
    pub fn lessons(&self) -> impl Iterator<Item = &Arc<Lesson>> {
        self.chapters.iter().flat_map(|chapter| &chapter.lessons)
    }

    pub fn lesson(&self, id: &Name) -> Option<&Arc<Lesson>> {
        self.lessons().find(|lesson| lesson.id == *id)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChapterFile {
    id: Name,
    title: Text,
}

pub fn load_all() -> Library {
    let mut library = Library::default();
    for folder in CONTENT {
        match read::<ChapterFile>(folder.chapter.path, folder.chapter.text) {
            Ok(ChapterFile { id, title }) => {
                library.chapters.push(Chapter { id, title, lessons: Vec::new() });
            }
            Err(error) => {
                library.refused.push(error);
                continue;
            }
        }
        for file in folder.lessons {
            let lesson = read_lesson(file.path, file.text).and_then(|lesson| {
                let known = library.lesson(&lesson.id).is_some();
                if known {
                    Err(LoadError::of_file(file.path, same_id(&lesson.id)))
                } else {
                    Ok(lesson)
                }
            });
            match (lesson, library.chapters.last_mut()) {
                (Ok(lesson), Some(chapter)) => chapter.lessons.push(Arc::new(lesson)),
                (Err(error), _) => library.refused.push(error),
                (Ok(_), None) => {}
            }
        }
    }
    library
}

fn same_id(id: &Name) -> Complaint {
    Complaint::new(
        format!("다른 레슨과 id가 같습니다: {id}"),
        format!("another lesson has the same id: {id}"),
    )
}

pub fn read_lesson(path: &str, text: &str) -> Result<Lesson, LoadError> {
    read(path, text)
}

fn read<T: DeserializeOwned>(path: &str, text: &str) -> Result<T, LoadError> {
    toml::from_str(text).map_err(|error| {
        let (line, column) = place(text, error.span().map_or(0, |span| span.start));
        LoadError { file: path.into(), line, column, reason: reason(error.message()) }
    })
}

/// Why a file was refused, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    pub reason: Complaint,
}

impl LoadError {
    fn of_file(path: &str, reason: Complaint) -> Self {
        LoadError { file: path.into(), line: 1, column: 1, reason }
    }

    pub fn sentence(&self, lang: Lang) -> String {
        let LoadError { file, line, column, reason } = self;
        format!("{file}:{line}:{column}: {}", reason.get(lang))
    }
}

/// Line and column of a byte, in characters, from 1.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    (line, before[line_start..].chars().count() + 1)
}

/// What serde and the TOML reader say, in Korean too. Their sentences are few; one that is new stays
/// as it is.
fn reason(message: &str) -> Complaint {
    if let Some(complaint) = Complaint::carried_in(message) {
        return complaint;
    }
    let quoted = |prefix: &str| {
        let rest = message.strip_prefix(prefix)?;
        rest.split_once('`').map(|(name, rest)| (name.to_string(), rest.to_string()))
    };
    let expected = |rest: &str| {
        rest.trim_start_matches([',', ' ']).trim_start_matches("expected ").replace(" or ", ", ")
    };
    let ko = if let Some((name, _)) = quoted("missing field `") {
        format!("빠진 항목이 있습니다: {name}")
    } else if let Some((name, rest)) = quoted("unknown field `") {
        format!("쓸 수 없는 항목입니다: {name}. 쓸 수 있는 항목: {}", expected(&rest))
    } else if let Some((name, rest)) = quoted("unknown variant `") {
        format!("알 수 없는 종류입니다: {name}. 쓸 수 있는 종류: {}", expected(&rest))
    } else if let Some((name, _)) = quoted("duplicate field `") {
        format!("항목이 두 번 나옵니다: {name}")
    } else if let Some(rest) = message.strip_prefix("invalid type: ") {
        let (found, wanted) = rest.split_once(", expected ").unwrap_or((rest, "?"));
        format!("값의 종류가 다릅니다. 있는 값: {found}, 필요한 값: {wanted}")
    } else {
        format!("TOML 문법에 맞지 않습니다: {message}")
    };
    Complaint::new(ko, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn every_file_of_the_content_folder_is_embedded() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("content");
        let mut found = BTreeSet::new();
        for folder in std::fs::read_dir(&root).unwrap() {
            let folder = folder.unwrap();
            for file in std::fs::read_dir(folder.path()).unwrap() {
                let (folder, file) = (folder.file_name(), file.unwrap().file_name());
                found.insert(format!("{}/{}", folder.to_str().unwrap(), file.to_str().unwrap()));
            }
        }
        let embedded = CONTENT.iter().flat_map(|folder| {
            assert!(
                folder.lessons.is_sorted_by_key(|file| file.path),
                "in the order of the file names"
            );
            std::iter::once(&folder.chapter).chain(folder.lessons).map(|file| file.path.to_string())
        });
        assert_eq!(embedded.collect::<BTreeSet<_>>(), found);
        assert!(CONTENT.is_sorted_by_key(|folder| folder.chapter.path));
    }

    #[test]
    fn every_lesson_is_read() {
        let library = load_all();
        assert_eq!(library.refused, []);
        assert_eq!(
            library.lessons().count(),
            CONTENT.iter().map(|f| f.lessons.len()).sum::<usize>()
        );
    }

    const SOUND: &str = r#"id = "sound"
title = { ko = "제목", en = "Title" }
summary = { ko = "요약", en = "Summary" }
minutes = 1
setup = "cluster"
closing = { ko = "끝", en = "Done" }

[[steps]]
id = "one"
title = { ko = "하나", en = "One" }
text = { ko = "글", en = "Words" }
hints = [{ ko = "힌트", en = "Hint" }]
solution = "run 1s"

[[steps.goals]]
id = "reach"
text = { ko = "목표", en = "Goal" }
goal.once.log_end = { partition = "orders-0", node = "broker-1", at_least = 1 }

[steps.prediction]
question = { ko = "무엇일까요?", en = "What?" }
evidence.once.log_end = { partition = "orders-0", at_least = 1 }
choices = [
  { text = { ko = "가", en = "A" }, feedback = { ko = "맞습니다", en = "Right" }, right = true },
  { text = { ko = "나", en = "B" }, feedback = { ko = "아닙니다", en = "Wrong" } },
]
"#;

    #[test]
    fn a_sound_lesson_is_read() {
        let lesson = read_lesson("sound.toml", SOUND).unwrap();
        assert_eq!(lesson.steps[0].prediction.as_ref().unwrap().right, 0);
    }

    #[test]
    fn a_bad_lesson_is_refused_with_its_place_and_why() {
        for (from, to, place, ko, en) in [
            (
                "minutes = 1\n",
                "",
                "1:1",
                "빠진 항목이 있습니다: minutes",
                "missing field `minutes`",
            ),
            (
                "minutes = 1",
                "minuets = 1",
                "4:1",
                "쓸 수 없는 항목입니다: minuets.",
                "unknown field `minuets`",
            ),
            (
                "minutes = 1",
                "minutes = \"1\"",
                "4:11",
                "값의 종류가 다릅니다.",
                "invalid type: string",
            ),
            (
                "minutes = 1",
                "minutes = ",
                "4:11",
                "TOML 문법에 맞지 않습니다",
                "string values must be quoted",
            ),
            ("ko = \"제목\"", "ko = \" \"", "2:9", "한국어 글이 비어", "the Korean text is empty"),
            (", en = \"Summary\"", "", "3:11", "빠진 항목이 있습니다: en", "missing field `en`"),
            (
                "글",
                "<b>글</b>",
                "11:8",
                "레슨에서 쓸 수 없는 Markdown",
                "Markdown that lessons may not use: <b>",
            ),
            ("\"one\"", "\"One\"", "9:6", "id는 소문자", "an id has lower-case letters"),
            (
                "log_end",
                "log_and",
                "18:11",
                "알 수 없는 종류입니다: log_and.",
                "unknown variant `log_and`",
            ),
            (
                "broker-1",
                "broker1",
                "18:54",
                "노드의 이름이 아닙니다: broker1",
                "not the name of a node: broker1",
            ),
            ("right = true", "right = false", "20:1", "맞는 답 하나", "exactly one right answer"),
            ("\"run 1s\"", "\"# only prose\"", "13:12", "스크립트가 비어", "the script is empty"),
        ] {
            assert!(SOUND.contains(from), "{from}");
            let error = read_lesson("x.toml", &SOUND.replacen(from, to, 1)).unwrap_err();
            let (korean, english) = (error.sentence(Lang::Ko), error.sentence(Lang::En));
            let place = format!("x.toml:{place}: ");
            assert!(korean.starts_with(&place) && korean.contains(ko), "{korean}");
            assert!(english.starts_with(&place) && english.contains(en), "{english}");
        }
    }
}
