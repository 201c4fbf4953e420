//! Moments of delivery and transactions, each beside a run that reaches it: the event, counted by the line
//! of the script that brought it, or none.

mod support;

use support::{line_of, lines_of};

#[test]
fn a_batch_that_is_overtaken_is_told_from_one_that_goes_again_in_order() {
    let run = |producer: &str| {
        format!(
            "cluster brokers=1 seed=1
            run until ready
            kafka-topics.sh --create --topic door
            producer app linger.ms=0 request.timeout.ms=1000 {producer}
            produce door value=0 producer=app
            run until acknowledged app >= 1
            link app broker-1 one-way loss=100% api=Produce
            produce door value=1 producer=app
            run 100ms
            heal app broker-1
            produce door value=2 producer=app
            run until acknowledged app >= 3"
        )
    };
    let of_app =
        |moment: &str| format!("delivery.{moment} = {{ producer = 'app', partition = 'door-0' }}");
    let refused = "delivery.sequence_refused.partition = 'door-0'";

    let plain = run("enable.idempotence=false");
    assert_eq!(line_of(&of_app("overtaken"), &plain), Some(11));
    assert_eq!(line_of(&of_app("retried"), &plain), Some(11));
    assert_eq!(line_of(refused, &plain), None);

    let numbered = run("");
    assert_eq!(line_of(&of_app("overtaken"), &numbered), None);
    assert_eq!(line_of(&of_app("retried"), &numbered), Some(11));
    assert_eq!(line_of(refused, &numbered), Some(11));
    let other = "delivery.retried = { producer = 'other', partition = 'door-0' }";
    assert_eq!(line_of(other, &numbered), None);
}

#[test]
fn a_full_buffer_is_seen() {
    let script = "cluster brokers=1 seed=1
        run until ready
        kafka-topics.sh --create --topic slow
        producer app batch.size=200 buffer.memory=400
        produce slow producer=app
        run until acknowledged app >= 1
        pause broker-1
        produce slow value=0123456789 count=30 producer=app
        resume broker-1
        run until acknowledged app >= 31";
    let blocked = lines_of("delivery.send_blocked.partition = 'slow-0'", script);
    assert_eq!(blocked.first(), Some(&7));
}

/// Six records, of which a member has processed three when it dies, and another begins.
fn dies(commit: &str) -> String {
    format!(
        "cluster brokers=1 seed=1 offsets.topic.num.partitions=1 group.initial.rebalance.delay.ms=100 group.min.session.timeout.ms=1000
        run until ready
        kafka-topics.sh --create --topic orders
        produce orders count=6
        run until acknowledged producer-1 >= 6
        consume orders group=g consumer=one auto.offset.reset=earliest session.timeout.ms=2000 heartbeat.interval.ms=500 processing=100ms enable.auto.commit=false {commit}
        kill one after=3
        run 5s
        consume orders group=g consumer=two auto.offset.reset=earliest
        run 10s"
    )
}

#[test]
fn what_a_group_does_again_and_what_it_skips_is_counted() {
    let of_g = |moment: &str, more: &str| {
        format!("delivery.{moment} = {{ group = 'g', partition = 'orders-0', {more} }}")
    };
    let late = dies("commit=sync");
    assert_eq!(line_of(&of_g("processed", "at_least = 3"), &late), Some(7));
    assert_eq!(line_of(&of_g("processed", "at_least = 6"), &late), Some(9));
    assert_eq!(line_of(&of_g("processed", "at_least = 7"), &late), None);
    assert_eq!(line_of(&of_g("processed_again", "at_least = 3"), &late), Some(9));
    assert_eq!(line_of(&of_g("processed_again", "at_least = 4"), &late), None);
    assert_eq!(line_of(&of_g("skipped", "at_least = 1"), &late), None);

    let early = dies("commit=sync commit.when=before-processing");
    assert_eq!(line_of(&of_g("committed", "at_least = 6"), &early), Some(7));
    assert_eq!(line_of(&of_g("committed", "at_least = 7"), &early), None);
    assert_eq!(line_of(&of_g("skipped", "at_least = 3"), &early), Some(9));
    assert_eq!(line_of(&of_g("skipped", "at_least = 4"), &early), None);
    assert_eq!(line_of(&of_g("processed_again", "at_least = 1"), &early), None);

    let each = dies("commit=sync commit.each=record");
    assert_eq!(line_of(&of_g("processed_again", "at_least = 1, at_most = 1"), &each), Some(9));
}

#[test]
fn how_a_transaction_ends_and_why_is_seen() {
    let script = "cluster brokers=1 seed=1 transaction.state.log.num.partitions=1
        run until ready
        kafka-topics.sh --create --topic orders
        producer zombie transactional.id=t
        run 2s
        transaction zombie begin
        produce orders producer=zombie
        run 1s
        producer heir transactional.id=t
        run 2s
        transaction heir begin
        produce orders producer=heir
        transaction heir commit
        run 2s
        transaction zombie abort
        run 1s";
    for (moment, lines) in [
        ("decided = { transactional_id = 't', commit = false, reason = 'fenced' }", [9].as_slice()),
        ("decided = { transactional_id = 't', reason = 'timed_out' }", &[]),
        ("decided = { transactional_id = 't', commit = true, reason = 'asked' }", &[13]),
        ("completed = { transactional_id = 't', commit = false }", &[9]),
        ("completed = { transactional_id = 't' }", &[9, 13]),
        ("completed = { transactional_id = 'other' }", &[]),
        ("marker_written = { partition = 'orders-0', commit = true }", &[13]),
        ("last_stable_offset_moved = { partition = 'orders-0', to_at_least = 2 }", &[9, 13]),
        ("last_stable_offset_moved = { partition = 'orders-0', to_at_least = 4 }", &[13]),
        ("request_refused.transactional_id = 't'", &[15]),
    ] {
        assert_eq!(lines_of(&format!("transaction.{moment}"), script), lines, "{moment}");
    }
}
