//! The conformance program on the VM against the same source on the host: does the toolchain compile what was written?
//!
//! Needs `target/deploy/conformance.so` (`toolchain/build.sh toolchain/conformance`). Random cases come from a fixed seed;
//! `CONFORMANCE_SEED` sets another, `CONFORMANCE_CASES` the number of random cases of the integer suite.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use conformance::hmm_math::{Curve, Psi, Theta};
use conformance::{HEADER, Out, SCRATCH, aborts};
use litesvm::LiteSVM;
use serde_json::Value;
use solana_account::Account;
use solana_address::Address;
use solana_compute_budget::compute_budget::ComputeBudget;
use solana_instruction::{AccountMeta, Instruction, error::InstructionError};
use solana_keypair::Keypair;
use solana_message::Message;
use solana_signer::Signer;
use solana_transaction::Transaction;
use solana_transaction_error::TransactionError;

// --- both sides

struct Vm {
    svm: LiteSVM,
    payer: Keypair,
    program: Address,
    buffer: Address,
}

impl Vm {
    fn new() -> Vm {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/deploy/conformance.so");
        let so = std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}; run toolchain/build.sh toolchain/conformance"));
        let budget = ComputeBudget { compute_unit_limit: 1 << 40, ..ComputeBudget::new_with_defaults(false) };
        let mut svm = LiteSVM::new().with_compute_budget(budget).with_sigverify(false).with_transaction_history(0);
        let (payer, program, buffer) = (Keypair::new(), Address::new_unique(), Address::new_unique());
        svm.airdrop(&payer.pubkey(), 1 << 38).unwrap();
        svm.add_program(program, &so).unwrap();
        Vm { svm, payer, program, buffer }
    }

    /// Runs the program on the buffer; returns the compute units used.
    fn run(&mut self, buffer: &mut [u64]) -> Result<u64, TransactionError> {
        let data = buffer.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.svm.set_account(self.buffer, Account { lamports: 1 << 38, data, owner: self.program, ..Default::default() }).unwrap();
        let instruction = Instruction { program_id: self.program, accounts: vec![AccountMeta::new(self.buffer, false)], data: vec![] };
        let message = Message::new(&[instruction], Some(&self.payer.pubkey()));
        let transaction = Transaction::new(&[&self.payer], message, self.svm.latest_blockhash());
        let done = self.svm.send_transaction(transaction).map_err(|failed| failed.err)?;
        let account = self.svm.get_account(&self.buffer).unwrap();
        for (word, bytes) in buffer.iter_mut().zip(account.data.chunks_exact(8)) {
            *word = u64::from_le_bytes(bytes.try_into().unwrap());
        }
        Ok(done.compute_units_consumed)
    }
}

fn host(buffer: &mut [u64]) {
    conformance::run(buffer, &mut [0; SCRATCH]);
}

/// A buffer for the cases, with room for one digest each or, if recording, for the first case's words.
fn buffer(suite: &str, record: bool, cases: &[Vec<u64>]) -> Vec<u64> {
    let width = cases[0].len();
    let mut words = vec![conformance::number(suite), record as u64, cases.len() as u64, width as u64];
    words.extend(cases.iter().flatten());
    assert_eq!(words.len(), HEADER + width * cases.len(), "cases of one width");
    words.resize(words.len() + if record { 100_000 } else { cases.len() }, 0);
    words
}

/// Both sides, all cases; where they differ, says in which word of which case.
fn compare(suite: &str, cases: &[Vec<u64>]) {
    let mut vm = Vm::new();
    let mut units = 0;
    for cases in cases.chunks(10_000) {
        let (mut on_vm, mut on_host) = (buffer(suite, false, cases), buffer(suite, false, cases));
        units += vm.run(&mut on_vm).unwrap_or_else(|error| panic!("{suite}: {error}"));
        host(&mut on_host);
        if on_vm == on_host {
            continue;
        }
        let results = on_vm.len() - cases.len();
        let wrong =
            (0..cases.len()).find(|case| on_vm[results + case] != on_host[results + case]).expect("the cases themselves have changed");
        let (mut on_vm, mut on_host) = (buffer(suite, true, &cases[wrong..=wrong]), buffer(suite, true, &cases[wrong..=wrong]));
        vm.run(&mut on_vm).unwrap();
        host(&mut on_host);
        let (on_vm, on_host) = (&on_vm[HEADER + cases[0].len()..], &on_host[HEADER + cases[0].len()..]);
        let word = on_vm.iter().zip(on_host).position(|(vm, host)| vm != host).expect("recorded words are equal, digests are not");
        panic!(
            "{suite}: case {:x?}: of {} result words, number {} is {:#x} on the VM and {:#x} on the host",
            cases[wrong],
            on_host[0],
            word as i64 - 1,
            on_vm[word],
            on_host[word]
        );
    }
    println!("{suite}: {} cases agree, {units} compute units", cases.len());
}

