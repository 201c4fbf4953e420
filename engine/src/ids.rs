//! Names of things: nodes, clients, partitions, topic ids, events, envelopes.
//!
//! Nothing here has behaviour beyond its textual form; every id prints the way a person
//! types it in a script (`broker-1`, `orders-0`) and is ordered, so that collections of
//! ids iterate the same way on every machine.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// `node.id` of a server process. Brokers count from 1, controllers from [`FIRST_CONTROLLER`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeId(pub i32);

/// The first `node.id` given to an isolated KRaft controller.
pub const FIRST_CONTROLLER: i32 = 101;

impl NodeId {
    pub fn is_controller(self) -> bool {
        self.0 >= FIRST_CONTROLLER
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = if self.is_controller() { "controller" } else { "broker" };
        write!(f, "{role}-{}", self.0)
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for NodeId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (role, number) = text.rsplit_once('-').ok_or(())?;
        let id = NodeId(number.parse().map_err(|_| ())?);
        let expected = if id.is_controller() { "controller" } else { "broker" };
        (role == expected && id.0 > 0).then_some(id).ok_or(())
    }
}

/// A snapshot of the metadata log: it stands for everything below `offset`, the last of which is of
/// `epoch`. Prints as Kafka names the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SnapshotId {
    pub epoch: i32,
    pub offset: i64,
}

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:020}-{:010}", self.offset, self.epoch)
    }
}

impl FromStr for SnapshotId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (offset, epoch) = text.split_once('-').filter(|_| text.len() == 31).ok_or(())?;
        let offset = offset.parse().map_err(|_| ())?;
        Ok(SnapshotId { epoch: epoch.parse().map_err(|_| ())?, offset })
    }
}

/// A client's place in [`crate::cluster::Cluster::clients`]; its name is kept there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ClientId(pub u32);

/// Who sends or receives an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Address {
    Node(NodeId),
    Client(ClientId),
}

impl Address {
    pub fn node(self) -> Option<NodeId> {
        match self {
            Address::Node(id) => Some(id),
            Address::Client(_) => None,
        }
    }

    /// A number that is unique among addresses, for drawing chances.
    pub(crate) fn as_u64(self) -> u64 {
        match self {
            Address::Node(id) => id.0 as u32 as u64,
            Address::Client(id) => (1 << 32) | u64::from(id.0),
        }
    }
}

impl From<NodeId> for Address {
    fn from(id: NodeId) -> Self {
        Address::Node(id)
    }
}

impl From<ClientId> for Address {
    fn from(id: ClientId) -> Self {
        Address::Client(id)
    }
}

/// A partition of a topic. Prints as Kafka names its directory: `orders-0`.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TopicPartition {
    pub topic: Arc<str>,
    pub partition: i32,
}

impl TopicPartition {
    pub fn new(topic: impl Into<Arc<str>>, partition: i32) -> Self {
        TopicPartition { topic: topic.into(), partition }
    }
}

impl Ord for TopicPartition {
    /// By topic, then by number. Mostly the name is the same one, not only an equal one.
    fn cmp(&self, other: &Self) -> Ordering {
        if !Arc::ptr_eq(&self.topic, &other.topic) {
            let by_topic = self.topic.cmp(&other.topic);
            if by_topic.is_ne() {
                return by_topic;
            }
        }
        self.partition.cmp(&other.partition)
    }
}

impl PartialOrd for TopicPartition {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

impl fmt::Debug for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for TopicPartition {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (topic, partition) = text.rsplit_once('-').ok_or(())?;
        let partition: i32 = partition.parse().map_err(|_| ())?;
        if topic.is_empty() || partition < 0 {
            return Err(());
        }
        Ok(TopicPartition::new(topic, partition))
    }
}

/// A topic or directory id. Prints as Kafka does: 22 characters of unpadded base64url.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
pub struct Uuid(pub [u8; 16]);

const BASE64URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl Uuid {
    pub const ZERO: Uuid = Uuid([0; 16]);

    /// A version 4 (random) UUID made of two drawn words, as `Uuid.randomUuid` makes them.
    pub fn from_random(high: u64, low: u64) -> Self {
        let high = (high & !0xF000) | 0x4000;
        let low = (low & !(0b11 << 62)) | (0b10 << 62);
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&high.to_be_bytes());
        bytes[8..].copy_from_slice(&low.to_be_bytes());
        Uuid(bytes)
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for group in self.0.chunks(3) {
            let mut word = [0u8; 3];
            word[..group.len()].copy_from_slice(group);
            let word = u32::from_be_bytes([0, word[0], word[1], word[2]]);
            for digit in 0..=group.len() {
                let index = (word >> (18 - 6 * digit)) & 63;
                write!(f, "{}", BASE64URL[index as usize] as char)?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Uuid {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if text.len() != 22 {
            return Err(());
        }
        let mut bits: u32 = 0;
        let mut count = 0;
        let mut bytes = [0; 16];
        let mut at = 0;
        for c in text.bytes() {
            let digit = BASE64URL.iter().position(|&b| b == c).ok_or(())? as u32;
            bits = (bits << 6) | digit;
            count += 6;
            if count >= 8 && at < 16 {
                count -= 8;
                bytes[at] = (bits >> count) as u8;
                at += 1;
            }
        }
        Ok(Uuid(bytes))
    }
}

/// What a setting is set on (`ConfigResource`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ConfigResource {
    Topic(Arc<str>),
    Broker(NodeId),
    /// Every broker that has nothing of its own set.
    BrokerDefault,
}

/// The position of an event in the run, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventId(pub u64);

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// One message on the network: the `n`-th from `from` to `to`. The number counts per direction,
/// so one changed command does not renumber (and so does not re-time) unrelated messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EnvelopeId {
    pub from: Address,
    pub to: Address,
    pub n: u32,
    /// 0 for the message itself, then one more for each copy of it.
    pub copy: u32,
}

impl EnvelopeId {
    /// The message on its link, as a person types it: `17`, and `17.1` for its first copy.
    pub fn number(self) -> String {
        match self.copy {
            0 => self.n.to_string(),
            copy => format!("{}.{copy}", self.n),
        }
    }

    /// What tells it from every other message, for drawing chances.
    pub(crate) fn words(self) -> [u64; 3] {
        let number = u64::from(self.n) | u64::from(self.copy) << 32;
        [self.from.as_u64(), self.to.as_u64(), number]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for text in ["broker-1", "broker-100", "controller-101"] {
            assert_eq!(text.parse::<NodeId>().unwrap().to_string(), text);
        }
        for text in ["broker", "broker-0", "broker-101", "controller-1", "1"] {
            assert!(text.parse::<NodeId>().is_err(), "{text}");
        }
        let partition: TopicPartition = "my-topic-12".parse().unwrap();
        assert_eq!((&*partition.topic, partition.partition), ("my-topic", 12));
    }

    #[test]
    fn uuid_reads_back() {
        let id = Uuid::from_random(0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210);
        assert_eq!(id.to_string().len(), 22);
        assert_eq!(id.to_string().parse::<Uuid>().unwrap(), id);
        // MetadataId of KRaft: Uuid.METADATA_TOPIC_ID prints like this.
        let mut one = [0; 16];
        one[15] = 1;
        assert_eq!(Uuid(one).to_string(), "AAAAAAAAAAAAAAAAAAAAAQ");
    }
}
