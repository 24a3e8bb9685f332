//! The instruction of `hmm_attest::ed25519` before the runtime's own ed25519 program: an honest one goes through, a forged signature
//! never does; and layouts that the runtime lets through without the signature the program needs are refused by `ed25519::check`.

use hmm_attest::digest::{Attestation, Domain};
use hmm_attest::{Hash, Reason, ed25519};
use litesvm::LiteSVM;
use solana_address::Address;
use solana_instruction::{Instruction, error::InstructionError};
use solana_keypair::Keypair;
use solana_message::Message;
use solana_signer::Signer;
use solana_transaction::Transaction;
use solana_transaction_error::TransactionError;

/// `PrecompileError` of the runtime.
const INVALID_KEY: u32 = 0;
const INVALID_SIGNATURE: u32 = 2;

struct Runtime {
    svm: LiteSVM,
    payer: Keypair,
}

impl Runtime {
    fn new() -> Runtime {
        let (mut svm, payer) = (LiteSVM::new(), Keypair::new_from_array([1; 32]));
        svm.airdrop(&payer.pubkey(), 1 << 38).unwrap();
        Runtime { svm, payer }
    }

    /// Runs the instructions; an error of the precompile is its number.
    fn run(&mut self, data: &[&[u8]]) -> Result<(), u32> {
        let instruction = |data: &&[u8]| Instruction { program_id: Address::from(ed25519::PROGRAM), accounts: vec![], data: data.to_vec() };
        let instructions: Vec<Instruction> = data.iter().map(instruction).collect();
        let message = Message::new(&instructions, Some(&self.payer.pubkey()));
        let transaction = Transaction::new(&[&self.payer], message, self.svm.latest_blockhash());
        let result = self.svm.send_transaction(transaction);
        self.svm.expire_blockhash();
        result.map(drop).map_err(|failed| match failed.err {
            TransactionError::InstructionError(_, InstructionError::Custom(code)) => code,
            other => panic!("{other}: {:?}", failed.meta.logs),
        })
    }
}

fn digest() -> Hash {
    let [job, assignment, worker, model_root, input_root, report_digest, output_root, trace_root, measurement] =
        std::array::from_fn(|i| [i as u8; 32]);
    let usage = [5; hmm_attest::RESOURCES];
    Attestation { job, assignment, worker, model_root, input_root, report_digest, output_root, trace_root, measurement, usage }
        .digest(&Domain { program: [1; 32], genesis: [2; 32], market: [3; 32] })
}

fn signer(number: u8) -> Keypair {
    Keypair::new_from_array([number; 32])
}

fn key(keypair: &Keypair) -> [u8; 32] {
    keypair.pubkey().to_bytes()
}

fn sign(keypair: &Keypair, message: &[u8]) -> [u8; 64] {
    keypair.sign_message(message).into()
}

#[test]
fn what_enclaves_sign_is_accepted() {
    let mut runtime = Runtime::new();
    for number in 0..20 {
        let (enclave, message) = (signer(number), if number == 0 { digest() } else { [number; 32] });
        let data = ed25519::data(&key(&enclave), &sign(&enclave, &message), &message);
        runtime.run(&[&data]).unwrap();
        ed25519::check(&ed25519::PROGRAM, 0, &data, &key(&enclave), &message).unwrap();
    }
}

/// Every bit of the signature, and the signatures that attackers try: the layout is right, so only the runtime stands against them.
#[test]
fn forged_signatures_are_refused() {
    let (mut runtime, enclave, other, message) = (Runtime::new(), signer(7), signer(8), digest());
    let honest = sign(&enclave, &message);
    let mut forged: Vec<[u8; 64]> = (0..512)
        .map(|bit| {
            let mut signature = honest;
            signature[bit / 8] ^= 1 << (bit % 8);
            signature
        })
        .collect();
    forged.extend([[0; 64], [0xFF; 64], sign(&other, &message), sign(&enclave, &[9; 32]), sign(&enclave, &[&message[..], &[0]].concat())]);
    forged.push(malleated(&honest));
    // R of the identity, s = 0
    forged.push(std::array::from_fn(|at| u8::from(at == 0)));
    for signature in forged {
        let data = ed25519::data(&key(&enclave), &signature, &message);
        ed25519::check(&ed25519::PROGRAM, 0, &data, &key(&enclave), &message).unwrap();
        assert_eq!(runtime.run(&[&data]), Err(INVALID_SIGNATURE), "{signature:?}");
    }
    // beside an honest one
    let honest = ed25519::data(&key(&enclave), &honest, &message);
    let forged = ed25519::data(&key(&enclave), &[1; 64], &message);
    runtime.run(&[&honest, &honest]).unwrap();
    assert_eq!(runtime.run(&[&honest, &forged]), Err(INVALID_SIGNATURE));
    assert_eq!(runtime.run(&[&forged, &honest]), Err(INVALID_SIGNATURE));
}

