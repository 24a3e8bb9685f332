//! Where the demo plays: each step is one transaction, with the books before and after it and what must hold after every step.

use hmm_client::HmmEvent;
use hmm_math::MINIMUM_SHARES;
use hmm_vm::{Receipt, World};
use solana_instruction::Instruction;
use solana_keypair::Keypair;

use super::{
    books::{Books, PoolBooks, Vault},
    check::Checks,
    step::{Step, moved, resources},
};
use crate::{
    number::Wide,
    refusal::{self, Asked, Refusal},
};

/// The story cannot go on: a transaction was refused, or went through that should not have.
pub struct Stopped;

/// A step that went through.
pub struct Played {
    pub before: Books,
    pub after: Books,
    pub receipt: Receipt,
}

impl Played {
    /// By how much a holder's balance grew.
    pub fn gain(&self, holder: &str, asset: &str) -> i128 {
        i128::from(self.after.of(holder, asset)) - i128::from(self.before.of(holder, asset))
    }
}

pub struct Stage {
    pub world: World,
    pub steps: Vec<Step>,
    /// Credits that were minted, and those the program said it burned.
    minted: u64,
    burned: u64,
}

impl Stage {
    pub fn new(world: World) -> Self {
        Self { world, steps: Vec::new(), minted: 0, burned: 0 }
    }

    /// The checks of the last step.
    pub fn checks(&mut self) -> &mut Checks {
        &mut self.last_mut().checks
    }

    /// Credits that this step mints.
    pub fn mints(&mut self, raw: u64) {
        self.minted += raw;
    }

    /// Sends one transaction, which must go through.
    pub fn play(&mut self, name: &'static str, title: &str, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Played, Stopped> {
        let before = Books::read(&self.world);
        let receipt = match self.world.vm.send(instructions, signers) {
            Ok(receipt) => receipt,
            Err(failure) => {
                self.steps.push(Step::failed(name, title, &failure));
                return Err(Stopped);
            }
        };
        for event in &receipt.events {
            self.burned += match event {
                HmmEvent::FeesCollected(event) => event.burned,
                HmmEvent::AssignmentEnded(event) => event.burned,
                _ => 0,
            };
        }
        let after = Books::read(&self.world);
        self.push(name, title, receipt.compute_units, &before, &after);
        Ok(Played { before, after, receipt })
    }

    /// Sends one transaction, which must be refused and change nothing.
    pub fn refuse(
        &mut self,
        name: &'static str,
        title: &str,
        asked: &Asked,
        instruction: Instruction,
        signer: &Keypair,
    ) -> Result<Refusal, Stopped> {
        let before = Books::read(&self.world);
        let pool = self.world.vm.data(&self.world.pool);
        let failure = match self.world.vm.send(&[instruction], &[signer]) {
            Err(failure) => failure,
            Ok(receipt) => {
                self.push(name, title, receipt.compute_units, &before, &Books::read(&self.world));
                self.checks().equal("transactions that went through", 1, 0);
                return Err(Stopped);
            }
        };
        let after = Books::read(&self.world);
        self.push(name, title, refusal::compute_units(&failure.logs), &before, &after);
        let unchanged = u8::from(pool == self.world.vm.data(&self.world.pool) && before.holdings == after.holdings);
        self.checks().equal("the pool's account and every balance are what they were", unchanged, 1);
        Ok(Refusal::of(failure.code(), &failure.error.to_string(), &failure.logs, asked))
    }

    /// The last step.
    pub fn last(&self) -> &Step {
        self.steps.last().expect("a step was played")
    }

    pub fn last_mut(&mut self) -> &mut Step {
        self.steps.last_mut().expect("a step was played")
    }

    /// Ends the story at the last step, for a reason.
    pub fn stop(&mut self, reason: &str) -> Stopped {
        self.last_mut().error = Some(reason.to_owned());
        Stopped
    }

    fn push(&mut self, name: &'static str, title: &str, compute_units: u64, before: &Books, after: &Books) {
        let mut checks = Checks::default();
        self.standing(&mut checks, before, after);
        self.steps.push(Step {
            name,
            title: title.to_owned(),
            compute_units,
            checks: checks.standing(),
            moved: moved(before, after),
            resources: resources(before, after),
            quote: None,
            refusal: None,
            error: None,
        });
    }

    /// What holds after every step.
    fn standing(&self, checks: &mut Checks, before: &Books, after: &Books) {
        checks.equal("credit supply = minted − burned", after.credits, self.minted - self.burned);
        checks.equal("credits in all accounts = credit supply", after.credits_held(), after.credits);
        let [balances, owed] =
            [|vault: &Vault| vault.balance, |vault: &Vault| vault.owed].map(|of| after.vaults.iter().map(of).collect::<Vec<u64>>());
        checks.all_equal("bonds, escrow, stakes = what is owed out of them", &balances, &owed);
        let Some(now) = &after.pool else { return };
        let pool = &now.state.pool;
        let count = usize::from(pool.resource_count);
        if count == 0 {
            return;
        }

        let numbers = pool.psi.iter().zip(&pool.in_jobs);
        let backed: Vec<u64> = now.vouchers.iter().zip(numbers).map(|(supply, (psi, in_jobs))| supply + psi + in_jobs).collect();
        checks.all_equal("voucher supply + psi + in_jobs = issued", &backed, &pool.issued[..count]);

        let theta: u64 = pool.theta.iter().sum();
        let owed = theta + now.pending() + pool.burn_due + pool.treasury_due;
        checks.equal("vault = Σ theta + pending + burn_due + treasury_due", now.vault, owed);

        let locked = if pool.shares == 0 { 0 } else { MINIMUM_SHARES };
        checks.equal("LP supply + locked minimum = shares", now.lp_supply + locked, pool.shares);

        let reserves = now.reserves();
        let stored: Vec<Wide> = reserves.iter().map(|r| Wide(r.kappa.0)).collect();
        let computed: Vec<Wide> = reserves.iter().map(|r| Wide(PoolBooks::kappa(r).0)).collect();
        if pool.shares != 0 {
            checks.all_equal("kappa = K(psi, theta)", &stored, &computed);
        }

        let Some(then) = before.pool.as_ref().filter(|then| then.state.pool.shares != 0) else { return };
        if then.state.pool.shares == pool.shares {
            let earlier: Vec<Wide> = then.reserves().iter().map(|r| Wide(r.kappa.0)).collect();
            checks.all_at_least("kappa does not fall", &stored, &earlier);
        } else {
            // Shares were minted or burned: what a share owns of each side does not fall, compared without dividing.
            let sides = |books: &PoolBooks, supply: u64| -> Vec<u128> {
                let sides = books.reserves().into_iter().flat_map(|r| [r.psi.0, r.theta.0]);
                sides.map(|side| u128::from(side) * u128::from(supply)).collect()
            };
            checks.all_at_least("reserves per share do not fall", &sides(now, then.state.pool.shares), &sides(then, pool.shares));
        }
    }
}
