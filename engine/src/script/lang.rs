//! The two languages in which anything is said to a person, and the Korean particles that depend on
//! how the word before them ends. What is said lives elsewhere.

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lang {
    Ko,
    #[default]
    En,
}

impl Lang {
    pub fn pick<T>(self, ko: T, en: T) -> T {
        match self {
            Lang::Ko => ko,
            Lang::En => en,
        }
    }
}

/// `say!(lang, "한국어 {x}", "English {x}")`: one sentence in the language asked for, the two side
/// by side so that neither is forgotten. In the Korean one, `이(가)`, `은(는)`, `을(를)`, `과(와)`,
/// `(으)로` and `(이)라` become the particle that fits.
macro_rules! say {
    ($lang:expr, $ko:literal, $en:literal $(,)?) => {
        match $lang {
            $crate::script::lang::Lang::Ko => $crate::script::lang::settle_particles(&format!($ko)),
            $crate::script::lang::Lang::En => format!($en),
        }
    };
}
pub(crate) use say;

/// How a word sounds at its end, which is all that a particle depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Final {
    Vowel,
    /// ㄹ takes 로, not 으로.
    Rieul,
    Consonant,
}

/// As written, after a consonant, after a vowel.
const PARTICLES: [(&str, &str, &str); 6] = [
    ("이(가)", "이", "가"),
    ("은(는)", "은", "는"),
    ("을(를)", "을", "를"),
    ("과(와)", "과", "와"),
    ("(으)로", "으로", "로"),
    ("(이)라", "이라", "라"),
];

/// Writes every open particle of a Korean sentence as the word before it demands.
pub fn settle_particles(text: &str) -> String {
    let mut settled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, (written, consonant, vowel))) = PARTICLES
        .iter()
        .filter_map(|particle| Some((rest.find(particle.0)?, *particle)))
        .min_by_key(|(at, _)| *at)
    {
        settled.push_str(&rest[..at]);
        let ends = final_sound(&settled);
        let without_consonant = match written {
            "(으)로" => ends != Final::Consonant,
            _ => ends == Final::Vowel,
        };
        settled.push_str(if without_consonant { vowel } else { consonant });
        rest = &rest[at + written.len()..];
    }
    settled.push_str(rest);
    settled
}

/// How the last word is read aloud in Korean. A remark in brackets behind it is not read.
fn final_sound(text: &str) -> Final {
    let closing =
        |c: char| matches!(c, '"' | '\'' | '`' | '’' | '”' | ']' | '%') || c.is_whitespace();
    let mut text = text.trim_end_matches(closing);
    while let Some(open) = text.strip_suffix(')').and_then(|inside| inside.rfind('(')) {
        text = text[..open].trim_end_matches(closing);
    }
    match text.chars().next_back() {
        Some(c @ '가'..='힣') => match (c as u32 - '가' as u32) % 28 {
            0 => Final::Vowel,
            8 => Final::Rieul,
            _ => Final::Consonant,
        },
        Some(c) if c.is_ascii_digit() => number_sound(text),
        Some(c) if c.is_ascii_uppercase() && !is_error_name(text) => letter_sound(c),
        Some(c) if c.is_ascii_uppercase() => latin_sound(&text.to_ascii_lowercase()),
        Some(c) if c.is_ascii_lowercase() => latin_sound(text),
        _ => Final::Vowel,
    }
}

/// `REQUEST_TIMED_OUT` is read as words, `ISR` letter by letter.
fn is_error_name(text: &str) -> bool {
    let name = text.rsplit(char::is_whitespace).next().unwrap_or(text);
    name.contains('_')
}