// --- cases

/// SplitMix64.
struct Random(u64);

impl Random {
    fn new(suite: &str) -> Random {
        let seed = std::env::var("CONFORMANCE_SEED").map_or(1, |seed| seed.parse().expect("CONFORMANCE_SEED is a number"));
        Random(suite.bytes().fold(seed, |seed, byte| seed.wrapping_mul(0x100_0000_01b3) ^ byte as u64))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ word >> 31
    }

    /// A word of any size, near a power of two, near zero from both sides, or just random.
    fn word(&mut self) -> u64 {
        let (choice, bits) = (self.next() % 8, self.next() % 64);
        let near = (self.next() % 5).wrapping_sub(2);
        match choice {
            0 => near,
            1 => (1_u64 << bits).wrapping_add(near),
            2 => (1_u64 << bits).wrapping_neg().wrapping_add(near),
            3..=5 => self.next() >> bits,
            _ => self.next(),
        }
    }

    fn cases(&mut self, count: usize, width: usize) -> Vec<Vec<u64>> {
        (0..count).map(|_| (0..width).map(|_| self.word()).collect()).collect()
    }
}

/// Both ends of every integer type, their neighbours, and some ordinary numbers.
fn boundaries() -> Vec<u128> {
    let mut all: Vec<u128> = [0, 1, 2, 3, 5, 7, 10, 100, 1_000_000_007, 10_u128.pow(18), 10_u128.pow(38)].into();
    for bits in [7, 8, 15, 16, 31, 32, 63, 64, 65, 96, 127] {
        all.extend([(1 << bits) - 2, (1 << bits) - 1, 1 << bits, (1 << bits) + 1]);
    }
    all.extend(all.clone().iter().map(|value| value.wrapping_neg()));
    all.sort_unstable();
    all.dedup();
    all
}

fn words(value: u128) -> [u64; 2] {
    [value as u64, (value >> 64) as u64]
}

// --- the suites

#[test]
fn integers_at_their_boundaries() {
    let boundaries = boundaries();
    let mut cases = vec![];
    for (number, a) in boundaries.iter().enumerate() {
        for (other, b) in boundaries.iter().enumerate() {
            cases.push([&words(*a)[..], &words(*b), &[((number * 7 + other) % 131) as u64]].concat());
        }
    }
    compare("ints", &cases);
}

#[test]
fn integers_at_random() {
    let count = std::env::var("CONFORMANCE_CASES").map_or(100_000, |count| count.parse().expect("CONFORMANCE_CASES is a number"));
    compare("ints", &Random::new("ints").cases(count, 5));
}

#[test]
fn shifts_by_every_amount() {
    let mut cases: Vec<_> = boundaries().into_iter().map(|a| [&words(a)[..], &[0; 3]].concat()).collect();
    cases.extend(Random::new("shifts").cases(2_000, 5));
    compare("shifts", &cases);
}

#[test]
fn loads_and_stores_below_a_word() {
    let mut cases = vec![vec![0; 8], vec![u64::MAX; 8], vec![0x8080_8080_8080_8080; 8], vec![0x7f7f_7f7f_7f7f_7f7f; 8]];
    cases.extend(Random::new("subword").cases(10_000, 8));
    compare("subword", &cases);
}

