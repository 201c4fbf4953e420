//! The words of the form of topic commands.

use super::{Lang, say, t, texts};

texts! {
    pub enum CommandText {
        Title: "토픽 명령", "Topic commands";
        Commands: "명령", "Commands";
        CreateTopic: "토픽 만들기", "Create a topic";
        AddPartitions: "파티션 늘리기", "Add partitions";
        AlterConfigs: "설정 바꾸기", "Alter configs";
        Reassign: "재배치", "Reassign";
        ElectLeader: "리더 선출", "Elect a leader";
        DeleteRecords: "레코드 지우기", "Delete records";
        DeleteTopic: "토픽 지우기", "Delete the topic";
        CreateTopicHint: "컨트롤러가 레플리카를 브로커에 돌아가며 놓습니다.", "The controller places the replicas round the brokers.";
        AddPartitionsHint: "늘릴 수만 있습니다. 키의 파티션이 달라지므로 같은 키의 순서가 이어지지 않습니다.", "There can only be more. Keys move to other partitions, so the order of a key is broken there.";
        AlterConfigsHint: "비우면 브로커의 값을 따릅니다.", "What is left empty follows the brokers.";
        ReassignHint: "브로커를 누른 순서가 레플리카 순서이고, 첫 번째가 preferred leader(우선 리더)입니다. 새 레플리카가 다 따라잡은 뒤에 옛 레플리카가 빠집니다.", "Replicas in the order of the clicks; the first is the preferred leader. Old replicas go once the new ones have caught up.";
        ElectLeaderHint: "preferred는 ISR에 있는 첫 레플리카를, unclean은 리더가 없을 때 ISR 밖의 레플리카라도 리더로 세웁니다. unclean은 커밋된 레코드를 잃을 수 있습니다.", "preferred: the first replica leads, if it is in sync. unclean: where nobody leads, a replica out of sync does, and committed records may be lost.";
        DeleteRecordsHint: "로그 시작 오프셋을 올립니다. 비우면 HW까지 지웁니다.", "Moves the log start offset up; empty means up to the high watermark.";
        DeleteTopicHint: "모든 파티션과 레코드가 사라집니다. 여기서는 ←로 되돌릴 수 있습니다.", "All its partitions and records go. Here, ← takes it back.";
        Topic: "토픽", "Topic";
        Partition: "파티션", "Partition";
        Name: "이름", "Name";
        Partitions: "파티션 수", "Partitions";
        PartitionsInAll: "모두 몇 개로", "Partitions in all";
        ReplicationFactor: "복제 계수(replication factor)", "Replication factor";
        Election: "방식", "Election type";
        Replicas: "레플리카를 둘 브로커", "Brokers for the replicas";
        Throttle: "throttle (초당 바이트, 비우면 없음)", "Throttle (bytes a second; empty: none)";
        Additional: "진행 중인 재배치에 더하기 (--additional)", "Add to the one under way (--additional)";
        Before: "이 오프셋 앞까지", "Up to this offset";
        Default: "기본값", "default";
        Line: "실행될 명령", "The command it gives";
        Run: "실행", "Run";
        NewTopic: "새 토픽…", "New topic…";
    }
}

texts! {
    /// Of a partition that is being moved.
    pub enum MoveText {
        Title: "재배치 중(reassignment)", "Reassignment under way";
        Replicas: "Replicas", "Replicas";
        Adding: "AddingReplicas", "AddingReplicas";
        Removing: "RemovingReplicas", "RemovingReplicas";
        Throttle: "throttle", "Throttle";
        NoThrottle: "없음: 네트워크가 허락하는 대로", "none: as fast as the network allows";
        Sends: "리더로서 보냄", "sends as a leader";
        Takes: "팔로워로서 받음", "takes as a follower";
        Cancel: "재배치 취소", "Cancel the reassignment";
        LeftOver: "재배치는 끝났지만 throttle이 남아 있습니다. 앞으로의 따라잡기도 느려집니다. --verify가 풀어 줍니다.", "The reassignment is over, but its throttle is still set and will slow later catching up. --verify takes it away.";
        Clear: "throttle 풀기", "Take the throttle away";
    }
}

/// Why the form makes no command yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    NoTopic,
    NoName,
    NoNumber(CommandText),
    NothingAltered,
    NoReplicas,
    SameReplicas,
}

impl Mistake {
    pub fn words(self, lang: Lang) -> String {
        let words = match self {
            Mistake::NoNumber(field) => {
                let field = t(lang, field);
                return say!(lang, "‘{field}’에 수를 적어 주세요.", "“{field}” takes a number.");
            }
            Mistake::NoTopic => ("토픽이 아직 없습니다.", "There is no topic yet."),
            Mistake::NoName => ("토픽의 이름을 적어 주세요.", "Name the topic."),
            Mistake::NothingAltered => ("바꾼 값이 없습니다.", "Nothing is changed yet."),
            Mistake::NoReplicas => ("브로커를 하나 이상 골라 주세요.", "Pick at least one broker."),
            Mistake::SameReplicas => (
                "지금과 같습니다. 브로커를 더하거나 빼 주세요.",
                "It is so already: add or take out a broker.",
            ),
        };
        lang.pick(words.0, words.1).to_string()
    }
}
