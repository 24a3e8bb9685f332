//! A pool somewhere, and transactions on it.

use std::io;

use borsh::BorshSerialize;
use hmm_client::{PoolState, address, swap};
use solana_account::Account;
use solana_address::{Address, address as sysvar};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    backend::{Backend, NotSent, Refused, Sent},
    error::{Error, Result},
    refusal::{Asked, Refusal},
};

const CLOCK: Address = sysvar!("SysvarC1ock11111111111111111111111111111111");
/// Token accounts opened in one transaction, so that it stays within a packet.
const OPENED_AT_ONCE: usize = 6;

pub struct Session {
    pub backend: Box<dyn Backend>,
    pool: Option<Address>,
}

impl Session {
    pub fn new(backend: Box<dyn Backend>, pool: Option<Address>) -> Self {
        Self { backend, pool }
    }

    /// The pool with its market, at the present clock.
    pub fn state(&self) -> Result<PoolState> {
        self.state_of(self.pool()?)
    }

    /// Another pool with its market.
    pub fn state_of(&self, pool: Address) -> Result<PoolState> {
        let found = self.backend.accounts(&[pool])?.pop().flatten();
        let not_one = || Error::usage(format!("{pool} is not a pool of HMM"));
        let account = found.filter(|account| account.owner == hmm_client::HMM_ID).ok_or_else(not_one)?;
        let market = hmm_client::generated::accounts::Pool::from_bytes(&account.data).map_err(|_| not_one())?.market;
        // again, so that all three are of one moment
        let all = self.backend.accounts(&[pool, market, CLOCK])?;
        let [Some(account), Some(market), Some(clock)] = all.as_slice() else { return Err(not_one()) };
        let (slot, now) = clock_of(clock)?;
        PoolState::decode(pool, &account.data, &market.data, slot, now).map_err(|_| not_one())
    }

    fn pool(&self) -> Result<Address> {
        if let Some(pool) = self.pool {
            return Ok(pool);
        }
        match self.backend.pools()?.as_slice() {
            [pool] => Ok(*pool),
            [] => Err(Error::usage("there is no pool here")),
            many => {
                let many: Vec<String> = many.iter().map(Address::to_string).collect();
                Err(Error::usage(format!("which pool? Give --pool, one of {}", many.join(", "))))
            }
        }
    }

    /// Balances of token accounts; `None` where there is no account.
    pub fn balances(&self, accounts: &[Address]) -> Result<Vec<Option<u64>>> {
        let balance = |account: &Account| account.data.get(64..72).and_then(<[u8]>::first_chunk).map(|bytes| u64::from_le_bytes(*bytes));
        Ok(self.backend.accounts(accounts)?.iter().map(|account| account.as_ref().and_then(balance)).collect())
    }

    /// Sends instructions on the owner's accounts of these mints; accounts that do not exist are opened first.
    pub fn send(&mut self, signer: &Keypair, asked: &Asked, needs: &[Need], instruction: Instruction) -> Result<Sent> {
        self.open(signer, &signer.pubkey(), asked, needs)?;
        self.send_all(signer, asked, &[instruction])
    }

    /// Sends one transaction.
    pub fn send_all(&mut self, signer: &Keypair, asked: &Asked, instructions: &[Instruction]) -> Result<Sent> {
        self.backend.send(instructions, signer).map_err(|error| refused(error, asked))
    }

    /// The supply of a mint.
    pub fn supply(&self, mint: &Address) -> Result<u64> {
        let account = self.backend.accounts(&[*mint])?.pop().flatten();
        let supply = account.as_ref().and_then(|account| account.data.get(36..)?.first_chunk());
        supply.map(|bytes| u64::from_le_bytes(*bytes)).ok_or_else(|| Error::failed(format!("{mint} is no mint")))
    }

