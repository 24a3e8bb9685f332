//! The digests: SHA-256 of a fixed-width preimage in which every integer is little-endian.
//!
//! Each preimage begins with the same 112 bytes, so that nothing signed for one deployment, ledger or market means anything in
//! another:
//!
//! | offset | bytes | |
//! | --- | --- | --- |
//! | 0 | 16 | the tag of the type, ASCII, filled up with zeros |
//! | 16 | 32 | the program's id |
//! | 48 | 32 | the genesis hash that the market stored |
//! | 80 | 32 | the market's address |
//!
//! A type has one length and a tag of its own: two preimages are equal only if every field of both is.

use crate::{Hash, Key, RESOURCES, hash};

/// Length of a tag.
pub const TAG_LENGTH: usize = 16;
/// Length of what every preimage begins with: tag, program, genesis hash, market.
pub const HEAD_LENGTH: usize = TAG_LENGTH + 32 * 3;

/// Where a digest is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Domain {
    /// The program's id.
    pub program: Key,
    /// The genesis hash that the market stored when it was made.
    pub genesis: Hash,
    /// The market's address.
    pub market: Key,
}

/// A fixed-width field of a preimage.
trait Field {
    const WIDTH: usize;
    type Bytes: AsRef<[u8]>;
    fn bytes(&self) -> Self::Bytes;
}

impl Field for [u8; 32] {
    const WIDTH: usize = 32;
    type Bytes = [u8; 32];
    #[inline(always)]
    fn bytes(&self) -> [u8; 32] {
        *self
    }
}

macro_rules! integers {
    ($($int:ty)*) => {$(
        impl Field for $int {
            const WIDTH: usize = size_of::<$int>();
            type Bytes = [u8; size_of::<$int>()];
            #[inline(always)]
            fn bytes(&self) -> Self::Bytes {
                self.to_le_bytes()
            }
        }
    )*};
}
integers!(u8 u16 i64);

impl Field for [u64; RESOURCES] {
    const WIDTH: usize = 8 * RESOURCES;
    type Bytes = [u8; 8 * RESOURCES];
    #[inline(always)]
    fn bytes(&self) -> Self::Bytes {
        let mut bytes = [0; 8 * RESOURCES];
        for (to, from) in bytes.chunks_exact_mut(8).zip(self) {
            to.copy_from_slice(&from.to_le_bytes());
        }
        bytes
    }
}

macro_rules! digests {
    ($($(#[$doc:meta])* $name:ident = $tag:literal, $length:literal { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }

            impl $name {
                /// What the preimage begins with.
                pub const TAG: [u8; TAG_LENGTH] = *$tag;
                /// Length of the preimage.
                pub const LENGTH: usize = HEAD_LENGTH $(+ <$type as Field>::WIDTH)*;

                #[inline(always)]
                fn with_parts<R>(&self, domain: &Domain, f: impl FnOnce(&[&[u8]]) -> R) -> R {
                    f(&[&Self::TAG, &domain.program, &domain.genesis, &domain.market, $(self.$field.bytes().as_ref(),)*])
                }

                /// The digest.
                #[inline]
                pub fn digest(&self, domain: &Domain) -> Hash {
                    self.with_parts(domain, hash)
                }

                /// What the digest is the SHA-256 of.
                #[cfg(feature = "std")]
                pub fn preimage(&self, domain: &Domain) -> std::vec::Vec<u8> {
                    self.with_parts(domain, |parts| parts.concat())
                }
            }

            const _: () = assert!($name::LENGTH == $length, "the length that the documentation tells");
        )*

        /// The tag of every type.
        pub const TAGS: &[[u8; TAG_LENGTH]] = &[$($name::TAG,)*];
    };
}

digests! {
    /// What a worker's enclave signs when a job is done. 464 bytes.
    ///
    /// | offset | bytes | |
    /// | --- | --- | --- |
    /// | 0 | 112 | head, tag `hmm:attestation` |
    /// | 112 | 32 | job |
    /// | 144 | 32 | assignment |
    /// | 176 | 32 | worker |
    /// | 208 | 32 | model root |
    /// | 240 | 32 | input root |
    /// | 272 | 32 | report digest |
    /// | 304 | 32 | output root |
    /// | 336 | 32 | trace root |
    /// | 368 | 32 | measurement |
    /// | 400 | 8 × 8 | usage, u64 per resource |
    Attestation = b"hmm:attestation\0", 464 {
        /// The job's address.
        job: Key,
        /// The assignment's address.
        assignment: Key,
        /// The worker's address.
        worker: Key,
        /// Root of the model, as the job was opened with.
        model_root: Hash,
        /// Root of the input, as the job was opened with.
        input_root: Hash,
        /// Digest of the report.
        report_digest: Hash,
        /// Root of the output.
        output_root: Hash,
        /// Root of the trace that chunks are proven from in a challenge.
        trace_root: Hash,
        /// What the enclave runs. A hardware measurement of another length is hashed to 32 bytes.
        measurement: Hash,
        /// Raw units used, per resource of the pool.
        usage: [u64; RESOURCES],
    }

    /// What a verifier commits to before anyone reveals. 195 bytes.
    ///
    /// The seat is a part of it: a commitment that another seat copied cannot be revealed there.
    ///
    /// | offset | bytes | |
    /// | --- | --- | --- |
    /// | 0 | 112 | head, tag `hmm:commit` |
    /// | 112 | 32 | round |
    /// | 144 | 1 | seat, u8 |
    /// | 145 | 2 | score, u16 |
    /// | 147 | 8 | ΔI, i64 |
    /// | 155 | 8 | ΔU, i64 |
    /// | 163 | 32 | salt |
    VerifierCommit = b"hmm:commit\0\0\0\0\0\0", 195 {
        /// The round's address.
        round: Key,
        /// The seat in the committee.
        seat: u8,
        /// 0–10,000.
        score: u16,
        /// Information gain, fixed point.
        delta_i: i64,
        /// Utility gain, fixed point.
        delta_u: i64,
        /// Secret until the reveal.
        salt: Hash,
    }

    /// One enclave key of the registry; its digest is the data of the leaf. 280 bytes.
    ///
    /// The worker is a part of it: leaves are public, and capacity attested for one worker must not back what another one sells.
    ///
    /// | offset | bytes | |
    /// | --- | --- | --- |
    /// | 0 | 112 | head, tag `hmm:enclave` |
    /// | 112 | 32 | worker |
    /// | 144 | 32 | measurement |
    /// | 176 | 32 | key |
    /// | 208 | 8 × 8 | raw capacity, u64 per resource |
    /// | 272 | 8 | expiry, i64 |
    EnclaveLeaf = b"hmm:enclave\0\0\0\0\0", 280 {
        /// The worker's address (of one pool and owner).
        worker: Key,
        /// What the enclave runs, as in [`Attestation`].
        measurement: Hash,
        /// The enclave's ed25519 key.
        key: Key,
        /// Raw capacity, per resource of the worker's pool.
        capacity: [u64; RESOURCES],
        /// When the key ceases to be valid, in unix seconds.
        expiry: i64,
    }
}
