//! The ISR drawn as a ring, which members visibly leave and enter. Where they are follows from the
//! shown moment; why is told beside it.

use crate::app::App;
use crate::i18n::stage::{InspectorText, StageText};
use crate::i18n::{Lang, say, t};
use crate::motion::Motion;
use crate::view_model::Cut;
use crate::view_model::inspect::ring::{Member, Place, Ring, ring};
use kafkascope_engine::ids::{NodeId, TopicPartition};
use leptos::prelude::*;
use leptos::svg;
use wasm_bindgen::JsCast;
use web_sys::SvgElement;

const WIDTH: f64 = 264.0;
const HEIGHT: f64 = 152.0;
const RADIUS: f64 = 44.0;
const CENTER: (f64, f64) = (WIDTH / 2.0, 72.0);

pub fn isr_ring(app: App, id: TopicPartition) -> AnyView {
    let shown = Memo::new(move |_| {
        let (min, now, position) = app.view.with(|view| {
            let partition = view.partition(&id)?;
            Some((partition.min_insync_replicas, view.now, view.position))
        })?;
        let change = app.with_history(|history| history.isr_change(position, now, &id));
        app.with_timeline(|timeline| ring(timeline.cluster(), &id, min, change))
    });
    let body = move || shown.get().map(|ring| picture(app, &ring));
    let notes = move || {
        let lang = app.lang.get();
        let notes = shown.with(|ring| ring.as_ref().map(|ring| eligible_words(ring, lang)));
        notes
            .unwrap_or_default()
            .into_iter()
            .map(|note| view! { <p class="quiet">{note}</p> })
            .collect_view()
    };
    view! {
        <div class="isr-ring" data-testid="isr-ring">{body}</div>
        <div class="ring-notes" data-testid="ring-notes">{notes}</div>
    }
    .into_any()
}

/// Who may lead from outside of the ISR, and why (KIP-966).
fn eligible_words(ring: &Ring, lang: Lang) -> Vec<String> {
    let names = |which: fn(&Member) -> bool| {
        let those = ring.members.iter().filter(|member| which(member));
        those.map(|member| member.node.to_string()).collect::<Vec<_>>().join(", ")
    };
    let mut notes = Vec::new();
    let eligible = names(|member| member.is_eligible);
    if !eligible.is_empty() {
        notes.push(say!(
            lang,
            "ELR(eligible leader replicas): {eligible}. ISR 밖이지만 커밋된 것을 모두 가지고 있습니다. ISR이 min.insync.replicas보다 작은 동안에는 HW가 움직이지 않기 때문입니다. ISR이 비면 이 가운데 하나가 아무것도 잃지 않고 리더가 됩니다.",
            "ELR (eligible leader replicas): {eligible}. Out of the ISR, and yet known to hold all that is committed: while the ISR is below min.insync.replicas, the high watermark stands still. Once the ISR is empty, one of them leads and nothing is lost."
        ));
    }
    let last = names(|member| member.led_last);
    if !last.is_empty() {
        notes.push(say!(
            lang,
            "LastKnownElr: {last}. 마지막 리더였습니다. ISR과 ELR이 모두 비면 돌아오는 대로 리더가 됩니다. 전원과 함께 잃은 것이 있다면 그대로 유실됩니다.",
            "LastKnownElr: {last}. It led last. When ISR and ELR are both empty it leads as soon as it is back; what it lost with its power stays lost."
        ));
    }
    notes
}

/// Followers start at the left and go around.
fn angle(index: usize, count: usize) -> f64 {
    use std::f64::consts::{PI, TAU};
    PI + TAU * index as f64 / count.max(1) as f64
}

fn at(angle: f64, distance: f64) -> (f64, f64) {
    // Wider than high: names stand beside what is left and right.
    (
        CENTER.0 + angle.cos() * RADIUS * distance * 1.12,
        CENTER.1 + angle.sin() * RADIUS * distance * 0.86,
    )
}

fn state(ring: &Ring) -> &'static str {
    if ring.leader.is_none() || ring.isr < ring.min_insync_replicas {
        "is-bad"
    } else if ring.isr < ring.replicas {
        "is-attention"
    } else {
        "is-good"
    }
}

fn picture(app: App, ring: &Ring) -> AnyView {
    let lang = app.lang.get();
    let count = ring.members.len();
    let members = ring.members.iter().enumerate();
    let spokes = members.clone().map(|(index, member)| {
        let (x, y) = at(angle(index, count), member.place.distance());
        let class = match member.place {
            Place::In => "ring-spoke is-in",
            _ => "ring-spoke",
        };
        view! { <line class=class x1=CENTER.0 y1=CENTER.1 x2=x y2=y /> }
    });
    let nodes = members.map(|(index, m)| member(app, m.clone(), angle(index, count)));
    let (isr, replicas, min) = (ring.isr, ring.replicas, ring.min_insync_replicas);
    let who: Vec<String> = ring.members.iter().map(|m| told(m, lang)).collect();
    let leader = ring.leader.map_or("-".to_string(), |leader| leader.to_string());
    let who = who.join(", ");
    let label = say!(
        lang,
        "ISR {isr}/{replicas}, min.insync.replicas {min}. 리더 {leader}, {who}",
        "ISR {isr} of {replicas}, min.insync.replicas {min}. Leader {leader}, {who}"
    );
    view! {
        <svg class=format!("ring {}", state(ring)) role="img" aria-label=label
            viewBox=format!("0 0 {WIDTH} {HEIGHT}") width=WIDTH height=HEIGHT>
            <ellipse class="ring-line" cx=CENTER.0 cy=CENTER.1 rx=RADIUS * 1.12 ry=RADIUS * 0.86 />
            {spokes.collect_view()}
            <circle class="ring-leader" class:is-none=ring.leader.is_none() cx=CENTER.0 cy=CENTER.1 r="15" />
            <text class="ring-leader-id" x=CENTER.0 y=CENTER.1 + 4.5 text-anchor="middle">
                {ring.leader.map_or("–".to_string(), |leader| leader.0.to_string())}
            </text>
            {nodes.collect_view()}
            {gauge(ring, t(lang, InspectorText::MinIsr))}
        </svg>
    }
    .into_any()
}

