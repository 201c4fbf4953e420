//! Moments of topics and their clients, each beside a run that reaches it: the event, counted by the
//! line of the script that brought it, or none.

mod support;

use support::{line_of, lines_of};

#[test]
fn what_is_asked_of_a_topic_is_told_apart() {
    let script = "cluster brokers=2 seed=1
        run until ready
        kafka-topics.sh --create --topic orders --replica-assignment 1,2
        kafka-topics.sh --create --topic clicks
        kafka-topics.sh --alter --topic orders --partitions 3
        kafka-topics.sh --alter --topic orders --partitions 4
        kafka-topics.sh --delete --topic clicks";
    for (moment, lines) in [
        ("commanded.create_topic = { topic = 'orders' }", [2].as_slice()),
        ("commanded.create_topic = { topic = 'orders', partitions = 2 }", &[2]),
        ("commanded.create_topic = { topic = 'clicks', partitions = 2 }", &[]),
        ("commanded.add_partitions = { topic = 'orders' }", &[4, 5]),
        ("commanded.add_partitions = { topic = 'orders', partitions = 4 }", &[5]),
        ("commanded.add_partitions = { topic = 'clicks' }", &[]),
        ("commanded.delete_topic.topic = 'clicks'", &[6]),
        ("commanded.delete_topic.topic = 'orders'", &[]),
    ] {
        assert_eq!(lines_of(moment, script), lines, "{moment}");
    }
}

#[test]
fn what_is_asked_of_clients_is_told_apart() {
    let script = "cluster brokers=1 seed=1
        run until ready
        kafka-topics.sh --create --topic orders
        produce orders key=a
        produce orders key=a partition=0
        run until acknowledged producer-1 >= 2
        consume orders from=earliest
        consume orders consumer=late
        close consumer-1";
    for (moment, lines) in [
        ("commanded.produce = { topic = 'orders', partition = false }", [3].as_slice()),
        ("commanded.produce = { topic = 'orders', partition = true }", &[4]),
        ("commanded.consume.topic = 'orders'", &[6, 7]),
        ("commanded.consume = { topic = 'orders', consumer = 'late' }", &[7]),
        ("commanded.consume = { topic = 'orders', from = 'earliest' }", &[6]),
        ("commanded.consume = { topic = 'orders', consumer = 'late', from = 'latest' }", &[7]),
        ("commanded.consume.topic = 'clicks'", &[]),
        ("commanded.close = 'consumer-1'", &[8]),
        ("commanded.close = 'late'", &[]),
    ] {
        assert_eq!(lines_of(moment, script), lines, "{moment}");
    }
}

#[test]
fn a_position_that_was_only_set_is_told_from_one_that_was_read_to() {
    let script = "cluster brokers=1 seed=1
        run until ready
        kafka-topics.sh --create --topic orders
        produce orders count=2
        run until acknowledged producer-1 >= 2
        consume orders consumer=late from=latest
        run 1s
        consume orders consumer=early from=earliest
        run 1s";
    let consumed = |who: &str, more: &str| {
        format!("consumed = {{ consumer = '{who}', partition = 'orders-0', up_to = 1{more} }}")
    };
    assert_eq!(line_of(&consumed("late", ""), script), Some(6));
    assert_eq!(line_of(&consumed("late", ", records_at_least = 1"), script), None);
    assert_eq!(line_of(&consumed("early", ", records_at_least = 2"), script), Some(8));
    assert_eq!(line_of(&consumed("early", ", records_at_least = 3"), script), None);
}
