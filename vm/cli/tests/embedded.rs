//! Commands on the embedded VM, kept in a file.

mod common;

use common::{Folder, Run, hmm, raw};
use serde_json::Value;

/// A command on the embedded VM of one file.
fn on(state: &str, words: &str) -> Run {
    hmm(&format!("{words} --json --embedded --state {state}"))
}

fn holds(wallet: &Value, asset: &str) -> i128 {
    let holdings = wallet["holdings"].as_array().expect("holdings");
    raw(&holdings.iter().find(|h| h["asset"] == asset).expect("an asset")["amount"])
}

#[test]
fn a_trade_is_what_was_quoted_and_is_remembered() {
    let folder = Folder::new("trade");
    let state = folder.file("state.json");
    let before = on(&state, "wallet").ok();
    let quote = on(&state, "quote --buy gpu=100,vram=512").ok();
    let on_chain = on(&state, "quote --buy vram=512 --buy gpu=100 --on-chain").ok();
    assert_eq!((&quote["net"], &quote["legs"]), (&on_chain["net"], &on_chain["legs"]));
    assert_eq!((&quote["on_chain"], &on_chain["on_chain"]), (&Value::Bool(false), &Value::Bool(true)));

    let swap = on(&state, "swap --buy gpu=100,vram=512").ok();
    let event = &swap["events"][0];
    assert_eq!((&event["event"], &event["net"]), (&Value::from("swapped"), &quote["net"]));
    for (traded, quoted) in event["legs"].as_array().expect("legs").iter().zip(quote["legs"].as_array().expect("legs")) {
        for (key, same) in [
            ("resource", "resource"),
            ("kind", "kind"),
            ("units", "units"),
            ("credits", "credits"),
            ("fee", "fee"),
            ("burned", "burn"),
            ("to_lps", "to_lps"),
        ] {
            assert_eq!(traded[key], quoted[same], "{key}");
        }
        let parts = ["burn", "to_lps", "to_treasury"].map(|part| raw(&quoted[part]));
        assert_eq!(parts.iter().sum::<i128>(), raw(&quoted["fee"]));
    }
    let after = on(&state, "wallet").ok();
    assert_eq!(holds(&before, "credits") - holds(&after, "credits"), raw(&quote["net"]));
    assert_eq!((holds(&after, "gpu"), holds(&after, "vram")), (100_000_000, 512_000_000));

    let pool = on(&state, "pool show").ok();
    assert_eq!(pool["resources"][0]["price"], quote["legs"][0]["price_after"]);
    assert_eq!(pool["resources"][0]["psi"], event["legs"][0]["psi"]);
    let anew = hmm("pool show --json --embedded").ok();
    assert_ne!(anew["resources"][0]["price"], pool["resources"][0]["price"], "without a file every run begins anew");
}

#[test]
fn every_kind_of_leg() {
    let folder = Folder::new("kinds");
    let state = folder.file("state.json");
    on(&state, "swap --buy gpu=100,cpu=1000 --slippage-bps 0").ok();
    let swap = on(&state, "swap --sell gpu=10 --raise cpu=5.5 --spend disk=2.000000001 --buy net=0.000001 --deadline none").ok();
    let legs = swap["events"][0]["legs"].as_array().expect("legs");
    let leg = |i: usize, key: &str| legs[i][key].as_str().expect("text").to_owned();
    assert_eq!((leg(0, "kind"), leg(0, "units")), ("sell_exact_in".into(), "10.000000".into()));
    assert_eq!((leg(1, "kind"), leg(1, "credits")), ("sell_exact_out".into(), "5.500000000".into()));
    assert_eq!((leg(2, "kind"), leg(2, "units")), ("buy_exact_out".into(), "0.000001".into()));
    assert_eq!((leg(3, "kind"), leg(3, "credits")), ("buy_exact_in".into(), "2.000000001".into()));
    let signs = [-1, -1, 1, 1];
    let net: i128 = legs.iter().zip(signs).map(|(leg, sign)| sign * raw(&leg["credits"])).sum();
    assert_eq!(net, raw(&swap["events"][0]["net"]));
    assert!(net < 0 && raw(&swap["net_limit"]) >= net, "{swap}");
}

