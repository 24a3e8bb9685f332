//! The generated pages of `docs/`.

use std::{collections::BTreeSet, fmt::Write};

use hmm_client::{HMM_ID, address};

use crate::{
    Measured, Measurements,
    idl::{Field, Idl, Instruction, struct_of, type_name},
    meter::{FRAMEWORK, Part, call_charge},
};

const NOTICE: &str = "<!-- Written by `make bench`; do not edit. -->\n\n";

impl Measurements {
    /// With p-token.
    fn find(&self, instruction: &str, shape: &str) -> &Measured {
        let is_it = |m: &&Measured| m.units.token_program == "p-token" && m.units.instruction == instruction && m.units.shape == shape;
        self.measured.iter().find(is_it).unwrap_or_else(|| panic!("{instruction} {shape} is measured"))
    }

    fn total(&self, instruction: &str, shape: &str) -> u64 {
        self.find(instruction, shape).units.total
    }

    fn size(&self, name: &str) -> u64 {
        self.sizes.iter().find(|size| size.name == name).map(|size| size.bytes).unwrap_or_else(|| panic!("{name} is measured"))
    }
}

/// 12345 as 12,345.
fn thousands(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What was to be reached, and what is.
pub fn goals(all: &Measurements) -> String {
    let solves = all.find("swap", "1-leg").timeline.parts.iter();
    let solve = solves.filter(|(part, _)| *part == Part::Own("solve".to_owned())).map(|(_, units)| *units).max().unwrap_or_default();
    // With the token calls in a batch, and without.
    let both = |figure: &dyn Fn(&str) -> u64| (figure(""), figure("-unbatched"));
    let of = |instruction: &str, shape: &str| both(&|suffix| all.total(instruction, &format!("{shape}{suffix}")));
    let further = |legs: u64| {
        both(&|suffix| {
            let [first, all] = [1, legs].map(|n| all.total("swap", &format!("{n}-leg{suffix}")));
            (all - first).div_ceil(legs - 1)
        })
    };
    let same = |figure| (figure, figure);
    let one = |instruction: &str, shape: &str| same(all.total(instruction, shape));
    // The larger of two shapes: a settlement with and without a fault, the two halves of a vote.
    let larger = |a: (&str, &str), b: (&str, &str)| same(all.total(a.0, a.1).max(all.total(b.0, b.1)));
    let rows = [
        ("swap, one leg, buy exact-out", of("swap", "1-leg"), 9_000, Some(6_000), "14,418 (x·y = k)"),
        ("swap, one leg, buy exact-in", of("swap", "1-leg-buy-exact-in"), 11_000, Some(7_000), "15,457"),
        ("each further leg, of five", further(5), 5_500, Some(4_500), "none has one"),
        ("each further leg, of eight", further(8), 5_500, Some(4_500), "none has one"),
        ("quote, one leg, with prices before and after", same(all.total("quote", "1-leg")), 6_000, Some(4_500), "none has one"),
        ("add liquidity, one resource", of("add_liquidity", "1-resource"), 9_000, Some(6_000), "10,779"),
        ("remove liquidity, one resource", of("remove_liquidity", "1-resource"), 9_000, Some(6_000), "10,779"),
        ("add liquidity, five resources", of("add_liquidity", "5-resource"), 30_000, Some(20_000), "–"),
        ("the exact solve alone, the dearer direction", same(solve), 2_700, Some(1_500), "–"),
        ("fill a job, one leg", one("fill", "1-leg"), 12_000, None, "none has one"),
        ("assign, one resource", one("assign", "1-resource"), 8_000, None, "none has one"),
        ("start, one resource", one("start", "1-resource"), 10_000, None, "none has one"),
        ("submit an attestation", one("submit_attestation", "default"), 12_000, None, "none has one"),
        ("settle, passed or failed", larger(("settle", "passed"), ("settle", "failed")), 15_000, None, "none has one"),
        ("commit, reveal", larger(("commit", "default"), ("reveal", "default")), 6_000, None, "none has one"),
        ("`Pool` account, bytes", same(all.size("Pool")), 3_072, None, "1,112 (2 tokens)"),
    ];
    let mut text =
        "| | measured | unbatched | goal | stretch | best peer | |\n| --- | ---: | ---: | ---: | ---: | ---: | --- |\n".to_owned();
    for (name, (found, unbatched), goal, stretch, peer) in rows {
        let verdict = match stretch {
            Some(stretch) if found <= stretch => "stretch",
            _ if found <= goal => "reached",
            _ => "**missed**",
        };
        let stretch = stretch.map(thousands).unwrap_or_default();
        let [found, unbatched, goal] = [found, unbatched, goal].map(thousands);
        _ = writeln!(text, "| {name} | {found} | {unbatched} | {goal} | {stretch} | {peer} | {verdict} |");
    }
    text
}

pub fn compute_units(all: &Measurements) -> String {
    let mut text = format!("# Compute units\n\n{NOTICE}");
    _ = write!(
        text,
        "Every instruction in every shape, on an embedded VM with the runtime's present prices, with p-token (the token program at the
SPL Token address on mainnet) and with the classic one it replaced. Keys and states are fixed, so the same program gives the same
figures; `make bench` writes them, and CI fails if they are not the ones committed in `vm/bench/snapshot/`.

## Goals

p-token, totals with the calls, nothing to rotate. Measured: in a market that has its token calls made as one batch
(`set_batch_token_calls`), which p-token takes and the classic program does not. Unbatched: a call for each.

{goals}
## How it is measured

* **total**: what the runtime charged a transaction with this one instruction, on the shipped program. No budget instruction, no
  other instruction.
* **token CPIs**: on the shipped program. For each call to a token program, what the log says it consumed, and the {charge} units the
  runtime charges for any call.
* **curve**: the mathematics (`hmm-math`: rotation, trade, marginal price, shares, κ). A build with the feature `bench` logs what is
  left of the budget before and after each of its uses; the difference, less what the logging costs (101 units for the second
  reading, 103 for the label of the first), is counted. The build is refused as a witness if, all its logging taken off, it is more
  than 2 % + 20 units away from the shipped program.
* **framework**: the rest. Entry, arguments, account checks, reading and writing state, building the calls, and the event, of which
  **events** is the self-call that carries it ({charge} units and what it consumes), without its serialization.
* **The solve alone**: the instrumented build solves the curve once more in each direction after a trade; the dearer is shown.

## One leg, part by part

`swap`, `1-leg`, p-token: the instrumented build, its logging taken off.

{breakdown}
## All shapes

Of `n-leg`, each leg buys exact-out a hundredth of the reserve, on a pool of five resources (eight for `8-leg`), unless the name
says otherwise. `exchange` sells one resource for another. `n-resource` deposits or withdraws a hundredth of a pool of n resources;
`first` is the deposit that activates it. In `rotation` every resource traded in the window before: moves age, half of the fees drip.
`describe_mint` is without what the token metadata program itself uses: the embedded VM has none, an empty program stands in.

| instruction | shape | total | token CPIs | framework | events | curve | total, classic token |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |
",
        goals = goals(all),
        charge = call_charge(),
        breakdown = breakdown(all.find("swap", "1-leg")),
    );
    for m in all.measured.iter().filter(|m| m.units.token_program == "p-token") {
        let u = &m.units;
        let is_classic =
            |c: &&Measured| c.units.token_program == "spl-token" && c.units.instruction == u.instruction && c.units.shape == u.shape;
        let classic = all.measured.iter().find(is_classic).map_or_else(|| "–".to_owned(), |c| thousands(c.units.total));
        let [total, cpis, framework, events, curve] = [u.total, u.token_cpis, u.framework, m.events, u.curve].map(thousands);
        _ = writeln!(text, "| `{}` | {} | {total} | {cpis} | {framework} | {events} | {curve} | {classic} |", u.instruction, u.shape);
    }
    text
}

