//! The market: its creation, its parameters, its roles, its pause.

pub mod accept_authority;
pub mod initialize_market;
pub mod pause;
pub mod propose_authority;
pub mod set_batch_token_calls;
pub mod set_burn_share;
pub mod set_guardian;
pub mod set_job_terms;
pub mod set_lp_share;
pub mod set_market_fee;
pub mod set_max_fee;
pub mod set_risk_fee;
pub mod set_risk_window;
pub mod set_supply_terms;
pub mod set_treasury;
pub mod set_verifier_terms;
pub mod unpause;

use anchor_lang::prelude::*;

use crate::{expect, state::Market};

/// The accounts of every instruction that changes one parameter or role.
#[derive(Accounts)]
pub struct SetParameter {
    #[account(mut)]
    pub market: Account<Market>,
    #[account(expect::signer = market.authority)]
    pub authority: Signer,
}
