//! Where the replicas of a new topic go (`StripedReplicaPlacer`): leaders spread over brokers,
//! replicas of one partition spread over racks.

use crate::ids::NodeId;
use crate::sim::random::SimRng;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The draws that placement needs, as `java.util.Random` names them.
pub trait Draw {
    /// Uniform in `0..bound`.
    fn next_int(&mut self, bound: usize) -> usize;

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (2..=list.len()).rev() {
            let j = self.next_int(i);
            list.swap(i - 1, j);
        }
    }
}

impl Draw for SimRng {
    fn next_int(&mut self, bound: usize) -> usize {
        self.below(bound as u64) as usize
    }
}

#[derive(Clone, Debug)]
pub struct UsableBroker {
    pub id: NodeId,
    pub rack: Option<Arc<str>>,
    pub fenced: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotEnoughBrokers;

/// Places `partitions` × `replication_factor` replicas; each list starts with the preferred leader.
pub fn place(
    brokers: &[UsableBroker],
    partitions: usize,
    replication_factor: usize,
    random: &mut impl Draw,
) -> Result<Vec<Vec<NodeId>>, NotEnoughBrokers> {
    let unfenced = brokers.iter().filter(|broker| !broker.fenced).count();
    if replication_factor == 0 || replication_factor > brokers.len() || unfenced == 0 {
        return Err(NotEnoughBrokers);
    }
    let mut racks = RackList::new(brokers, unfenced, random);
    Ok((0..partitions).map(|_| racks.place(replication_factor, random)).collect())
}

/// A ring of brokers that starts one further for every partition.
#[derive(Default)]
struct BrokerList {
    brokers: Vec<NodeId>,
    round: usize,
    index: usize,
    offset: usize,
}

impl BrokerList {
    fn initialize(&mut self, random: &mut impl Draw) {
        if !self.brokers.is_empty() {
            self.brokers.sort();
            self.offset = random.next_int(self.brokers.len());
        }
    }

    fn next(&mut self, round: usize) -> Option<NodeId> {
        if self.brokers.is_empty() {
            return None;
        }
        if self.round != round {
            self.round = round;
            self.index = 0;
            self.offset = (self.offset + 1) % self.brokers.len();
        }
        if self.index >= self.brokers.len() {
            return None;
        }
        self.index += 1;
        Some(self.brokers[(self.index - 1 + self.offset) % self.brokers.len()])
    }
}

#[derive(Default)]
struct Rack {
    fenced: BrokerList,
    unfenced: BrokerList,
}

struct RackList {
    racks: BTreeMap<Option<Arc<str>>, Rack>,
    names: Vec<Option<Arc<str>>>,
    unfenced: usize,
    round: usize,
    offset: usize,
}

impl RackList {
    fn new(brokers: &[UsableBroker], unfenced: usize, random: &mut impl Draw) -> Self {
        let mut racks: BTreeMap<Option<Arc<str>>, Rack> = BTreeMap::new();
        for broker in brokers {
            let rack = racks.entry(broker.rack.clone()).or_default();
            let list = if broker.fenced { &mut rack.fenced } else { &mut rack.unfenced };
            list.brokers.push(broker.id);
        }
        for rack in racks.values_mut() {
            rack.fenced.initialize(random);
            rack.unfenced.initialize(random);
        }
        let names: Vec<_> = racks.keys().cloned().collect();
        let offset = random.next_int(names.len());
        RackList { racks, names, unfenced, round: 0, offset }
    }

    fn rack(&mut self, index: usize) -> &mut Rack {
        self.racks.get_mut(&self.names[index]).expect("every name has its rack")
    }

