//! The network: links between addresses, delays, cuts, and the envelopes on their way.
//!
//! Every pair of processes has one connection, so messages in one direction arrive in the order in
//! which they were sent, as over TCP. A delay is drawn from (seed, envelope id) alone. Whether a
//! message arrives is decided when it should arrive. What a message does is not known here.

use super::random::mix;
use super::time::SimTime;
use crate::ids::{Address, EnvelopeId, EventId};
use crate::protocol::{Api, Request, Response};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    pub id: EnvelopeId,
    pub sent_at: SimTime,
    pub deliver_at: SimTime,
    /// The `EnvelopeSent` event.
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
        match &self.body {
            Body::Request(request) => request.api(),
            Body::Response(response) => response.api(),
            Body::Reset(api) => *api,
        }
    }
}

/// Makes the draws for damage others than those for delays.
const DAMAGE: u64 = 1;
/// Where a batch's attributes are, from which on its CRC covers it.
const ATTRIBUTES: usize = crate::record::batch_header::at::ATTRIBUTES;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    seed: u64,
    delay_us: (u64, u64),
    damage_per_mille: u32,
    links: BTreeMap<(Address, Address), Link>,
}

/// One direction of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
struct Link {
    sent: u32,
    last_delivery: SimTime,
    cut: bool,
}

impl Network {
    pub fn new(seed: u64, delay_us: (u64, u64), damage_per_mille: u32) -> Self {
        Network { seed, delay_us, damage_per_mille, links: BTreeMap::new() }
    }

    /// Takes the next place on the link: its envelope id and its moment of arrival.
    pub fn schedule(&mut self, from: Address, to: Address, now: SimTime) -> (EnvelopeId, SimTime) {
        let link = self.links.entry((from, to)).or_default();
        let id = EnvelopeId { from, to, n: link.sent };
        link.sent += 1;
        let (least, most) = self.delay_us;
        let draw = mix(&[self.seed, from.as_u64(), to.as_u64(), u64::from(id.n)]);
        let delay = least + draw % (most - least + 1);
        let deliver_at = (now + delay).max(link.last_delivery + 1);
        link.last_delivery = deliver_at;
        (id, deliver_at)
    }

    /// The message as it arrives: an answer with records to a node may have one bit changed, among those
    /// that a batch's CRC covers. Of the others Kafka promises nothing.
    pub fn carry(&self, id: EnvelopeId, mut body: Body) -> Body {
        if let (Body::Response(Response::Fetch(answer)), Address::Node(_)) = (&mut body, id.to)
            && self.damage_per_mille > 0
        {
            let draw = mix(&[self.seed, DAMAGE, id.from.as_u64(), id.to.as_u64(), id.n.into()]);
            let mut batches = answer.partitions.iter_mut().flat_map(|data| &mut data.records);
            if draw % 1000 < u64::from(self.damage_per_mille)
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

    pub fn set_cut(&mut self, from: Address, to: Address, cut: bool) {
        self.links.entry((from, to)).or_default().cut = cut;
    }

    pub fn heal_all(&mut self) {
        self.links.values_mut().for_each(|link| link.cut = false);
    }

    /// Directions that are cut, in order.
    pub fn cuts(&self) -> impl Iterator<Item = (Address, Address)> + '_ {
        self.links.iter().filter(|(_, link)| link.cut).map(|(&ends, _)| ends)
    }
}
