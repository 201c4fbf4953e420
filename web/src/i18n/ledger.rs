//! The words of the delivery ledger. What happened and why, and what settings promise, the engine says
//! (`kafkascope_engine::script::words::ledger`).

use super::{Lang, say, texts};

texts! {
    pub enum LedgerText {
        Open: "장부", "Ledger";
        OpenHint: "보낸 값이 몇 번 적히고, 전달되고, 처리되었는지 보여 줍니다", "How often what was sent was written, delivered and processed";
        Title: "전달 장부", "Delivery ledger";
        Lead: "지금 보이는 순간까지, 프로듀서가 보낸 값이 하나하나 어떻게 되었는지 셉니다. 약속은 설정만 보고 말하고, 실제는 일어난 일을 셉니다.", "What has become of each value that producers sent, up to the shown moment. What is promised is read from the settings alone; what was seen is counted.";
        Empty: "아직 아무도 보내지 않았습니다.", "Nobody has sent anything yet.";
        IntoLog: "프로듀서에서 로그로", "From producers into the log";
        Promised: "약속", "Promised";
        Seen: "실제", "Seen";
        Produced: "보냄", "produced";
        Written: "적힘", "written";
        Delivered: "전달", "delivered";
        Processed: "처리", "processed";
        Incidents: "왜 잃고, 왜 겹쳤나", "Lost or twice, and why";
        NoIncidents: "잃은 것도 겹친 것도 없습니다.", "Nothing was lost, and nothing came twice.";
        GoThere: "그 순간으로 가서 까닭 보기", "Go there, and see why";
        Lost: "유실", "lost";
        Twice: "중복", "twice";
        NotYet: "아직", "not yet";
        Failed: "실패(프로듀서가 앎)", "failed, and known";
    }
}

pub fn to_reader(lang: Lang, reader: &str) -> String {
    say!(lang, "로그에서 {reader}(으)로", "From the log to {reader}")
}
