//! Kafka's `PartitionChangeBuilderTest`, as tables.

use super::*;

fn nodes(ids: &[i32]) -> Vec<NodeId> {
    ids.iter().map(|&id| NodeId(id)).collect()
}

fn registration(replicas: &[i32], isr: &[i32], leader: Option<i32>) -> PartitionRegistration {
    PartitionRegistration {
        replicas: nodes(replicas),
        isr: nodes(isr),
        leader: leader.map(NodeId),
        leader_epoch: 100,
        partition_epoch: 200,
        ..PartitionRegistration::default()
    }
}

/// Broker 3 is not acceptable in its tests.
fn foo() -> PartitionRegistration {
    registration(&[2, 1, 3], &[2, 1, 3], Some(1))
}

fn bar() -> PartitionRegistration {
    PartitionRegistration {
        removing_replicas: nodes(&[1]),
        adding_replicas: nodes(&[4]),
        ..registration(&[1, 2, 3, 4], &[1, 2, 3], Some(1))
    }
}

fn build(
    partition: &PartitionRegistration,
    dead: &[i32],
    set: impl FnOnce(&mut PartitionChangeBuilder<'_>),
) -> (PartitionChange, Choice) {
    let mut builder = PartitionChangeBuilder::new(partition);
    set(&mut builder);
    let built = builder.build(|node| !dead.contains(&node.0));
    (built.change, built.choice)
}

fn leader_after(
    partition: &PartitionRegistration,
    dead: &[i32],
    isr: &[i32],
    election: Election,
) -> (Option<i32>, bool) {
    let (change, choice) = build(partition, dead, |builder| {
        builder.isr = nodes(isr);
        builder.election = election;
    });
    let leader = change.leader.unwrap_or(partition.leader);
    (leader.map(|node| node.0), choice.is_unclean())
}

#[test]
fn elections() {
    let elect_foo = |isr: &[i32], election| leader_after(&foo(), &[3], isr, election);
    assert_eq!(elect_foo(&[2, 1, 3], Election::Online), (Some(1), false));
    assert_eq!(elect_foo(&[1, 3], Election::Online), (Some(1), false));
    assert_eq!(elect_foo(&[3], Election::Online), (None, false));
    assert_eq!(elect_foo(&[3], Election::Unclean), (Some(2), true));
    assert_eq!(elect_foo(&[2, 1, 3], Election::Preferred), (Some(2), false));
    assert_eq!(elect_foo(&[1, 3], Election::Preferred), (Some(1), false));
    assert_eq!(elect_foo(&[3], Election::Preferred), (None, false));
    let four = PartitionRegistration { replicas: nodes(&[2, 1, 3, 4]), ..foo() };
    assert_eq!(leader_after(&four, &[3], &[4], Election::Online), (Some(4), false));
    assert_eq!(leader_after(&four, &[3], &[4], Election::Unclean), (Some(4), false));
    let baz = registration(&[2, 1, 3], &[1, 3], Some(3));
    assert_eq!(leader_after(&baz, &[], &[1, 3], Election::Preferred), (Some(3), false));
}

#[test]
fn the_first_in_replica_order_wins_not_the_first_in_isr_order() {
    let partition = PartitionRegistration { leader: None, ..foo() };
    assert_eq!(leader_after(&partition, &[], &[3, 1, 2], Election::Online), (Some(2), false));
}

#[test]
fn nothing_is_written_where_nothing_changes() {
    for election in [Election::Online, Election::Unclean] {
        for partition in [foo(), bar()] {
            let (change, _) = build(&partition, &[3], |builder| builder.election = election);
            assert!(change.is_empty());
        }
    }
}

#[test]
fn an_isr_only_change_leaves_the_leader_alone() {
    let (change, _) = build(&foo(), &[3], |builder| builder.isr = nodes(&[2, 1]));
    assert_eq!(change, PartitionChange { isr: Some(nodes(&[2, 1])), ..Default::default() });
}

#[test]
fn a_leader_that_leaves_the_isr_is_replaced() {
    let (change, _) = build(&foo(), &[3], |builder| builder.isr = nodes(&[2, 3]));
    let (isr, leader) = (Some(nodes(&[2, 3])), Some(Some(NodeId(2))));
    assert_eq!(change, PartitionChange { isr, leader, ..Default::default() });
}

#[test]
fn the_last_member_stays_in_the_isr() {
    let partition = PartitionRegistration { isr: nodes(&[1]), ..foo() };
    let (change, _) = build(&partition, &[1, 2, 3], |builder| builder.isr = Vec::new());
    assert_eq!(change, PartitionChange { leader: Some(None), ..Default::default() });
}

#[test]
fn an_unclean_winner_is_alone_in_the_isr_and_has_to_recover() {
    let (change, choice) = build(&foo(), &[3], |builder| {
        builder.isr = nodes(&[3]);
        builder.election = Election::Unclean;
    });
    let expected = PartitionChange {
        isr: Some(nodes(&[2])),
        leader: Some(Some(NodeId(2))),
        leader_recovery_state: Some(LeaderRecoveryState::Recovering),
        ..Default::default()
    };
    assert_eq!((change, choice), (expected, Choice::FirstAlive));
}

#[test]
fn a_change_of_leader_keeps_the_recovery_state() {
    let leader_recovery_state = LeaderRecoveryState::Recovering;
    let partition =
        PartitionRegistration { leader_recovery_state, ..registration(&[1, 2, 3], &[1], Some(1)) };
    let (gone, _) = build(&partition, &[1, 2, 3], |builder| builder.isr = Vec::new());
    assert_eq!(gone, PartitionChange { leader: Some(None), ..Default::default() });
    let leaderless = PartitionRegistration { leader: None, ..partition };
    let (back, _) = build(&leaderless, &[], |_| {});
    assert_eq!(back, PartitionChange { leader: Some(Some(NodeId(1))), ..Default::default() });
}

// Reassignment.

#[test]
fn another_order_is_no_move() {
    let (change, _) = build(&foo(), &[3], |builder| builder.replicas = nodes(&[3, 2, 1]));
    assert_eq!(change, PartitionChange { replicas: Some(nodes(&[3, 2, 1])), ..Default::default() });
}

#[test]
fn an_isr_with_all_of_the_target_completes_it() {
    let (change, choice) = build(&bar(), &[], |builder| builder.isr = nodes(&[1, 2, 3, 4]));
    let expected = PartitionChange {
        replicas: Some(nodes(&[2, 3, 4])),
        isr: Some(nodes(&[2, 3, 4])),
        leader: Some(Some(NodeId(2))),
        removing_replicas: Some(Vec::new()),
        adding_replicas: Some(Vec::new()),
        ..Default::default()
    };
    assert_eq!((change, choice), (expected, Choice::FirstInSync));
}

#[test]
fn a_cancelled_one_goes_back_in_a_new_leader_epoch() {
    let (replicas, isr, unclean) = Reassignment::of(&bar()).revert(&bar().isr);
    assert!(!unclean);
    let (change, _) = build(&bar(), &[], |builder| {
        (builder.replicas, builder.isr) = (replicas, isr);
        (builder.removing, builder.adding) = (Vec::new(), Vec::new());
    });
    let expected = PartitionChange {
        replicas: Some(nodes(&[1, 2, 3])),
        leader: Some(Some(NodeId(1))),
        removing_replicas: Some(Vec::new()),
        adding_replicas: Some(Vec::new()),
        ..Default::default()
    };
    assert_eq!(change, expected);
}

fn reassign_foo(target: &[i32]) -> PartitionChange {
    let partition = foo();
    let reassignment = Reassignment::new(&partition.replicas, &nodes(target));
    let (change, _) = build(&partition, &[3], |builder| {
        builder.replicas = reassignment.replicas;
        builder.removing = reassignment.removing;
        builder.adding = reassignment.adding;
    });
    change
}

#[test]
fn only_taking_replicas_away_is_done_at_once() {
    let expected = PartitionChange {
        replicas: Some(nodes(&[1, 2])),
        isr: Some(nodes(&[2, 1])),
        leader: Some(Some(NodeId(1))),
        ..Default::default()
    };
    assert_eq!(reassign_foo(&[1, 2]), expected);
}

#[test]
fn a_new_replica_is_added_first() {
    let expected = PartitionChange {
        replicas: Some(nodes(&[1, 2, 3, 4])),
        adding_replicas: Some(nodes(&[4])),
        ..Default::default()
    };
    assert_eq!(reassign_foo(&[1, 2, 3, 4]), expected);
}

#[test]
fn who_was_removed_does_not_lead_on_though_nobody_else_can() {
    let partition = PartitionRegistration {
        removing_replicas: nodes(&[0, 1]),
        adding_replicas: nodes(&[2, 3]),
        ..registration(&[2, 3, 0, 1], &[0, 1], Some(0))
    };
    let (change, choice) =
        build(&partition, &[0, 1, 2, 3], |builder| builder.isr = nodes(&[0, 1, 2, 3]));
    let expected = PartitionChange {
        replicas: Some(nodes(&[2, 3])),
        isr: Some(nodes(&[2, 3])),
        leader: Some(None),
        removing_replicas: Some(Vec::new()),
        adding_replicas: Some(Vec::new()),
        ..Default::default()
    };
    assert_eq!((change, choice), (expected, Choice::Nobody));
}

// Eligible leader replicas. Min ISR is 3.

struct Elr {
    isr: &'static [i32],
    elr: &'static [i32],
    last_known: &'static [i32],
    leader: Option<i32>,
}

impl Elr {
    fn partition(&self) -> PartitionRegistration {
        PartitionRegistration {
            elr: nodes(self.elr),
            last_known_elr: nodes(self.last_known),
            ..registration(&[1, 2, 3, 4], self.isr, self.leader)
        }
    }

    /// ISR, ELR, last known ELR and leader after the change.
    fn after(&self, dead: &[i32], isr: &[i32], unclean: Option<i32>) -> [Vec<NodeId>; 4] {
        let mut partition = self.partition();
        let (change, _) = build(&self.partition(), dead, |builder| {
            builder.isr = nodes(isr);
            builder.election = Election::Preferred;
            builder.unclean_shutdown = unclean.map(NodeId);
            builder.elr_below = Some(3);
        });
        partition.change(&change);
        let leader = partition.leader.into_iter().collect();
        [partition.isr, partition.elr, partition.last_known_elr, leader]
    }
}

#[test]
fn below_min_isr_whoever_leaves_stays_eligible() {
    let elr = Elr { isr: &[1, 2, 3, 4], elr: &[], last_known: &[], leader: Some(1) };
    assert_eq!(elr.after(&[3], &[1, 2], None), [&[1, 2][..], &[3, 4], &[], &[1]].map(nodes));
}

#[test]
fn at_min_isr_nobody_else_need_be_eligible() {
    let elr = Elr { isr: &[1, 2], elr: &[3], last_known: &[4], leader: Some(1) };
    assert_eq!(elr.after(&[3], &[1, 2, 3], None), [&[1, 2, 3][..], &[], &[], &[1]].map(nodes));
}

#[test]
fn a_member_that_was_not_eligible_changes_nothing_for_the_others() {
    let elr = Elr { isr: &[1], elr: &[3], last_known: &[], leader: Some(1) };
    assert_eq!(elr.after(&[3], &[1, 4], None), [&[1, 4][..], &[3], &[], &[1]].map(nodes));
}

/// Kafka's vector has the broker in lastKnownElr: it turns off what a controller always does, to
/// remember the last leader there instead.
#[test]
fn an_unclean_shutdown_ends_eligibility() {
    let elr = Elr { isr: &[1], elr: &[2, 3], last_known: &[], leader: Some(1) };
    assert_eq!(elr.after(&[3], &[1], Some(3)), [&[1][..], &[2], &[], &[1]].map(nodes));
}

#[test]
fn an_eligible_replica_is_elected_when_the_isr_is_empty() {
    let elr = Elr { isr: &[1], elr: &[3], last_known: &[], leader: Some(1) };
    assert_eq!(elr.after(&[1], &[], None), [&[3][..], &[1], &[], &[3]].map(nodes));
}

#[test]
fn the_isr_may_become_empty_and_then_the_last_leader_is_remembered() {
    let elr = Elr { isr: &[1, 2, 3, 4], elr: &[], last_known: &[], leader: Some(1) };
    let all = [1, 2, 3, 4];
    assert_eq!(elr.after(&all, &[], None), [&[][..], &all, &[1], &[]].map(nodes));
    let gone = Elr { isr: &[], elr: &[1, 2, 3, 4], last_known: &[1], leader: None };
    assert_eq!(gone.after(&all, &[], Some(2)), [&[][..], &[1, 3, 4], &[1], &[]].map(nodes));
}

#[test]
fn the_last_leader_leads_when_nobody_else_may() {
    let elr = Elr { isr: &[], elr: &[], last_known: &[1], leader: None };
    assert_eq!(elr.after(&[], &[], None), [&[1][..], &[], &[], &[1]].map(nodes));
    let (change, choice) = build(&elr.partition(), &[], |builder| builder.elr_below = Some(3));
    assert_eq!(choice, Choice::LastKnownLeader);
    assert_eq!(change.leader_recovery_state, Some(LeaderRecoveryState::Recovering));
    // Not while it is fenced (KAFKA-19522), and not while somebody is eligible.
    assert_eq!(elr.after(&[1], &[], None), [&[][..], &[], &[1], &[]].map(nodes));
    let eligible = Elr { isr: &[], elr: &[3], last_known: &[1], leader: None };
    assert_eq!(eligible.after(&[3], &[], None), [&[][..], &[3], &[1], &[]].map(nodes));
}

#[test]
fn an_unclean_election_ends_all_eligibility() {
    let partition = PartitionRegistration {
        elr: nodes(&[3]),
        last_known_elr: nodes(&[2]),
        ..registration(&[1, 2, 3], &[], None)
    };
    let (change, _) = build(&partition, &[3], |builder| {
        builder.election = Election::Unclean;
        builder.elr_below = Some(2);
    });
    let expected = PartitionChange {
        isr: Some(nodes(&[1])),
        leader: Some(Some(NodeId(1))),
        leader_recovery_state: Some(LeaderRecoveryState::Recovering),
        elr: Some(Vec::new()),
        last_known_elr: Some(Vec::new()),
        ..Default::default()
    };
    assert_eq!(change, expected);
}

/// A replica that is taken away and comes back empty must not be found eligible.
#[test]
fn only_replicas_are_eligible() {
    let partition = PartitionRegistration {
        removing_replicas: nodes(&[1]),
        ..registration(&[2, 3, 1], &[1], Some(1))
    };
    let (change, _) = build(&partition, &[], |builder| {
        builder.isr = nodes(&[1, 2, 3]);
        builder.elr_below = Some(3);
    });
    assert_eq!((change.isr, change.elr), (Some(nodes(&[2, 3])), None));
}
