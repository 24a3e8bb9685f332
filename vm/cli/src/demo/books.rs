//! Everything that must add up, read from the accounts.

use hmm_client::{
    PoolState, address,
    generated::accounts::{Job, VerifierSet, Worker},
};
use hmm_math::{Curve, Kappa, Psi, Reserve, Theta};
use hmm_vm::{World, world::keypair};
use solana_address::Address;
use solana_signer::Signer;

use super::people;

/// What somebody holds of something, raw.
#[derive(Clone, PartialEq, Eq)]
pub struct Holding {
    pub holder: &'static str,
    pub asset: String,
    pub raw: u64,
}

/// A vault of the program, and what its owner's account says must be in it, raw credits.
#[derive(Clone)]
pub struct Vault {
    pub holder: &'static str,
    pub balance: u64,
    pub owed: u64,
}

/// The accounts at one moment.
#[derive(Clone)]
pub struct Books {
    /// Supply of the credit mint.
    pub credits: u64,
    pub holdings: Vec<Holding>,
    /// The vaults besides the pool's.
    pub vaults: Vec<Vault>,
    pub pool: Option<PoolBooks>,
}

/// A pool, and the token accounts and mints that belong to it.
#[derive(Clone)]
pub struct PoolBooks {
    pub state: PoolState,
    /// Supply of each resource's vouchers.
    pub vouchers: Vec<u64>,
    /// Supply of the LP mint.
    pub lp_supply: u64,
    /// Balance of the credit vault.
    pub vault: u64,
}

impl Books {
    pub fn read(world: &World) -> Self {
        let vm = &world.vm;
        let pool = (!vm.data(&world.pool).is_empty()).then(|| PoolBooks::read(world));
        let mut assets = vec![("credits".to_owned(), world.credit_mint)];
        if let Some(PoolBooks { state, .. }) = &pool {
            assets.extend(state.resource_names().into_iter().zip(state.pool.voucher_mints));
            assets.push(("shares".to_owned(), state.pool.lp_mint));
        }
        let held = |owner: &Address, mint: &Address| vm.balance(&address::token_account(owner, mint, &address::TOKEN_PROGRAM));
        let mut holdings = Vec::new();
        for (holder, key) in people() {
            for (asset, mint) in &assets {
                holdings.push(Holding { holder, asset: asset.clone(), raw: held(&key.pubkey(), mint) });
            }
        }
        let vaults = vaults(world);
        if let Some(pool) = &pool {
            let all = vaults.iter().map(|vault| (vault.holder, vault.balance));
            let bonus = ("bonus vault", vm.balance(&address::bonus_vault(&world.market)));
            for (holder, raw) in [("pool vault", pool.vault), bonus].into_iter().chain(all) {
                holdings.push(Holding { holder, asset: "credits".to_owned(), raw });
            }
        }
        Self { credits: vm.supply(&world.credit_mint), holdings, vaults, pool }
    }

    /// All credits in the accounts known here.
    pub fn credits_held(&self) -> u64 {
        self.holdings.iter().filter(|held| held.asset == "credits").map(|held| held.raw).sum()
    }

    /// What a holder has of an asset; zero if there is no such account yet.
    pub fn of(&self, holder: &str, asset: &str) -> u64 {
        self.holdings.iter().find(|held| held.holder == holder && held.asset == asset).map_or(0, |held| held.raw)
    }
}

/// What bonds, escrow and stakes hold, and what the program owes out of each.
fn vaults(world: &World) -> Vec<Vault> {
    let vm = &world.vm;
    let workers = [("supplier's vault", "supplier"), ("worker's vault", "worker"), ("no-show's vault", "no-show")];
    let workers = workers.into_iter().map(|(holder, name)| {
        let address = address::worker(&world.pool, &keypair(name).pubkey());
        let owed = |w: Worker| w.bond + w.unbonding + w.reserved + w.payments + w.claimable + w.held.iter().sum::<u64>();
        Vault { holder, balance: vm.balance(&address::bond(&address)), owed: Worker::from_bytes(&vm.data(&address)).map_or(0, owed) }
    });
    let job = super::job(world);
    let owed = |j: Job| j.credits + j.set_aside + j.client_claim;
    let escrow =
        Vault { holder: "escrow", balance: vm.balance(&address::escrow(&job)), owed: Job::from_bytes(&vm.data(&job)).map_or(0, owed) };
    let set = address::verifier_set(&world.market);
    let owed = |s: VerifierSet| s.burn_due + s.verifiers.iter().map(|v| v.stake + v.unbonding + v.earned).sum::<u64>();
    let stakes = Vault {
        holder: "stakes",
        balance: vm.balance(&address::stake_vault(&set)),
        owed: VerifierSet::from_bytes(&vm.data(&set)).map_or(0, owed),
    };
    workers.chain([escrow, stakes]).collect()
}

impl PoolBooks {
    pub fn read(world: &World) -> Self {
        let (vm, state) = (&world.vm, world.state());
        let mints = state.pool.voucher_mints.iter().take(usize::from(state.pool.resource_count));
        Self {
            vouchers: mints.map(|mint| vm.supply(mint)).collect(),
            lp_supply: vm.supply(&state.pool.lp_mint),
            vault: vm.balance(&state.pool.credit_vault),
            state,
        }
    }

    /// The resources as the account has them.
    pub fn reserves(&self) -> Vec<Reserve> {
        (0..self.state.pool.resource_count).filter_map(|i| self.state.reserve(i)).collect()
    }

    /// LP fees that have not dripped into Θ yet.
    pub fn pending(&self) -> u64 {
        let waiting = |r: Reserve| r.windows.pending_cur + r.windows.pending_prev - r.windows.dripped;
        self.reserves().into_iter().map(waiting).sum()
    }

    /// The marginal price of a resource with what has dripped by now; zero before the first deposit.
    pub fn price(&self, mut reserve: Reserve) -> u128 {
        // a price that is not there to be shown stops nothing: the trades have their own checks
        let rotated = reserve.rotate(self.state.slot, self.state.market.risk_window);
        rotated.and_then(|()| reserve.price_floor()).map_or(0, |price| price.0)
    }

    /// κ recomputed from the reserves.
    pub fn kappa(reserve: &Reserve) -> Kappa {
        let (curve, psi, theta): (Curve, Psi, Theta) = (reserve.curve, reserve.psi, reserve.theta);
        curve.kappa(psi, theta)
    }
}
