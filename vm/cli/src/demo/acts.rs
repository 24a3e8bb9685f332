//! Trades, deposits and withdrawals, each with what must hold of it.

use hmm_client::{Amounts, HmmEvent, Leg, LegQuote, Limited, Quote, liquidity, swap};
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::stage::{Played, Stage, Stopped};
use crate::calls;

/// Slippage the trader accepts: half a percent.
const SLIPPAGE_BPS: u16 = hmm_client::DEFAULT_SLIPPAGE_BPS;
/// Seconds a trade stays valid.
pub const PATIENCE: i64 = 60;

/// A trade at the limits that its quote and the slippage give. Gives the order.
pub fn trade(stage: &mut Stage, title: &str, legs: &[Leg]) -> Result<Limited, Stopped> {
    let (trader, state) = (stage.world.trader(), stage.world.state());
    let quote = hmm_client::quote(&state, legs);
    let on_chain =
        stage.world.vm.simulate(&[calls::quote(&state, legs)], &[&trader]).map_err(|failure| stage.stop(&failure.to_string()))?;
    let order = Limited::new(legs, &quote, SLIPPAGE_BPS).ok_or_else(|| stage.stop("the client foretells a refusal"))?;
    let swap = swap::swap(&state, trader.pubkey(), order.legs.clone(), order.net_limit, state.unix_timestamp + PATIENCE);
    let done = stage.play("swap", title, &[swap], &[&trader])?;
    same_quote(stage, &on_chain.return_data, &quote)?;
    same_trade(stage, &done, legs, &quote);
    fees_add_up(stage, &done, &quote);
    Ok(order)
}

/// The program's answer to `quote` is the client's, every number of it. Gives the answer.
pub fn same_quote(stage: &mut Stage, return_data: &[u8], client: &Quote) -> Result<Quote, Stopped> {
    let on_chain = calls::decode_quote(return_data).map_err(|error| stage.stop(&error.to_string()))?;
    let leg = |q: &LegQuote| {
        let amounts = [q.units, q.credits, q.fee, q.burn, q.to_lps, q.to_treasury, q.fee_rate].map(i128::from);
        // a price is compared bit by bit, so its sign means nothing
        amounts.into_iter().chain([q.price_before.cast_signed(), q.price_after.cast_signed()]).collect::<Vec<_>>()
    };
    let numbers = |quote: &Quote| [i128::from(quote.net)].into_iter().chain(quote.legs.iter().flat_map(leg)).collect::<Vec<_>>();
    let refusals = [&on_chain, client].iter().filter(|quote| quote.refusal.is_some()).count();
    let checks = stage.checks();
    checks.all_equal("quote of the program = quote of the client", &numbers(&on_chain), &numbers(client));
    checks.equal("neither quote is a refusal", refusals, 0);
    Ok(on_chain)
}

/// The event, the wallets and the prices are what was quoted.
fn same_trade(stage: &mut Stage, done: &Played, legs: &[Leg], quote: &Quote) {
    let swapped = done.receipt.events.iter().find_map(|event| if let HmmEvent::Swapped(event) = event { Some(event) } else { None });
    let told = swapped.map(|event| event.legs.iter().flat_map(|l| [l.units, l.credits, l.fee, l.burned, l.to_lps]).collect::<Vec<_>>());
    let quoted: Vec<u64> = quote.legs.iter().flat_map(|q| [q.units, q.credits, q.fee, q.burn, q.to_lps]).collect();

    let all = stage.world.state().resource_names();
    let names: Vec<&str> = legs.iter().filter_map(|leg| all.get(usize::from(leg.resource))).map(String::as_str).collect();
    let vouchers: Vec<i128> = names.iter().map(|name| done.gain("trader", name)).collect();
    let ordered = legs.iter().zip(&quote.legs).map(|(leg, q)| if leg.kind.is_buy() { i128::from(q.units) } else { -i128::from(q.units) });

    let found = |name: &&str| stage.last().resources.iter().find(|r| r.name == **name).map_or(0, |r| r.price_after);
    let prices: Vec<u128> = names.iter().map(found).collect();
    let quoted_prices: Vec<u128> = quote.legs.iter().map(|q| q.price_after).collect();
    let ends =
        |(leg, q): (&Leg, &LegQuote)| if leg.kind.is_buy() { (q.price_before, q.price_after) } else { (q.price_after, q.price_before) };
    let (low, high): (Vec<u128>, Vec<u128>) = legs.iter().zip(&quote.legs).map(ends).unzip();

    let checks = stage.checks();
    checks.all_equal("swap = quote, to the unit", &told.unwrap_or_default(), &quoted);
    checks.equal("credits paid = quoted net", -done.gain("trader", "credits"), quote.net.into());
    checks.all_equal("vouchers moved = quoted units", &vouchers, &ordered.collect::<Vec<_>>());
    checks.all_equal("prices afterwards = quoted", &prices, &quoted_prices);
    checks.all_at_least("a buy raises the price, a sell lowers it", &high, &low);
}