    fn place(&mut self, replication_factor: usize, random: &mut impl Draw) -> Vec<NodeId> {
        // As many partitions as leaders: shuffle, so that the same rows do not repeat.
        if self.round == self.unfenced && self.unfenced > 1 {
            random.shuffle(&mut self.names);
            for rack in self.racks.values_mut() {
                random.shuffle(&mut rack.fenced.brokers);
                random.shuffle(&mut rack.unfenced.brokers);
            }
            self.round = 0;
        }
        if self.offset == self.names.len() {
            self.offset = 0;
        }
        let round = self.round;
        let mut replicas = Vec::with_capacity(replication_factor);
        let mut first_rack = self.offset;
        loop {
            if let Some(leader) = self.rack(first_rack).unfenced.next(round) {
                replicas.push(leader);
                break;
            }
            first_rack = (first_rack + 1) % self.names.len();
        }
        let mut skip = Some(first_rack);
        let mut rack_index = self.offset;
        while replicas.len() < replication_factor {
            if skip == Some(rack_index) {
                skip = None;
            } else {
                let rack = self.rack(rack_index);
                replicas.extend(rack.unfenced.next(round).or_else(|| rack.fenced.next(round)));
            }
            rack_index = (rack_index + 1) % self.names.len();
        }
        self.round += 1;
        self.offset += 1;
        replicas
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `MockRandom` of Kafka's tests.
    struct MockRandom(i64);

    impl MockRandom {
        fn next(&mut self, bits: u32) -> i32 {
            self.0 = self.0.wrapping_mul(2862933555777941757).wrapping_add(3037000493);
            ((self.0 as u64) >> (64 - bits)) as i32
        }
    }

    impl Draw for MockRandom {
        fn next_int(&mut self, bound: usize) -> usize {
            let bound = bound as i32;
            let mut r = self.next(31);
            let m = bound - 1;
            if bound & m == 0 {
                return ((i64::from(bound) * i64::from(r)) >> 31) as usize;
            }
            let mut u = r;
            loop {
                r = u % bound;
                if u.wrapping_sub(r).wrapping_add(m) >= 0 {
                    return r as usize;
                }
                u = self.next(31);
            }
        }
    }

    fn check(unfenced: &[i32], fenced: &[i32], replicas: usize, expected: &[&[i32]]) {
        let broker = |fenced| move |&id: &i32| UsableBroker { id: NodeId(id), rack: None, fenced };
        let brokers: Vec<_> =
            unfenced.iter().map(broker(false)).chain(fenced.iter().map(broker(true))).collect();
        let placed = place(&brokers, expected.len(), replicas, &mut MockRandom(17)).unwrap();
        let placed: Vec<Vec<i32>> =
            placed.iter().map(|row| row.iter().map(|id| id.0).collect()).collect();
        assert_eq!(placed, expected);
    }

    #[test]
    fn rows_of_striped_replica_placer_test() {
        check(
            &[0, 2, 3, 4],
            &[1],
            4,
            &[&[3, 4, 0, 2], &[4, 0, 2, 3], &[0, 2, 3, 4], &[2, 3, 4, 0], &[0, 4, 3, 2]],
        );
        check(&[2, 3], &[1], 3, &[&[3, 2, 1], &[2, 3, 1], &[3, 2, 1], &[2, 3, 1]]);
        check(&[0, 1, 2, 3], &[], 3, &[&[2, 3, 0], &[3, 0, 1], &[0, 1, 2], &[1, 2, 3], &[1, 0, 2]]);
        check(&[0], &[1], 1, &[&[0], &[0], &[0]]);
    }

    #[test]
    fn racks_are_striped() {
        let broker = |id: i32, rack: &str, fenced| UsableBroker {
            id: NodeId(id),
            rack: Some(rack.into()),
            fenced,
        };
        let brokers = [
            broker(10, "1", false),
            broker(11, "1", false),
            broker(20, "2", true),
            broker(21, "2", false),
            broker(30, "3", false),
            broker(31, "3", false),
        ];
        let placed = place(&brokers, 3, 4, &mut MockRandom(17)).unwrap();
        let expected = [[11, 21, 31, 10], [21, 30, 10, 20], [31, 11, 21, 30]];
        assert_eq!(placed, expected.map(|row| row.map(NodeId).to_vec()));
    }

    #[test]
    fn too_few_brokers_are_refused() {
        let broker = UsableBroker { id: NodeId(1), rack: None, fenced: true };
        let mut random = MockRandom(17);
        assert_eq!(place(std::slice::from_ref(&broker), 1, 1, &mut random), Err(NotEnoughBrokers));
        let live = UsableBroker { fenced: false, ..broker };
        assert_eq!(place(&[live], 1, 2, &mut random), Err(NotEnoughBrokers));
    }
}
