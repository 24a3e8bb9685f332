//! What the compute units of an instruction went to, read from the log of its transaction.
//!
//! The log has every reading of the compute meter there is: what was left when each inner call began, what the call used, and,
//! of the instrumented build, what was left at the end of each phase. In the order of the log they cut the instruction into parts.

use hmm_client::{HMM_ID, address};
use solana_compute_budget::compute_budget::ComputeBudget;

/// What a part of an instruction is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The program's own code up to the end of this phase.
    Own(String),
    /// A call of this program: what the runtime charges for any call, and what the callee used.
    Call(String),
}

/// The parts of one instruction, in order, each with its compute units.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    pub total: u64,
    pub parts: Vec<(Part, u64)>,
}

/// The name of a phase that the program does not name.
pub const FRAMEWORK: &str = "framework";

/// What the runtime charges for a call, whatever it calls.
pub fn call_charge() -> u64 {
    ComputeBudget::new_with_defaults(true).invoke_units
}

/// What a mark of the instrumented build costs before its reading and after it: a system call each, and the instructions that make it.
const READING: u64 = 101;
const LABEL: u64 = 103;

impl Timeline {
    /// Reads the log of one instruction of the program. Errors with what does not make sense in it.
    pub fn read(logs: &[String]) -> Result<Self, String> {
        let own = HMM_ID.to_string();
        let program_line = |line: &str| -> Option<(String, String)> {
            line.strip_prefix("Program ")?.split_once(' ').map(|(program, event)| (program.to_owned(), event.to_owned()))
        };
        let (total, budget) = logs.iter().rev().find_map(|line| consumed(&program_line(line)?.1)).ok_or("the log has no end")?;
        let mut timeline = Self { total, parts: Vec::new() };
        let mut meter = Meter { left: budget, overhead: 0, reading: None };
        let mut depth = 0usize;
        for line in logs {
            let odd = || format!("a line of the log out of place: {line}");
            if depth == 1
                && let Some(left) = line.strip_prefix("Program consumption: ").and_then(|rest| rest.strip_suffix(" units remaining"))
            {
                meter.reading = Some(left.parse().map_err(|_| odd())?);
            } else if let Some(left) = meter.reading {
                let name = line.strip_prefix("Program log: ").ok_or_else(odd)?;
                let units = meter.pass(left, READING).ok_or_else(odd)?;
                timeline.parts.push((Part::Own(name.to_owned()), units));
                (meter.overhead, meter.reading) = (LABEL, None);
            } else if line.starts_with("Program log: ") || line.starts_with("Program data: ") || line.starts_with("Program return: ") {
                // what a program says
            } else if let Some((program, event)) = program_line(line) {
                if event.starts_with("invoke [") {
                    depth += 1;
                } else if event == "success" {
                    depth = depth.checked_sub(1).ok_or_else(odd)?;
                } else if let Some((used, budget)) = consumed(&event) {
                    if depth == 2 {
                        let charge = call_charge();
                        let units = meter.pass(budget + charge, 0).ok_or_else(odd)?;
                        timeline.parts.push((Part::Own(FRAMEWORK.to_owned()), units));
                        timeline.parts.push((Part::Call(program), charge + used));
                        meter.left = budget - used;
                    } else if depth == 1 && program == own {
                        let units = meter.pass(budget - used, 0).ok_or_else(odd)?;
                        timeline.parts.push((Part::Own(FRAMEWORK.to_owned()), units));
                    }
                } else {
                    return Err(odd());
                }
            } else {
                return Err(odd());
            }
        }
        if depth == 0 { Ok(timeline) } else { Err("the log ends inside the instruction".to_owned()) }
    }

    /// All parts together: the total less what the marks cost.
    pub fn unmarked(&self) -> u64 {
        self.sum(|_| true)
    }

    /// Compute units of a phase of the program's own code.
    pub fn phase(&self, name: &str) -> u64 {
        self.sum(|part| matches!(part, Part::Own(own) if own == name))
    }

    /// Compute units of the calls to the token programs, the runtime's charge for a call included.
    pub fn token_calls(&self) -> u64 {
        let token = [address::TOKEN_PROGRAM.to_string(), address::TOKEN_2022_PROGRAM.to_string()];
        self.sum(|part| matches!(part, Part::Call(program) if token.contains(program)))
    }

    /// Compute units of the calls to the program itself, which carry events.
    pub fn event_calls(&self) -> u64 {
        let own = HMM_ID.to_string();
        self.sum(|part| matches!(part, Part::Call(program) if *program == own))
    }

    fn sum(&self, counts: impl Fn(&Part) -> bool) -> u64 {
        self.parts.iter().filter(|(part, _)| counts(part)).map(|(_, units)| units).sum()
    }
}

/// Where the meter stands between two lines of the log.
struct Meter {
    left: u64,
    /// Of the units from here on, those that a mark used.
    overhead: u64,
    /// A reading that waits for its label.
    reading: Option<u64>,
}

impl Meter {
    /// Units used on the way down to `left`, without those of marks; `None` if there are fewer than that.
    fn pass(&mut self, left: u64, reading: u64) -> Option<u64> {
        let units = self.left.checked_sub(left)?.checked_sub(self.overhead + reading);
        (self.left, self.overhead) = (left, 0);
        units
    }
}

/// `(105, 1386233)` of "consumed 105 of 1386233 compute units".
fn consumed(event: &str) -> Option<(u64, u64)> {
    let (used, budget) = event.strip_prefix("consumed ")?.strip_suffix(" compute units")?.split_once(" of ")?;
    Some((used.parse().ok()?, budget.parse().ok()?))
}
