//! Workers, jobs and verifiers by the command line alone, on the embedded VM in a file.

mod common;

use std::{fs, sync::OnceLock};

use base64::{Engine, prelude::BASE64_STANDARD};
use common::{Folder, Run, hmm, raw};
use hmm_agents::{Published, TraceSource, Work};
use hmm_attest::merkle::Tree;
use hmm_client::{
    address,
    generated::accounts::{Assignment, Pool, Worker},
};
use hmm_vm::{verify::verifier_key, world::keypair};
use serde_json::{Value, json};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

const MEASUREMENT: &str = "4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d";
const EXPIRY: i64 = 1_810_000_000;
const HOUR: u64 = 9_000;

/// A folder with a state of the embedded VM.
struct Town {
    folder: Folder,
    state: String,
}

impl Town {
    fn new(name: &str) -> Self {
        let folder = Folder::new(name);
        let state = folder.file("state.json");
        fs::write(folder.file("passphrase"), "correct horse").expect("a file");
        Self { folder, state }
    }

    /// With four verifiers and a worker that has a key and has sold 50 gpu and 200 vram; made once, and copied.
    fn supplied(name: &str) -> Self {
        static STATE: OnceLock<Vec<u8>> = OnceLock::new();
        let state = STATE.get_or_init(|| {
            let town = Self::new("supplied");
            town.ok("worker register --as worker --profile https://worker.example");
            town.ok("worker bond 5000 --as worker");
            for i in 1..=4 {
                town.ok(&format!("verifier stake 1000 --as verifier{i}"));
            }
            town.pass(HOUR);
            town.vouch(&[(&town.worker("worker"), &enclave(1), EXPIRY)]);
            town.ok(&format!("worker key --leaves {} --as worker", town.folder.file("leaves.json")));
            let supplied = town.ok("worker supply gpu=100 --as worker");
            assert_eq!((&supplied["quality"], &supplied["events"][0]["units"]), (&json!("0.500000"), &json!("50.000000")));
            assert_eq!(supplied["events"][0]["held"], supplied["quoted"]["legs"][0]["credits"]);
            assert!(raw(&supplied["least"]) < raw(&supplied["events"][0]["held"]));
            town.ok("worker supply vram=400 --as worker");
            fs::read(&town.state).expect("a state")
        });
        let town = Self::new(name);
        fs::write(&town.state, state).expect("a state");
        town
    }

    fn run(&self, words: &str) -> Run {
        hmm(&format!("{words} --json --embedded --state {}", self.state))
    }

    fn ok(&self, words: &str) -> Value {
        self.run(words).ok()
    }

    fn text(&self, words: &str) -> String {
        let run = hmm(&format!("{words} --embedded --state {}", self.state));
        assert_eq!(run.code, 0, "{words}: {}", run.stderr);
        run.stdout
    }

    /// Name, code, what was expected and found, and the subject.
    fn refused(&self, words: &str) -> (String, u64, String, String, String) {
        let refusal = self.run(words).refusal();
        let text = |key: &str| refusal[key].as_str().unwrap_or_default().to_owned();
        (text("name"), refusal["code"].as_u64().unwrap_or_default(), text("expected"), text("found"), text("subject"))
    }

    /// Refused with this name, after it was said what is expected and what was found.
    fn refuses(&self, words: &str, name: &str) -> (String, String) {
        let (found_name, code, expected, found, _) = self.refused(words);
        assert_eq!(found_name, name, "{words}");
        assert!(code >= 6_000 && !expected.is_empty() && !found.is_empty(), "{words}: {code}");
        (expected, found)
    }

    /// The message of a usage error.
    fn usage(&self, words: &str) -> String {
        let run = self.run(words);
        assert_eq!(run.code, 2, "{words}: {}{}", run.stdout, run.stderr);
        run.json()["error"]["message"].as_str().expect("a message").to_owned()
    }

    fn pass(&self, slots: u64) -> i64 {
        self.ok(&format!("advance {slots}"))["unix_timestamp"].as_i64().expect("a time")
    }

    fn worker(&self, person: &str) -> String {
        self.ok(&format!("worker show --as {person}"))["worker"].as_str().expect("an address").to_owned()
    }

    fn market(&self) -> String {
        self.ok("market show")["market"].as_str().expect("an address").to_owned()
    }

    fn credits(&self, person: &str) -> i128 {
        raw(&self.ok(&format!("wallet --as {person}"))["holdings"][0]["amount"])
    }