#[test]
fn memory_of_every_size_and_alignment() {
    let mut random = Random::new("memory");
    let mut cases = vec![];
    for size in 0..=64 {
        for (source, target) in (0..64).map(|both| (both / 8, both % 8)) {
            cases.push(vec![size, source, target, random.next(), random.next()]);
        }
    }
    compare("arrays", &cases);
    // every distance of an overlapping move, then large sizes
    for size in 0..=64 {
        cases.extend((0..80).map(|distance| vec![size, size % 8, distance / 9, distance, !size]));
    }
    let zero = (1_u64 << 32).next_multiple_of(1_025);
    cases.extend((0..1_025).map(|size| vec![zero + size, size % 8, size % 7, size, size]));
    cases.extend(random.cases(5_000, 5));
    compare("memory", &cases);
}

#[test]
fn calls_arguments_and_aggregates() {
    let mut cases = vec![vec![0; 8], vec![1; 8], vec![u64::MAX; 8], vec![1 << 63; 8]];
    cases.extend(Random::new("calls").cases(10_000, 8));
    compare("calls", &cases);
}

#[test]
fn wide_integers() {
    let mut numbers = vec![];
    for pattern in 0..81 {
        numbers.push([1, 3, 9, 27].map(|place| [0, 1, u64::MAX][pattern / place % 3]));
    }
    for (bit, limb) in (0..256).step_by(37).map(|bit| (bit % 64, bit / 64)) {
        let mut number = [0; 4];
        number[limb] = 1 << bit;
        numbers.push(number);
    }
    let mut cases = vec![];
    for a in &numbers {
        cases.extend(numbers.iter().map(|b| [*a, *b].concat()));
    }
    cases.extend(Random::new("u256").cases(100_000, 8));
    compare("u256", &cases);
    compare("wide", &cases);
}

/// Recursion agrees as deep as the VM goes, and beyond that stops the program instead of going wrong.
#[test]
fn recursion_to_the_limit() {
    let mut vm = Vm::new();
    let mut deepest = None;
    for depth in 0..100 {
        let case = [vec![depth, 0x1234_5678_9abc_def0]];
        let (mut on_vm, mut on_host) = (buffer("depth", true, &case), buffer("depth", true, &case));
        host(&mut on_host);
        match vm.run(&mut on_vm) {
            Ok(_) => {
                assert!(depth == 0 || deepest == Some(depth - 1), "depth {depth} works, a smaller one does not");
                assert_eq!(on_vm, on_host, "depth {depth}");
                deepest = Some(depth);
            }
            Err(error) => assert_eq!(error, aborted(), "depth {depth}"),
        }
    }
    let deepest = deepest.expect("no depth at all works");
    println!("depth: {deepest} nested calls");
    assert!((55..64).contains(&deepest), "the VM allows 64 frames, {deepest} nested calls worked");
}

fn aborted() -> TransactionError {
    TransactionError::InstructionError(0, InstructionError::ProgramFailedToComplete)
}

/// The results, or `None` where the host panicked.
fn host_or_abort(mut buffer: Vec<u64>) -> Option<Vec<u64>> {
    let run = || {
        host(&mut buffer);
        buffer
    };
    catch_unwind(AssertUnwindSafe(run)).ok()
}

