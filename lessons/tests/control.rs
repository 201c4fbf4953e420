//! Moments of replication and control, each beside a run that reaches it.

mod support;

use kafkascope_lessons::goal::Moment;
use support::{line_of, lines_of};

/// The leader is cut off, dies with a record that nobody else has, and comes back; then two elections.
const FAILOVER: &str = "cluster brokers=2 seed=4 leader.imbalance.check.interval.seconds=60
    run until ready
    kafka-topics.sh --create --topic orders --replica-assignment 1:2
    run 6s
    cut broker-1 broker-2
    produce orders value=a acks=1
    run until acknowledged producer-1 >= 1
    crash broker-1
    run until leader orders-0 == broker-2
    heal all
    produce orders value=b
    run until acknowledged producer-1 >= 2
    start broker-1
    run until isr orders-0 == 1,2
    run 2s
    kafka-leader-election.sh --election-type preferred --topic orders --partition 0
    run 1s
    stop broker-1
    run 15s
    start broker-1
    run until leader orders-0 == broker-1 within 2m";

#[test]
fn a_failover_is_seen_as_it_goes() {
    for (moment, lines) in [
        ("leader_is = { partition = 'orders-0', node = 'broker-3' }", [].as_slice()),
        ("broker_fenced = 'broker-1'", &[8, 18]),
        ("broker_unfenced = 'broker-2'", &[1]),
        ("leader_elected = { partition = 'orders-0', node = 'broker-1', reason = 'asked' }", &[15]),
        (
            "leader_elected = { partition = 'orders-0', node = 'broker-1', reason = 'balanced' }",
            &[20],
        ),
        ("leader_elected = { partition = 'orders-0', reason = 'controlled_shutdown' }", &[18]),
        ("leader_elected = { partition = 'orders-0', node = 'broker-2', reason = 'fenced' }", &[8]),
        ("leader_elected = { partition = 'orders-0', unclean = true }", &[]),
        ("became_leader = { partition = 'orders-0', leader_epoch = 1, start_offset = 0 }", &[11]),
        ("became_leader = { partition = 'orders-0', leader_epoch = 1, start_offset = 1 }", &[]),
        ("commanded.elect_leaders = 'preferred'", &[15]),
        ("commanded.elect_leaders = 'unclean'", &[]),
        ("shutdown_began = 'broker-1'", &[17]),
        ("process_stopped = 'broker-1'", &[18]),
        ("produce_parked = { partition = 'orders-0' }", &[]),
        ("log_truncated = { partition = 'orders-0', node = 'broker-1', from = 1, to = 0 }", &[13]),
        ("log_truncated = { partition = 'orders-0', node = 'broker-2' }", &[]),
        (
            "divergence_found = { partition = 'orders-0', follower = 'broker-1', epoch = 0, end_offset = 0 }",
            &[13],
        ),
        ("divergence_found = { partition = 'orders-0', follower = 'broker-1', epoch = 1 }", &[]),
        ("isr_expand_asked = { partition = 'orders-0', added = 'broker-2' }", &[]),
        ("isr_shrink_asked = { partition = 'orders-0', removed = 'broker-2' }", &[]),
        ("leaderless = 'orders-0'", &[]),
    ] {
        assert_eq!(lines_of(moment, FAILOVER), lines, "{moment}");
    }
    let (mine, other) = ("isr_expand_asked = { partition = 'orders-0', added = 'broker-1' }", 13);
    assert_eq!(line_of(mine, FAILOVER), Some(other));
    assert_eq!(line_of("high_watermark_checkpointed = 'broker-1'", FAILOVER), Some(3));
}

#[test]
fn what_was_promised_and_lost_is_counted() {
    let lost =
        |more: &str| format!("acknowledged_lost = {{ partition = 'orders-0', at_least = {more} }}");
    assert_eq!(line_of(&lost("1"), FAILOVER), Some(11), "when the new leader serves");
    assert_eq!(line_of(&lost("1, acks = '1'"), FAILOVER), Some(11));
    assert_eq!(line_of(&lost("1, acks = 'all'"), FAILOVER), None);
    assert_eq!(line_of(&lost("2"), FAILOVER), None);
}

#[test]
fn how_long_nobody_served_is_measured() {
    let after = |leader_epoch: i32, unserved: &str| {
        let led =
            format!("became_leader = {{ partition = 'orders-0', leader_epoch = {leader_epoch} }}");
        let moment = format!(
            "all = [{{ {led} }}, {{ unserved = {{ partition = 'orders-0', {unserved} }} }}]"
        );
        line_of(&moment, FAILOVER)
    };
    assert_eq!(after(1, "ms_at_least = 7000, ms_at_most = 10000"), Some(11), "a crash");
    assert_eq!(after(1, "ms_at_most = 6999"), None);
    assert_eq!(after(3, "ms_at_most = 50"), Some(18), "a controlled shutdown");
}

#[test]
fn logs_that_part_are_found() {
    let parted = |at: &str| {
        format!(
            "logs_diverge = {{ partition = 'orders-0', nodes = ['broker-1', 'broker-2'], {at} }}"
        )
    };
    assert_eq!(line_of(&parted("at = 0"), FAILOVER), Some(11), "until broker-1 has cut its log");
    assert_eq!(line_of(&parted("at = 1"), FAILOVER), None);
    let truncated = "all = [{ log_truncated = { partition = 'orders-0' } }, { logs_diverge = { partition = 'orders-0', nodes = ['broker-1', 'broker-2'] } }]";
    assert_eq!(line_of(truncated, FAILOVER), None);
}