#[test]
fn liquidity_in_and_out_gains_nothing() {
    let folder = Folder::new("liquidity");
    let state = folder.file("state.json");
    on(&state, "swap --buy gpu=7.654321").ok();
    let before = on(&state, "wallet --as creator").ok();
    let add = on(&state, "add --units gpu=100 --as creator").ok();
    let shares = add["events"][0]["shares"].as_str().expect("shares").to_owned();
    assert!(raw(&add["events"][0]["amounts"][0]["units"]) <= 100_000_000);
    let remove = on(&state, &format!("remove --shares {shares} --as creator")).ok();
    let after = on(&state, "wallet --as creator").ok();
    for asset in ["credits", "gpu", "vram", "cpu", "net", "disk"] {
        let lost = holds(&before, asset) - holds(&after, asset);
        assert!((0..=5).contains(&lost), "{asset}: {lost} raw units, of which a side rounds away one");
    }
    assert_eq!(holds(&before, "shares"), holds(&after, "shares"));
    assert_eq!(remove["events"][0]["event"], "liquidity_removed");

    let credits: i128 = on(&state, "add --credits 400 --as creator").ok()["events"][0]["amounts"]
        .as_array()
        .expect("amounts")
        .iter()
        .map(|a| raw(&a["credits"]))
        .sum();
    assert!((399_999_999_000..=400_000_000_000).contains(&credits), "{credits}");
    assert_eq!(on(&state, "add --shares 1.5 --as creator").ok()["events"][0]["shares"], "1.500000000");
    on(&state, "remove --percent 50 --as creator").ok();
    on(&state, "remove --all --as creator").ok();
    assert_eq!(holds(&on(&state, "wallet --as creator").ok(), "shares"), 0);
    assert_eq!(on(&state, "remove --all --as creator").code, 2);
}

#[test]
fn fees_are_collected_once_and_drip_with_time() {
    let folder = Folder::new("fees");
    let state = folder.file("state.json");
    on(&state, "swap --buy gpu=100").ok();
    let due = on(&state, "pool show").ok();
    let pending = |pool: &Value| raw(&pool["resources"][0]["pending"]);
    assert!(pending(&due) > 0);
    let collected = on(&state, "collect").ok();
    assert_eq!((&collected["events"][0]["burned"], &collected["events"][0]["to_treasury"]), (&due["burn_due"], &due["treasury_due"]));
    assert_eq!(on(&state, "collect").refusal()["name"], "NothingToCollect");

    let clock = on(&state, "advance 300").ok();
    let later = on(&state, "pool show").ok();
    assert_eq!(clock["slot"], later["slot"]);
    assert_eq!(later["slot"].as_u64().expect("a slot") - due["slot"].as_u64().expect("a slot"), 300);
    let theta = |pool: &Value| raw(&pool["resources"][0]["theta"]);
    assert_eq!((pending(&later), theta(&later)), (0, theta(&due) + pending(&due)));
    assert_eq!(on(&state, "market show").ok()["market_fee"], "0.003000");
}

#[test]
fn a_refused_trade_says_why_and_changes_nothing() {
    let folder = Folder::new("refused");
    let state = folder.file("state.json");
    on(&state, "swap --buy gpu=1").ok();
    let file = std::fs::read(&state).expect("a state");
    let refused = |words: &str| on(&state, words).refusal();

    // by the program
    let limit = refused("swap --buy gpu=100 --limit gpu=250");
    assert_eq!((&limit["code"], &limit["name"], &limit["subject"]), (&6014.into(), &"LegLimitCrossed".into(), &"gpu".into()));
    assert_eq!((&limit["expected"], &limit["unit"]["of"]), (&"250000000000".into(), &"credits".into()));
    assert!(limit["found"].as_str().and_then(|found| found.parse::<u64>().ok()).is_some_and(|found| found > 250_000_000_000));
    assert_eq!(refused("swap --spend gpu=10 --limit gpu=5")["unit"]["of"], "units");
    let late = refused("swap --buy gpu=1 --deadline @5");
    assert_eq!((&late["name"], &late["expected"]), (&"DeadlinePassed".into(), &"5".into()));
    // foretold, by the same mathematics
    assert_eq!(refused("quote --buy gpu=9998")["name"], "FeeAboveMax");
    assert_eq!(refused("quote --raise gpu=30000")["name"], "CurveDrained");
    assert_eq!(refused("quote --buy gpu=9998 --on-chain"), refused("swap --buy gpu=9998"));
    // by the wallet
    assert_eq!(refused("add --shares 9999999999 --as creator")["name"], "InsufficientFunds");
    let poor = refused("swap --sell vram=10");
    assert_eq!(
        (&poor["name"], &poor["subject"], &poor["expected"], &poor["found"]),
        (&"InsufficientFunds".into(), &"vram".into(), &"10000000".into(), &"0".into())
    );

    assert_eq!(std::fs::read(&state).expect("a state"), file);
    let text = hmm(&format!("swap --buy gpu=100 --limit gpu=250 --embedded --state {state}"));
    assert_eq!((text.code, text.stdout.as_str()), (1, ""));
    assert!(
        text.stderr.starts_with("hmm: refused: LegLimitCrossed (6014), gpu: ") && text.stderr.contains("expected 250 credits, found 25"),
        "{}",
        text.stderr
    );
}

