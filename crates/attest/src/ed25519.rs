//! The instruction of the ed25519 program in which a key signs one [digest](crate::digest).
//!
//! The runtime checks the signature when it runs that instruction; here it is checked that the instruction says what the program
//! needs it to say. The runtime accepts offsets that point anywhere, into other instructions too, no signature at all, several, any
//! padding and trailing bytes; here one layout alone is accepted, the one that the usual clients write:
//!
//! | offset | bytes | |
//! | --- | --- | --- |
//! | 0 | 1 | number of signatures: 1 |
//! | 1 | 1 | padding: 0 |
//! | 2 | 2 | offset of the signature: 48 |
//! | 4 | 2 | instruction of the signature: 0xFFFF, this one |
//! | 6 | 2 | offset of the key: 16 |
//! | 8 | 2 | instruction of the key: 0xFFFF |
//! | 10 | 2 | offset of the message: 112 |
//! | 12 | 2 | size of the message: 32 |
//! | 14 | 2 | instruction of the message: 0xFFFF |
//! | 16 | 32 | key |
//! | 48 | 64 | signature: the runtime's to check |
//! | 112 | 32 | message |

use crate::{Hash, Key, Reason, Result};

/// `Ed25519SigVerify111111111111111111111111111`.
pub const PROGRAM: Key = [
    3, 125, 70, 214, 124, 147, 251, 190, 18, 249, 66, 143, 131, 141, 64, 255, 5, 112, 116, 73, 39, 244, 138, 100, 252, 202, 112, 68, 128,
    0, 0, 0,
];
/// Length of the data.
pub const LENGTH: usize = 144;

/// The first 16 bytes of the data.
pub const HEADER: [u8; 16] = [1, 0, 48, 0, 0xFF, 0xFF, 16, 0, 0xFF, 0xFF, 112, 0, 32, 0, 0xFF, 0xFF];

/// The rule of every byte of the header: a field of two bytes stands twice.
const RULES: [Reason; 16] = [
    Reason::SignatureCount,
    Reason::Padding,
    Reason::SignatureOffset,
    Reason::SignatureOffset,
    Reason::SignatureInstruction,
    Reason::SignatureInstruction,
    Reason::KeyOffset,
    Reason::KeyOffset,
    Reason::KeyInstruction,
    Reason::KeyInstruction,
    Reason::MessageOffset,
    Reason::MessageOffset,
    Reason::MessageSize,
    Reason::MessageSize,
    Reason::MessageInstruction,
    Reason::MessageInstruction,
];

/// Checks that an instruction is the ed25519 program's, over exactly `message`, by exactly `key`, in the canonical layout.
///
/// `program`, `accounts` (their number) and `data` are those of the instruction; it has to be one of the transaction that is being
/// executed, as the instructions sysvar tells it: then the runtime has checked, or will check, the signature.
///
/// # Errors
/// The first rule that is broken, in the order: program, accounts, data too short for a header, the fields of the header, exact
/// length, key, message.
pub fn check(program: &Key, accounts: usize, data: &[u8], key: &Key, message: &Hash) -> Result<()> {
    Reason::Program.unless_equal(&PROGRAM, program)?;
    if accounts != 0 {
        return Err(Reason::Accounts.refuse(0, accounts as u64));
    }
    let length = Reason::DataLength.refuse(LENGTH as u64, data.len() as u64);
    let (header, rest) = data.split_first_chunk::<16>().ok_or(length)?;
    if *header != HEADER {
        return Err(header_refusal(header));
    }
    let (found_key, rest) = rest.split_first_chunk::<32>().ok_or(length)?;
    let (_signature, rest) = rest.split_first_chunk::<64>().ok_or(length)?;
    let found_message: &Hash = rest.try_into().map_err(|_| length)?;
    Reason::Key.unless_equal(key, found_key)?;
    Reason::Message.unless_equal(message, found_message)
}

/// The first field of a header that is not the canonical one.
#[cold]
fn header_refusal(header: &[u8; 16]) -> crate::Refusal {
    let value = |bytes: &[u8; 16], rule| {
        let field = bytes.iter().zip(RULES).filter(|(_, of)| *of == rule);
        field.rev().fold(0, |value, (byte, _)| value << 8 | u64::from(*byte))
    };
    let differs = header.iter().zip(HEADER).zip(RULES).find(|((found, expected), _)| *found != expected);
    let rule = differs.map_or(Reason::DataLength, |(_, rule)| rule);
    rule.refuse(value(&HEADER, rule), value(header, rule))
}

/// The data of the instruction, for clients.
pub fn data(key: &Key, signature: &[u8; 64], message: &Hash) -> [u8; LENGTH] {
    let mut data = [0; LENGTH];
    let parts = HEADER.iter().chain(key).chain(signature).chain(message);
    data.iter_mut().zip(parts).for_each(|(to, from)| *to = *from);
    data
}
