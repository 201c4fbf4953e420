//! Words of the drawer's panels and of the dialogs' frames.

use super::texts;

texts! {
    /// Words that several panels share.
    pub enum CommonText {
        Close: "닫기", "Close";
        Copy: "복사", "Copy";
        Copied: "복사했습니다", "Copied";
        CopyFailed: "복사하지 못했습니다. 글자를 선택해 직접 복사해 주세요.", "Could not copy. Please select the text and copy it yourself.";
    }
}

texts! {
    pub enum NarrationText {
        Title: "이벤트", "Events";
        ShowAll: "모두 보기", "Show all";
        ShowAllHint: "heartbeat, 빈 fetch, 타이머처럼 되풀이되는 이벤트도 보여 줍니다.", "Also heartbeats, empty fetches, timers and other routine.";
        Newest: "최신으로", "Newest";
        GoThere: "이 순간으로", "Go there";
        Why: "왜?", "Why?";
        Empty: "아직 아무 일도 없었습니다. 재생하거나 한 걸음 나아가 보세요.", "Nothing has happened yet. Press play or take a step.";
        OnlyRoutine: "되풀이되는 이벤트뿐입니다. ‘모두 보기’를 켜면 보입니다.", "Only routine so far. Turn on “Show all” to see it.";
        MarkData: "데이터:", "data:";
        MarkCommitted: "커밋:", "committed:";
        MarkControl: "제어:", "control:";
        MarkTrouble: "문제:", "trouble:";
    }
}

texts! {
    pub enum TerminalText {
        Title: "터미널", "Terminal";
        Input: "명령 입력", "Command line";
        Output: "터미널 출력", "Terminal output";
        Candidates: "자동 완성 후보", "Completions";
        Placeholder: "kafka-topics.sh --describe", "kafka-topics.sh --describe";
        Welcome: "Kafka 도구의 명령을 그대로 쓸 수 있습니다. help를 입력하면 모든 명령이 나옵니다.", "Kafka's own command lines work here. Type help for everything you can say.";
        WelcomeKeys: "Tab 자동 완성 · ↑↓ 이전 명령 · Ctrl+L 지우기", "Tab completes · ↑↓ history · Ctrl+L clears";
    }
}

texts! {
    pub enum FormText {
        Title: "레코드 보내기", "Produce records";
        Topic: "토픽", "Topic";
        Key: "키", "Key";
        KeyHint: "키 없음", "no key";
        Value: "값", "Value";
        NullValue: "값 없음 (tombstone)", "No value (tombstone)";
        Acks: "acks", "acks";
        AcksNone: "0 · 답을 기다리지 않음", "0 · no answer awaited";
        AcksLeader: "1 · 리더가 저장하면", "1 · stored by the leader";
        AcksAll: "all · ISR 모두가 복제하면", "all · replicated by the whole ISR";
        More: "더 정하기", "More settings";
        Partition: "파티션", "Partition";
        PartitionAuto: "자동", "auto";
        Headers: "헤더", "Headers";
        HeadersHint: "이름:값, 이름:값", "name:value, name:value";
        Count: "개수", "Count";
        Producer: "프로듀서", "Producer";
        Send: "보내기", "Send";
        Line: "실행될 명령", "The command it gives";
        NoTopics: "토픽이 아직 없습니다.", "There is no topic yet.";
        CreateTopic: "orders 토픽 만들기", "Create the topic orders";
        Consume: "컨슈머 시작", "Start a consumer";
        From: "읽기 시작할 곳", "Starting at";
        FromEarliest: "earliest · 처음부터", "earliest · the beginning";
        FromLatest: "latest · 지금부터", "latest · what comes next";
        Rack: "client.rack", "client.rack";
        NoRack: "없음", "none";
        Start: "시작", "Start";
        Workload: "스스로 보내게 하기", "Let it send by itself";
        Kind: "무엇을", "What";
        Steady: "steady · 고르게", "steady · evenly";
        Bursty: "bursty · 열 개씩 몰아서", "bursty · ten at once";
        Skewed: "skewed · 한 키에 몰리게", "skewed · one key gets half";
        Orders: "orders · 손님들의 주문", "orders · of a shop's customers";
        Sensors: "sensors · 센서 측정값", "sensors · their readings";
        Rate: "초당 개수", "A second";
        Stop: "멈춤:", "Stop";
        DoneWorkload: "프로듀서가 스스로 보냅니다. 시간을 보내면 레코드가 쌓입니다.", "The producer sends by itself. Let time pass and records pile up.";
        Done: "명령했습니다. 시간을 보내면 레코드가 움직입니다.", "Done. Let time pass and the records travel.";
        DoneConsume: "컨슈머를 시작했습니다. 시간을 보내면 읽기 시작합니다.", "The consumer has started. Let time pass and it reads.";
    }
}

texts! {
    pub enum ChartText {
        Title: "오프셋 추이", "Offsets over time";
        Partition: "파티션", "Partition";
        Cluster: "클러스터 지표", "cluster metrics";
        Span: "범위", "Span";
        SpanAll: "처음부터", "whole run";
        SpanMinute: "최근 1분", "last minute";
        SpanTenSeconds: "최근 10초", "last 10 s";
        NoPartition: "토픽을 만들면 LEO, high watermark, 컨슈머 위치가 여기에 그려집니다.", "Create a topic, and its LEO, high watermark and consumer positions are drawn here.";
        SeekHint: "누르면 그 순간으로 갑니다.", "Click to go to that moment.";
        LogEndGloss: "LEO(로그 끝 오프셋)", "LEO (log end offset)";
        HighWatermarkGloss: "HW(하이 워터마크)", "HW (high watermark)";
        Unknown: "아직 없음", "not yet";
    }
}

texts! {
    pub enum ClusterText {
        Title: "클러스터", "Cluster";
        SinceStart: "Kafka에서는 초당 비율이고, 여기서는 시작부터 센 수입니다.", "A rate in Kafka; here counted since the run began.";
        ToChart: "차트로 보기", "See the chart";
        OnlyTrouble: "문제만", "Only in trouble";
        NoRows: "보여 줄 파티션이 없습니다.", "No partition to show.";
    }
}
