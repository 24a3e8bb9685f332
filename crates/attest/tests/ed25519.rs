//! Forged instructions: every rule broken alone, in pairs, and byte by byte. None is accepted, each is refused by the first rule
//! that it breaks. (What the runtime itself checks, the signature, is tested on the virtual machine.)
use hmm_attest::Reason::{self, *};
use hmm_attest::digest::{Domain, VerifierCommit};
use hmm_attest::ed25519::{self, HEADER, LENGTH, PROGRAM};
use hmm_attest::{Hash, Key, Refusal};

const KEY: Key = [0xA1; 32];
const ATTACKER: Key = [0xB2; 32];
const SIGNATURE: [u8; 64] = [0xC3; 64];
const FORGED: Hash = [0xE5; 32];
/// The first byte of every field of the header, with its rule and width.
const FIELDS: [(Reason, usize, usize); 9] = [
    (SignatureCount, 0, 1),
    (Padding, 1, 1),
    (SignatureOffset, 2, 2),
    (SignatureInstruction, 4, 2),
    (KeyOffset, 6, 2),
    (KeyInstruction, 8, 2),
    (MessageOffset, 10, 2),
    (MessageSize, 12, 2),
    (MessageInstruction, 14, 2),
];
/// The order in which rules are looked at.
const ORDER: [Reason; 14] = [
    Program,
    Accounts,
    SignatureCount,
    Padding,
    SignatureOffset,
    SignatureInstruction,
    KeyOffset,
    KeyInstruction,
    MessageOffset,
    MessageSize,
    MessageInstruction,
    DataLength,
    Key,
    Message,
];

const DOMAIN: Domain = Domain { program: [1; 32], genesis: [2; 32], market: [3; 32] };
const SIGNED: VerifierCommit = VerifierCommit { round: [4; 32], seat: 5, score: 6, delta_i: 7, delta_u: 8, salt: [9; 32] };

fn message() -> Hash {
    SIGNED.digest(&DOMAIN)
}

#[derive(Clone)]
struct Instruction {
    program: Key,
    accounts: usize,
    data: Vec<u8>,
}

impl Instruction {
    fn honest() -> Instruction {
        Instruction { program: PROGRAM, accounts: 0, data: ed25519::data(&KEY, &SIGNATURE, &message()).to_vec() }
    }
    fn with(change: impl FnOnce(&mut Instruction)) -> Instruction {
        let mut it = Instruction::honest();
        change(&mut it);
        it
    }
    /// Sets the field that begins at this byte.
    fn set(&mut self, at: usize, value: u16) {
        let width = FIELDS.iter().find(|field| field.1 == at).unwrap().2;
        self.data[at..at + width].copy_from_slice(&value.to_le_bytes()[..width]);
    }
    fn set_all(&mut self, fields: &[(usize, u16)]) {
        fields.iter().for_each(|(at, value)| self.set(*at, *value));
    }
    fn check(&self) -> Result<(), Refusal> {
        ed25519::check(&self.program, self.accounts, &self.data, &KEY, &message())
    }
}

/// A forged instruction, the rules it breaks, and a name for when the test fails.
struct Forged {
    name: String,
    breaks: Vec<Reason>,
    it: Instruction,
}

impl Forged {
    fn new(name: impl Into<String>, breaks: &[Reason], change: impl FnOnce(&mut Instruction)) -> Forged {
        Forged { name: name.into(), breaks: breaks.to_vec(), it: Instruction::with(change) }
    }
    fn verify(&self) {
        let first = ORDER.into_iter().find(|reason| self.breaks.contains(reason)).unwrap();
        let got = self.it.check().expect_err(&self.name);
        assert_eq!(got.reason, first, "{}", self.name);
        assert_ne!(got.expected, got.found, "{}", self.name);
    }
}

fn base58(text: &str) -> Key {
    let alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut key = [0u8; 32];
    for letter in text.chars() {
        let mut carry = alphabet.find(letter).unwrap();
        for byte in key.iter_mut().rev() {
            carry += usize::from(*byte) * 58;
            *byte = carry as u8;
            carry >>= 8;
        }
        assert_eq!(carry, 0);
    }
    key
}

