use clap::Args;
use hmm_client::{Amounts, PoolState, address, liquidity};
use hmm_math::MINIMUM_SHARES;
use solana_address::Address;
use solana_signer::Signer;

use super::add::scale_floor;
use crate::{
    amount,
    error::{Error, Result},
    limits::LimitArgs,
    place::{NetworkFees, Place, Wallet},
    receipt::Receipt,
    refusal::{Asked, of_math},
    session::{Need, Session},
    view::show,
};

#[derive(Args)]
pub struct RemoveArgs {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    wallet: Wallet,
    #[command(flatten)]
    how_much: HowMuch,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    fees: NetworkFees,
}

#[derive(Args)]
#[command(next_help_heading = "How much")]
#[group(required = true, multiple = false)]
struct HowMuch {
    /// So many shares
    #[arg(long, value_name = "SHARES", allow_hyphen_values = true)]
    shares: Option<String>,
    /// So many percent of the signer's shares
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u16).range(1..=100))]
    percent: Option<u16>,
    /// All of the signer's shares
    #[arg(long)]
    all: bool,
}

pub fn run(args: &RemoveArgs, json: bool) -> Result<()> {
    let signer = args.wallet.keypair(&args.place)?;
    let mut session = args.place.open_to_send(&args.fees)?;
    let state = session.state()?;
    let asked = Asked::resources(&state);
    let shares = shares(&args.how_much, &session, &state, &signer.pubkey())?;
    // More than there are is the program's to refuse.
    let quoted = shares.min(state.pool.shares.saturating_sub(MINIMUM_SHARES));
    let quote = liquidity::quote_remove(&state, quoted).map_err(of_math)?;
    let less = |value: u64| value - scale_floor(value, args.limits.slippage_bps);
    let least = quote.amounts.iter().map(|a| Amounts { units: less(a.units), credits: less(a.credits) }).collect();

    let mut needs = vec![Need::credits(&state, 0), Need::shares(&state, shares)];
    needs.extend((0..state.pool.resource_count).map(|resource| Need::vouchers(&state, resource, 0)));
    let deadline = args.limits.deadline.unix(state.unix_timestamp)?;
    let remove = liquidity::remove(&state, signer.pubkey(), shares, least, deadline);
    let sent = session.send(&signer, &asked, &needs, remove)?;
    show(&Receipt::new(&state, sent), json)
}

fn shares(how_much: &HowMuch, session: &Session, state: &PoolState, owner: &Address) -> Result<u64> {
    if let Some(text) = &how_much.shares {
        return amount::parse(text, state.market.credit_decimals).map_err(Error::Usage);
    }
    let account = address::token_account(owner, &state.pool.lp_mint, &address::TOKEN_PROGRAM);
    let held = session.balances(&[account])?.pop().flatten().unwrap_or_default();
    let part = scale_floor(held, how_much.percent.unwrap_or(100) * 100);
    if part == 0 { Err(Error::usage(format!("{owner} has no shares of this pool"))) } else { Ok(part) }
}
