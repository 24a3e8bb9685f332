//! What happens to an assignment from its attestation on. What carries a job carries the job's sequence number.

use anchor_lang::prelude::*;

#[event]
pub struct Attested {
    pub job: Address,
    pub sequence: u32,
    pub assignment: Address,
    pub worker: Address,
    /// With a valid enclave receipt.
    pub receipt: bool,
    pub output_root: [u8; 32],
    /// The slot whose hash, or the next one's, draws the committee.
    pub draw_slot: u64,
}

/// Phases, verdicts and outcomes are those of `hmm_job`; a verdict or outcome is stored plus one, 0 for none.
#[event]
pub struct CommitteeDrawn {
    pub job: Address,
    pub sequence: u32,
    pub assignment: Address,
    pub number: u8,
    /// The assignment's phase afterwards.
    pub phase: u8,
    /// 0: not sampled, or too few verifiers.
    pub seats: u8,
    /// Verifiers that could be drawn, 16 for more.
    pub eligible: u8,
    pub target_slot: u64,
    /// The end of the round, or of the window.
    pub until: i64,
}

#[event]
pub struct VoteCommitted {
    pub round: Address,
    pub seat: u8,
    pub verifier: Address,
    /// Seats that have committed.
    pub committed: u8,
}

#[event]
pub struct VoteRevealed {
    pub round: Address,
    pub seat: u8,
    pub verifier: Address,
    pub score: u16,
    pub delta_i: i64,
    pub delta_u: i64,
    /// Seats that have revealed.
    pub revealed: u8,
}

#[event]
pub struct VotesCounted {
    pub job: Address,
    pub sequence: u32,
    pub assignment: Address,
    pub number: u8,
    pub revealed: u8,
    pub seats: u8,
    /// Medians of what was revealed; they decide if two thirds were.
    pub score: u16,
    pub delta_i: i64,
    pub delta_u: i64,
    /// The assignment's phase afterwards.
    pub phase: u8,
    /// Plus one, 0 for none.
    pub verdict: u8,
    pub fees: u64,
    /// Of the seats that did not reveal.
    pub slashed: u64,
}

#[event]
pub struct Challenged {
    pub job: Address,
    pub sequence: u32,
    pub assignment: Address,
    pub challenger: Address,
    pub bond: u64,
    /// How many there are.
    pub challengers: u8,
    /// The end of joining.
    pub until: i64,
}

#[event]
pub struct Appealed {
    pub job: Address,
    pub sequence: u32,
    pub assignment: Address,
    pub appellant: Address,
    pub bond: u64,
    /// When the last committee can be drawn.
    pub until: i64,
}

#[event]
pub struct FraudProven {
    pub job: Address,
    pub sequence: u32,
    pub assignment: Address,
    pub prover: Address,
    /// The link of the trace that is wrong.
    pub link: u32,
    /// To the seats that had revealed.
    pub fees: u64,
}

#[event]
pub struct AssignmentSettled {
    pub job: Address,
    pub sequence: u32,
    pub assignment: Address,
    pub worker: Address,
    /// `hmm_job::Outcome`.
    pub outcome: u8,
    pub score: u16,
    pub bonus: u64,
    /// From the worker's vault to the job's escrow, net.
    pub to_client: u64,
    pub burned: u64,
    pub banned: bool,
}

#[event]
pub struct AssignmentClaimed {
    pub job: Address,
    pub sequence: u32,
    pub assignment: Address,
    /// To all payees of this call.
    pub paid: u64,
    pub closed: bool,
}

#[event]
pub struct RoundClosed {
    pub round: Address,
    pub assignment: Address,
    pub number: u8,
}

#[event]
pub struct BonusFunded {
    pub market: Address,
    pub funder: Address,
    pub amount: u64,
}
