//! Durations and times as Kafka's settings and tools write them: `PT1H30M` (`java.time.Duration`) and
//! `2026-01-01T00:00:00.000` (`Utils.getDateTime`), in milliseconds.

/// `PnDTnHnMn.nS`: parts may be missing, but not all of them. `None` for what is no duration, or negative.
pub fn parse_duration(text: &str) -> Option<u64> {
    let upper = text.to_ascii_uppercase();
    let rest = upper.strip_prefix('P')?;
    let (days, time) = match rest.split_once('T') {
        Some((days, time)) => (days, Some(time)),
        None => (rest, None),
    };
    let mut total: u64 = 0;
    let mut add = |amount: u64, unit_ms: u64| {
        total = total.checked_add(amount.checked_mul(unit_ms)?)?;
        Some(())
    };
    if !days.is_empty() {
        add(digits(days.strip_suffix('D')?)?, 86_400_000)?;
    }
    let Some(mut time) = time else {
        return (!days.is_empty()).then_some(total);
    };
    if time.is_empty() {
        return None;
    }
    for (unit, unit_ms) in [('H', 3_600_000), ('M', 60_000)] {
        if let Some((amount, rest)) = time.split_once(unit) {
            add(digits(amount)?, unit_ms)?;
            time = rest;
        }
    }
    if !time.is_empty() {
        let seconds = time.strip_suffix('S')?;
        let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
        add(digits(whole)?, 1_000)?;
        if fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let thousandths: String = format!("{fraction}000").chars().take(3).collect();
        add(thousandths.parse().ok()?, 1)?;
    }
    Some(total)
}

/// As `Duration.toString` writes it.
pub fn duration_text(ms: u64) -> String {
    let (hours, minutes, seconds, rest) =
        (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60, ms % 1_000);
    let mut text = "PT".to_string();
    for (amount, unit) in [(hours, 'H'), (minutes, 'M')] {
        if amount > 0 {
            text += &format!("{amount}{unit}");
        }
    }
    if rest > 0 {
        text += format!("{seconds}.{rest:03}").trim_end_matches('0');
        text += "S";
    } else if seconds > 0 || ms == 0 {
        text += &format!("{seconds}S");
    }
    text
}

fn digits(text: &str) -> Option<u64> {
    let sound = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if sound { text.parse().ok() } else { None }
}

/// `YYYY-MM-DDThh:mm:ss.sss`, with `Z`, an offset (`+09:00`), or neither, which is UTC; Unix milliseconds.
pub fn parse_datetime(text: &str) -> Option<i64> {
    let (date, time) = text.split_once('T')?;
    let mut date = date.splitn(3, '-');
    let mut part = |len: usize| digits(date.next().filter(|part| part.len() == len)?);
    let (year, month, day) = (part(4)?, part(2)?, part(2)?);
    let zone = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (time, zone) = time.split_at(zone);
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut time = time.splitn(3, ':');
    let mut part = || digits(time.next().filter(|part| part.len() == 2)?);
    let (hour, minute, second) = (part()?, part()?, part()?);
    let (1..=12, 0..=23, 0..=59, 0..=59) = (month, hour, minute, second) else {
        return None;
    };
    if day == 0 || day > days_in(year, month) || fraction.len() > 3 {
        return None;
    }
    let ms = digits(&format!("{fraction:0<3}"))?;
    let seconds =
        days_since_epoch(year, month, day) * 86_400 + (hour * 3_600 + minute * 60 + second) as i64;
    Some((seconds - offset_seconds(zone)?) * 1_000 + ms as i64)
}

fn offset_seconds(zone: &str) -> Option<i64> {
    let sign = match zone.chars().next() {
        None | Some('Z') => return (zone.len() <= 1).then_some(0),
        Some('-') => -1,
        Some(_) => 1,
    };
    let (hours, minutes) = match zone[1..].split_once(':') {
        Some(parts) => parts,
        None if zone.len() == 5 => zone[1..].split_at(2),
        None => (&zone[1..], "0"),
    };
    let (hours, minutes) = (digits(hours)?, digits(minutes)?);
    (hours <= 18 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60) as i64)
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_in(year: u64, month: u64) -> u64 {
    match month {
        2 => 28 + u64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_since_epoch(year: u64, month: u64, day: u64) -> i64 {
    let before = |year: u64| {
        (year * 365 + year.div_ceil(4) + year.div_ceil(400)) as i64 - year.div_ceil(100) as i64
    };
    let months: u64 = (1..month).map(|month| days_in(year, month)).sum();
    before(year) - before(1970) + months as i64 + day as i64 - 1
}

/// A time in UTC.
pub fn datetime_text(ms: i64) -> String {
    let (days, of_day) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    let mut year = 1970 + days.div_euclid(366).max(-1970) as u64;
    while days_since_epoch(year + 1, 1, 1) <= days {
        year += 1;
    }
    let mut left = (days - days_since_epoch(year, 1, 1)).max(0) as u64;
    let mut month = 1;
    while left >= days_in(year, month) {
        left -= days_in(year, month);
        month += 1;
    }
    let (hour, minute) = (of_day / 3_600_000, of_day / 60_000 % 60);
    let (second, thousandth) = (of_day / 1_000 % 60, of_day % 1_000);
    let day = left + 1;
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{thousandth:03}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_javas() {
        for (text, ms, shown) in [
            ("PT1H", 3_600_000, "PT1H"),
            ("PT90M", 5_400_000, "PT1H30M"),
            ("P1D", 86_400_000, "PT24H"),
            ("p1dt1s", 86_401_000, "PT24H1S"),
            ("PT0S", 0, "PT0S"),
            ("PT0.5S", 500, "PT0.5S"),
            ("PT1M1.250S", 61_250, "PT1M1.25S"),
        ] {
            assert_eq!(parse_duration(text), Some(ms), "{text}");
            assert_eq!(duration_text(ms), shown);
        }
        for text in ["", "P", "PT", "1H", "PT-1S", "PT1", "P1H", "PT1S1M", "PT.5S", "PT1.S2"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_read_and_written() {
        for (text, ms) in [
            ("1970-01-01T00:00:00.000", 0),
            ("2000-02-29T12:34:56.789", 951_827_696_789),
            ("2026-01-01T00:00:00.000", 1_767_225_600_000),
            ("2100-03-01T00:00:00.001", 4_107_542_400_001),
        ] {
            assert_eq!(parse_datetime(text), Some(ms), "{text}");
            assert_eq!(datetime_text(ms), text);
        }
        let same =
            ["2026-01-01T09:00:00+09:00", "2026-01-01T00:00:00Z", "2026-01-01T09:00:00+0900"];
        assert!(same.iter().all(|text| parse_datetime(text) == Some(1_767_225_600_000)));
        for text in
            ["2026-02-29T00:00:00", "2026-13-01T00:00:00", "2026-01-01", "now", "2026-1-1T0:0:0"]
        {
            assert_eq!(parse_datetime(text), None, "{text}");
        }
    }
}
