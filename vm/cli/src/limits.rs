//! Until when, and how much worse than quoted.

use clap::Args;

use crate::error::{Error, Result};

#[derive(Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// How much worse than quoted each result may be, in hundredths of a percent
    #[arg(long, value_name = "BPS", default_value_t = hmm_client::DEFAULT_SLIPPAGE_BPS, value_parser = clap::value_parser!(u16).range(0..=10_000))]
    pub slippage_bps: u16,
    /// Seconds from now after which it is refused; @UNIX for a time, `none` for none
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = deadline, allow_hyphen_values = true)]
    pub deadline: Deadline,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadline {
    None,
    In(i64),
    At(i64),
}

impl Deadline {
    /// As the program has it: unix seconds, 0 for none.
    pub fn unix(self, now: i64) -> Result<i64> {
        match self {
            Self::None => Ok(0),
            Self::At(unix) => Ok(unix),
            Self::In(seconds) => now.checked_add(seconds).ok_or_else(|| Error::usage("the deadline is too far away")),
        }
    }
}

fn deadline(text: &str) -> Result<Deadline, String> {
    let positive = |text: &str| text.parse::<i64>().ok().filter(|seconds| *seconds > 0);
    let deadline = match text.strip_prefix('@') {
        Some(unix) => positive(unix).map(Deadline::At),
        None if text == "none" => Some(Deadline::None),
        None => positive(text).map(Deadline::In),
    };
    deadline.ok_or_else(|| "seconds from now, like 120; a unix time, like @1800000000; or none".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_deadlines() {
        assert_eq!(deadline("120"), Ok(Deadline::In(120)));
        assert_eq!(deadline("@1800000000"), Ok(Deadline::At(1_800_000_000)));
        assert_eq!(deadline("none"), Ok(Deadline::None));
        for wrong in ["0", "-1", "@0", "@-5", "soon", ""] {
            assert!(deadline(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Deadline::In(120).unix(1_000).expect("a time"), 1_120);
        assert!(Deadline::In(i64::MAX).unix(1).is_err());
    }
}
