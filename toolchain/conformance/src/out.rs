//! Where suites put what they computed.

/// Folds words into a digest, and keeps them where it was given room.
pub struct Out<'a> {
    digest: u64,
    record: &'a mut [u64],
    used: usize,
}

impl Default for Out<'_> {
    fn default() -> Self {
        Self::recording(&mut [])
    }
}

impl<'a> Out<'a> {
    /// Keeps the words in `record`, as many as fit.
    pub fn recording(record: &'a mut [u64]) -> Self {
        Out { digest: 0x9e37_79b9_7f4a_7c15, record, used: 0 }
    }

    /// Puts out a value.
    #[inline(always)]
    pub fn put(&mut self, value: impl Put) {
        value.put(self);
    }

    #[inline(never)]
    fn word(&mut self, word: u64) {
        self.digest = (self.digest ^ word).wrapping_mul(0xd6e8_feb8_6659_fd93).rotate_left(31);
        if let Some(place) = self.record.get_mut(self.used) {
            *place = word;
        }
        self.used += 1;
    }

    /// The digest of all words so far, in order.
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// How many words were put out.
    pub fn used(&self) -> usize {
        self.used
    }
}

/// A value that can be put out.
pub trait Put {
    /// Puts it out.
    fn put(self, out: &mut Out);
}

macro_rules! put_ints {
    ($($t:ty)*) => {$(
        impl Put for $t {
            #[inline(always)]
            fn put(self, out: &mut Out) {
                out.word(self as u64);
            }
        }
    )*};
}
put_ints!(u8 u16 u32 u64 i8 i16 i32 i64 usize bool);

impl Put for u128 {
    #[inline(always)]
    fn put(self, out: &mut Out) {
        out.word(self as u64);
        out.word((self >> 64) as u64);
    }
}

impl Put for i128 {
    #[inline(always)]
    fn put(self, out: &mut Out) {
        (self as u128).put(out);
    }
}

impl Put for core::cmp::Ordering {
    #[inline(always)]
    fn put(self, out: &mut Out) {
        (self as i8).put(out);
    }
}

impl<T: Put> Put for Option<T> {
    #[inline(always)]
    fn put(self, out: &mut Out) {
        match self {
            None => out.word(0),
            Some(value) => {
                out.word(1);
                value.put(out);
            }
        }
    }
}

impl<A: Put, B: Put> Put for (A, B) {
    #[inline(always)]
    fn put(self, out: &mut Out) {
        self.0.put(out);
        self.1.put(out);
    }
}

impl<T: Put, const N: usize> Put for [T; N] {
    #[inline(always)]
    fn put(self, out: &mut Out) {
        for value in self {
            value.put(out);
        }
    }
}

/// Eight bytes at a time, then the rest one by one.
impl Put for &[u8] {
    #[inline(always)]
    fn put(self, out: &mut Out) {
        let (words, rest) = self.as_chunks::<8>();
        for word in words {
            out.word(u64::from_le_bytes(*word));
        }
        for byte in rest {
            out.word(*byte as u64);
        }
    }
}
