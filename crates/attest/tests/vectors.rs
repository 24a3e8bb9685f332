//! The vectors that the Python oracle wrote, every section.
use hmm_attest::digest::*;
use hmm_attest::merkle::{self, Tree};
use hmm_attest::trace::{self, Claim};
use hmm_attest::{Hash, RESOURCES, ed25519, hash};
use serde_json::Value;

fn rows(section: &str) -> Vec<Value> {
    let document: Value = serde_json::from_str(include_str!("../vectors.json")).unwrap();
    let rows = document[section].as_array().unwrap().clone();
    assert!(!rows.is_empty());
    rows
}
fn bytes(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
fn fixed<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().unwrap()
}
fn n<T: std::str::FromStr<Err: std::fmt::Debug>>(value: &Value) -> T {
    value.as_str().unwrap().parse().unwrap()
}
fn per_resource(value: &Value) -> [u64; RESOURCES] {
    value.as_array().unwrap().iter().map(n).collect::<Vec<_>>().try_into().unwrap()
}
fn list<T>(value: &Value, read: impl Fn(&Value) -> T) -> Vec<T> {
    value.as_array().unwrap().iter().map(read).collect()
}

#[test]
fn digests() {
    for row in rows("digest") {
        let (d, f) = (&row["domain"], &row["fields"]);
        let domain = Domain { program: fixed(&d["program"]), genesis: fixed(&d["genesis"]), market: fixed(&d["market"]) };
        let (length, preimage, digest) = match row["type"].as_str().unwrap() {
            "Attestation" => {
                let it = Attestation {
                    job: fixed(&f["job"]),
                    assignment: fixed(&f["assignment"]),
                    worker: fixed(&f["worker"]),
                    model_root: fixed(&f["model_root"]),
                    input_root: fixed(&f["input_root"]),
                    report_digest: fixed(&f["report_digest"]),
                    output_root: fixed(&f["output_root"]),
                    trace_root: fixed(&f["trace_root"]),
                    measurement: fixed(&f["measurement"]),
                    usage: per_resource(&f["usage"]),
                };
                (Attestation::LENGTH, it.preimage(&domain), it.digest(&domain))
            }
            "VerifierCommit" => {
                let it = VerifierCommit {
                    round: fixed(&f["round"]),
                    seat: n(&f["seat"]),
                    score: n(&f["score"]),
                    delta_i: n(&f["delta_i"]),
                    delta_u: n(&f["delta_u"]),
                    salt: fixed(&f["salt"]),
                };
                (VerifierCommit::LENGTH, it.preimage(&domain), it.digest(&domain))
            }
            "EnclaveLeaf" => {
                let it = EnclaveLeaf {
                    worker: fixed(&f["worker"]),
                    measurement: fixed(&f["measurement"]),
                    key: fixed(&f["key"]),
                    capacity: per_resource(&f["capacity"]),
                    expiry: n(&f["expiry"]),
                };
                (EnclaveLeaf::LENGTH, it.preimage(&domain), it.digest(&domain))
            }
            other => panic!("{other}"),
        };
        assert_eq!(preimage, bytes(&row["preimage"]), "{row}");
        assert_eq!(preimage.len(), length);
        assert_eq!(digest, fixed(&row["digest"]), "{row}");
        assert_eq!(digest, hash(&[&preimage]));
    }
}

#[test]
fn trees() {
    for row in rows("merkle") {
        let (depth, leaves) = (n(&row["depth"]), list(&row["leaves"], bytes));
        let tree = Tree::new(depth, &leaves).unwrap();
        assert_eq!((tree.depth(), tree.root()), (depth, fixed(&row["root"])), "{row}");
        for proof in row["proofs"].as_array().unwrap() {
            let (index, siblings): (u32, Vec<Hash>) = (n(&proof["index"]), list(&proof["proof"], fixed));
            assert_eq!(tree.proof(index).unwrap(), siblings);
            merkle::verify(&tree.root(), depth, index, &leaves[index as usize], &siblings).unwrap();
        }
    }
}

#[test]
fn proofs_right_and_wrong() {
    for row in rows("proof") {
        let siblings: Vec<Hash> = list(&row["proof"], fixed);
        let got = merkle::verify(&fixed(&row["root"]), n(&row["depth"]), n(&row["index"]), &bytes(&row["data"]), &siblings);
        assert_eq!(got.err().map(|refusal| refusal.reason.name()), row["refusal"].as_str(), "{row}");
    }
}

#[test]
fn instructions() {
    for row in rows("ed25519") {
        let (key, message) = (fixed(&row["key"]), fixed(&row["message"]));
        let data = ed25519::data(&key, &fixed(&row["signature"]), &message);
        assert_eq!(data.to_vec(), bytes(&row["data"]));
        ed25519::check(&ed25519::PROGRAM, 0, &data, &key, &message).unwrap();
    }
}

#[test]
fn steps() {
    for row in rows("step") {
        let (model, input) = (fixed(&row["model_root"]), fixed(&row["input_root"]));
        assert_eq!(trace::initial_state(&model, &input), fixed(&row["initial"]));
        assert_eq!(trace::step(&model, &fixed(&row["state"])), fixed(&row["next"]), "{row}");
    }
}

#[test]
fn traces() {
    for row in rows("trace") {
        let claim = claim(&row);
        let mut states = vec![trace::initial_state(&claim.model_root, &claim.input_root)];
        for _ in 0..claim.last_link().unwrap() {
            states.push(trace::step(&claim.model_root, states.last().unwrap()));
        }
        assert_eq!(states.pop().unwrap(), claim.output_root);
        let tree = Tree::new(claim.depth, &states).unwrap();
        assert_eq!(tree.root(), claim.trace_root);
        for link in row["links"].as_array().unwrap() {
            let (number, items): (u32, Vec<Hash>) = (n(&link["link"]), list(&link["items"], fixed));
            assert_eq!(trace::items(&tree, &states, number).unwrap(), items);
            assert_eq!(claim.refute(number, &items).unwrap_err().reason.name(), "Honest");
        }
    }
}

#[test]
fn refutations_right_and_wrong() {
    for row in rows("refutation") {
        let items: Vec<Hash> = list(&row["items"], fixed);
        let got = claim(&row).refute(n(&row["link"]), &items);
        assert_eq!(got.err().map(|refusal| refusal.reason.name()), row["refusal"].as_str(), "{row}");
    }
}

fn claim(row: &Value) -> Claim {
    Claim {
        model_root: fixed(&row["model_root"]),
        input_root: fixed(&row["input_root"]),
        depth: n(&row["depth"]),
        trace_root: fixed(&row["trace_root"]),
        output_root: fixed(&row["output_root"]),
    }
}
