//! Keys and votes on disk: what is written can be read with the passphrase and not without, survives crashes, and belongs to one agent.
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use hmm_agents::keystore::{Cost, Error, random};
use hmm_agents::{Keystore, Passphrase, PassphraseSource, Vote};
use solana_signer::Signer;

/// Quick, for tests.
const CHEAP: Cost = Cost { memory: 8, passes: 1, lanes: 1 };

/// A folder of its own for each test, empty at its beginning.
fn file(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("keystore").join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder.join("agent.keys")
}
fn passphrase() -> Passphrase {
    Passphrase::new(b"correct horse")
}
fn create(path: &Path) -> Keystore {
    Keystore::create(path, &passphrase(), CHEAP).unwrap()
}
fn open(path: &Path) -> Result<Keystore, Error> {
    Keystore::open(path, &passphrase())
}

#[test]
fn what_is_kept_is_read_again() {
    let path = file("again");
    let mut store = create(&path);
    let key = store.keypair("enclave/1").unwrap().pubkey();
    let other = store.keypair("operator").unwrap().pubkey();
    assert!(key != other && key == store.keypair("enclave/1").unwrap().pubkey());
    store.put("empty", b"").unwrap();
    store.put("", b"no name").unwrap();
    store.put("long", &[7; 100_000]).unwrap();
    store.put("replaced", b"old").unwrap();
    store.put("replaced", b"new").unwrap();
    store.put("forgotten", b"x").unwrap();
    assert!(store.remove("forgotten").unwrap() && !store.remove("forgotten").unwrap());
    drop(store);
    let mut store = open(&path).unwrap();
    assert_eq!(store.names().collect::<Vec<_>>(), ["", "empty", "enclave/1", "long", "operator", "replaced"]);
    assert_eq!((store.get("empty"), store.get(""), store.get("replaced")), (Some(&b""[..]), Some(&b"no name"[..]), Some(&b"new"[..])));
    assert_eq!((store.get("long").unwrap().len(), store.get("forgotten")), (100_000, None));
    assert_eq!((store.keypair("enclave/1").unwrap().pubkey(), store.keypair("operator").unwrap().pubkey()), (key, other));
    assert!(matches!(store.keypair("replaced"), Err(Error::NoKey { found: 3, .. })));
    assert!(matches!(store.put(&"n".repeat(65_536), b""), Err(Error::Length { found: 65_536 })));
    assert_eq!(store.names().count(), 6);
}

#[test]
fn wrong_passphrases_and_changed_files_are_told_apart() {
    let path = file("wrong");
    create(&path).put("secret", b"value").unwrap();
    for wrong in [&b"correct horsf"[..], b"correct hors", b"correct horse ", b"Correct horse"] {
        assert!(matches!(Keystore::open(&path, &Passphrase::new(wrong)), Err(Error::WrongPassphrase)));
    }
    let honest = fs::read(&path).unwrap();
    let attempt = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        open(&path).map(|_| ()).unwrap_err()
    };
    for at in 0..honest.len() {
        for bit in [0, 7] {
            let mut changed = honest.clone();
            changed[at] ^= 1 << bit;
            let error = attempt(&changed);
            let expected = match at {
                0..8 => matches!(error, Error::Format),
                // another cost makes another key, or is beyond what is allowed
                8..20 => matches!(error, Error::Cost { .. } | Error::WrongPassphrase),
                20..52 => matches!(error, Error::WrongPassphrase),
                _ => matches!(error, Error::Tampered),
            };
            assert!(expected, "byte {at}: {error}");
        }
    }
    for length in 0..honest.len() {
        let error = attempt(&honest[..length]);
        assert!(matches!((length, error), (0..76, Error::Format) | (76.., Error::Tampered)));
    }
    assert!(matches!(attempt(&[&honest[..], &[0]].concat()), Error::Tampered));
    fs::write(&path, &honest).unwrap();
    assert_eq!(open(&path).unwrap().get("secret"), Some(&b"value"[..]));
}