/// The parts of every fee make the fee, and each part is where it belongs.
fn fees_add_up(stage: &mut Stage, done: &Played, quote: &Quote) {
    let parts: Vec<u64> = quote.legs.iter().map(|q| q.burn + q.to_lps + q.to_treasury).collect();
    let fees: Vec<u64> = quote.legs.iter().map(|q| q.fee).collect();
    let sum = |part: fn(&LegQuote) -> u64| quote.legs.iter().map(part).sum::<u64>();
    let quoted = [sum(|q| q.burn), sum(|q| q.to_lps), sum(|q| q.to_treasury)];
    let (Some(before), Some(after)) = (&done.before.pool, &done.after.pool) else { return };
    let (old, new) = (&before.state.pool, &after.state.pool);
    let grown = |new: u64, old: u64| new.saturating_sub(old);
    let booked = [grown(new.burn_due, old.burn_due), grown(after.pending(), before.pending()), grown(new.treasury_due, old.treasury_due)];
    let checks = stage.checks();
    checks.all_equal("fee parts add up to the fee", &parts, &fees);
    checks.all_equal("burn_due, pending, treasury_due grew by the parts", &booked, &quoted);
}

/// Burns shares for exactly what is quoted; gives that.
pub fn remove(stage: &mut Stage, owner: &Keypair, holder: &str, title: &str, shares: u64) -> Result<Vec<Amounts>, Stopped> {
    let state = stage.world.state();
    let quoted = liquidity::quote_remove(&state, shares).map_err(|refusal| stage.stop(&format!("{refusal:?}")))?;
    let remove = liquidity::remove(&state, owner.pubkey(), shares, quoted.amounts.clone(), 0);
    let done = stage.play("remove_liquidity", title, &[remove], &[owner])?;
    let (units, credits) = gains(stage, &done, holder, &quoted.amounts);
    let checks = stage.checks();
    checks.equal("shares burned", -done.gain(holder, "shares"), shares.into());
    checks.all_equal("units received = quoted", &units.0, &units.1);
    checks.equal("credits received = quoted", credits.0, credits.1);
    Ok(quoted.amounts)
}

/// A deposit took exactly these amounts.
pub fn paid(stage: &mut Stage, done: &Played, holder: &str, amounts: &[Amounts]) {
    let (units, credits) = gains(stage, done, holder, amounts);
    let negative: Vec<i128> = units.0.iter().map(|gain| -gain).collect();
    let checks = stage.checks();
    checks.all_equal("units paid = quoted", &negative, &units.1);
    checks.equal("credits paid = quoted", -credits.0, credits.1);
}

/// What a holder gained, beside what was quoted: units of each resource, credits.
fn gains(stage: &Stage, done: &Played, holder: &str, quoted: &[Amounts]) -> ((Vec<i128>, Vec<i128>), (i128, i128)) {
    let names = stage.world.state().resource_names();
    let units = names.iter().map(|name| done.gain(holder, name)).collect();
    let quoted_units = quoted.iter().map(|a| i128::from(a.units)).collect();
    let credits = quoted.iter().map(|a| i128::from(a.credits)).sum();
    ((units, quoted_units), (done.gain(holder, "credits"), credits))
}
