//! A broker as a follower: what it asks its leaders, and what it does with their answers.

use super::{Env, ReplicaManager};
use crate::ids::{NodeId, TopicPartition};
use crate::protocol::*;
use crate::replication::replica_fetcher::{self, Next};
use crate::sim::disk::Disk;
use crate::sim::time::SimTime;
use crate::world::{Call, Ctx, Timer};
use std::sync::Arc;

impl ReplicaManager {
    pub fn fetch_from(&mut self, ctx: &mut Ctx<'_>, env: &Env<'_>, leader: NodeId) {
        let now = ctx.now();
        let broker = &ctx.world.spec.broker;
        let (max_wait_ms, max_bytes) =
            (broker.replica_fetch_wait_max_ms, broker.replica_fetch_max_bytes);
        let (timeout_ms, backoff_ms) =
            (broker.replica_socket_timeout_ms, broker.replica_fetch_backoff_ms);
        let Some(fetcher) = self.fetchers.get_mut(&leader) else {
            return;
        };
        if fetcher.in_flight.is_some() {
            return;
        }
        let ready = |until: &Option<SimTime>| until.is_none_or(|until| until <= now);
        let questions: Vec<_> = fetcher
            .partitions
            .iter()
            .filter(|(_, until)| ready(until))
            .filter_map(|(id, _)| self.partitions.get(id))
            .map(|partition| replica_fetcher::question(ctx, partition))
            .collect();
        if questions.is_empty() {
            ctx.set_timer_in(Timer::ReplicaFetch(leader), backoff_ms);
            return;
        }
        let request = FetchRequest {
            fetcher: Fetcher::Replica { id: self.me, broker_epoch: env.broker_epoch },
            max_wait_ms,
            min_bytes: 1,
            max_bytes,
            partitions: questions,
        };
        let call = Call::ReplicaFetch { leader, round: fetcher.round };
        fetcher.in_flight = Some(ctx.request(leader, Request::Fetch(request), timeout_ms, call));
    }

    pub fn on_fetch_reply(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        env: &Env<'_>,
        (leader, round): (NodeId, u64),
        reply: Reply,
    ) {
        let backoff_ms = ctx.world.spec.broker.replica_fetch_backoff_ms;
        match self.fetchers.get_mut(&leader) {
            Some(fetcher) if fetcher.round == round => fetcher.in_flight = None,
            _ => return,
        }
        let Reply::Response(Response::Fetch(response)) = reply else {
            ctx.set_timer_in(Timer::ReplicaFetch(leader), backoff_ms);
            return;
        };
        for data in &response.partitions {
            let follows = self
                .fetchers
                .get(&leader)
                .is_some_and(|f| f.partitions.contains_key(&data.partition));
            let Some(partition) = self.partitions.get_mut(&data.partition).filter(|_| follows)
            else {
                continue;
            };
            let partition = Arc::make_mut(partition);
            let next = replica_fetcher::apply(ctx, disk, partition, data);
            let leader_epoch = partition.leader_epoch;
            match next {
                Next::Continue => {}
                Next::Remove => self.stop_fetching(ctx, &data.partition),
                Next::Delay => self.delay(ctx, leader, &data.partition, backoff_ms),
                Next::AskOffsets => {
                    self.delay(ctx, leader, &data.partition, backoff_ms);
                    let request = ListOffsetsRequest {
                        partition: data.partition.clone(),
                        current_leader_epoch: leader_epoch,
                        timestamp: OffsetSpec::Latest,
                        from_replica: true,
                    };
                    let call = Call::ReplicaOffsets {
                        leader,
                        partition: data.partition.clone(),
                        leader_epoch,
                    };
                    ctx.request(leader, Request::ListOffsets(request), backoff_ms, call);
                }
            }
        }
        self.fetch_from(ctx, env, leader);
    }

    fn delay(&mut self, ctx: &Ctx<'_>, leader: NodeId, id: &TopicPartition, ms: u64) {
        if let Some(until) = self.fetchers.get_mut(&leader).and_then(|f| f.partitions.get_mut(id)) {
            *until = Some(ctx.now().plus_millis(ms));
        }
    }

    pub fn on_offsets_reply(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        id: &TopicPartition,
        leader_epoch: i32,
        reply: Reply,
    ) {
        let Reply::Response(Response::ListOffsets(Ok(answer))) = reply else {
            return;
        };
        let Some(partition) = self.partition_mut(id) else {
            return;
        };
        if !partition.is_leader() && partition.leader_epoch == leader_epoch {
            let start = answer.log_start_offset;
            replica_fetcher::restart_from(ctx, disk, partition, answer.offset, start);
        }
    }
}