/// Trailing zeros are read as a unit: 십, 백, 천, 만, 억, 조.
fn number_sound(text: &str) -> Final {
    let digits: Vec<char> = text.chars().rev().take_while(char::is_ascii_digit).collect();
    let zeros = digits.iter().take_while(|digit| **digit == '0').count();
    match digits.get(zeros) {
        None => Final::Consonant, // 영
        Some(digit) if zeros == 0 => match digit {
            '1' | '7' | '8' => Final::Rieul, // 일, 칠, 팔
            '3' | '6' => Final::Consonant,   // 삼, 육
            _ => Final::Vowel,
        },
        Some(_) if zeros < 12 => Final::Consonant,
        Some(_) => Final::Vowel,
    }
}

/// Letters read one by one: ISR is 아이에스알.
fn letter_sound(letter: char) -> Final {
    match letter {
        'L' | 'R' => Final::Rieul,
        'M' | 'N' => Final::Consonant,
        _ => Final::Vowel,
    }
}

/// English words as Korean borrows them: offset 오프셋, topic 토픽, but epoch 에포크, leader 리더.
fn latin_sound(text: &str) -> Final {
    let word: Vec<char> = text.chars().rev().take_while(char::is_ascii_alphabetic).collect();
    let is_vowel =
        |at: usize| word.get(at).is_some_and(|c| "aeiou".contains(c.to_ascii_lowercase()));
    let is_short_pair = matches!(word[1..], ['u' | 'o', 'o', ..]);
    match word[0] {
        'l' => Final::Rieul,
        'm' | 'n' => Final::Consonant,
        'g' if word.get(1) == Some(&'n') => Final::Consonant,
        // A short vowel before the stop closes the syllable, as in group 그룹; a long one, or a
        // consonant, opens a new one, as in heat 히트 and disk 디스크.
        'c' | 'k' | 'p' | 't' if is_vowel(1) && (!is_vowel(2) || is_short_pair) => Final::Consonant,
        'k' if word.get(1) == Some(&'c') => Final::Consonant,
        stop @ ('k' | 'p' | 't') if word.get(1) == Some(&stop) => Final::Consonant,
        _ => Final::Vowel,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(word: &str, particle: &str) -> String {
        settle_particles(&format!("{word}{particle}"))
    }

    #[test]
    fn particles_follow_the_final_sound() {
        for (word, subject, direction) in [
            ("토픽", "이", "으로"),
            ("리더", "가", "로"),
            ("팔로워의 로그 끝", "이", "으로"),
            ("이벤트", "가", "로"),
            ("채널", "이", "로"),
            ("broker-1", "이", "로"),
            ("broker-2", "가", "로"),
            ("broker-3", "이", "으로"),
            ("controller-101", "이", "로"),
            ("orders-0", "이", "으로"),
            ("10", "이", "으로"),
            ("2000", "이", "으로"),
            ("1000000000000", "가", "로"),
            ("offset", "이", "으로"),
            ("topic", "이", "으로"),
            ("block", "이", "으로"),
            ("leader", "가", "로"),
            ("epoch", "가", "로"),
            ("record", "가", "로"),
            ("high watermark", "가", "로"),
            ("partition", "이", "으로"),
            ("ISR", "이", "로"),
            ("LEO", "가", "로"),
            ("REQUEST_TIMED_OUT", "이", "으로"),
            ("NOT_ENOUGH_REPLICAS", "가", "로"),
            ("app", "이", "으로"),
            ("group", "이", "으로"),
            ("disk", "가", "로"),
            ("broker-1(리더)", "이", "로"),
            ("\"alice\"", "가", "로"),
        ] {
            assert_eq!(with(word, "이(가)"), format!("{word}{subject}"));
            assert_eq!(with(word, "(으)로"), format!("{word}{direction}"));
        }
    }

    #[test]
    fn a_sentence_settles_all_its_particles() {
        assert_eq!(
            settle_particles("broker-2은(는) orders-0을(를) broker-1과(와) 나눕니다."),
            "broker-2는 orders-0을 broker-1과 나눕니다."
        );
        assert_eq!(settle_particles("그대로 둡니다 (LEO)."), "그대로 둡니다 (LEO).");
        assert_eq!(with("", "이(가)"), "가");
    }
}
