//! What the shipped file itself has to contain, and what it must not.

use hmm_client::generated::accounts::{MARKET_DISCRIMINATOR, Market, OBSERVATIONS_DISCRIMINATOR, Observations, POOL_DISCRIMINATOR, Pool};
use hmm_vm::{World, WorldConfig, vm::program_path};
use sha2::{Digest, Sha256};

fn find(haystack: &[u8], needle: &str) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle.as_bytes())
}

#[test]
fn carries_its_security_contact() {
    let program = std::fs::read(program_path()).expect("a built program");
    let begin = find(&program, "=======BEGIN SECURITY.TXT V1=======\0").expect("the marker explorers look for");
    let text = &program[begin..];
    let end = find(text, "=======END SECURITY.TXT V1=======\0").expect("its end");
    let fields: Vec<&str> = text[..end].split(|byte| *byte == 0).map(|field| std::str::from_utf8(field).expect("text")).collect();
    let value = |key| fields[1..].chunks(2).find(|pair| pair[0] == key).map(|pair| pair[1]);
    assert!(value("contacts").is_some_and(|contacts| contacts.starts_with("email:")), "{fields:?}");
    for key in ["name", "project_url", "policy", "source_code"] {
        assert!(value(key).is_some_and(|value| !value.is_empty()), "{key}");
    }
}

#[test]
fn is_not_the_instrumented_build() {
    let program = std::fs::read(program_path()).expect("a built program");
    // the name of a phase, which only that build logs
    assert!(find(&program, "framework").is_none());
}

/// The layout is a promise to everybody who decodes an account: eight bytes of the framework's, then the version.
#[test]
fn accounts_begin_with_discriminator_and_version() {
    let world = World::active(WorldConfig::default());
    let state = world.state();
    for (name, address, discriminator, length) in [
        ("Market", world.market, MARKET_DISCRIMINATOR, Market::LEN),
        ("Pool", world.pool, POOL_DISCRIMINATOR, Pool::LEN),
        ("Observations", state.pool.observations, OBSERVATIONS_DISCRIMINATOR, Observations::LEN),
    ] {
        let data = world.vm.data(&address);
        assert_eq!(data.len(), length, "{name}");
        assert_eq!(data[..8], discriminator, "{name}");
        assert_eq!(Sha256::digest(format!("account:{name}"))[..8], discriminator, "{name}");
        assert_eq!(data[8], 1, "{name}: the version");
    }
}

/// Every instruction in its dearest shape leaves two fifths of a transaction's budget, and every account can be created by a call.
#[test]
fn nothing_comes_near_a_limit_of_the_platform() {
    let read = |name: &str| {
        let path = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("bench/snapshot").join(name);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        serde_json::from_str::<Vec<serde_json::Value>>(&text).expect("a list")
    };
    let shapes = read("compute_units.json");
    let units = |shape: &serde_json::Value| shape["total"].as_u64().expect("a number");
    let dearest = shapes.iter().max_by_key(|shape| units(shape)).expect("a shape");
    assert!(units(dearest) <= 1_400_000 * 60 / 100, "{dearest}");
    let accounts = read("sizes.json");
    for account in accounts.iter().filter(|entry| entry["name"] != "hmm.so") {
        assert!(account["bytes"].as_u64().expect("a number") <= 10_240, "{account}");
    }
    println!("dearest of {} shapes: {dearest}", shapes.len());
}