/// Every field, off by one and at every value that could mean something.
fn fields() -> Vec<Forged> {
    let mut forged = Vec::new();
    for (rule, at, width) in FIELDS {
        let honest = if width == 1 { HEADER[at].into() } else { u16::from_le_bytes([HEADER[at], HEADER[at + 1]]) };
        let max = if width == 1 { 0xFF } else { 0xFFFF };
        let mut values = vec![honest.wrapping_add(1), honest.wrapping_sub(1), honest.swap_bytes(), !honest, max];
        values.extend([0, 1, 2, 3, 14, 15, 16, 17, 31, 32, 33, 48, 64, 80, 111, 112, 128, 143, 144, 145, 176, 255, 256, 0x7FFF, 0xFF00]);
        values.iter_mut().for_each(|value| *value &= max);
        values.sort();
        values.dedup();
        for value in values.into_iter().filter(|value| *value != honest & max) {
            forged.push(Forged::new(format!("{rule:?} = {value}"), &[rule], |it| it.set(at, value)));
        }
    }
    forged
}

/// What breaks one rule outside the header.
fn around() -> Vec<Forged> {
    let mut forged = Vec::new();
    for name in [
        "11111111111111111111111111111111",
        "KeccakSecp256k11111111111111111111111111111",
        "Secp256r1SigVerify1111111111111111111111111",
        "Ed25519SigVerify111111111111111111111111112",
        "Sysvar1nstructions1111111111111111111111111",
    ] {
        forged.push(Forged::new(name, &[Program], |it| it.program = base58(name)));
    }
    for accounts in [1, 2, 255, usize::MAX] {
        forged.push(Forged::new(format!("{accounts} accounts"), &[Accounts], |it| it.accounts = accounts));
    }
    for length in 0..LENGTH {
        forged.push(Forged::new(format!("{length} bytes"), &[DataLength], |it| it.data.truncate(length)));
    }
    for more in [1, 2, 14, 16, 32, 96, 128, 144, 1_000] {
        forged.push(Forged::new(format!("{more} more bytes"), &[DataLength], |it| it.data.resize(LENGTH + more, 0)));
    }
    for at in 0..32 {
        forged.push(Forged::new(format!("program[{at}]"), &[Program], |it| it.program[at] ^= 1));
        forged.push(Forged::new(format!("key[{at}]"), &[Reason::Key], |it| it.data[16 + at] ^= 1));
        forged.push(Forged::new(format!("message[{at}]"), &[Message], |it| it.data[112 + at] ^= 1));
    }
    forged.push(Forged::new("another key", &[Reason::Key], |it| it.data[16..48].copy_from_slice(&ATTACKER)));
    forged.push(Forged::new("another message", &[Message], |it| it.data[112..].copy_from_slice(&FORGED)));
    forged
}

