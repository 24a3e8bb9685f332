//! Decimals: raw integers of a token, and whole units as people write them. Exact in both directions.

/// Decimals of every voucher.
pub const VOUCHER_DECIMALS: u8 = 6;

/// A raw amount in whole units with every decimal: `12500000` is `12.500000`.
pub fn exact(raw: u64, decimals: u8) -> String {
    let places = usize::from(decimals);
    let digits = format!("{raw:0>width$}", width = places + 1);
    match digits.split_at(digits.len() - places) {
        (whole, "") => whole.to_owned(),
        (whole, fraction) => format!("{whole}.{fraction}"),
    }
}

/// The same for reading: thousands apart, without trailing zeros.
pub fn human(raw: u64, decimals: u8) -> String {
    let text = exact(raw, decimals);
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{}{point}{fraction}", thousands(whole))
}

/// A change, with its sign.
pub fn change(raw: i128, decimals: u8) -> String {
    let sign = if raw < 0 { "−" } else { "+" };
    format!("{sign}{}", human(u64::try_from(raw.unsigned_abs()).unwrap_or(u64::MAX), decimals))
}

/// `1234567` as `1,234,567`.
pub fn thousands(digits: &str) -> String {
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Whole units as raw ones. The error says what is wrong with the text.
pub fn parse(text: &str, decimals: u8) -> Result<u64, String> {
    if text.starts_with('-') {
        return Err(format!("{text} is negative"));
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || text.ends_with('.') {
        return Err(format!("{text:?} is not a number like 100 or 12.5"));
    }
    if fraction.len() > usize::from(decimals) {
        return Err(format!("{text} has {} decimals, at most {decimals} fit", fraction.len()));
    }
    let raw = format!("{whole}{fraction:0<width$}", width = usize::from(decimals));
    let raw = raw.parse::<u64>().map_err(|_| format!("{text} is too large, at most {} fits", exact(u64::MAX, decimals)))?;
    if raw == 0 { Err("the amount is zero".to_owned()) } else { Ok(raw) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_it_reads() {
        for (text, decimals, raw, shown) in [
            ("100", 6, 100_000_000, "100"),
            ("12.5", 6, 12_500_000, "12.5"),
            ("0.000001", 6, 1, "0.000001"),
            ("1234567.89", 9, 1_234_567_890_000_000, "1,234,567.89"),
            ("18446744073709551615", 0, u64::MAX, "18,446,744,073,709,551,615"),
        ] {
            assert_eq!(parse(text, decimals), Ok(raw), "{text}");
            assert_eq!(parse(&exact(raw, decimals), decimals), Ok(raw), "{text}");
            assert_eq!(human(raw, decimals), shown);
        }
        assert_eq!(change(-1_500_000, 6), "−1.5");
    }

    #[test]
    fn refuses_what_is_no_amount() {
        for (text, reason) in [
            ("0", "zero"),
            ("0.000000", "zero"),
            ("-1", "negative"),
            ("1.0000001", "decimals"),
            ("18446744073710", "too large"),
            ("", "not a number"),
            (".5", "not a number"),
            ("5.", "not a number"),
            ("1e3", "not a number"),
            ("1,000", "not a number"),
            ("١", "not a number"),
        ] {
            let error = parse(text, 6).expect_err(text);
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
