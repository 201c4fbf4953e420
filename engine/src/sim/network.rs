//! The network: links between addresses, delays, faults, and the envelopes on their way.
//!
//! Every pair of processes has one connection, so messages in one direction arrive in the order in
//! which they were sent, as over TCP. Whatever is drawn for a message is drawn from (seed, envelope
//! id) alone. Whether a message arrives is decided when it should arrive. What a message does is not
//! known here.

use super::link_fault::LinkFault;
use super::random::mix;
use super::time::SimTime;
use crate::event::Direction;
use crate::ids::{Address, EnvelopeId, EventId};
use crate::protocol::{Api, Request, Response};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    pub id: EnvelopeId,
    pub sent_at: SimTime,
    pub deliver_at: SimTime,
    /// The `EnvelopeSent` event, or the `EnvelopeDuplicated` of a copy.
    pub sent_event: EventId,
    pub correlation_id: u32,
    pub body: Body,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    Request(Request),
    Response(Response),
    /// The host answers for a process that is gone: connection refused or reset.
    Reset(Api),
}

impl Envelope {
    pub fn api(&self) -> Api {
        self.body.api()
    }
}

impl Body {
    pub fn api(&self) -> Api {
        match self {
            Body::Request(request) => request.api(),
            Body::Response(response) => response.api(),
            Body::Reset(api) => *api,
        }
    }

    pub fn direction(&self) -> Direction {
        match self {
            Body::Request(_) => Direction::Request,
            Body::Response(_) | Body::Reset(_) => Direction::Response,
        }
    }
}

/// What is drawn for a message besides its delay; each has draws of its own.
#[derive(Clone, Copy)]
enum Draw {
    Damage = 1,
    Delay,
    Loss,
    Duplicate,
    CopyDelay,
    Reorder,
    HoldBack,
}

/// A message that goes another way than the connection's may be late by this many of the longest
/// delays.
const DETOUR: u64 = 4;
/// Where a batch's attributes are, from which on its CRC covers it.
const ATTRIBUTES: usize = crate::record::batch_header::at::ATTRIBUTES;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    seed: u64,
    delay_us: (u64, u64),
    damage_per_mille: u32,
    links: BTreeMap<(Address, Address), Link>,
    /// Cut off from whoever there is, and from whoever comes.
    isolated: BTreeSet<Address>,
}

/// One direction of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
struct Link {
    sent: u32,
    last_delivery: SimTime,
    cut: bool,
    /// By API, before those of every API.
    faults: BTreeMap<Option<Api>, LinkFault>,
}

impl Link {
    fn fault(&self, api: Api) -> LinkFault {
        let fault = self.faults.get(&Some(api)).or_else(|| self.faults.get(&None));
        fault.copied().unwrap_or_default()
    }
}

/// The way that a message was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passage {
    pub id: EnvelopeId,
    pub deliver_at: SimTime,
    /// When a copy of it arrives, if the link makes one.
    pub copy_at: Option<SimTime>,
}

impl Network {
    pub fn new(seed: u64, delay_us: (u64, u64), damage_per_mille: u32) -> Self {
        let (links, isolated) = (BTreeMap::new(), BTreeSet::new());
        Network { seed, delay_us, damage_per_mille, links, isolated }
    }

    /// Takes the next place on the link.
    pub fn schedule(&mut self, from: Address, to: Address, api: Api, now: SimTime) -> Passage {
        let (seed, (least, most)) = (self.seed, self.delay_us);
        let link = self.link(from, to);
        let id = EnvelopeId { from, to, n: link.sent, copy: 0 };
        link.sent += 1;
        let base = mix(&[seed, from.as_u64(), to.as_u64(), u64::from(id.n)]);
        let mut deliver_at = now + least + base % (most - least + 1);
        let fault = link.fault(api);
        if fault == LinkFault::default() {
            deliver_at = deliver_at.max(link.last_delivery + 1);
            link.last_delivery = deliver_at;
            return Passage { id, deliver_at, copy_at: None };
        }
        let draw = |what| draw(seed, what, id);
        let (least_ms, most_ms) = fault.delay_ms;
        let delay_us = (least_ms * 1000, most_ms * 1000);
        deliver_at = deliver_at + delay_us.0 + draw(Draw::Delay) % (delay_us.1 - delay_us.0 + 1);
        if happens(draw(Draw::Reorder), fault.reorder_per_mille) {
            deliver_at = deliver_at + 1 + draw(Draw::HoldBack) % (DETOUR * most + 1);
        } else {
            deliver_at = deliver_at.max(link.last_delivery + 1);
            link.last_delivery = deliver_at;
        }
        let copied = happens(draw(Draw::Duplicate), fault.duplicate_per_mille);
        let copy_at = copied.then(|| self.copy_arrives(id, deliver_at));
        Passage { id, deliver_at, copy_at }
    }

