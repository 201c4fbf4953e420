//! The handle that every part of the page holds: signals to read, and what may be asked. The state
//! itself is in the [`Session`]; a new immutable [`View`] is published after every change.
//!
//! Components get it by `expect_context::<App>()`. It is `Copy`.

mod publish;

use crate::compare::{Compare, Other};
use crate::i18n::Lang;
use crate::notice::{Notice, Text};
use crate::panel::chart::Subject;
use crate::panel::group_commands::GroupCommands;
use crate::panel::group_story::GroupStory;
use crate::panel::topic_commands::TopicCommands;
use crate::playback::Pace;
use crate::scenario::{self, Comparison, Scenario};
use crate::session::{Change, Keeper, Session, Turn};
use crate::storage::Keeping;
use crate::terminal_lines::{OutputLine, carry_out_line};
use crate::view_model::history::History;
use crate::view_model::{Selection, View};
use crate::viewer::Viewer;
use kafkascope_engine::command::{Command, Refusal};
use kafkascope_engine::ids::{EventId, TopicPartition};
use kafkascope_engine::script;
use kafkascope_engine::timeline::Timeline;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use wasm_bindgen::closure::Closure;

const NOTICES_MAX: usize = 3;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    Auto,
    Light,
    Dark,
}

/// What a narrow page shows instead of panes, and what a wide one shows in its drawer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tab {
    Stage,
    Produce,
    Lesson,
    Inspector,
    Terminal,
    Narration,
    Chart,
}

/// What is drawn between two publications: the shown moment of virtual time.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub view_now_us: f64,
    pub pace: Pace,
}

type Listener = Rc<dyn Fn(&Change)>;
type FrameHook = Rc<dyn Fn(Moment)>;
/// Called by the browser with its clock, in ms.
type OnFrame = Closure<dyn FnMut(f64)>;

/// What has no place in the reactive graph.
struct Core {
    session: RefCell<Session>,
    listeners: RefCell<Vec<Listener>>,
    frame_hooks: RefCell<Vec<FrameHook>>,
    frame: RefCell<Option<OnFrame>>,
    frame_is_due: Cell<bool>,
    last_frame_ms: Cell<Option<f64>>,
    notices_made: Cell<u64>,
    /// What the opening scenario does once the page stands.
    live: RefCell<Vec<Command>>,
}

#[derive(Clone, Copy)]
pub struct App {
    pub lang: RwSignal<Lang>,
    pub theme: RwSignal<Theme>,
    pub view: Signal<Arc<View>>,
    pub selection: RwSignal<Selection>,
    pub notices: RwSignal<Vec<Notice>>,
    /// Whether the dialogs are open.
    pub about_open: RwSignal<bool>,
    pub help_open: RwSignal<bool>,
    pub monitors_open: RwSignal<bool>,
    pub search_open: RwSignal<bool>,
    pub ledger_open: RwSignal<bool>,
    /// Which pane a narrow page shows.
    pub tab: RwSignal<Tab>,
    /// Which tab of the drawer is open.
    pub drawer: RwSignal<Tab>,
    pub topic_commands: TopicCommands,
    pub group_commands: GroupCommands,
    pub group_story: GroupStory,
    /// What the chart was asked to show.
    pub charted: RwSignal<Option<Subject>>,
    /// Whether the action bar of the selected broker or link is open on the stage.
    pub actions_open: RwSignal<bool>,
    /// The scenario that was loaded last, if it is one of ours.
    pub scenario: RwSignal<Option<&'static str>>,
    /// Whether and where the run is stored.
    pub keeping: Keeping,
    /// What the byte viewer shows.
    pub viewer: Viewer,
    /// The run beside another.
    pub compare: Compare,
    published: RwSignal<Arc<View>>,
    core: StoredValue<Rc<Core>, LocalStorage>,
}

