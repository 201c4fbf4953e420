//! What our clients and coordinator work out without a cluster, for `scripts/real-kafka`: where a key and a
//! group belong, and how the members of a group share its partitions.
//!
//! ```text
//! client-rules FILE
//! ```
//!
//! FILE has one question a line, and one answer a line is printed. Words are parted by blanks, bytes are
//! hexadecimal, `-` is nothing:
//!
//! ```text
//! key BYTES PARTITIONS                        partition
//! group NAME PARTITIONS                       partition of __consumer_offsets
//! user-data ASSIGNOR GENERATION PARTITION...  what a member that had these adds to its subscription
//! assign ASSIGNOR TOPIC:PARTITIONS,... MEMBER/INSTANCE/SUBSCRIPTION...
//!                                             MEMBER/ASSIGNMENT of each, by member id
//! ```

use kafkascope_engine::client::partitioner::partition_for_key;
use kafkascope_engine::group::assignor::{Assignor, PartitionsPerTopic, Subscriptions};
use kafkascope_engine::group::consumer_protocol::{Subscription, assignment_to_bytes};
use kafkascope_engine::group::java_hash::partition_for_group;
use kafkascope_engine::ids::TopicPartition;
use std::error::Error;
use std::fmt::Write;

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("client-rules FILE")?;
    for question in std::fs::read_to_string(file)?.lines() {
        println!("{}", answer(question).map_err(|problem| format!("{question}: {problem}"))?);
    }
    Ok(())
}

fn answer(question: &str) -> Result<String, Box<dyn Error>> {
    let words: Vec<&str> = question.split(' ').collect();
    Ok(match words[..] {
        ["key", key, partitions] => {
            partition_for_key(&from_hex(key)?, partitions.parse()?).to_string()
        }
        ["group", name, partitions] => partition_for_group(name, partitions.parse()?).to_string(),
        ["user-data", assignor, generation, ref owned @ ..] => {
            let owned = owned.iter().map(|id| id.parse());
            let owned: Vec<TopicPartition> =
                owned.collect::<Result<_, ()>>().map_err(|()| "no partition")?;
            let data = named(assignor)?.user_data(Some((&owned, generation.parse()?)));
            data.map_or("-".to_string(), |bytes| to_hex(&bytes))
        }
        ["assign", assignor, topics, ref members @ ..] => {
            let assigned = named(assignor)?.assign(&counts(topics)?, &subscriptions(members)?);
            let of_member = |(member, partitions): (_, &Vec<TopicPartition>)| {
                format!("{member}/{}", to_hex(&assignment_to_bytes(partitions)))
            };
            assigned.iter().map(of_member).collect::<Vec<_>>().join(" ")
        }
        _ => return Err("unknown".into()),
    })
}

fn named(assignor: &str) -> Result<Assignor, String> {
    Assignor::from_name(assignor).ok_or_else(|| format!("{assignor} is no assignor"))
}

fn counts(topics: &str) -> Result<PartitionsPerTopic, Box<dyn Error>> {
    let count = |topic: &str| -> Result<_, Box<dyn Error>> {
        let (name, partitions) = topic.split_once(':').ok_or("TOPIC:PARTITIONS")?;
        Ok((name.into(), partitions.parse()?))
    };
    topics.split(',').map(count).collect()
}

fn subscriptions(members: &[&str]) -> Result<Subscriptions, Box<dyn Error>> {
    let member = |member: &&str| -> Result<_, Box<dyn Error>> {
        let [id, instance, subscription] = member.split('/').collect::<Vec<_>>()[..] else {
            return Err("MEMBER/INSTANCE/SUBSCRIPTION".into());
        };
        let mut subscription =
            Subscription::parse(&from_hex(subscription)?).ok_or("no subscription")?;
        subscription.group_instance_id = Some(instance).filter(|id| *id != "-").map(Into::into);
        Ok((id.into(), subscription))
    };
    members.iter().map(member).collect()
}

fn from_hex(text: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let pairs = text.trim_start_matches('-').as_bytes().chunks(2);
    pairs.map(|pair| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?)).collect()
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes all");
        text
    })
}
