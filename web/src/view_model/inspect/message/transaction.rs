//! The fields of what transactional producers, transaction coordinators and leaders say to each other.

use super::{Fields, error_code};
use kafkascope_engine::ids::TopicPartition;
use kafkascope_engine::protocol::*;

fn producer(out: &mut Fields, producer: ProducerIdAndEpoch) {
    out.add(0, "producerId", producer.producer_id).add(0, "producerEpoch", producer.epoch);
}

fn partitions(ids: &[TopicPartition]) -> String {
    let ids: Vec<_> = ids.iter().map(|id| id.to_string()).collect();
    format!("[{}]", ids.join(", "))
}

pub(super) fn of_request(out: &mut Fields, request: &Request) {
    match request {
        Request::AddPartitionsToTxn(r) => {
            out.add(0, "transactionalId", &r.transactional_id);
            producer(out, r.producer);
            out.add(0, "verifyOnly", r.verify_only).add(0, "partitions", partitions(&r.partitions));
        }
        Request::AddOffsetsToTxn(r) => {
            out.add(0, "transactionalId", &r.transactional_id);
            producer(out, r.producer);
            out.add(0, "groupId", &r.group);
        }
        Request::EndTxn(r) => {
            out.add(0, "transactionalId", &r.transactional_id);
            producer(out, r.producer);
            out.add(0, "committed", r.commit);
        }
        Request::WriteTxnMarkers(r) => {
            producer(out, r.producer);
            out.add(0, "transactionResult", r.commit)
                .add(0, "coordinatorEpoch", r.coordinator_epoch)
                .add(0, "transactionVersion", r.transaction_version)
                .add(0, "partitions", partitions(&r.partitions));
        }
        Request::TxnOffsetCommit(r) => {
            out.add(0, "transactionalId", &r.transactional_id).add(0, "groupId", &r.member.group);
            producer(out, r.producer);
            out.add(0, "generationId", r.member.generation).add(0, "memberId", &r.member.member_id);
            for (id, committed) in &r.offsets {
                out.add(0, "partition", id).add(1, "committedOffset", committed.offset);
            }
        }
        _ => {}
    }
}

pub(super) fn of_response(out: &mut Fields, response: &Response) {
    match response {
        Response::EndTxn(Ok(next)) => producer(out, *next),
        Response::AddPartitionsToTxn(Ok(()))
        | Response::AddOffsetsToTxn(Ok(()))
        | Response::TxnOffsetCommit(Ok(())) => {
            out.add(0, "errorCode", "0 (NONE)");
        }
        Response::AddPartitionsToTxn(Err(error))
        | Response::AddOffsetsToTxn(Err(error))
        | Response::TxnOffsetCommit(Err(error))
        | Response::EndTxn(Err(error)) => error_code(out, *error),
        Response::WriteTxnMarkers(results) => {
            for (id, result) in results {
                let code = result.map_or_else(
                    |error| format!("{} ({error})", error.code()),
                    |()| "0 (NONE)".to_string(),
                );
                out.add(0, "partition", id).add(1, "errorCode", code);
            }
        }
        _ => {}
    }
}
