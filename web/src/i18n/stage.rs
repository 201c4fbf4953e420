//! The words of the stage, the transport bar, the timeline, the inspector and the header.

use super::texts;

texts! {
    pub enum StageText {
        Stage: "클러스터 무대", "Cluster stage";
        Running: "실행 중", "running";
        Starting: "등록 중", "registering";
        Fenced: "펜스됨", "fenced";
        Stopping: "종료하는 중", "stopping";
        Paused: "일시 정지", "paused";
        Down: "꺼짐", "down";
        NoPower: "전원 없음", "no power";
        OutOfIsr: "ISR 밖", "out of ISR";
        Leader: "리더", "leader";
        Follower: "팔로워", "follower";
        Offline: "오프라인", "offline";
        AllDurable: "모두 디스크에 있음", "all on disk";
        PageCacheOnly: "페이지 캐시에만", "page cache only";
        Producer: "producer", "producer";
        Consumer: "consumer", "consumer";
        Waiting: "대기", "waiting";
        InSocket: "소켓에서 대기", "waiting in the socket";
        InFlight: "전송 중", "in flight";
        Acked: "확인됨", "acked";
        Failed: "실패", "failed";
        AsksOffset: "시작 위치를 묻는 중", "asking where to start";
        Position: "위치", "position";
        Link: "링크", "Link";
        LinkCut: "끊김", "cut";
        LinkBad: "나쁨", "bad";
        Empty: "아직 토픽이 없습니다", "no topic yet";
        Crash: "프로세스 죽이기", "Crash";
        PowerLoss: "전원 끊기", "Power loss";
        Stop: "정상 종료", "Stop";
        Pause: "멈추기", "Pause";
        Resume: "다시 움직이기", "Resume";
        Start: "시작", "Start";
        Cut: "끊기", "Cut";
        CutOneWay: "한쪽만 끊기", "Cut one way";
        Heal: "낫게 하기", "Heal";
        Process: "프로세스", "Process";
        Disk: "디스크", "Disk";
        Network: "네트워크", "Network";
        Connection: "연결", "Connection";
        Messages: "메시지", "Messages";
        Message: "이 메시지", "Message";
        DiskSlow: "느리게", "Slow";
        DiskFull: "가득 채우기", "Full";
        DiskFailing: "고장 내기", "Failing";
        DiskLost: "잃기", "Lose it";
        DiskSound: "멀쩡하게", "Mend";
        DiskIs: "디스크:", "disk:";
        Isolate: "고립시키기", "Isolate";
        RingCut: "고리만 남기기", "Ring cut";
        LinkDelay: "늦추기", "Delay";
        LinkLoss: "잃게 하기", "Lose some";
        LinkDuplicate: "두 번 보내기", "Repeat some";
        LinkReorder: "순서 섞기", "Reorder some";
        Drop: "없애기", "Drop";
        Delay: "늦추기", "Delay";
        Duplicate: "두 번 오게", "Duplicate";
        Reorder: "자리 바꾸기", "Reorder";
        Actions: "할 수 있는 일", "Actions";
        UndoHint: "←로 되돌릴 수 있습니다", "← takes it back";
        CloseActions: "닫기", "Close";
    }
}

