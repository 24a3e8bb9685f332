use alloc::vec::Vec;

use anchor_lang::{AccountClose, prelude::*};
use hmm_attest::draw;
use hmm_job::{Actor, Phase, committee};

use super::apply;
use crate::{
    books::Event,
    constants::ROUND_SEED,
    errors::HmmError,
    events::{CommitteeDrawn, emit_by_cpi},
    expect,
    state::{Assignment, Job, MAX_ROUND_SEATS, ROUND_VERSION, Round, VerifierSet, Worker},
    sysvars,
};

#[event_cpi]
#[derive(Accounts)]
pub struct Draw {
    #[account(mut)]
    pub payer: Signer,
    #[account(mut, expect::address = assignment.job)]
    pub job: Account<Job>,
    #[account(mut)]
    pub assignment: Account<Assignment>,
    #[account(expect::address = assignment.worker)]
    pub worker: Account<Worker>,
    pub verifier_set: Account<VerifierSet>,
    #[account(init, payer = payer, seeds = [ROUND_SEED, assignment.address().as_ref(), &[assignment.rounds]], bump)]
    pub round: Account<Round>,
    pub slot_hashes: UncheckedAccount,
    pub system_program: Program<System>,
}

/// Draws a committee, or finds that none is needed or none can be had.
///
/// Remaining accounts: in a dispute, every earlier round of the assignment, in order.
///
/// Specification (protocol.md, *Jobs* 5, 6; docs/decisions/verification.md):
/// 1. Anybody may, from the time on that the machine says, once the slot that was named at the submission, challenge or appeal has passed.
/// 2. The hash of that slot (of the next that was not skipped; 512·n slots later, if it was forgotten) draws by stake without replacement.
/// 3. Never the worker's owner or operator, the client, the router, a challenger or the appellant; in a dispute, nobody who had a seat
///    before. Stakes count as they did at the submission.
/// 4. Work that is not sampled stands; too few verifiers are no quorum. Then no round stays.
pub fn handler(ctx: &mut Context<Draw>) -> Result<()> {
    let earlier = ctx.remaining_accounts()?;
    let accounts = &mut ctx.accounts;
    accounts.verifier_set.require_market(&accounts.job.market)?;
    let clock = Clock::get()?;
    let number = accounts.assignment.rounds;
    let Some(target) = committee::target_slot(accounts.assignment.draw_slot, clock.slot) else {
        return Err(HmmError::DrawEarly.refuse(accounts.assignment.draw_slot, clock.slot));
    };
    let hash = sysvars::slot_hash(accounts.slot_hashes.account(), target)?;
    let seed = draw::seed(&hash, accounts.assignment.address().as_array(), number);
    let barred = accounts.barred(&earlier)?;
    let mut places = [0; MAX_ROUND_SEATS];
    let eligible = accounts.choose(&barred, &seed, &mut places);

    let newcomer = accounts.assignment.newcomer.into();
    let event = Event::Draw { eligible, random: draw::word(&seed), newcomer };
    apply(&mut accounts.job, &mut accounts.assignment, Actor::Anyone, clock.unix_timestamp, event)?;
    let seats = accounts.assignment.seats;
    if seats == 0 {
        // No committee: the next draw, if there is one, waits for another hash.
        accounts.assignment.draw_slot = committee::draw_slot(clock.slot, accounts.job.terms.draw_slots, 0);
    } else {
        accounts.seat(&places, seats, ctx.bumps.round);
        accounts.assignment.rounds = number.saturating_add(1);
    }
    let event = CommitteeDrawn {
        job: *accounts.job.address(),
        sequence: accounts.job.next_sequence(),
        assignment: *accounts.assignment.address(),
        number,
        phase: accounts.assignment.phase,
        seats,
        eligible,
        target_slot: target,
        until: accounts.assignment.until,
    };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    if seats == 0 {
        // Comes last: no call to another program may follow a change of lamports.
        let payer = *accounts.payer.account();
        accounts.round.close(payer)?;
    }
    Ok(())
}

impl Draw {
    /// Who must not have a seat. Errors: `AccountCount`; `WrongAccount`.
    #[inline(never)]
    fn barred(&self, earlier: &[AccountView]) -> Result<Vec<Address>> {
        let (job, assignment, worker) = (&self.job, &self.assignment, &self.worker);
        let mut barred = Vec::with_capacity(64);
        barred.extend([worker.owner, worker.operator, job.owner, job.router, assignment.appellant]);
        barred.extend(assignment.challengers);
        let disputed = matches!(assignment.phase(), Phase::Disputed | Phase::Appealed);
        let rounds = if disputed { assignment.rounds } else { 0 };
        if earlier.len() != usize::from(rounds) {
            return Err(HmmError::AccountCount.refuse(rounds.into(), earlier.len() as u64));
        }
        for (number, view) in (0..rounds).zip(earlier) {
            let round = Account::<Round>::load(*view)?;
            if round.assignment != *assignment.address() || round.number != number {
                return Err(HmmError::WrongAccount.refuse_account(number, assignment.address(), view.address()));
            }
            barred.extend(round.seats().iter().map(|seat| seat.verifier));
        }
        Ok(barred)
    }

    /// The places of the verifiers with the first keys, and how many there are.
    #[inline(never)]
    fn choose(&self, barred: &[Address], seed: &[u8; 32], places: &mut [u8; MAX_ROUND_SEATS]) -> u8 {
        let at = self.assignment.submitted_at;
        let entries = (0u8..).zip(&self.verifier_set.verifiers).zip(draw::words(seed)).map(|((place, verifier), word)| {
            let weight = verifier.weight(at);
            let out = weight == 0 || barred.iter().any(|owner| anchor_lang::address_eq(owner, &verifier.owner));
            (place, if out { 0 } else { weight }, word)
        });
        committee::draw(entries, places)
    }

    /// Fills the round.
    fn seat(&mut self, places: &[u8; MAX_ROUND_SEATS], seats: u8, bump: u8) {
        let (job, assignment, payer) = (*self.job.address(), *self.assignment.address(), *self.payer.address());
        let round = &mut self.round;
        round.version = ROUND_VERSION;
        round.bump = bump;
        round.number = self.assignment.rounds;
        round.seat_count = seats;
        round.length = self.job.terms.round;
        round.until = self.assignment.until;
        (round.job, round.assignment, round.market, round.rent_payer) = (job, assignment, self.job.market, payer);
        for (seat, place) in round.seats.iter_mut().zip(places).take(usize::from(seats)) {
            seat.index = *place;
            seat.verifier = self.verifier_set.verifiers.get(usize::from(*place)).map(|verifier| verifier.owner).unwrap_or_default();
        }
    }
}

const _: () = assert!(MAX_ROUND_SEATS == committee::MAX_COMMITTEE);