/// What an attacker would try: the runtime checks a signature that is good, and the program is to see something else.
fn attacks() -> Vec<Forged> {
    let mut forged = vec![
        Forged::new("no signature at all", &[DataLength], |it| it.data = vec![0, 0]),
        Forged::new("no signature, the rest as it should be", &[SignatureCount], |it| it.set(0, 0)),
        Forged::new("empty", &[DataLength], |it| it.data.clear()),
        Forged::new("two signatures, the second of the attacker", &[SignatureCount, DataLength], |it| {
            let (mut data, second) = (it.data.clone(), ed25519::data(&ATTACKER, &SIGNATURE, &FORGED));
            data[0] = 2;
            data.splice(16..16, second[2..16].iter().copied());
            data.extend(&second[16..]);
            it.data = data;
        }),
        Forged::new("two signatures of the honest length", &[SignatureCount], |it| it.set(0, 2)),
        Forged::new("the same signature twice", &[SignatureCount, DataLength], |it| {
            it.set(0, 2);
            let offsets = it.data[2..16].to_vec();
            it.data.splice(16..16, offsets);
        }),
        Forged::new("room for a second signature", &[DataLength], |it| {
            let offsets = it.data[2..16].to_vec();
            it.data.splice(16..16, offsets);
        }),
        Forged::new("signed message behind the one shown", &[MessageOffset, DataLength], |it| {
            it.set(10, 144);
            it.data.extend(FORGED);
        }),
        Forged::new("signing key behind the one shown", &[KeyOffset, DataLength], |it| {
            it.set(6, 144);
            it.data.extend(ATTACKER);
        }),
        Forged::new("signature behind the one shown", &[SignatureOffset, DataLength], |it| {
            it.set(2, 144);
            it.data.extend(SIGNATURE);
        }),
        Forged::new("a whole second set behind", &[SignatureOffset, KeyOffset, MessageOffset, DataLength], |it| {
            it.set_all(&[(6, 144), (2, 176), (10, 240)]);
            it.data.extend(&ed25519::data(&ATTACKER, &SIGNATURE, &FORGED)[16..]);
        }),
        Forged::new("empty message", &[MessageSize], |it| it.set(12, 0)),
        Forged::new("longer message, digest first", &[MessageSize, DataLength], |it| {
            it.set(12, 64);
            it.data.extend(FORGED);
        }),
        Forged::new("longer message, digest last", &[MessageSize, DataLength, Message], |it| {
            it.set(12, 64);
            it.data.splice(112..112, FORGED);
        }),
        Forged::new("message that holds the signature", &[MessageOffset, MessageSize], |it| it.set_all(&[(10, 48), (12, 96)])),
        Forged::new("message is the key", &[MessageOffset], |it| it.set(10, 16)),
        Forged::new("message is the header", &[MessageOffset], |it| it.set(10, 0)),
        Forged::new("key is the message", &[KeyOffset], |it| it.set(6, 112)),
        Forged::new("key within the signature", &[KeyOffset], |it| it.set(6, 80)),
        Forged::new("signature over the key", &[SignatureOffset], |it| it.set(2, 16)),
        Forged::new("signature over the message", &[SignatureOffset], |it| it.set(2, 80)),
        Forged::new("all offsets the same", &[SignatureOffset, MessageOffset], |it| it.set_all(&[(2, 16), (10, 16)])),
        Forged::new("signature before key", &[SignatureOffset, KeyOffset, Reason::Key], |it| {
            it.set_all(&[(2, 16), (6, 80)]);
            it.data[16..112].rotate_left(32);
        }),
        Forged::new("message before the rest", &[SignatureOffset, KeyOffset, MessageOffset, Reason::Key, Message], |it| {
            it.set_all(&[(10, 16), (6, 48), (2, 80)]);
            it.data[16..].rotate_right(32);
        }),
        Forged::new("offsets without padding", &[Padding], |it| {
            let moved = it.data[2..16].to_vec();
            it.data[1..15].copy_from_slice(&moved);
        }),
        Forged::new("big-endian offsets", &[SignatureOffset, KeyOffset, MessageOffset, MessageSize], |it| {
            [2, 6, 10, 12].iter().for_each(|at| it.data[*at..at + 2].reverse())
        }),
        Forged::new("everything from another instruction", &[SignatureInstruction, KeyInstruction, MessageInstruction], |it| {
            [4, 8, 14].iter().for_each(|at| it.set(*at, 0))
        }),
        Forged::new("another key over another message", &[Reason::Key, Message], |it| {
            it.data = ed25519::data(&ATTACKER, &SIGNATURE, &FORGED).to_vec()
        }),
    ];
    // each of the three and each two of them read from instruction n, as if the honest bytes were only shown
    let parts = [(4, SignatureInstruction), (8, KeyInstruction), (14, MessageInstruction)];
    for n in [0, 1, 2, 63, 0xFFFE] {
        for chosen in 1..8usize {
            let chosen: Vec<_> = parts.iter().enumerate().filter(|(i, _)| chosen >> i & 1 == 1).map(|(_, part)| *part).collect();
            let rules: Vec<Reason> = chosen.iter().map(|part| part.1).collect();
            forged.push(Forged::new(format!("{rules:?} from instruction {n}"), &rules, |it| {
                chosen.iter().for_each(|part| it.set(part.0, n))
            }));
        }
    }
    // the same thing in another market, program, ledger, or another thing
    for other in [
        SIGNED.digest(&Domain { program: [9; 32], ..DOMAIN }),
        SIGNED.digest(&Domain { genesis: [9; 32], ..DOMAIN }),
        SIGNED.digest(&Domain { market: [9; 32], ..DOMAIN }),
        VerifierCommit { seat: 6, ..SIGNED }.digest(&DOMAIN),
    ] {
        forged.push(Forged::new("replayed", &[Message], |it| it.data[112..].copy_from_slice(&other)));
    }
    forged
}

type Change = Box<dyn Fn(&mut Instruction)>;

/// Ways to break each rule that goes together with every other.
fn breakers() -> Vec<(Reason, Change)> {
    let mut breakers: Vec<(Reason, Change)> = vec![
        (Program, Box::new(|it| it.program = ATTACKER)),
        (Accounts, Box::new(|it| it.accounts = 1)),
        (DataLength, Box::new(|it| it.data.extend([0; 32]))),
        (DataLength, Box::new(|it| it.data.truncate(143))),
        (Reason::Key, Box::new(|it| it.data[16..48].copy_from_slice(&ATTACKER))),
        (Message, Box::new(|it| it.data[112..143].copy_from_slice(&FORGED[..31]))),
    ];
    for (rule, at, width) in FIELDS {
        breakers.push((rule, Box::new(move |it| it.data[at] ^= 1)));
        breakers.push((rule, Box::new(move |it| it.data[at + width - 1] ^= 0x80)));
    }
    breakers
}