#[test]
fn too_few_in_sync_are_told_apart() {
    let script = "cluster brokers=2 seed=4
        run until ready
        kafka-topics.sh --create --topic orders --replica-assignment 1:2 --config min.insync.replicas=2
        run until quiet
        cut broker-1 broker-2
        produce orders value=a
        run until log-end broker-1 orders-0 >= 1
        crash broker-2
        run 31s
        crash broker-1
        run 10s
        start broker-1";
    let refused =
        |error: &str| format!("produce_refused = {{ partition = 'orders-0', error = '{error}' }}");
    assert_eq!(line_of("produce_parked = { partition = 'orders-0' }", script), Some(6));
    assert_eq!(line_of(&refused("REQUEST_TIMED_OUT"), script), Some(8));
    assert_eq!(line_of(&refused("NOT_ENOUGH_REPLICAS"), script), Some(8));
    assert_eq!(line_of(&refused("NOT_ENOUGH_REPLICAS_AFTER_APPEND"), script), None);
    assert_eq!(
        line_of("record_failed = { partition = 'orders-0', error = 'REQUEST_TIMED_OUT' }", script),
        None
    );
    assert_eq!(line_of("leaderless = 'orders-0'", script), Some(10));
    let recovered =
        |offset| format!("log_recovered = {{ partition = 'orders-0', high_watermark = {offset} }}");
    assert_eq!(line_of(&recovered(0), script), Some(11));
    assert_eq!(line_of(&recovered(1), script), None);
}

#[test]
fn brokers_are_seen_to_come_and_go() {
    let moved =
        r#"'{"version":1,"partitions":[{"topic":"orders","partition":0,"replicas":[3,2]}]}'"#;
    let tool = |action: &str| {
        format!("kafka-reassign-partitions.sh {action} --reassignment-json-file {moved}")
    };
    let script = [
        "cluster brokers=2 seed=4",
        "run until ready",
        "kafka-topics.sh --create --topic orders --replica-assignment 1:2",
        "add-broker",
        "run until ready",
        &(tool("--execute") + " --throttle 1000"),
        &tool("--cancel"),
        &tool("--execute"),
        "run until isr orders-0 == 2,3",
        "run 1s",
        "kafka-cluster.sh unregister --id 1",
        "replace broker-1",
        "run until ready",
    ]
    .join("\n");
    for (moment, lines) in [
        ("broker_added = 'broker-3'", [3].as_slice()),
        ("broker_unfenced = 'broker-3'", &[4]),
        ("reassignment_cancelled = 'orders-0'", &[6]),
        ("reassignment_completed = 'orders-0'", &[8]),
        ("commanded.reassign = { throttled = true }", &[5]),
        ("commanded.reassign = { throttled = false }", &[7]),
        ("broker_unregistered = 'broker-1'", &[10]),
        ("broker_unfenced = 'broker-1'", &[1, 12]),
        ("all = [{ broker_unregistered = 'broker-1' }, { down = 'broker-1' }]", &[]),
    ] {
        assert_eq!(lines_of(moment, &script), lines, "{moment}");
    }
}

#[test]
fn a_quorum_is_seen_to_vote() {
    let script = "cluster brokers=1 controllers=3 seed=5
        crash controller-102
        crash controller-103
        run 5s
        start controller-102
        run 10s
        crash controller-101
        run 10s";
    for (moment, line) in [
        ("quorum.votes_asked = { node = 'controller-101', pre_vote = true }", Some(3)),
        ("quorum.votes_asked = { pre_vote = false }", Some(5)),
        ("quorum.vote_cast = { pre_vote = false, granted = true }", Some(5)),
        ("quorum.vote_cast = { candidate = 'controller-103' }", None),
        ("quorum.leader_elected = {}", Some(5)),
        ("quorum.activated = {}", Some(5)),
        ("quorum.activated = { node = 'controller-103' }", None),
    ] {
        assert_eq!(line_of(moment, script), line, "{moment}");
    }
    let resigned = line_of("quorum.leader_resigned = {}", script);
    let led = line_of("quorum.leader_elected = { node = 'controller-102' }", script).is_some();
    assert_eq!(resigned, led.then_some(7), "who led, and lost its majority");
}

#[test]
fn a_consumer_is_seen_to_read_nearby_and_to_go_back() {
    let script = "cluster brokers=2 seed=6 broker.rack=a,b replica.selector.class=org.apache.kafka.common.replica.RackAwareReplicaSelector
        run until ready
        kafka-topics.sh --create --topic orders --replica-assignment 1:2
        produce orders value=a
        consume orders from=earliest client.rack=b
        run until position consumer-1 orders-0 == 1
        crash broker-2
        run 15s
        run 1s";
    let moment = "reads_from_follower = { partition = 'orders-0', node = 'broker-2' }";
    assert_eq!(line_of(moment, script), Some(5));
    let back = "all = [{ down = 'broker-2' }, { not.reads_from_follower = { partition = 'orders-0', node = 'broker-2' } }]";
    assert_eq!(lines_of(back, script).last(), Some(&8), "and stays with the leader");
    let other = "reads_from_follower = { partition = 'orders-0', node = 'broker-1' }";
    assert_eq!(line_of(other, script), None);
}

#[test]
fn names_that_are_none_of_kafkas_are_refused() {
    for (moment, why) in [
        ("commanded.elect_leaders = 'fair'", "not the name of an election: fair"),
        (
            "produce_refused = { partition = 'orders-0', error = 'TIRED' }",
            "unknown variant `TIRED`",
        ),
    ] {
        let error = toml::from_str::<Moment>(moment).unwrap_err();
        assert!(error.message().contains(why), "{error}");
    }
}
