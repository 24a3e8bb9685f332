//! Verification and settlement: what is signed, who is drawn, and the instructions, with all their accounts, from fetched state.
//! Source: protocol.md, *Jobs* 4–7.

use std::io;

use hmm_attest::{
    digest::{Attestation, Domain, VerifierCommit},
    draw, ed25519,
};
use hmm_job::{Phase, committee};
use solana_address::Address;
use solana_instruction::{AccountMeta, Instruction};

use crate::{
    HMM_ID, address,
    generated::{
        accounts::{Assignment, EnclaveKey, Market, ROUND_DISCRIMINATOR, Round, VerifierSet, Worker},
        instructions::{
            Appeal, Challenge, ClaimAssignment, CloseRound, Commit, CommitInstructionArgs, Draw, FundBonus, FundBonusInstructionArgs,
            ProveLeaf, ProveLeafInstructionArgs, Reveal, RevealInstructionArgs, Settle, SubmitAttestation, Tally,
        },
    },
    jobs::{JobState, decode_assignment, machine_part},
};

/// What an enclave says of its work: usage in raw units, per resource of the worker's pool.
pub use crate::generated::instructions::SubmitAttestationInstructionArgs as Report;

/// `SysvarS1otHashes111111111111111111111111111`.
pub const SLOT_HASHES: Address = Address::from_str_const("SysvarS1otHashes111111111111111111111111111");
/// `Sysvar1nstructions1111111111111111111111111`.
pub const INSTRUCTIONS: Address = Address::from_str_const("Sysvar1nstructions1111111111111111111111111");

/// An assignment with its job and market.
#[derive(Clone, Debug)]
pub struct Trial {
    pub address: Address,
    pub assignment: Assignment,
    pub job: JobState,
}

/// What a verifier says of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vote {
    /// Of 10,000.
    pub score: u16,
    /// Information gain, fixed point.
    pub delta_i: i64,
    /// Utility gain, fixed point.
    pub delta_u: i64,
    /// Secret until the vote is revealed.
    pub salt: [u8; 32],
}

/// Whom a draw chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// Verifiers that could be drawn, 16 for more.
    pub eligible: u8,
    /// What decides whether work is sampled.
    pub word: u64,
    /// The places of those who come first, in the order of their seats; a committee has as many of them as it has seats.
    pub places: Vec<u8>,
}

/// A round from account data. Errors if it is not one.
pub fn decode_round(data: &[u8]) -> io::Result<Round> {
    let round = Round::from_bytes(data)?;
    if round.discriminator != ROUND_DISCRIMINATOR {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the account is no round"));
    }
    Ok(round)
}

/// The seat of a verifier in a round.
pub fn seat(round: &Round, verifier: &Address) -> Option<u8> {
    (0..round.seat_count).zip(&round.seats).find(|(_, seat)| seat.verifier == *verifier).map(|(index, _)| index)
}

/// A committee is to be drawn next.
pub fn awaits_draw(assignment: &Assignment) -> bool {
    let phase = machine_part(assignment).phase;
    assignment.seats == 0 && matches!(phase, Phase::Submitted | Phase::Verifying | Phase::Disputed | Phase::Appealed)
}

/// Whom an assignment owes something: challengers, the appellant, the finder of a fraud.
pub fn payees(assignment: &Assignment) -> Vec<Address> {
    let a = assignment;
    let challengers = a.challengers.iter().filter(|who| a.challenger_claim > 0 && **who != Address::default());
    let appellant = (a.appellant_claim > 0).then_some(&a.appellant);
    let finder = (a.finder_claim > 0).then_some(&a.finder);
    let mut payees: Vec<Address> = challengers.chain(appellant).chain(finder).copied().collect();
    payees.sort_unstable();
    payees.dedup();
    payees
}

/// What is signed for a market.
pub fn domain(market: &Address, genesis_hash: [u8; 32]) -> Domain {
    Domain { program: HMM_ID.to_bytes(), genesis: genesis_hash, market: market.to_bytes() }
}

/// The instruction of the ed25519 program that has to stand right before what it is for.
pub fn signed(key: &Address, signature: &[u8; 64], digest: &[u8; 32]) -> Instruction {
    Instruction {
        program_id: Address::from(ed25519::PROGRAM),
        accounts: vec![],
        data: ed25519::data(key.as_array(), signature, digest).to_vec(),
    }
}

impl Vote {
    /// What binds a seat to this vote.
    pub fn commitment(&self, domain: &Domain, round: &Address, seat: u8) -> [u8; 32] {
        let Self { score, delta_i, delta_u, salt } = *self;
        VerifierCommit { round: round.to_bytes(), seat, score, delta_i, delta_u, salt }.digest(domain)
    }
}

/// Binds a verifier to a vote.
pub fn commit(round: Address, verifier: Address, seat: u8, commitment: [u8; 32]) -> Instruction {
    Commit { verifier, round, event_authority: address::event_authority(), program: HMM_ID }
        .instruction(CommitInstructionArgs { seat, commitment })
}