impl App {
    /// The one instance, on its opening scenario.
    pub fn new(lang: Lang, theme: Theme) -> App {
        let opening = scenario::opening();
        let (session, live) = match scenario::prepare(opening.script) {
            Ok(prepared) => (Session::new(prepared.timeline, prepared.home), prepared.live),
            Err(_) => {
                (Session::new(Timeline::new(script::spec_text::default_spec()), 0), Vec::new())
            }
        };
        let published = RwSignal::new(Arc::new(session.view()));
        let core = Core {
            session: RefCell::new(session),
            listeners: RefCell::default(),
            frame_hooks: RefCell::default(),
            frame: RefCell::default(),
            frame_is_due: Cell::new(false),
            last_frame_ms: Cell::new(None),
            notices_made: Cell::new(0),
            live: RefCell::new(live),
        };
        let app = App {
            lang: RwSignal::new(lang),
            theme: RwSignal::new(theme),
            view: published.into(),
            selection: RwSignal::new(Selection::Nothing),
            notices: RwSignal::new(Vec::new()),
            about_open: RwSignal::new(false),
            help_open: RwSignal::new(false),
            monitors_open: RwSignal::new(false),
            search_open: RwSignal::new(false),
            ledger_open: RwSignal::new(false),
            tab: RwSignal::new(Tab::Stage),
            drawer: RwSignal::new(Tab::Narration),
            topic_commands: TopicCommands::new(),
            group_commands: GroupCommands::new(),
            group_story: GroupStory::new(),
            charted: RwSignal::new(None),
            actions_open: RwSignal::new(false),
            scenario: RwSignal::new(Some(opening.id)),
            keeping: Keeping::new(),
            viewer: Viewer::new(),
            compare: Compare::new(),
            published,
            core: StoredValue::new_local(Rc::new(core)),
        };
        app.prepare_frames();
        app
    }

    fn core(&self) -> Rc<Core> {
        self.core.get_value()
    }

    // Asking.

    /// Carries out a command at the shown moment. In the past this forks, and a notice says so.
    /// A refusal becomes a notice; it is also returned.
    pub fn dispatch(&self, command: Command) -> Result<(), Refusal> {
        let result = self.core().session.borrow_mut().dispatch(command);
        match result {
            Ok(turn) => {
                self.publish(turn);
                Ok(())
            }
            Err(refusal) => {
                self.notify(Notice::warning(Text::of(|lang| script::words::words(&refusal, lang))));
                Err(refusal)
            }
        }
    }

    /// Carries out a line of the terminal.
    pub fn run_line(&self, line: &str) -> Vec<OutputLine> {
        let lang = self.lang.get_untracked();
        let core = self.core();
        let (output, turn) =
            core.session.borrow_mut().carry_out(|hands| carry_out_line(hands, line, lang));
        self.publish(turn);
        output
    }

    /// The text of a command, ready for the terminal.
    pub fn text_of(&self, command: &Command) -> String {
        self.with_timeline(|timeline| script::print::print_command(command, timeline.cluster()))
    }

    pub fn step(&self) {
        self.act(Session::step);
    }

    pub fn step_back(&self) {
        self.act(Session::step_back);
    }

    /// Shows the moment after `position` inputs, and pauses.
    pub fn seek(&self, position: usize) {
        self.act(|session| session.seek(position));
    }

    /// Shows the moment right after an event, if it belongs to this run, and selects the event.
    pub fn seek_to_event(&self, event: EventId) {
        if let Some(position) = self.with_timeline(|timeline| timeline.position_of(event)) {
            self.seek(position);
        }
        self.selection.set(Selection::Event(event));
    }

    /// To where the scenario began; from there to the very beginning.
    pub fn go_to_start(&self) {
        self.act(|session| {
            let home = session.home();
            let to = if session.timeline().position() > home { home } else { 0 };
            session.seek(to)
        });
    }

    pub fn go_to_end(&self) {
        self.act(|session| {
            let end = session.timeline().len();
            session.seek(end)
        });
    }

    pub fn switch_branch(&self, branch: usize) {
        self.act(|session| session.switch_branch(branch));
    }

    pub fn play(&self) {
        self.act(Session::play);
    }

    pub fn pause(&self) {
        self.act(Session::pause);
    }

    pub fn toggle_play(&self) {
        if self.view.with_untracked(|view| view.playing) { self.pause() } else { self.play() }
    }

    pub fn set_speed(&self, percent: u32) {
        self.act(|session| {
            session.playback_mut().set_speed(percent);
            Turn { playback_changed: true, ..Turn::default() }
        });
    }

    pub fn set_reduced_motion(&self, reduced: bool) {
        self.core().session.borrow_mut().playback_mut().reduced_motion = reduced;
    }

    /// Starts a fresh run from a script: its `cluster` line, then everything up to the line
    /// `# live`, before anything is shown; what follows is carried out in front of the viewer.
    pub fn load_scenario(&self, spec_and_script: &str) {
        match scenario::prepare(spec_and_script) {
            Ok(prepared) => {
                let live = prepared.live.clone();
                self.open_timeline(prepared.timeline, prepared.home);
                self.go_live(&live);
            }
            Err(text) => _ = self.notify(Notice::problem(text)),
        }
    }