/// The parts of an instruction in order, neighbours of one kind together.
fn breakdown(measured: &Measured) -> String {
    let token = [address::TOKEN_PROGRAM, address::TOKEN_2022_PROGRAM].map(|program| program.to_string());
    let own = HMM_ID.to_string();
    let name = |part: &Part| match part {
        Part::Own(phase) if phase == "accounts" => "entry, arguments, accounts".to_owned(),
        Part::Own(phase) if phase == FRAMEWORK => "checks, reads, writes, building of the next call".to_owned(),
        Part::Own(phase) if phase == "curve" => "curve: the mathematics".to_owned(),
        Part::Own(phase) => phase.clone(),
        Part::Call(program) if token.contains(program) => format!("call: token program ({} + its own)", call_charge()),
        Part::Call(program) if *program == own => format!("call: the event ({} + its own)", call_charge()),
        Part::Call(program) => format!("call: {program}"),
    };
    let mut rows: Vec<(String, u64)> = Vec::new();
    for (part, units) in measured.timeline.parts.iter().filter(|(part, _)| *part != Part::Own("solve".to_owned())) {
        let name = name(part);
        match rows.last_mut() {
            Some((last, sum)) if *last == name => *sum += units,
            _ => rows.push((name, *units)),
        }
    }
    let mut text = "| part | units |\n| --- | ---: |\n".to_owned();
    for (name, units) in rows {
        _ = writeln!(text, "| {name} | {} |", thousands(units));
    }
    text
}

