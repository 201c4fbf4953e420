//! A broker as a follower: what it asks its leaders, and what it does with their answers.

use super::serving::size_of_records;
use super::{Env, ReplicaManager};
use crate::ids::{NodeId, TopicPartition};
use crate::log::leader_epoch_cache::EpochEndOffset;
use crate::protocol::*;
use crate::replication::replica_fetcher::{self, Next, Waiting};
use crate::sim::disk::Disk;
use crate::sim::time::SimTime;
use crate::world::{Call, Ctx, Timer};

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
        let due = fetcher.waiting.iter().filter(|(_, waiting)| waiting.until <= now);
        let due: Vec<_> = due.map(|(id, waiting)| (id.clone(), waiting.truncating)).collect();
        for (id, truncating) in due {
            if truncating {
                self.ask_epoch_end(ctx, leader, &id);
            } else if self.is_held_back(&id, now) {
                self.delay(ctx, leader, &id, backoff_ms);
            } else {
                self.begin_to_fetch(leader, &id);
            }
        }
        let Some(fetcher) = self.fetchers.get_mut(&leader) else {
            return;
        };
        let history = ctx.world.spec.history;
        let (replicas, waiting) = (&fetcher.partitions, &fetcher.waiting);
        let question = |id: &TopicPartition| {
            let fetches = replicas.contains(id) && !waiting.contains_key(id);
            let partition = self.partitions.get(id).filter(|_| fetches)?;
            Some(replica_fetcher::question(history, partition))
        };
        let Some(fetch) = fetcher.session.build(question) else {
            ctx.set_timer_in(Timer::ReplicaFetch(leader), backoff_ms);
            return;
        };
        let request = FetchRequest {
            fetcher: Fetcher::Replica { id: self.me, broker_epoch: env.broker_epoch },
            rack_id: None,
            isolation: IsolationLevel::ReadUncommitted,
            max_wait_ms,
            min_bytes: 1,
            max_bytes,
            session: fetch.metadata,
            partitions: fetch.partitions,
            forgotten: fetch.forgotten,
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
        let fetcher = match self.fetchers.get_mut(&leader) {
            Some(fetcher) if fetcher.round == round => fetcher,
            _ => return,
        };
        fetcher.in_flight = None;
        let Reply::Response(Response::Fetch(response)) = reply else {
            fetcher.session.on_failure();
            ctx.set_timer_in(Timer::ReplicaFetch(leader), backoff_ms);
            return;
        };
        if !fetcher.session.on_response(&response) {
            return self.fetch_from(ctx, env, leader);
        }
        let mut readable = Vec::new();
        for data in &response.partitions {
            let fetcher = self.fetchers.get(&leader);
            let follows = fetcher.is_some_and(|f| f.partitions.contains(&data.partition));
            let Some(partition) = self.partition_mut(&data.partition).filter(|_| follows) else {
                continue;
            };
            let applied = replica_fetcher::apply(ctx, disk, partition, data);
            readable.extend(applied.high_watermark_moved.map(|event| (event, &data.partition)));
            let leader_epoch = partition.leader_epoch;
            self.count_taken(&data.partition, size_of_records(data), ctx.now());
            match applied.next {
                Next::Continue if self.is_held_back(&data.partition, ctx.now()) => {
                    self.delay(ctx, leader, &data.partition, backoff_ms);
                }
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
                        isolation: IsolationLevel::ReadUncommitted,
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
        for (event, id) in readable {
            self.complete_reads(&mut ctx.because(event), disk, id);
        }
        self.fetch_from(ctx, env, leader);
    }

    // Throttling: a replica that is out of the ISR and to be held back.

    /// Whether the follower is to take its time with this replica.
    fn is_throttled(&self, id: &TopicPartition) -> bool {
        self.partitions.get(id).is_some_and(|partition| {
            let throttled = &partition.log.config().follower_replication_throttled_replicas;
            throttled.contains(id.partition, self.me) && !partition.isr.contains(&self.me)
        })
    }

    fn is_held_back(&self, id: &TopicPartition, now: SimTime) -> bool {
        let rate = self.settings.follower_replication_throttled_rate;
        self.is_throttled(id) && self.follower_quota.is_exceeded(now, rate)
    }

    fn count_taken(&mut self, id: &TopicPartition, bytes: u32, now: SimTime) {
        if bytes > 0 && self.is_throttled(id) {
            self.follower_quota.record(now, u64::from(bytes));
        }
    }

    fn delay(&mut self, ctx: &Ctx<'_>, leader: NodeId, id: &TopicPartition, ms: u64) {
        let Some(fetcher) = self.fetchers.get_mut(&leader) else {
            return;
        };
        let until = ctx.now().plus_millis(ms);
        let truncating = fetcher.waiting.get(id).is_some_and(|waiting| waiting.truncating);
        fetcher.waiting.insert(id.clone(), Waiting { until, truncating });
        fetcher.session.touch(id);
    }

    fn begin_to_fetch(&mut self, leader: NodeId, id: &TopicPartition) {
        if let Some(fetcher) = self.fetchers.get_mut(&leader) {
            fetcher.waiting.remove(id);
            fetcher.session.touch(id);
        }
    }

    // History: before fetches carried the last fetched epoch, a follower asked for its end.

    fn ask_epoch_end(&mut self, ctx: &mut Ctx<'_>, leader: NodeId, id: &TopicPartition) {
        let Some(partition) = self.partitions.get(id) else {
            return;
        };
        let leader_epoch = partition.leader_epoch;
        let Some(last_epoch) = partition.log.last_offset_epoch() else {
            return self.begin_to_fetch(leader, id);
        };
        let timeout_ms = ctx.world.spec.broker.replica_fetch_backoff_ms;
        let request = OffsetForLeaderEpochRequest {
            partition: id.clone(),
            current_leader_epoch: -1,
            leader_epoch: last_epoch,
        };
        let call = Call::ReplicaEpochEnd { leader, partition: id.clone(), leader_epoch };
        ctx.request(leader, Request::OffsetForLeaderEpoch(request), timeout_ms, call);
        self.delay(ctx, leader, id, timeout_ms);
    }

    pub fn on_epoch_end_reply(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        env: &Env<'_>,
        (leader, id, leader_epoch): (NodeId, &TopicPartition, i32),
        reply: Reply,
    ) {
        let waiting = self.fetchers.get(&leader).and_then(|fetcher| fetcher.waiting.get(id));
        if !waiting.is_some_and(|waiting| waiting.truncating) {
            return;
        }
        let Reply::Response(Response::OffsetForLeaderEpoch(Ok(end))) = reply else {
            return;
        };
        let Some(partition) = self.partition_mut(id).filter(|p| p.leader_epoch == leader_epoch)
        else {
            return;
        };
        let end = EpochEndOffset { leader_epoch: end.epoch, end_offset: end.end_offset };
        if replica_fetcher::truncate_by_epoch_end(ctx, disk, partition, end) {
            self.begin_to_fetch(leader, id);
        } else {
            self.ask_epoch_end(ctx, leader, id);
        }
        self.fetch_from(ctx, env, leader);
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
