//! The [`Ledger`] and [`Upkeep`](crate::run::Upkeep) of a market on a network: the accounts of the program as views, the deeds of agents as its
//! instructions.

mod draws;
mod keep;

use std::io;

use borsh::BorshSerialize;
use hmm_attest::digest::{Attestation, Domain};
use hmm_attest::trace::Claim;
use hmm_attest::{Hash, Key, RESOURCES};
use hmm_client::PoolState;
use hmm_client::generated::accounts::{
    ASSIGNMENT_DISCRIMINATOR, Assignment, ENCLAVE_KEY_DISCRIMINATOR, EnclaveKey as EnclaveKeyAccount, MARKET_DISCRIMINATOR,
    MEASUREMENT_DISCRIMINATOR, Market, Measurement, ROUND_DISCRIMINATOR, Round, WORKER_DISCRIMINATOR, Worker,
};
use hmm_client::jobs::{self, JobState, machine, machine_part};
use hmm_client::rounds::{self, Report, Trial};
use hmm_job::Phase;
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;
use thiserror::Error;

use crate::judge::Fraud;
use crate::run::{Case, EnclaveKey, Ledger, Task};
use crate::turn::{Assigned, Judged, Seated, Stage};
use crate::vote::Vote;

/// `SysvarC1ock11111111111111111111111111111111`.
const CLOCK: Address = Address::from_str_const("SysvarC1ock11111111111111111111111111111111");
/// Stages of a seat as rounds store them; 0 is drawn.
const COMMITTED: u8 = 1;
const REVEALED: u8 = 2;

/// What is needed of a network: an RPC node, or a virtual machine.
pub trait Node {
    /// Why it does not answer, or refuses a transaction.
    type Error: std::error::Error;
    /// The data of an account; `None` if there is none.
    fn account(&self, address: &Address) -> Result<Option<Vec<u8>>, Self::Error>;
    /// The program's accounts whose data has these bytes at these places.
    fn accounts(&self, matches: &[(usize, &[u8])]) -> Result<Vec<(Address, Vec<u8>)>, Self::Error>;
    /// Sends a transaction and waits until it is confirmed. The signer pays.
    fn send(&mut self, instructions: &[Instruction], signer: &Keypair) -> Result<(), Self::Error>;
}

/// Why the chain does not do what it was asked to.
#[derive(Debug, Error)]
pub enum Error<N: std::error::Error> {
    /// The node.
    #[error(transparent)]
    Node(N),
    /// An account that should be there is not.
    #[error("{0} does not exist")]
    Missing(Address),
    /// An account is not what it should be.
    #[error("{address}: {error}")]
    Account {
        /// Its address.
        address: Address,
        /// What is wrong with its data.
        error: io::Error,
    },
}

/// One market, as one signer.
pub struct Chain<N> {
    /// The network.
    pub node: N,
    /// The market.
    pub market: Address,
    /// Who signs and pays: the owner or operator of a worker, or a verifier.
    pub signer: Keypair,
}

type Answer<T, N> = Result<T, Error<<N as Node>::Error>>;

impl<N: Node> Chain<N> {
    /// Account `address`, decoded.
    fn read<T>(&self, address: Address, decode: impl FnOnce(&[u8]) -> io::Result<T>) -> Answer<T, N> {
        let data = self.node.account(&address).map_err(Error::Node)?.ok_or(Error::Missing(address))?;
        decode(&data).map_err(|error| Error::Account { address, error })
    }

    fn market(&self) -> Answer<Market, N> {
        self.read(self.market, of_kind(MARKET_DISCRIMINATOR, Market::from_bytes))
    }

    /// Slot and unix time.
    fn clock(&self) -> Answer<(u64, i64), N> {
        self.read(CLOCK, |data| {
            let at = |place: usize| data.get(place..).and_then(<[u8]>::first_chunk).copied();
            let clock = at(0).zip(at(32)).map(|(slot, time)| (u64::from_le_bytes(slot), i64::from_le_bytes(time)));
            clock.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not a clock"))
        })
    }

