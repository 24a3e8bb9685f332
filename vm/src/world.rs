//! A market with one pool, and the people around it. All keys are fixed, so compute units are too.

use hmm_client::{
    Amounts, HMM_ID, Leg, PoolState, address,
    generated::accounts::Observations,
    generated::instructions::{
        AddResource, AddResourceInstructionArgs, CreatePool, CreatePoolInstructionArgs, InitializeMarket, InitializeMarketInstructionArgs,
        SetBatchTokenCalls, SetBatchTokenCallsInstructionArgs, SetBootstrapMark, SetBootstrapMarkInstructionArgs,
    },
    state, swap, terms,
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_program_pack::Pack;
use solana_signer::Signer;
use spl_token_interface::{instruction::mint_to, state::Mint};

use crate::vm::{Failure, Receipt, TokenFlavour, Vm};

/// A resource of the pool: its name, its first deposit and its curve.
#[derive(Clone, Debug)]
pub struct Resource {
    pub name: &'static str,
    pub weight: u32,
    pub psi_scale: u32,
    pub theta_scale: u32,
    pub min_psi: u64,
    pub min_theta: u64,
    /// First deposit, raw units (6 decimals).
    pub psi: u64,
    /// First deposit, raw credits (9 decimals).
    pub theta: u64,
}

/// What the world begins with.
#[derive(Clone, Debug)]
pub struct WorldConfig {
    pub flavour: TokenFlavour,
    /// λ of the pool.
    pub lambda: u32,
    /// f_m, λ_r, max fee, ζ, LP share: parts per million.
    pub market_fee: u32,
    pub risk_fee: u32,
    pub max_fee: u32,
    pub burn_share: u32,
    pub lp_share: u32,
    /// Slots.
    pub risk_window: u32,
    pub resources: Vec<Resource>,
    /// Raw credits in each person's wallet.
    pub wallet: u64,
}

/// One whole unit of a resource, raw.
pub const UNIT: u64 = 1_000_000;
/// One whole credit, raw.
pub const CREDIT: u64 = 1_000_000_000;

/// A resource whose reference price s = a/b is its first price. One thousandth of a credit a unit is one raw credit a raw unit,
/// so the scale of the units is the price in thousandths.
pub fn resource(name: &'static str, units: u64, price_milli: u32) -> Resource {
    let (psi, theta) = (units * UNIT, units * UNIT * u64::from(price_milli));
    Resource { name, weight: 1_000_000, psi_scale: price_milli, theta_scale: 1, min_psi: UNIT, min_theta: CREDIT / 1_000, psi, theta }
}

impl Default for WorldConfig {
    /// The defaults of protocol.md, and five resources: gpu, vram, cpu, net, disk.
    fn default() -> Self {
        Self {
            flavour: TokenFlavour::PToken,
            lambda: 50_000,
            market_fee: 3_000,
            risk_fee: 100_000,
            max_fee: 100_000,
            burn_share: 250_000,
            lp_share: 800_000,
            risk_window: 150,
            resources: vec![
                resource("gpu", 10_000, 2_500),
                resource("vram", 80_000, 40),
                resource("cpu", 200_000, 50),
                resource("net", 50_000, 20),
                resource("disk", 500_000, 2),
            ],
            wallet: 10_000_000 * CREDIT,
        }
    }
}

/// A market, its pool, its people.
#[derive(Clone)]
pub struct World {
    pub vm: Vm,
    pub config: WorldConfig,
    pub credit_mint: Address,
    pub market: Address,
    pub pool: Address,
    pub treasury: Address,
}

/// A keypair that is the same in every run.
pub fn keypair(name: &str) -> Keypair {
    let mut seed = [7u8; 32];
    for (slot, byte) in seed.iter_mut().zip(name.bytes()) {
        *slot = byte;
    }
    Keypair::new_from_array(seed)
}

/// Decimals of the credit mint.
pub const CREDIT_DECIMALS: u8 = 9;

impl World {
    /// The authority of the market, also its guardian, and the owner of its treasury.
    pub fn authority(&self) -> Keypair {
        keypair("authority")
    }

    /// The creator of the pool, its first provider.
    pub fn creator(&self) -> Keypair {
        keypair("creator")
    }

    /// Somebody with credits, and no vouchers.
    pub fn trader(&self) -> Keypair {
        keypair("trader")
    }

    /// A market without a pool: the credit mint, wallets for the three people above.
    pub fn market_only(config: WorldConfig) -> Self {
        let mut vm = Vm::new(config.flavour);
        let mut clock = vm.clock();
        (clock.slot, clock.unix_timestamp) = (1_000_000, 1_800_000_000);
        vm.svm.set_sysvar(&clock);
        let (authority, mint) = (keypair("authority"), keypair("credit mint"));
        for name in ["authority", "creator", "trader"] {
            vm.svm.airdrop(&keypair(name).pubkey(), 1_000 * CREDIT).expect("lamports");
        }
        let credit_mint = mint.pubkey();
        let rent = vm.svm.minimum_balance_for_rent_exemption(Mint::LEN);
        let token_program = address::TOKEN_PROGRAM;
        let create =
            solana_system_interface::instruction::create_account(&authority.pubkey(), &credit_mint, rent, Mint::LEN as u64, &token_program);
        let initialize =
            spl_token_interface::instruction::initialize_mint2(&token_program, &credit_mint, &authority.pubkey(), None, CREDIT_DECIMALS);
        vm.send(&[create, initialize.expect("a mint")], &[&authority, &mint]).expect("the credit mint");

        let mut world = Self {
            market: address::market(&authority.pubkey(), &credit_mint),
            pool: Address::default(),
            treasury: address::token_account(&authority.pubkey(), &credit_mint, &token_program),
            vm,
            config,
            credit_mint,
        };
        for name in ["authority", "creator", "trader"] {
            world.open_wallet(&keypair(name));
        }
        let initialize = world.initialize_market_ix();
        world.vm.send(&[initialize], &[&authority]).expect("the market");
        if world.config.flavour == TokenFlavour::PToken {
            let batch = world.set_batch_token_calls_ix(true);
            world.vm.send(&[batch], &[&authority]).expect("p-token takes batches");
        }
        world
    }

    /// The instruction that says whether token calls are made as one batch.
    pub fn set_batch_token_calls_ix(&self, batched: bool) -> Instruction {
        SetBatchTokenCalls {
            market: self.market,
            authority: self.authority().pubkey(),
            classic_mint: self.credit_mint,
            token_program: address::TOKEN_PROGRAM,
        }
        .instruction(SetBatchTokenCallsInstructionArgs { batched })
    }

    /// The instruction that creates the market.
    pub fn initialize_market_ix(&self) -> Instruction {
        let (authority, config) = (self.authority().pubkey(), &self.config);
        InitializeMarket {
            authority,
            market: self.market,
            credit_mint: self.credit_mint,
            treasury: self.treasury,
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

    /// Opens somebody's account of credits and fills it with what the configuration says.
    pub fn open_wallet(&mut self, owner: &Keypair) {
        let (authority, token_program) = (self.authority(), self.credit_program());
        let account = address::token_account(&owner.pubkey(), &self.credit_mint, &token_program);
        let create = swap::create_token_account(&authority.pubkey(), &owner.pubkey(), &self.credit_mint, &token_program);
        let amount = self.config.wallet;
        let mint = mint_to(&address::TOKEN_PROGRAM, &self.credit_mint, &account, &authority.pubkey(), &[], amount).expect("an instruction");
        // Token-2022 takes the same instruction
        let mint = Instruction { program_id: token_program, ..mint };
        self.vm.send(&[create, mint], &[&authority]).expect("a wallet of credits");
    }

    /// The token program of the credits.
    pub fn credit_program(&self) -> Address {
        self.vm.svm.get_account(&self.credit_mint).expect("the credit mint").owner
    }

    /// Opens somebody's accounts of every voucher of the pool, and of its shares.
    pub fn open_vouchers(&mut self, owner: &Keypair) {
        let (authority, state) = (self.authority(), self.state());
        let mints = state.pool.voucher_mints.into_iter().take(self.config.resources.len()).chain([state.pool.lp_mint]);
        for mint in mints {
            let create = swap::create_token_account(&authority.pubkey(), &owner.pubkey(), &mint, &address::TOKEN_PROGRAM);
            self.vm.send(&[create], &[&authority]).expect("an account of vouchers");
        }
    }

    /// A market with an empty pool: resources added, vouchers with the creator, no deposit yet.
    pub fn forming(config: WorldConfig) -> Self {
        let mut world = Self::market_only(config);
        world.pool = address::pool(&world.market, 0);
        let creator = world.creator();
        let create = world.create_pool_ix(0);
        world.vm.send(&[create], &[&creator]).expect("the pool");
        for index in 0..world.config.resources.len() {
            let add = world.add_resource_ix(index);
            world.vm.send(&[add], &[&creator]).expect("a resource");
        }
        for owner in [world.creator(), world.trader()] {
            world.open_vouchers(&owner);
        }
        for (index, resource) in (0u8..).zip(world.config.resources.clone()) {
            world.issue(index, resource.psi.saturating_mul(2), &creator);
        }
        world
    }

    /// A market with an active pool.
    pub fn active(config: WorldConfig) -> Self {
        let mut world = Self::forming(config);
        let creator = world.creator();
        let most = world.config.resources.iter().map(|r| Amounts { units: r.psi, credits: r.theta }).collect();
        world.add_liquidity(&creator, most, 1, u64::MAX).expect("the first deposit");
        world
    }

    /// The instruction that creates pool `id`.
    pub fn create_pool_ix(&self, id: u64) -> Instruction {
        let pool = address::pool(&self.market, id);
        CreatePool {
            creator: self.creator().pubkey(),
            market: self.market,
            credit_mint: self.credit_mint,
            pool,
            observations: address::observations(&pool),
            credit_vault: address::credit_vault(&pool),
            lp_mint: address::lp_mint(&pool),
            credit_token_program: address::TOKEN_PROGRAM,
            token_program: address::TOKEN_PROGRAM,
            system_program: address::SYSTEM_PROGRAM,
        }
        .instruction(CreatePoolInstructionArgs {
            lambda: self.config.lambda,
            max_latency_ms: 50,
            privacy_tier: 0,
            region: state::name("us-west").expect("a name"),
        })
    }

    /// The instruction that adds the configuration's resource `index` to the pool.
    pub fn add_resource_ix(&self, index: usize) -> Instruction {
        self.add_series_ix(index, 0)
    }

    /// The same, of a resource that ends.
    pub fn add_series_ix(&self, index: usize, delivery_end: i64) -> Instruction {
        let resource = &self.config.resources[index];
        AddResource {
            pool: self.pool,
            creator: self.creator().pubkey(),
            voucher_mint: address::voucher_mint(&self.pool, u8::try_from(index).expect("an index")),
            token_program: address::TOKEN_PROGRAM,
            system_program: address::SYSTEM_PROGRAM,
        }
        .instruction(AddResourceInstructionArgs {
            name: state::name(resource.name).expect("a name"),
            weight: resource.weight,
            psi_scale: resource.psi_scale,
            theta_scale: resource.theta_scale,
            min_psi: resource.min_psi,
            min_theta: resource.min_theta,
            delivery_end,
        })
    }

    /// The instruction that sets the bootstrap mark of a resource.
    pub fn set_bootstrap_mark_ix(&self, resource: u8, price: u128) -> Instruction {
        SetBootstrapMark {
            market: self.market,
            authority: self.authority().pubkey(),
            pool: self.pool,
            observations: address::observations(&self.pool),
            event_authority: address::event_authority(),
            program: HMM_ID,
        }
        .instruction(SetBootstrapMarkInstructionArgs { resource, price })
    }

    /// The pool and its market now.
    pub fn state(&self) -> PoolState {
        self.vm.pool(&self.pool)
    }

    /// The pool's observations now.
    pub fn observations(&self) -> Observations {
        Observations::from_bytes(&self.vm.data(&address::observations(&self.pool))).expect("observations")
    }

    /// Trades without limits.
    pub fn swap(&mut self, trader: &Keypair, legs: Vec<Leg>) -> Result<Receipt, Failure> {
        let swap = swap::swap(&self.state(), trader.pubkey(), legs, i64::MAX, 0);
        self.vm.send(&[swap], &[trader])
    }

    /// Deposits.
    pub fn add_liquidity(&mut self, provider: &Keypair, most: Vec<Amounts>, min_shares: u64, max_shares: u64) -> Result<Receipt, Failure> {
        let add = hmm_client::liquidity::add(&self.state(), provider.pubkey(), most, min_shares, max_shares, 0);
        self.vm.send(&[add], &[provider])
    }

    /// Withdraws.
    pub fn remove_liquidity(&mut self, provider: &Keypair, shares: u64) -> Result<Receipt, Failure> {
        let least = vec![Amounts { units: 0, credits: 0 }; self.config.resources.len()];
        let remove = hmm_client::liquidity::remove(&self.state(), provider.pubkey(), shares, least, 0);
        self.vm.send(&[remove], &[provider])
    }
}
