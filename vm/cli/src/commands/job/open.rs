use clap::Args;
use hmm_client::{
    LineSpec, PoolState, address,
    generated::{
        accounts::{CLIENT_DISCRIMINATOR, Client},
        instructions::OpenJobInstructionArgs,
    },
    jobs, state,
};
use solana_address::Address;

use crate::{
    act::{Act, Actor},
    amount::{self, VOUCHER_DECIMALS},
    error::{Error, Result},
    legs,
    receipt::Receipt,
    refusal::Asked,
    session::Need,
    view::show,
    words,
};

pub const EXAMPLES: &str = "\
Examples:
  hmm job open --embedded --state market.json --as client --budget 150 --need gpu=40@4,vram=160@0.1
  hmm job open --url http://127.0.0.1:8899 --budget 150 --need gpu=40@4 --assign 30m --start 10m --submit 2h --gang
RESOURCE=UNITS@PRICE: so many units, at most so many credits for each, fees included. A resource of another pool than --pool has
that pool's address before it: ADDRESS/gpu=40@4.";

#[derive(Args)]
pub struct OpenArgs {
    /// What the job needs
    #[arg(
        long,
        value_name = "RESOURCE=UNITS@PRICE",
        value_delimiter = ',',
        required = true,
        allow_hyphen_values = true,
        help_heading = "Job"
    )]
    need: Vec<String>,
    /// Credits to lock
    #[arg(long, value_name = "CREDITS", allow_hyphen_values = true, help_heading = "Job")]
    budget: String,
    /// The time to buy vouchers and name workers, from now
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = words::duration, help_heading = "Job")]
    assign: i64,
    /// The time to start, from then
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = words::duration, help_heading = "Job")]
    start: i64,
    /// The time to work, from then
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = words::duration, help_heading = "Job")]
    submit: i64,
    /// All assignments start, or none does
    #[arg(long, help_heading = "Job")]
    gang: bool,
    /// Who besides the client may fill and assign
    #[arg(long, value_name = "ADDRESS", help_heading = "Job")]
    router: Option<Address>,
    /// Root of the model
    #[arg(long, value_name = "64 HEX DIGITS", value_parser = words::root, help_heading = "Work")]
    model_root: Option<[u8; 32]>,
    /// Root of the input
    #[arg(long, value_name = "64 HEX DIGITS", value_parser = words::root, help_heading = "Work")]
    input_root: Option<[u8; 32]>,
    /// The program can redo disputed steps of a trace of 2^DEPTH of them; without it the work is only attested
    #[arg(long, value_name = "DEPTH", value_parser = clap::value_parser!(u8).range(1..=10), help_heading = "Work")]
    trace_depth: Option<u8>,
    /// Longest latency of a pool
    #[arg(long, value_name = "MILLISECONDS", default_value_t = u32::MAX, hide_default_value = true, help_heading = "Service")]
    max_latency: u32,
    /// Regions of a pool, at most four [default: any]
    #[arg(long, value_name = "REGION", value_delimiter = ',', help_heading = "Service")]
    region: Vec<String>,
    /// Least privacy tier of a pool
    #[arg(long, value_name = "TIER", default_value_t = 0, help_heading = "Service")]
    privacy_tier: u8,
    /// Least quality of a worker, percent
    #[arg(long, value_name = "PERCENT", default_value = "0", value_parser = quality, help_heading = "Service")]
    min_quality: u32,
    #[command(flatten)]
    act: Act,
}

/// Percent with up to 4 decimals as parts per million.
fn quality(text: &str) -> Result<u32, String> {
    const DECIMALS: u8 = 4;
    let parts = if text == "0" { 0 } else { amount::parse(text, DECIMALS)? };
    u32::try_from(parts).ok().filter(|parts| *parts <= 1_000_000).ok_or_else(|| format!("{text} is more than 100 percent"))
}

pub fn run(args: &OpenArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let state = actor.session.state()?;
    let (market, decimals) = (state.pool.market, state.market.credit_decimals);
    let lines = args.need.iter().map(|text| line(&actor, &state, text)).collect::<Result<Vec<_>>>()?;
    let names = lines.iter().map(|(name, _)| name.clone()).collect();
    let asked = Asked::lines(names, decimals);
    let budget = amount::parse(&args.budget, decimals).map_err(Error::Usage)?;
    let region = |text: &String| state::name(text).ok_or_else(|| Error::usage(format!("{text:?} is not a region of 1 to 16 characters")));
    let assign_by = state.unix_timestamp + args.assign;
    let start_by = assign_by + args.start;
    let spec = OpenJobInstructionArgs {
        lines: lines.into_iter().map(|(_, line)| line).collect(),
        max_latency_ms: args.max_latency,
        privacy_tier: args.privacy_tier,
        regions: args.region.iter().map(region).collect::<Result<_>>()?,
        min_quality: args.min_quality,
        model_root: args.model_root.unwrap_or_default(),
        input_root: args.input_root.unwrap_or_default(),
        proof_level: args.trace_depth.is_some().into(),
        trace_depth: args.trace_depth.unwrap_or_default(),
        gang: args.gang,
        router: args.router.unwrap_or_default(),
        assign_by,
        start_by,
        submit_by: start_by + args.submit,
        budget,
    };
    let client = address::client(&market, &actor.me());
    let registered = actor.session.find(&client, &CLIENT_DISCRIMINATOR, Client::from_bytes)?;
    let open = jobs::open(market, &state.market, actor.me(), registered.as_ref().map_or(0, |client| client.jobs), spec);
    let (signer, me) = (&actor.signer, actor.me());
    actor.session.open(signer, &me, &asked, &[Need::credits(&state, budget)])?;
    // with the first job the client's account
    let register = registered.is_none().then(|| jobs::register(market, me));
    let instructions: Vec<_> = register.into_iter().chain([open]).collect();
    let sent = actor.session.send_all(signer, &asked, &instructions)?;
    show(&Receipt::new(&state, sent), json)
}

/// `gpu=40@4`: the resource's name and the line.
fn line(actor: &Actor, state: &PoolState, text: &str) -> Result<(String, LineSpec)> {
    let usage = || Error::usage(format!("{text:?} is not RESOURCE=UNITS@PRICE, like gpu=40@4"));
    let (named, price) = text.split_once('@').ok_or_else(usage)?;
    let other = match named.split_once('/') {
        Some((pool, _)) => Some(actor.session.state_of(pool.parse().map_err(|_| Error::usage(format!("{pool:?} is not an address")))?)?),
        None => None,
    };
    let (state, named) = (other.as_ref().unwrap_or(state), named.split_once('/').map_or(named, |(_, named)| named));
    let (resource, wanted) = legs::named_amount(state, named, VOUCHER_DECIMALS)?;
    let name = legs::name(state, resource);
    let max_price = amount::parse(price, state.market.credit_decimals).map_err(|reason| Error::usage(format!("{name}: {reason}")))?;
    Ok((name, LineSpec { pool: state.address, resource, wanted, max_price }))
}