/// The same point with s + L in place of s, where L is the order of the group: a second signature of the same message, were it taken.
fn malleated(signature: &[u8; 64]) -> [u8; 64] {
    let order: [u8; 16] = [0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14];
    let (mut malleated, mut carry) = (*signature, 0);
    for at in 0..32 {
        let of_order = *order.get(at).unwrap_or(if at == 31 { &0x10 } else { &0 });
        let sum = u16::from(signature[32 + at]) + u16::from(of_order) + carry;
        malleated[32 + at] = sum as u8;
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    malleated
}

/// A good signature beside another key or message, and keys that are no keys: every byte of what was signed counts.
#[test]
fn other_keys_and_messages_are_refused() {
    let (mut runtime, enclave, message) = (Runtime::new(), signer(7), digest());
    let (public, signature) = (key(&enclave), sign(&enclave, &message));
    for at in 0..32 {
        for flip in [1, 0x80] {
            let (mut other_key, mut other_message) = (public, message);
            other_key[at] ^= flip;
            other_message[at] ^= flip;
            // about half of all 32 bytes are no point of the curve
            let got = runtime.run(&[&ed25519::data(&other_key, &signature, &message)]);
            assert!([Err(INVALID_KEY), Err(INVALID_SIGNATURE)].contains(&got));
            assert_eq!(runtime.run(&[&ed25519::data(&public, &signature, &other_message)]), Err(INVALID_SIGNATURE));
        }
    }
    assert_eq!(runtime.run(&[&ed25519::data(&key(&signer(8)), &signature, &message)]), Err(INVALID_SIGNATURE));
    // keys of small order, for which anybody can make what a careless verifier takes: the identity and the point of order two
    let identity: [u8; 32] = std::array::from_fn(|at| u8::from(at == 0));
    let order_two: [u8; 32] = std::array::from_fn(|at| [0xec, 0xff, 0x7f][usize::from(at > 0) + usize::from(at == 31)]);
    for weak in [identity, order_two, [0; 32]] {
        for r in [identity, order_two, [0; 32]] {
            let signature: [u8; 64] = [r, [0; 32]].concat().try_into().unwrap();
            assert_eq!(runtime.run(&[&ed25519::data(&weak, &signature, &message)]), Err(INVALID_SIGNATURE), "{weak:?} {r:?}");
        }
    }
}

/// The runtime is content with these, though none carries the enclave's signature of the digest in the place where it is looked for.
#[test]
fn what_the_runtime_lets_through_is_checked() {
    let (mut runtime, enclave, attacker, message) = (Runtime::new(), signer(7), signer(8), digest());
    let public = key(&enclave);
    let shown = ed25519::data(&public, &[0; 64], &message).to_vec();
    let own = ed25519::data(&key(&attacker), &sign(&attacker, &message), &message);
    let set = |data: &mut Vec<u8>, fields: &[(usize, u16)]| {
        fields.iter().for_each(|(at, value)| data[*at..*at + 2].copy_from_slice(&value.to_le_bytes()));
    };
    let mut cases: Vec<(Reason, Vec<Vec<u8>>)> = vec![];
    // no signature at all
    cases.push((Reason::DataLength, vec![vec![0, 0]]));
    // the attacker's own, as it is
    cases.push((Reason::Key, vec![own.to_vec()]));
    // the attacker's signature behind what is shown
    let mut behind = shown.clone();
    behind.extend(&own[16..]);
    set(&mut behind, &[(2, 176), (6, 144), (10, 240)]);
    cases.push((Reason::SignatureOffset, vec![behind]));
    // everything read from the attacker's instruction beside it
    let mut beside = shown.clone();
    set(&mut beside, &[(4, 1), (8, 1), (14, 1)]);
    cases.push((Reason::SignatureInstruction, vec![beside, own.to_vec()]));
    // signed by the enclave, but something else
    let other = ed25519::data(&public, &sign(&enclave, &[9; 32]), &[9; 32]);
    cases.push((Reason::Message, vec![other.to_vec()]));
    let mut elsewhere = ed25519::data(&public, &sign(&enclave, &[9; 32]), &message).to_vec();
    elsewhere.extend([9; 32]);
    set(&mut elsewhere, &[(10, 144)]);
    cases.push((Reason::MessageOffset, vec![elsewhere]));
    let mut empty = ed25519::data(&public, &sign(&enclave, b""), &message).to_vec();
    set(&mut empty, &[(12, 0)]);
    cases.push((Reason::MessageSize, vec![empty]));
    // harmless, and refused all the same
    let honest = ed25519::data(&public, &sign(&enclave, &message), &message).to_vec();
    cases.push((Reason::DataLength, vec![[&honest[..], &[0]].concat()]));
    let mut padded = honest.clone();
    padded[1] = 1;
    cases.push((Reason::Padding, vec![padded]));
    for (reason, instructions) in cases {
        let data: Vec<&[u8]> = instructions.iter().map(Vec::as_slice).collect();
        assert_eq!(runtime.run(&data), Ok(()), "{reason:?}");
        let got = ed25519::check(&ed25519::PROGRAM, 0, data[0], &public, &message);
        assert_eq!(got.unwrap_err().reason, reason);
    }
}
