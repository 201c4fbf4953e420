//! The page: mounts the Leptos application and tells the boot script that it stands.

mod app;
mod compare;
mod files;
mod i18n;
mod keyboard;
mod motion;
mod notice;
mod page;
mod panel;
mod permalink;
mod playback;
mod preferences;
mod scenario;
mod search;
mod session;
mod share;
mod stage;
mod storage;
mod tab_lock;
mod terminal_lines;
mod view_model;
mod viewer;

fn main() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(page::Page);
}
