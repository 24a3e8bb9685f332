//! Generated from the IDL. Do not edit: run `npm run generate`.

use borsh::BorshDeserialize;

use crate::generated::types::{BootstrapMarkSet, FeesCollected, LiquidityAdded, LiquidityRemoved, Refused, RefusedAccount, Swapped, VouchersIssued};

/// An event of the program.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum HmmEvent {
    BootstrapMarkSet(BootstrapMarkSet),
    FeesCollected(FeesCollected),
    LiquidityAdded(LiquidityAdded),
    LiquidityRemoved(LiquidityRemoved),
    Refused(Refused),
    RefusedAccount(RefusedAccount),
    Swapped(Swapped),
    VouchersIssued(VouchersIssued),
}

const BOOTSTRAP_MARK_SET: [u8; 8] = [148, 149, 18, 31, 115, 226, 32, 254];
const FEES_COLLECTED: [u8; 8] = [233, 23, 117, 225, 107, 178, 254, 8];
const LIQUIDITY_ADDED: [u8; 8] = [154, 26, 221, 108, 238, 64, 217, 161];
const LIQUIDITY_REMOVED: [u8; 8] = [225, 105, 216, 39, 124, 116, 169, 189];
const REFUSED: [u8; 8] = [230, 49, 133, 208, 106, 62, 106, 169];
const REFUSED_ACCOUNT: [u8; 8] = [142, 224, 193, 3, 246, 77, 137, 83];
const SWAPPED: [u8; 8] = [217, 52, 52, 83, 147, 135, 96, 109];
const VOUCHERS_ISSUED: [u8; 8] = [237, 3, 171, 55, 78, 157, 9, 79];

impl HmmEvent {
    /// Decodes an event, discriminator first; `None` if it is none of this program's or is cut short.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (discriminator, mut body) = bytes.split_first_chunk::<8>()?;
        match *discriminator {
            BOOTSTRAP_MARK_SET => BootstrapMarkSet::deserialize(&mut body).ok().map(Self::BootstrapMarkSet),
            FEES_COLLECTED => FeesCollected::deserialize(&mut body).ok().map(Self::FeesCollected),
            LIQUIDITY_ADDED => LiquidityAdded::deserialize(&mut body).ok().map(Self::LiquidityAdded),
            LIQUIDITY_REMOVED => LiquidityRemoved::deserialize(&mut body).ok().map(Self::LiquidityRemoved),
            REFUSED => Refused::deserialize(&mut body).ok().map(Self::Refused),
            REFUSED_ACCOUNT => RefusedAccount::deserialize(&mut body).ok().map(Self::RefusedAccount),
            SWAPPED => Swapped::deserialize(&mut body).ok().map(Self::Swapped),
            VOUCHERS_ISSUED => VouchersIssued::deserialize(&mut body).ok().map(Self::VouchersIssued),
            _ => None,
        }
    }
}
