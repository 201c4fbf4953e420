//! What tools are asked that send by themselves.

use super::*;
use crate::script::kafka_producer_perf_test::PerfTest;

pub fn perf_test() -> impl Strategy<Value = PerfTest> {
    let property = ("[a-z][a-z.]{0,20}", text());
    let counts = (1..=u32::MAX, 1..=u32::MAX, option::of(1..=u32::MAX));
    (name(), counts, vec(property, 0..3)).prop_map(
        |(topic, (records, record_size, throughput), properties)| PerfTest {
            topic,
            records,
            record_size,
            throughput,
            properties,
        },
    )
}
