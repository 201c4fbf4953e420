//! What moves is a formula of virtual time: an element and what is to be written to it at a moment.
//! Before a frame is painted all of them are asked. Nothing stores where anything is.

use crate::app::App;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use web_sys::SvgElement;

/// Writes to the element what holds at a moment, in virtual microseconds.
type Formula = Box<dyn Fn(&SvgElement, f64)>;
type Moving = Rc<RefCell<BTreeMap<u64, (SvgElement, Formula)>>>;

#[derive(Clone, Copy)]
pub struct Motion {
    app: App,
    moving: StoredValue<Moving, LocalStorage>,
    next: StoredValue<Rc<Cell<u64>>, LocalStorage>,
}

impl Motion {
    pub fn new(app: App) -> Self {
        let moving = Moving::default();
        let asked = moving.clone();
        app.on_frame(move |moment| {
            for (element, formula) in asked.borrow().values() {
                formula(element, moment.view_now_us);
            }
        });
        let next = StoredValue::new_local(Rc::default());
        Motion { app, moving: StoredValue::new_local(moving), next }
    }

    /// Lets an element move until its owner is gone or [`Self::rest`] is called; returns by what.
    pub fn drive(&self, element: SvgElement, formula: impl Fn(&SvgElement, f64) + 'static) -> u64 {
        formula(&element, self.app.moment().view_now_us);
        let key = self.next.with_value(|next| next.replace(next.get() + 1));
        self.moving.with_value(|moving| {
            moving.borrow_mut().insert(key, (element, Box::new(formula)));
        });
        key
    }

    pub fn rest(&self, key: u64) {
        self.moving.try_with_value(|moving| moving.borrow_mut().remove(&key));
    }

    /// Drives the element that `of` finds, anew whenever what it finds changes.
    pub fn follow<F: Fn(&SvgElement, f64) + 'static>(
        self,
        of: impl Fn() -> Option<(SvgElement, F)> + 'static,
    ) {
        let key = Rc::new(Cell::new(None));
        let known = StoredValue::new_local(key.clone());
        Effect::new(move |_| {
            if let Some(key) = key.take() {
                self.rest(key);
            }
            if let Some((element, formula)) = of() {
                key.set(Some(self.drive(element, formula)));
            }
        });
        on_cleanup(move || {
            if let Some(key) = known.try_with_value(|key| key.take()).flatten() {
                self.rest(key);
            }
        });
    }
}
