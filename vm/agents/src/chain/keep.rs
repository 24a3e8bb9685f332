//! The accounts of a market as a keeper sees them, and its cranks as instructions.

use std::collections::BTreeMap;

use hmm_attest::Key;
use hmm_client::generated::accounts::{
    ASSIGNMENT_DISCRIMINATOR, Assignment, JOB_DISCRIMINATOR, Job, Market, POOL_DISCRIMINATOR, Pool, ROUND_DISCRIMINATOR, Round,
    VERIFIER_SET_DISCRIMINATOR, VerifierSet,
};
use hmm_client::jobs::{self, JobState, decode_assignment, machine, machine_part};
use hmm_client::rounds::{self, Trial, awaits_draw, decode_round};
use hmm_client::{PoolState, address, liquidity, verifier};
use hmm_job::Phase;
use solana_address::Address;
use solana_instruction::Instruction;
use solana_signer::Signer;

use super::draws::Moment;
use super::{Answer, Chain, Error, MARK, Node, of_kind};
use crate::run::Upkeep;
use crate::turn::{Crank, Kept, KeptAssignment, KeptJob};

/// Lines of a job that one transaction pays out, of as many pools.
const LINES: usize = 5;

/// The jobs, assignments and rounds of a market, of one look.
struct Look {
    jobs: BTreeMap<Address, Job>,
    assignments: BTreeMap<Address, Assignment>,
    rounds: BTreeMap<Address, Round>,
}

/// A token account of this owner and mint is in `data`.
fn is_token_account(data: &[u8], owner: &Address, mint: &Address) -> bool {
    data.get(..32) == Some(mint.as_array()) && data.get(32..64) == Some(owner.as_array()) && data.get(108) == Some(&1)
}

impl<N: Node> Chain<N> {
    fn look(&self, only: Option<&Key>) -> Answer<Look, N> {
        let wanted = |job: &Address| only.is_none_or(|only| job.as_array() == only);
        let mut look = Look { jobs: BTreeMap::new(), assignments: BTreeMap::new(), rounds: BTreeMap::new() };
        for (address, data) in self.find(&JOB_DISCRIMINATOR, Job::from_bytes(&[0; Job::LEN]), |job| job.market = MARK, &self.market)? {
            if wanted(&address) {
                look.jobs.insert(address, Job::from_bytes(&data).map_err(|error| Error::Account { address, error })?);
            }
        }
        for (address, data) in self.node.accounts(&[(0, &ASSIGNMENT_DISCRIMINATOR)]).map_err(Error::Node)? {
            let assignment = decode_assignment(&data).map_err(|error| Error::Account { address, error })?;
            if look.jobs.contains_key(&assignment.job) {
                look.assignments.insert(address, assignment);
            }
        }
        for (address, data) in self.find(&ROUND_DISCRIMINATOR, Round::from_bytes(&[0; Round::LEN]), |it| it.market = MARK, &self.market)? {
            let round = decode_round(&data).map_err(|error| Error::Account { address, error })?;
            if wanted(&round.job) {
                look.rounds.insert(address, round);
            }
        }
        Ok(look)
    }

    /// What every job waits for, in words.
    ///
    /// # Errors
    /// Those of looking.
    pub fn waits(&self, job: Option<&Key>) -> Answer<Vec<(Key, String)>, N> {
        let (now, look) = (self.clock()?.1, self.look(job)?);
        let of_job = |(address, job): (&Address, &Job)| {
            let parts: Vec<Assignment> = look.assignments.values().filter(|part| part.job == *address).cloned().collect();
            (address.to_bytes(), jobs::status(job, &parts, now).why)
        };
        Ok(look.jobs.iter().map(of_job).collect())
    }

    /// Whether somebody has the token account to which it is paid.
    fn has_account(&self, owner: &Address, mint: &Address, program: &Address) -> Answer<bool, N> {
        let data = self.node.account(&address::token_account(owner, mint, program)).map_err(Error::Node)?;
        Ok(data.is_some_and(|data| is_token_account(&data, owner, mint)))
    }