    /// Puts a root with these keys in force.
    fn vouch(&self, keys: &[(&str, &Keypair, i64)]) {
        let leaf = |(worker, key, expiry): &(&str, &Keypair, i64)| json!({ "worker": worker, "measurement": MEASUREMENT, "key": key.pubkey().to_string(), "capacity": ["1000", "4000.5"], "expiry": expiry });
        let leaves: Vec<Value> = keys.iter().map(leaf).collect();
        let file = self.folder.file("leaves.json");
        fs::write(&file, json!(leaves).to_string()).expect("a file");
        let proposed = self.ok(&format!("verifier propose-root --leaves {file} --as verifier1"));
        self.ok(&format!("verifier vote-root --leaves {file} --as verifier2"));
        let too_few = self.refuses(&format!("verifier enact-root --leaves {file}"), "RootQuorum");
        assert_eq!(too_few, ("2666666666667".to_owned(), "2000000000000".to_owned()));
        self.ok(&format!("verifier vote-root --leaves {file} --as verifier3"));
        self.refuses(&format!("verifier vote-root --leaves {file} --as verifier3"), "RootVoted");
        let enacted = self.ok(&format!("verifier enact-root --leaves {file}"));
        assert_eq!(enacted["events"][0]["root"], proposed["events"][0]["root"]);
        assert_eq!(enacted["events"][0]["stake_for"], "3000.000000000");
    }

    /// An agent's keys, as arguments.
    fn keys(&self, agent: &str, keys: &[(&str, &Keypair)]) -> String {
        let args = format!("--keys {} --passphrase file:{}", self.folder.file(agent), self.folder.file("passphrase"));
        hmm(&format!("keys create {args} --json")).ok();
        for (name, key) in keys {
            let file = self.folder.file("key.json");
            fs::write(&file, serde_json::to_string(&key.to_bytes().to_vec()).expect("JSON")).expect("a file");
            hmm(&format!("keys add {name} --from {file} {args} --json")).ok();
        }
        args
    }

    /// The deeds of one round of an agent.
    fn once(&self, words: &str) -> Vec<Value> {
        let run = self.run(&format!("{words} --once"));
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        run.stdout.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["deed"].clone()).collect()
    }

    /// Every verifier's agent looks twice: three commit, then reveal.
    fn vote(&self, traces: &str) {
        let market = self.market();
        for i in 1..=4 {
            let _ = fs::remove_file(self.folder.file(&format!("{i}.keys")));
        }
        let verifiers: Vec<String> = (1..=4).map(|i| self.keys(&format!("{i}.keys"), &[("verifier", &verifier_key(i))])).collect();
        let look = |keys: &String| self.once(&format!("verifier run --market {market} --traces {traces} {keys}"));
        let (first, second): (Vec<Value>, Vec<Value>) =
            (verifiers.iter().flat_map(look).collect(), verifiers.iter().flat_map(look).collect());
        assert_eq!((first.iter().filter(|deed| **deed == "committed").count(), first.len() + second.len()), (3, 6));
    }

    /// The client's job, with the worker named for 40 gpu and 160 vram.
    fn assigned(&self) -> String {
        let router = keypair("router").pubkey();
        let opened = self.ok(&format!(
            "job open --as client --need gpu=40@4,vram=160@0.1 --budget 150 --trace-depth 8 --router {router} --model-root {MEASUREMENT}"
        ));
        let names: Vec<&str> = opened["events"].as_array().expect("events").iter().filter_map(|event| event["event"].as_str()).collect();
        assert_eq!(names, ["client_registered", "job_opened"]);
        let job = opened["events"][1]["job"].as_str().expect("an address").to_owned();
        self.ok(&format!("job fill {job} --as router"));
        self.ok(&format!("job assign {job} --worker {} --as router", self.worker("worker")));
        job
    }

    /// Changes an account in the file of the state.
    fn patch<T: borsh::BorshSerialize>(&self, address: &Address, decode: impl Fn(&[u8]) -> std::io::Result<T>, change: impl Fn(&mut T)) {
        let mut state: Value = serde_json::from_slice(&fs::read(&self.state).expect("a state")).expect("JSON");
        let accounts = state["accounts"].as_array_mut().expect("accounts");
        let account = accounts.iter_mut().find(|account| account["address"] == address.to_string()).expect("the account");
        let mut decoded = decode(&BASE64_STANDARD.decode(account["data"].as_str().expect("data")).expect("base64")).expect("its kind");
        change(&mut decoded);
        account["data"] = json!(BASE64_STANDARD.encode(borsh::to_vec(&decoded).expect("bytes")));
        fs::write(&self.state, state.to_string()).expect("a state");
    }

    fn address(&self, text: &str) -> Address {
        text.parse().expect("an address")
    }
}

fn enclave(number: u8) -> Keypair {
    keypair(&format!("enclave {number}"))
}

fn phase(status: &Value) -> (&str, &str) {
    (status["state"].as_str().expect("a state"), status["assignments"][0]["phase"].as_str().unwrap_or("none"))
}

/// What whoever is meant can do now.
fn commands(status: &Value) -> Vec<(&str, &str)> {
    let now = status["steps"].as_array().expect("steps").iter().filter(|step| step["now"] == true);
    now.map(|step| (step["who"].as_str().expect("who"), step["instruction"].as_str().expect("what"))).collect()
}

