//! Where progress is kept: a text under one key. The browser may have no such place (private mode,
//! blocked), or no room; the caller goes on without.

/// The browser did not take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotStored;

pub trait ProgressStore {
    /// What was stored last; `None` if nothing was, or nothing can be read.
    fn load(&self) -> Option<String>;
    fn save(&self, text: &str) -> Result<(), NotStored>;
}

pub struct LocalStore;

const KEY: &str = "kafkascope.lessons";

impl LocalStore {
    fn storage(&self) -> Option<web_sys::Storage> {
        web_sys::window()?.local_storage().ok()?
    }
}

impl ProgressStore for LocalStore {
    fn load(&self) -> Option<String> {
        self.storage()?.get_item(KEY).ok()?
    }

    fn save(&self, text: &str) -> Result<(), NotStored> {
        self.storage().and_then(|storage| storage.set_item(KEY, text).ok()).ok_or(NotStored)
    }
}
