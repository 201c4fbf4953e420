//! What rexie does not offer, added where it asks the browser: a proxy of
//! `IDBDatabase.prototype.transaction` that minds our database only.
//!
//! - A commit is `durability: "strict"`: complete when the bytes are on the disk, not when the
//!   operating system has them.
//! - Why a transaction was aborted can be asked; rexie only says that it was.
//! - The errors of requests end at the requests. rexie takes the first that reaches the transaction
//!   for its end, and lets go of callbacks that the browser has yet to call.
//! - A connection gives way to a newer page, and to whoever deletes the database. That it is lost,
//!   by this or by the browser, is told at once.

use js_sys::{Array, Function, Object, Proxy, Reflect};
use std::cell::{OnceCell, RefCell};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

type Listener = Closure<dyn FnMut(web_sys::Event)>;

thread_local! {
    static DONE: OnceCell<()> = const { OnceCell::new() };
    static ON_LOST: RefCell<Option<Box<dyn Fn()>>> = const { RefCell::new(None) };
    /// The last transaction that writes.
    static LAST: RefCell<JsValue> = const { RefCell::new(JsValue::UNDEFINED) };
    static GIVE_WAY: Listener = Listener::new(give_way);
    static CLOSED: Listener = Listener::new(|_| tell_lost());
    static STOP: Listener = Listener::new(|event: web_sys::Event| event.stop_immediate_propagation());
}

/// Has `tell` called whenever a connection is lost.
pub fn on_lost(tell: impl Fn() + 'static) {
    ON_LOST.set(Some(Box::new(tell)));
}

/// Why the last transaction that writes was aborted: the name of its error.
pub fn abort_cause() -> Option<String> {
    let error = LAST.with_borrow(|last| Reflect::get(last, &"error".into())).ok()?;
    Reflect::get(&error, &"name".into()).ok()?.as_string()
}

/// Minds the database of this name.
pub fn apply(name: &'static str) {
    // Where it fails, commits are relaxed, and causes and losses are told less well.
    DONE.with(|done| _ = done.get_or_init(|| _ = try_to_apply(name)));
}

fn try_to_apply(name: &'static str) -> Result<(), JsValue> {
    let class = Reflect::get(&js_sys::global(), &"IDBDatabase".into())?;
    let prototype = Reflect::get(&class, &"prototype".into())?;
    let plain: Function = Reflect::get(&prototype, &"transaction".into())?.dyn_into()?;
    let begin = Closure::<dyn FnMut(Function, JsValue, Array) -> Result<JsValue, JsValue>>::new(
        move |plain: Function, database: JsValue, arguments: Array| {
            if Reflect::get(&database, &"name".into())? != name {
                return plain.apply(&database, &arguments);
            }
            listen(&database)?;
            let writes = arguments.get(1) == "readwrite";
            if writes && arguments.length() == 2 {
                let options = Object::new();
                Reflect::set(&options, &"durability".into(), &"strict".into())?;
                arguments.push(&options);
            }
            let transaction = plain.apply(&database, &arguments)?;
            let target: &web_sys::EventTarget = transaction.unchecked_ref();
            STOP.with(|stop| {
                target.add_event_listener_with_callback("error", stop.as_ref().unchecked_ref())
            })?;
            if writes {
                LAST.set(transaction.clone());
            }
            Ok(transaction)
        },
    );
    let handler = Object::new();
    Reflect::set(&handler, &"apply".into(), &begin.into_js_value())?;
    Reflect::set(&prototype, &"transaction".into(), &Proxy::new(&plain, &handler))?;
    Ok(())
}

fn listen(database: &JsValue) -> Result<(), JsValue> {
    let on = |event: &str, listener: &Listener| {
        Reflect::set(database, &event.into(), listener.as_ref()).map(|_| ())
    };
    GIVE_WAY.with(|listener| on("onversionchange", listener))?;
    CLOSED.with(|listener| on("onclose", listener))
}

fn give_way(event: web_sys::Event) {
    if let Some(Ok(database)) = event.target().map(JsCast::dyn_into::<web_sys::IdbDatabase>) {
        database.close();
    }
    tell_lost();
}

fn tell_lost() {
    ON_LOST.with_borrow(|tell| {
        if let Some(tell) = tell {
            tell();
        }
    });
}
