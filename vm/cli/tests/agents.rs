//! Agents and their keys from the command line: files of keys, and a job done and judged by agents that speak to an RPC node.

mod common;

use std::{fs, path::Path};

use base64::{Engine, prelude::BASE64_STANDARD};
use common::{Folder, Run, hmm, network::Network};
use hmm_agents::{Keystore, Passphrase};
use hmm_client::{HMM_ID, address, jobs::machine_part};
use hmm_job::Phase;
use hmm_vm::{
    World, WorldConfig,
    verify::verifier_key,
    world::{CREDIT, UNIT, keypair, resource},
};
use serde_json::{Value, json};
use solana_account::{Account, ReadableAccount};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

const PASSPHRASE: &str = "correct horse";
const VERIFIERS: usize = 12;

/// Where the keys of one agent are, as arguments.
fn keys(folder: &Folder, agent: &str) -> String {
    fs::write(folder.file("passphrase"), PASSPHRASE).expect("a file");
    format!("--keys {} --passphrase file:{}", folder.file(agent), folder.file("passphrase"))
}

/// Writes a keypair as the usual tools do.
fn write(folder: &Folder, name: &str, keypair: &Keypair) -> String {
    fs::write(folder.file(name), serde_json::to_string(&keypair.to_bytes().to_vec()).expect("JSON")).expect("a file");
    folder.file(name)
}

fn added(run: &Run) -> String {
    run.ok()["keys"][0]["address"].as_str().expect("an address").to_owned()
}

#[test]
fn keys_are_made_added_and_listed() {
    let folder = Folder::new("keys");
    let keys = keys(&folder, "agent.keys");
    assert_eq!(hmm(&format!("keys create {keys} --json")).ok()["keys"], json!([]));
    let again = hmm(&format!("keys create {keys} --json"));
    assert_eq!((again.code, &again.json()["error"]["kind"]), (2, &json!("usage")));
    let own = write(&folder, "own.json", &keypair("worker"));
    let operator = added(&hmm(&format!("keys add operator --from {own} {keys} --json")));
    assert_eq!(operator, keypair("worker").pubkey().to_string());
    let enclave = added(&hmm(&format!("keys add enclave/1 {keys} --json")));
    assert_eq!(hmm(&format!("keys add enclave/1 {keys}")).code, 2);
    let listed = hmm(&format!("keys list {keys} --json")).ok();
    let expected = json!([{ "name": "enclave/1", "address": enclave }, { "name": "operator", "address": operator }]);
    assert_eq!(listed["keys"], expected);
    assert!(hmm(&format!("keys list {keys}")).stdout.contains(&enclave));

    fs::write(folder.file("passphrase"), "another").expect("a file");
    let wrong = hmm(&format!("keys list {keys} --json"));
    assert_eq!((wrong.code, &wrong.json()["error"]["message"]), (2, &json!("wrong passphrase")));
    // a passphrase is never an argument
    assert_eq!(hmm(&format!("keys list --keys {} --passphrase {PASSPHRASE}", folder.file("agent.keys"))).code, 2);
    let nobody = hmm(&format!("verifier run {keys} --market {HMM_ID} --traces x --once --embedded --json"));
    assert_eq!(nobody.code, 2);
}

/// The whole market of a world, put on a network and taken from it.
struct Twin {
    network: Network,
    world: World,
}

impl Twin {
    fn push(&self) {
        let accounts = self.world.vm.svm.accounts_db().inner.iter();
        let kept = [HMM_ID, address::TOKEN_PROGRAM, address::SYSTEM_PROGRAM];
        for (address, account) in accounts.filter(|(address, account)| kept.contains(account.owner()) && **address != Address::default()) {
            let told = |address: &Address| json!(address.to_string());
            self.network.put(&told(address), &told(account.owner()), &json!(account.lamports()), account.data());
        }
        self.travel();
    }

    /// The network's clock to the world's time.
    fn travel(&self) {
        let now = self.world.vm.clock().unix_timestamp;
        self.network.ask("surfnet_timeTravel", &json!([{ "absoluteTimestamp": now * 1_000 }]));
    }

    fn pull(&mut self) {
        let found = self.network.ask("getProgramAccounts", &json!([HMM_ID.to_string(), { "encoding": "base64" }]));
        for found in found.as_array().expect("accounts") {
            let data = BASE64_STANDARD.decode(found["account"]["data"][0].as_str().expect("data")).expect("base64");
            let lamports = found["account"]["lamports"].as_u64().expect("lamports");
            let address: Address = found["pubkey"].as_str().expect("text").parse().expect("an address");
            self.world.vm.svm.set_account(address, Account { lamports, data, owner: HMM_ID, ..Account::default() }).expect("an account");
        }
    }