    fn worker(&self, address: Address) -> Answer<Worker, N> {
        self.read(address, of_kind(WORKER_DISCRIMINATOR, Worker::from_bytes))
    }

    fn job(&self, address: Address) -> Answer<JobState, N> {
        let market = self.node.account(&self.market).map_err(Error::Node)?.ok_or(Error::Missing(self.market))?;
        self.read(address, |data| JobState::decode(address, data, &market))
    }

    fn pool(&self, address: Address) -> Answer<PoolState, N> {
        let market = self.node.account(&self.market).map_err(Error::Node)?.ok_or(Error::Missing(self.market))?;
        let (slot, now) = self.clock()?;
        self.read(address, |data| PoolState::decode(address, data, &market, slot, now))
    }

    fn trial(&self, address: Address) -> Answer<Trial, N> {
        let assignment = self.read(address, jobs::decode_assignment)?;
        let job = self.job(assignment.job)?;
        Ok(Trial { address, assignment, job })
    }

    /// The accounts of a kind in which `set` sets what `wanted` stands for.
    fn find<T: BorshSerialize>(&self, kind: &[u8; 8], zero: io::Result<T>, set: impl Fn(&mut T), wanted: &Address) -> Found<N> {
        let error = |error| Error::Account { address: self.market, error };
        let mut sample = zero.map_err(error)?;
        set(&mut sample);
        let bytes = borsh::to_vec(&sample).map_err(error)?;
        let place = bytes.windows(32).position(|window| window == MARK.as_array()).unwrap_or_default();
        self.node.accounts(&[(0, kind), (place, wanted.as_array())]).map_err(Error::Node)
    }

    fn send(&mut self, instructions: &[Instruction]) -> Answer<(), N> {
        self.node.send(instructions, &self.signer).map_err(Error::Node)
    }
}

/// Decodes an account of this kind alone.
fn of_kind<T>(kind: [u8; 8], decode: impl FnOnce(&[u8]) -> io::Result<T>) -> impl FnOnce(&[u8]) -> io::Result<T> {
    move |data| {
        if data.starts_with(&kind) { decode(data) } else { Err(io::Error::new(io::ErrorKind::InvalidData, "another kind of account")) }
    }
}

type Found<N> = Answer<Vec<(Address, Vec<u8>)>, N>;

/// Stands for an address in a sample account: where it is found, the address is in all accounts of that kind.
const MARK: Address = Address::new_from_array([0xFF; 32]);

/// What was attested of an assignment.
fn claim(trial: &Trial) -> Claim {
    let (job, assignment) = (&trial.job.job, &trial.assignment);
    Claim {
        model_root: job.model_root,
        input_root: job.input_root,
        depth: job.trace_depth,
        trace_root: assignment.trace_root,
        output_root: assignment.output_root,
    }
}

fn case(trial: &Trial) -> Case {
    let part = machine_part(&trial.assignment);
    Case {
        job: trial.job.address.to_bytes(),
        assignment: trial.address.to_bytes(),
        claim: claim(trial),
        usage: trial.assignment.usage,
        report_digest: trial.assignment.report_digest,
        provable: trial.job.job.proof_level == 1,
        judged: Judged { phase: part.phase, until: part.until, verdict: part.verdict },
    }
}

/// A seat of a round, as its verifier sees it.
fn seated(address: Address, round: &Round, seat: u8) -> Option<Seated> {
    let of_seat = round.seats.get(usize::from(seat))?;
    let stage = match of_seat.stage {
        COMMITTED => Stage::Committed(of_seat.commitment),
        REVEALED => Stage::Revealed,
        _ => Stage::Drawn,
    };
    Some(Seated {
        round: address.to_bytes(),
        seat,
        stage,
        until: round.until,
        length: round.length,
        all_committed: round.committed == round.seat_count,
        counted: round.counted,
    })
}

