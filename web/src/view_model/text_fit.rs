//! Text in SVG does not wrap and does not shorten itself: here it is measured by rule of thumb and
//! shortened with "…".

/// The width of a text in the page's sans type, in pixels.
pub fn width(text: &str, size: f64) -> f64 {
    text.chars().map(|c| char_width(c) * size).sum()
}

fn char_width(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.29,
        'f' | 't' | 'r' | '(' | ')' | '-' | ' ' | 'I' => 0.37,
        'm' | 'w' | 'M' | 'W' | '@' => 0.86,
        'A'..='Z' => 0.66,
        c if c.is_ascii() => 0.56,
        '–' | '·' | '…' => 0.56,
        // Hangul, Han, kana and what else is wide.
        _ => 0.95,
    }
}

/// The text, or as much of it as fits with "…".
pub fn fit(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_string();
    }
    let mut fitted = String::new();
    let mut left = room - char_width('…') * size;
    for c in text.chars() {
        left -= char_width(c) * size;
        if left < 0.0 {
            break;
        }
        fitted.push(c);
    }
    format!("{}…", fitted.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_shortened() {
        assert_eq!(fit("billing", 13.0, 100.0), "billing");
        let short = fit("a-very-long-consumer-group-name", 13.0, 100.0);
        assert!(short.ends_with('…') && width(&short, 13.0) <= 101.0, "{short}");
        assert_eq!(fit("주문 서비스", 13.0, 40.0), "주문…");
    }
}
