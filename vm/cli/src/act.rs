//! Somebody who does something somewhere: what most commands of the settlement begin with.

use clap::Args;
use hmm_client::PoolState;
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    error::Result,
    place::{NetworkFees, Place, Wallet},
    receipt::Receipt,
    refusal::Asked,
    session::{Need, Session},
};

#[derive(Args)]
pub struct Act {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    wallet: Wallet,
    #[command(flatten)]
    fees: NetworkFees,
}

/// Who looks, and where: of a command that sends nothing.
#[derive(Args)]
pub struct Look {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    wallet: Wallet,
}

pub struct Actor {
    pub signer: Keypair,
    pub session: Session,
}

impl Act {
    pub fn open(&self) -> Result<Actor> {
        Ok(Actor { signer: self.wallet.keypair(&self.place)?, session: self.place.open_to_send(&self.fees)? })
    }
}

impl Look {
    pub fn open(&self) -> Result<Session> {
        self.place.open()
    }

    /// The signer's address.
    pub fn me(&self) -> Result<Address> {
        Ok(self.wallet.keypair(&self.place)?.pubkey())
    }
}

impl Actor {
    pub fn me(&self) -> Address {
        self.signer.pubkey()
    }

    /// Sends an instruction on the signer's own accounts of these mints; see [`Session::send`].
    pub fn send(&mut self, state: &PoolState, asked: &Asked, needs: &[Need], instruction: Instruction) -> Result<Receipt> {
        Ok(Receipt::new(state, self.session.send(&self.signer, asked, needs, instruction)?))
    }

    /// Sends an instruction that pays to somebody's accounts of these mints.
    pub fn push(&mut self, state: &PoolState, asked: &Asked, to: &Address, needs: &[Need], instruction: Instruction) -> Result<Receipt> {
        self.session.open(&self.signer, to, asked, needs)?;
        Ok(Receipt::new(state, self.session.send_all(&self.signer, asked, &[instruction])?))
    }
}
