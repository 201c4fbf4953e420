//! What has become of a record, in words.

use crate::explain::record::Fate;
use crate::protocol::Acks;
use crate::script::describe::truncation_words;
use crate::script::lang::{Lang, say};

/// What has become of it, and how that came about, each with whether it is bad news.
pub fn told(fates: &[Fate], lang: Lang) -> (String, Vec<(bool, String)>) {
    let mut all = fates.iter().map(|one| (one.is_loss(), fate(one, lang)));
    let verdict = all.next().map_or(String::new(), |(_, words)| words);
    (verdict, all.collect())
}

fn fate(fate: &Fate, lang: Lang) -> String {
    match *fate {
        Fate::NeverWritten { log_end_offset } => say!(
            lang,
            "이 오프셋의 레코드는 없습니다. 리더의 로그는 {log_end_offset} 앞에서 끝납니다.",
            "There is no record at this offset: the leader's log ends before {log_end_offset}."
        ),
        Fate::LetGo { log_start_offset } => say!(
            lang,
            "로그에서 빠졌습니다. 지워졌거나 compaction으로 없어졌습니다(로그 시작 {log_start_offset}).",
            "The log has let go of it: deleted, or compacted away (the log starts at {log_start_offset})."
        ),
        Fate::Committed { high_watermark } => say!(
            lang,
            "커밋되었습니다. HW {high_watermark}보다 앞이라 깨끗한 리더 선출로는 잃지 않습니다.",
            "It is committed: below the HW {high_watermark}, no clean election loses it."
        ),
        Fate::NotCommitted { high_watermark } => say!(
            lang,
            "아직 커밋되지 않았습니다. HW가 {high_watermark}입니다. 지금 리더가 죽으면 잃을 수 있습니다.",
            "It is not committed: the HW is {high_watermark}. If the leader died now, it could be lost."
        ),
        Fate::Lost { acks } => {
            let promise = match acks {
                Acks::All => lang.pick(
                    "acks=all은 ISR 모두가 가졌다고 약속했습니다.",
                    "acks=all had promised that all of the ISR has it.",
                ),
                _ => lang.pick(
                    "acks=1은 리더 혼자 가졌다는 것만 약속합니다.",
                    "acks=1 promises no more than that the leader had it.",
                ),
            };
            say!(
                lang,
                "잃었습니다. acks={acks}(으)로 확인된 레코드가 리더의 로그에 없습니다. {promise}",
                "It is lost: acknowledged with acks={acks}, and the leader's log does not have it. {promise}"
            )
        }
        Fate::Dropped => say!(
            lang,
            "한 번 쓰였다가 잘려 나갔습니다. 저장되었다고 확인받은 프로듀서는 없습니다.",
            "It was written once and cut off again; no producer had been told that it is stored."
        ),
        Fate::Unknown => {
            say!(lang, "리더가 없어 알 수 없습니다.", "There is no leader, so nobody can say.")
        }
        Fate::Has { node, leader_epoch, is_leader } => {
            let leads = leads(is_leader, lang);
            say!(
                lang,
                "{node}{leads}: 가지고 있습니다(epoch {leader_epoch}).",
                "{node}{leads}: has it (epoch {leader_epoch})."
            )
        }
        Fate::Differs { node, leader_epoch } => say!(
            lang,
            "{node}: 이 오프셋에 다른 레코드가 있습니다(epoch {leader_epoch}).",
            "{node}: has another record at this offset (epoch {leader_epoch})."
        ),
        Fate::Lacks { node, log_end_offset, is_leader } => {
            let leads = leads(is_leader, lang);
            say!(
                lang,
                "{node}{leads}: 없습니다(LEO {log_end_offset}).",
                "{node}{leads}: does not have it (LEO {log_end_offset})."
            )
        }
        Fate::Down { node } => {
            say!(lang, "{node}: 꺼져 있습니다.", "{node}: is down.")
        }
        Fate::Appended { at, node, leader_epoch } => say!(
            lang,
            "{at} 리더 {node}이(가) epoch {leader_epoch}에 썼습니다.",
            "{at} The leader {node} wrote it in epoch {leader_epoch}."
        ),
        Fate::Acknowledged { at, acks } => say!(
            lang,
            "{at} 프로듀서가 확인을 받았습니다(acks={acks}).",
            "{at} The producer was told that it is stored (acks={acks})."
        ),
        Fate::Unclean { at, leader } => say!(
            lang,
            "{at} ISR 밖의 {leader}이(가) 리더로 뽑혔습니다(unclean.leader.election.enable=true).",
            "{at} {leader}, which was not in the ISR, was elected (unclean.leader.election.enable=true)."
        ),
        Fate::DiskGone { at, node, replaced: false } => say!(
            lang,
            "{at} 이것이 있던 {node}의 디스크가 사라졌습니다.",
            "{at} The disk of {node}, which had it, was lost."
        ),
        Fate::DiskGone { at, node, replaced: true } => say!(
            lang,
            "{at} 이것이 있던 {node}의 서버가 빈 서버로 바뀌었습니다.",
            "{at} The host of {node}, which had it, was replaced by an empty one."
        ),
        Fate::NotRecovered { at, node, log_end_offset } => say!(
            lang,
            "{at} {node}이(가) 이것 없이 다시 시작했습니다(LEO {log_end_offset}).",
            "{at} {node} came up without it (LEO {log_end_offset})."
        ),
        Fate::CutOff { at, node, to, reason } => {
            let why = truncation_words(reason, lang);
            say!(
                lang,
                "{at} {node}이(가) 오프셋 {to}부터 잘라 냈습니다. {why}",
                "{at} {node} cut its log at {to}. {why}"
            )
        }
    }
}

fn leads(is_leader: bool, lang: Lang) -> &'static str {
    if is_leader { lang.pick("(리더)", " (leader)") } else { "" }
}
