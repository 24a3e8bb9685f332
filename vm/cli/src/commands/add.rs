use clap::Args;
use hmm_client::{
    Amounts, PoolState,
    liquidity::{self, LiquidityQuote},
};
use hmm_math::liquidity::shares_for_floor;
use solana_signer::Signer;

use crate::{
    amount::{self, VOUCHER_DECIMALS},
    error::{Error, Result},
    legs::named_amount,
    limits::LimitArgs,
    place::{NetworkFees, Place, Wallet},
    receipt::Receipt,
    refusal::{Asked, of_math},
    session::Need,
    view::show,
};

#[derive(Args)]
pub struct AddArgs {
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

/// A deposit has the proportions of the reserves, so one number says it all; of several the smallest deposit counts.
#[derive(Args)]
#[command(next_help_heading = "How much")]
#[group(required = true, multiple = true)]
struct HowMuch {
    /// For at most so many units: --units gpu=10
    #[arg(long, value_name = "RESOURCE=UNITS", value_delimiter = ',', allow_hyphen_values = true)]
    units: Vec<String>,
    /// For at most so many credits in all
    #[arg(long, value_name = "CREDITS", allow_hyphen_values = true)]
    credits: Option<String>,
    /// For so many shares
    #[arg(long, value_name = "SHARES", allow_hyphen_values = true)]
    shares: Option<String>,
}

pub fn run(args: &AddArgs, json: bool) -> Result<()> {
    let signer = args.wallet.keypair(&args.place)?;
    let mut session = args.place.open_to_send(&args.fees)?;
    let state = session.state()?;
    if state.pool.shares == 0 {
        return Err(Error::usage("the pool waits for its creator's first deposit, which fixes the prices: that is not a proportional one"));
    }
    let asked = Asked::resources(&state);
    let shares = shares(&args.how_much, &state)?;
    let quote = quote(&state, shares)?;
    let most: Vec<Amounts> = quote.amounts.iter().map(|a| more(a, args.limits.slippage_bps)).collect();

    let credits = quote.amounts.iter().fold(0u64, |sum, a| sum.saturating_add(a.credits));
    let mut needs = vec![Need::credits(&state, credits), Need::shares(&state, 0)];
    needs.extend((0u8..).zip(&quote.amounts).map(|(resource, a)| Need::vouchers(&state, resource, a.units)));
    // Prices may move: at least the shares less the slippage, for at most the amounts and the slippage.
    let least = shares - scale_floor(shares, args.limits.slippage_bps);
    let deadline = args.limits.deadline.unix(state.unix_timestamp)?;
    let add = liquidity::add(&state, signer.pubkey(), most, least.max(1), shares, deadline);
    let sent = session.send(&signer, &asked, &needs, add)?;
    show(&Receipt::new(&state, sent), json)
}

/// The shares that all that was said allows.
fn shares(how_much: &HowMuch, state: &PoolState) -> Result<u64> {
    let credit_decimals = state.market.credit_decimals;
    let parse = |text: &String| amount::parse(text, credit_decimals).map_err(Error::Usage);
    let mut shares = how_much.shares.as_ref().map_or(Ok(u64::MAX), parse)?;
    if !how_much.units.is_empty() {
        let mut most = vec![Amounts { units: u64::MAX, credits: u64::MAX }; usize::from(state.pool.resource_count)];
        for text in &how_much.units {
            let (resource, units) = named_amount(state, text, VOUCHER_DECIMALS)?;
            if let Some(most) = most.get_mut(usize::from(resource)) {
                most.units = units;
            }
        }
        shares = allowed(state, &most, shares)?;
    }
    if let Some(text) = &how_much.credits {
        let theta = liquidity::quote_remove(state, state.pool.shares).map_err(of_math)?.amounts.iter().map(|a| a.credits).sum();
        let credits = parse(text)?;
        // One credit less for each resource: each side is rounded up.
        let credits = credits.saturating_sub(state.pool.resource_count.into());
        shares = shares.min(shares_for_floor(credits, theta, state.supply()).map_err(of_math)?.0);
    }
    if shares == 0 { Err(Error::usage("that is less than one share")) } else { Ok(shares) }
}

fn allowed(state: &PoolState, most: &[Amounts], shares: u64) -> Result<u64> {
    let all = liquidity::quote_remove(state, state.pool.shares).map_err(of_math)?.amounts;
    most.iter().zip(all).try_fold(shares, |shares, (most, held)| {
        Ok(shares.min(shares_for_floor(most.units, held.units, state.supply()).map_err(of_math)?.0))
    })
}

/// What so many shares cost.
fn quote(state: &PoolState, shares: u64) -> Result<LiquidityQuote> {
    let unlimited = vec![Amounts { units: u64::MAX, credits: u64::MAX }; usize::from(state.pool.resource_count)];
    liquidity::quote_add(state, &unlimited, shares).map_err(of_math)
}

fn more(amounts: &Amounts, bps: u16) -> Amounts {
    let more = |value: u64| value.saturating_add(scale_floor(value, bps));
    Amounts { units: more(amounts.units), credits: more(amounts.credits) }
}

/// `⌊value · bps / 10,000⌋`, for at most 10,000.
pub fn scale_floor(value: u64, bps: u16) -> u64 {
    u64::try_from(u128::from(value) * u128::from(bps) / 10_000).unwrap_or(u64::MAX)
}
