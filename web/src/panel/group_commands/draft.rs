//! What is set in the form of group commands, and the command that it makes.

use crate::i18n::groups::{GroupText, Mistake};
use crate::view_model::groups::card::free_name;
use kafkascope_engine::cluster::Cluster;
use kafkascope_engine::command::{Command, Membership, ResetOffsets, ResetTo, StartFrom};
use kafkascope_engine::group::assignor::Assignor;
use kafkascope_engine::script::line::CONSUMER;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Join,
    Reset,
    Delete,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Join, Kind::Reset, Kind::Delete];

    /// One word, for tests.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Join => "join-group",
            Kind::Reset => "reset-offsets",
            Kind::Delete => "delete-group",
        }
    }
}

/// Where a group is to go on, by the tool's options.
pub const TARGETS: [&str; 5] =
    ["--to-earliest", "--to-latest", "--to-current", "--to-offset", "--shift-by"];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub kind: Kind,
    pub group: String,
    pub topic: String,
    pub name: String,
    /// Kafka's default where it is none.
    pub assignor: Option<Assignor>,
    pub from: StartFrom,
    pub processing: String,
    pub session_timeout: String,
    pub max_poll_interval: String,
    pub group_instance_id: String,
    /// One of [`TARGETS`].
    pub to: &'static str,
    /// For two of them.
    pub offset: String,
}

impl Draft {
    /// As things are: a new member is like the others, with a name that is free.
    pub fn of(kind: Kind, group: Option<Arc<str>>, cluster: Option<&Cluster>) -> Draft {
        let topics = || cluster?.newest_metadata().map(|image| &image.topics);
        let topic = topics().and_then(|topics| topics.keys().find(|name| !name.starts_with("__")));
        let in_group = |client: &&kafkascope_engine::cluster::Client| {
            let member = client.consumer().and_then(|consumer| consumer.member.as_ref());
            member.is_some_and(|member| Some(&member.settings.group) == group.as_ref())
        };
        let last = cluster.and_then(|cluster| cluster.clients().filter(in_group).last());
        let like = last.and_then(|client| client.consumer());
        let member = like.and_then(|consumer| consumer.member.as_ref());
        let name = last.map_or(CONSUMER, |client| &client.name);
        Draft {
            kind,
            group: group.as_ref().map_or("billing".to_string(), |group| group.to_string()),
            topic: like.map(|c| &c.topic).or(topic).map_or(String::new(), |t| t.to_string()),
            name: cluster.map_or(String::new(), |cluster| free_name(cluster, name).to_string()),
            assignor: member.and_then(|member| match &member.settings.assignors[..] {
                [one] => Some(*one),
                _ => None,
            }),
            from: like.map_or(StartFrom::Earliest, |consumer| consumer.from),
            processing: String::new(),
            session_timeout: String::new(),
            max_poll_interval: String::new(),
            group_instance_id: String::new(),
            to: TARGETS[0],
            offset: String::new(),
        }
    }

    pub fn command(&self) -> Result<Command, Mistake> {
        let group: Arc<str> = match self.group.trim() {
            "" => return Err(Mistake::GroupMissing),
            group => group.into(),
        };
        Ok(match self.kind {
            Kind::Join => {
                if self.topic.is_empty() {
                    return Err(Mistake::TopicMissing);
                }
                let mut membership = Membership::of(group);
                if let Some(assignor) = self.assignor {
                    membership.assignors = vec![assignor];
                }
                for (text, field, place) in [
                    (&self.processing, GroupText::Processing, &mut membership.processing_ms),
                    (
                        &self.session_timeout,
                        GroupText::SessionTimeout,
                        &mut membership.session_timeout_ms,
                    ),
                    (
                        &self.max_poll_interval,
                        GroupText::MaxPollInterval,
                        &mut membership.max_poll_interval_ms,
                    ),
                ] {
                    if !text.trim().is_empty() {
                        *place = text.trim().parse().map_err(|_| Mistake::NotANumber(field))?;
                    }
                }
                let instance = self.group_instance_id.trim();
                membership.group_instance_id = (!instance.is_empty()).then(|| instance.into());
                Command::Consume {
                    topic: self.topic.as_str().into(),
                    consumer: self.name.trim().into(),
                    from: self.from,
                    client_rack: None,
                    configs: Vec::new(),
                    group: Some(Box::new(membership)),
                }
            }
            Kind::Reset => Command::ResetOffsets(self.reset()?),
            Kind::Delete => Command::DeleteGroup { group },
        })
    }

