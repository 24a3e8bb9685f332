/// What [`hash`] returns.
pub type Hash = [u8; 32];

/// SHA-256 of the concatenation of `parts`: the `sol_sha256` system call on chain, the `sha2` crate elsewhere.
#[inline]
pub fn hash(parts: &[&[u8]]) -> Hash {
    solana_sha256_hasher::hashv(parts).to_bytes()
}
