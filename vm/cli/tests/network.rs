//! The same commands against a local network (`vm/localnet`), if it has been built.

mod common;

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use common::{Folder, Run, hmm, raw};
use hmm_vm::{vm::program_path, world::keypair};
use serde_json::{Value, json};

/// A network with the embedded VM's market on it; ends with the test.
struct Network {
    process: Child,
    url: String,
    key: String,
    state: String,
    _folder: Folder,
}

impl Network {
    /// `None` if there is no binary of it.
    fn start(name: &str) -> Option<Self> {
        let built = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../localnet/target/release/hmm-localnet");
        let binary = std::env::var_os("HMM_LOCALNET").map_or_else(built, PathBuf::from);
        if !binary.is_file() {
            println!("skipped: {} is not built (make localnet-build)", binary.display());
            return None;
        }
        let [port, ws_port] = free_ports();
        let mut process = Command::new(binary)
            .args(["--port", &port.to_string(), "--ws-port", &ws_port.to_string(), "--program-id", &hmm_client::HMM_ID.to_string()])
            .arg("--program")
            .arg(program_path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the network starts");
        let mut ready = String::new();
        BufReader::new(process.stdout.take().expect("a pipe")).read_line(&mut ready).expect("a line");
        let folder = Folder::new(name);
        let (key, state) = (folder.file("trader.json"), folder.file("state.json"));
        std::fs::write(&key, serde_json::to_string(&keypair("trader").to_bytes().to_vec()).expect("JSON")).expect("a file");
        let network = Self { process, url: format!("http://127.0.0.1:{port}"), key, state, _folder: folder };
        assert!(ready.starts_with("ready "), "{ready}");
        network.copy_market();
        Some(network)
    }

    /// Puts every account of the embedded VM's market on the network.
    fn copy_market(&self) {
        hmm(&format!("pool list --json --embedded --state {}", self.state)).ok();
        let state: Value = serde_json::from_slice(&std::fs::read(&self.state).expect("a state")).expect("JSON");
        for account in state["accounts"].as_array().expect("accounts") {
            let data = BASE64_STANDARD.decode(account["data"].as_str().expect("data")).expect("base64");
            let hex: String = data.iter().map(|byte| format!("{byte:02x}")).collect();
            let update = json!({ "lamports": account["lamports"], "owner": account["owner"], "data": hex });
            self.ask("surfnet_setAccount", &json!([account["address"], update]));
        }
    }

    fn ask(&self, method: &str, params: &Value) -> Value {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let mut response = ureq::post(&self.url).send_json(request).expect("an answer");
        let answer: Value = response.body_mut().read_json().expect("JSON");
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].clone()
    }

    fn run(&self, words: &str) -> Run {
        hmm(&format!("{words} --json --url {}", self.url))
    }

    fn send(&self, words: &str) -> Run {
        self.run(&format!("{words} --keypair {}", self.key))
    }

    fn embedded(&self, words: &str) -> Run {
        hmm(&format!("{words} --json --embedded --state {}", self.state))
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_ports() -> [u16; 2] {
    let listeners = [(), ()].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port"));
    listeners.map(|listener| listener.local_addr().expect("an address").port())
}

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

    let (there, here) = (network.send("wallet").ok(), network.embedded("wallet").ok());
    assert_eq!(there["holdings"], here["holdings"]);
    assert_eq!(network.send("collect").ok()["events"], network.embedded("collect").ok()["events"]);
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
    let key = network._folder.file("stranger.json");
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
