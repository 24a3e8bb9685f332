//! Names, times and bytes as people and programs read them.

use std::fmt::Debug;

use hmm_client::jobs;
use hmm_job::{Code, Outcome, Phase, Verdict};

/// `NoShow` as `no_show`.
pub fn snake(name: &impl Debug) -> String {
    let mut text = String::new();
    for (i, letter) in format!("{name:?}").char_indices() {
        if letter.is_ascii_uppercase() && i > 0 {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

/// A stored outcome.
pub fn outcome(stored: u8) -> Option<String> {
    jobs::outcome(stored).map(|outcome| snake(&outcome))
}

/// The number of an outcome in an event.
pub fn end(number: u8) -> Option<String> {
    Outcome::from_code(number).map(|outcome| snake(&outcome))
}

/// The number of a job's state in an event.
pub fn state(number: u8) -> Option<String> {
    use hmm_job::State::{Assigned, Cancelled, Challenge, Filled, Open, Refunded, Running, Settled, Slashed, Submitted, Verifying};
    let all = [Open, Filled, Assigned, Running, Submitted, Verifying, Challenge, Settled, Cancelled, Refunded, Slashed];
    all.iter().find(|state| **state as u8 == number).map(snake)
}

/// A stored phase.
pub fn phase(stored: u8) -> Option<String> {
    Phase::from_code(stored).map(|phase| snake(&phase))
}

/// A stored verdict.
pub fn verdict(stored: u8) -> Option<String> {
    Verdict::load(stored).map(|verdict| snake(&verdict))
}

/// Why a worker may be liquidated, by its number in events.
pub fn cause(stored: u8) -> Option<&'static str> {
    ["banned", "key_lapsed", "margin"].get(usize::from(stored)).copied()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Sixty-four hexadecimal digits.
pub fn root(text: &str) -> Result<[u8; 32], String> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let bytes: Option<Vec<u8>> = text
        .as_bytes()
        .chunks(2)
        .map(|pair| match *pair {
            [high, low] => Some(digit(high)? * 16 + digit(low)?),
            _ => None,
        })
        .collect();
    bytes.and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| format!("{text:?} is not 64 hexadecimal digits"))
}

/// `90`, `90s`, `15m`, `2h` or `1d`: seconds, more than none.
pub fn duration(text: &str) -> Result<i64, String> {
    let units = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400)];
    let (digits, unit) = units.iter().find_map(|(letter, unit)| Some((text.strip_suffix(*letter)?, *unit))).unwrap_or((text, 1));
    let seconds = digits.parse::<u32>().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit())).map(|n| i64::from(n) * unit);
    seconds.filter(|seconds| *seconds > 0).ok_or_else(|| format!("{text:?} is not a duration like 90s, 15m, 2h or 1d"))
}

/// Seconds as the two largest of their parts: `1 h 5 min`.
pub fn time_left(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let parts = [(seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")];
    let from = parts.iter().position(|(n, _)| *n > 0).unwrap_or(3);
    let shown = parts.iter().skip(from).take(2).filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n} {unit}"));
    let text = shown.collect::<Vec<_>>().join(" ");
    if text.is_empty() { "0 s".to_owned() } else { text }
}

/// A unix time seen from `now`: `unix time 5 (in 1 h)`.
pub fn at(time: i64, now: i64) -> String {
    if time <= now { format!("unix time {time} (now)") } else { format!("unix time {time} (in {})", time_left(time - now)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_durations_and_roots() {
        for (text, seconds) in [("90", 90), ("90s", 90), ("15m", 900), ("2h", 7_200), ("1d", 86_400)] {
            assert_eq!(duration(text), Ok(seconds));
        }
        for wrong in ["", "0", "-1", "+1", "1w", "m", "1.5h", "99999999999"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
        assert_eq!(root(&"4d".repeat(32)), Ok([0x4d; 32]));
        for wrong in ["", "4d", &"4g".repeat(32), &"4".repeat(63), &"+1".repeat(32)] {
            assert!(root(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn tells_times_and_names() {
        assert_eq!([0, 59, 3_600, 3_905, 90_061].map(time_left), ["0 s", "59 s", "1 h", "1 h 5 min", "1 d 1 h"]);
        assert_eq!(at(5, 9), "unix time 5 (now)");
        assert_eq!((snake(&Phase::Reserved), snake(&Verdict::NoQuorum)), ("reserved".into(), "no_quorum".into()));
    }
}