#[test]
fn the_whole_life_of_a_job() {
    let town = Town::supplied("life");
    let (worker, traces) = (town.worker("worker"), town.folder.file("traces"));
    let before = town.credits("client");
    let job = town.assigned();
    let status = town.ok("job status 0 --as client");
    assert_eq!((phase(&status), status["job"].as_str()), (("assigned", "reserved"), Some(job.as_str())));
    assert_eq!(commands(&status), [("worker", "start")]);
    assert_eq!(status["default"]["instruction"], "expire");

    let operator = keypair("worker 2");
    let keys = town.keys("worker.keys", &[("operator", &operator), ("enclave/1", &enclave(1))]);
    town.ok(&format!("worker operator {} --as worker", operator.pubkey()));
    let run = format!("worker run --worker {worker} --traces {traces} {keys}");
    assert_eq!(town.once(&run), [json!("started")]);
    let status = town.ok(&format!("job status {job}"));
    assert_eq!((phase(&status), commands(&status)), (("running", "running"), vec![("worker", "submit_attestation")]));
    assert_eq!(town.once(&run), [json!("submitted")]);
    let honest = town.ok(&format!("job prove {job} --traces {traces}"));
    assert_eq!((&honest["wrong"], &honest["links"]), (&Value::Null, &json!(257)));

    let status = town.ok(&format!("job status {job}"));
    assert_eq!(phase(&status), ("submitted", "submitted"));
    town.pass(50);
    let drawn = town.ok(&format!("job draw {job}"));
    assert_eq!((&drawn["events"][0]["event"], &drawn["events"][0]["seats"]), (&json!("committee_drawn"), &json!(3)));
    town.vote(&traces);
    let seats: Vec<Value> = (1..=4).map(|i| town.ok(&format!("verifier rounds --as verifier{i}"))["rounds"].clone()).collect();
    assert_eq!(seats.iter().filter(|rounds| rounds[0]["stage"] == "revealed").count(), 3);
    let counted = town.ok(&format!("job tally {job}"));
    assert_eq!((&counted["events"][0]["score"], &counted["events"][0]["phase"]), (&json!(10_000), &json!("window")));

    let status = town.ok(&format!("job status {job}"));
    assert_eq!((phase(&status), &status["assignments"][0]["verdict"]), (("challenge", "window"), &json!("pass")));
    town.pass(HOUR);
    let settled = town.ok(&format!("job settle {job}"));
    assert_eq!((&settled["events"][0]["outcome"], &settled["events"][0]["banned"]), (&json!("passed"), &json!(false)));
    let status = town.ok(&format!("job status {job}"));
    assert!(commands(&status).contains(&("anyone", "claim")), "{status}");
    assert!(town.text(&format!("job status {job}")).contains("all 1 assignments are over"));

    let claimable = raw(&town.ok("worker show --as worker")["claimable"]);
    let had = town.credits("worker");
    let paid = town.ok(&format!("worker claim --worker {worker}"));
    assert_eq!((raw(&paid["events"][0]["credits"]), town.credits("worker") - had), (claimable, claimable));
    let closed = town.ok("job close 0 --as client");
    assert_eq!((&closed["events"][0]["reason"], &closed["events"][0]["event"]), (&json!("passed"), &json!("job_closed")));
    assert_eq!(closed["events"][0]["state"], "settled");
    let left = raw(&closed["events"][0]["credits"]);
    let listed = town.ok("job list --as client");
    assert_eq!((&listed["jobs"][0]["state"], &listed["jobs"][0]["reason"]), (&json!("settled"), &json!("passed")));
    let claimed = town.ok(&format!("job claim {job} --as router"));
    let names: Vec<&str> = claimed["events"].as_array().expect("events").iter().filter_map(|event| event["event"].as_str()).collect();
    assert_eq!(names, ["assignment_claimed", "round_closed", "job_claimed"]);
    assert_eq!(before - town.credits("client"), 150_000_000_000 - left);
    assert!(town.usage(&format!("job status {job}")).contains("there is no job at"));
    assert_eq!(town.ok("job list --all")["jobs"], json!([]));
}

#[test]
fn workers_know_why() {
    let town = Town::new("why");
    let now = 1_800_000_000;
    assert!(town.usage("worker status --as worker").contains("hmm worker register"));
    assert!(town.usage("worker bond 5 --as worker").contains("hmm worker register"));
    town.ok("worker register --as worker");
    let status = town.ok("worker status --as worker");
    assert_eq!((&status["can_supply"], &status["steps"][0]["command"]), (&json!([]), &json!("hmm worker key")));
    let text = town.text("worker status --why --as worker");
    for part in [
        "cannot supply anything\n",
        "KeyLapsed (6057): no enclave key of it is registered",
        "NoMark (6068), gpu: less than half an hour",
        "MarginCrossed (6055): it has no bond",
        "it owes nothing",
        "next: hmm worker key (worker)",
    ] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
    assert_eq!(town.refuses("worker supply gpu=1 --as worker", "KeyLapsed"), ("0".to_owned(), now.to_string()));
    town.ok("worker bond 50 --as worker");
    town.ok("worker unbond 20 --as worker");
    let (from, found) = town.refuses("worker withdraw --as worker", "BondLocked");
    assert_eq!((from, found), ((now + 7 * 86_400).to_string(), now.to_string()));
    let status = town.ok("worker status --as worker");
    let withdraw = status["steps"].as_array().expect("steps").iter().find(|step| step["command"] == "hmm worker withdraw").expect("a step");
    assert_eq!(withdraw["from"], now + 7 * 86_400);
    assert_eq!(town.refuses("worker unbond 31 --as worker", "WorkerBond"), ("30000000000".to_owned(), "31000000000".to_owned()));
    town.pass(7 * 24 * HOUR);
    let had = town.credits("worker");
    town.ok("worker withdraw --as worker");
    assert_eq!(town.credits("worker") - had, 20_000_000_000);
    town.refuses("worker withdraw --as worker", "NothingToClaim");
    town.refuses("worker claim --as worker", "NothingToClaim");
}

