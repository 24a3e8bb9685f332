//! The same commands against a local network (`vm/localnet`), if it has been built.

mod common;

use common::{hmm, network::Network, raw};
use serde_json::{Value, json};

#[test]
fn trades_there_as_here() {
    let Some(network) = Network::start("trades") else { return };
    let (there, here) = (network.run("pool show").ok(), network.embedded("pool show").ok());
    assert_eq!((&there["pool"], &there["resources"]), (&here["pool"], &here["resources"]));
    assert_eq!(network.run("pool list").ok(), network.embedded("pool list").ok());
    assert_eq!(network.run("market show").ok(), network.embedded("market show").ok());

    for quote in ["quote --buy gpu=100,vram=512", "quote --buy gpu=100,vram=512 --on-chain"] {
        let (there, here) = (network.run(quote).ok(), network.embedded(quote).ok());
        assert_eq!((&there["net"], &there["legs"]), (&here["net"], &here["legs"]));
    }
    let (there, here) = (network.send("swap --buy gpu=100,vram=512").ok(), network.embedded("swap --buy gpu=100,vram=512").ok());
    assert_eq!(there["events"], here["events"]);
    assert!(there["signature"].is_string() && here["signature"].is_null());
    let landed =
        network.ask("getTransaction", &json!([there["signature"], { "commitment": "confirmed", "maxSupportedTransactionVersion": 0 }]));
    assert_eq!(landed["meta"]["computeUnitsConsumed"], there["compute_units"]);

    for look in ["worker list", "job list --all", "verifier show --all"] {
        assert_eq!(without_time(network.run(look).ok()), without_time(network.embedded(look).ok()), "{look}");
    }
    for step in [
        "worker register --profile here",
        "worker bond 50",
        "worker unbond 20",
        "verifier stake 1000",
        "job open --need gpu=40@4 --budget 150",
        "job fill 0",
        "job close 0",
        "job claim 0",
    ] {
        let (there, here) = (network.send(step).ok(), network.embedded(step).ok());
        let names = |answer: &Value| answer["events"].as_array().expect("events").iter().map(|e| e["event"].clone()).collect::<Vec<_>>();
        assert_eq!((names(&there), there["events"][0]["worker"].clone()), (names(&here), here["events"][0]["worker"].clone()), "{step}");
    }
    assert_eq!(network.send("worker unbond 31").refusal(), network.embedded("worker unbond 31").refusal());

    let (there, here) = (network.send("wallet").ok(), network.embedded("wallet").ok());
    assert_eq!(there["holdings"], here["holdings"]);
    assert_eq!(network.send("collect").ok()["events"], network.embedded("collect").ok()["events"]);
}

/// The two clocks differ.
fn without_time(mut answer: Value) -> Value {
    answer["unix_timestamp"] = Value::Null;
    answer
}

#[test]
fn pays_for_priority_and_opens_accounts() {
    let Some(network) = Network::start("pays") else { return };
    let lamports = || network.send("wallet").ok()["lamports"].as_u64().expect("lamports");
    let (start, signature_fee) = (lamports(), 5_000);
    network.send("swap --buy gpu=10").ok();
    assert_eq!(start - lamports(), signature_fee);
    let before = lamports();
    let swap = network.send("swap --sell gpu=1 --priority-fee 1000000 --compute-units 100000").ok();
    assert_eq!(before - lamports(), signature_fee + 100_000, "one lamport for each unit asked for");
    assert!(swap["compute_units"].as_u64().is_some_and(|units| units < 100_000));
    let before = lamports();
    let swap = network.send("swap --sell gpu=1 --priority-fee 1000000").ok();
    let (paid, used) = (before - lamports() - signature_fee, swap["compute_units"].as_u64().expect("units"));
    assert!((used..=used + used / 5).contains(&paid), "{paid} lamports for {used} units");

    // somebody with lamports and nothing else
    let stranger = solana_keypair::Keypair::new();
    let key = network.folder.file("stranger.json");
    std::fs::write(&key, serde_json::to_string(&stranger.to_bytes().to_vec()).expect("JSON")).expect("a file");
    let address = solana_signer::Signer::pubkey(&stranger).to_string();
    network.ask("surfnet_setAccount", &json!([address, { "lamports": 1_000_000_000 }]));
    let poor = network.run(&format!("swap --buy gpu=1 --keypair {key}")).refusal();
    assert_eq!((&poor["name"], &poor["subject"], &poor["found"]), (&"InsufficientFunds".into(), &"credits".into(), &"0".into()));
    let wallet = network.run(&format!("wallet --keypair {key}")).ok();
    assert_eq!(raw(&wallet["holdings"][0]["amount"]), 0);
}

#[test]
fn refusals_say_the_same_there() {
    let Some(network) = Network::start("refusals") else { return };
    let refused = network.send("swap --buy gpu=100 --limit gpu=250").refusal();
    assert_eq!(refused, network.embedded("swap --buy gpu=100 --limit gpu=250").refusal());
    assert_eq!(network.send("swap --buy gpu=100 --limit gpu=250 --priority-fee 1").refusal(), refused);
    assert_eq!(network.send("swap --buy gpu=1 --deadline @5").refusal()["name"], "DeadlinePassed");
    let starved = network.send("swap --buy gpu=1 --compute-units 2000").refusal();
    assert_eq!(starved["name"], "TransactionFailed");
    assert_eq!(network.run("quote --buy gpu=9999 --on-chain").refusal(), network.embedded("quote --buy gpu=9999").refusal());

    let nobody = hmm("pool show --json --url http://127.0.0.1:1");
    assert_eq!(nobody.code, 3);
    assert_eq!(nobody.json()["error"]["kind"], "failed");
}
