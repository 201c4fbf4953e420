//! Words in two languages, side by side, so that neither can be forgotten: [`Text`] is plain,
//! [`Prose`] is Markdown. Both refuse an empty side when a lesson is read.

use crate::markdown::{self, Block};
use kafkascope_engine::script::Lang;
use serde::Deserialize;
use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Sides")]
pub struct Text {
    ko: String,
    en: String,
}

impl Text {
    pub fn get(&self, lang: Lang) -> &str {
        lang.pick(&self.ko, &self.en)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Sides")]
pub struct Prose {
    ko: Vec<Block>,
    en: Vec<Block>,
}

impl Prose {
    pub fn get(&self, lang: Lang) -> &[Block] {
        lang.pick(&self.ko, &self.en)
    }

    /// The lines of its command blocks, which are the same in both languages.
    pub fn commands(&self) -> Vec<&str> {
        markdown::commands(&self.en)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sides {
    ko: String,
    en: String,
}

impl Sides {
    fn check(&self) -> Result<(), Complaint> {
        if self.ko.trim().is_empty() {
            return Err(Complaint::new("한국어 글이 비어 있습니다", "the Korean text is empty"));
        }
        if self.en.trim().is_empty() {
            return Err(Complaint::new("영어 글이 비어 있습니다", "the English text is empty"));
        }
        Ok(())
    }
}

impl TryFrom<Sides> for Text {
    type Error = Complaint;

    fn try_from(sides: Sides) -> Result<Self, Complaint> {
        sides.check()?;
        Ok(Text { ko: sides.ko.trim().into(), en: sides.en.trim().into() })
    }
}

impl TryFrom<Sides> for Prose {
    type Error = Complaint;

    fn try_from(sides: Sides) -> Result<Self, Complaint> {
        sides.check()?;
        let (ko, en) = (markdown::parse(&sides.ko)?, markdown::parse(&sides.en)?);
        if markdown::commands(&ko) != markdown::commands(&en) {
            return Err(Complaint::new(
                "두 언어의 명령 블록이 서로 다릅니다",
                "the command blocks of the two languages differ",
            ));
        }
        Ok(Prose { ko, en })
    }
}

/// Why something in a lesson file is refused, in both languages. It travels through serde, which
/// knows only one string, as two halves of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    pub ko: String,
    pub en: String,
}

const BETWEEN_HALVES: char = '\u{1f}';

impl Complaint {
    pub fn new(ko: impl Into<String>, en: impl Into<String>) -> Self {
        Complaint { ko: ko.into(), en: en.into() }
    }

    pub fn get(&self, lang: Lang) -> &str {
        lang.pick(&self.ko, &self.en)
    }

    /// The complaint that serde has carried, if the message is one of ours.
    pub(crate) fn carried_in(message: &str) -> Option<Self> {
        let (ko, en) = message.split_once(BETWEEN_HALVES)?;
        Some(Complaint::new(ko, en))
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{BETWEEN_HALVES}{}", self.ko, self.en)
    }
}
