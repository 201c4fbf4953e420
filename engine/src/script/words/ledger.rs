//! What the ledger says, in words: what settings promise, what was seen, and why.

use crate::ids::{ClientId, TopicPartition};
use crate::invariant::Allowance;
use crate::ledger::promise::{Doubt, Guarantee, Promise};
use crate::ledger::{Incident, Parting, Reader, Repeated, Skipped, Verdict, What};
use crate::script::lang::{Lang, say};
use crate::script::line::Names;
use crate::script::words::finding;

pub fn guarantee(guarantee: Guarantee, lang: Lang) -> &'static str {
    let (ko, en) = match guarantee {
        Guarantee::ExactlyOnce => ("정확히 한 번(exactly once)", "exactly once"),
        Guarantee::AtLeastOnce => ("적어도 한 번(at least once)", "at least once"),
        Guarantee::AtMostOnce => ("많아야 한 번(at most once)", "at most once"),
        Guarantee::Neither => {
            ("보장 없음: 잃을 수도, 두 번일 수도", "no guarantee: it may be lost, and come twice")
        }
    };
    lang.pick(ko, en)
}

/// What happened, whatever was promised.
pub fn seen(seen: Guarantee, lang: Lang) -> &'static str {
    let (ko, en) = match seen {
        Guarantee::ExactlyOnce => ("모두 정확히 한 번", "each exactly once"),
        Guarantee::AtLeastOnce => ("중복 있음, 유실 없음", "some twice, none lost"),
        Guarantee::AtMostOnce => ("유실 있음, 중복 없음", "some lost, none twice"),
        Guarantee::Neither => ("유실도 중복도 있음", "some lost, and some twice"),
    };
    lang.pick(ko, en)
}

/// What the settings promise, and which of them leave a doubt.
pub fn promised(promise: &Promise, lang: Lang) -> String {
    let name = guarantee(promise.guarantee(), lang);
    let doubts: Vec<_> = promise.doubts.iter().map(|doubt| self::doubt(*doubt, lang)).collect();
    match doubts.is_empty() {
        true => name.to_string(),
        false => format!("{name} ({})", doubts.join("; ")),
    }
}

/// The setting, and what it leaves open.
pub fn doubt(doubt: Doubt, lang: Lang) -> String {
    match doubt {
        Doubt::AcksNone => {
            say!(lang, "acks=0: 가는 길에 잃어도 모름", "acks=0: may be lost on the way, unnoticed")
        }
        Doubt::AcksLeader => {
            say!(lang, "acks=1: 리더와 함께 잃을 수 있음", "acks=1: may be lost with its leader")
        }
        Doubt::UncleanElection => say!(
            lang,
            "unclean.leader.election.enable=true: 뒤처진 리더에 없으면 잃음",
            "unclean.leader.election.enable=true: lost where the new leader lacks it"
        ),
        Doubt::RetriesWithoutIdempotence => say!(
            lang,
            "enable.idempotence=false에 retries: 다시 보낸 것이 두 번 적힐 수 있음",
            "enable.idempotence=false with retries: what is sent again may be written twice"
        ),
        Doubt::CommitsAfterwards => say!(
            lang,
            "enable.auto.commit=true: 처리한 뒤의 poll에서 커밋하므로, 그 사이에 죽으면 다시 처리함",
            "enable.auto.commit=true: commits in a poll after processing; who dies between the two leaves it to be processed again"
        ),
        Doubt::CommitsByHandAfterwards => say!(
            lang,
            "처리한 뒤에 커밋: 그 사이에 죽으면 다시 처리함",
            "commits after processing: who dies between the two leaves it to be processed again"
        ),
        Doubt::CommitsBefore => say!(
            lang,
            "처리하기 전에 커밋: 그 사이에 죽으면 건너뜀",
            "commits before processing: who dies between the two has passed it over"
        ),
        Doubt::CommitsUnawaited => say!(
            lang,
            "commitAsync: 커밋되지 않은 것을 처리했을 수 있음",
            "commitAsync: may have processed what is not committed"
        ),
        Doubt::NeverCommits => say!(
            lang,
            "enable.auto.commit=false에 커밋 없음: 다시 시작하면 처음부터",
            "enable.auto.commit=false and no commit: whoever takes over begins anew"
        ),
        Doubt::BeginsAgain => say!(
            lang,
            "그룹 없음: 다시 시작하면 from이 말하는 곳부터",
            "no group: who starts again begins where from says"
        ),
    }
}