/// Raw units to deliver, by resource of the worker's pool.
fn usage(trial: &Trial, pool: &Address) -> [u64; RESOURCES] {
    let mut usage = [0; RESOURCES];
    for (line, units) in trial.job.job.lines.iter().zip(trial.assignment.raw_units).filter(|(line, _)| line.pool == *pool) {
        if let Some(used) = usage.get_mut(usize::from(line.resource)) {
            *used += units;
        }
    }
    usage
}

impl<N: Node> Ledger for Chain<N> {
    type Error = Error<N::Error>;

    fn now(&self) -> Answer<i64, N> {
        Ok(self.clock()?.1)
    }

    fn domain(&self) -> Answer<Domain, N> {
        Ok(rounds::domain(&self.market, self.market()?.genesis_hash))
    }

    fn tasks(&self, worker: &Key) -> Answer<Vec<Task>, N> {
        let address = Address::from(*worker);
        let zero = Assignment::from_bytes(&[0; Assignment::LEN]);
        let pool = self.worker(address)?.pool;
        let mut tasks = vec![];
        for (assignment, data) in self.find(&ASSIGNMENT_DISCRIMINATOR, zero, |sample| sample.worker = MARK, &address)? {
            let error = |error| Error::Account { address: assignment, error };
            let part = machine_part(&jobs::decode_assignment(&data).map_err(error)?);
            if !matches!(part.phase, Phase::Reserved | Phase::Running) {
                continue;
            }
            let trial = self.trial(assignment)?;
            let job = &trial.job.job;
            let reserved = part.phase == Phase::Reserved;
            let waits_for_others = job.gang && if reserved { !machine(job).is_sealed() } else { !job.launched };
            let assigned = Assigned { phase: part.phase, start_by: job.start_by, submit_by: job.submit_by, waits_for_others, able: false };
            tasks.push(Task {
                job: trial.job.address.to_bytes(),
                assignment: assignment.to_bytes(),
                worker: *worker,
                assigned,
                model_root: job.model_root,
                input_root: job.input_root,
                depth: job.trace_depth,
                usage: usage(&trial, &pool),
            });
        }
        Ok(tasks)
    }

    fn enclave_keys(&self, worker: &Key) -> Answer<Vec<EnclaveKey>, N> {
        let zero = EnclaveKeyAccount::from_bytes(&[0; EnclaveKeyAccount::LEN]);
        let mut keys = vec![];
        for (address, data) in self.find(&ENCLAVE_KEY_DISCRIMINATOR, zero, |sample| sample.worker = MARK, &Address::from(*worker))? {
            let account = EnclaveKeyAccount::from_bytes(&data).map_err(|error| Error::Account { address, error })?;
            if !self.read(account.approval, of_kind(MEASUREMENT_DISCRIMINATOR, Measurement::from_bytes))?.revoked {
                keys.push(EnclaveKey { key: account.key.to_bytes(), measurement: account.measurement, expiry: account.expiry });
            }
        }
        Ok(keys)
    }

