//! Faults of the network by command: links that are cut or harm what they carry, and what is done to
//! one message that is under way.

use super::Cluster;
use crate::command::links::are_apart;
use crate::command::{Command, EnvelopeAct, Refusal};
use crate::event::{DropReason, EventKind};
use crate::ids::{Address, EnvelopeId, EventId, NodeId};

/// In a smaller ring everybody is everybody's neighbour.
const RING_MIN: usize = 4;

impl Cluster {
    pub(super) fn check_link(&self, from: Address, to: Address) -> Result<(), Refusal> {
        if from == to {
            return Err(Refusal::SameEnds);
        }
        match (from, to) {
            (Address::Client(_), Address::Client(_)) => Err(Refusal::NotLinked),
            _ => self.known_address(from).and_then(|()| self.known_address(to)),
        }
    }

    pub(super) fn check_ring(&self, nodes: &[NodeId]) -> Result<(), Refusal> {
        for (index, &node) in nodes.iter().enumerate() {
            self.known_address(node.into())?;
            if nodes[..index].contains(&node) {
                return Err(Refusal::TwiceInRing { node });
            }
        }
        let least = RING_MIN;
        if nodes.len() < least { Err(Refusal::RingTooSmall { least }) } else { Ok(()) }
    }

    pub(super) fn check_envelope(&self, id: EnvelopeId, act: EnvelopeAct) -> Result<(), Refusal> {
        let (from, to) = (self.name_of(id.from), self.name_of(id.to));
        if self.envelope(id).is_none() {
            return Err(Refusal::NotUnderWay { from, to, number: id.number() });
        }
        if act == EnvelopeAct::Reorder && self.world.convoy(id).len() < 2 {
            return Err(Refusal::NothingToOvertake { from, to });
        }
        Ok(())
    }

    /// Carries out a command about links or messages, which has been checked.
    pub(super) fn harm_network(&mut self, command: &Command, event: EventId) {
        let ends: Vec<Address> = self.addresses().collect();
        let network = &mut self.world.network;
        match command {
            Command::Cut { from, to, one_way } => {
                network.cut(*from, *to);
                if !one_way {
                    network.cut(*to, *from);
                }
            }
            Command::Link { from, to, one_way, api, fault } => {
                network.set_fault(*from, *to, *api, *fault);
                if !one_way {
                    network.set_fault(*to, *from, *api, *fault);
                }
            }
            Command::Isolate { node } => {
                let node = Address::Node(*node);
                network.isolate(node, ends.into_iter().filter(|end| *end != node));
            }
            Command::RingCut { nodes } => {
                let count = nodes.len();
                let pairs = (0..count).flat_map(|a| (0..count).map(move |b| (a, b)));
                for (a, b) in pairs.filter(|&(a, b)| are_apart(count, a, b)) {
                    network.cut(nodes[a].into(), nodes[b].into());
                }
            }
            Command::Heal { from, to } => network.heal(*from, *to),
            Command::HealEnd { end } => network.heal_end(*end),
            Command::HealAll => network.heal_all(),
            Command::Envelope { envelope, act } => self.meddle(*envelope, *act, event),
            _ => {}
        }
    }

    /// Does something to one message.
    fn meddle(&mut self, id: EnvelopeId, act: EnvelopeAct, event: EventId) {
        let world = &mut self.world;
        let convoy = world.convoy(id);
        let Some(place) = convoy.iter().position(|(other, _)| *other == id) else {
            return;
        };
        let deliver_at = convoy[place].1;
        match act {
            EnvelopeAct::Drop => {
                if let Some(envelope) = world.take_envelope(id) {
                    let (api, direction) = (envelope.api(), envelope.body.direction());
                    let reason = DropReason::TakenOff;
                    let kind = EventKind::EnvelopeDropped { envelope: id, api, direction, reason };
                    world.emit(id.to, Some(event), kind);
                }
            }
            EnvelopeAct::Delay { ms } => {
                let mut at = deliver_at.plus_millis(ms);
                world.move_envelope(id, at, event);
                for &(behind, was_at) in &convoy[place + 1..] {
                    if was_at > at {
                        break;
                    }
                    at = at + 1;
                    world.move_envelope(behind, at, event);
                }
                world.network.hold_back(id.from, id.to, at);
            }
            EnvelopeAct::Duplicate => {
                if let Some(envelope) = self.envelope(id).cloned() {
                    let at = self.world.network.copy_arrives(id, deliver_at);
                    self.world.send_copy(&envelope, at, event);
                }
            }
            EnvelopeAct::Reorder => {
                let other = if place + 1 < convoy.len() { place + 1 } else { place - 1 };
                let (other, other_at) = convoy[other];
                world.move_envelope(id, other_at, event);
                world.move_envelope(other, deliver_at, event);
            }
        }
    }

    fn addresses(&self) -> impl Iterator<Item = Address> + '_ {
        let clients = self.clients().map(|client| Address::Client(client.id));
        self.nodes().map(|node| Address::Node(node.id)).chain(clients)
    }
}
