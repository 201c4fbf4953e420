//! The cleaner, step by step, on a copy of the shown log: the map being built, the records being copied
//! or left out, the swap. What is left can be looked at and taken away like any files.

mod board;

use super::exchange::download_zip;
use super::walk::{Walk, controls};
use super::with_disk;
use crate::app::App;
use crate::i18n::cleaner::{self as words, CleanerText};
use crate::i18n::{format, t};
use crate::view_model::bytes::cleaning::{Subject, frame, subject};
use crate::view_model::bytes::{dir_of, segment_name};
use crate::viewer::{Opened, Source};
use kafkascope_engine::ids::{NodeId, TopicPartition};
use kafkascope_engine::log::cleaner::CleanerConfig;
use kafkascope_engine::log::cleaner::watch::{Bench, Watched};
use leptos::prelude::*;
use std::sync::Arc;

/// All steps together play for about so long, each at least and at most.
const PLAY_MS: u32 = 40_000;
const STEP_MS: (u32, u32) = (60, 900);

/// What is done to the copy before it is cleaned.
#[derive(Clone, Copy)]
struct Options {
    close_active: RwSignal<bool>,
    after_horizon: RwSignal<bool>,
}

/// A log that can be cleaned, or why there is none.
type Found = Result<Arc<Subject>, NoSubject>;

#[derive(Clone, Debug, PartialEq, Eq)]
enum NoSubject {
    NoLog,
    Metadata,
    /// The files make no log.
    Unreadable(String),
}

/// A cleaning that was watched, and of what.
#[derive(Clone)]
struct Cleaning {
    subject: Arc<Subject>,
    watched: Arc<Watched>,
}

/// The log of the directory that is shown, on a disk of its own.
fn bench(app: App, options: Options) -> Result<Bench, NoSubject> {
    let dir = app.viewer.path.get().map_or(String::new(), |path| dir_of(&path).to_string());
    if dir.ends_with("__cluster_metadata-0") {
        return Err(NoSubject::Metadata);
    }
    let running = match app.viewer.source.get() {
        Source::Node(node) => {
            app.view.track();
            of_replica(app, node, &dir)
        }
        Source::Opened => None,
    };
    let mut bench = match running {
        Some(bench) => bench,
        None => with_disk(app, |disk| {
            let is_log = |path: &Arc<str>| segment_name(path).is_some_and(|(_, s)| s == ".log");
            if !disk.list(&dir).iter().any(is_log) {
                return Err(NoSubject::NoLog);
            }
            Bench::of_files(disk, &dir).map_err(|error| NoSubject::Unreadable(error.to_string()))
        })
        .unwrap_or(Err(NoSubject::NoLog))?,
    };
    if options.close_active.get() {
        bench.close_active_segment();
    }
    if options.after_horizon.get() {
        bench.pass_delete_horizons();
    }
    Ok(bench)
}

/// A log that a running broker has open: with its settings, its high watermark, its checkpoint.
fn of_replica(app: App, node: NodeId, dir: &str) -> Option<Bench> {
    let (topic, partition) = dir.rsplit_once('-')?;
    let id = TopicPartition::new(topic, partition.parse().ok()?);
    app.with_timeline(|timeline| {
        let cluster = timeline.cluster();
        let host = cluster.node(node)?;
        let log = &host.broker()?.replicas.partitions.get(&id)?.log;
        let dedupe_buffer_size = cluster.spec().broker.log_cleaner_dedupe_buffer_size;
        let config = CleanerConfig { dedupe_buffer_size, ..CleanerConfig::default() };
        Some(Bench::of_log(log, &host.disk, config, cluster.now()))
    })
}

