//! Why there is this active controller, or none, in words.

use crate::explain::quorum::{Reason, Standing};
use crate::script::lang::{Lang, say};
use crate::script::line::duration_text;

/// What is, and what it follows from, each with whether it is what stands in the way.
pub fn told(reasons: &[Reason], lang: Lang) -> (String, Vec<(bool, String)>) {
    let mut all = reasons.iter().map(|one| (stands_in_the_way(one), reason(one, lang)));
    let verdict = all.next().map_or(String::new(), |(_, words)| words);
    (verdict, all.collect())
}

fn stands_in_the_way(reason: &Reason) -> bool {
    match reason {
        Reason::Silent { .. } => true,
        Reason::Committed { high_watermark, log_end_offset } => high_watermark < log_end_offset,
        _ => false,
    }
}

fn reason(reason: &Reason, lang: Lang) -> String {
    match reason {
        Reason::Active { node, epoch } => say!(
            lang,
            "{node}이(가) 액티브 컨트롤러(active controller)입니다(에포크 {epoch}). 메타데이터를 바꿀 수 있습니다.",
            "{node} is the active controller (epoch {epoch}): metadata can change."
        ),
        Reason::BeginsToLead { node, epoch } => say!(
            lang,
            "{node}이(가) 에포크 {epoch}의 리더로 뽑혔습니다. 이 에포크의 첫 레코드가 커밋되면 액티브 컨트롤러가 됩니다.",
            "{node} was elected leader of epoch {epoch}; once the first record of that epoch is committed it is the active controller."
        ),
        Reason::LeadsAlone { node, epoch, reaches, gives_up_after_ms } => {
            let timeout = duration_text(*gives_up_after_ms);
            say!(
                lang,
                "{node}은(는) 자기를 에포크 {epoch}의 리더로 알지만 닿는 투표자가 자기까지 {reaches}뿐이라 아무것도 커밋하지 못합니다. {timeout} 동안 과반수의 Fetch가 없으면 물러납니다.",
                "{node} takes itself for the leader of epoch {epoch}, but reaches {reaches} of the voters, itself included, and commits nothing. After {timeout} without a Fetch of a majority it gives up."
            )
        }
        Reason::NoMajority { reaches } => say!(
            lang,
            "액티브 컨트롤러가 없고 뽑을 수도 없습니다. 서로 닿는 투표자가 {reaches}뿐이라 과반수가 되지 않습니다.",
            "There is no active controller, and none can be elected: no more than {reaches} of the voters reach each other, which is no majority."
        ),
        Reason::BeingElected { reaches } => say!(
            lang,
            "액티브 컨트롤러가 아직 없습니다. 서로 닿는 투표자가 {reaches}이라 곧 뽑습니다.",
            "There is no active controller yet: {reaches} of the voters reach each other and will elect one."
        ),
        Reason::Majority { voters, majority } => say!(
            lang,
            "투표자는 {voters}이고 과반수는 {majority}입니다. 리더를 뽑는 데도, 메타데이터를 커밋하는 데도 과반수가 있어야 합니다.",
            "There are {voters} voters, and a majority is {majority}: it takes one to elect a leader, and to commit metadata."
        ),
        Reason::Voter { node, standing, epoch, last_epoch, log_end_offset } => {
            let standing = standing_text(standing, lang);
            say!(
                lang,
                "{node}: {standing}. 에포크 {epoch}, 로그 끝 {log_end_offset}(마지막 에포크 {last_epoch}).",
                "{node}: {standing}. Epoch {epoch}, log end {log_end_offset} (last epoch {last_epoch})."
            )
        }
        Reason::Silent { node, is_paused: true } => say!(
            lang,
            "{node}: 프로세스가 멈춰 있어 투표도 Fetch도 하지 않습니다.",
            "{node}: its process is paused, and neither votes nor fetches."
        ),
        Reason::Silent { node, .. } => say!(
            lang,
            "{node}: 프로세스가 없어 투표도 Fetch도 하지 않습니다.",
            "{node}: no process runs, so it neither votes nor fetches."
        ),
        Reason::Committed { high_watermark, log_end_offset } => say!(
            lang,
            "리더의 메타데이터 로그는 {log_end_offset}에서 끝나고, 과반수가 가져서 커밋된 것은 {high_watermark} 앞까지입니다.",
            "The leader's metadata log ends at {log_end_offset}; a majority has everything below {high_watermark}, and so far it is committed."
        ),
        Reason::LongestLog => say!(
            lang,
            "투표자는 자기보다 로그가 짧은 후보에게 표를 주지 않습니다. 그래서 커밋된 레코드를 모두 가진 컨트롤러만 리더가 됩니다.",
            "No voter votes for a candidate whose log is shorter than its own, so only a controller that has every committed record can lead."
        ),
        Reason::OnlyRecordsGoOn => say!(
            lang,
            "브로커는 알고 있는 메타데이터로 produce와 fetch를 계속 처리합니다. 토픽 만들기, 리더 선출, ISR 변경, fencing, producer id 블록은 과반수가 돌아올 때까지 기다립니다.",
            "Brokers go on serving produce and fetch by the metadata that they have. New topics, elections, changes of ISRs, fencing and blocks of producer ids wait until a majority is back."
        ),
    }
}

fn standing_text(standing: &Standing, lang: Lang) -> String {
    match standing {
        Standing::Leads => lang.pick("쿼럼을 이끕니다", "leads the quorum").to_string(),
        Standing::Follows(leader) => say!(lang, "{leader}을(를) 따릅니다", "follows {leader}"),
        Standing::Stands { pre_vote, granted, rejected } => {
            let what = if *pre_vote { "pre-vote" } else { lang.pick("투표", "vote") };
            say!(
                lang,
                "표를 청했습니다({what}: 찬성 {granted}, 반대 {rejected})",
                "asks for votes ({what}: {granted} granted, {rejected} rejected)"
            )
        }
        Standing::Waits => {
            let words = (
                "리더를 모르고 선거 시간을 기다립니다",
                "knows no leader and waits for its election timeout",
            );
            lang.pick(words.0, words.1).to_string()
        }
        Standing::Resigned => lang.pick("리더에서 물러났습니다", "led, and gave up").to_string(),
    }
}
