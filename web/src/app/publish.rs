//! How changes reach the page: a new view through the one signal, then everybody who listens; and the
//! one animation-frame loop, which runs only while something moves.

use super::App;
use crate::notice::{Notice, Text};
use crate::session::{Barrier, Session, Turn};
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// How long steps may take in one frame.
const FRAME_BUDGET_MS: f64 = 4.0;

impl App {
    pub(super) fn act(&self, f: impl FnOnce(&mut Session) -> Turn) {
        let turn = f(&mut self.core().session.borrow_mut());
        self.publish(turn);
    }

    pub(super) fn publish(&self, mut turn: Turn) {
        match turn.barrier.take() {
            Some(barrier) => self.publish_behind(barrier, turn),
            // What is held back will be shown by who holds it.
            None if turn.change.is_none() && self.core().session.borrow().is_held() => {}
            None => self.publish_now(turn),
        }
    }

    /// What is shown as durable must have been stored.
    fn publish_behind(&self, barrier: Barrier, turn: Turn) {
        let app = *self;
        wasm_bindgen_futures::spawn_local(async move {
            barrier.await;
            app.core().session.borrow_mut().release();
            app.publish_now(turn);
        });
    }

    fn publish_now(&self, turn: Turn) {
        let core = self.core();
        if turn.change.is_some() || turn.playback_changed {
            let view = Arc::new(core.session.borrow().view());
            self.published.set(view);
        }
        if let Some(change) = turn.change {
            if change.forked {
                self.tell_fork();
            }
            let listeners = core.listeners.borrow().clone();
            listeners.iter().for_each(|listener| listener(&change));
        }
        self.run_frame_hooks();
        self.want_frames();
    }

    fn tell_fork(&self) {
        let app = *self;
        let text = Text::new(
            "지난 시점에서 명령을 내렸습니다. 그 뒤의 기록은 갈래로 남겨 두었습니다.",
            "You gave a command in the past. What came after is kept as a branch.",
        );
        let back = Text::new("원래 갈래로", "Back to it");
        self.notify(Notice::info(text).with_action(back, move || {
            let last = app.with_timeline(|timeline| timeline.branches().len());
            if let Some(branch) = last.checked_sub(1) {
                app.switch_branch(branch);
            }
        }));
    }

    // Frames.

    pub(super) fn prepare_frames(&self) {
        let app = *self;
        let frame = Closure::new(move |now_ms: f64| app.frame(now_ms));
        self.core().frame.replace(Some(frame));
    }

    /// Asks for a frame if something moves and none is due.
    pub fn want_frames(&self) {
        let core = self.core();
        if core.frame_is_due.get() || !core.session.borrow().wants_frames() {
            return;
        }
        let Some(window) = web_sys::window() else {
            return;
        };
        if let Some(frame) = &*core.frame.borrow() {
            core.frame_is_due
                .set(window.request_animation_frame(frame.as_ref().unchecked_ref()).is_ok());
        }
    }

    fn frame(&self, now_ms: f64) {
        let core = self.core();
        core.frame_is_due.set(false);
        let real_ms = core.last_frame_ms.get().map_or(16.0, |last| now_ms - last);
        let clock = web_sys::window().and_then(|window| window.performance());
        let elapsed = || clock.as_ref().map_or(0.0, |clock| clock.now());
        let began = elapsed();
        let turn = core.session.borrow_mut().tick(real_ms, || elapsed() - began < FRAME_BUDGET_MS);
        self.publish(turn);
        self.want_frames();
        // A pause between two runs of the loop is not time that has passed.
        core.last_frame_ms.set(core.frame_is_due.get().then_some(now_ms));
    }

    fn run_frame_hooks(&self) {
        let moment = self.moment();
        let hooks = self.core().frame_hooks.borrow().clone();
        hooks.iter().for_each(|hook| hook(moment));
    }
}
