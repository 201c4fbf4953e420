//! Words of the lesson panel around the lessons, whose own words are in the lessons crate.

use super::{Lang, say, texts};

texts! {
    pub enum LessonText {
        Title: "레슨", "Lessons";
        Intro: "읽고, 먼저 맞혀 보고, 살아 있는 클러스터에서 직접 확인합니다.", "Read, predict, then see for yourself on a live cluster.";
        Start: "시작하기", "Start";
        Continue: "이어서 하기", "Continue";
        Again: "다시 하기", "Do it again";
        Finished: "마침", "Finished";
        AllLessons: "레슨 목록", "All lessons";
        Steps: "단계", "Steps";
        StepIsDone: "마친 단계", "done";
        Goals: "목표", "Goals";
        GoalMet: "달성", "Met";
        GoalOpen: "아직", "Not yet";
        SeeMoment: "그 순간 보기", "See the moment";
        Predict: "먼저 맞혀 보기", "Predict first";
        CheckPrediction: "확인", "Check";
        Reveal: "정답 보기", "Show the answer";
        RightChoice: "정답", "Right answer";
        WrongChoice: "오답", "Wrong";
        Evidence: "이 실행에서 그대로 일어났습니다.", "Your run has shown it.";
        NoteSays: "학습 노트", "The study note";
        KafkaDoes: "Kafka 4.x", "Kafka 4.x";
        Mistake: "여기서 어긋났습니다", "Where it went astray";
        Rewind: "그 앞으로 되감기", "Rewind to before it";
        Hints: "힌트", "Hints";
        Solution: "풀이 보기", "Show solution";
        SolutionHint: "클러스터를 이 단계의 처음으로 되돌린 뒤 한 줄씩 실행해 보여 줍니다.", "Takes the cluster back to the start of this step and carries the solution out, line by line.";
        Solving: "풀이를 보여 주는 중", "Showing the solution";
        Solved: "풀이가 끝났습니다", "That was the solution";
        StopSolution: "그만 보기", "Stop";
        Run: "실행", "Run";
        RunFailed: "실행하지 못했습니다", "That did not work";
        PrevStep: "이전", "Back";
        NextStep: "다음", "Next";
        Finish: "마치기", "Finish";
        RestartStep: "이 단계 처음부터", "Restart this step";
        RestartLesson: "레슨 처음부터", "Restart the lesson";
        Elsewhere: "지금 보이는 클러스터는 이 레슨의 것이 아닙니다.", "The cluster on the stage is not this lesson's.";
        BackToStep: "이 단계에서 이어서", "Back to this step";
        EarlierOpen: "이 실행에서는 앞 단계의 목표가 아직 남아 있습니다.", "In this run, goals of earlier steps are still open.";
        SkipToStep: "앞 단계를 건너뛰고 여기서 시작", "Skip ahead to the start of this step";
        SaidGoal: "목표를 이루었습니다.", "Goal met.";
        SaidStopped: "목표를 이룬 순간에 멈췄습니다. 계속하려면 재생을 누르세요.", "Stopped at the moment of the goal. Press play to go on.";
        SaidStep: "이 단계를 마쳤습니다.", "Step done.";
        FinishedTitle: "레슨을 마쳤습니다", "Lesson finished";
        LeftTitle: "아직 남은 단계가 있습니다", "Some steps are still open";
        SomeRefused: "읽지 못한 레슨", "Lessons that could not be read";
        SetupFailed: "레슨을 준비하지 못했습니다.", "The lesson could not be set up.";
        SaveFailed: "브라우저가 저장을 받아 주지 않아 레슨 진도를 남기지 못했습니다. 레슨은 그대로 계속할 수 있습니다.", "The browser refused to store your progress. The lesson goes on all the same.";
        ProgressDamaged: "저장된 레슨 진도를 읽지 못했습니다. 덮어쓰지 않고 그대로 두며, 이번 진도는 저장되지 않습니다.", "Your stored progress could not be read. It is left as it is, and this visit's progress will not be stored.";
        ProgressNewer: "저장된 레슨 진도는 더 새로운 Kafkascope가 쓴 것입니다. 그대로 두며, 이번 진도는 저장되지 않습니다.", "Your stored progress was written by a newer Kafkascope. It is left as it is, and this visit's progress will not be stored.";
        StartOver: "진도를 새로 시작", "Start over";
    }
}

/// `3 / 7`
pub fn step_of(lang: Lang, step: usize, count: usize) -> String {
    say!(lang, "{count}단계 중 {step}", "Step {step} of {count}")
}

pub fn minutes(lang: Lang, minutes: u32) -> String {
    say!(lang, "약 {minutes}분", "about {minutes} min")
}

pub fn hint_button(lang: Lang, taken: usize, count: usize) -> String {
    say!(lang, "힌트 {taken}/{count}", "Hint {taken}/{count}")
}

pub fn goals_of(lang: Lang, met: usize, count: usize) -> String {
    say!(lang, "목표 {count}개 중 {met}개 달성", "{met} of {count} goals met")
}

pub fn done_of(lang: Lang, done: usize, count: usize) -> String {
    say!(lang, "{count}단계 중 {done}단계 마침", "{done} of {count} steps done")
}