/// Opens a vote.
pub fn reveal(market: Address, round: Address, verifier: Address, seat: u8, vote: &Vote) -> Instruction {
    let Vote { score, delta_i, delta_u, salt } = *vote;
    Reveal { verifier, market, round, event_authority: address::event_authority(), program: HMM_ID }.instruction(RevealInstructionArgs {
        seat,
        score,
        delta_i,
        delta_u,
        salt,
    })
}

/// Closes a round of an assignment that is done.
pub fn close_round(address: Address, round: &Round) -> Instruction {
    CloseRound {
        round: address,
        rent_payer: round.rent_payer,
        assignment: round.assignment,
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction()
}

/// Gives credits for bonuses, from the funder's associated token account.
pub fn fund_bonus(address: Address, market: &Market, funder: Address, amount: u64) -> Instruction {
    FundBonus {
        funder,
        market: address,
        verifier_set: address::verifier_set(&address),
        funder_credits: credits_of(market, &funder),
        bonus_vault: address::bonus_vault(&address),
        credit_mint: market.credit_mint,
        credit_token_program: market.credit_token_program,
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction(FundBonusInstructionArgs { amount })
}

fn credits_of(market: &Market, owner: &Address) -> Address {
    address::token_account(owner, &market.credit_mint, &market.credit_token_program)
}

impl Trial {
    /// From account data. Errors if it is not an assignment.
    pub fn decode(address: Address, assignment: &[u8], job: JobState) -> io::Result<Self> {
        Ok(Self { address, assignment: decode_assignment(assignment)?, job })
    }

    /// What is signed for the market.
    pub fn domain(&self) -> Domain {
        domain(&self.job.job.market, self.job.market.genesis_hash)
    }

    /// Where the account of the round is that was drawn last, or will be.
    pub fn round(&self) -> Address {
        let drawn = self.assignment.seats > 0 || self.assignment.rounds > 0 && !awaits_draw(&self.assignment);
        address::round(&self.address, self.assignment.rounds - u8::from(drawn))
    }

    /// What the enclave signs.
    pub fn digest(&self, report: &Report, measurement: [u8; 32]) -> [u8; 32] {
        let job = &self.job.job;
        Attestation {
            job: self.job.address.to_bytes(),
            assignment: self.address.to_bytes(),
            worker: self.assignment.worker.to_bytes(),
            model_root: job.model_root,
            input_root: job.input_root,
            report_digest: report.report_digest,
            output_root: report.output_root,
            trace_root: report.trace_root,
            measurement,
            usage: report.usage,
        }
        .digest(&self.domain())
    }

    /// Attests, as the worker's owner or operator. [`signed`] has to stand right before it.
    pub fn submit(&self, signer: Address, key_address: Address, key: &EnclaveKey, report: Report) -> Instruction {
        SubmitAttestation {
            signer,
            market: self.job.job.market,
            job: self.job.address,
            assignment: self.address,
            worker: self.assignment.worker,
            enclave_key: key_address,
            approval: key.approval,
            instructions: INSTRUCTIONS,
            event_authority: address::event_authority(),
            program: HMM_ID,
        }
        .instruction(report)
    }

    /// Draws the next committee.
    pub fn draw(&self, payer: Address) -> Instruction {
        let earlier: Vec<AccountMeta> =
            (0..self.rounds_to_hold_against()).map(|n| AccountMeta::new_readonly(address::round(&self.address, n), false)).collect();
        Draw {
            payer,
            job: self.job.address,
            assignment: self.address,
            worker: self.assignment.worker,
            verifier_set: address::verifier_set(&self.job.job.market),
            round: address::round(&self.address, self.assignment.rounds),
            slot_hashes: SLOT_HASHES,
            system_program: address::SYSTEM_PROGRAM,
            event_authority: address::event_authority(),
            program: HMM_ID,
        }
        .instruction_with_remaining_accounts(&earlier)
    }

    /// How many earlier rounds the next committee must have no member of.
    pub fn rounds_to_hold_against(&self) -> u8 {
        let disputed = matches!(machine_part(&self.assignment).phase, Phase::Disputed | Phase::Appealed);
        if disputed { self.assignment.rounds } else { 0 }
    }

    /// The slot whose hash, or the next one's, draws at `slot`; `None` before it has passed.
    pub fn target_slot(&self, slot: u64) -> Option<u64> {
        committee::target_slot(self.assignment.draw_slot, slot)
    }

    /// Whom the hash of the target slot chooses: the program's own draw. `earlier` are the rounds of [`Trial::rounds_to_hold_against`].
    pub fn drawn(&self, set: &VerifierSet, worker: &Worker, slot_hash: &[u8; 32], earlier: &[Round]) -> Drawn {
        let (assignment, job) = (&self.assignment, &self.job.job);
        let mut barred = vec![worker.owner, worker.operator, job.owner, job.router, assignment.appellant];
        barred.extend(assignment.challengers);
        barred.extend(earlier.iter().flat_map(|round| round.seats.iter().take(round.seat_count.into())).map(|seat| seat.verifier));
        let seed = draw::seed(slot_hash, self.address.as_array(), assignment.rounds);
        let entries = (0u8..).zip(&set.verifiers).zip(draw::words(&seed)).map(|((place, verifier), word)| {
            let weight = if assignment.submitted_at < verifier.changes_at { verifier.counted } else { verifier.stake };
            (place, if barred.contains(&verifier.owner) { 0 } else { weight }, word)
        });
        let mut places = [0; committee::MAX_COMMITTEE];
        let eligible = committee::draw(entries, &mut places);
        Drawn { eligible, word: draw::word(&seed), places: places.into_iter().take(eligible.into()).collect() }
    }

    /// Counts the votes of the round that runs.
    pub fn tally(&self) -> Instruction {
        let verifier_set = address::verifier_set(&self.job.job.market);
        Tally {
            market: self.job.job.market,
            job: self.job.address,
            assignment: self.address,
            round: self.round(),
            verifier_set,
            escrow: self.job.job.escrow,
            stake_vault: address::stake_vault(&verifier_set),
            credit_mint: self.job.market.credit_mint,
            credit_token_program: self.job.market.credit_token_program,
            event_authority: address::event_authority(),
            program: HMM_ID,
        }
        .instruction()
    }

    /// Disputes the verdict, or joins the dispute, with a bond from the challenger's associated token account.
    pub fn challenge(&self, challenger: Address) -> Instruction {
        Challenge {
            challenger,
            market: self.job.job.market,
            job: self.job.address,
            assignment: self.address,
            challenger_credits: credits_of(&self.job.market, &challenger),
            escrow: self.job.job.escrow,
            credit_mint: self.job.market.credit_mint,
            credit_token_program: self.job.market.credit_token_program,
            event_authority: address::event_authority(),
            program: HMM_ID,
        }
        .instruction()
    }

    /// Appeals against the ruling, with a bond from the appellant's associated token account.
    pub fn appeal(&self, appellant: Address) -> Instruction {
        Appeal {
            appellant,
            market: self.job.job.market,
            job: self.job.address,
            assignment: self.address,
            appellant_credits: credits_of(&self.job.market, &appellant),
            escrow: self.job.job.escrow,
            credit_mint: self.job.market.credit_mint,
            credit_token_program: self.job.market.credit_token_program,
            event_authority: address::event_authority(),
            program: HMM_ID,
        }
        .instruction()
    }

    /// Proves a fraud by a link of the trace; `items` as `hmm_attest::trace::items` gives them.
    pub fn prove(&self, prover: Address, link: u32, items: Vec<[u8; 32]>) -> Instruction {
        let verifier_set = address::verifier_set(&self.job.job.market);
        ProveLeaf {
            prover,
            market: self.job.job.market,
            job: self.job.address,
            assignment: self.address,
            round: (self.assignment.seats > 0).then(|| self.round()),
            verifier_set,
            escrow: self.job.job.escrow,
            stake_vault: address::stake_vault(&verifier_set),
            credit_mint: self.job.market.credit_mint,
            credit_token_program: self.job.market.credit_token_program,
            event_authority: address::event_authority(),
            program: HMM_ID,
        }
        .instruction(ProveLeafInstructionArgs { link, items })
    }

    /// Pays everything out by the final verdict. `worker` is the account of the assignment's worker.
    pub fn settle(&self, worker: &Worker) -> Instruction {
        let market = self.job.job.market;
        Settle {
            market,
            job: self.job.address,
            assignment: self.address,
            worker: self.assignment.worker,
            verifier_set: address::verifier_set(&market),
            escrow: self.job.job.escrow,
            worker_vault: worker.vault,
            bonus_vault: address::bonus_vault(&market),
            credit_mint: self.job.market.credit_mint,
            credit_token_program: self.job.market.credit_token_program,
            event_authority: address::event_authority(),
            program: HMM_ID,
        }
        .instruction()
    }

    /// Whom the assignment owes something.
    pub fn payees(&self) -> Vec<Address> {
        payees(&self.assignment)
    }

    /// Pays `payees` to their associated token accounts, and closes the assignment if nothing is left in it.
    pub fn claim(&self, payees: &[Address]) -> Instruction {
        let accounts: Vec<AccountMeta> = payees.iter().map(|payee| AccountMeta::new(credits_of(&self.job.market, payee), false)).collect();
        ClaimAssignment {
            market: self.job.job.market,
            job: self.job.address,
            assignment: self.address,
            rent_payer: self.assignment.rent_payer,
            escrow: self.job.job.escrow,
            credit_mint: self.job.market.credit_mint,
            credit_token_program: self.job.market.credit_token_program,
            event_authority: address::event_authority(),
            program: HMM_ID,
        }
        .instruction_with_remaining_accounts(&accounts)
    }
}