#[test]
fn a_lapsed_worker_is_noticed_and_liquidated() {
    let town = Town::supplied("lapsed");
    let text = town.text("worker status --why --as worker");
    for part in [
        "can supply gpu, vram\n",
        "AboveCapacity (6056), cpu: its key attests no capacity",
        "cannot be liquidated",
        "120 % of that is asked",
    ] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
    let shown = town.ok("worker show --as worker");
    assert_eq!((&shown["owed"], &shown["required"]), (&json!("133.000000000"), &json!("199.500000000")));
    assert_eq!(raw(&shown["cover"]) - raw(&shown["required"]), raw(&shown["free_bond"]).min(raw(&shown["bond"])));
    assert!(town.text("worker show --as worker").contains("required        199.5\n"));
    let worker = town.worker("worker");
    assert_eq!(town.refuses(&format!("worker liquidate gpu=1 --worker {worker} --as creator"), "WorkerSound").0, "159599999998");

    let (_, code, _, found, subject) = town.refused("worker supply disk=4 --as worker");
    assert_eq!((code, found.as_str(), subject.as_str()), (6056, "2000000", "disk"));
    town.refuses("worker supply gpu=1000000 --as worker", "FeeAboveMax");
    assert_eq!(town.refuses("worker supply gpu=1 --least 100 --as worker", "LegLimitCrossed").0, "100000000000");
    town.refuses("worker mint gpu=1000000 --as worker", "MarginCrossed");
    let minted = town.ok("worker mint gpu=4 --as worker");
    assert_eq!(minted["events"][0]["units"], "2.000000");
    let retired = town.ok("worker retire gpu=2 --as worker");
    assert_eq!(retired["events"][0]["units"], "2.000000");
    assert_eq!(town.refused("worker retire gpu=2 --as worker").0, "InsufficientFunds");

    town.patch(&town.address(&worker), Worker::from_bytes, |worker| worker.key_expiry = 1_800_003_700);
    town.pass(24 * HOUR + 500);
    let text = town.text("worker status --why --as worker");
    for part in [
        "cannot supply anything",
        "its enclave key expired at unix time 1800003700",
        "could be liquidated after a notice: key lapsed",
        "next: hmm worker notify (anyone)",
    ] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
    assert_eq!(town.refuses(&format!("worker liquidate gpu=1 --worker {worker} --as creator"), "NoNotice").0, "0");
    town.ok("swap --buy gpu=1");
    let noticed = town.ok(&format!("worker notify --worker {worker}"));
    assert_eq!(noticed["events"][0]["cause"], "key_lapsed");
    let at = noticed["events"][0]["notice_at"].as_i64().expect("a time");
    assert_eq!(town.refuses(&format!("worker liquidate gpu=1 --worker {worker} --as creator"), "NoNotice").0, (at + 3_600).to_string());
    assert!(town.text("worker status --as worker").contains("has notice: key lapsed; may be liquidated from"));
    town.pass(HOUR);
    let liquidated = town.ok(&format!("worker liquidate gpu=10 --worker {worker} --as creator"));
    assert_eq!((&liquidated["events"][0]["units"], &liquidated["events"][0]["cause"]), (&json!("10.000000"), &json!("key_lapsed")));
    assert!(raw(&liquidated["events"][0]["paid"]) > 20_000_000_000);
    let listed = town.ok("worker list");
    let item = listed["workers"].as_array().expect("workers").iter().find(|item| item["worker"] == worker).expect("the worker");
    assert_eq!((&item["key_valid"], &item["resources"][0]["outstanding"]), (&json!(false), &json!("40.000000")));
}

