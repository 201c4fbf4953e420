//! Sharing the shown moment: a link that leads back to it, in the clipboard, or else in the address
//! bar. What a link holds is [`crate::permalink`]'s.

use crate::app::App;
use crate::permalink::LinkProblem;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Copied,
    /// The clipboard is closed to us; from the address bar it can be copied by hand.
    InAddressBar,
}

/// Makes the link; `done` is told where it is, or why there is none.
pub fn share(app: App, done: impl FnOnce(Result<How, LinkProblem>) + 'static) {
    share_link(app.keeping.link(app), done);
}

/// Takes a link to where it can be used.
pub fn share_link(
    link: Result<String, LinkProblem>,
    done: impl FnOnce(Result<How, LinkProblem>) + 'static,
) {
    let hash = match link {
        Ok(hash) => hash,
        Err(problem) => return done(Err(problem)),
    };
    spawn_local(async move {
        let copied = copy(&hash).await.is_ok();
        if !copied && let Some(history) = web_sys::window().and_then(|window| window.history().ok())
        {
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&hash));
        }
        done(Ok(if copied { How::Copied } else { How::InAddressBar }));
    });
}

async fn copy(hash: &str) -> Result<(), JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let (location, navigator) = (window.location(), window.navigator());
    let link = format!("{}{}{hash}", location.origin()?, location.pathname()?);
    // Absent where the page came over plain http.
    if !js_sys::Reflect::get(&navigator, &"clipboard".into())?.is_object() {
        return Err(JsValue::NULL);
    }
    JsFuture::from(navigator.clipboard().write_text(&link)).await.map(|_| ())
}