/// Both sides abort, or both return the same; and each operation is seen to do both.
#[test]
fn aborts_on_both_sides() {
    let mut vm = Vm::new();
    let mut cases = vec![];
    for (number, (name, bits)) in aborts::TYPES.iter().enumerate() {
        let limit = 1_u128 << (bits - 1);
        let values = [0, 1, 2, 3, *bits as u128 - 1, *bits as u128, limit - 1, limit, limit + 1, u128::MAX - 1, u128::MAX];
        for operation in 0..aborts::OPERATIONS {
            for (a, b) in values.iter().flat_map(|a| values.iter().map(move |b| (*a, *b))) {
                let case = [&[number as u64 * aborts::OPERATIONS + operation][..], &words(a), &words(b)].concat();
                cases.push((format!("{name} operation {operation}"), case));
            }
        }
    }
    for operation in 0..aborts::OTHERS {
        let number = aborts::TYPES.len() as u64 * aborts::OPERATIONS + operation;
        cases.extend([0, 1, 7, 8, 9, 15].map(|word| (format!("other {operation}"), vec![number, word, 0, 0, 0])));
    }

    // thousands of expected panics on the host: quiet, but only in the code that is compared
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.location().is_some_and(|location| location.file() == file!()) {
            report(panic);
        }
    }));
    let mut seen = BTreeMap::<String, (u64, u64)>::new();
    for (name, case) in &cases {
        let mut on_vm = buffer("aborts", false, std::slice::from_ref(case));
        let expected = host_or_abort(on_vm.clone());
        let actual = match vm.run(&mut on_vm) {
            Ok(_) => Some(on_vm),
            Err(error) if error == aborted() => None,
            Err(error) => panic!("{name}, {case:x?}: {error}"),
        };
        assert_eq!(actual.is_some(), expected.is_some(), "{name}, {case:x?}: returned (VM, host)");
        assert_eq!(actual, expected, "{name}, {case:x?}");
        let counts = seen.entry(name.clone()).or_default();
        if expected.is_some() { counts.0 += 1 } else { counts.1 += 1 }
    }
    for (name, (returned, stopped)) in &seen {
        let never_aborts = name.starts_with('u') && name.ends_with("operation 10"); // the square root of an unsigned number
        assert!(*returned > 0 && (*stopped > 0) != never_aborts, "{name}: {returned} cases returned, {stopped} aborted");
    }
    println!("aborts: {} cases agree, {} of them abort", cases.len(), seen.values().map(|counts| counts.1).sum::<u64>());
}

// --- the mathematics

/// The numbers of a vector, in its order; one of more than 64 bits takes as many words as its place has.
fn flatten(name: &str, value: &Value, into: &mut Vec<u64>) {
    const KINDS: [&str; 4] = ["BuyExactIn", "BuyExactOut", "SellExactIn", "SellExactOut"];
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| flatten(name, value, into)),
        Value::Array(items) => {
            into.push(items.len() as u64);
            items.iter().for_each(|value| flatten("", value, into));
        }
        Value::String(kind) if name == "kind" => into.push(KINDS.iter().position(|each| each == kind).expect("a kind of trade") as u64),
        Value::String(number) if matches!(name, "kappa" | "price") => {
            let limbs = conformance::U256::from_str_radix(number, 10).expect("a number of 256 bits").into_limbs();
            into.extend(&limbs[..if name == "price" { 2 } else { 4 }]);
        }
        Value::String(number) => into.push(number.parse().unwrap_or_else(|_| panic!("{name}: {number}"))),
        other => panic!("{name}: {other}"),
    }
}

/// A case and the words expected of it.
type Vector = (Vec<u64>, Vec<u64>);

/// `crates/math/vectors.json`, by suite.
fn vectors() -> BTreeMap<String, Vec<Vector>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/math/vectors.json");
    let sections: BTreeMap<String, Vec<Value>> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let mut suites = BTreeMap::<String, Vec<Vector>>::new();
    for (section, vector) in sections.iter().flat_map(|(section, vectors)| vectors.iter().map(move |vector| (section, vector))) {
        let suite = vector.get("function").and_then(Value::as_str).unwrap_or(section);
        let (mut case, mut expected) = (vec![], vec![]);
        for (name, value) in vector.as_object().unwrap() {
            let outputs = match suite {
                "kappa" => &["kappa"][..],
                "windows" => &["drip", "after", "recent_move"],
                _ => &["result", "error", "fill", "after"],
            };
            match name.as_str() {
                "function" => {}
                "error" => {
                    let reason =
                        conformance::hmm_math::Reason::ALL.iter().find(|reason| reason.name() == value["reason"]).expect("a reason");
                    expected.extend([0, *reason as u64]);
                    flatten("expected", &value["expected"], &mut expected);
                    flatten("found", &value["found"], &mut expected);
                    if suite == "trade" {
                        flatten("reserve", &vector["reserve"], &mut expected); // unchanged
                    }
                }
                "result" | "fill" => {
                    expected.push(1);
                    flatten(if suite == "price" { "price" } else { name }, value, &mut expected);
                }
                name if outputs.contains(&name) => flatten(name, value, &mut expected),
                name => flatten(name, value, &mut case),
            }
        }
        suites.entry(suite.into()).or_default().push((case, expected));
    }
    for vectors in suites.values_mut() {
        let width = vectors.iter().map(|(case, _)| case.len()).max().unwrap();
        vectors.iter_mut().for_each(|(case, _)| case.resize(width, 0));
    }
    suites
}