texts! {
    pub enum BarText {
        Transport: "재생", "Playback";
        ToStart: "처음으로", "To the start";
        StepBack: "한 걸음 뒤로", "Step back";
        Play: "재생", "Play";
        PauseTime: "멈춤", "Pause";
        Step: "한 걸음 앞으로", "Step";
        ToEnd: "끝으로", "To the end";
        Speed: "속도", "Speed";
        Timeline: "시간선", "Timeline";
        Branch: "갈래", "branch";
        BranchHint: "이 갈래로 돌아가기", "Go back to this branch";
        AtRest: "조용합니다", "at rest";
        AtRestHint: "더 일어날 일이 없어 멈췄습니다. 명령을 내리거나 재생을 누르세요.", "Nothing more to see: give a command, or press play.";
        FastForward: "빨리 지나가는 중", "passing quickly";
        Scenario: "시나리오", "Scenario";
        OwnRun: "열어 둔 실행", "An opened run";
        ThemeAuto: "화면 모드: 기기 설정", "Theme: as the device";
        ThemeLight: "화면 모드: 밝게", "Theme: light";
        ThemeDark: "화면 모드: 어둡게", "Theme: dark";
        Share: "링크 복사", "Share";
        ShareHint: "이 순간으로 오는 링크를 복사합니다", "Copies a link to this moment";
        Shared: "이 순간의 링크를 복사했습니다.", "The link to this moment is copied.";
        ShareFailed: "링크를 복사하지 못했습니다. 주소 표시줄의 주소를 쓰세요.", "Could not copy; use the address in the address bar.";
        Modelled: "무엇을 본떴나", "What is modelled";
        Help: "도움말과 단축키", "Help and shortcuts";
        Language: "언어", "Language";
        TabStage: "무대", "Stage";
        TabProduce: "보내기", "Produce";
        TabLesson: "레슨", "Lesson";
        TabInspector: "살펴보기", "Inspect";
        TabTerminal: "터미널", "Terminal";
        TabNarration: "이야기", "Narration";
        TabChart: "차트", "Chart";
        Panes: "화면 구역", "Panes";
        Drawer: "서랍", "Drawer";
        Dismiss: "알림 닫기", "Dismiss";
        Violation: "약속이 깨졌습니다", "A promise is broken";
    }
}

