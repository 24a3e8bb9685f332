//! Every instruction in every shape: a fixed state of the world and the one instruction that is measured on it.

mod jobs;
mod registry;
mod rounds;
mod series;
mod workers;

use hmm_client::{
    Amounts, HMM_ID, Leg, LegKind, address,
    generated::instructions::{
        AcceptAuthority, ClosePool, CollectFees, DescribeMint, DescribeMintInstructionArgs, InitializeMarket,
        InitializeMarketInstructionArgs, Pause, ProposeAuthority, ProposeAuthorityInstructionArgs, Quote, QuoteInstructionArgs,
        SetBurnShare, SetBurnShareInstructionArgs, SetGuardian, SetGuardianInstructionArgs, SetJobTerms, SetJobTermsInstructionArgs,
        SetLpShare, SetLpShareInstructionArgs, SetMarketFee, SetMarketFeeInstructionArgs, SetMaxFee, SetMaxFeeInstructionArgs, SetRiskFee,
        SetRiskFeeInstructionArgs, SetRiskWindow, SetRiskWindowInstructionArgs, SetSupplyTerms, SetSupplyTermsInstructionArgs, SetTreasury,
        SetVerifierTerms, SetVerifierTermsInstructionArgs, Unpause,
    },
    liquidity, swap, terms,
};
use hmm_vm::{
    TokenFlavour, World, WorldConfig,
    world::{CREDIT, keypair, resource},
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_program_runtime::{declare_process_instruction, solana_sbpf::program::BuiltinFunctionDefinition};
use solana_signer::Signer;

/// One measurement: the instruction's name in the IDL, the shape's name, the state, the call.
pub struct Shape {
    pub instruction: &'static str,
    pub name: String,
    pub world: World,
    /// What stands before the call in its transaction.
    pub before: Vec<Instruction>,
    pub call: Instruction,
    pub signer: Keypair,
}

// The token metadata program is not on the embedded VM; this stands at its address, does nothing, and uses one compute unit.
declare_process_instruction!(StandIn, 1, |_context| { Ok(()) });

const METADATA_PROGRAM: Address = Address::from_str_const("metaqbxxUerdq28cj1RbAWkYQm3ybzjb6a8bt518x1s");

/// Resources beyond the five of the default pool.
const MORE: [&str; 3] = ["tpu", "npu", "fpga"];
/// Half of a risk window of the default configuration: later the same trades are in the window before, and half of their fees is due.
const ROTATION: u64 = 75;
/// Two seconds: what is traded was not observed in this second yet.
const SECONDS_SLOTS: u64 = 5;
/// Two days: every minute and hour that a price ring holds has to be written.
const TWO_DAYS_SLOTS: u64 = 2 * 86_400 * 5 / 2;

/// All shapes with one of the token programs.
pub fn all(flavour: TokenFlavour) -> Vec<Shape> {
    let mut shapes = Shapes { flavour, shapes: Vec::new() };
    shapes.trades();
    shapes.liquidity();
    shapes.pools();
    shapes.markets();
    shapes.workers();
    shapes.jobs();
    shapes.verifiers();
    shapes.roots();
    shapes.keys();
    shapes.rounds();
    shapes.disputes();
    shapes.crowds();
    shapes.series();
    shapes.shapes
}

struct Shapes {
    flavour: TokenFlavour,
    shapes: Vec<Shape>,
}

impl Shapes {
    fn push(&mut self, instruction: &'static str, name: impl Into<String>, world: &World, call: Instruction, signer: Keypair) {
        self.shapes.push(Shape { instruction, name: name.into(), world: world.clone(), before: vec![], call, signer });
    }

    /// The default configuration with this many resources.
    fn config(&self, resources: usize) -> WorldConfig {
        let mut config = WorldConfig { flavour: self.flavour, ..WorldConfig::default() };
        config.resources.extend(MORE.map(|name| resource(name, 1_000, 500)));
        config.resources.truncate(resources);
        config
    }

    /// An active pool that is observed for the first time since two seconds.
    fn active(&self, resources: usize) -> World {
        let mut world = World::active(self.config(resources));
        world.vm.warp(SECONDS_SLOTS);
        world
    }

    fn trades(&mut self) {
        let [five, eight] = [5, 8].map(|resources| self.active(resources));
        let (five_rotated, five_unbatched, eight_unbatched) = (rotated(&five), unbatched(&five), unbatched(&eight));
        let [five_observed, five_idle] = [observed(&five), idle(&five)];
        for (world, name, legs) in [
            (&five, "1-leg", legs(&five, LegKind::BuyExactOut, 1)),
            (&five, "2-leg", legs(&five, LegKind::BuyExactOut, 2)),
            (&five, "5-leg", legs(&five, LegKind::BuyExactOut, 5)),
            (&eight, "8-leg", legs(&eight, LegKind::BuyExactOut, 8)),
            (&five, "1-leg-buy-exact-in", legs(&five, LegKind::BuyExactIn, 1)),
            (&five, "1-leg-sell-exact-in", legs(&five, LegKind::SellExactIn, 1)),
            (&five, "1-leg-sell-exact-out", legs(&five, LegKind::SellExactOut, 1)),
            (&five, "5-leg-buy-exact-in", legs(&five, LegKind::BuyExactIn, 5)),
            (&five, "5-leg-sell-exact-in", legs(&five, LegKind::SellExactIn, 5)),
            (&five, "5-leg-sell-exact-out", legs(&five, LegKind::SellExactOut, 5)),
            (&five, "2-leg-exchange", vec![leg(&five, LegKind::SellExactIn, 0), leg(&five, LegKind::BuyExactOut, 1)]),
            (&five_rotated, "1-leg-rotation", legs(&five_rotated, LegKind::BuyExactOut, 1)),
            (&five_rotated, "5-leg-rotation", legs(&five_rotated, LegKind::BuyExactOut, 5)),
            (&five_observed, "1-leg-same-second", legs(&five, LegKind::BuyExactOut, 1)),
            (&five_idle, "1-leg-after-two-days", legs(&five, LegKind::BuyExactOut, 1)),
            (&five_unbatched, "1-leg-unbatched", legs(&five, LegKind::BuyExactOut, 1)),
            (&five_unbatched, "5-leg-unbatched", legs(&five, LegKind::BuyExactOut, 5)),
            (&eight_unbatched, "8-leg-unbatched", legs(&eight, LegKind::BuyExactOut, 8)),
            (&five_unbatched, "1-leg-buy-exact-in-unbatched", legs(&five, LegKind::BuyExactIn, 1)),
        ] {
            let (trader, is_unbatched) = (world.creator(), name.ends_with("unbatched"));
            if is_unbatched && self.flavour == TokenFlavour::SplToken {
                continue; // it always is
            }
            let quote = Quote { market: world.market, pool: world.pool }.instruction(QuoteInstructionArgs { legs: legs.clone() });
            if !is_unbatched {
                self.push("quote", name, world, quote, world.creator());
            }
            let swap = swap::swap(&world.state(), trader.pubkey(), legs, i64::MAX, 0);
            self.push("swap", name, world, swap, trader);
        }
    }

    fn liquidity(&mut self) {
        for resources in [1, 5, 8] {
            let forming = World::forming(self.config(resources));
            let first = forming.config.resources.iter().map(|r| Amounts { units: r.psi, credits: r.theta }).collect();
            self.add_liquidity(format!("{resources}-resource-first"), &forming, first);

            let active = self.active(resources);
            self.both(&active, format!("{resources}-resource"));
            self.both(&rotated(&active), format!("{resources}-resource-rotation"));
            if self.flavour == TokenFlavour::PToken {
                self.both(&unbatched(&active), format!("{resources}-resource-unbatched"));
            }
        }
    }

    /// A later deposit and a withdrawal, of a hundredth of the pool.
    fn both(&mut self, world: &World, name: String) {
        let (state, creator) = (world.state(), world.creator());
        let shares = state.pool.shares / 100;
        let most = liquidity::quote_remove(&state, shares).expect("a part of the pool").amounts;
        self.add_liquidity(name.clone(), world, most);
        let least = vec![Amounts { units: 0, credits: 0 }; world.config.resources.len()];
        let remove = liquidity::remove(&state, creator.pubkey(), shares, least, 0);
        self.push("remove_liquidity", name, world, remove, creator);
    }

    fn add_liquidity(&mut self, name: String, world: &World, most: Vec<Amounts>) {
        let creator = world.creator();
        let add = liquidity::add(&world.state(), creator.pubkey(), most, 1, u64::MAX, 0);
        self.push("add_liquidity", name, world, add, creator);
    }

    fn pools(&mut self) {
        let mut world = World::market_only(self.config(8));
        let (creator, authority) = (world.creator(), world.authority());
        let create = world.create_pool_ix(0);
        self.push("create_pool", "default", &world, create.clone(), world.creator());

        world.vm.send(&[create], &[&creator]).expect("a pool");
        world.pool = address::pool(&world.market, 0);
        self.push("add_resource", "first", &world, world.add_resource_ix(0), world.creator());
        self.push("close_pool", "default", &world, close(&world), world.creator());

        let mut donated = world.clone();
        let (from, vault) =
            (address::token_account(&authority.pubkey(), &world.credit_mint, &address::TOKEN_PROGRAM), address::credit_vault(&world.pool));
        let donation = spl_token_interface::instruction::transfer(&address::TOKEN_PROGRAM, &from, &vault, &authority.pubkey(), &[], CREDIT);
        donated.vm.send(&[donation.expect("an instruction")], &[&authority]).expect("a donation");
        self.push("close_pool", "donated", &donated, close(&donated), donated.creator());

        for index in 0..7 {
            let add = world.add_resource_ix(index);
            world.vm.send(&[add], &[&creator]).expect("a resource");
        }
        self.push("add_resource", "eighth", &world, world.add_resource_ix(7), world.creator());

        let active = self.active(5);
        let mark = active.set_bootstrap_mark_ix(0, 2_500 << 64);
        self.push("set_bootstrap_mark", "default", &active, mark, active.authority());
        let mut stood_in = active.clone();
        stood_in.vm.svm.add_builtin(METADATA_PROGRAM, StandIn::register);
        self.push("describe_mint", "without-metadata-program", &stood_in, describe(&active), active.creator());
        let traded = rotated(&active);
        self.push("collect_fees", "default", &traded, collect(&traded), traded.creator());
    }

    fn markets(&mut self) {
        let world = World::market_only(self.config(5));
        let (market, authority) = (world.market, world.authority().pubkey());
        let other = keypair("other").pubkey();
        let supply = SetSupplyTermsInstructionArgs { terms: terms::supply(CREDIT) };
        let jobs = SetJobTermsInstructionArgs { terms: terms::jobs(CREDIT) };
        let verification = SetVerifierTermsInstructionArgs { terms: terms::verification(CREDIT) };
        for (name, call) in [
            ("set_market_fee", SetMarketFee { market, authority }.instruction(SetMarketFeeInstructionArgs { market_fee: 4_000 })),
            ("set_risk_fee", SetRiskFee { market, authority }.instruction(SetRiskFeeInstructionArgs { risk_fee: 50_000 })),
            ("set_max_fee", SetMaxFee { market, authority }.instruction(SetMaxFeeInstructionArgs { max_fee: 50_000 })),
            ("set_burn_share", SetBurnShare { market, authority }.instruction(SetBurnShareInstructionArgs { burn_share: 200_000 })),
            ("set_lp_share", SetLpShare { market, authority }.instruction(SetLpShareInstructionArgs { lp_share: 700_000 })),
            ("set_risk_window", SetRiskWindow { market, authority }.instruction(SetRiskWindowInstructionArgs { risk_window: 300 })),
            ("set_supply_terms", SetSupplyTerms { market, authority }.instruction(supply)),
            ("set_job_terms", SetJobTerms { market, authority }.instruction(jobs)),
            ("set_verifier_terms", SetVerifierTerms { market, authority }.instruction(verification)),
            ("set_guardian", SetGuardian { market, authority }.instruction(SetGuardianInstructionArgs { guardian: other })),
            ("propose_authority", propose(&world, &world.creator().pubkey())),
            ("pause", Pause { market, signer: authority }.instruction()),
        ] {
            self.push(name, "default", &world, call, world.authority());
        }
        if self.flavour == TokenFlavour::PToken {
            self.push("set_batch_token_calls", "on", &world, world.set_batch_token_calls_ix(true), world.authority());
        }
        self.push("set_batch_token_calls", "off", &world, world.set_batch_token_calls_ix(false), world.authority());
        let treasury = address::token_account(&world.creator().pubkey(), &world.credit_mint, &address::TOKEN_PROGRAM);
        let set_treasury = SetTreasury { market, authority, credit_mint: world.credit_mint, treasury };
        self.push("set_treasury", "default", &world, set_treasury.instruction(), world.authority());
        self.push("initialize_market", "default", &world, initialize_another(&world), world.creator());

        let mut paused = world.clone();
        let authority = world.authority();
        paused.vm.send(&[Pause { market, signer: authority.pubkey() }.instruction()], &[&authority]).expect("a pause");
        self.push("unpause", "default", &paused, Unpause { market, signer: authority.pubkey() }.instruction(), world.authority());

        let (mut proposed, creator) = (world.clone(), world.creator());
        proposed.vm.send(&[propose(&world, &creator.pubkey())], &[&authority]).expect("a proposal");
        let accept = AcceptAuthority { market, pending_authority: creator.pubkey() }.instruction();
        self.push("accept_authority", "default", &proposed, accept, creator);
    }
}

/// A hundredth of the reserve that a leg of this kind names.
fn leg(world: &World, kind: LegKind, resource: u8) -> Leg {
    let (pool, i) = (world.state().pool, usize::from(resource));
    let reserve = match kind {
        LegKind::BuyExactOut | LegKind::SellExactIn => pool.psi[i],
        LegKind::BuyExactIn | LegKind::SellExactOut => pool.theta[i],
    };
    Leg::unlimited(resource, kind, reserve / 100)
}

fn legs(world: &World, kind: LegKind, count: u8) -> Vec<Leg> {
    (0..count).map(|resource| leg(world, kind, resource)).collect()
}

/// The same pool after a trade in every resource and into the next window: moves to age, fees to drip.
fn rotated(world: &World) -> World {
    let mut world = world.clone();
    let (creator, count) = (world.creator(), world.state().pool.resource_count);
    let legs = legs(&world, LegKind::BuyExactOut, count);
    world.swap(&creator, legs).expect("a trade");
    world.vm.warp(ROTATION);
    world
}

/// The same pool, a moment after its first resource was traded.
fn observed(world: &World) -> World {
    let (mut world, creator) = (world.clone(), world.creator());
    let legs = vec![Leg::unlimited(0, LegKind::BuyExactOut, 1)];
    world.swap(&creator, legs).expect("a trade");
    world
}

/// The same pool after two days without a trade.
fn idle(world: &World) -> World {
    let mut world = world.clone();
    world.vm.warp(TWO_DAYS_SLOTS);
    world
}

/// The same pool with a call for every movement of tokens.
fn unbatched(world: &World) -> World {
    let (mut world, authority) = (world.clone(), world.authority());
    let off = world.set_batch_token_calls_ix(false);
    world.vm.send(&[off], &[&authority]).expect("the flag");
    world
}

fn close(world: &World) -> Instruction {
    let pool = world.pool;
    let creator = world.creator().pubkey();
    let (observations, credit_vault) = (address::observations(&pool), address::credit_vault(&pool));
    let (market, credit_mint, credit_token_program) = (world.market, world.credit_mint, address::TOKEN_PROGRAM);
    ClosePool { pool, creator, market, observations, credit_vault, credit_mint, credit_token_program }.instruction()
}

fn describe(world: &World) -> Instruction {
    let mint = address::voucher_mint(&world.pool, 0);
    DescribeMint {
        payer: world.creator().pubkey(),
        pool: world.pool,
        mint,
        metadata: Address::find_program_address(&[b"metadata", METADATA_PROGRAM.as_ref(), mint.as_ref()], &METADATA_PROGRAM).0,
        metadata_program: METADATA_PROGRAM,
        system_program: address::SYSTEM_PROGRAM,
    }
    .instruction(DescribeMintInstructionArgs { resource: 0 })
}

fn collect(world: &World) -> Instruction {
    CollectFees {
        market: world.market,
        pool: world.pool,
        credit_vault: address::credit_vault(&world.pool),
        credit_mint: world.credit_mint,
        treasury: world.treasury,
        credit_token_program: address::TOKEN_PROGRAM,
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction()
}

fn propose(world: &World, proposed: &Address) -> Instruction {
    let (market, authority) = (world.market, world.authority().pubkey());
    ProposeAuthority { market, authority }.instruction(ProposeAuthorityInstructionArgs { proposed: *proposed })
}

/// A second market, of the pool's creator.
fn initialize_another(world: &World) -> Instruction {
    let (authority, config) = (world.creator().pubkey(), &world.config);
    InitializeMarket {
        authority,
        market: address::market(&authority, &world.credit_mint),
        credit_mint: world.credit_mint,
        treasury: world.treasury,
        system_program: address::SYSTEM_PROGRAM,
    }
    .instruction(InitializeMarketInstructionArgs {
        market_fee: config.market_fee,
        risk_fee: config.risk_fee,
        max_fee: config.max_fee,
        burn_share: config.burn_share,
        lp_share: config.lp_share,
        risk_window: config.risk_window,
        guardian: authority,
        genesis_hash: [0; 32],
        supply: terms::supply(CREDIT),
        jobs: terms::jobs(CREDIT),
        verification: terms::verification(CREDIT),
    })
}
