//! The story of a consumer group, in a dialog of its own: who owned what when and why nothing was read
//! between, what members and coordinator said to each other, and how far behind the group is. All of it up
//! to the shown moment, and going back and forth with it.

mod protocol;
mod timeline;

use super::dialog::Modal;
use super::throttle::Throttle;
use crate::app::App;
use crate::i18n::groups::GroupText;
use crate::i18n::t;
use crate::panel::inspector::group_table;
use crate::view_model::groups::card::{color_of, numbers};
use crate::view_model::groups::story::Story;
use kafkascope_engine::ids::ClientId;
use kafkascope_engine::sim::time::SimTime;
use leptos::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// It is drawn anew so often at most.
const PAUSE_MS: u32 = 250;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Story,
    Protocol,
    Offsets,
}

impl Section {
    const ALL: [(Section, &'static str, GroupText); 3] = [
        (Section::Story, "story", GroupText::TabStory),
        (Section::Protocol, "protocol", GroupText::TabProtocol),
        (Section::Offsets, "offsets", GroupText::TabOffsets),
    ];
}

#[derive(Clone, Copy)]
pub struct GroupStory {
    open: RwSignal<bool>,
    group: RwSignal<Option<Arc<str>>>,
    section: RwSignal<Section>,
    /// The rebalance whose protocol is shown; `None`: the last.
    chosen: RwSignal<Option<usize>>,
}

impl GroupStory {
    pub fn new() -> Self {
        GroupStory {
            open: RwSignal::new(false),
            group: RwSignal::new(None),
            section: RwSignal::new(Section::Story),
            chosen: RwSignal::new(None),
        }
    }

    pub fn open_on(self, group: Arc<str>, section: Section) {
        self.group.set(Some(group));
        self.section.set(section);
        self.chosen.set(None);
        self.open.set(true);
    }
}

/// What members are called, and by which number and colour they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cast {
    of: BTreeMap<ClientId, (String, usize)>,
}

impl Cast {
    pub fn name(&self, client: ClientId) -> String {
        self.of
            .get(&client)
            .map_or_else(|| format!("client-{}", client.0), |(name, _)| name.clone())
    }

    pub fn number(&self, client: ClientId) -> usize {
        self.of.get(&client).map_or(1, |(_, number)| *number)
    }

    pub fn class(&self, client: ClientId) -> String {
        format!("member-{}", color_of(self.number(client)))
    }
}

fn cast(app: App) -> Cast {
    app.with_timeline(|timeline| {
        let cluster = timeline.cluster();
        let numbers = numbers(cluster);
        let of = cluster.clients().filter_map(|client| {
            Some((client.id, (client.name.to_string(), *numbers.get(&client.id)?)))
        });
        Cast { of: of.collect() }
    })
}

/// Looks into the story at the shown moment, again and again but not too often.
fn told<T: Clone + PartialEq + Send + Sync + 'static>(
    app: App,
    first: T,
    track: impl Fn() + 'static,
    look: impl Fn(&Story, SimTime) -> T + 'static,
) -> RwSignal<T> {
    let found = RwSignal::new(first.clone());
    let group = app.group_story.group;
    let again = Throttle::new(PAUSE_MS, move || {
        let now = app.view.with_untracked(|view| view.now);
        let Some(group) = group.try_get_untracked().flatten() else {
            return;
        };
        let fresh = app.with_history(|history| {
            history.groups().story(&group).map_or_else(|| first.clone(), |story| look(story, now))
        });
        if found.try_get_untracked().is_some_and(|known| known != fresh) {
            found.set(fresh);
        }
    });
    Effect::new(move |_| {
        app.view.track();
        group.track();
        track();
        again.ask();
    });
    found
}

#[component]
pub fn GroupStoryDialog() -> impl IntoView {
    let app = expect_context::<App>();
    view! {
        <Modal open=app.group_story.open title=GroupText::Title testid="group-story" class="is-story">
            {body(app)}
        </Modal>
    }
    .into_any()
}

fn body(app: App) -> AnyView {
    let GroupStory { group, section, .. } = app.group_story;
    let names = Memo::new(move |_| {
        app.view.with(|view| view.groups.iter().map(|group| group.id.clone()).collect::<Vec<_>>())
    });
    let option = move |id: Arc<str>| {
        let (own, shown) = (id.clone(), id.to_string());
        let selected = move || group.with(|group| group.as_ref() == Some(&own));
        view! { <option prop:selected=selected>{shown}</option> }
    };
    let choose = move |event| {
        group.set(Some(event_target_value(&event).into()));
        app.group_story.chosen.set(None);
    };
    let tab = move |(one, name, text): (Section, &'static str, GroupText)| {
        view! {
            <label class="command-kind" class:is-chosen=move || section.get() == one>
                <input type="radio" name="group-section" data-testid=format!("section-{name}")
                    prop:checked=move || section.get() == one on:change=move |_| section.set(one) />
                {move || t(app.lang.get(), text)}
            </label>
        }
    };
    let shown = move || match (section.get(), group.get()) {
        (_, None) => ().into_any(),
        (Section::Story, _) => timeline::timeline(app),
        (Section::Protocol, _) => protocol::protocol(app),
        (Section::Offsets, Some(group)) => group_table(app, group),
    };
    view! {
        <div class="story-bar">
            <label class="command-field is-group">
                <span>{move || t(app.lang.get(), GroupText::GroupName)}</span>
                <select data-testid="story-group" on:change=choose>{move || names.get().into_iter().map(option).collect_view()}</select>
            </label>
            <fieldset class="command-kinds">
                <legend class="visually-hidden">{move || t(app.lang.get(), GroupText::Tabs)}</legend>
                {Section::ALL.map(tab).collect_view()}
            </fieldset>
        </div>
        {shown}
    }
    .into_any()
}