    /// Of one topic, or of every one in which the group has committed.
    pub fn reset(&self) -> Result<ResetOffsets, Mistake> {
        let number = || {
            let number = self.offset.trim().parse();
            number.map_err(|_| Mistake::NotANumber(GroupText::Offset))
        };
        Ok(ResetOffsets {
            group: self.group.trim().into(),
            topic: (!self.topic.is_empty()).then(|| self.topic.as_str().into()),
            partitions: Vec::new(),
            to: match self.to {
                "--to-latest" => ResetTo::Latest,
                "--to-current" => ResetTo::Current,
                "--to-offset" => ResetTo::Offset(number()?),
                "--shift-by" => ResetTo::ShiftBy(number()?),
                _ => ResetTo::Earliest,
            },
        })
    }

    pub fn needs_offset(&self) -> bool {
        matches!(self.to, "--to-offset" | "--shift-by")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario;
    use kafkascope_engine::script::print_command;

    fn line(kind: Kind, change: impl FnOnce(&mut Draft)) -> Result<String, Mistake> {
        let prepared = scenario::prepare(
            "cluster brokers=1 seed=4\n\
             run until ready\n\
             kafka-topics.sh --create --topic orders --partitions 3 --replication-factor 1\n\
             run until quiet\n\
             consume orders group=billing consumer=worker1 assignor=sticky\n",
        );
        let timeline = prepared.unwrap_or_else(|text| panic!("{}", text.en)).timeline;
        let cluster = timeline.cluster();
        let mut draft = Draft::of(kind, Some("billing".into()), Some(cluster));
        change(&mut draft);
        Ok(print_command(&draft.command()?, cluster))
    }

    #[test]
    fn each_command_has_its_line() {
        let lines = [
            line(Kind::Join, |_| ()),
            line(Kind::Join, |draft| {
                draft.assignor = Some(Assignor::CooperativeSticky);
                draft.processing = "250".into();
                draft.group_instance_id = "one".into();
            }),
            line(Kind::Reset, |draft| draft.to = "--to-latest"),
            line(Kind::Reset, |draft| {
                draft.topic = String::new();
                draft.to = "--shift-by";
                draft.offset = "-2".into();
            }),
            line(Kind::Delete, |_| ()),
        ];
        assert_eq!(
            lines.map(Result::unwrap),
            [
                "consume orders consumer=worker2 group=billing assignor=sticky",
                "consume orders consumer=worker2 group=billing assignor=cooperative-sticky group.instance.id=one processing=250ms",
                "kafka-consumer-groups.sh --reset-offsets --group billing --topic orders --to-latest --execute",
                "kafka-consumer-groups.sh --reset-offsets --group billing --all-topics --shift-by=-2 --execute",
                "kafka-consumer-groups.sh --delete --group billing",
            ]
        );
    }

    #[test]
    fn what_is_missing_is_said() {
        assert_eq!(line(Kind::Delete, |draft| draft.group.clear()), Err(Mistake::GroupMissing));
        assert_eq!(line(Kind::Join, |draft| draft.topic.clear()), Err(Mistake::TopicMissing));
        let typed = line(Kind::Reset, |draft| draft.to = "--to-offset");
        assert_eq!(typed, Err(Mistake::NotANumber(GroupText::Offset)));
    }
}