#[test]
fn nothing_of_a_secret_is_on_the_disk() {
    let path = file("disk");
    let mut store = create(&path);
    store.put("a name that shows", b"a secret that shows").unwrap();
    let first = fs::read(&path).unwrap();
    store.put("a name that shows", b"a secret that shows").unwrap();
    let second = fs::read(&path).unwrap();
    for part in [&b"name"[..], b"secret", b"horse"] {
        assert!(!first.windows(part.len()).any(|window| window == part));
    }
    // salt and check stay, the nonce and all behind it are new
    assert_eq!((first.len(), &first[..52]), (second.len(), &second[..52]));
    let same = first[52..].iter().zip(&second[52..]).filter(|(a, b)| a == b).count();
    assert!(same < 12, "{same} bytes are the same");
    assert!(!format!("{store:?}").contains("a secret"));
    assert!(!format!("{:?}", passphrase()).contains("horse"));
}

#[test]
fn only_the_owner_may_read_it() {
    let path = file("mode");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let mut store = create(&path);
    assert_eq!(mode(&path), 0o600);
    store.put("a", b"b").unwrap();
    assert_eq!((mode(&path), mode(&path.with_extension("keys.lock"))), (0o600, 0o600));
    drop(store);
    for open_mode in [0o640, 0o604, 0o660, 0o644, 0o777] {
        fs::set_permissions(&path, fs::Permissions::from_mode(open_mode)).unwrap();
        assert!(matches!(open(&path), Err(Error::Permissions { found }) if found == open_mode));
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    // what is written next is the owner's alone again
    open(&path).unwrap().put("c", b"d").unwrap();
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn one_agent_at_a_time_and_nothing_is_overwritten() {
    let path = file("one");
    let store = create(&path);
    assert!(matches!(open(&path), Err(Error::Busy)));
    assert!(matches!(Keystore::create(&path, &passphrase(), CHEAP), Err(Error::Busy)));
    drop(store);
    assert!(matches!(Keystore::create(&path, &passphrase(), CHEAP), Err(Error::Exists { .. })));
    open(&path).unwrap();
    let missing = path.with_extension("missing");
    assert!(matches!(open(&missing), Err(Error::Io { .. })));
    assert!(!missing.with_extension("missing.lock").exists());
}

/// A write that stopped half way leaves the file as it was, and does not stop the next one. A write that cannot be made changes nothing.
#[test]
fn interrupted_writes_lose_nothing() {
    let path = file("crash");
    create(&path).put("kept", b"value").unwrap();
    let half = path.with_extension("keys.new");
    fs::write(&half, b"half of a keysto").unwrap();
    let mut store = open(&path).unwrap();
    assert_eq!(store.get("kept"), Some(&b"value"[..]));
    store.put("more", b"value").unwrap();
    assert!(!half.exists());
    // a folder in the way
    fs::create_dir(&half).unwrap();
    assert!(matches!(store.put("lost", b"value"), Err(Error::Io { .. })));
    assert!(matches!(store.remove("kept"), Err(Error::Io { .. })));
    assert!(matches!(store.keypair("key"), Err(Error::Io { .. })));
    assert_eq!(store.names().collect::<Vec<_>>(), ["kept", "more"]);
    drop(store);
    fs::remove_dir(&half).unwrap();
    assert_eq!(open(&path).unwrap().names().collect::<Vec<_>>(), ["kept", "more"]);
}

#[test]
fn passphrases_change() {
    let path = file("change");
    let mut store = create(&path);
    let key = store.keypair("key").unwrap().pubkey();
    let (new, dear) = (Passphrase::new(b"battery staple"), Cost { memory: 64, passes: 2, lanes: 2 });
    for memory in [0, 7, (1 << 20) + 1, u32::MAX] {
        assert!(matches!(store.change_passphrase(&new, Cost { memory, ..CHEAP }), Err(Error::Cost { .. })));
    }
    assert!(matches!(store.change_passphrase(&new, Cost { passes: 17, ..CHEAP }), Err(Error::Cost { passes: 17, .. })));
    assert!(matches!(store.change_passphrase(&new, Cost { lanes: 0, ..CHEAP }), Err(Error::Cost { lanes: 0, .. })));
    store.change_passphrase(&new, dear).unwrap();
    store.put("later", b"x").unwrap();
    drop(store);
    assert!(matches!(open(&path), Err(Error::WrongPassphrase)));
    let mut store = Keystore::open(&path, &new).unwrap();
    assert_eq!((store.keypair("key").unwrap().pubkey(), store.get("later")), (key, Some(&b"x"[..])));
}

/// The default cost is what it says, and a keystore at that cost opens.
#[test]
fn the_default_cost() {
    let path = file("default");
    Keystore::create(&path, &passphrase(), Cost::default()).unwrap();
    let bytes = fs::read(&path).unwrap();
    let numbers: Vec<u32> = bytes[8..20].chunks(4).map(|four| u32::from_le_bytes(four.try_into().unwrap())).collect();
    assert_eq!(numbers, [65_536, 3, 1]);
    open(&path).unwrap();
}

#[test]
fn passphrases_come_from_files_and_variables() {
    let path = file("source").with_extension("pass");
    let keys = file("source2");
    let source = |text: &str| text.parse::<PassphraseSource>();
    for wrong in ["", "correct horse", "file:", "env:", "pass:correct horse", "FILE:x", "file"] {
        assert!(matches!(source(wrong), Err(Error::PassphraseSource)), "{wrong}");
    }
    let from_file = source(&format!("file:{}", path.display())).unwrap();
    assert!(matches!(from_file.read(), Err(Error::Io { .. })));
    drop(create(&keys));
    for content in ["correct horse", "correct horse\n", "correct horse\r\n", "correct horse\nnot this"] {
        fs::write(&path, content).unwrap();
        Keystore::open(&keys, &from_file.read().unwrap()).unwrap();
    }
    for content in ["", "\n", "\r\nlate"] {
        fs::write(&path, content).unwrap();
        assert!(matches!(from_file.read(), Err(Error::NoPassphrase { .. })));
    }
    assert!(matches!(source("env:HMM_TEST_NOT_SET").unwrap().read(), Err(Error::NoPassphrase { .. })));
    // one that cargo sets
    let from_variable = source("env:CARGO_PKG_NAME").unwrap();
    let mut store = open(&keys).unwrap();
    store.change_passphrase(&Passphrase::new(b"hmm-agents"), CHEAP).unwrap();
    drop(store);
    Keystore::open(&keys, &from_variable.read().unwrap()).unwrap();
    assert!(matches!(open(&keys), Err(Error::WrongPassphrase)));
}

/// A verifier that stops between its commitment and its reveal still has all of what it committed to.
#[test]
fn votes_outlive_a_restart() {
    let path = file("vote");
    let mut store = create(&path);
    let votes: Vec<([u8; 32], Vote)> = [(0, 0, 0, 0), (255, 10_000, i64::MIN, i64::MAX), (3, 77, -1, 1)]
        .map(|(seat, score, delta_i, delta_u)| (random().unwrap(), Vote { seat, score, delta_i, delta_u, salt: random().unwrap() }))
        .into();
    for (round, vote) in &votes {
        assert_eq!(store.vote(round).unwrap(), None);
        store.keep_vote(round, vote).unwrap();
        let other = Vote { score: 1, ..*vote };
        assert!(matches!(store.keep_vote(round, &other), Err(Error::Exists { .. })));
    }
    drop(store);
    let mut store = open(&path).unwrap();
    for (round, vote) in &votes {
        assert_eq!(store.vote(round).unwrap(), Some(*vote));
        assert!(store.forget_vote(round).unwrap() && !store.forget_vote(round).unwrap());
        assert_eq!(store.vote(round).unwrap(), None);
    }
    store.put(&format!("vote/{}", "07".repeat(32)), b"short").unwrap();
    assert!(matches!(store.vote(&[7; 32]), Err(Error::Format)));
    assert_eq!(store.names().count(), 1);
}