pub fn verdict(verdict: Verdict, lang: Lang) -> &'static str {
    let (ko, en) = match verdict {
        Verdict::NotYet => ("아직", "not yet"),
        Verdict::Once => ("한 번", "once"),
        Verdict::Failed => ("실패", "failed"),
        Verdict::Again => ("여러 번", "more than once"),
        Verdict::Lost => ("유실", "lost"),
    };
    lang.pick(ko, en)
}

pub fn reader(reader: &Reader, names: &dyn Names) -> String {
    match reader {
        Reader::Group(group) => group.to_string(),
        Reader::Consumer(client) => client_name(*client, names),
    }
}

/// What happened, and why, in a sentence or two.
pub fn incident(incident: &Incident, names: &dyn Names, lang: Lang) -> String {
    let partition = &incident.partition;
    match &incident.what {
        What::Lost { client, first, values, leader_epoch, allowed_by } => {
            let (client, which) = (client_name(*client, names), values_text(*first, *values, lang));
            let by = allowed(allowed_by, lang);
            say!(
                lang,
                "유실: {client}의 {which}. {partition}의 리더가 leader epoch {leader_epoch}에서 적은 것이 새 리더의 로그에 없습니다{by}.",
                "lost: {which} of {client}. What the leader of {partition} appended in leader epoch {leader_epoch} is not in the log of the new one{by}."
            )
        }
        What::WrittenTwice { client, first, values, offset, allowed_by } => {
            let (client, which) = (client_name(*client, names), values_text(*first, *values, lang));
            let by = allowed(allowed_by, lang);
            say!(
                lang,
                "중복: {client}의 {which}이(가) {partition}의 오프셋 {offset}부터 다시 적혔습니다{by}.",
                "twice: {which} of {client} was written again, from offset {offset} of {partition} on{by}."
            )
        }
        What::Skipped { reader: who, offsets, why } => {
            let (who, which) = (reader(who, names), offsets_text(*offsets, lang));
            let why = skipped(why, names, lang);
            say!(
                lang,
                "유실: {who}이(가) {partition}의 {which}을(를) 처리하지 않고 지나갔습니다. {why}",
                "lost: {who} went past {which} of {partition} without processing. {why}"
            )
        }
        What::Repeated { reader: who, client, offsets, why } => {
            let (who, which) = (reader(who, names), offsets_text(*offsets, lang));
            let (why, client) = (repeated(why, names, lang), client_name(*client, names));
            say!(
                lang,
                "중복: {who}의 {client}이(가) {partition}의 {which}을(를) 다시 처리했습니다. {why}",
                "twice: {client} of {who} processed {which} of {partition} again. {why}"
            )
        }
    }
}

/// Values that were sent with acks=0 and that nobody has heard of.
pub fn vanished(
    (partition, client, first, values): (&TopicPartition, ClientId, u64, u64),
    names: &dyn Names,
    lang: Lang,
) -> String {
    let (client, which) = (client_name(client, names), values_text(first, values, lang));
    say!(
        lang,
        "유실: {client}의 {which}이(가) {partition}의 리더에 닿지 않았습니다. 응답을 기다리지 않아 아무도 모릅니다(acks=0).",
        "lost: {which} of {client} never reached the leader of {partition}. Nobody waits for an answer, so nobody knows (acks=0)."
    )
}

fn allowed(allowed_by: &[Allowance], lang: Lang) -> String {
    match allowed_by.first() {
        None => String::new(),
        Some(by) => format!(" ({})", finding::name(by, lang)),
    }
}

