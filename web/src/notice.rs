//! Notices: what the page says on its own, quietly, until it is dismissed or has been read.

use crate::i18n::Lang;
use std::sync::Arc;

/// A sentence in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    pub ko: String,
    pub en: String,
}

impl Text {
    pub fn new(ko: impl Into<String>, en: impl Into<String>) -> Self {
        Text { ko: ko.into(), en: en.into() }
    }

    /// The same words said in each language.
    pub fn of(say: impl Fn(Lang) -> String) -> Self {
        Text { ko: say(Lang::Ko), en: say(Lang::En) }
    }

    pub fn pick(&self, lang: Lang) -> &str {
        lang.pick(&self.ko, &self.en)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    Info,
    Warning,
    Problem,
}

/// What the reader can do about it.
#[derive(Clone)]
pub struct NoticeAction {
    pub label: Text,
    pub run: Arc<dyn Fn() + Send + Sync>,
}

#[derive(Clone)]
pub struct Notice {
    pub kind: NoticeKind,
    pub text: Text,
    pub action: Option<NoticeAction>,
    /// It is about the visit, and stays when another run is shown.
    pub stays: bool,
    /// Given by [`crate::app::App::notify`].
    pub id: u64,
}

impl Notice {
    pub fn new(kind: NoticeKind, text: Text) -> Self {
        Notice { kind, text, action: None, stays: false, id: 0 }
    }

    pub fn info(text: Text) -> Self {
        Notice::new(NoticeKind::Info, text)
    }

    pub fn warning(text: Text) -> Self {
        Notice::new(NoticeKind::Warning, text)
    }

    pub fn problem(text: Text) -> Self {
        Notice::new(NoticeKind::Problem, text)
    }

    pub fn of_the_visit(mut self) -> Self {
        self.stays = true;
        self
    }

    pub fn with_action(mut self, label: Text, run: impl Fn() + Send + Sync + 'static) -> Self {
        self.action = Some(NoticeAction { label, run: Arc::new(run) });
        self
    }
}