texts! {
    pub enum InspectorText {
        Inspector: "살펴보기", "Inspector";
        NothingBody: "브로커, 파티션, 레코드, 날아가는 메시지를 누르면 여기에서 속을 볼 수 있습니다.", "Brokers, partitions, records, messages in flight: what is inside is shown here.";
        Broker: "브로커", "Broker";
        ControllerNode: "컨트롤러", "Controller";
        Replica: "레플리카(replica)", "Replica";
        Record: "레코드", "Record";
        Envelope: "메시지", "Message";
        Client: "클라이언트", "Client";
        Link: "링크", "Link";
        Event: "이벤트", "Event";
        Gone: "이 순간에는 없습니다.", "Not there at this moment.";
        Facts: "사실", "Facts";
        Disk: "디스크", "Disk";
        File: "파일", "File";
        Size: "크기", "Size";
        Dirty: "캐시에만", "Cache only";
        Replicas: "레플리카", "Replicas";
        Records: "최근 레코드", "Latest records";
        Bytes: "바이트", "Bytes";
        BytesHint: "칸이나 바이트를 누르면 짝을 보여 줍니다.", "Point at a field or a byte to see its other half.";
        State: "상태", "State";
        BrokerEpoch: "브로커 에포크(broker epoch)", "Broker epoch";
        ControllerEpoch: "컨트롤러 에포크", "Controller epoch";
        QuorumRole: "쿼럼에서의 상태", "State in the quorum";
        QuorumLeader: "쿼럼 리더", "Quorum leader";
        Quorum: "컨트롤러 쿼럼(quorum)", "Controller quorum";
        VotedFor: "이 에포크의 표를 준 곳", "Vote of this epoch given to";
        Votes: "받은 표", "Votes received";
        FetchingSnapshot: "가져오는 스냅숏의 끝 오프셋", "Fetching the snapshot up to";
        Snapshots: "스냅숏(snapshot)", "Snapshots";
        NoSnapshot: "스냅숏 없음", "No snapshot yet";
        Fetchers: "메타데이터 로그를 가져가는 곳", "Who fetches the metadata log";
        Voter: "투표자(voter)", "voter";
        Observer: "관찰자(observer)", "observer";
        NotFetched: "이 에포크에는 아직", "not in this epoch yet";
        MetadataEnd: "메타데이터 끝 오프셋", "Metadata log end offset";
        DirtyBytes: "아직 디스크에 없는 바이트", "Bytes not on disk yet";
        DiskBytes: "디스크 사용", "On disk";
        ReadFromCache: "페이지 캐시에서 읽어 줌", "Served from the page cache";
        ReadFromDisk: "디스크에서 읽어 줌", "Served from the disk";
        Parked: "purgatory에서 대기", "Waiting in purgatory";
        Queued: "소켓에서 대기", "Waiting in the socket";
        Role: "역할", "Role";
        LeaderEpoch: "리더 에포크", "Leader epoch";
        LogStart: "로그 시작 오프셋", "Log start offset";
        LogEnd: "LEO (log end offset)", "Log end offset (LEO)";
        HighWatermark: "HW (high watermark)", "High watermark (HW)";
        Isr: "ISR", "In-sync replicas (ISR)";
        MinIsr: "min.insync.replicas", "min.insync.replicas";
        ReplicationFactor: "복제 계수(replication factor)", "Replication factor";
        PartitionEpoch: "파티션 에포크", "Partition epoch";
        Yes: "예", "yes";
        No: "아니요", "no";
        WhyNot: "왜 아직 남아 있나요?", "Why is it still here?";
        Deletion: "삭제(retention)", "Deletion (retention)";
        Compaction: "Compaction", "Compaction";
        NoProcess: "브로커가 이 로그를 열고 있지 않습니다. 지우거나 compaction할 프로세스가 없습니다.", "The broker does not have this log open: nothing is there to delete or compact it.";
        Keeps: "남기는 규칙", "keeps it";
        WhyIs: "왜 지금 이런가요?", "Why is it as it is?";
        LeaderName: "리더", "Leader";
        ToEvents: "이렇게 만든 이벤트", "The event that made it so";
        Truncation: "마지막으로 잘린 때(truncation)", "The last truncation";
        SeeIt: "그 순간 보기", "See that moment";
        FateTitle: "이 레코드는 어떻게 되었나요?", "What has become of it?";
        NotPreferred: "preferred leader 아님", "Not the preferred leader";
        Metrics: "지표(metrics)", "Metrics";
        Partitions: "파티션", "Partitions";
        Key: "키", "Key";
        Value: "값", "Value";
        Headers: "헤더", "Headers";
        Timestamp: "타임스탬프", "Timestamp";
        Offset: "오프셋", "Offset";
        Batch: "배치", "Batch";
        Null: "null", "null";
        Tombstone: "null (tombstone, 삭제 표시)", "null (tombstone)";
        Committed: "커밋됨", "committed";
        NotCommitted: "아직 커밋되지 않음", "not committed yet";
        OnDisk: "디스크에 있음", "on disk";
        InPageCache: "페이지 캐시에만 있음", "only in the page cache";
        From: "보낸 곳", "From";
        To: "받는 곳", "To";
        SentAt: "보낸 때", "Sent";
        DeliverAt: "도착할 때", "Arrives";
        Direction: "종류", "Kind";
        Request: "요청", "request";
        Response: "응답", "response";
        Reset: "연결 거부(reset)", "connection reset";
        Topic: "토픽", "Topic";
        Lag: "lag", "Lag";
        Consumed: "읽은 레코드", "Records read";
        Waiting: "보낼 레코드", "Waiting to be sent";
        InFlight: "답을 기다리는 레코드", "Waiting for an answer";
        Acked: "확인된 레코드", "Acknowledged";
        Failed: "실패한 레코드", "Failed";
        LastRead: "마지막으로 읽은 것", "Read last";
        Open: "연결됨", "connected";
        CutBoth: "양쪽 끊김", "cut";
        BadLink: "나쁜 링크", "bad link";
        DiskState: "디스크 상태", "Disk state";
        CutOne: "한쪽 끊김", "cut one way";
        Time: "시각", "Time";
        Place: "곳", "Where";
        WhyTitle: "왜 이렇게 되었나요?", "Why is it so?";
        WhyEmpty: "무엇을 고르면 그 까닭을 명령까지 거슬러 올라가 보여 줍니다.", "Select something to walk its causes back to the command.";
        YourCommand: "당신의 명령", "your command";
        FirstStart: "처음 시작", "the first start";
        Accumulator: "보내려고 모은 것(accumulator)", "What it gathers (accumulator)";
        Settings: "설정", "Settings";
    }
}

texts! {
    /// What becomes of a producer's batches.
    pub enum ProducerText {
        Filling: "모으는 중", "filling";
        Full: "가득 참", "full";
        InFlight: "답을 기다림", "in flight";
        Retried: "다시 보낼 것", "to be sent again";
        NotIdempotent: "멱등성(idempotence) 없음: 다시 보낸 배치가 두 번 적힐 수 있습니다.", "Not idempotent: a batch that goes again may be written twice.";
        WaitsForId: "producer id를 기다립니다.", "Waits for a producer id.";
    }
}
