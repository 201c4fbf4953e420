//! Mistakes in a line, in words, and what should have stood there.

use crate::script::error::{ScriptError, ScriptProblem};
use crate::script::lang::{Lang, say};
use crate::script::verbs::Slot;

impl ScriptError {
    /// Where and what.
    pub fn words(&self, lang: Lang) -> String {
        let (column, what) = (self.column, self.what.words(lang));
        say!(lang, "{column}번째 글자: {what}", "column {column}: {what}")
    }
}

impl ScriptProblem {
    pub fn words(&self, lang: Lang) -> String {
        match self {
            ScriptProblem::UnknownVerb { word, closest } => {
                let next = suggestion(closest, lang, ("help를 보십시오.", "See help."));
                say!(
                    lang,
                    "{word}(이)라는 명령은 없습니다. {next}",
                    "There is no command {word}. {next}"
                )
            }
            ScriptProblem::MissingMode { verb, choices } => {
                let choices = choices.join(", ");
                say!(
                    lang,
                    "{verb} 뒤에 무엇을 할지 써 주십시오: {choices}",
                    "Say what {verb} should do: {choices}"
                )
            }
            ScriptProblem::UnknownMode { verb, word, closest, choices } => {
                let choices = choices.join(", ");
                let next = suggestion(closest, lang, ("", ""));
                say!(
                    lang,
                    "{verb}은(는) {word}을(를) 모릅니다. {next} 쓸 수 있는 것: {choices}",
                    "{verb} does not know {word}. {next} It knows: {choices}"
                )
                .replace("  ", " ")
            }
            ScriptProblem::UnknownOption { verb, word, closest } => {
                let see = say!(lang, "help {verb}을(를) 보십시오.", "See help {verb}.");
                let next = suggestion(closest, lang, (&see, &see));
                say!(
                    lang,
                    "{verb}에는 {word} 옵션이 없습니다. {next}",
                    "{verb} has no option {word}. {next}"
                )
            }
            ScriptProblem::UnknownCondition { word, closest } => {
                let next = suggestion(closest, lang, ("help run을 보십시오.", "See help run."));
                say!(
                    lang,
                    "{word}(이)라는 조건은 없습니다. {next}",
                    "There is no condition {word}. {next}"
                )
            }
            ScriptProblem::UnknownSetting { name, closest } => {
                let next =
                    suggestion(closest, lang, ("help cluster를 보십시오.", "See help cluster."));
                say!(
                    lang,
                    "{name}(이)라는 설정은 없습니다. {next}",
                    "There is no setting {name}. {next}"
                )
            }
            ScriptProblem::UnknownClient { name, closest } => {
                let other =
                    ("show clients로 이름을 확인해 주십시오.", "See show clients for the names.");
                let next = suggestion(closest, lang, other);
                say!(
                    lang,
                    "{name}(이)라는 노드나 클라이언트가 없습니다. {next}",
                    "No node or client is called {name}. {next}"
                )
            }
            ScriptProblem::Repeated { option } => {
                say!(
                    lang,
                    "{option}이(가) 두 번 나옵니다. 한 번만 쓰십시오.",
                    "{option} is given twice. Give it once."
                )
            }
            ScriptProblem::MissingValue { option, wants } => {
                let wants = wants.words(lang);
                say!(lang, "{option}에 {wants}이(가) 필요합니다.", "{option} needs {wants}.")
            }
            ScriptProblem::Missing { wants, form } => {
                let wants = wants.words(lang);
                say!(
                    lang,
                    "{wants}이(가) 빠졌습니다. 형식: {form}",
                    "Here should be {wants}. The form is: {form}"
                )
            }
            ScriptProblem::Unexpected { word, form } => say!(
                lang,
                "\"{word}\"은(는) 여기에 올 수 없습니다. 형식: {form}",
                "\"{word}\" is one word too many. The form is: {form}"
            ),
            ScriptProblem::Invalid { word, wants } => {
                let wants = wants.words(lang);
                say!(
                    lang,
                    "\"{word}\" 자리에는 {wants}이(가) 와야 합니다.",
                    "\"{word}\" should be {wants}."
                )
            }
            ScriptProblem::OutOfRange { word, least, most } => say!(
                lang,
                "{word}은(는) 범위를 벗어났습니다. {least}에서 {most}까지 쓸 수 있습니다.",
                "{word} is out of range. Use {least} to {most}."
            ),
            ScriptProblem::NeedsGroup { option } => say!(
                lang,
                "{option}은(는) 그룹의 멤버에게만 뜻이 있습니다. group=을 함께 주십시오.",
                "{option} means something only to a member of a group. Give group= as well."
            ),
            ScriptProblem::Contradiction { a, b } => say!(
                lang,
                "{a}과(와) {b}을(를) 함께 쓸 수 없습니다. 하나만 쓰십시오.",
                "{a} and {b} contradict each other. Give one of them."
            ),
            ScriptProblem::InvalidSetting { name, value, reason } => say!(
                lang,
                "{name}에 \"{value}\"을(를) 쓸 수 없습니다. ({reason})",
                "{name} cannot be \"{value}\". ({reason})"
            ),
            ScriptProblem::NothingToAlter => say!(
                lang,
                "바꿀 것이 없습니다. --add-config나 --delete-config를 쓰십시오.",
                "There is nothing to alter. Give --add-config or --delete-config."
            ),
            ScriptProblem::UnclosedQuote { quote } => say!(
                lang,
                "따옴표 {quote}가 닫히지 않았습니다. 같은 따옴표로 닫아 주십시오.",
                "The quote {quote} is not closed. Close it with the same quote."
            ),
            ScriptProblem::BadEscape => say!(
                lang,
                "알 수 없는 이스케이프입니다. \\n \\t \\r \\\" \\\\ \\xNN \\u{{N}}을 쓸 수 있습니다.",
                "This escape is unknown. There are \\n \\t \\r \\\" \\\\ \\xNN \\u{{N}}."
            ),
            ScriptProblem::SpecNotFirst => say!(
                lang,
                "cluster는 스크립트의 첫 줄에만 쓸 수 있습니다. 클러스터가 이미 시작했습니다.",
                "cluster can only be the first line of a script; the cluster has already started."
            ),
        }
    }
}

