//! Moments of the log, each beside a run that reaches it: the event, counted by the line of the script
//! that brought it, or none.

mod support;

use kafkascope_lessons::goal::Moment;
use support::{line_of, lines_of};

#[test]
fn what_a_topic_sets_is_known_until_it_is_taken_back() {
    let script = "cluster brokers=1
        run until ready
        kafka-topics.sh --create --topic orders --config segment.bytes=300
        kafka-configs.sh --alter --topic orders --add-config segment.bytes=500,retention.ms=0
        kafka-configs.sh --alter --topic orders --delete-config segment.bytes";
    let segment_bytes =
        |value| format!("config_is = {{ topic = 'orders', name = 'segment.bytes', {value} }}");
    assert_eq!(line_of(&segment_bytes("value = '300'"), script), Some(2));
    assert_eq!(line_of(&segment_bytes("value = '500'"), script), Some(3));
    assert_eq!(line_of(&segment_bytes("value = '700'"), script), None);
    assert_eq!(line_of("metadata_applied = 'broker-1'", script), Some(1));
    assert_eq!(line_of("metadata_applied = 'broker-2'", script), None);
    let set_back = "all = [{ not.config_is = { topic = 'orders', name = 'retention.ms' } },
        { config_is = { topic = 'orders', name = 'segment.bytes' } }]";
    assert_eq!(line_of(&set_back.replace('\n', " "), script), Some(4));
    assert_eq!(line_of("commanded.create_topic.topic = 'orders'", script), Some(2));
    assert_eq!(line_of("commanded.create_topic.topic = 'clicks'", script), None);
}

#[test]
fn segments_begin_and_go() {
    let script =
        "cluster brokers=1 log.initial.task.delay.ms=1000 log.retention.check.interval.ms=1000
        run until ready
        kafka-topics.sh --create --topic orders --config segment.bytes=100
        produce orders value=a count=2
        run until acknowledged producer-1 >= 2
        produce orders value=b key=b header=a:b timestamp=1767225600000 producer=producer-2
        run until acknowledged producer-2 >= 1
        delete-records orders-0 before=2
        run 2s
        kafka-configs.sh --alter --topic orders --add-config retention.ms=0
        run 2s
        run 60s
        produce orders value=ccccccccccccccccccccccccccccccccccccccccccccccccccccccccc
        run 5s
        consume orders
        run 1s";
    let line_of = |moment: &str| line_of(moment, script);
    let of_orders = |kind: &str, more: &str| format!("{kind} = {{ partition = 'orders-0'{more} }}");
    assert_eq!(line_of(&of_orders("became_leader", "")), Some(4));
    assert_eq!(line_of("commanded.produce = { topic = 'orders', key = true }"), Some(5));
    assert_eq!(line_of("commanded.produce = { topic = 'orders', headers = true }"), Some(5));
    assert_eq!(line_of("commanded.produce = { topic = 'orders', timestamp = true }"), Some(5));
    assert_eq!(line_of("commanded.produce = { topic = 'orders', acks = '1' }"), None);
    assert_eq!(line_of(&of_orders("records_appended", ", count = 2, up_to = 1")), Some(4));
    assert_eq!(line_of(&of_orders("records_appended", ", count = 3")), None);
    assert_eq!(line_of(&of_orders("segment_rolled", "")), Some(6));
    assert_eq!(line_of(&of_orders("segment_rolled", ", base_offset = 3")), Some(10));
    assert_eq!(line_of("commanded.delete_records = 'orders-0'"), Some(7));
    assert_eq!(line_of(&of_orders("log_start", ", at_least = 2")), Some(7));
    assert_eq!(line_of("timer_fired = { timer = 'log_retention' }"), Some(8));
    assert_eq!(line_of(&of_orders("segments_deleted", "")), Some(8));
    assert_eq!(line_of(&of_orders("segments_deleted", ", reason = 'log_start'")), Some(8));
    assert_eq!(line_of(&of_orders("segments_deleted", ", reason = 'time', up_to = 2")), Some(10));
    assert_eq!(line_of(&of_orders("segments_deleted", ", reason = 'size'")), None);
    assert_eq!(line_of(&of_orders("segments_deleted", ", up_to = 3")), None);
    assert_eq!(line_of("files_deleted = 'broker-1'"), Some(11));
    assert_eq!(line_of(&of_orders("record_failed", "")), Some(13), "larger than a segment");
    assert_eq!(line_of(&of_orders("position_reset", ", offset = 3")), Some(15));
    assert_eq!(line_of(&of_orders("position_reset", ", offset = 0")), None);
}

