//! Counts and sizes in words.

/// Formats a number with a comma between thousands.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Formats a number of things: "no messages", "1 message", "1,204 messages".
#[must_use]
pub fn things(number: u64, one: &str) -> String {
    match number {
        0 => format!("no {one}s"),
        1 => format!("1 {one}"),
        _ => format!("{} {one}s", count(number)),
    }
}

/// Formats a size in bytes, with the unit that leaves one to three digits before the point.
#[must_use]
pub fn octets(number: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "KB")];
    for (size, unit) in UNITS {
        if number >= size {
            let tenths = number / (size / 10);
            return if tenths >= 100 {
                format!("{} {unit}", count(tenths / 10))
            } else {
                format!("{}.{} {unit}", tenths / 10, tenths % 10)
            };
        }
    }
    things(number, "byte")
}

/// Returns `done` as a percentage of `total`, 0 to 100; absent while the total is unknown.
#[must_use]
pub fn percent(done: u64, total: u64) -> Option<u32> {
    let hundredths = done.saturating_mul(100).checked_div(total)?;
    Some(u32::try_from(hundredths.min(100)).unwrap_or(100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated_by_commas() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_000), "1,000");
        assert_eq!(count(1_234_567), "1,234,567");
    }

    #[test]
    fn one_thing_is_singular() {
        assert_eq!(things(0, "message"), "no messages");
        assert_eq!(things(1, "message"), "1 message");
        assert_eq!(things(50_000, "message"), "50,000 messages");
    }

    #[test]
    fn sizes_have_few_digits() {
        assert_eq!(octets(0), "no bytes");
        assert_eq!(octets(1), "1 byte");
        assert_eq!(octets(999), "999 bytes");
        assert_eq!(octets(1_000), "1.0 KB");
        assert_eq!(octets(9_999), "9.9 KB");
        assert_eq!(octets(120_000), "120 KB");
        assert_eq!(octets(6_291_456), "6.2 MB");
        assert_eq!(octets(3_000_000_000), "3.0 GB");
    }

    #[test]
    fn a_percentage_is_at_most_100() {
        assert_eq!(percent(0, 0), None);
        assert_eq!(percent(1, 3), Some(33));
        assert_eq!(percent(7, 3), Some(100));
        assert_eq!(percent(u64::MAX, 1), Some(100));
    }
}