fn suggestion(closest: &Option<String>, lang: Lang, other: (&str, &str)) -> String {
    match closest {
        Some(word) => say!(lang, "{word}을(를) 쓰려고 하셨습니까?", "Did you mean {word}?"),
        None => lang.pick(other.0, other.1).to_string(),
    }
}

impl Slot {
    /// What should stand in the place, with an article in English.
    pub fn words(self, lang: Lang) -> String {
        let (ko, en) = match self {
            Slot::Nothing => ("아무것도 없는 것", "nothing"),
            Slot::Topic => ("토픽 이름", "a topic"),
            Slot::NewTopic => ("새 토픽의 이름", "a name for the topic"),
            Slot::Partition => ("orders-0 같은 파티션", "a partition such as orders-0"),
            Slot::Node => ("broker-1 같은 노드", "a node such as broker-1"),
            Slot::Address => ("노드나 클라이언트", "a node or a client"),
            Slot::Envelope => {
                ("17이나 17.1 같은 메시지 번호", "the number of a message, such as 17 or 17.1")
            }
            Slot::Delay => (
                "50ms나 50ms..200ms처럼 10m까지의 시간",
                "a time or a range of up to 10m, such as 50ms or 50ms..200ms",
            ),
            Slot::Percent => ("30%나 2.5% 같은 비율", "a share such as 30% or 2.5%"),
            Slot::Api => ("Fetch 같은 요청 이름", "the name of a request, such as Fetch"),
            Slot::LinkFault => (
                "delay=50ms, loss=30%, duplicate=10%, reorder=10% 가운데 하나 이상",
                "at least one of delay=50ms, loss=30%, duplicate=10%, reorder=10%",
            ),
            Slot::Client => ("클라이언트 이름", "a client"),
            Slot::Group => ("컨슈머 그룹 이름", "the id of a consumer group"),
            Slot::PartitionOffset => (
                "orders-0=5 같은 파티션과 오프셋",
                "a partition with an offset, such as orders-0=5",
            ),
            Slot::Producer => ("프로듀서 이름", "a producer"),
            Slot::Consumer => ("컨슈머 이름", "a consumer"),
            Slot::Text => ("값", "a value"),
            Slot::Utf8 => ("UTF-8 글", "UTF-8 text"),
            Slot::Number => ("숫자", "a number"),
            Slot::Offset => ("오프셋", "an offset"),
            Slot::OffsetJson => (
                "'{\"partitions\":[{\"topic\":\"orders\",\"partition\":0,\"offset\":3}],\"version\":1}'처럼 파티션 하나를 적은 JSON",
                "JSON with one partition, as in '{\"partitions\":[{\"topic\":\"orders\",\"partition\":0,\"offset\":3}],\"version\":1}'",
            ),
            Slot::AssignmentJson => (
                "'{\"version\":1,\"partitions\":[{\"topic\":\"orders\",\"partition\":0,\"replicas\":[2,3]}]}' 같은 JSON",
                "JSON such as '{\"version\":1,\"partitions\":[{\"topic\":\"orders\",\"partition\":0,\"replicas\":[2,3]}]}'",
            ),
            Slot::TopicsJson => (
                "'{\"version\":1,\"topics\":[{\"topic\":\"orders\"}]}' 같은 JSON",
                "JSON such as '{\"version\":1,\"topics\":[{\"topic\":\"orders\"}]}'",
            ),
            Slot::Timestamp => ("Unix 시각(ms)", "a Unix time in ms"),
            Slot::Duration => ("500ms, 3s, 2m 같은 시간", "a time such as 500ms, 3s or 2m"),
            Slot::Iso8601 => (
                "PT1H 같은 시간 또는 2026-01-01T00:00:00.000 같은 시각",
                "a duration such as PT1H, or a time such as 2026-01-01T00:00:00.000",
            ),
            Slot::EventId => ("#12 같은 이벤트 번호 또는 last", "an event such as #12, or last"),
            Slot::Choice(choices) => {
                let choices = choices.join(", ");
                return say!(lang, "다음 중 하나({choices})", "one of {choices}");
            }
            Slot::Config => ("NAME=VALUE 형식", "NAME=VALUE"),
            Slot::ConfigName => ("설정 이름", "the name of a config"),
            Slot::Header => ("KEY:VALUE 형식", "KEY:VALUE"),
            Slot::Assignment => ("1:2:3,2:3:1 형식", "brokers such as 1:2:3,2:3:1"),
            Slot::Broker => ("1 같은 브로커 번호", "the id of a broker, such as 1"),
            Slot::Brokers => ("1,2,3 같은 브로커 번호", "brokers such as 1,2,3"),
            Slot::Rack => (
                "글자, 숫자, '.', '-', '_'로 된 40자까지의 랙 이름",
                "a rack: up to 40 letters, digits, '.', '-' or '_'",
            ),
            Slot::Racks => (
                "a,b,c처럼 쉼표로 나눈 랙 이름(비운 자리의 브로커에는 랙이 없음)",
                "racks such as a,b,c, where an empty place is a broker without one",
            ),
            Slot::Leader => ("broker-1 같은 노드 또는 none", "a node such as broker-1, or none"),
            Slot::Condition => ("조건", "a condition"),
            Slot::Comparison => ("비교(== != >= <= > <)", "a comparison: == != >= <= > <"),
            Slot::Setting => ("NAME=VALUE 형식의 설정", "a setting, NAME=VALUE"),
            Slot::File => ("파일 경로", "the path of a file"),
            Slot::Dir => ("디렉터리", "a directory"),
            Slot::Verb => ("명령", "a command"),
        };
        lang.pick(ko, en).to_string()
    }
}