pub fn cleaner_view(app: App) -> AnyView {
    // A log from outside is at rest: its last segment may be cleaned like the others.
    let is_opened = app.viewer.source.get_untracked() == Source::Opened;
    let options =
        Options { close_active: RwSignal::new(is_opened), after_horizon: RwSignal::new(false) };
    let found: Memo<Found> =
        Memo::new(move |_| bench(app, options).map(|bench| Arc::new(subject(&bench))));
    let cleaning = RwSignal::new(None::<Cleaning>);
    let steps = move || cleaning.with(|c| c.as_ref().map_or(0, |c| c.watched.steps.len()));
    let step_ms = move || (PLAY_MS / (steps() as u32).max(1)).clamp(STEP_MS.0, STEP_MS.1);
    let walk = Walk::new(Signal::derive(steps), Signal::derive(step_ms));
    let dir = Memo::new(move |_| app.viewer.path.get().map(|path| dir_of(&path).to_string()));
    // Another log, or the same one prepared otherwise, is another cleaning.
    Effect::new(move |before: Option<()>| {
        app.viewer.source.track();
        dir.track();
        options.close_active.track();
        options.after_horizon.track();
        if before.is_some() {
            cleaning.set(None);
            walk.shown.set(0);
        }
    });
    // What is being gone through, else what is there now.
    let shown =
        Memo::new(move |_| match cleaning.with(|c| c.as_ref().map(|c| c.subject.clone())) {
            Some(subject) => Some(subject),
            None => found.get().ok(),
        });
    let drawn = Memo::new(move |_| {
        let subject = shown.get()?;
        Some(cleaning.with(|cleaning| match cleaning {
            Some(cleaning) => frame(&subject, &cleaning.watched.steps, walk.shown.get()),
            None => frame(&subject, &[], 0),
        }))
    });
    let problem = move || {
        let lang = app.lang.get();
        found.get().err().map(|why| match why {
            NoSubject::NoLog => t(lang, CleanerText::NoLog).to_string(),
            NoSubject::Metadata => t(lang, CleanerText::Metadata).to_string(),
            NoSubject::Unreadable(error) => words::failed(&error, lang),
        })
    };
    view! {
        <Show
            when=move || shown.with(Option::is_some)
            fallback=move || view! { <p class="quiet" data-testid="cleaner-none">{problem}</p> }
        >
            <p class="quiet">{move || t(app.lang.get(), CleanerText::Intro)}</p>
            {proportions(app, shown)}
            {form(app, options, found, cleaning, walk)}
            {narration(app, cleaning, walk)}
            {board::board(app, drawn)}
        </Show>
    }
    .into_any()
}

/// How much is clean, dirty, and neither.
fn proportions(app: App, shown: Memo<Option<Arc<Subject>>>) -> AnyView {
    let parts = move || {
        let lang = app.lang.get();
        shown.get().map(|subject| {
            let all = [
                ("is-clean", CleanerText::Tail, subject.to_clean.clean_bytes),
                ("is-dirty", CleanerText::Head, subject.to_clean.cleanable_bytes),
                ("is-rest", CleanerText::Untouched, subject.rest_bytes),
            ];
            let bar = all.map(|(class, _, bytes)| {
                view! { <i class=class style=format!("flex-grow:{bytes}")></i> }
            });
            let legend = all.map(|(class, key, bytes)| {
                view! { <span class=class>{t(lang, key)} " " {format::bytes(bytes)}</span> }
            });
            let notes = [
                (!subject.is_compacted).then(|| t(lang, CleanerText::NotCompacted).to_string()),
                subject.cut.as_ref().map(|cut| words::cut(cut.segment, cut.valid_bytes, lang)),
            ];
            view! {
                {notes.into_iter().flatten().map(|note| view! { <p class="bytes-damage is-torn">{note}</p> }).collect_view()}
                <div class="clean-bar" aria-hidden="true">{bar.into_iter().collect_view()}</div>
                <p class="clean-legend">{legend.into_iter().collect_view()}</p>
                <p class="clean-ratio" data-testid="cleaner-ratio">{words::ratio(&subject, lang)}</p>
            }
        })
    };
    view! {
        <div role="group" aria-label=move || t(app.lang.get(), CleanerText::Parts)>{parts}</div>
    }
    .into_any()
}

