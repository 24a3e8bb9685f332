//! Why something was refused, with what was expected and what was found.

/// What a function of this crate returns.
pub type Result<T> = core::result::Result<T, Refusal>;

/// A refusal. `expected` and `found` mean what [`Reason`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// What would have been accepted.
    pub expected: u64,
    /// What there was.
    pub found: u64,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $message:literal;)*) => {
        /// The reason of a refusal: one for every rule. The numbers are stable. Where 32 bytes are compared, expected is 32 and
        /// found is how many of them agree before the first that does not.
        #[repr(u8)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason { $($(#[$doc])* $name = $code,)* }

        impl Reason {
            /// Every reason, in the order of their numbers.
            pub const ALL: &'static [Reason] = &[$(Reason::$name,)*];

            /// The name of the variant.
            pub const fn name(self) -> &'static str {
                match self { $(Reason::$name => stringify!($name),)* }
            }

            /// One sentence for people.
            pub const fn message(self) -> &'static str {
                match self { $(Reason::$name => $message,)* }
            }
        }
    };
}

reasons! {
    /// 32 bytes.
    Program = 0, "the instruction is not one of the ed25519 program";
    /// Expected: 0. Found: the number of accounts.
    Accounts = 1, "the ed25519 instruction has accounts";
    /// Expected: 144. Found: the length of the data.
    DataLength = 2, "the ed25519 instruction does not have the exact length";
    /// Expected: 1. Found: the number of signatures.
    SignatureCount = 3, "the ed25519 instruction does not hold exactly one signature";
    /// Expected: 0. Found: the byte.
    Padding = 4, "the padding of the ed25519 instruction is not zero";
    /// Expected: 48. Found: the offset.
    SignatureOffset = 5, "the signature is not at its canonical offset";
    /// Expected: 0xFFFF. Found: the index.
    SignatureInstruction = 6, "the signature is read from another instruction";
    /// Expected: 16. Found: the offset.
    KeyOffset = 7, "the key is not at its canonical offset";
    /// Expected: 0xFFFF. Found: the index.
    KeyInstruction = 8, "the key is read from another instruction";
    /// Expected: 112. Found: the offset.
    MessageOffset = 9, "the message is not at its canonical offset";
    /// Expected: 32. Found: the size.
    MessageSize = 10, "the message is not one digest";
    /// Expected: 0xFFFF. Found: the index.
    MessageInstruction = 11, "the message is read from another instruction";
    /// 32 bytes.
    Key = 12, "another key signed";
    /// 32 bytes.
    Message = 13, "something else was signed";
    /// Expected: the greatest depth. Found: the depth.
    Depth = 14, "the Merkle tree is deeper than it may be";
    /// Expected: the largest index. Found: the index (of a builder: the number of leaves less one).
    LeafIndex = 15, "the Merkle tree has no such leaf";
    /// Expected: the depth. Found: the number of hashes.
    ProofLength = 16, "the Merkle proof is not as long as the tree is deep";
    /// 32 bytes.
    Root = 17, "the Merkle proof leads to another root";
    /// Expected: the last link. Found: the link.
    Link = 18, "the trace has no such link";
    /// Expected: at most 31. Found: 32, the bytes in which the state is the right one.
    Honest = 19, "the trace is right at this link";
}

impl Reason {
    /// The refusal with this reason.
    #[inline(always)]
    pub const fn refuse(self, expected: u64, found: u64) -> Refusal {
        Refusal { reason: self, expected, found }
    }

    /// Refuses what is not the 32 bytes expected.
    #[inline]
    pub(crate) fn unless_equal(self, expected: &[u8; 32], found: &[u8; 32]) -> Result<()> {
        if expected == found {
            return Ok(());
        }
        Err(self.refuse(32, expected.iter().zip(found).take_while(|(e, f)| e == f).count() as u64))
    }
}
