//! Which replicas of a topic are held back while they are copied: `*`, or `partition:broker` and so on
//! (`ThrottledReplicaListValidator`).

use super::Reason;
use crate::ids::NodeId;
use std::collections::BTreeSet;
use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ThrottledReplicas {
    All,
    These(BTreeSet<(i32, NodeId)>),
}

impl Default for ThrottledReplicas {
    fn default() -> Self {
        ThrottledReplicas::These(BTreeSet::new())
    }
}

impl ThrottledReplicas {
    pub fn contains(&self, partition: i32, broker: NodeId) -> bool {
        match self {
            ThrottledReplicas::All => true,
            ThrottledReplicas::These(replicas) => replicas.contains(&(partition, broker)),
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, Reason> {
        if text == "*" {
            return Ok(ThrottledReplicas::All);
        }
        let replica = |word: &str| {
            let (partition, broker) = word.trim().split_once(':')?;
            let number = |text: &str| text.parse().ok().filter(|number: &i32| *number >= 0);
            Some((number(partition)?, NodeId(number(broker)?)))
        };
        let words = text.split(',').filter(|_| !text.is_empty());
        let replicas: Option<BTreeSet<_>> = words.map(replica).collect();
        replicas.map(ThrottledReplicas::These).ok_or(Reason::NotThrottledReplicas)
    }
}

impl fmt::Display for ThrottledReplicas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ThrottledReplicas::All => f.write_str("*"),
            ThrottledReplicas::These(replicas) => {
                let words =
                    replicas.iter().map(|(partition, broker)| format!("{partition}:{}", broker.0));
                f.write_str(&words.collect::<Vec<_>>().join(","))
            }
        }
    }
}