    fn has_credits(&self, market: &Market, owner: &Address) -> Answer<bool, N> {
        self.has_account(owner, &market.credit_mint, &market.credit_token_program)
    }

    /// Whom an assignment owes something and who can be paid.
    fn payees(&self, market: &Market, assignment: &Assignment) -> Answer<Vec<Address>, N> {
        let mut payees = vec![];
        for payee in rounds::payees(assignment) {
            if self.has_credits(market, &payee)? {
                payees.push(payee);
            }
        }
        Ok(payees)
    }

    /// A closed job with only those lines in it that can be paid out now, and their pools; `None` if its credits cannot be.
    fn payable(&self, mut job: JobState) -> Answer<Option<(JobState, Vec<PoolState>)>, N> {
        if job.job.client_claim != 0 && !self.has_credits(&job.market, &job.job.owner)? {
            return Ok(None);
        }
        let (mut pools, mut lines) = (vec![], 0);
        for at in 0..job.job.lines.len() {
            let Some(line) = job.job.lines.get_mut(at).filter(|line| line.claim != 0) else { continue };
            let (pool, resource, claim) = (line.pool, line.resource, std::mem::take(&mut line.claim));
            if lines == LINES {
                continue;
            }
            let state = self.pool(pool)?;
            let mint = state.pool.voucher_mints.get(usize::from(resource)).copied().unwrap_or_default();
            if self.has_account(&job.job.owner, &mint, &address::TOKEN_PROGRAM)? {
                job.job.lines.get_mut(at).into_iter().for_each(|line| line.claim = claim);
                pools.push(state);
                lines += 1;
            }
        }
        Ok(Some((job, pools)))
    }

    fn kept_assignment(&self, look: &Look, market: &Market, moment: Option<&Moment>, address: &Address) -> Answer<Option<Kept>, N> {
        let Some((assignment, job)) = look.assignments.get(address).and_then(|part| Some((part, look.jobs.get(&part.job)?))) else {
            return Ok(None);
        };
        let part = machine_part(assignment);
        let running = address::round(address, assignment.rounds.saturating_sub(1));
        let owes = assignment.challenger_claim != 0 || assignment.appellant_claim != 0 || assignment.finder_claim != 0;
        Ok(Some(Kept::Assignment(KeptAssignment {
            phase: part.phase,
            start_by: job.start_by,
            submit_by: job.submit_by,
            waits_for_others: job.gang && !job.launched,
            until: part.until,
            seats: part.seats,
            revealed: look.rounds.get(&running).map_or(0, |round| round.revealed),
            hash_known: awaits_draw(assignment) && moment.is_some_and(|moment| moment.hash(assignment).is_some()),
            owes,
            payable: part.phase == Phase::Done && owes && !self.payees(market, assignment)?.is_empty(),
        })))
    }

    fn kept_job(&self, address: Address, job: &Job, market: &Market) -> Answer<Kept, N> {
        let state = machine(job);
        let claims = job.client_claim != 0 || job.lines.iter().any(|line| line.claim != 0);
        let closed = state.closed.is_some();
        let payable = closed && claims && {
            let payable = self.payable(JobState { address, job: job.clone(), market: market.clone() })?;
            payable.is_some_and(|(job, pools)| job.job.client_claim != 0 || !pools.is_empty())
        };
        let spent = closed && !claims && job.credits == 0 && job.set_aside == 0 && job.open_assignments == 0;
        Ok(Kept::Job(KeptJob { closed, live: state.live(), assign_by: job.assign_by, payable, spent }))
    }

