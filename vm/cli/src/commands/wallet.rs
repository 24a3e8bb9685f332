use clap::Args;
use hmm_client::{PoolState, address};
use serde::Serialize;
use solana_signer::Signer;

use crate::{
    amount,
    error::Result,
    money::Amount,
    place::{Place, Wallet},
    session::Need,
    table::pairs,
    view::{View, show},
};

#[derive(Args)]
pub struct WalletArgs {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    wallet: Wallet,
}

pub fn run(args: &WalletArgs, json: bool) -> Result<()> {
    let owner = args.wallet.keypair(&args.place)?.pubkey();
    let session = args.place.open()?;
    let state = session.state()?;
    let lamports = session.backend.accounts(&[owner])?.pop().flatten().map_or(0, |account| account.lamports);
    let tokens = tokens(&state);
    let accounts: Vec<_> = tokens.iter().map(|token| address::token_account(&owner, &token.mint, &token.token_program)).collect();
    let balances = session.balances(&accounts)?;
    let holding =
        |(token, raw): (Need, Option<u64>)| Holding { amount: amount_of(&state, &token, raw.unwrap_or_default()), asset: token.name };
    let holdings = tokens.into_iter().zip(balances).map(holding).collect();
    show(&WalletView { owner: owner.to_string(), lamports, holdings }, json)
}

/// Credits, each resource, shares.
fn tokens(state: &PoolState) -> Vec<Need> {
    let vouchers = (0..state.pool.resource_count).map(|resource| Need::vouchers(state, resource, 0));
    [Need::credits(state, 0)].into_iter().chain(vouchers).chain([Need::shares(state, 0)]).collect()
}

fn amount_of(state: &PoolState, token: &Need, raw: u64) -> Amount {
    let of_credits = [state.market.credit_mint, state.pool.lp_mint].contains(&token.mint);
    if of_credits { Amount { raw, decimals: state.market.credit_decimals } } else { Amount::units(raw) }
}

#[derive(Serialize)]
struct WalletView {
    owner: String,
    lamports: u64,
    holdings: Vec<Holding>,
}

#[derive(Serialize)]
struct Holding {
    asset: String,
    amount: Amount,
}

impl View for WalletView {
    fn text(&self) -> String {
        const SOL_DECIMALS: u8 = 9;
        let sol = format!("{} SOL", amount::human(self.lamports, SOL_DECIMALS));
        let head = [("owner", self.owner.clone()), ("lamports", sol)];
        pairs(head.into_iter().chain(self.holdings.iter().map(|h| (h.asset.as_str(), h.amount.to_string()))))
    }
}