fn form(
    app: App,
    options: Options,
    found: Memo<Found>,
    cleaning: RwSignal<Option<Cleaning>>,
    walk: Walk,
) -> AnyView {
    let is_empty =
        move || found.with(|found| found.as_ref().is_ok_and(|s| s.to_clean.cleanable_bytes == 0));
    let start = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if is_empty() {
            return;
        }
        if let Ok(bench) = untrack(|| bench(app, options)) {
            let subject = Arc::new(subject(&bench));
            cleaning.set(Some(Cleaning { subject, watched: Arc::new(bench.clean()) }));
            walk.start();
        }
    };
    let choice = move |testid: &'static str, key, of: RwSignal<bool>| {
        view! {
            <label class="clean-choice">
                <input type="checkbox" data-testid=testid prop:checked=move || of.get()
                    on:change=move |event| of.set(event_target_checked(&event)) />
                <span>{move || t(app.lang.get(), key)}</span>
            </label>
        }
    };
    view! {
        <form class="look-up-form" on:submit=start>
            {choice("cleaner-close-active", CleanerText::CloseActive, options.close_active)}
            {choice("cleaner-after-horizon", CleanerText::AfterHorizon, options.after_horizon)}
            <button type="submit" class="button is-primary" data-testid="cleaner-start"
                aria-disabled=move || is_empty().to_string()>
                {move || t(app.lang.get(), CleanerText::Clean)}
            </button>
            <Show when=move || { walk.len.get() > 0 }>
                {controls(app, walk, "cleaner")}
                <input type="range" class="clean-scrub" min="1" data-testid="cleaner-scrub"
                    aria-label=move || t(app.lang.get(), CleanerText::Steps)
                    max=move || walk.len.get().to_string()
                    prop:value=move || walk.shown.get().to_string()
                    on:input=move |event| if let Ok(step) = event_target_value(&event).parse() { walk.go(step) } />
            </Show>
            <p class="clean-nothing" role="status" data-testid="cleaner-nothing">
                {move || is_empty().then(|| t(app.lang.get(), CleanerText::NothingToClean))}
            </p>
        </form>
    }
    .into_any()
}

/// The present step in words; at the end what has come of it, and the ways to the files.
fn narration(app: App, cleaning: RwSignal<Option<Cleaning>>, walk: Walk) -> AnyView {
    let is_over = move || walk.len.get() > 0 && walk.shown.get() >= walk.len.get();
    let sentence = move || {
        let (lang, shown) = (app.lang.get(), walk.shown.get());
        cleaning.with(|cleaning| {
            let steps = &cleaning.as_ref()?.watched.steps;
            steps.get(shown.saturating_sub(1)).map(|step| words::step(step, lang))
        })
    };
    let result = move || {
        let lang = app.lang.get();
        cleaning.with(|cleaning| {
            let watched = &cleaning.as_ref().filter(|_| is_over())?.watched;
            Some(match &watched.error {
                None => words::result(&watched.stats, lang),
                Some(error) => words::failed(&error.to_string(), lang),
            })
        })
    };
    let name = |cleaning: &Cleaning| cleaning.subject.to_clean.partition.to_string();
    let look = move |_| {
        let cleaning = cleaning.get_untracked();
        if let Some(cleaning) = cleaning {
            let own = format!("{}/", name(&cleaning));
            let files = cleaning.watched.disk.paths().filter(|path| path.starts_with(&own));
            let files = files
                .filter_map(|path| Some((path.to_string(), cleaning.watched.disk.read_all(path)?)));
            let disk = kafkascope_engine::sim::disk::Disk::from_files(files);
            let name = format!("{} (cleaned)", name(&cleaning)).into();
            app.viewer.show_opened(Opened { name, disk: Arc::new(disk) });
        }
    };
    let take = move |_| {
        if let Some(cleaning) = cleaning.get_untracked() {
            let own = format!("{}/", name(&cleaning));
            let zip = format!("{}-cleaned.zip", name(&cleaning));
            download_zip(app, &zip, &cleaning.watched.disk, |path| path.starts_with(&own));
        }
    };
    view! {
        <div class="look-up-words" class:is-idle=move || walk.len.get() == 0>
            <p role="status" data-testid="cleaner-words">{sentence}</p>
            <Show when=is_over>
                <p class="clean-result" data-testid="cleaner-result">{result}</p>
                <button type="button" class="button" data-testid="cleaner-look" on:click=look>
                    {move || t(app.lang.get(), CleanerText::Look)}
                </button>
                <button type="button" class="button" data-testid="cleaner-download" on:click=take>
                    {move || t(app.lang.get(), CleanerText::Download)}
                </button>
            </Show>
        </div>
    }
    .into_any()
}
