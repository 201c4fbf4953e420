//! Going through steps one by one: forward, back, or by itself. What the steps are is said elsewhere.

use crate::app::App;
use crate::i18n::look_up::LookUpText;
use crate::i18n::t;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// How far steps have been shown.
#[derive(Clone, Copy)]
pub struct Walk {
    /// How many there are; 0 before there is anything to go through.
    pub len: Signal<usize>,
    pub shown: RwSignal<usize>,
    playing: RwSignal<bool>,
    /// How long a step stands while it plays.
    step_ms: Signal<u32>,
}

impl Walk {
    pub fn new(len: Signal<usize>, step_ms: Signal<u32>) -> Self {
        Walk { len, shown: RwSignal::new(0), playing: RwSignal::new(false), step_ms }
    }

    /// From the first step on.
    pub fn start(&self) {
        self.playing.set(false);
        self.shown.set(1);
    }

    pub fn go(&self, to: usize) {
        let len = self.len.get_untracked();
        self.shown.set(to.clamp(1, len.max(1)));
        if to >= len {
            self.playing.set(false);
        }
    }

    fn play(self) {
        if self.playing.get_untracked() {
            self.playing.set(false);
            return;
        }
        if self.shown.get_untracked() >= self.len.get_untracked() {
            self.go(1);
        }
        self.playing.set(true);
        spawn_local(async move {
            // Gone with the dialog, or paused.
            while let Some(step_ms) = self.step_ms.try_get_untracked() {
                TimeoutFuture::new(step_ms).await;
                if self.playing.try_get_untracked() != Some(true) {
                    break;
                }
                self.go(self.shown.get_untracked() + 1);
            }
        });
    }
}

/// Buttons, whose test ids begin with `name`.
pub fn controls(app: App, walk: Walk, name: &'static str) -> AnyView {
    let arrow = move |what: &'static str, key, sign, is_end: Signal<bool>, by: isize| {
        view! {
            <button type="button" class="button icon" data-testid=format!("{name}-{what}")
                aria-label=move || t(app.lang.get(), key)
                aria-disabled=move || is_end.get().to_string()
                on:click=move |_| walk.go(walk.shown.get_untracked().saturating_add_signed(by))>
                <span aria-hidden="true">{sign}</span>
            </button>
        }
    };
    let at_start = Signal::derive(move || walk.shown.get() <= 1);
    let at_end = Signal::derive(move || walk.shown.get() >= walk.len.get());
    view! {
        <span class="walk">
            {arrow("back", LookUpText::Back, "‹", at_start, -1)}
            {arrow("next", LookUpText::Next, "›", at_end, 1)}
            <button type="button" class="button" data-testid=format!("{name}-play") on:click=move |_| walk.play()>
                {move || t(app.lang.get(), if walk.playing.get() { LookUpText::Pause } else { LookUpText::Play })}
            </button>
            <span class="quiet mono" data-testid=format!("{name}-at")>{move || format!("{}/{}", walk.shown.get(), walk.len.get())}</span>
        </span>
    }
    .into_any()
}
