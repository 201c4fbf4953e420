//! Sequence numbers, batches and memory on their own, and producers in a small cluster.

use super::record_accumulator::{NoMemory, Room};
use super::*;
use crate::ids::EventId;
use crate::record::CompressionType;
use crate::script::{Lang, transcript};

fn record(number: u64, value: &str) -> ProducerRecord {
    ProducerRecord {
        number,
        topic: "orders".into(),
        partition: Some(0),
        key: None,
        value: Some(Bytes::copy_from_slice(value.as_bytes())),
        headers: Vec::new(),
        timestamp_ms: Some(0),
        acks: Acks::All,
        compression: CompressionType::None,
        cause: EventId(0),
    }
}

fn orders() -> TopicPartition {
    TopicPartition::new("orders", 0)
}

/// A batch of so many records.
fn batch(number: u64, records: u64) -> ProducerBatch {
    let mut batch = ProducerBatch::new(number, orders(), 1_000, SimTime::ZERO);
    (0..records).for_each(|n| batch.push(record(number * 100 + n, "v")));
    batch
}

fn transactions() -> TransactionManager {
    let mut transactions = TransactionManager::default();
    transactions.producer = Some(ProducerIdAndEpoch { producer_id: 7, epoch: 0 });
    transactions
}

/// Batches of two, one and three records, drained in this order.
fn three(transactions: &mut TransactionManager) -> [ProducerBatch; 3] {
    [(0, 2), (1, 1), (2, 3)].map(|(number, records)| {
        let mut batch = batch(number, records);
        transactions.assign(&mut batch);
        batch
    })
}

#[test]
fn a_batch_keeps_its_numbers_and_those_before_it_go_first() {
    let mut transactions = transactions();
    assert!(TransactionManager::default().holds_back(&batch(9, 1)), "no id, no sequence number");
    let [first, second, third] = three(&mut transactions);
    let numbers = [&first, &second, &third].map(|b| (b.base_sequence(), b.last_sequence()));
    assert_eq!(numbers, [(Some(0), Some(1)), (Some(2), Some(2)), (Some(3), Some(5))]);
    assert!(!transactions.holds_back(&first));
    assert!(transactions.holds_back(&second), "the first is not settled");
    assert!(!transactions.holds_back(&batch(3, 1)), "a new batch may follow");
    transactions.completed(&first);
    assert!(!transactions.holds_back(&second));
    assert_eq!(transactions.partitions[&orders()].last_acked, Some(1));
}

/// `TransactionManagerTest.testBumpEpochAndResetSequenceNumbersAfterUnknownProducerId`,
/// `SenderTest.testCorrectHandlingOfOutOfOrderResponses`
#[test]
fn out_of_order_waits_for_those_before_it_and_begins_anew_when_nothing_is_before() {
    let mut transactions = transactions();
    let [first, second, third] = three(&mut transactions);
    let error = KafkaError::OutOfOrderSequenceNumber;
    assert!(transactions.can_retry(&second, error));
    assert!(transactions.maybe_bump_epoch().is_none(), "the first may still come");
    transactions.completed(&first);
    assert!(transactions.can_retry(&second, error));
    let bump = transactions.maybe_bump_epoch().expect("what comes next is refused");
    assert_eq!(bump.producer, ProducerIdAndEpoch { producer_id: 7, epoch: 1 });
    let renumbered: Vec<_> = bump.renumbered.iter().map(|r| (r.batch, r.base_sequence)).collect();
    assert_eq!(renumbered, [(second.number, 0), (third.number, 1)]);
    assert_eq!(transactions.partitions[&orders()].next, 4);
    assert!(transactions.maybe_bump_epoch().is_none());
}

/// `TransactionManagerTest.testBumpEpochWhenSequencesUnresolved...`
#[test]
fn after_an_expired_retry_nothing_new_leaves_until_its_number_is_resolved() {
    for second_arrives in [true, false] {
        let mut transactions = transactions();
        let [first, second, third] = three(&mut transactions);
        transactions.completed(&third);
        transactions.mark_unresolved(&first);
        transactions.failed(&first, false);
        assert!(transactions.holds_back(&batch(3, 1)));
        transactions.resolve_sequences();
        assert!(transactions.holds_back(&batch(3, 1)), "one is in flight");
        match second_arrives {
            true => transactions.completed(&second),
            false => transactions.failed(&second, false),
        }
        transactions.resolve_sequences();
        assert!(!transactions.holds_back(&batch(3, 1)));
        // The third was taken, so the others before it were.
        assert!(transactions.maybe_bump_epoch().is_none());
    }
    let mut transactions = transactions();
    let [first, ..] = three(&mut transactions);
    let others = three(&mut transactions);
    transactions.mark_unresolved(&first);
    transactions.failed(&first, false);
    others.iter().for_each(|other| transactions.failed(other, false));
    transactions.failed(&batch(1, 1), false);
    transactions.failed(&batch(2, 3), false);
    transactions.resolve_sequences();
    assert!(transactions.maybe_bump_epoch().is_some(), "nobody knows what was taken");
}

#[test]
fn after_the_largest_sequence_number_comes_zero() {
    let mut transactions = transactions();
    let mut before = batch(0, 1);
    transactions.assign(&mut before);
    transactions.completed(&before);
    transactions.partitions.get_mut(&orders()).expect("it has numbers").next = i32::MAX - 1;
    let mut across = batch(1, 3);
    transactions.assign(&mut across);
    assert_eq!((across.base_sequence(), across.last_sequence()), (Some(i32::MAX - 1), Some(0)));
    assert_eq!(transactions.partitions[&orders()].next, 1);
}

