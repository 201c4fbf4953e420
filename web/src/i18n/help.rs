//! The words of the help dialog: how to begin, clicks and keys. Verbs are the engine's, terms are in
//! [`super::glossary`].

use super::texts;

texts! {
    pub enum HelpText {
        Title: "도움말", "Help";
        Start: "시작하기", "Getting started";
        StartTime: "재생하거나 한 걸음씩 나아가면 클러스터의 시간이 흐릅니다. 뒤로 가거나 아무 순간으로나 옮길 수 있고, 과거에서 명령하면 새 갈래가 생깁니다.", "Play, or take single steps, and the cluster's time passes. Go back, or anywhere else; a command given in the past starts a new branch.";
        StartBreak: "무엇이든 고장 내도 됩니다. 브로커를 누르면 멈추거나 끌 수 있고, 링크를 누르면 끊을 수 있습니다.", "You may break anything. Click a broker to stop or crash it, click a link to cut it.";
        StartWhy: "이벤트를 누르면 그 원인을 명령까지 거슬러 볼 수 있습니다.", "Click an event, and walk its causes back to the command.";
        Keys: "키보드", "Keyboard";
        Mouse: "마우스와 터치", "Mouse and touch";
        Commands: "명령", "Commands";
        CommandsIntro: "터미널, 레슨, 공유 링크가 모두 같은 말을 씁니다. Kafka에 도구가 있으면 그 도구의 명령 그대로입니다.", "The terminal, lessons and share links all speak this language. Where Kafka has a tool, it is that tool's own command line.";
        Glossary: "용어", "Terms";
    }
}

texts! {
    /// What a click does.
    pub listed enum MouseText {
        Broker: "브로커를 누르면 상태를 보고 멈추거나 끌 수 있습니다.", "Click a broker: its state, and buttons to stop, crash, pause or start it.";
        Record: "레코드를 누르면 필드와 바이트가 나란히 나옵니다.", "Click a record: its fields, with their bytes beside them.";
        Replica: "레플리카를 누르면 그 파티션을 살펴봅니다. 한 번 더 누르면 토픽에 명령할 수 있습니다.", "Click a replica: how its partition is. Click it again: commands for its topic.";
        Envelope: "가고 있는 메시지를 누르면 안을 들여다보고, 없애거나 늦출 수 있습니다.", "Click a message on its way: look inside, and drop, delay or repeat it.";
        Link: "링크를 누르면 끊거나, 늦고 새게 하거나, 낫게 할 수 있습니다.", "Click a link: cut it, make it late or lossy, or heal it.";
        Timeline: "시간 막대를 끌면 그 순간으로 갑니다.", "Drag on the timeline: go to that moment.";
        Chart: "그래프를 누르면 그 순간으로 갑니다.", "Click the chart: go to that moment.";
    }
}

texts! {
    /// What a key does.
    pub enum KeyText {
        PlayPause: "재생하거나 멈춥니다", "Play or pause";
        Step: "한 걸음 되돌아가거나 나아갑니다", "One step back, one step on";
        Ends: "처음이나 끝으로 갑니다", "To the beginning, to the end";
        Produce: "레코드 하나를 보냅니다", "Produce one record";
        Broker: "그 번호의 브로커를 고릅니다", "Select the broker of that number";
        Crash: "고른 브로커의 프로세스를 죽입니다", "Crash the selected broker";
        PowerLoss: "고른 브로커의 전원을 끊습니다", "Cut the selected broker's power";
        Stop: "고른 브로커를 정상 종료합니다", "Shut the selected broker down in order";
        Pause: "고른 브로커를 멈추거나 다시 움직입니다", "Pause the selected broker, or let it go on";
        Start: "고른 브로커를 시작합니다", "Start the selected broker";
        Isolate: "고른 브로커의 링크를 모두 끊습니다", "Cut every link of the selected broker";
        Cut: "고른 링크를 끊거나 낫게 합니다. K는 고른 메시지를 없애고, H는 고른 브로커의 링크를 모두 낫게 합니다", "Cut or heal the selected link; K takes the selected message off the wire, H heals all links of the selected broker";
        Escape: "대화 상자를 닫거나 선택을 풉니다", "Close a dialog, or let go of the selection";
        Terminal: "터미널로 갑니다", "To the terminal";
        Language: "한국어와 영어를 바꿉니다", "Korean or English";
        Theme: "밝은 화면과 어두운 화면을 바꿉니다", "Light or dark";
        Help: "이 도움말을 엽니다", "Open this help";
        Rows: "이벤트 목록에서 옮겨 다닙니다", "Move in the list of events";
        Complete: "터미널에서 자동 완성합니다. Esc 다음의 Tab은 다음 칸으로 갑니다", "Complete in the terminal; after Esc, Tab moves on";
        Earlier: "터미널에서 이전 명령을 불러옵니다", "Earlier commands in the terminal";
        Clear: "터미널 화면을 지웁니다", "Clear the terminal";
    }
}

/// Keys and what they do: the page's own (`keyboard.rs`), then those of its panels.
#[rustfmt::skip]
pub static KEYS: [(&[&str], KeyText); 21] = [
    (&["Space"], KeyText::PlayPause),
    (&["←", "→"], KeyText::Step),
    (&["Home", "End"], KeyText::Ends),
    (&["P"], KeyText::Produce),
    (&["1", "…", "9"], KeyText::Broker),
    (&["C"], KeyText::Crash),
    (&["X"], KeyText::PowerLoss),
    (&["S"], KeyText::Stop),
    (&["Z"], KeyText::Pause),
    (&["R"], KeyText::Start),
    (&["I"], KeyText::Isolate),
    (&["K", "H"], KeyText::Cut),
    (&["Esc"], KeyText::Escape),
    (&["T"], KeyText::Terminal),
    (&["L"], KeyText::Language),
    (&["D"], KeyText::Theme),
    (&["?"], KeyText::Help),
    (&["↑", "↓"], KeyText::Rows),
    (&["Tab"], KeyText::Complete),
    (&["↑", "↓"], KeyText::Earlier),
    (&["Ctrl+L"], KeyText::Clear),
];
