//! The fields of what members of a group and its coordinator say to each other, and of a broker's wish for an
//! internal topic.

use super::{Fields, error_code};
use bytes::Bytes;
use kafkascope_engine::group::consumer_protocol::{Subscription, assignment_from_bytes};
use kafkascope_engine::group::consumer_record::Partitions;
use kafkascope_engine::ids::TopicPartition;
use kafkascope_engine::protocol::*;

fn member(out: &mut Fields, member: &MemberIdentity) {
    out.add(0, "groupId", &member.group).add(0, "memberId", &member.member_id).add(
        0,
        "generationId",
        member.generation,
    );
    if let Some(instance) = &member.group_instance_id {
        out.add(0, "groupInstanceId", instance);
    }
}

/// What has not changed since the last one is not said.
fn heartbeat(out: &mut Fields, request: &ConsumerGroupHeartbeatRequest) {
    out.add(0, "groupId", &request.group).add(0, "memberId", &request.member_id).add(
        0,
        "memberEpoch",
        request.member_epoch,
    );
    if let Some(instance) = &request.group_instance_id {
        out.add(0, "instanceId", instance);
    }
    if let Some(said) = &request.said {
        if let Some(rack) = &said.rack {
            out.add(0, "rackId", rack);
        }
        let topics: Vec<_> = said.topics.iter().map(|topic| topic.to_string()).collect();
        out.add(0, "rebalanceTimeoutMs", said.rebalance_timeout_ms).add(
            0,
            "subscribedTopicNames",
            format!("[{}]", topics.join(", ")),
        );
        if let Some(assignor) = &said.server_assignor {
            out.add(0, "serverAssignor", assignor);
        }
    }
    if let Some(owned) = &request.owned {
        topic_partitions(out, owned);
    }
}

/// As the protocol names them: by topic ids.
fn topic_partitions(out: &mut Fields, all: &Partitions) {
    out.add(0, "topicPartitions", all.len());
    for (topic_id, partitions) in all {
        let partitions: Vec<_> = partitions.iter().map(|partition| partition.to_string()).collect();
        out.add(1, "topicId", topic_id).add(
            1,
            "partitions",
            format!("[{}]", partitions.join(", ")),
        );
    }
}

fn partitions(ids: &[TopicPartition]) -> String {
    let ids: Vec<_> = ids.iter().map(|id| id.to_string()).collect();
    format!("[{}]", ids.join(", "))
}

fn subscription(bytes: &Bytes) -> String {
    match Subscription::parse(bytes) {
        Some(subscription) => format!(
            "topics [{}], ownedPartitions {}",
            subscription.topics.join(", "),
            partitions(&subscription.owned_partitions)
        ),
        None => format!("{} B", bytes.len()),
    }
}

fn assignment(bytes: &Bytes) -> String {
    assignment_from_bytes(bytes).map_or(format!("{} B", bytes.len()), |ids| partitions(&ids))
}

pub(super) fn of_request(out: &mut Fields, request: &Request) {
    match request {
        Request::FindCoordinator { key_type, key } => {
            let key_type = match key_type {
                CoordinatorType::Group => "0 (group)",
                CoordinatorType::Transaction => "1 (transaction)",
            };
            out.add(0, "key", key).add(0, "keyType", key_type);
        }
        Request::JoinGroup(r) => {
            member(out, &r.member);
            out.add(0, "sessionTimeoutMs", r.session_timeout_ms).add(
                0,
                "rebalanceTimeoutMs",
                r.rebalance_timeout_ms,
            );
            for (name, metadata) in &r.protocols {
                out.add(0, "protocol", name).add(1, "metadata", subscription(metadata));
            }
        }
        Request::SyncGroup(r) => {
            member(out, &r.member);
            for (member_id, given) in &r.assignments {
                out.add(0, "memberId", member_id).add(1, "assignment", assignment(given));
            }
        }
        Request::Heartbeat(r) | Request::LeaveGroup(r) => member(out, r),
        Request::ConsumerGroupHeartbeat(r) => heartbeat(out, r),
        Request::OffsetCommit(r) => {
            member(out, &r.member);
            for (id, committed) in &r.offsets {
                out.add(0, "partition", id).add(1, "committedOffset", committed.offset).add(
                    1,
                    "committedLeaderEpoch",
                    committed.leader_epoch,
                );
            }
        }
        Request::OffsetFetch(r) => {
            out.add(0, "groupId", &r.group).add(0, "partitions", partitions(&r.partitions));
        }
        Request::CreateTopics(r) => {
            out.add(0, "topic", &r.topic).add(0, "numPartitions", r.partitions).add(
                0,
                "replicationFactor",
                r.replication_factor,
            );
        }
        _ => {}
    }
}

pub(super) fn of_response(out: &mut Fields, response: &Response) {
    match response {
        Response::FindCoordinator(Ok(coordinator)) => {
            out.add(0, "nodeId", coordinator.0);
        }
        Response::JoinGroup(r) => {
            if let Some(error) = r.error {
                error_code(out, error);
            }
            out.add(0, "memberId", &r.member_id)
                .add(0, "generationId", r.generation)
                .add(0, "leader", &r.leader);
            if let Some(protocol) = &r.protocol {
                out.add(0, "protocolName", protocol);
            }
            for joined in &r.members {
                out.add(0, "member", &joined.member_id).add(
                    1,
                    "metadata",
                    subscription(&joined.metadata),
                );
            }
        }
        Response::SyncGroup(Ok(given)) => {
            out.add(0, "assignment", assignment(given));
        }
        Response::ConsumerGroupHeartbeat(Ok(r)) => {
            out.add(0, "memberId", &r.member_id).add(0, "memberEpoch", r.member_epoch).add(
                0,
                "heartbeatIntervalMs",
                r.heartbeat_interval_ms,
            );
            if let Some(assignment) = &r.assignment {
                topic_partitions(out, assignment);
            }
        }
        Response::OffsetFetch(Ok(offsets)) => {
            for (id, committed) in offsets {
                let offset = committed.map_or(-1, |committed| committed.offset);
                out.add(0, "partition", id).add(1, "committedOffset", offset);
            }
        }
        Response::Heartbeat(Ok(()))
        | Response::LeaveGroup(Ok(()))
        | Response::OffsetCommit(Ok(()))
        | Response::CreateTopics(Ok(())) => {
            out.add(0, "errorCode", "0 (NONE)");
        }
        Response::FindCoordinator(Err(error))
        | Response::SyncGroup(Err(error))
        | Response::Heartbeat(Err(error))
        | Response::ConsumerGroupHeartbeat(Err(error))
        | Response::LeaveGroup(Err(error))
        | Response::OffsetCommit(Err(error))
        | Response::OffsetFetch(Err(error))
        | Response::CreateTopics(Err(error)) => error_code(out, *error),
        _ => {}
    }
}