#[test]
fn a_batch_takes_what_fits_and_one_record_in_any_case() {
    let config = ProducerConfig { batch_size: 100, buffer_memory: 220, ..Default::default() };
    let (metadata, now) = (ClientMetadata::default(), SimTime::ZERO);
    let mut accumulator = RecordAccumulator::new(1);
    let mut append = |number: u64, value: &str| -> Result<_, NoMemory> {
        let record = record(number, value);
        let Room { closed, is_new_batch } = accumulator.make_room(&config, &orders(), &record, now);
        let is_new_batch = is_new_batch?;
        let batch = accumulator.append(&config, &metadata, &orders(), record);
        Ok((batch.number, is_new_batch, closed, batch.size))
    };
    // 61 of the header, 7 of the record, and its value.
    assert_eq!(append(0, "0123456789"), Ok((0, true, None, 78)));
    assert_eq!(append(1, "01234"), Ok((0, false, None, 90)));
    assert_eq!(append(2, "01234"), Ok((1, true, Some(0), 73)), "12 more would be 102");
    assert_eq!(append(3, &"x".repeat(60)), Err(NoMemory { needed: 142, free: 20 }));
    assert!(accumulator.is_exhausted);
    let drained = accumulator.batches.remove(&orders()).expect("two batches");
    drained.iter().for_each(|batch| accumulator.deallocate(batch));
    assert_eq!(accumulator.used_memory, 0);
}

#[test]
fn parts_of_a_batch_have_the_numbers_that_the_records_had() {
    let mut transactions = transactions();
    let mut whole = batch(0, 5);
    transactions.assign(&mut whole);
    let bytes_max = whole.size - 10;
    let parts = whole.clone().split(bytes_max, 9);
    let shapes: Vec<_> = parts
        .iter()
        .map(|part| (part.number, part.records.len(), part.base_sequence(), part.capacity))
        .collect();
    assert_eq!(shapes, [(9, 3, Some(0), 0), (10, 2, Some(3), 0)]);
    let alone: Vec<_> = whole.split(1, 0).iter().map(|part| part.records.len()).collect();
    assert_eq!(alone, [1; 5]);
}

/// The log end of `orders-0` at its leader, what was acknowledged and what failed.
fn story(settings: &str, lines: &str) -> (i64, u64, u64) {
    let script = format!(
        "cluster brokers=3 seed=7\nrun until ready\n\
         kafka-topics.sh --create --topic orders --replication-factor 3 --config max.message.bytes=300\n\
         producer app {settings}\nrun 1s\n{lines}\nrun until quiet within 300s\n"
    );
    let run = transcript::run(&script, Lang::En);
    let cluster = &run.runner.machine.cluster;
    assert!(cluster.violation().is_none(), "{:?}", cluster.violation());
    let producer = cluster.client_named("app").and_then(|client| client.producer());
    let producer = producer.unwrap_or_else(|| panic!("no producer:\n{}", run.text));
    assert_eq!(producer.accumulator.used_memory, 0, "nothing is left behind\n{}", run.text);
    let leader = cluster.brokers().filter_map(|node| node.broker()).find_map(|broker| {
        broker.replicas.partitions.get(&orders()).filter(|partition| partition.is_leader())
    });
    let end = leader.unwrap_or_else(|| panic!("no leader:\n{}", run.text)).log.log_end_offset();
    (end, producer.acknowledged, producer.failed)
}

#[test]
fn a_retry_after_a_lost_answer_is_known_again_with_idempotence() {
    let lines = "link broker-1 app one-way loss=100% api=Produce\n\
                 link broker-2 app one-way loss=100% api=Produce\n\
                 link broker-3 app one-way loss=100% api=Produce\n\
                 produce orders value=a count=3 producer=app\nrun 5s\nheal all";
    let short = "request.timeout.ms=2000";
    assert_eq!(story(short, lines), (3, 3, 0));
    let (end, acknowledged, failed) = story(&format!("enable.idempotence=false {short}"), lines);
    assert!(end >= 6, "{end}");
    assert_eq!((acknowledged, failed), (3, 0));
}

#[test]
fn what_is_too_large_for_the_leader_goes_in_parts() {
    let many = "produce orders value=0123456789 count=60 producer=app";
    assert_eq!(story("", many), (60, 60, 0));
    let large = format!("produce orders value={} producer=app\n{many}", "x".repeat(400));
    assert_eq!(story("", &large), (60, 60, 1), "the next epoch takes the rest");
    assert_eq!(story("enable.idempotence=false linger.ms=0", &large), (60, 60, 1));
}

#[test]
fn with_every_setting_all_records_arrive_once() {
    for settings in [
        "linger.ms=0 batch.size=0",
        "linger.ms=50 batch.size=200 max.in.flight.requests.per.connection=1",
        "buffer.memory=300 batch.size=100 max.in.flight.requests.per.connection=2",
        "acks=1 retry.backoff.ms=0",
    ] {
        let lines = "produce orders value=0123456789 count=60 producer=app";
        assert_eq!(story(settings, lines), (60, 60, 0), "{settings}");
    }
}

#[test]
fn a_send_that_finds_no_room_gives_up_after_max_block() {
    let lines = "produce orders value=first producer=app\nrun 1s\n\
                 pause broker-1\npause broker-2\npause broker-3\n\
                 produce orders value=0123456789 count=20 producer=app\nrun 3s\n\
                 resume broker-1\nresume broker-2\nresume broker-3";
    let small = "buffer.memory=200 batch.size=100 max.block.ms=1000";
    let (end, acknowledged, failed) = story(small, lines);
    assert!((1..=3).contains(&failed), "one a second: {failed}");
    assert_eq!((end, acknowledged), (21 - failed as i64, 21 - failed));
}