    /// When a copy of a message arrives. It comes over a connection of its own, so nobody waits for
    /// it.
    pub fn copy_arrives(&self, id: EnvelopeId, deliver_at: SimTime) -> SimTime {
        let late = draw(self.seed, Draw::CopyDelay, id) % (DETOUR * self.delay_us.1 + 1);
        deliver_at + 1 + late
    }

    /// Something of the link arrives no earlier than this: what is sent later comes behind it.
    pub fn hold_back(&mut self, from: Address, to: Address, until: SimTime) {
        let link = self.link(from, to);
        link.last_delivery = link.last_delivery.max(until);
    }

    /// The message as it arrives: an answer with records to a node may have one bit changed, among those
    /// that a batch's CRC covers. Of the others Kafka promises nothing.
    pub fn carry(&self, id: EnvelopeId, mut body: Body) -> Body {
        if let (Body::Response(Response::Fetch(answer)), Address::Node(_)) = (&mut body, id.to)
            && self.damage_per_mille > 0
        {
            let draw = draw(self.seed, Draw::Damage, id);
            let mut batches = answer.partitions.iter_mut().flat_map(|data| &mut data.records);
            if happens(draw, self.damage_per_mille)
                && let Some(batch) = batches.next()
            {
                let mut bytes = batch.to_vec();
                let covered = (bytes.len() - ATTRIBUTES) as u64;
                bytes[ATTRIBUTES + (draw >> 32) as usize % covered as usize] ^=
                    1 << (draw >> 16 & 7);
                *batch = bytes.into();
            }
        }
        body
    }

    pub fn is_cut(&self, from: Address, to: Address) -> bool {
        self.links.get(&(from, to)).is_some_and(|link| link.cut)
    }

    /// Whether the link, as it is now, loses this message.
    pub fn loses(&self, id: EnvelopeId, api: Api) -> bool {
        let Some(link) = self.links.get(&(id.from, id.to)).filter(|l| !l.faults.is_empty()) else {
            return false;
        };
        happens(draw(self.seed, Draw::Loss, id), link.fault(api).loss_per_mille)
    }

    pub fn cut(&mut self, from: Address, to: Address) {
        self.link(from, to).cut = true;
    }

    /// Cuts `end` off from all of `others`, and from whoever has yet to come.
    pub fn isolate(&mut self, end: Address, others: impl Iterator<Item = Address>) {
        self.isolated.insert(end);
        for other in others {
            self.cut(end, other);
            self.cut(other, end);
        }
    }

    /// Takes the place of what was said of the same messages before.
    pub fn set_fault(&mut self, from: Address, to: Address, api: Option<Api>, fault: LinkFault) {
        self.link(from, to).faults.insert(api, fault);
    }

    /// Heals a link in both directions.
    pub fn heal(&mut self, a: Address, b: Address) {
        for (from, to) in [(a, b), (b, a)] {
            self.link(from, to).heal();
        }
    }

    /// Heals every link of `end`.
    pub fn heal_end(&mut self, end: Address) {
        self.isolated.remove(&end);
        self.links_of(end).for_each(Link::heal);
    }

    pub fn heal_all(&mut self) {
        self.isolated.clear();
        self.links.values_mut().for_each(Link::heal);
    }

    /// Directions that are cut, in order.
    pub fn cuts(&self) -> impl Iterator<Item = (Address, Address)> + '_ {
        self.links.iter().filter(|(_, link)| link.cut).map(|(&ends, _)| ends)
    }

    /// What else is wrong with each direction, in order.
    pub fn faults(
        &self,
    ) -> impl Iterator<Item = ((Address, Address), Option<Api>, LinkFault)> + '_ {
        let all = self.links.iter();
        all.flat_map(|(&ends, link)| link.faults.iter().map(move |(&api, &f)| (ends, api, f)))
    }

    fn link(&mut self, from: Address, to: Address) -> &mut Link {
        let cut = !self.isolated.is_empty()
            && (self.isolated.contains(&from) || self.isolated.contains(&to));
        self.links.entry((from, to)).or_insert_with(|| Link { cut, ..Link::default() })
    }

    fn links_of(&mut self, end: Address) -> impl Iterator<Item = &mut Link> + '_ {
        let all = self.links.iter_mut();
        all.filter(move |((from, to), _)| *from == end || *to == end).map(|(_, link)| link)
    }
}

impl Link {
    fn heal(&mut self) {
        self.cut = false;
        self.faults.clear();
    }
}

fn draw(seed: u64, what: Draw, id: EnvelopeId) -> u64 {
    let [from, to, number] = id.words();
    mix(&[seed, what as u64, from, to, number])
}

fn happens(draw: u64, per_mille: u32) -> bool {
    draw % 1000 < u64::from(per_mille)
}
