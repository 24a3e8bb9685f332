//! Workers: registration, bond, supply, and the ways in which obligations end.

pub mod claim_worker;
pub mod deposit_bond;
pub mod liquidate;
pub mod mint_vouchers;
pub mod notify_worker;
pub mod register_worker;
pub mod retire;
pub mod set_operator;
pub mod supply;
pub mod unbond;
pub mod withdraw_bond;

use anchor_lang::prelude::*;

use crate::{
    events::{BondChanged, WorkerPaid, emit_by_cpi},
    expect,
    payout::{SignerSeeds, require_owned_by},
    state::{Market, Worker},
    token::Credits,
};

/// The accounts of what pays a worker's owner, whoever sends it.
#[event_cpi]
#[derive(Accounts)]
pub struct TakeOut {
    #[account(expect::address = worker.market)]
    pub market: Account<Market>,
    #[account(mut)]
    pub worker: Account<Worker>,
    #[account(mut, expect::address = worker.vault)]
    pub vault: UncheckedAccount,
    /// A token account of the worker's owner.
    #[account(mut)]
    pub destination: UncheckedAccount,
    #[account(expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: UncheckedAccount,
}

impl TakeOut {
    /// Pays `credits` out of the vault. Errors: `WrongAccount`, `NotPayee`.
    fn pay(&self, credits: u64, event_bump: u8) -> Result<()> {
        require_owned_by(self.destination.account(), &self.market.credit_mint, &self.worker.owner)?;
        let signer = SignerSeeds::of_worker(&self.worker);
        let token = Credits {
            program: self.credit_token_program.address(),
            mint: self.credit_mint.account(),
            decimals: self.market.credit_decimals,
        };
        token.transfer(self.vault.account(), self.destination.account(), self.worker.account(), credits, &[&signer.seeds()]);
        let event = WorkerPaid { worker: *self.worker.address(), to: *self.destination.address(), credits };
        emit_by_cpi(&event, &self.event_authority, event_bump);
        Ok(())
    }
}

/// The event of a change of the bond.
fn bond_changed(address: Address, worker: &Worker) -> BondChanged {
    BondChanged { worker: address, bond: worker.bond, unbonding: worker.unbonding, unbond_at: worker.unbond_at }
}
