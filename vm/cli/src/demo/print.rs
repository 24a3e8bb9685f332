//! The demo as text. No times and no colours that a file would have to keep.

use std::io::{IsTerminal, stdout};

use hmm_vm::world::CREDIT_DECIMALS;

use super::{
    check::Check,
    step::{Moved, ResourceMove, Step},
};
use crate::{
    amount::{self, VOUCHER_DECIMALS, thousands},
    number,
    table::Table,
    view::View,
};

/// Digits of κ that are shown; all of them are in the summary.
const KAPPA_PLACES: usize = 6;
const INDENT: usize = 4;

pub fn print(steps: &[Step]) {
    let mut names: Vec<String> = Vec::new();
    for check in steps.iter().flat_map(|step| &step.checks.0).filter(|check| check.standing) {
        if !names.contains(&check.name) {
            names.push(check.name.clone());
        }
    }
    println!("After every step the books are checked:\n{}", wrap("", " · ", &names));
    let colour = stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    for (number, step) in (1..).zip(steps) {
        print!("{}", text(number, step, colour));
    }
    let (checks, units) =
        (steps.iter().map(|step| step.checks.0.len()).sum::<usize>(), steps.iter().map(|step| step.compute_units).sum::<u64>());
    let held = steps.iter().flat_map(|step| &step.checks.0).filter(|check| check.ok).count();
    println!("{} transactions, {} compute units, {held} of {checks} checks hold\n", steps.len(), thousands(&units.to_string()));
}

fn text(number: usize, step: &Step, colour: bool) -> String {
    let (bold, plain) = if colour { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    let units = format!("{} CU", thousands(&step.compute_units.to_string()));
    let head = format!("{} · {}", step.name, step.title);
    let mut text = format!("{number:>2}  {bold}{head:<88}{plain}{units:>12}\n");
    text += &moved(&step.moved);
    if step.resources.iter().any(|r| r.price_after != 0) {
        text += &resources(&step.resources);
    }
    if let Some(quote) = &step.quote {
        text += &quote.text().lines().map(|line| format!("{:INDENT$}{line}\n", "")).collect::<String>();
    }
    if let Some(refusal) = &step.refusal {
        text += &format!("{:INDENT$}{refusal}\n", "");
    }
    if let Some(error) = &step.error {
        text += &format!("{:INDENT$}FAILED: {}\n", "", error.replace('\n', "\n      "));
    }
    for check in step.checks.0.iter().filter(|check| !check.ok) {
        let value = |shown| serde_json::to_string(shown).unwrap_or_default();
        text += &format!(
            "{:INDENT$}DOES NOT HOLD: {}: {} {} {}\n",
            "",
            check.name,
            value(&check.value),
            check.relation,
            value(&check.expected)
        );
    }
    let held = step.checks.0.iter().filter(|check| check.ok);
    let (books, own): (Vec<&Check>, Vec<&Check>) = held.partition(|check| check.standing);
    let mut words = vec![format!("the books ({})", books.len())];
    words.extend(own.iter().map(|check| check.name.clone()));
    text += &wrap("holds: ", " · ", &words);
    text + "\n"
}

/// One entry a holder: everything that changed.
fn moved(moved: &[Moved]) -> String {
    moved
        .chunk_by(|a, b| a.holder == b.holder)
        .map(|of_one| {
            let changes: Vec<String> = of_one.iter().map(|m| format!("{} {}", amount::change(m.change, m.decimals), m.asset)).collect();
            wrap(&format!("{:<16}", of_one[0].holder), "  ", &changes)
        })
        .collect()
}

fn resources(resources: &[ResourceMove]) -> String {
    let mut table = Table::new(["", "ΔΨ", "ΔΘ", "price before", "price after", "Δprice", "κ before", "κ after", "Δκ"]).indented(INDENT);
    for r in resources {
        let price = |price| if price == 0 { "–".to_owned() } else { number::price(price, CREDIT_DECIMALS) };
        let (before, after) = (number::whole_price(r.price_before, CREDIT_DECIMALS), number::whole_price(r.price_after, CREDIT_DECIMALS));
        table.row([
            r.name.clone(),
            amount::change(r.psi, VOUCHER_DECIMALS),
            amount::change(r.theta, CREDIT_DECIMALS),
            price(r.price_before),
            price(r.price_after),
            if r.price_before == 0 { "–".to_owned() } else { number::percent(after / before - 1.0) },
            number::scientific(r.kappa_before, KAPPA_PLACES),
            number::scientific(r.kappa_after, KAPPA_PLACES),
            number::difference(r.kappa_before, r.kappa_after),
        ]);
    }
    table.to_string()
}

/// Words after a label, in lines that fit.
fn wrap(label: &str, between: &str, words: &[String]) -> String {
    const WIDTH: usize = 96;
    let indent = INDENT + label.chars().count();
    let (mut text, mut column) = (format!("{:INDENT$}{label}", ""), 0);
    for (i, word) in words.iter().enumerate() {
        let length = between.chars().count() + word.chars().count();
        if i > 0 && column + length > WIDTH {
            text += &format!("\n{:indent$}", "");
            column = 0;
        } else if i > 0 {
            text += between;
        }
        text += word;
        column += length;
    }
    text + "\n"
}
