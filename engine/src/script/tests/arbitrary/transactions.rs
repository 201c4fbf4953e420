//! Lines about transactions.

use super::*;

pub fn transaction() -> impl Strategy<Value = Command> {
    let act = select(TransactionAct::ALL.to_vec());
    let offsets = vec((partition(), any::<i64>()), 1..4);
    let numbers = (any::<u32>(), any::<u32>(), any::<u32>(), any::<u32>(), 0..1u64 << 40);
    let process = ((name(), name(), name(), name(), name()), group_protocol(), numbers).prop_map(
        |((input, output, app, transactional_id, group), group_protocol, numbers)| {
            Command::Process(Process {
                input,
                output,
                app,
                transactional_id,
                group,
                group_protocol,
                transaction_timeout_ms: numbers.0,
                session_timeout_ms: numbers.1,
                max_poll_records: numbers.2,
                max_poll_interval_ms: numbers.3,
                processing_ms: numbers.4,
            })
        },
    );
    prop_oneof![
        (name(), act).prop_map(|(producer, act)| Command::Transaction { producer, act }),
        (name(), name(), offsets).prop_map(|(producer, group, offsets)| {
            Command::SendOffsets { producer, group, offsets }
        }),
        process,
        (partition(), any::<i64>()).prop_map(|(partition, start_offset)| {
            Command::AbortTransaction { partition, start_offset }
        }),
    ]
}

pub fn transaction_look() -> impl Strategy<Value = TransactionLook> {
    let broker = || option::of(any::<i32>().prop_map(NodeId));
    let searched = (name(), option::of(any::<i32>()), broker(), any::<u32>());
    prop_oneof![
        Just(TransactionLook::All),
        Just(TransactionLook::List),
        name().prop_map(|transactional_id| TransactionLook::Describe { transactional_id }),
        (partition(), broker()).prop_map(|(partition, broker)| {
            TransactionLook::DescribeProducers { partition, broker }
        }),
        searched.prop_map(|(topic, partition, broker, minutes)| TransactionLook::FindHanging {
            broker,
            topic: Some(topic),
            partition,
            max_timeout_minutes: minutes.into(),
        }),
    ]
}