#[test]
fn the_honest_one_is_accepted() {
    Instruction::honest().check().unwrap();
    assert_eq!(PROGRAM, base58("Ed25519SigVerify111111111111111111111111111"));
    assert_eq!(Instruction::honest().data.len(), LENGTH);
}

#[test]
fn every_rule_alone() {
    let forged: Vec<Forged> = [fields(), around(), attacks()].into_iter().flatten().collect();
    for one in &forged {
        one.verify();
    }
    // distinct layouts, and every rule among them
    let mut layouts: Vec<_> = forged.iter().map(|one| (one.it.program, one.it.accounts, one.it.data.clone())).collect();
    layouts.sort();
    layouts.dedup();
    println!("{} forged layouts, {} distinct", forged.len(), layouts.len());
    assert!(layouts.len() >= 60);
    for rule in ORDER {
        assert!(forged.iter().any(|one| one.breaks == [rule]), "{rule:?}");
    }
}

#[test]
fn every_two_rules() {
    let (breakers, mut count) = (breakers(), 0);
    for (i, (first, change)) in breakers.iter().enumerate() {
        Forged::new(format!("{first:?}"), &[*first], change).verify();
        for (second, other) in breakers.iter().skip(i + 1) {
            let one = Forged::new(format!("{first:?} and {second:?}"), &[*first, *second], |it| {
                change(it);
                other(it);
            });
            one.verify();
            count += 1;
        }
    }
    assert_eq!(count, breakers.len() * (breakers.len() - 1) / 2);
    println!("{count} pairs");
}

/// All 255 other values of every byte of the program's id and of the data: the 64 bytes of the signature are the runtime's to check,
/// everything else is refused by the rule it belongs to.
#[test]
fn every_byte() {
    let mut accepted = 0;
    for at in 0..32 + LENGTH {
        for flip in 1..=u8::MAX {
            let it = Instruction::with(|it| match at {
                0..32 => it.program[at] ^= flip,
                _ => it.data[at - 32] ^= flip,
            });
            let expected = match at {
                0..32 => Program,
                32..48 => FIELDS.iter().rfind(|field| field.1 <= at - 32).unwrap().0,
                48..80 => Reason::Key,
                80..144 => {
                    it.check().unwrap();
                    accepted += 1;
                    continue;
                }
                _ => Message,
            };
            assert_eq!(it.check().unwrap_err().reason, expected, "byte {at} ^ {flip}");
        }
    }
    assert_eq!(accepted, 64 * 255);
}

/// Several bytes at once, and other lengths: nothing but the honest header, key and message is ever accepted.
#[test]
fn random_changes() {
    let mut state = 1u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % below as u64) as usize
    };
    let honest = Instruction::honest().data;
    for _ in 0..200_000 {
        let mut it = Instruction::honest();
        match random(4) {
            0 => it.data.truncate(random(LENGTH + 1)),
            1 => (0..random(40)).for_each(|_| it.data.push(random(256) as u8)),
            _ => {}
        }
        for _ in 0..random(4) {
            let (at, length) = (random(LENGTH), it.data.len());
            if length > 0 {
                it.data[at % length] = [0, 1, 0xFF, random(256) as u8][random(4)];
            }
        }
        let same = it.data.len() == LENGTH && it.data[..48] == honest[..48] && it.data[112..] == honest[112..];
        assert_eq!(it.check().is_ok(), same, "{:?}", it.data);
    }
}

#[test]
fn refusals_tell_what_was_found() {
    for (rule, at, width) in FIELDS {
        let honest = if width == 1 { HEADER[at].into() } else { u16::from_le_bytes([HEADER[at], HEADER[at + 1]]) };
        let value = if width == 1 { 7 } else { 0x1234 };
        let it = Instruction::with(|it| it.set(at, value));
        assert_eq!(it.check(), Err(rule.refuse(honest.into(), value.into())));
    }
    assert_eq!(Instruction::with(|it| it.accounts = 3).check(), Err(Accounts.refuse(0, 3)));
    assert_eq!(Instruction::with(|it| it.data.push(0)).check(), Err(DataLength.refuse(144, 145)));
    assert_eq!(Instruction::with(|it| it.data.truncate(15)).check(), Err(DataLength.refuse(144, 15)));
    assert_eq!(Instruction::with(|it| it.program[5] ^= 1).check(), Err(Program.refuse(32, 5)));
    assert_eq!(Instruction::with(|it| it.data[16] ^= 1).check(), Err(Reason::Key.refuse(32, 0)));
    assert_eq!(Instruction::with(|it| it.data[143] ^= 1).check(), Err(Message.refuse(32, 31)));
}