#[test]
fn keys_rotate() {
    let town = Town::supplied("rotate");
    let worker = town.worker("worker");
    let (first, second) = (enclave(1), enclave(2));
    town.vouch(&[(&worker, &first, EXPIRY), (&worker, &second, EXPIRY + 50)]);
    let file = town.folder.file("leaves.json");
    town.refuses(&format!("worker key --leaves {file} --worker {worker}"), "Unauthorized");
    let registered = town.ok(&format!("worker key --leaves {file} --as worker"));
    assert_eq!(
        (&registered["events"][0]["key"], &registered["events"][0]["root_number"]),
        (&json!(second.pubkey().to_string()), &json!(2))
    );
    let shown = town.ok("worker show --as worker");
    assert_eq!((&shown["key"], &shown["key_expiry"]), (&json!(second.pubkey().to_string()), &json!(EXPIRY + 50)));
    assert_eq!(shown["resources"][1]["capacity"], "4000.500000");
    assert!(town.usage(&format!("worker key --leaves {file} --key {} --as worker", enclave(3).pubkey())).contains("no such key"));
    assert!(town.usage(&format!("worker key --leaves {file} --as worker")).contains("is registered already"));
    for (content, reason) in [
        ("[]", "no leaf"),
        ("{", "leaves.json: "),
        (r#"[{"worker":"x","measurement":"","key":"","capacity":[],"expiry":1}]"#, "not 64 hexadecimal digits"),
    ] {
        fs::write(&file, content).expect("a file");
        let message = town.usage(&format!("worker key --leaves {file} --as worker"));
        assert!(message.contains(reason), "{message}");
    }
}

#[test]
fn jobs_refuse_with_reasons() {
    let town = Town::supplied("reasons");
    let worker = town.worker("worker");
    let opened = 1_800_003_600i64;
    for (words, name) in [
        ("job open --as client --need gpu=40@4 --budget 150 --trace-depth 8 --assign 4d", "JobTooLong"),
        ("job open --as client --need gpu=40@4,gpu=1@4 --budget 150", "DuplicateLine"),
        ("job open --as client --need gpu=40@4 --budget 150 --region a,b,c,d,e", "JobSpecOutOfRange"),
    ] {
        town.refuses(words, name);
    }
    assert_eq!(town.refused("job open --as client --need gpu=40@4 --budget 99999999").0, "InsufficientFunds");
    for (words, reason) in [
        ("job open --as client --need gpu=40 --budget 1", "not RESOURCE=UNITS@PRICE"),
        ("job open --as client --need tpu=40@1 --budget 1", "no resource \"tpu\""),
        ("job open --as client --need gpu=40@0 --budget 1", "zero"),
        ("job open --as client --need gpu=40@1 --budget 1 --assign soon", "not a duration"),
        ("job open --as client --need gpu=40@1 --budget 1 --min-quality 101", "more than 100 percent"),
        ("job status 7 --as client", "there is no job at"),
        ("job status x", "neither an address nor a number"),
        ("job claim 0 --as client", "there is no job at"),
    ] {
        let message = town.usage(words);
        assert!(message.contains(reason), "{words}: {message}");
    }
    town.ok("job open --as client --need gpu=40@2,vram=160@0.1 --budget 20 --min-quality 60");
    let text = town.text("job status 0 --why --as client");
    for part in ["open: no vouchers yet", "next: client: hmm job fill", "otherwise: anyone: hmm job close"] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
    let (name, code, expected, _, subject) = town.refused("job fill 0 --buy gpu=1 --as client");
    assert_eq!((name.as_str(), code, expected.as_str(), subject.as_str()), ("PriceAboveLine", 6101, "2000000000", "gpu"));
    assert!(town.usage("job fill 0 --buy tpu=1 --as client").contains("no resource"));
    town.refuses("job fill 0 --buy cpu=1 --as client", "UnknownLine");
    assert_eq!(town.refuses("job fill 0 --buy vram=161 --as client", "LineFull"), ("160000000".to_owned(), "161000000".to_owned()));
    let first = town.ok("job status 0 --as client")["job"].as_str().expect("an address").to_owned();
    town.refuses(&format!("job fill {first} --buy vram=10"), "JobActor");
    town.ok("job fill 0 --buy vram=160 --as client");
    town.refuses(&format!("job assign 0 --worker {worker} --as client"), "QualityTooLow");
    assert!(town.usage(&format!("job assign 0 --worker {worker} --units cpu=1 --as client")).contains("lines for gpu, vram"));
    assert!(town.usage("job start 0 --as client").contains("no assignment 0 now; there are none"));
    assert!(town.usage("job claim 0 --as client").contains("nothing to claim"));
    town.ok("swap --buy gpu=5 --as client");
    town.ok("job deposit 0 gpu=2 --as client");
    let topped = town.ok("job top-up 0 5 --as client");
    assert_eq!(topped["events"][0]["amount"], "5.000000000");
    town.refuses(&format!("job close {first}"), "JobEarly");

    // another one, whose worker declines, then never comes
    town.ok("job open --as client --need gpu=40@4 --budget 150 --gang");
    town.ok("job fill 1 --buy gpu=40 --as client");
    town.refuses("job fill 1 --buy gpu=1 --as client", "LineFull");
    town.ok(&format!("job assign 1 --worker {worker} --units gpu=20 --as client"));
    let job = town.ok("job status 1 --as client")["job"].as_str().expect("an address").to_owned();
    let ended = town.ok(&format!("job unassign {job} --as worker"));
    assert_eq!(ended["events"][0]["outcome"], "declined");
    town.ok(&format!("job assign 1 --worker {worker} --as client"));
    assert_eq!(town.ok(&format!("job status {job}"))["assignments"].as_array().map(Vec::len), Some(1));
    let index = town.ok(&format!("job status {job}"))["assignments"][0]["index"].as_u64().expect("an index");
    let (expected, found) = town.refuses(&format!("job expire {job} {index}"), "JobEarly");
    assert_eq!((expected, found), ((opened + 4_200).to_string(), opened.to_string()));
    town.refuses(&format!("job start {job} {index}"), "JobActor");
    town.refuses(&format!("job settle {job} {index}"), "JobPhase");
    town.refuses(&format!("job challenge {job} {index}"), "JobPhase");
    assert!(town.usage(&format!("job prove {job} {index} --traces x")).contains("only attested"));
    town.pass(2 * HOUR);
    town.refuses(&format!("job start {job} {index} --as worker"), "JobLate");
    let had = town.credits("trader");
    let ended = town.ok(&format!("job expire {job} {index}"));
    assert_eq!(ended["events"][0]["outcome"], "no_show");
    assert_eq!(town.credits("trader") - had, raw(&ended["events"][0]["to_finder"]));
    town.ok(&format!("job close {job}"));
    let text = town.text(&format!("job status {job}"));
    assert!(
        text.contains("refunded: closed, no show; ")
            && text.contains("credits are the client's to claim")
            && text.contains("hmm job claim"),
        "{text}"
    );
    town.ok(&format!("job claim {job}"));
    let wallet = town.ok("wallet --as client");
    let gpu = wallet["holdings"].as_array().expect("holdings").iter().find(|holding| holding["asset"] == "gpu").expect("gpu");
    assert_eq!(gpu["amount"], "43.000000");
}

#[test]
fn a_fraud_is_found_and_proven() {
    let town = Town::supplied("fraud");
    let (worker, traces) = (town.worker("worker"), town.folder.file("traces"));
    let job = town.assigned();
    let keys = town.keys("worker.keys", &[("operator", &keypair("worker")), ("enclave/1", &enclave(1))]);
    for deed in ["started", "submitted"] {
        assert_eq!(town.once(&format!("worker run --worker {worker} --traces {traces} {keys}")), [json!(deed)]);
    }
    // as if its enclave had signed a trace with one wrong state
    let work = Work::run([0x4d; 32], [0; 32], 8).expect("work");
    let mut states = work.states().to_vec();
    states[100][3] ^= 1;
    let root = Tree::new(8, &states).expect("a tree").root();
    let name = |root: &[u8; 32]| root.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + ".trace";
    assert!(Published::read(&states.concat()).expect("a trace").open(0).is_some());
    let assignment = address::assignment(&town.address(&job), 0);
    town.patch(&assignment, Assignment::from_bytes, |assignment| assignment.trace_root = root);
    assert!(town.usage(&format!("job prove {job} --traces {traces}")).contains("not published"));
    fs::write(format!("{traces}/{}", name(&root)), states.concat()).expect("a trace");
    let looked = town.ok(&format!("job prove {job} --traces {traces} --look"));
    assert_eq!((&looked["wrong"], &looked["events"]), (&json!(100), &Value::Null));
    town.refuses(&format!("job prove {job} --traces {traces}"), "JobPhase");
    // a committee that sees it fails it; one that saw an honest trace passes it
    let honest = work.claim().trace_root;
    town.pass(50);
    town.ok(&format!("job draw {job}"));
    town.refuses(&format!("job tally {job}"), "JobEarly");
    let drawn = fs::read(&town.state).expect("a state");
    town.vote(&traces);
    town.ok(&format!("job tally {job}"));
    assert_eq!(town.ok(&format!("job status {job}"))["assignments"][0]["verdict"], "fail");
    assert!(town.usage(&format!("job prove {job} --traces {traces}")).contains("has failed already"));
    fs::write(&town.state, drawn).expect("a state");
    town.patch(&assignment, Assignment::from_bytes, |assignment| assignment.trace_root = honest);
    town.vote(&traces);
    town.ok(&format!("job tally {job}"));
    town.patch(&assignment, Assignment::from_bytes, |assignment| assignment.trace_root = root);
    let status = town.ok(&format!("job status {job}"));
    assert_eq!((phase(&status), &status["assignments"][0]["verdict"]), (("challenge", "window"), &json!("pass")));
    let before = town.credits("trader");
    let proven = town.ok(&format!("job prove {job} --traces {traces}"));
    let names: Vec<&str> = proven["events"].as_array().expect("events").iter().filter_map(|event| event["event"].as_str()).collect();
    assert_eq!((names, &proven["wrong"]), (vec!["challenged", "fraud_proven"], &proven["events"][1]["link"]));
    let status = town.ok(&format!("job status {job}"));
    assert_eq!((phase(&status), commands(&status)), (("challenge", "final"), vec![("anyone", "settle")]));
    assert!(town.text(&format!("job status {job} --why")).contains("was proven fraudulent, finally: anybody can settle it"));
    let settled = town.ok(&format!("job settle {job}"));
    assert_eq!((&settled["events"][0]["outcome"], &settled["events"][0]["banned"]), (&json!("fraud"), &json!(true)));
    let had = town.credits("trader");
    let claimed = town.ok(&format!("job claim {job}"));
    assert_eq!(town.credits("trader") - had, raw(&claimed["events"][0]["paid"]));
    assert!(town.credits("trader") > before, "the bond is back, and the finder's part with it");
    let text = town.text("worker status --why --as worker");
    assert!(
        text.contains("WorkerBanned (6059): it was proven to cheat") && text.contains("could be liquidated after a notice: banned"),
        "{text}"
    );
    assert!(town.text("worker show --as worker").contains(", banned\n"));
}

#[test]
fn verifiers_stake_and_take_it_back() {
    let town = Town::new("verifiers");
    assert!(town.usage("verifier show --as verifier1").contains("hmm verifier stake"));
    assert!(town.usage("verifier unstake 5 --as verifier1").contains("hmm verifier stake"));
    assert_eq!(
        town.refuses("verifier stake 999.5 --as verifier1", "StakeTooSmall"),
        ("1000000000000".to_owned(), "999500000000".to_owned())
    );
    town.ok("verifier stake 1500 --as verifier1");
    let shown = town.ok("verifier show --as verifier1");
    assert_eq!((&shown["verifiers"][0]["stake"], &shown["verifiers"][0]["counts"]), (&json!("1500.000000000"), &json!("0.000000000")));
    let file = town.folder.file("leaves.json");
    let leaf = json!([{ "worker": keypair("x").pubkey().to_string(), "measurement": MEASUREMENT, "key": keypair("y").pubkey().to_string(), "capacity": ["1"], "expiry": EXPIRY }]);
    fs::write(&file, leaf.to_string()).expect("a file");
    town.refuses(&format!("verifier propose-root --leaves {file} --as verifier1"), "NoVotingPower");
    assert!(town.usage(&format!("verifier vote-root --leaves {file} --as verifier1")).contains("nobody has proposed"));
    town.pass(3 * HOUR);
    assert_eq!(town.ok("verifier show --as verifier1")["verifiers"][0]["counts"], "1500.000000000");
    town.refuses("verifier unstake 600 --as verifier1", "StakeTooSmall");
    let asked = town.ok("verifier unstake 500 --as verifier1");
    assert_eq!((&asked["events"][0]["stake"], &asked["events"][0]["unbonding"]), (&json!("1000.000000000"), &json!("500.000000000")));
    assert!(town.text("verifier show --as verifier1").contains("asked back"));
    assert_eq!(town.ok("verifier rounds --as verifier1")["rounds"], json!([]));
    town.pass(7 * 24 * HOUR + 10);
    let had = town.credits("verifier1");
    let verifier = verifier_key(1).pubkey();
    let paid = town.ok(&format!("verifier withdraw --verifier {verifier}"));
    assert_eq!((&paid["events"][0]["unbonding"], town.credits("verifier1") - had), (&json!("500.000000000"), 500_000_000_000));
    assert_eq!(town.ok("verifier show --all")["verifiers"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_series_ends() {
    let town = Town::supplied("series");
    town.refuses("series stop gpu", "SeriesRuns");
    assert!(town.usage("series stop tpu").contains("no resource"));
    town.ok("swap --buy gpu=5");
    let pool = town.address(town.ok("pool show")["pool"].as_str().expect("an address"));
    let end = 1_800_003_600 + 3_600;
    town.patch(&pool, Pool::from_bytes, |pool| pool.delivery_end[0] = end);
    assert_eq!(town.refuses("series stop gpu", "SeriesRuns").0, end.to_string());
    assert!(town.text("worker status --why --as worker").contains("SeriesClosing (6058), gpu: the series closed to supply at unix time"));
    town.pass(HOUR);
    let stopped = town.ok("series stop gpu");
    assert_eq!((&stopped["events"][0]["event"], &stopped["events"][0]["resource"]), (&json!("series_stopped"), &json!("gpu")));
    town.refuses("series stop gpu", "SeriesOver");
    town.refuses("series redeem gpu=5", "SeriesRuns");
    let workers = town.ok("worker list");
    for worker in workers["workers"].as_array().expect("workers") {
        let swept = town.ok(&format!("series sweep gpu --worker {}", worker["worker"].as_str().expect("an address")));
        assert!(raw(&swept["events"][0]["credits"]) > 0, "{swept}");
    }
    town.refuses("series redeem gpu=5 --least 1000", "AmountOutsideLimits");
    let had = town.credits("trader");
    let redeemed = town.ok("series redeem gpu=5");
    assert_eq!(town.credits("trader") - had, raw(&redeemed["events"][0]["credits"]));
    assert!(raw(&redeemed["events"][0]["credits"]) > 12_000_000_000, "{redeemed}");
}

#[test]
fn a_thin_margin_is_told_with_its_numbers() {
    let town = Town::supplied("margin");
    let worker = town.worker("worker");
    town.patch(&town.address(&worker), Worker::from_bytes, |worker| (worker.bond, worker.held) = (1_000_000_000, [0; 8]));
    let text = town.text("worker status --why --as worker");
    for part in [
        "cannot supply anything",
        "MarginCrossed (6055): bond and held are 1 credits, and 150 % of the 133 credits it owes is 199.5: nothing is left for more",
        "could be liquidated after a notice: margin",
        "bond and held are 1 credits, less than 159.599999998, 120 % of the 132.999999998 credits it owes at the lower marks",
    ] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
    assert_eq!(town.ok(&format!("worker notify --worker {worker}"))["events"][0]["cause"], "margin");
    town.ok("worker bond 5000 --as worker");
    let status = town.ok("worker status --as worker");
    assert_eq!((&status["liquidation"], &status["steps"][0]["command"]), (&Value::Null, &json!("hmm worker notify")));
    let lifted = town.ok(&format!("worker notify --worker {worker}"));
    assert_eq!((&lifted["events"][0]["cause"], &lifted["events"][0]["notice_at"]), (&Value::Null, &json!(0)));
    assert_eq!(town.ok("worker status --as worker")["steps"], json!([]));
}

#[test]
fn a_challenge_that_no_committee_can_hear_costs_nothing() {
    let town = Town::supplied("challenge");
    let (worker, traces) = (town.worker("worker"), town.folder.file("traces"));
    let job = town.assigned();
    let keys = town.keys("worker.keys", &[("operator", &keypair("worker")), ("enclave/1", &enclave(1))]);
    for deed in ["started", "submitted"] {
        assert_eq!(town.once(&format!("worker run --worker {worker} --traces {traces} {keys}")), [json!(deed)]);
    }
    town.refuses(&format!("job draw {job}"), "DrawEarly");
    town.pass(50);
    town.ok(&format!("job draw {job}"));
    assert!(town.text(&format!("job status {job}")).contains("verifying: assignment 0 is before 3 verifiers, until "));
    town.vote(&traces);
    town.ok(&format!("job tally {job}"));
    town.refuses(&format!("job settle {job}"), "JobEarly");
    town.refuses(&format!("job appeal {job}"), "JobPhase");

    let before = town.credits("trader");
    let challenged = town.ok(&format!("job challenge {job}"));
    assert_eq!(before - town.credits("trader"), raw(&challenged["events"][0]["bond"]));
    let status = town.ok(&format!("job status {job}"));
    assert_eq!((phase(&status), &status["assignments"][0]["challengers"]), (("challenge", "disputed"), &json!(1)));
    assert!(town.text(&format!("job status {job} --why")).contains("is challenged; its second committee is drawn from "));
    town.refuses(&format!("job settle {job}"), "JobPhase");
    town.pass(HOUR);
    // three of four verifiers have judged it before
    assert_eq!(town.ok(&format!("job draw {job}"))["events"][0]["phase"], "final");
    assert_eq!(town.ok(&format!("job settle {job}"))["events"][0]["outcome"], "passed");
    town.ok(&format!("job claim {job}"));
    assert_eq!(town.credits("trader"), before);
}

#[test]
fn a_gang_that_is_never_whole_is_unwound() {
    let town = Town::supplied("gang");
    let worker = town.worker("worker");
    let before = town.ok("worker show --as worker");
    town.ok("job open --as client --need gpu=40@4 --budget 150 --gang");
    town.ok("job fill 0 --as client");
    town.ok(&format!("job assign 0 --worker {worker} --units gpu=10 --as client"));
    let job = town.ok("job status 0 --as client")["job"].as_str().expect("an address").to_owned();
    town.refuses(&format!("job start {job} --as worker"), "JobGang");
    town.ok(&format!("job assign 0 --worker {worker} --units gpu=30 --as client"));
    assert_eq!(town.ok(&format!("job start {job} --as worker"))["events"][0]["launched"], false);
    assert!(town.text(&format!("job status {job}")).contains("assignment 0 has started and waits for the rest of its gang, until "));
    assert_ne!(town.ok("worker show --as worker")["resources"][0], before["resources"][0]);
    town.pass(2 * HOUR);
    assert_eq!(town.ok(&format!("job expire {job} 0"))["events"][0]["outcome"], "unwound");
    assert_eq!(town.ok(&format!("job expire {job} 1"))["events"][0]["outcome"], "no_show");
    let after = town.ok("worker show --as worker");
    for key in ["outstanding", "held", "in_reserve"] {
        assert_eq!(after["resources"][0][key], before["resources"][0][key], "{key}");
    }
}
