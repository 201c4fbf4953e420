//! How `kafka-reassign-partitions.sh --generate` spreads replicas: round the brokers, or round the
//! racks where every broker has one. Source: `AdminUtils.java` (Kafka 4).

use crate::ids::NodeId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Replicas of so many partitions, the preferred leader first. `start` is where the first leader is in
/// the list of brokers, `shift` how far its followers are from it. There are brokers enough for the
/// replication factor, which is at least 1.
pub fn assign_replicas_to_brokers(
    brokers: &[(NodeId, Option<Arc<str>>)],
    partitions: usize,
    replication_factor: usize,
    (start, shift): (usize, usize),
) -> Vec<Vec<NodeId>> {
    let racks: Option<BTreeMap<NodeId, Arc<str>>> =
        brokers.iter().map(|(id, rack)| Some((*id, rack.clone()?))).collect();
    let ring = match &racks {
        Some(racks) => rack_alternated(racks),
        None => brokers.iter().map(|(id, _)| *id).collect(),
    };
    let rack_count = racks.iter().flat_map(BTreeMap::values).collect::<BTreeSet<_>>().len();
    let count = ring.len();
    let row = |partition: usize| {
        let shift = shift + partition / count;
        let first = (partition + start) % count;
        let mut replicas = vec![ring[first]];
        // Every step is another broker, and racks are skipped only while others have no replica.
        for step in 0.. {
            if replicas.len() == replication_factor {
                break;
            }
            let shift = if rack_count > 0 { shift * rack_count } else { shift };
            let next = ring[(first + 1 + (shift + step) % (count - 1)) % count];
            let is_taken = racks.as_ref().is_some_and(|racks| {
                let used: BTreeSet<_> = replicas.iter().map(|id| &racks[id]).collect();
                used.len() < rack_count && used.contains(&racks[&next])
            });
            if !is_taken && !replicas.contains(&next) {
                replicas.push(next);
            }
        }
        replicas
    };
    (0..partitions).map(row).collect()
}

/// One broker of each rack in turn, racks by name and brokers by id.
fn rack_alternated(racks: &BTreeMap<NodeId, Arc<str>>) -> Vec<NodeId> {
    let mut turns: Vec<(usize, &Arc<str>, NodeId)> = Vec::new();
    for (id, rack) in racks {
        let turn = turns.iter().filter(|(_, other, _)| *other == rack).count();
        turns.push((turn, rack, *id));
    }
    turns.sort();
    turns.into_iter().map(|(_, _, id)| id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(
        racks: &[(i32, Option<&str>)],
        partitions: usize,
        factor: usize,
        from: (usize, usize),
    ) -> Vec<Vec<i32>> {
        let brokers: Vec<_> =
            racks.iter().map(|(id, rack)| (NodeId(*id), rack.map(Arc::from))).collect();
        let rows = assign_replicas_to_brokers(&brokers, partitions, factor, from);
        rows.iter().map(|row| row.iter().map(|id| id.0).collect()).collect()
    }

    /// The example above `AdminUtils.assignReplicasToBrokers`.
    const RACKS: [(i32, Option<&str>); 6] = [
        (0, Some("rack1")),
        (1, Some("rack3")),
        (2, Some("rack3")),
        (3, Some("rack2")),
        (4, Some("rack2")),
        (5, Some("rack1")),
    ];

    #[test]
    fn rows_of_kafkas_example() {
        let expected =
            [[0, 3, 1], [3, 1, 5], [1, 5, 4], [5, 4, 2], [4, 2, 0], [2, 0, 3], [0, 4, 2]];
        assert_eq!(rows(&RACKS, 7, 3, (0, 0)), expected);
    }

    #[test]
    fn without_racks_round_the_list() {
        let brokers = [0, 1, 2, 3, 4].map(|id| (id, None));
        // `AdminRackAwareTest.testReplicaAssignment` and the table above the method.
        let expected = [
            [0, 1, 2],
            [1, 2, 3],
            [2, 3, 4],
            [3, 4, 0],
            [4, 0, 1],
            [0, 2, 3],
            [1, 3, 4],
            [2, 4, 0],
            [3, 0, 1],
            [4, 1, 2],
        ];
        assert_eq!(rows(&brokers, 10, 3, (0, 0)), expected);
    }

    #[test]
    fn more_replicas_than_racks_fill_every_rack_and_go_on() {
        for start in 0..6 {
            for shift in 0..6 {
                for row in rows(&RACKS, 12, 5, (start, shift)) {
                    let rack = |id: &i32| RACKS[*id as usize].1;
                    let first: BTreeSet<_> = row[..3].iter().map(rack).collect();
                    assert_eq!(first.len(), 3, "{row:?}");
                    assert_eq!(row.iter().collect::<BTreeSet<_>>().len(), 5, "{row:?}");
                }
            }
        }
    }
}