/// The vectors that all languages share give what they say, on the VM.
#[test]
fn vectors_of_the_mathematics() {
    let mut vm = Vm::new();
    for (suite, vectors) in vectors() {
        let cases: Vec<_> = vectors.iter().map(|(case, _)| case.clone()).collect();
        let mut on_vm = buffer(&suite, false, &cases);
        let start = on_vm.len() - cases.len();
        vm.run(&mut on_vm).unwrap_or_else(|error| panic!("{suite}: {error}"));
        for ((case, expected), digest) in vectors.iter().zip(&on_vm[start..]) {
            let mut out = Out::default();
            expected.iter().for_each(|word| out.put(*word));
            if out.digest() != *digest {
                let mut on_vm = buffer(&suite, true, std::slice::from_ref(case));
                vm.run(&mut on_vm).unwrap();
                let found = &on_vm[HEADER + case.len()..];
                panic!("{suite}: case {case:?}: expected {expected:?}, found {:?}", &found[1..=found[0] as usize]);
            }
        }
        println!("{suite}: {} vectors hold", cases.len());
    }
}

/// A state of the full range: any curve that is valid, reserves of any size.
fn market(random: &mut Random) -> (Vec<u64>, Curve, u64, u64) {
    let weight = random.next() % 1_000_000 + 1;
    let lambda = if random.next().is_multiple_of(4) { 0 } else { random.next() % weight };
    let (a, b) = ((random.next() >> (random.next() % 32) >> 32).max(1), (random.next() >> (random.next() % 32) >> 32).max(1));
    let curve = Curve { weight: weight as u32, lambda: lambda as u32, psi_scale: a as u32, theta_scale: b as u32 };
    (vec![weight, lambda, a, b], curve, random.next() >> (random.next() % 64), random.next() >> (random.next() % 64))
}

/// 100,000 random states and trades agree with the host, and what they cost.
#[test]
fn mathematics_at_random() {
    let mut random = Random::new("mathematics");
    let (mut solves_psi, mut solves_theta, mut prices, mut trades) = (vec![], vec![], vec![], vec![]);
    for number in 0..25_000 {
        let (words, curve, psi, theta) = market(&mut random);
        let kappa = curve.kappa(Psi(psi), Theta(theta)).0.to_limbs();
        // moved by anything between nothing and all
        let mut near = |reserve: u64| {
            reserve.wrapping_add((random.next() >> 1 >> (random.next() % 63)).wrapping_mul(random.next() | 1) % (reserve / 2 + 1))
        };
        let (psi_after, theta_after) = (near(psi), near(theta));
        solves_psi.push([&words[..], &kappa, &[theta_after]].concat());
        solves_theta.push([&words[..], &kappa, &[psi_after]].concat());
        prices.push([&words[..], &[psi, theta]].concat());

        let length = random.next() % 1_000 + 1;
        let slot = random.next() >> (random.next() % 64);
        let pending = random.next() >> 2;
        let windows = [slot / length, random.next() >> 40, random.next() >> 40, pending, pending / 2, pending / 4];
        let fees = [random.next() % 10_000, random.next() % 200_000, 500_000, random.next() % 1_000_001, random.next() % 1_000_001, length];
        let amount = random.next() >> (random.next() % 64);
        trades.push([&words[..], &[psi, theta], &kappa, &[psi / 2, theta / 2], &windows, &[number % 4, amount, slot], &fees].concat());
    }
    compare("solve_psi", &solves_psi);
    compare("solve_theta", &solves_theta);
    compare("price", &prices);
    compare("trade", &trades);
}