fn told(member: &Member, lang: Lang) -> String {
    let node = member.node;
    let place = match member.place {
        Place::In => say!(lang, "{node} 안", "{node} in"),
        Place::Joining => say!(lang, "{node} 들어오는 중", "{node} joining"),
        Place::Leaving => say!(lang, "{node} 나가는 중", "{node} leaving"),
        Place::Out => say!(lang, "{node} 밖", "{node} out"),
    };
    match standing(member, lang) {
        Some(standing) => format!("{place}, {standing}"),
        None => place,
    }
}

/// What it is out of the ISR.
fn standing(member: &Member, lang: Lang) -> Option<&'static str> {
    match (member.is_eligible, member.led_last) {
        (true, _) => Some("ELR"),
        (_, true) => Some(t(lang, StageText::LedLast)),
        _ => None,
    }
}

fn member(app: App, member: Member, angle: f64) -> AnyView {
    let motion = expect_context::<Motion>();
    let element = NodeRef::<svg::G>::new();
    let (place, moved) = (member.place, member.moved);
    motion.follow(move || {
        let element: SvgElement = element.get()?.unchecked_into();
        let formula = move |element: &SvgElement, now_us: f64| {
            let distance = match moved {
                Some((since, from)) => {
                    let part = (now_us - since.0 as f64) / Cut::LEAVING_US as f64;
                    let part = part.clamp(0.0, 1.0);
                    let eased = part * part * (3.0 - 2.0 * part);
                    from.distance() + (place.distance() - from.distance()) * eased
                }
                None => place.distance(),
            };
            let (x, y) = at(angle, distance);
            let transform = format!("translate({x:.2}px,{y:.2}px)");
            let _ = element.style().set_property("transform", &transform);
        };
        Some((element, formula))
    });
    let class = match place {
        _ if member.is_eligible => "ring-member is-eligible",
        Place::In => "ring-member is-in",
        Place::Joining => "ring-member is-joining",
        Place::Leaving => "ring-member is-leaving",
        Place::Out => "ring-member is-out",
    };
    let leo = match member.log_end_offset {
        None => String::new(),
        Some(-1) => "LEO ?".to_string(),
        Some(leo) => format!("LEO {leo}"),
    };
    let now = app.view.with(|view| view.now);
    let lag_us = member.behind_since.map(|since| now.since(since));
    // Less is not to be read.
    let lag = lag_us.filter(|us| *us >= 50_000).map(|us| format!("−{}", short(us)));
    let standing = standing(&member, app.lang.get());
    let below = standing.map(str::to_string).or(lag);
    // Words stand away from the ring.
    let (dx, anchor) = match angle.cos() {
        c if c < -0.3 => (-15.0, "end"),
        c if c > 0.3 => (15.0, "start"),
        _ => (15.0, "start"),
    };
    let NodeId(id) = member.node;
    view! {
        <g node_ref=element class=class data-testid=format!("ring-broker-{id}") data-place=format!("{place:?}").to_lowercase()>
            <circle r="12" />
            {member.is_eligible.then(|| view! { <circle class="ring-inner" r="9" /> })}
            <text class="ring-id" y="4" text-anchor="middle">{id}</text>
            <text class="ring-words" x=dx y=if below.is_some() { -1.0 } else { 4.0 } text-anchor=anchor>{leo}</text>
            {below.map(|below| view! {
                <text class="ring-words" class:is-lag=standing.is_none() class:is-standing=standing.is_some()
                    x=dx y="11" text-anchor=anchor>{below}</text>
            })}
        </g>
    }
    .into_any()
}

/// A length of time in µs, short enough to stand beside a node.
fn short(us: u64) -> String {
    match us / 1_000 {
        ms @ ..100_000 => format!("{}.{} s", ms / 1_000, ms / 100 % 10),
        ms @ 100_000..6_000_000 => format!("{} m", ms / 60_000),
        ms => format!("{} h", ms / 3_600_000),
    }
}

/// One place for each replica; those in sync are filled, and a line stands where acks=all is refused
/// when fewer are.
fn gauge(ring: &Ring, min_name: &'static str) -> AnyView {
    let (pitch, y) = (14.0, HEIGHT - 10.0);
    let text =
        format!("ISR {}/{} · {min_name} {}", ring.isr, ring.replicas, ring.min_insync_replicas);
    let width = ring.replicas as f64 * pitch;
    let left = 6.0;
    let dots = (0..ring.replicas).map(|index| {
        let x = left + (index as f64 + 0.5) * pitch;
        view! { <circle class="gauge-dot" class:is-in={index < ring.isr} cx=x cy=y r="4" /> }
    });
    let threshold = left + ring.min_insync_replicas as f64 * pitch;
    view! {
        <g class="gauge">
            {dots.collect_view()}
            <path class="gauge-min" d=format!("M{threshold:.1} {:.1}V{:.1}", y - 8.0, y + 8.0) />
            <text class="gauge-words" x=left + width + 8.0 y=y + 4.0>{text}</text>
        </g>
    }
    .into_any()
}
