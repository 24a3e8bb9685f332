//! The defaults of what a market asks of workers, jobs and verifiers. Source: protocol.md, *Defaults*.

use crate::generated::types::{JobTerms, SupplyTerms, VerifierTerms};

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
const DAY: u32 = 24 * HOUR;

/// What is asked of workers. `credit` is one whole credit, raw.
pub fn supply(credit: u64) -> SupplyTerms {
    SupplyTerms {
        mark_depth: 100 * credit,
        gamma: 1_500_000,
        maintenance: 1_200_000,
        premium: 1_050_000,
        notice: HOUR,
        unbonding: 7 * DAY,
        close_lead: DAY,
    }
}

/// What jobs run under.
pub fn jobs(credit: u64) -> JobTerms {
    JobTerms {
        reservation_fee: credit / 100,
        seat_fee: credit / 20,
        high_value: 10_000 * credit,
        min_bond: 10 * credit,
        quality_cap: 200 * credit,
        quality_reference: 100 * credit,
        reservation: 100_000,
        notice: MINUTE,
        draw_delay: 10,
        draw_slots: 20,
        round: 10 * MINUTE,
        challenge: HOUR,
        appeal: HOUR,
        bonus: 50_000,
        bonus_cap: 900_000,
        sample_margin: 1_250_000,
        sample_min: 50_000,
        longest: 3 * DAY,
        pass_score: 5_000,
        bonus_score: 8_000,
        newcomer: 5,
        seats: 3,
        seats_high: 5,
    }
}

/// What is asked of verifiers.
pub fn verification(credit: u64) -> VerifierTerms {
    VerifierTerms { min_stake: 1_000 * credit, non_reveal_slash: 10 * credit, activation: HOUR, unstaking: 7 * DAY }
}
