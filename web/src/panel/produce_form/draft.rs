//! What is typed into the produce form, and the command it makes. Pure: the form itself is in
//! [`super`], and whether the cluster takes the command is the cluster's to say.

use crate::i18n::format::number;
use crate::i18n::{Lang, say};
use bytes::Bytes;
use kafkascope_engine::cluster::RECORDS_MAX;
use kafkascope_engine::command::{Command, Produce};
use kafkascope_engine::protocol::Acks;
use kafkascope_engine::script::line::PRODUCER;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub topic: String,
    /// Empty: no key.
    pub key: String,
    pub value: String,
    /// A tombstone: no value at all.
    pub null_value: bool,
    pub acks: Acks,
    pub partition: Option<i32>,
    /// `name:value, name:value`
    pub headers: String,
    pub count: String,
    pub producer: String,
}

impl Default for Draft {
    fn default() -> Self {
        Draft {
            topic: String::new(),
            key: "alice".into(),
            value: "americano".into(),
            null_value: false,
            acks: Acks::All,
            partition: None,
            headers: String::new(),
            count: "1".into(),
            producer: PRODUCER.into(),
        }
    }
}

/// What is wrong with the draft, before the cluster is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mistake {
    NoTopic,
    /// A header without a colon, or without a name.
    Header(String),
    Count(String),
    NoProducer,
}

impl Mistake {
    pub fn words(&self, lang: Lang) -> String {
        match self {
            Mistake::NoTopic => {
                say!(lang, "어느 토픽에 보낼지 골라 주십시오.", "Choose the topic to send to.")
            }
            Mistake::Header(header) => say!(
                lang,
                "헤더 “{header}”을(를) 읽을 수 없습니다. 이름:값으로 쓰고 쉼표로 나누어 주십시오.",
                "The header “{header}” cannot be read. Write name:value, with commas between."
            ),
            Mistake::Count(count) => {
                let max = number(RECORDS_MAX.into());
                say!(
                    lang,
                    "개수는 1에서 {max}까지의 정수입니다. “{count}”은(는) 쓸 수 없습니다.",
                    "The count is a whole number from 1 to {max}, not “{count}”."
                )
            }
            Mistake::NoProducer => {
                say!(lang, "프로듀서의 이름을 적어 주십시오.", "Give the producer a name.")
            }
        }
    }
}

impl Draft {
    pub fn command(&self) -> Result<Command, Mistake> {
        if self.topic.is_empty() {
            return Err(Mistake::NoTopic);
        }
        let producer = self.producer.trim();
        if producer.is_empty() {
            return Err(Mistake::NoProducer);
        }
        let count =
            self.count.trim().parse().ok().filter(|count| (1..=RECORDS_MAX).contains(count));
        let bytes = |text: &str| Bytes::copy_from_slice(text.as_bytes());
        Ok(Command::Produce(Produce {
            topic: self.topic.as_str().into(),
            producer: producer.into(),
            partition: self.partition,
            key: (!self.key.is_empty()).then(|| bytes(&self.key)),
            value: (!self.null_value).then(|| bytes(&self.value)),
            headers: headers(&self.headers)?,
            timestamp_ms: None,
            // The producer's own, if nothing else is wanted.
            acks: (self.acks != Acks::All).then_some(self.acks),
            compression: None,
            count: count.ok_or_else(|| Mistake::Count(self.count.trim().to_string()))?,
        }))
    }

    /// Keeps what was chosen possible when topics come and go.
    pub fn fit(&mut self, topics: &[(Arc<str>, i32)]) {
        let chosen = topics.iter().find(|(name, _)| **name == *self.topic).or(topics.first());
        let (name, partitions) =
            chosen.map_or(("", 0), |(name, partitions)| (&**name, *partitions));
        if *self.topic != *name {
            self.topic = name.to_string();
        }
        self.partition = self.partition.filter(|partition| *partition < partitions);
    }
}

fn headers(text: &str) -> Result<Vec<(String, Bytes)>, Mistake> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| match part.split_once(':') {
            Some((name, value)) if !name.trim().is_empty() => {
                Ok((name.trim().to_string(), Bytes::copy_from_slice(value.trim().as_bytes())))
            }
            _ => Err(Mistake::Header(part.to_string())),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafkascope_engine::script::line::NoClients;
    use kafkascope_engine::script::print::print_command;

    fn draft() -> Draft {
        Draft { topic: "orders".into(), ..Draft::default() }
    }

    fn line(draft: &Draft) -> String {
        print_command(&draft.command().unwrap(), &NoClients)
    }

    #[test]
    fn a_draft_becomes_the_line_that_a_person_would_type() {
        assert_eq!(line(&draft()), "produce orders key=alice value=americano");
        let full = Draft {
            key: String::new(),
            null_value: true,
            acks: Acks::Leader,
            partition: Some(1),
            headers: "trace:1, lang: ko ,".into(),
            count: " 3 ".into(),
            producer: "sensor".into(),
            ..draft()
        };
        assert_eq!(
            line(&full),
            "produce orders null-value partition=1 header=trace:1 header=lang:ko acks=1 producer=sensor count=3"
        );
    }

    #[test]
    fn mistakes_are_found_before_the_cluster_is_asked() {
        let mistake = |change: fn(&mut Draft)| {
            let mut draft = draft();
            change(&mut draft);
            draft.command().unwrap_err()
        };
        assert_eq!(mistake(|draft| draft.topic.clear()), Mistake::NoTopic);
        assert_eq!(mistake(|draft| draft.producer = "  ".into()), Mistake::NoProducer);
        assert_eq!(mistake(|draft| draft.headers = "a:1,b".into()), Mistake::Header("b".into()));
        for count in ["", "0", "-1", "1.5", "10001"] {
            let wrong = Draft { count: count.into(), ..draft() }.command();
            assert_eq!(wrong, Err(Mistake::Count(count.into())));
        }
    }

    #[test]
    fn the_choice_follows_the_topics_that_are_there() {
        let topics = [("orders".into(), 2), ("clicks".into(), 1)];
        let mut draft = Draft { partition: Some(1), ..Draft::default() };
        draft.fit(&topics);
        assert_eq!((draft.topic.as_str(), draft.partition), ("orders", Some(1)));
        draft.fit(&topics[1..]);
        assert_eq!((draft.topic.as_str(), draft.partition), ("clicks", None));
        draft.fit(&[]);
        assert_eq!(draft.topic, "");
    }
}
