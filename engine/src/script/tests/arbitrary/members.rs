//! Members of groups.

use super::*;

pub fn group_protocol() -> impl Strategy<Value = GroupProtocol> {
    let remote = option::of(select(ServerAssignor::ALL.to_vec()));
    prop_oneof![Just(GroupProtocol::Classic), remote.prop_map(GroupProtocol::Consumer)]
}

pub fn consume_in_group() -> impl Strategy<Value = Command> {
    let from = start_from();
    let assignors = subsequence(Assignor::ALL.to_vec(), 1..=4).prop_shuffle();
    let ms = || any::<u32>().prop_map(u64::from);
    let times = (ms(), ms(), ms(), ms(), 0..1u64 << 40);
    let who = (name(), name(), name(), vec(name(), 0..3), option::of(name()));
    let commit = option::of((any::<bool>(), any::<bool>(), any::<bool>()));
    let autos = (any::<bool>(), commit, group_protocol());
    (who, from, assignors, autos, any::<u32>(), times).prop_map(
        |(who, from, assignors, autos, max_poll_records, times)| {
            let (enable_auto_commit, commit, group_protocol) = autos;
            let commit = commit.map(|(sync, before, record)| Commits {
                how: if sync { CommitHow::Sync } else { CommitHow::Async },
                when: if before { CommitWhen::Before } else { CommitWhen::After },
                each: if record { CommitEach::Record } else { CommitEach::Poll },
            });
            let (topic, consumer, group, more_topics, group_instance_id) = who;
            let membership = Membership {
                group,
                more_topics,
                assignors,
                group_instance_id,
                enable_auto_commit,
                auto_commit_interval_ms: times.0,
                session_timeout_ms: times.1,
                heartbeat_interval_ms: times.2,
                max_poll_records,
                max_poll_interval_ms: times.3,
                processing_ms: times.4,
                commit,
                group_protocol,
            };
            let (client_rack, group) = (None, Some(Box::new(membership)));
            let level = IsolationLevel::ALL[usize::from(enable_auto_commit)];
            let configs = vec![("isolation.level".to_string(), level.name().to_string())];
            Command::Consume { topic, consumer, from, client_rack, configs, group }
        },
    )
}
