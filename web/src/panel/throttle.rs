//! Does something at most so often, and never forgets the last time it was asked for: for what would
//! cost too much on every change of the moment, or would talk too much.

use gloo_timers::callback::Timeout;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

#[derive(Clone)]
pub struct Throttle {
    inner: Rc<Inner>,
}

struct Inner {
    pause_ms: u32,
    act: Box<dyn Fn()>,
    /// When it was last done, in ms of `Date.now`.
    done_at: Cell<f64>,
    waiting: RefCell<Option<Timeout>>,
}

impl Throttle {
    pub fn new(pause_ms: u32, act: impl Fn() + 'static) -> Self {
        let inner = Inner {
            pause_ms,
            act: Box::new(act),
            done_at: Cell::new(0.0),
            waiting: RefCell::default(),
        };
        Throttle { inner: Rc::new(inner) }
    }

    /// Does it now if the last time is long enough ago, else as soon as it is.
    pub fn ask(&self) {
        if self.inner.waiting.borrow().is_some() {
            return;
        }
        let since = js_sys::Date::now() - self.inner.done_at.get();
        let pause = f64::from(self.inner.pause_ms);
        // A clock that was set back must not stop it.
        if !(0.0..pause).contains(&since) {
            self.inner.act_now();
            return;
        }
        let inner = self.inner.clone();
        let later = Timeout::new((pause - since).ceil() as u32, move || {
            inner.waiting.take();
            inner.act_now();
        });
        self.inner.waiting.replace(Some(later));
    }
}

impl Inner {
    fn act_now(&self) {
        self.done_at.set(js_sys::Date::now());
        (self.act)();
    }
}
