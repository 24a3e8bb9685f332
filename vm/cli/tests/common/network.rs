//! The local network (`vm/localnet`), if it has been built.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use hmm_vm::{vm::program_path, world::keypair};
use serde_json::{Value, json};

use super::{Folder, Run, hmm};

/// A network with the embedded VM's market on it; ends with the test.
pub struct Network {
    process: Child,
    pub url: String,
    key: String,
    state: String,
    pub folder: Folder,
}

impl Network {
    /// `None` if there is no binary of it.
    pub fn start(name: &str) -> Option<Self> {
        let network = Self::empty(name)?;
        network.copy_market();
        Some(network)
    }

    /// Without a market.
    pub fn empty(name: &str) -> Option<Self> {
        let built = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../localnet/target/release/hmm-localnet");
        let binary = std::env::var_os("HMM_LOCALNET").map_or_else(built, PathBuf::from);
        if !binary.is_file() {
            // past the harness, which keeps what a test prints that passes
            let _ = writeln!(std::io::stderr(), "{name}: skipped, {} is not built (make localnet-build)", binary.display());
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
        let network = Self { process, url: format!("http://127.0.0.1:{port}"), key, state, folder };
        assert!(ready.starts_with("ready "), "{ready}");
        Some(network)
    }

    /// Puts every account of the embedded VM's market on the network.
    fn copy_market(&self) {
        hmm(&format!("pool list --json --embedded --state {}", self.state)).ok();
        let state: Value = serde_json::from_slice(&std::fs::read(&self.state).expect("a state")).expect("JSON");
        for account in state["accounts"].as_array().expect("accounts") {
            let data = BASE64_STANDARD.decode(account["data"].as_str().expect("data")).expect("base64");
            self.put(&account["address"], &account["owner"], &account["lamports"], &data);
        }
    }

    /// Puts an account there.
    pub fn put(&self, address: &Value, owner: &Value, lamports: &Value, data: &[u8]) {
        let hex: String = data.iter().map(|byte| format!("{byte:02x}")).collect();
        self.ask("surfnet_setAccount", &json!([address, { "lamports": lamports, "owner": owner, "data": hex }]));
    }

    pub fn ask(&self, method: &str, params: &Value) -> Value {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let mut response = ureq::post(&self.url).send_json(request).expect("an answer");
        let answer: Value = response.body_mut().read_json().expect("JSON");
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].clone()
    }

    pub fn run(&self, words: &str) -> Run {
        hmm(&format!("{words} --json --url {}", self.url))
    }

    pub fn send(&self, words: &str) -> Run {
        self.run(&format!("{words} --keypair {}", self.key))
    }

    pub fn embedded(&self, words: &str) -> Run {
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
