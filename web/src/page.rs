//! The whole page: one grid of panes on a wide screen, one pane at a time behind tabs on a narrow
//! one. What is in a pane is its own file's.

use crate::app::{App, Tab};
use crate::i18n::stage::BarText;
use crate::i18n::t;
use crate::keyboard;
use crate::motion::Motion;
use crate::panel::about::About;
use crate::panel::bytes::BytesDialog;
use crate::panel::chart::Chart;
use crate::panel::compare::CompareDialog;
use crate::panel::group_commands::GroupCommandsDialog;
use crate::panel::group_story::GroupStoryDialog;
use crate::panel::header::Header;
use crate::panel::help::Help;
use crate::panel::inspector::Inspector;
use crate::panel::ledger::LedgerDialog;
use crate::panel::lesson::LessonPanel;
use crate::panel::monitors::{Monitors, MonitorsDialog};
use crate::panel::narration::Narration;
use crate::panel::notices::Notices;
use crate::panel::produce_form::ProduceForm;
use crate::panel::search::SearchDialog;
use crate::panel::storage::{FoundDialog, StorageDialog};
use crate::panel::terminal::TerminalPanel;
use crate::panel::topic_commands::TopicCommandsDialog;
use crate::panel::transport::Transport;
use crate::preferences;
use crate::stage::Stage;
use crate::storage::start;
use leptos::prelude::*;

const TABS: [Tab; 7] = [
    Tab::Stage,
    Tab::Produce,
    Tab::Lesson,
    Tab::Inspector,
    Tab::Narration,
    Tab::Terminal,
    Tab::Chart,
];
const DRAWER_TABS: [Tab; 3] = [Tab::Narration, Tab::Terminal, Tab::Chart];

fn tab_text(tab: Tab) -> BarText {
    match tab {
        Tab::Stage => BarText::TabStage,
        Tab::Produce => BarText::TabProduce,
        Tab::Lesson => BarText::TabLesson,
        Tab::Inspector => BarText::TabInspector,
        Tab::Terminal => BarText::TabTerminal,
        Tab::Narration => BarText::TabNarration,
        Tab::Chart => BarText::TabChart,
    }
}

fn tab_name(tab: Tab) -> &'static str {
    match tab {
        Tab::Stage => "stage",
        Tab::Produce => "produce",
        Tab::Lesson => "lesson",
        Tab::Inspector => "inspector",
        Tab::Terminal => "terminal",
        Tab::Narration => "narration",
        Tab::Chart => "chart",
    }
}

#[component]
pub fn Page() -> impl IntoView {
    let app = App::new(preferences::lang_at_start(), preferences::theme_at_start());
    provide_context(app);
    provide_context(Motion::new(app));
    preferences::follow(app);
    keyboard::listen(app);
    Effect::new(move |_| begin(app));
    view! {
        <div
            class="page"
            data-testid="app"
            data-tab=move || tab_name(app.tab.get())
            data-drawer=move || tab_name(app.drawer.get())
        >
            <Header />
            <Tabs />
            <main class="panes">
                <section class="pane pane-left" aria-label=move || t(app.lang.get(), BarText::TabLesson)>
                    <div class="pane-lesson"><LessonPanel /></div>
                    <div class="pane-produce"><ProduceForm /></div>
                </section>
                <div class="pane pane-stage">
                    <Monitors />
                    <Notices />
                    <Stage />
                </div>
                <div class="pane pane-inspector"><Inspector /></div>
                <Drawer />
            </main>
            <Transport />
            <About open=app.about_open />
            <Help open=app.help_open />
            <BytesDialog />
            <MonitorsDialog />
            <LedgerDialog />
            <CompareDialog />
            <SearchDialog />
            <TopicCommandsDialog />
            <GroupCommandsDialog />
            <GroupStoryDialog />
            <StorageDialog />
            <FoundDialog />
        </div>
    }
    .into_any()
}

/// The page stands: it can be used, and the scenario begins.
fn begin(app: App) {
    if let Some(window) = web_sys::window() {
        if let Some(body) = window.document().and_then(|document| document.body()) {
            let _ = body.set_attribute("data-ready", "true");
        }
        if let Some(performance) = window.performance() {
            let _ = performance.mark("ready");
        }
    }
    start::start(app);
}

/// The tabs of a narrow page.
#[component]
fn Tabs() -> impl IntoView {
    let app = expect_context::<App>();
    view! {
        <nav class="tabs" aria-label=move || t(app.lang.get(), BarText::Panes)>
            <div role="tablist" aria-label=move || t(app.lang.get(), BarText::Panes) on:keydown=go_by_arrow>
                {TABS.map(|tab| view! { <TabButton tab chosen=app.tab prefix="tab" /> }).collect_view()}
            </div>
        </nav>
    }
    .into_any()
}

#[component]
fn TabButton(tab: Tab, chosen: RwSignal<Tab>, prefix: &'static str) -> impl IntoView {
    let app = expect_context::<App>();
    let is_chosen = Memo::new(move |_| chosen.get() == tab);
    view! {
        <button
            type="button"
            role="tab"
            class=format!("tab tab-{}", tab_name(tab))
            data-testid=format!("{prefix}-{}", tab_name(tab))
            aria-selected=move || is_chosen.get().to_string()
            tabindex=move || if is_chosen.get() { "0" } else { "-1" }
            on:click=move |_| chosen.set(tab)
        >
            {move || t(app.lang.get(), tab_text(tab))}
        </button>
    }
    .into_any()
}

/// The arrows go from tab to tab.
fn go_by_arrow(event: web_sys::KeyboardEvent) {
    use wasm_bindgen::JsCast;
    let by_next = match event.code().as_str() {
        "ArrowRight" | "ArrowDown" => true,
        "ArrowLeft" | "ArrowUp" => false,
        _ => return,
    };
    let Some(tab) =
        event.target().and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok())
    else {
        return;
    };
    let next = if by_next { tab.next_element_sibling() } else { tab.previous_element_sibling() };
    if let Some(next) = next.and_then(|next| next.dyn_into::<web_sys::HtmlElement>().ok()) {
        event.prevent_default();
        event.stop_propagation();
        next.click();
        let _ = next.focus();
    }
}

#[component]
fn Drawer() -> impl IntoView {
    let app = expect_context::<App>();
    view! {
        <section class="drawer" aria-label=move || t(app.lang.get(), BarText::Drawer)>
            <div class="drawer-tabs" role="tablist" aria-label=move || t(app.lang.get(), BarText::Drawer) on:keydown=go_by_arrow>
                {DRAWER_TABS.map(|tab| view! { <TabButton tab chosen=app.drawer prefix="drawer" /> }).collect_view()}
            </div>
            <div class="drawer-panel panel-narration"><Narration /></div>
            <div class="drawer-panel panel-terminal"><TerminalPanel /></div>
            <div class="drawer-panel panel-chart"><Chart /></div>
        </section>
    }
    .into_any()
}
