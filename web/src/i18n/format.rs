//! Numbers and sizes as the page writes them. A moment of virtual time is written by `SimTime` itself.

/// With commas between thousands: `12,345`.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of bytes, in the largest unit that leaves at least 1: `980 B`, `1.5 KiB`.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if n < 1024 {
        return format!("{n} B");
    }
    let (mut tenths, mut unit) = (n.saturating_mul(10) / 1024, 0);
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    match tenths % 10 {
        0 => format!("{} {}", tenths / 10, UNITS[unit]),
        tenth => format!("{}.{tenth} {}", tenths / 10, UNITS[unit]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let shown: Vec<_> = [0, 999, 1000, 12_345, 1_000_000].map(number).into();
        assert_eq!(shown, ["0", "999", "1,000", "12,345", "1,000,000"]);
    }

    #[test]
    fn sizes() {
        let shown: Vec<_> = [0, 1023, 1024, 1536, 1_048_576, u64::MAX].map(bytes).into();
        assert_eq!(shown[..5], ["0 B", "1023 B", "1 KiB", "1.5 KiB", "1 MiB"]);
        assert!(shown[5].ends_with(" TiB"));
    }
}