/// The compute units of each function alone: those of a case less those of the empty suite.
#[test]
fn cost_of_the_mathematics() {
    let mut vm = Vm::new();
    println!("{:20} {:>7} {:>7} {:>7} {:>7}", "compute units", "least", "median", "p95", "most");
    for (suite, vectors) in vectors() {
        let mut units: Vec<u64> = vectors
            .iter()
            .map(|(case, _)| {
                let case = std::slice::from_ref(case);
                let alone = vm.run(&mut buffer(&suite, false, case)).unwrap();
                alone - vm.run(&mut buffer("nothing", false, case)).unwrap()
            })
            .collect();
        units.sort_unstable();
        let at = |percent: usize| units[(units.len() - 1) * percent / 100];
        println!("{suite:20} {:7} {:7} {:7} {:7}", at(0), at(50), at(95), at(100));
        assert!(at(100) < 200_000, "{suite} does not fit a transaction");
    }
}

// --- traces

fn words_of(bytes: &[u8]) -> Vec<u64> {
    bytes.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().unwrap())).collect()
}

/// A row of `crates/attest/vectors.json`, section `refutation`.
fn refutation(row: &Value) -> Vec<u64> {
    let roots = ["model_root", "input_root", "trace_root", "output_root"].map(|name| hex(&row[name]));
    let number = |name: &str| row[name].as_str().unwrap().parse().unwrap();
    let items: Vec<_> = row["items"].as_array().unwrap().iter().map(hex).collect();
    case_of_refute(&roots, number("depth"), number("link"), &items)
}

fn hex(value: &Value) -> [u8; 32] {
    let text = value.as_str().unwrap();
    std::array::from_fn(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap())
}

fn case_of_refute(roots: &[[u8; 32]; 4], depth: u64, link: u64, items: &[[u8; 32]]) -> Vec<u64> {
    let mut case: Vec<u64> = roots.iter().flat_map(|root| words_of(root)).collect();
    case.extend([depth, link, items.len() as u64]);
    case.extend(items.iter().flat_map(|item| words_of(item)));
    case.resize(conformance::attest::REFUTE, 0);
    case
}

#[test]
fn steps_of_the_network() {
    let mut random = Random::new("step");
    let mut cases: Vec<Vec<u64>> = (0..500).map(|_| (0..8).map(|_| random.next()).collect()).collect();
    cases.extend([0, u64::MAX, 0x8080_8080_8080_8080].map(|word| vec![word; 8]));
    compare("step", &cases);
}

/// The vectors that all languages share, and the longest refutation: what it costs, and that it fits.
#[test]
fn refutations_of_traces() {
    use conformance::hmm_attest::{Reason, merkle::Tree, trace};
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/attest/vectors.json");
    let vectors: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let rows = vectors["refutation"].as_array().unwrap();
    let cases: Vec<_> = rows.iter().map(refutation).collect();
    compare("refute", &cases);

    let mut vm = Vm::new();
    let mut run = |suite: &str, case: &[u64]| {
        let mut on_vm = buffer(suite, true, &[case.to_vec()]);
        let units = vm.run(&mut on_vm).unwrap();
        let start = HEADER + case.len();
        (units, on_vm[start + 1..][..on_vm[start] as usize].to_vec())
    };
    for (row, case) in rows.iter().zip(&cases) {
        let name = row["refusal"].as_str();
        let (_, found) = run("refute", case);
        assert_eq!(found.get(1).map(|code| Reason::ALL[*code as usize].name()), name, "{row}");
    }

    let (model, link) = ([7; 32], 1 << 9);
    let mut states = vec![trace::initial_state(&model, &model)];
    for _ in 1..1 << trace::MAX_DEPTH {
        states.push(trace::step(&model, states.last().unwrap()));
    }
    let output = trace::step(&model, states.last().unwrap());
    states[link as usize] = [9; 32];
    let tree = Tree::new(trace::MAX_DEPTH, &states).unwrap();
    let items = trace::items(&tree, &states, link).unwrap();
    let case = case_of_refute(&[model, model, tree.root(), output], trace::MAX_DEPTH.into(), link.into(), &items);
    let nothing = run("nothing", &case).0;
    let (units, found) = run("refute", &case);
    assert_eq!(found, [1]);
    let (step, _) = run("step", &words_of(&[7; 64]));
    println!("compute units: a step {}, the longest refutation {}", step - run("nothing", &[0; 8]).0, units - nothing);
    assert!(units - nothing < 50_000);
}