    /// Opens those of somebody's accounts that do not exist, if all of them hold what is needed.
    pub fn open(&mut self, signer: &Keypair, owner: &Address, asked: &Asked, needs: &[Need]) -> Result<()> {
        let accounts: Vec<Address> = needs.iter().map(|need| address::token_account(owner, &need.mint, &need.token_program)).collect();
        let balances = self.balances(&accounts)?;
        for (need, balance) in needs.iter().zip(&balances) {
            if balance.unwrap_or_default() < need.least {
                return Err(Error::from(asked.insufficient(&need.name, need.least, balance.unwrap_or_default())));
            }
        }
        let missing = needs.iter().zip(&balances).filter(|(_, balance)| balance.is_none());
        let open = missing.map(|(need, _)| swap::create_token_account(&signer.pubkey(), owner, &need.mint, &need.token_program));
        for open in open.collect::<Vec<_>>().chunks(OPENED_AT_ONCE) {
            self.backend.send(open, signer).map_err(|error| refused(error, asked))?;
        }
        Ok(())
    }

    /// An account of the program, of this kind, decoded; `None` if there is none.
    pub fn find<T>(&self, address: &Address, kind: &[u8; 8], decode: impl FnOnce(&[u8]) -> io::Result<T>) -> Result<Option<T>> {
        let account = self.backend.accounts(&[*address])?.pop().flatten();
        let own = account.filter(|account| account.owner == hmm_client::HMM_ID && account.data.starts_with(kind));
        let failed = |error: io::Error| Error::failed(format!("{address}: {error}"));
        own.map(|account| decode(&account.data).map_err(failed)).transpose()
    }

    /// The program's accounts of one kind in which the field that `set` sets is `wanted`.
    pub fn search<T: BorshSerialize>(
        &self,
        kind: &[u8; 8],
        zero: io::Result<T>,
        set: impl Fn(&mut T, Address),
        wanted: &Address,
    ) -> Result<Vec<(Address, Vec<u8>)>> {
        const MARK: Address = Address::new_from_array([0xFF; 32]);
        let mut sample = zero?;
        set(&mut sample, MARK);
        let bytes = borsh::to_vec(&sample)?;
        let place = bytes.windows(32).position(|window| window == MARK.as_array());
        let place = place.ok_or_else(|| Error::failed("the sample has no such field"))?;
        let found = self.backend.program_accounts(&[(0, kind), (place, wanted.as_array())])?;
        Ok(found.into_iter().map(|(address, account)| (address, account.data)).collect())
    }

    /// What an instruction would do, paid by somebody who exists.
    pub fn simulate(&self, asked: &Asked, payer: &Address, instruction: Instruction) -> Result<Sent> {
        self.backend.simulate(&[instruction], payer).map_err(|error| refused(error, asked))
    }
}

/// A token account that a transaction uses, and what must be in it.
pub struct Need {
    /// `credits`, `shares`, or a resource.
    pub name: String,
    pub mint: Address,
    pub token_program: Address,
    /// Raw.
    pub least: u64,
}

impl Need {
    pub fn credits(state: &PoolState, least: u64) -> Self {
        let market = &state.market;
        Self { name: "credits".to_owned(), mint: market.credit_mint, token_program: market.credit_token_program, least }
    }

    pub fn shares(state: &PoolState, least: u64) -> Self {
        Self { name: "shares".to_owned(), mint: state.pool.lp_mint, token_program: address::TOKEN_PROGRAM, least }
    }

    pub fn vouchers(state: &PoolState, resource: u8, least: u64) -> Self {
        let i = usize::from(resource);
        let name = state.resource_names().get(i).cloned().unwrap_or_default();
        Self { name, mint: state.pool.voucher_mints.get(i).copied().unwrap_or_default(), token_program: address::TOKEN_PROGRAM, least }
    }
}

fn refused(error: NotSent, asked: &Asked) -> Error {
    match error {
        NotSent::Refused(Refused { code, error, logs }) => Error::from(Refusal::of(code, &error, &logs, asked)),
        NotSent::Error(error) => error,
    }
}

/// Slot and unix time of the clock's account.
fn clock_of(account: &Account) -> Result<(u64, i64)> {
    let field = |at: usize| account.data.get(at..).and_then(<[u8]>::first_chunk).copied().map(u64::from_le_bytes);
    match (field(0), field(32)) {
        (Some(slot), Some(now)) => Ok((slot, now.cast_signed())),
        _ => Err(Error::failed("the clock is unreadable")),
    }
}