    fn seats(&self, verifier: &Key) -> Answer<Vec<(Seated, Case)>, N> {
        let zero = Round::from_bytes(&[0; Round::LEN]);
        let mut seats = vec![];
        for (address, data) in self.find(&ROUND_DISCRIMINATOR, zero, |sample| sample.market = MARK, &self.market)? {
            let round = rounds::decode_round(&data).map_err(|error| Error::Account { address, error })?;
            let seat = rounds::seat(&round, &Address::from(*verifier)).and_then(|seat| seated(address, &round, seat));
            let Some(seated) = seat else { continue };
            match self.trial(round.assignment) {
                Ok(trial) => seats.push((seated, case(&trial))),
                // over, and closed before its rounds
                Err(Error::Missing(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(seats)
    }

    fn draws(&self, verifier: &Key) -> Answer<Vec<(Option<Seated>, Case)>, N> {
        self.drawable(&Address::from(*verifier))
    }

    fn cases(&self) -> Answer<Vec<Case>, N> {
        let mut cases = vec![];
        for (address, data) in self.node.accounts(&[(0, &ASSIGNMENT_DISCRIMINATOR)]).map_err(Error::Node)? {
            let error = |error| Error::Account { address, error };
            let part = machine_part(&jobs::decode_assignment(&data).map_err(error)?);
            if matches!(part.phase, Phase::Window | Phase::Disputed | Phase::Ruled | Phase::Appealed) {
                let trial = self.trial(address)?;
                if trial.job.job.market == self.market {
                    cases.push(case(&trial));
                }
            }
        }
        Ok(cases)
    }

    fn start(&mut self, task: &Task) -> Answer<(), N> {
        let trial = self.trial(task.assignment.into())?;
        let worker = self.worker(trial.assignment.worker)?;
        let pool = self.pool(worker.pool)?;
        self.send(&[trial.job.start(&pool, &trial.assignment, &worker, self.signer.pubkey())])
    }

    fn decline(&mut self, task: &Task) -> Answer<(), N> {
        let trial = self.trial(task.assignment.into())?;
        let worker = self.worker(trial.assignment.worker)?;
        self.send(&[trial.job.unassign(&trial.assignment, &worker, self.signer.pubkey())])
    }

    fn submit(&mut self, task: &Task, attestation: &Attestation, key: &Key, signature: &[u8; 64]) -> Answer<(), N> {
        let trial = self.trial(task.assignment.into())?;
        let (enclave, worker) = (Address::from(*key), trial.assignment.worker);
        let key_address = hmm_client::address::enclave_key(&worker, &enclave);
        let account = self.read(key_address, of_kind(ENCLAVE_KEY_DISCRIMINATOR, EnclaveKeyAccount::from_bytes))?;
        let Attestation { report_digest, output_root, trace_root, usage, .. } = *attestation;
        let report = Report { report_digest, output_root, trace_root, usage };
        let signed = rounds::signed(&enclave, signature, &attestation.digest(&trial.domain()));
        self.send(&[signed, trial.submit(self.signer.pubkey(), key_address, &account, report)])
    }

    fn draw(&mut self, case: &Case, commit: Option<(&Seated, &Hash)>) -> Answer<(), N> {
        let (draw, verifier) = (self.trial(case.assignment.into())?.draw(self.signer.pubkey()), self.signer.pubkey());
        let commit = commit.map(|(seated, digest)| rounds::commit(seated.round.into(), verifier, seated.seat, *digest));
        let instructions: Vec<Instruction> = std::iter::once(draw).chain(commit).collect();
        self.send(&instructions)
    }

    fn commit(&mut self, seated: &Seated, _: &Case, commitment: &Hash) -> Answer<(), N> {
        self.send(&[rounds::commit(seated.round.into(), self.signer.pubkey(), seated.seat, *commitment)])
    }

    fn reveal(&mut self, seated: &Seated, _: &Case, vote: &Vote) -> Answer<(), N> {
        let Vote { score, delta_i, delta_u, salt, .. } = *vote;
        let vote = rounds::Vote { score, delta_i, delta_u, salt };
        self.send(&[rounds::reveal(self.market, seated.round.into(), self.signer.pubkey(), seated.seat, &vote)])
    }

    fn challenge(&mut self, case: &Case) -> Answer<(), N> {
        let trial = self.trial(case.assignment.into())?;
        self.send(&[trial.challenge(self.signer.pubkey())])
    }

    fn appeal(&mut self, case: &Case) -> Answer<(), N> {
        let trial = self.trial(case.assignment.into())?;
        self.send(&[trial.appeal(self.signer.pubkey())])
    }

    fn prove(&mut self, case: &Case, fraud: &Fraud) -> Answer<(), N> {
        let trial = self.trial(case.assignment.into())?;
        self.send(&[trial.prove(self.signer.pubkey(), fraud.link, fraud.items.clone())])
    }
}