pub fn accounts(all: &Measurements, idl: &Idl) -> String {
    let mut text = format!(
        "# Accounts\n\n{NOTICE}Sizes as on the chain, the 8 bytes of the discriminator included. Little-endian, no padding that is not a field.\n\n| | bytes |\n| --- | ---: |\n"
    );
    for size in &all.sizes {
        _ = writeln!(text, "| `{}` | {} |", size.name, thousands(size.bytes));
    }
    let (mut parts, mut told) = (BTreeSet::new(), BTreeSet::new());
    for account in &idl.accounts {
        _ = write!(
            text,
            "\n## {}\n\n{}\n\n| offset | field | type | |\n| ---: | --- | --- | --- |\n",
            account.name,
            docs_of(idl, &account.name)
        );
        _ = writeln!(text, "| 0 | discriminator | `[u8; 8]` | `{}` |", hex(&account.discriminator));
        parts.extend(fields(&mut text, idl, &account.name, account.discriminator.len() as u64));
    }
    while let Some(name) = parts.pop_first() {
        if told.insert(name.clone()) {
            _ = write!(
                text,
                "\n## {name}\n\nA part of accounts. {}\n\n| offset | field | type | |\n| ---: | --- | --- | --- |\n",
                docs_of(idl, &name)
            );
            parts.extend(fields(&mut text, idl, &name, 0));
        }
    }
    text
}

/// The rows of a struct's fields, the first at `offset`; gives the structs among them.
fn fields(text: &mut String, idl: &Idl, name: &str, offset: u64) -> Vec<String> {
    let (mut offset, mut structs) = (Some(offset), Vec::new());
    for Field { name, docs, shape } in idl.fields(name) {
        let at = offset.map_or_else(|| "?".to_owned(), |offset| offset.to_string());
        _ = writeln!(text, "| {at} | {name} | `{}` | {} |", type_name(&shape), docs.join(" "));
        offset = offset.zip(idl.size_of(&shape)).map(|(offset, size)| offset + size);
        structs.extend(struct_of(&shape).map(str::to_owned));
    }
    structs
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn docs_of(idl: &Idl, name: &str) -> String {
    idl.types.iter().find(|t| t.name == name).map(|t| t.docs.join("\n")).unwrap_or_default()
}

pub fn errors(idl: &Idl) -> String {
    let mut text = format!(
        "# Errors\n\n{NOTICE}Before it fails, the program logs what was expected and what was found (the events `Refused` and `RefusedAccount`); clients decode it.\n\n| code | name | |\n| ---: | --- | --- |\n"
    );
    for error in &idl.errors {
        _ = writeln!(text, "| {} | `{}` | {} |", error.code, error.name, error.msg);
    }
    text
}

/// Accounts an instruction takes after those of the IDL, which cannot say so.
const REMAINING: &[(&str, &str)] = &[
    ("swap", "for each leg, in order"),
    ("add_liquidity", "for each resource of the pool, in order"),
    ("remove_liquidity", "for each resource of the pool, in order"),
];

pub fn instructions(all: &Measurements, idl: &Idl) -> String {
    let mut text = format!("# Instructions\n\n{NOTICE}Compute units: p-token; all shapes are in [compute-units.md](compute-units.md).\n");
    for instruction in &idl.instructions {
        let Instruction { name, docs, accounts, args, returns } = instruction;
        _ = write!(text, "\n## {name}\n\n{}\n", docs.join("\n"));
        let units: Vec<String> = all
            .measured
            .iter()
            .filter(|m| m.units.instruction == *name && m.units.token_program == "p-token")
            .map(|m| format!("{} ({})", thousands(m.units.total), m.units.shape))
            .collect();
        _ = writeln!(text, "\n* Compute units: {}", if units.is_empty() { "not measured".to_owned() } else { units.join(", ") });
        if !args.is_empty() {
            let args: Vec<String> = args.iter().map(|arg| format!("`{}: {}`", arg.name, type_name(&arg.shape))).collect();
            _ = writeln!(text, "* Arguments: {}", args.join(", "));
        }
        if let Some(returns) = returns {
            _ = writeln!(text, "* Returns: `{}`", type_name(returns));
        }
        let accounts: Vec<String> = accounts
            .iter()
            .map(|slot| {
                let mut flags = Vec::new();
                flags.extend(slot.signer.then_some("signer"));
                flags.extend(slot.writable.then_some("writable"));
                if flags.is_empty() { format!("`{}`", slot.name) } else { format!("`{}` ({})", slot.name, flags.join(", ")) }
            })
            .collect();
        _ = writeln!(text, "* Accounts: {}", accounts.join(", "));
        if let Some((_, each)) = REMAINING.iter().find(|(of, _)| of == name) {
            _ = writeln!(text, "* Then, {each}: the voucher mint (writable), the user's account of it (writable)");
        }
    }
    text
}
