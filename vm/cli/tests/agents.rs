//! Agents and their keys from the command line: files of keys, and a job done and judged by agents that speak to an RPC node.

mod common;

use std::{fs, path::Path};

use base64::{Engine, prelude::BASE64_STANDARD};
use common::{Folder, Run, hmm, network::Network};
use hmm_agents::{Keystore, Passphrase};
use hmm_client::{
    HMM_ID, Leg, LegKind, address,
    generated::accounts::{Assignment, Pool, Worker},
    jobs::machine_part,
};
use hmm_job::Phase;
use hmm_vm::{
    World, WorldConfig,
    verify::verifier_key,
    world::{CREDIT, UNIT, keypair, resource},
};
use serde_json::{Value, json};
use solana_account::ReadableAccount;
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

/// Exit codes of `--once`, without a network: nothing to do, something that cannot be done, what is asked wrongly.
#[test]
fn a_keeper_looks_once() {
    let folder = Folder::new("keeper");
    let keys = keys(&folder, "keeper.keys");
    hmm(&format!("keys create {keys} --json")).ok();
    let here = format!("--embedded --state {} --json", folder.file("state.json"));
    let market = hmm(&format!("market show {here}")).ok()["market"].as_str().expect("an address").to_owned();
    let keeper = |words: &str| hmm(&format!("keeper run --once --market {market} {keys} {here} {words}"));
    assert_eq!(keeper("").code, 2, "no key of a keeper");
    hmm(&format!("keys add keeper {keys} --json")).ok();
    let idle = keeper("--watch");
    assert_eq!((idle.code, idle.stdout.as_str()), (0, ""), "{}", idle.stderr);
    assert_eq!(keeper(&format!("--job {market}")).code, 2);
    assert_eq!(hmm(&format!("keeper run --once --market {HMM_ID} {keys} {here}")).code, 2);
    hmm(&format!("swap --buy gpu=500 {here}")).ok();
    // the keeper has no lamports
    let poor = keeper("");
    let line = poor.json();
    assert_eq!((poor.code, &line["ok"]), (3, &json!(false)), "{line}");
    assert!(line["account"].is_string() && line["error"].is_string(), "{line}");
    assert!(keeper(&format!("--job {HMM_ID}")).stdout.is_empty());
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
        self.travel_to(self.world.vm.clock().unix_timestamp);
    }

    fn travel_to(&self, time: i64) {
        self.network.ask("surfnet_timeTravel", &json!([{ "absoluteTimestamp": time * 1_000 }]));
        std::thread::sleep(std::time::Duration::from_secs(1)); // some slots, with their hashes
    }

    /// The data of an account there.
    fn data(&self, address: &Address) -> Option<Vec<u8>> {
        let found = self.network.ask("getAccountInfo", &json!([address.to_string(), { "encoding": "base64", "commitment": "confirmed" }]));
        found["value"]["data"][0].as_str().map(|data| BASE64_STANDARD.decode(data).expect("base64"))
    }

    fn assignment(&self, job: &Address) -> Assignment {
        Assignment::from_bytes(&self.data(&address::assignment(job, 0)).expect("an assignment")).expect("an assignment")
    }

    fn worker(&self, worker: &Address) -> Worker {
        Worker::from_bytes(&self.data(worker).expect("a worker")).expect("a worker")
    }

    fn pool(&self) -> Pool {
        Pool::from_bytes(&self.data(&self.world.pool).expect("a pool")).expect("a pool")
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
    let keeper_keys = keys(folder, "keeper.keys");
    hmm(&format!("keys create {keeper_keys} --json")).ok();
    let keeper_address = added(&hmm(&format!("keys add keeper {keeper_keys} --json")));
    world.vm.svm.airdrop(&keeper_address.parse().expect("an address"), CREDIT).expect("lamports");
    let assign_by = world.job(&job).job.assign_by;
    // fees that are worth collecting
    let trader = world.trader();
    world.swap(&trader, vec![Leg::unlimited(0, LegKind::BuyExactOut, 500 * UNIT)]).expect("a trade");
    let traces = folder.file("traces");
    let run_worker = format!("worker run --worker {worker} --traces {traces} {worker_keys}");
    let run_verifier = |keys: &str, market: &Address| format!("verifier run --market {market} --traces {traces} {keys}");

    let twin = Twin { network, world };
    twin.push();
    let assignment = json!(address::assignment(&job, 0).to_string());
    assert_eq!(twin.once(&run_worker), [json!({ "ok": true, "assignment": assignment, "deed": "started" })]);
    assert_eq!(twin.once(&run_worker), [json!({ "ok": true, "assignment": assignment, "deed": "submitted" })]);
    assert!(twin.once(&run_worker).is_empty());

    // the network's own clock and hashes draw: a moment later it may be done
    let submitted = twin.assignment(&job);
    assert_eq!(machine_part(&submitted).phase, Phase::Submitted);
    let market = twin.world.market;
    let everybody = |twin: &Twin| -> Vec<Value> { verifier_keys.iter().flat_map(|keys| twin.once(&run_verifier(keys, &market))).collect() };
    let deeds = |lines: &[Value], deed: &str| lines.iter().filter(|line| line["deed"] == deed).count();
    let keeper_run = format!("keeper run --market {market} {keeper_keys}");
    twin.travel_to(submitted.until + 10);
    let first = everybody(&twin);
    let seats = usize::from(twin.assignment(&job).seats);
    assert_eq!((deeds(&first, "drawn") + deeds(&first, "drawn and committed"), seats), (1, 3), "{first:?}");
    let mut all = first;
    for _ in 0..3 {
        all.extend(everybody(&twin));
    }
    assert_eq!(deeds(&all, "committed") + deeds(&all, "drawn and committed"), seats, "{all:?}");
    let revealed: Vec<&Value> = all.iter().filter(|line| !line["deed"]["revealed"].is_null()).collect();
    assert_eq!(revealed.len(), seats, "{all:?}");
    assert!(revealed.iter().all(|line| line["deed"]["revealed"]["score"] == 10_000), "{all:?}");
    assert!(everybody(&twin).is_empty());

    // counted at once; settled from the end of the challenge's window on, not before
    let of_job = format!("{keeper_run} --job {job}");
    assert_eq!(twin.once(&of_job), [json!({ "ok": true, "account": assignment, "deed": "counted" })]);
    let window = twin.assignment(&job);
    let part = machine_part(&window);
    assert_eq!((part.phase, part.score), (Phase::Window, 10_000));
    assert!(twin.once(&of_job).is_empty());
    let watched = twin.once(&format!("{of_job} --watch"));
    assert_eq!((watched.len(), &watched[0]["job"]), (1, &json!(job.to_string())));
    assert!(watched[0]["deed"]["waits"].as_str().is_some_and(|why| why.contains("can be challenged until")), "{watched:?}");
    let claimable = twin.worker(&worker).claimable;
    twin.travel_to(window.until.max(assign_by) + 10);
    let told: Vec<Value> = (0..4).flat_map(|_| twin.once(&of_job)).map(|line| line["deed"].clone()).collect();
    assert_eq!(
        told,
        ["settled", "assignment paid out", "round closed", "job closed", "job paid out"].map(Value::from),
        "one after the other, as each becomes due"
    );
    assert!(twin.worker(&worker).claimable > claimable);
    assert!(twin.data(&job).is_none() && twin.data(&address::assignment(&job, 0)).is_none());
    // of a job that is over there is nothing to do
    assert!(twin.once(&of_job).is_empty());

    // what cannot be: not a market, not a job, no key; and a keeper that cannot pay, which is told of every account
    let refused = |words: &str| twin.network.run(&format!("{words} --once")).code;
    assert_eq!(refused(&format!("keeper run --market {job} {keeper_keys}")), 2);
    assert_eq!(refused(&format!("{keeper_run} --job {worker}")), 2);
    assert_eq!(refused(&format!("keeper run --market {market} {worker_keys}")), 2);
    assert_eq!(refused(&format!("keeper run --market {market} {keeper_keys} --url http://127.0.0.1:1")), 2);
    let due = twin.pool();
    assert!(due.burn_due + due.treasury_due >= CREDIT);
    twin.network.put(&json!(keeper_address), &json!(address::SYSTEM_PROGRAM.to_string()), &json!(0), &[]);
    let poor = twin.network.run(&format!("{keeper_run} --once"));
    assert_eq!((poor.code, poor.json()["ok"].clone()), (3, json!(false)), "{}{}", poor.stdout, poor.stderr);
    twin.network.put(&json!(keeper_address), &json!(address::SYSTEM_PROGRAM.to_string()), &json!(1_000_000_000), &[]);
    let last = twin.once(&keeper_run);
    assert_eq!(deeds(&last, "fees collected"), 1, "{last:?}");
    assert!(twin.once(&keeper_run).is_empty());
}