#[test]
fn a_log_is_recovered_after_a_stop_or_a_crash() {
    let script = "cluster brokers=1
        run until ready
        kafka-topics.sh --create --topic orders
        run until quiet
        stop broker-1
        run until stopped broker-1
        start broker-1
        run 1s
        crash broker-1
        start broker-1
        run until leader orders-0 == broker-1
        produce orders value=a count=20
        run until acknowledged producer-1 >= 20
        power-loss broker-1
        start broker-1";
    let recovered = |more: &str| {
        format!("log_recovered = {{ partition = 'orders-0', node = 'broker-1'{more} }}")
    };
    assert_eq!(line_of(&recovered(""), script), Some(6));
    assert_eq!(line_of(&recovered(", clean = true"), script), Some(6));
    assert_eq!(line_of(&recovered(", clean = false"), script), Some(9));
    assert_eq!(line_of(&recovered(", clean = false, truncated = false"), script), Some(9));
    assert_eq!(line_of(&recovered(", truncated = true"), script), Some(14));
    assert_eq!(line_of("timer_fired = { node = 'broker-1', timer = 'write_back' }", script), None);
}

/// Three records: the second replaces the first, and the third begins a new segment.
const COMPACTION: &str = "cluster brokers=1 seed=1 log.cleaner.backoff.ms=2000
    run until ready
    kafka-topics.sh --create --topic prices --config cleanup.policy=compact --config segment.bytes=150
    produce prices key=tea value=1
    run until acknowledged producer-1 >= 1
    produce prices key=tea value=2
    run until acknowledged producer-1 >= 2
    produce prices key=cake null-value
    run until acknowledged producer-1 >= 3
    run 5s
    consume prices consumer=late from=earliest
    run 1s";

#[test]
fn a_compaction_is_seen_as_it_goes() {
    for (moment, lines) in [
        (
            "cleaning_started = { partition = 'prices-0', first_dirty_offset = 0, up_to = 2 }",
            [9].as_slice(),
        ),
        ("cleaning_started = { partition = 'prices-0', first_dirty_offset = 1 }", &[]),
        ("cleaning_started = { partition = 'prices-0', up_to = 3 }", &[]),
        ("segments_cleaned = { partition = 'prices-0', bytes_after_at_most = 72 }", &[9]),
        ("segments_cleaned = { partition = 'prices-0', bytes_after_at_most = 71 }", &[]),
        ("segments_cleaned = { partition = 'prices-0', segments_at_least = 2 }", &[]),
        (
            "cleaning_finished = { partition = 'prices-0', up_to = 2, bytes_after_at_most = 72 }",
            &[9],
        ),
        ("cleaning_finished = { partition = 'prices-0', bytes_after_at_least = 73 }", &[]),
        ("cleaning_finished = { partition = 'prices-0', node = 'broker-2' }", &[]),
        ("timer_fired = { node = 'broker-2', timer = 'log_cleaner' }", &[]),
    ] {
        assert_eq!(lines_of(moment, COMPACTION), lines, "{moment}");
    }
    let looks = lines_of("timer_fired = { node = 'broker-1', timer = 'log_cleaner' }", COMPACTION);
    assert!(looks.len() > 3, "{looks:?}");
}

#[test]
fn what_was_sent_and_stored_is_told_apart() {
    for (moment, lines) in [
        ("records_appended = { partition = 'prices-0', bytes_at_most = 72 }", [4, 6, 8].as_slice()),
        ("records_appended = { partition = 'prices-0', bytes_at_least = 73 }", &[]),
        ("commanded.produce = { topic = 'prices', of_key = 'cake', tombstone = true }", &[7]),
        ("commanded.produce = { topic = 'prices', of_key = 'tea', tombstone = true }", &[]),
        ("commanded.produce = { topic = 'prices', compression = 'none' }", &[3, 5, 7]),
        ("commanded.produce = { topic = 'prices', compression = 'zstd' }", &[]),
        ("commanded.produce = { topic = 'prices', count_at_least = 2 }", &[]),
    ] {
        assert_eq!(lines_of(moment, COMPACTION), lines, "{moment}");
    }
}

#[test]
fn a_reader_is_known_by_what_it_found() {
    let read =
        "consumed = { consumer = 'late', partition = 'prices-0', up_to = 2, records_at_most =";
    assert_eq!(line_of(&format!("{read} 2 }}"), COMPACTION), Some(11));
    assert_eq!(line_of(&format!("{read} 1 }}"), COMPACTION), None);
    let another = "consumed = { consumer = 'early', partition = 'prices-0', up_to = 2 }";
    assert_eq!(line_of(another, COMPACTION), None);
}

#[test]
fn a_compression_that_is_none_of_kafkas_is_refused() {
    let moment = "commanded.produce = { topic = 'prices', compression = 'zip' }";
    let error = toml::from_str::<Moment>(moment).unwrap_err();
    assert!(error.message().contains("not the name of a compression: zip"), "{error}");
}

#[test]
fn a_batch_that_comes_again_is_known() {
    let script = "cluster brokers=1
        run until ready
        kafka-topics.sh --create --topic orders
        producer app request.timeout.ms=1000
        run 1s
        link broker-1 app one-way loss=100% api=Produce
        produce orders value=a producer=app
        run 500ms
        heal all
        run until acknowledged app >= 1";
    assert_eq!(line_of("duplicate_recognised = 'orders-0'", script), Some(9));
    let plain = script.replace("app request", "app enable.idempotence=false request");
    assert_eq!(line_of("duplicate_recognised = 'orders-0'", &plain), None);
}
