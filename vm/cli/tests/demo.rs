//! `hmm demo` from outside.

mod common;

use common::{Folder, command, run};
use serde_json::Value;

fn demo(folder: &Folder, name: &str) -> (String, String) {
    let summary = folder.file(name);
    let run = run(command().args(["demo", "--summary", &summary]));
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    (run.stdout, std::fs::read_to_string(summary).expect("a summary"))
}

#[test]
fn passes_and_is_the_same_twice() {
    let folder = Folder::new("demo");
    let (text, summary) = demo(&folder, "first/summary.json");
    assert_eq!((text.clone(), summary.clone()), demo(&folder, "second/summary.json"));
    assert!(!text.contains('\x1b'), "colours in a file");

    let last = text.lines().last().expect("a last line");
    assert_eq!(format!("{last}\n"), summary);
    let report: Value = serde_json::from_str(last).expect("JSON");
    assert_eq!(report["ok"], true);

    let steps = report["steps"].as_array().expect("steps");
    let names: Vec<&str> = steps.iter().filter_map(|step| step["name"].as_str()).collect();
    let order = [
        "initialize_market",
        "create_pool",
        "add_resource",
        "register_worker",
        "deposit_bond",
        "register_key",
        "mint_vouchers",
        "add_liquidity",
        "quote",
        "swap",
        "remove_liquidity",
        "collect_fees",
        "supply",
        "open_job",
        "fill",
        "assign",
        "start",
        "submit_attestation",
        "draw",
        "commit",
        "reveal",
        "tally",
        "expire",
        "settle",
        "claim_worker",
        "close_job",
        "claim_job",
    ];
    let firsts: Vec<usize> = order.iter().map(|name| names.iter().position(|n| n == name).unwrap_or_else(|| panic!("no {name}"))).collect();
    assert!(firsts.is_sorted(), "{names:?}");
    assert_eq!(names.iter().filter(|name| **name == "add_resource").count(), 5);
    for step in steps {
        assert_eq!(step["ok"], true, "{step}");
        assert!(step["compute_units"].as_u64().is_some_and(|units| units > 0), "{step}");
        let checks = step["checks"].as_array().expect("checks");
        assert!(!checks.is_empty() && checks.iter().all(|check| check["ok"] == true && check["name"].is_string()), "{step}");
    }
    let refused = steps.iter().find(|step| step["refusal"].is_object()).expect("a refused trade");
    let number = |key: &str| refused["refusal"][key].as_str().and_then(|text| text.parse::<u64>().ok()).expect("a number");
    assert_eq!(refused["refusal"]["name"], "LegLimitCrossed");
    assert!(number("found") > number("expected"));

    let json = run(command().args(["demo", "--json", "--summary", &folder.file("third.json")]));
    assert_eq!(json.stdout, summary);
}

#[test]
fn says_what_is_missing() {
    let run = run(command().args(["demo", "--json"]).env("HMM_SO", "/nowhere/hmm.so"));
    assert_eq!(run.code, 3);
    assert_eq!(run.json()["ok"], false);
    assert!(run.stdout.contains("/nowhere/hmm.so is missing"), "{}", run.stdout);
}