#[test]
fn bad_input_is_named() {
    let legs = ["gpu=1"; 9].join(",");
    for (words, reason) in [
        ("quote --embedded --buy tpu=1", "no resource \"tpu\"; it has gpu, vram, cpu, net, disk"),
        ("quote --embedded --buy gpu=0", "gpu: the amount is zero"),
        ("quote --embedded --buy gpu=-1", "-1 is negative"),
        ("quote --embedded --buy gpu=1.0000001", "7 decimals, at most 6"),
        ("quote --embedded --spend gpu=1.0000000001", "10 decimals, at most 9"),
        ("quote --embedded --buy gpu=99999999999999999999", "too large"),
        ("quote --embedded --buy gpu=1e3", "not a number"),
        ("quote --embedded --buy gpu", "not RESOURCE=AMOUNT"),
        ("quote --embedded --buy =5", "no resource \"\""),
        ("quote --embedded --buy gpu=1 --sell gpu=1", "gpu is named twice"),
        (&format!("quote --embedded --buy {legs}"), "9 legs, and 8 is the most"),
        ("quote --embedded", "trade what?"),
        ("quote --buy gpu=1", "where?"),
        ("swap --embedded --buy gpu=1 --limit cpu=1", "no leg of \"cpu\""),
        ("swap --embedded --buy gpu=1 --slippage-bps 10001", "not in 0..=10000"),
        ("swap --embedded --buy gpu=1 --deadline soon", "seconds from now"),
        ("swap --embedded --buy gpu=1 --url http://127.0.0.1:1", "cannot be used with"),
        ("swap --embedded --buy gpu=1 --priority-fee 5", "cannot be used with"),
        ("swap --url http://127.0.0.1:1 --buy gpu=1 --keypair /nowhere/id.json", "not a keypair"),
        ("add --embedded --as creator", "required"),
        ("add --embedded --as creator --shares 0", "zero"),
        ("remove --embedded --percent 101", "1..=100"),
        ("pool show --embedded --pool 11111111111111111111111111111111", "is not a pool of HMM"),
        ("pool show --embedded --pool nothing", "invalid value"),
        ("advance 1 --url http://127.0.0.1:1", "by itself"),
        ("advance 0 --embedded", "not in 1"),
        ("trade", "unrecognized"),
    ] {
        let text = hmm(words);
        assert_eq!((text.code, text.stdout.as_str()), (2, ""), "{words}: {}", text.stderr);
        assert!(text.stderr.contains(reason), "{words}: {}", text.stderr);
        let json = hmm(&format!("{words} --json"));
        assert_eq!((json.code, json.stderr.as_str()), (2, ""), "{words}");
        let answer = json.json();
        assert_eq!((&answer["ok"], &answer["error"]["kind"]), (&Value::Bool(false), &"usage".into()), "{words}");
        assert!(answer["error"]["message"].as_str().is_some_and(|message| message.contains(reason)), "{words}: {answer}");
    }
}

#[test]
fn a_broken_state_is_named_and_kept() {
    let folder = Folder::new("broken");
    let state = folder.file("state.json");
    for broken in ["", "{}", "{\"format\":\"hmm-embedded-0\",\"slot\":1,\"unix_timestamp\":1,\"accounts\":[]}"] {
        std::fs::write(&state, broken).expect("a file");
        let run = on(&state, "pool show");
        assert_eq!(run.code, 3);
        assert!(run.stdout.contains("not a state of the embedded VM"), "{}", run.stdout);
        assert_eq!(std::fs::read_to_string(&state).expect("a file"), broken);
    }
    let nowhere = on(&folder.file("missing/state.json"), "pool show");
    assert_eq!(nowhere.code, 3, "{}", nowhere.stdout);
    std::fs::remove_file(&state).expect("a file");
    on(&state, "swap --buy gpu=1").ok();
    let files: Vec<_> = std::fs::read_dir(&folder.0).expect("a folder").map(|file| file.expect("a file").file_name()).collect();
    assert_eq!(files, ["state.json"], "nothing temporary stays");
}

#[test]
fn text_is_for_people() {
    for (words, parts) in [
        ("pool show --embedded", vec!["gpu", "2.500000000", "1.312500e33", "status        active"]),
        ("pool list --embedded", vec!["\n"]),
        ("market show --embedded", vec!["market fee     0.3 %", "150 slots"]),
        ("wallet --embedded", vec!["credits   10,000,000"]),
        ("quote --embedded --buy gpu=100", vec!["buy gpu", "+0.913 %", "pay 253.295734394 credits"]),
        (
            "swap --embedded --buy gpu=100",
            vec!["quoted: pay 253.295734394 credits, to pay at most 254.562213066 credits", "bought 100 gpu", "compute units"],
        ),
        ("add --embedded --as creator --units gpu=1", vec!["received", "1 gpu · 2.5 credits"]),
        ("remove --embedded --as creator --all", vec!["burned 40,199.999999 shares"]),
        ("advance 10 --embedded", vec!["slot 1000010"]),
        ("--help", vec!["demo", "quote", "swap"]),
    ] {
        let run = hmm(words);
        assert_eq!(run.code, 0, "{words}: {}", run.stderr);
        for part in parts {
            assert!(run.stdout.contains(part), "{words}: no {part:?} in\n{}", run.stdout);
        }
    }
}