fn skipped(why: &Skipped, names: &dyn Names, lang: Lang) -> String {
    match *why {
        Skipped::CommittedEarly { holder, parting, committed } => {
            let what = parted(holder, parting, names, lang);
            say!(
                lang,
                "처리하기 전에 {committed}까지 커밋되어 있었고, {what}.",
                "It was committed up to {committed} before it was processed, and {what}."
            )
        }
        Skipped::Deleted { log_start } => say!(
            lang,
            "읽기 전에 로그의 시작이 {log_start}(으)로 올라갔습니다.",
            "The log had come to start at {log_start} before they were read."
        ),
        Skipped::ByTool => {
            say!(
                lang,
                "도구로 그룹의 오프셋을 옮겼습니다.",
                "A tool had set the offsets of the group."
            )
        }
        Skipped::StartedAtLatest => say!(
            lang,
            "커밋된 것이 없어 끝에서 시작했습니다(auto.offset.reset=latest).",
            "Nothing was committed, so it started at the end (auto.offset.reset=latest)."
        ),
    }
}

fn repeated(why: &Repeated, names: &dyn Names, lang: Lang) -> String {
    match *why {
        Repeated::NotCommitted { holder, parting, committed } => {
            let what = parted(holder, parting, names, lang);
            say!(
                lang,
                "커밋은 {committed}까지만 되어 있었고, {what}.",
                "Only what is below {committed} was committed, and {what}."
            )
        }
        Repeated::NothingCommitted => say!(
            lang,
            "커밋된 것이 없어 처음부터 다시 읽었습니다.",
            "Nothing was committed, so it began anew."
        ),
        Repeated::ByTool => {
            say!(lang, "도구로 그룹의 오프셋을 되돌렸습니다.", "A tool had set the group back.")
        }
        Repeated::LogCut => say!(
            lang,
            "로그가 잘려 읽던 자리가 되돌아갔습니다.",
            "The log was cut below its position, which went back with it."
        ),
    }
}

/// "..., and what became of who had it."
fn parted(
    holder: Option<ClientId>,
    parting: Option<Parting>,
    names: &dyn Names,
    lang: Lang,
) -> String {
    let who = holder.map_or_else(String::new, |holder| client_name(holder, names));
    match parting.filter(|_| holder.is_some()) {
        Some(Parting::Killed) => say!(lang, "{who}이(가) 죽었습니다", "{who} died"),
        Some(Parting::Closed) => say!(lang, "{who}이(가) 닫혔습니다", "{who} was closed"),
        Some(Parting::PollInterval) => say!(
            lang,
            "{who}이(가) max.poll.interval.ms 안에 poll하지 않아 그룹에서 나갔습니다",
            "{who} left its group for not polling within max.poll.interval.ms"
        ),
        Some(Parting::RemovedFromGroup) => say!(
            lang,
            "{who}의 세션이 끝나 그룹에서 빠졌습니다",
            "{who} was removed from its group"
        ),
        Some(Parting::Revoked) => say!(
            lang,
            "리밸런스가 {who}에게서 파티션을 거두었습니다",
            "a rebalance took the partition from {who}"
        ),
        Some(Parting::Failed) => say!(lang, "{who}이(가) 멈췄습니다", "{who} gave up"),
        None => say!(lang, "거기서부터 다시 읽었습니다", "it was read again from there"),
    }
}

fn client_name(client: ClientId, names: &dyn Names) -> String {
    names.client_name(client).unwrap_or_else(|| format!("client-{}", client.0))
}

/// Values of a producer, counted from 1 as a person does.
fn values_text(first: u64, values: u64, lang: Lang) -> String {
    let (first, last) = (first + 1, first + values);
    match values {
        1 => say!(lang, "{first}번째 값", "value {first}"),
        _ => say!(lang, "{first}-{last}번째 값", "values {first}-{last}"),
    }
}

fn offsets_text((from, to): (i64, i64), lang: Lang) -> String {
    let last = to - 1;
    match from == last {
        true => say!(lang, "오프셋 {from}", "offset {from}"),
        false => say!(lang, "오프셋 {from}-{last}", "offsets {from}-{last}"),
    }
}