    /// Loads one of the shipped scenarios and says what to try in it.
    pub fn load_shipped(&self, scenario: &'static Scenario) {
        self.load_scenario(scenario.script);
        self.scenario.set(Some(scenario.id));
        if !scenario.hint_en.is_empty() {
            self.notify(Notice::info(Text::new(scenario.hint_ko, scenario.hint_en)));
        }
    }

    /// Draws a partition for which there may have been no room.
    pub fn look_at(&self, partition: Option<TopicPartition>) {
        if self.core().session.borrow_mut().look_at(partition) {
            self.publish(Turn { playback_changed: true, ..Turn::default() });
        }
    }

    /// Loads a run of the past and opens it beside the same run under the rule of today.
    pub fn load_comparison(&self, ready: &'static Comparison) {
        match scenario::prepare(&ready.script()) {
            Ok(prepared) => {
                self.open_timeline(prepared.timeline, 0);
                self.scenario.set(Some(ready.id));
                if let Some(change) = kafkascope_engine::compare::Change::parse(ready.change) {
                    self.compare.begin(*self, Other::Change(change));
                }
            }
            Err(text) => _ = self.notify(Notice::problem(text)),
        }
    }

    pub fn next_theme(&self) {
        self.theme.update(|theme| {
            *theme = match theme {
                Theme::Auto => Theme::Light,
                Theme::Light => Theme::Dark,
                Theme::Dark => Theme::Auto,
            }
        });
    }

    pub fn next_lang(&self) {
        self.lang.update(|lang| *lang = lang.pick(Lang::En, Lang::Ko));
    }

    /// Shows another run, at the moment that its timeline shows, paused. `home` is where its set-up
    /// ended.
    pub fn open_timeline(&self, timeline: Timeline, home: usize) {
        self.core().live.take();
        self.compare.forget();
        self.scenario.set(None);
        self.notices.update(|notices| notices.retain(|notice| notice.stays));
        self.selection.set(Selection::Nothing);
        self.actions_open.set(false);
        self.act(|session| session.open(timeline, home));
    }

    /// Begins the opening scenario, unless another run has been opened meanwhile.
    pub fn begin(&self) {
        let live = self.core().live.take();
        if !live.is_empty() {
            self.go_live(&live);
        }
    }

    /// Carries out the opening commands of a scenario and plays on.
    pub fn go_live(&self, commands: &[Command]) {
        self.core().session.borrow_mut().wake();
        for command in commands {
            let _ = self.dispatch(command.clone());
        }
        self.act(|session| {
            session.wake();
            Turn { playback_changed: true, ..Turn::default() }
        });
    }

    // Looking.

    pub fn with_timeline<R>(&self, f: impl FnOnce(&Timeline) -> R) -> R {
        f(self.core().session.borrow().timeline())
    }

    /// Notable events of the run, with the position right after each.
    pub fn with_history<R>(&self, f: impl FnOnce(&History) -> R) -> R {
        f(self.core().session.borrow().history())
    }

    /// Called after every change of the shown moment, when the new view is already published.
    pub fn subscribe(&self, f: impl Fn(&Change) + 'static) {
        self.core().listeners.borrow_mut().push(Rc::new(f));
    }

    /// Called before the page paints a new moment of virtual time. Must not touch signals.
    pub fn on_frame(&self, f: impl Fn(Moment) + 'static) {
        self.core().frame_hooks.borrow_mut().push(Rc::new(f));
    }

    pub fn moment(&self) -> Moment {
        let core = self.core();
        let session = core.session.borrow();
        Moment { view_now_us: session.view_now_us(), pace: session.pace() }
    }

    /// Has every change shown to `keeper` before it is published; what it returns holds it back.
    pub fn set_keeper(&self, keeper: Keeper) {
        self.core().session.borrow_mut().set_keeper(keeper);
    }

    /// For what keeps the run: access beyond the commands. The page does not learn of changes.
    pub fn with_timeline_mut<R>(&self, f: impl FnOnce(&mut Timeline) -> R) -> R {
        f(self.core().session.borrow_mut().timeline_mut())
    }

    /// Returns what it can be dismissed by.
    pub fn notify(&self, mut notice: Notice) -> u64 {
        let core = self.core();
        let id = core.notices_made.get() + 1;
        core.notices_made.set(id);
        notice.id = id;
        self.notices.update(|notices| {
            notices.retain(|shown| shown.text != notice.text);
            notices.push(notice);
            let surplus = notices.len().saturating_sub(NOTICES_MAX);
            notices.drain(..surplus);
        });
        id
    }

    pub fn dismiss(&self, id: u64) {
        self.notices.update(|notices| notices.retain(|notice| notice.id != id));
    }
}