    /// One round of an agent.
    fn once(&self, words: &str) -> Vec<Value> {
        let run = self.network.run(&format!("{words} --once"));
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        run.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }
}

#[test]
fn a_job_over_rpc() {
    let Some(network) = Network::empty("agents") else { return };
    let resources = vec![resource("gpu", 10_000, 2_500), resource("vram", 80_000, 40)];
    let mut world = World::active(WorldConfig { resources, ..WorldConfig::default() });
    world.verifiers(VERIFIERS);
    let (labourer, client) = (world.labourer(), world.client());
    world.register(&labourer, 5_000 * CREDIT);
    let worker = address::worker(&world.pool, &labourer.pubkey());

    // the worker's agent: the operator's key from a file, the enclave's its own
    let folder = &network.folder;
    let worker_keys = keys(folder, "worker.keys");
    hmm(&format!("keys create {worker_keys} --json")).ok();
    let own = write(folder, "operator.json", &labourer);
    hmm(&format!("keys add operator --from {own} {worker_keys} --json")).ok();
    added(&hmm(&format!("keys add enclave/1 {worker_keys} --json")));
    let enclave = {
        let mut store = Keystore::open(Path::new(&folder.file("worker.keys")), &Passphrase::new(PASSPHRASE.as_bytes())).expect("keys");
        store.keypair("enclave/1").expect("a key")
    };
    world.give_key(&labourer, worker, &enclave, [1 << 50; 8], 100 * 86_400);
    world.supply(&labourer, 0, 400 * UNIT).expect("a supply");
    world.register_client(&client);
    let mut spec = world.spec(vec![world.line(0, 50 * UNIT, 3 * CREDIT)], 500 * CREDIT);
    (spec.proof_level, spec.trace_depth) = (1, 8);
    let job = world.open_job(&client, spec).expect("a job");
    world.fill(&client, &job, 0, 20 * UNIT).expect("a fill");
    world.assign(&client, &job, &labourer.pubkey(), vec![20 * UNIT]).expect("an assignment");
    let verifier_keys: Vec<String> = (0..VERIFIERS)
        .map(|number| {
            let keys = keys(folder, &format!("verifier-{number}.keys"));
            hmm(&format!("keys create {keys} --json")).ok();
            let own = write(folder, &format!("verifier-{number}.json"), &verifier_key(number));
            hmm(&format!("keys add verifier --from {own} {keys} --json")).ok();
            keys
        })
        .collect();
    let traces = folder.file("traces");
    let run_worker = format!("worker run --worker {worker} --traces {traces} {worker_keys}");
    let run_verifier = |keys: &str, market: &Address| format!("verifier run --market {market} --traces {traces} {keys}");

    let mut twin = Twin { network, world };
    twin.push();
    let assignment = json!(address::assignment(&job, 0).to_string());
    assert_eq!(twin.once(&run_worker), [json!({ "ok": true, "assignment": assignment, "deed": "started" })]);
    assert_eq!(twin.once(&run_worker), [json!({ "ok": true, "assignment": assignment, "deed": "submitted" })]);
    assert!(twin.once(&run_worker).is_empty());

    twin.pull();
    assert_eq!(machine_part(&twin.world.assignment(&job, 0)).phase, Phase::Submitted);
    let creator = twin.world.creator();
    twin.world.draw(&creator, &job, 0).expect("a draw");
    twin.push();
    let seats = usize::from(twin.world.assignment(&job, 0).seats);
    let market = twin.world.market;
    let all = |twin: &Twin| -> Vec<Value> { verifier_keys.iter().flat_map(|keys| twin.once(&run_verifier(keys, &market))).collect() };
    let first = all(&twin);
    assert_eq!(first.iter().filter(|line| line["deed"] == "committed").count(), seats);
    // the last to commit may reveal, and the others after it
    let second = all(&twin);
    assert_eq!(second.len(), seats);
    assert!(second.iter().all(|line| line["deed"]["revealed"]["score"] == 10_000), "{second:?}");
    assert!(all(&twin).is_empty());

    twin.pull();
    twin.world.tally(&creator, &job, 0).expect("the count");
    let part = machine_part(&twin.world.assignment(&job, 0));
    assert_eq!((part.phase, part.score), (Phase::Window, 10_000));
}
