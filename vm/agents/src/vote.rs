//! A verifier's vote: committed to as a digest, revealed later. Until then it is kept, for a verifier that forgets its salt over a
//! restart is slashed for not revealing.

use std::fmt;

use hmm_attest::digest::{Domain, VerifierCommit};
use hmm_attest::{Hash, Key};
use zeroize::Zeroize;

use crate::judge::Judgement;
use crate::keystore::{Error, Keystore};

/// What is revealed. The salt is not shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Vote {
    /// The seat in the committee.
    pub seat: u8,
    /// 0–10,000.
    pub score: u16,
    /// Information gain, millionths.
    pub delta_i: i64,
    /// Utility gain, millionths.
    pub delta_u: i64,
    /// Secret until the reveal.
    pub salt: Hash,
}

impl fmt::Debug for Vote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Vote { seat, score, delta_i, delta_u, salt: _ } = self;
        write!(f, "Vote {{ seat: {seat}, score: {score}, delta_i: {delta_i}, delta_u: {delta_u}, salt: … }}")
    }
}

/// Bytes of a vote that is kept.
const LENGTH: usize = 1 + 2 + 8 + 8 + 32;

impl Vote {
    /// The vote that follows from a judgement.
    pub fn new(judgement: &Judgement, seat: u8, salt: Hash) -> Vote {
        let Judgement { score, delta_i, delta_u, .. } = *judgement;
        Vote { seat, score, delta_i, delta_u, salt }
    }

    /// What is committed to.
    pub fn commitment(&self, domain: &Domain, round: &Key) -> Hash {
        let Vote { seat, score, delta_i, delta_u, salt } = *self;
        VerifierCommit { round: *round, seat, score, delta_i, delta_u, salt }.digest(domain)
    }

    fn to_bytes(self) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        let parts = [&[self.seat][..], &self.score.to_le_bytes(), &self.delta_i.to_le_bytes(), &self.delta_u.to_le_bytes(), &self.salt];
        bytes.iter_mut().zip(parts.into_iter().flatten()).for_each(|(to, from)| *to = *from);
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Vote> {
        let (seat, rest) = bytes.split_first_chunk::<1>()?;
        let (score, rest) = rest.split_first_chunk()?;
        let (delta_i, rest) = rest.split_first_chunk()?;
        let (delta_u, rest) = rest.split_first_chunk()?;
        Some(Vote {
            seat: seat[0],
            score: u16::from_le_bytes(*score),
            delta_i: i64::from_le_bytes(*delta_i),
            delta_u: i64::from_le_bytes(*delta_u),
            salt: rest.try_into().ok()?,
        })
    }
}

/// The name under which the vote of a round is kept.
fn name(round: &Key) -> String {
    round.iter().fold(String::from("vote/"), |name, byte| name + &format!("{byte:02x}"))
}

impl Keystore {
    /// Keeps a vote until it is revealed. To be called before the commitment is sent: then nothing can be committed to and lost.
    ///
    /// # Errors
    /// [`Error::Exists`] if a vote of the round is kept already: a second one would make the first commitment unrevealable.
    pub fn keep_vote(&mut self, round: &Key, vote: &Vote) -> Result<(), Error> {
        let name = name(round);
        if self.get(&name).is_some() {
            return Err(Error::Exists { what: name });
        }
        let mut bytes = vote.to_bytes();
        let kept = self.put(&name, &bytes);
        bytes.zeroize();
        kept
    }

    /// The vote that is kept of a round.
    ///
    /// # Errors
    /// [`Error::Format`] if something else is kept under its name.
    pub fn vote(&self, round: &Key) -> Result<Option<Vote>, Error> {
        let kept = self.get(&name(round)).map(|bytes| Vote::from_bytes(bytes).ok_or(Error::Format));
        kept.transpose()
    }

    /// Forgets a vote, after the reveal or the end of the round. Returns whether there was one.
    ///
    /// # Errors
    /// Those of writing.
    pub fn forget_vote(&mut self, round: &Key) -> Result<bool, Error> {
        self.remove(&name(round))
    }
}