    /// What belongs to the market as a whole. Less than a credit is not worth a transaction.
    fn kept_market(&self, market: &Market) -> Answer<Vec<(Key, Kept)>, N> {
        let least = 10u64.saturating_pow(market.credit_decimals.into());
        let mut kept = vec![];
        let verifiers = address::verifier_set(&self.market);
        if let Some(data) = self.node.account(&verifiers).map_err(Error::Node)? {
            let set = of_kind(VERIFIER_SET_DISCRIMINATOR, VerifierSet::from_bytes)(&data);
            let slashed = set.map_err(|error| Error::Account { address: verifiers, error })?.burn_due;
            kept.push((verifiers.to_bytes(), Kept::Verifiers { slashed, least }));
        }
        for (address, data) in self.find(&POOL_DISCRIMINATOR, Pool::from_bytes(&[0; Pool::LEN]), |pool| pool.market = MARK, &self.market)? {
            let pool = Pool::from_bytes(&data).map_err(|error| Error::Account { address, error })?;
            let due = pool.burn_due.saturating_add(pool.treasury_due);
            kept.push((address.to_bytes(), Kept::Pool { due, least }));
        }
        Ok(kept)
    }

    /// Ends an assignment. The finder's part goes to the signer's account of credits; without one, to the treasury.
    fn expire(&self, trial: &Trial) -> Answer<Instruction, N> {
        let (market, signer) = (&trial.job.market, self.signer.pubkey());
        let own = address::token_account(&signer, &market.credit_mint, &market.credit_token_program);
        let finder = if self.has_credits(market, &signer)? { own } else { market.treasury };
        Ok(trial.job.expire(&trial.assignment, &self.worker(trial.assignment.worker)?, finder))
    }
}

impl<N: Node> Upkeep for Chain<N> {
    type Error = Error<N::Error>;

    fn now(&self) -> Answer<i64, N> {
        Ok(self.clock()?.1)
    }

    fn kept(&self, job: Option<&Key>) -> Answer<Vec<(Key, Kept)>, N> {
        let (market, look) = (self.market()?, self.look(job)?);
        let moment = look.assignments.values().any(awaits_draw).then(|| self.moment()).transpose()?;
        let mut kept = vec![];
        for address in look.assignments.keys() {
            let assignment = self.kept_assignment(&look, &market, moment.as_ref(), address)?;
            kept.extend(assignment.map(|assignment| (address.to_bytes(), assignment)));
        }
        for (address, round) in &look.rounds {
            // an assignment that is not there is closed, and was done before
            let phase = look.assignments.get(&round.assignment).map(|assignment| machine_part(assignment).phase);
            kept.push((address.to_bytes(), Kept::Round { over: phase.is_none_or(|phase| phase == Phase::Done) }));
        }
        for (address, job) in &look.jobs {
            kept.push((address.to_bytes(), self.kept_job(*address, job, &market)?));
        }
        if job.is_none() {
            kept.extend(self.kept_market(&market)?);
        }
        Ok(kept)
    }

    fn crank(&mut self, account: &Key, crank: Crank) -> Answer<(), N> {
        let (address, signer) = (Address::from(*account), self.signer.pubkey());
        let instruction = match crank {
            Crank::Draw => self.trial(address)?.draw(signer),
            Crank::Tally => self.trial(address)?.tally(),
            Crank::Expire => self.expire(&self.trial(address)?)?,
            Crank::Settle => {
                let trial = self.trial(address)?;
                trial.settle(&self.worker(trial.assignment.worker)?)
            }
            Crank::ClaimAssignment => {
                let trial = self.trial(address)?;
                trial.claim(&self.payees(&trial.job.market, &trial.assignment)?)
            }
            Crank::CloseRound => rounds::close_round(address, &self.read(address, decode_round)?),
            Crank::CloseJob => self.job(address)?.close(signer),
            Crank::ClaimJob => {
                let job = self.job(address)?;
                let owner_credits = address::token_account(&job.job.owner, &job.market.credit_mint, &job.market.credit_token_program);
                let (job, pools) = self.payable(job)?.ok_or(Error::Missing(owner_credits))?;
                job.claim(&pools.iter().collect::<Vec<_>>())
            }
            Crank::BurnSlashed => verifier::burn_slashed(self.market, &self.market()?),
            Crank::CollectFees => liquidity::collect_fees(&self.pool(address)?),
        };
        self.send(&[instruction])
    }
}
