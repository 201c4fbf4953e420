//! Moving about the stage by keyboard: one tab stop, from which the up and down arrows go from thing
//! to thing and Enter or Space acts. Left and right belong to time.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent, SvgElement};

/// Things on the stage that can have the focus carry this class.
pub const CLASS: &str = "rove";

pub fn on_keydown(event: KeyboardEvent) {
    if event.is_composing() || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let code = event.code();
    let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else {
        return;
    };
    if !target.class_list().contains(CLASS) {
        return;
    }
    match code.as_str() {
        "Enter" | "NumpadEnter" | "Space" => {
            event.prevent_default();
            event.stop_propagation();
            click(&target);
        }
        "ArrowDown" | "ArrowUp" => {
            event.prevent_default();
            event.stop_propagation();
            go(&target, if code == "ArrowDown" { 1 } else { -1 });
        }
        _ => {}
    }
}

fn click(target: &Element) {
    // SVG elements have no click(). The listener is on the target itself, so it need not bubble.
    if let Ok(event) = web_sys::Event::new("click") {
        let _ = target.dispatch_event(&event);
    }
}

fn go(from: &Element, by: i32) {
    let Ok(Some(stage)) = from.closest(".stage-scroll") else {
        return;
    };
    let things = stage.get_elements_by_class_name(CLASS);
    let count = things.length() as i32;
    let here = (0..count)
        .find(|&i| things.item(i as u32).is_some_and(|thing| thing.is_same_node(Some(from))));
    let Some(here) = here else { return };
    if let Some(next) = things.item((here + by).rem_euclid(count) as u32) {
        focus(&next);
    }
}

/// Gives the focus back to what is selected, when what stood beside it goes.
pub fn focus_selected() {
    let selected = format!(".stage-scroll .selected.{CLASS}, .stage-scroll .selected .{CLASS}");
    let document = web_sys::window().and_then(|window| window.document());
    let found = document.and_then(|document| document.query_selector(&selected).ok().flatten());
    if let Some(thing) = found {
        focus(&thing);
    }
}

fn focus(element: &Element) {
    if let Some(svg) = element.dyn_ref::<SvgElement>() {
        let _ = svg.focus();
    } else if let Some(html) = element.dyn_ref::<HtmlElement>() {
        let _ = html.focus();
    }
}
