//! The transitions, for people (`docs/jobs.md`) and for the tests, which compare it with what the machine does.

/// One transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Phase before, or `open` for the job as a whole; `-` if there is nothing yet.
    pub from: &'static str,
    /// The event.
    pub event: &'static str,
    /// Phase after, or `open`, `closed`.
    pub to: &'static str,
    /// Who may send it.
    pub who: &'static str,
    /// When.
    pub when: &'static str,
    /// What moves.
    pub moves: &'static str,
    /// Where the protocol says so.
    pub section: &'static str,
    /// It needs nobody's consent, only time: the way out when others are silent.
    pub crank: bool,
}

/// Every transition.
#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    Row { from: "-", event: "Open", to: "open", who: "client", when: "any time", moves: "Client → Job: the budget", section: "Jobs 1", crank: false },
    Row { from: "open", event: "TopUp", to: "open", who: "anybody", when: "until closed", moves: "Client → Job", section: "Jobs 1", crank: false },
    Row { from: "open", event: "Fill", to: "open", who: "client, router", when: "[open, assign_by); a gang: before its launch", moves: "credits Job → Pool, vouchers Pool → Job", section: "Jobs 2", crank: false },
    Row { from: "open", event: "Deposit", to: "open", who: "client", when: "[open, assign_by); a gang: before its launch", moves: "vouchers Client → Job", section: "Jobs 2", crank: false },
    Row { from: "open", event: "Cancel", to: "closed", who: "client", when: "no live assignment", moves: "credits and vouchers Job → ClientClaim", section: "Jobs 2", crank: false },
    Row { from: "open", event: "Close", to: "closed", who: "anybody", when: "[assign_by, ∞), no live assignment", moves: "credits and vouchers Job → ClientClaim", section: "Jobs, Liveness", crank: true },
    Row { from: "-", event: "Assign", to: "Reserved", who: "client, router", when: "[open, assign_by); a gang: before its launch", moves: "vouchers Job → Lots; reservation and committee fees set aside; reservation bond Free → Bond", section: "Jobs 2", crank: false },
    Row { from: "Reserved", event: "Start", to: "Running", who: "worker", when: "[assign, start_by); a gang: sealed", moves: "Held → Payment; vouchers ended; Bond topped up from Free, or the excess back; reservation fee → WorkerClaim", section: "Jobs 3", crank: false },
    Row { from: "Reserved", event: "Decline", to: "Done", who: "worker", when: "[assign, start_by)", moves: "vouchers, reservation fee and committee fees → Job; Bond → Free", section: "Jobs 2", crank: false },
    Row { from: "Reserved", event: "Release", to: "Done", who: "client, router", when: "[assign, start_by)", moves: "vouchers and committee fees → Job; reservation fee → WorkerClaim; Bond → Free", section: "Jobs 2", crank: false },
    Row { from: "Reserved", event: "NoShow", to: "Done", who: "anybody", when: "[start_by, ∞)", moves: "vouchers and fees → Job; 10 % of Bond slashed (20 % of it FinderClaim, rest Burned), rest → Free; of an unsealed gang: as Release", section: "Jobs 2, 3, 7", crank: true },
    Row { from: "Running", event: "Unwind", to: "Done", who: "anybody", when: "[start_by, ∞), a gang that was not launched", moves: "vouchers Delivered → Job, Payment → Held, Bond → Free: the start undone", section: "Jobs 3", crank: true },
    Row { from: "Running", event: "Submit", to: "Submitted", who: "worker", when: "[start, submit_by); a gang: launched", moves: "none; the attestation is final", section: "Jobs 4", crank: false },
    Row { from: "Running", event: "Lapse", to: "Done", who: "anybody", when: "[submit_by, ∞)", moves: "the client's cost → Job; 25 % of what is left of Bond slashed (20 % FinderClaim), rest → Free; rest of Payment Burned", section: "Jobs 7", crank: true },
    Row { from: "Submitted", event: "Draw", to: "Verifying", who: "anybody", when: "[submit + draw_delay, ∞), sampled or newcomer", moves: "none", section: "Jobs 5", crank: true },
    Row { from: "Submitted", event: "Draw", to: "Window", who: "anybody", when: "[submit + draw_delay, ∞), not sampled", moves: "none; passes without score, so without bonus", section: "Jobs 5", crank: true },
    Row { from: "Verifying", event: "Draw", to: "Verifying", who: "anybody", when: "[redraw delay, ∞), enough verifiers", moves: "none", section: "Jobs 5", crank: true },
    Row { from: "Verifying", event: "Draw", to: "Final", who: "anybody", when: "[redraw delay, ∞), fewer than k verifiers, second time", moves: "none; no quorum", section: "Jobs 5", crank: true },
    Row { from: "Verifying", event: "Tally", to: "Window", who: "anybody", when: "[draw + round, ∞) or all revealed; ≥ 2/3 revealed", moves: "seat fees FeeBudget → VerifierClaim", section: "Jobs 5", crank: true },
    Row { from: "Verifying", event: "Tally", to: "Verifying", who: "anybody", when: "[draw + round, ∞), no quorum, first time", moves: "seat fees FeeBudget → VerifierClaim; a new draw after draw_delay", section: "Jobs 5", crank: true },
    Row { from: "Verifying", event: "Tally", to: "Final", who: "anybody", when: "[draw + round, ∞), no quorum, second time", moves: "seat fees FeeBudget → VerifierClaim", section: "Jobs 5", crank: true },
    Row { from: "Window", event: "Challenge", to: "Disputed", who: "anybody", when: "[verdict, verdict + challenge)", moves: "bond Challengers → ChallengeBonds", section: "Jobs 6", crank: false },
    Row { from: "Window", event: "Settle", to: "Done", who: "anybody", when: "[verdict + challenge, ∞)", moves: "by the verdict", section: "Jobs 7", crank: true },
    Row { from: "Disputed", event: "Challenge", to: "Disputed", who: "anybody", when: "until the draw's time, at most 4", moves: "bond Challengers → ChallengeBonds", section: "Jobs 6", crank: false },
    Row { from: "Disputed", event: "Draw", to: "Disputed", who: "anybody", when: "[max(window's end, challenge + draw_delay), ∞)", moves: "none", section: "Jobs 6", crank: true },
    Row { from: "Disputed", event: "Draw", to: "Final", who: "anybody", when: "as above, fewer than k verifiers", moves: "none; the verdict stands, bonds go back", section: "Jobs 6", crank: true },
    Row { from: "Disputed", event: "Tally", to: "Ruled", who: "anybody", when: "[draw + round, ∞) or all revealed; ≥ 2/3 revealed", moves: "seat fees FeeBudget → VerifierClaim", section: "Jobs 6", crank: true },
    Row { from: "Disputed", event: "Tally", to: "Final", who: "anybody", when: "[draw + round, ∞), no quorum", moves: "seat fees FeeBudget → VerifierClaim; the verdict stands, bonds go back", section: "Jobs 6", crank: true },
    Row { from: "Disputed", event: "ProveFraud", to: "Final", who: "anybody", when: "any time, with a proof", moves: "seat fees FeeBudget → VerifierClaim", section: "Jobs 4, 6", crank: false },
    Row { from: "Ruled", event: "Appeal", to: "Appealed", who: "anybody", when: "[ruling, ruling + appeal)", moves: "bond Appellant → AppealBond", section: "Jobs 6", crank: false },
    Row { from: "Ruled", event: "Settle", to: "Done", who: "anybody", when: "[ruling + appeal, ∞)", moves: "by the verdict", section: "Jobs 7", crank: true },
    Row { from: "Appealed", event: "Draw", to: "Appealed", who: "anybody", when: "[appeal + draw_delay, ∞)", moves: "none", section: "Jobs 6", crank: true },
    Row { from: "Appealed", event: "Draw", to: "Final", who: "anybody", when: "as above, fewer than k verifiers", moves: "none; the ruling stands, the appeal's bond goes back", section: "Jobs 6", crank: true },
    Row { from: "Appealed", event: "Tally", to: "Final", who: "anybody", when: "[draw + round, ∞) or all revealed", moves: "seat fees FeeBudget → VerifierClaim; without quorum the ruling stands", section: "Jobs 6", crank: true },
    Row { from: "Appealed", event: "ProveFraud", to: "Final", who: "anybody", when: "any time, with a proof", moves: "seat fees FeeBudget → VerifierClaim", section: "Jobs 4, 6", crank: false },
    Row { from: "Final", event: "Settle", to: "Done", who: "anybody", when: "at once", moves: "by the verdict", section: "Jobs 7", crank: true },
];
