//! What a learner has achieved, kept across visits. It belongs to no session and to no tab, so it is
//! written whichever tab writes the session; where nothing can be stored it lives as long as the
//! page.

use super::keep::in_time;
use crate::app::App;
use wasm_bindgen_futures::spawn_local;

/// The stored text, if there is one and it can be read.
pub async fn load(app: App) -> Option<String> {
    let db = app.keeping.inner().db().await.ok()?;
    in_time(async move { db.read_progress().await }).await.ok().flatten()
}

pub fn save(app: App, json: String) {
    spawn_local(async move {
        if let Ok(db) = app.keeping.inner().db().await {
            // The next achievement writes everything again.
            let _ = in_time(async move { db.write_progress(&json).await }).await;
        }
    });
}
