//! Secrets on disk: agents' keys, and votes that are not revealed yet.
//!
//! # The file
//! | offset | bytes | |
//! | --- | --- | --- |
//! | 0 | 8 | `hmmkeys` and the version, 1 |
//! | 8 | 4 × 3 | Argon2id: memory (KiB), passes, lanes, u32 LE |
//! | 20 | 16 | salt |
//! | 36 | 16 | check: tells a wrong passphrase from a changed file |
//! | 52 | 24 | nonce, new with every write |
//! | 76 | | XChaCha20-Poly1305 of the secrets; what is above is authenticated with them |
//!
//! Argon2id makes 64 bytes of passphrase and salt: the key, the check, and 16 unused. A secret is its name (length u16 LE, UTF-8) and its
//! bytes (length u32 LE), in the order of their names.
//!
//! # Writing
//! A new file (mode 0600) is written beside the old one, brought to the disk and renamed onto it: after a crash there is the old one or
//! the new one. A lock file beside it keeps a second agent away. A secret is on the disk before a function that made it returns.
//!
//! Memory that held a passphrase, key or secret is overwritten when it is given back, as far as the crates below allow.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use solana_keypair::Keypair;
use thiserror::Error;
use zeroize::Zeroizing;

const MAGIC: [u8; 8] = *b"hmmkeys\x01";
const HEADER: usize = 76;
/// The most that a file may ask for: one that was tampered with shall not take the machine down.
const MOST: Cost = Cost { memory: 1 << 20, passes: 16, lanes: 16 };

/// Why a keystore does not do what it was asked to.
#[derive(Debug, Error)]
pub enum Error {
    /// The passphrase is not the one.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// The passphrase is right, what it protects was changed.
    #[error("the keystore was changed by somebody who does not know the passphrase")]
    Tampered,
    /// Not a keystore, or of a version unknown here.
    #[error("not a keystore of version 1")]
    Format,
    /// Costs beyond 1 GiB of memory, 16 passes or 16 lanes, or none.
    #[error("the keystore asks for {memory} KiB, {passes} passes and {lanes} lanes of Argon2id")]
    Cost {
        /// KiB.
        memory: u32,
        /// Passes.
        passes: u32,
        /// Lanes.
        lanes: u32,
    },
    /// Group or others may read or write the file.
    #[error("the keystore has mode {found:03o}, expected 600")]
    Permissions {
        /// The mode.
        found: u32,
    },
    /// Another agent has it open.
    #[error("the keystore is in use")]
    Busy,
    /// Nothing is overwritten.
    #[error("{what} exists already")]
    Exists {
        /// The file, or the name of a secret.
        what: String,
    },
    /// A name beyond 65,535 bytes, or a secret beyond 4 GiB.
    #[error("too long to be kept: {found} bytes")]
    Length {
        /// Bytes.
        found: usize,
    },
    /// A key has another length.
    #[error("{name} is no key: expected 32 bytes, found {found}")]
    NoKey {
        /// The name of the secret.
        name: String,
        /// Its length.
        found: usize,
    },
    /// Neither `file:PATH` nor `env:NAME`.
    #[error("a passphrase is named as file:PATH or env:NAME")]
    PassphraseSource,
    /// There is no passphrase where it is said to be.
    #[error("no passphrase in {place}")]
    NoPassphrase {
        /// File or variable.
        place: String,
    },
    /// The operating system gives no random numbers.
    #[error("no random numbers: {0}")]
    Random(getrandom::Error),
    /// The file system.
    #[error("{path}: {error}")]
    Io {
        /// The file.
        path: String,
        /// What it answered.
        error: io::Error,
    },
}

type Result<T> = std::result::Result<T, Error>;

/// A passphrase. It is never shown.
pub struct Passphrase(Zeroizing<Vec<u8>>);

impl Passphrase {
    /// These bytes.
    pub fn new(bytes: &[u8]) -> Passphrase {
        Passphrase(Zeroizing::new(bytes.to_vec()))
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

/// Where a passphrase is: `file:PATH` or `env:NAME`. Never on a command line, where every process sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PassphraseSource {
    /// The first line of a file.
    File(PathBuf),
    /// An environment variable.
    Env(String),
}

impl FromStr for PassphraseSource {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        match text.split_once(':') {
            Some(("file", path)) if !path.is_empty() => Ok(PassphraseSource::File(path.into())),
            Some(("env", name)) if !name.is_empty() => Ok(PassphraseSource::Env(name.into())),
            _ => Err(Error::PassphraseSource),
        }
    }
}

impl PassphraseSource {
    /// Reads it.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::NoPassphrase`] if it is empty or not set.
    pub fn read(&self) -> Result<Passphrase> {
        let (place, bytes) = match self {
            PassphraseSource::File(path) => {
                let bytes = Zeroizing::new(fs::read(path).map_err(io_error(path))?);
                (path.display().to_string(), Zeroizing::new(bytes.split(|byte| b"\r\n".contains(byte)).next().unwrap_or_default().to_vec()))
            }
            PassphraseSource::Env(name) => {
                let value = std::env::var_os(name).unwrap_or_default();
                (name.clone(), Zeroizing::new(value.into_encoded_bytes()))
            }
        };
        if bytes.is_empty() { Err(Error::NoPassphrase { place }) } else { Ok(Passphrase(bytes)) }
    }
}

/// What a guess of the passphrase costs: Argon2id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// KiB.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for Cost {
    /// 64 MiB, three passes, one lane: about RFC 9106's second recommendation.
    fn default() -> Self {
        Cost { memory: 1 << 16, passes: 3, lanes: 1 }
    }
}

/// What of the header stays the same from write to write.
struct Seal {
    cost: Cost,
    salt: [u8; 16],
    check: [u8; 16],
    cipher: XChaCha20Poly1305,
}

impl Seal {
    fn new(cost: Cost, salt: [u8; 16], passphrase: &Passphrase) -> Result<Seal> {
        let Cost { memory, passes, lanes } = cost;
        let refusal = || Error::Cost { memory, passes, lanes };
        if memory > MOST.memory || passes > MOST.passes || lanes > MOST.lanes {
            return Err(refusal());
        }
        let params = Params::new(memory, passes, lanes, Some(64)).map_err(|_| refusal())?;
        let mut derived = Zeroizing::new([0; 64]);
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon2.hash_password_into(&passphrase.0, &salt, derived.as_mut()).map_err(|_| refusal())?;
        let (key, rest) = derived.split_at(32);
        let cipher = XChaCha20Poly1305::new_from_slice(key).map_err(|_| Error::Format)?;
        let check = rest.first_chunk().copied().ok_or(Error::Format)?;
        Ok(Seal { cost, salt, check, cipher })
    }

    fn header(&self, nonce: &[u8; 24]) -> [u8; HEADER] {
        let mut header = [0; HEADER];
        let cost = [self.cost.memory, self.cost.passes, self.cost.lanes].map(u32::to_le_bytes);
        let parts = [&MAGIC[..], cost.as_flattened(), &self.salt, &self.check, nonce];
        header.iter_mut().zip(parts.into_iter().flatten()).for_each(|(to, from)| *to = *from);
        header
    }
}

type Secrets = BTreeMap<String, Zeroizing<Vec<u8>>>;

/// An open keystore. Nobody else opens it until it is dropped.
pub struct Keystore {
    path: PathBuf,
    _exclusive: File,
    seal: Seal,
    secrets: Secrets,
}

impl fmt::Debug for Keystore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keystore").field("path", &self.path).field("secrets", &self.secrets.keys()).finish()
    }
}

impl Keystore {
    /// A new keystore, empty.
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::Busy`], [`Error::Cost`], those of writing.
    pub fn create(path: &Path, passphrase: &Passphrase, cost: Cost) -> Result<Keystore> {
        let exclusive = exclusive(path)?;
        if fs::symlink_metadata(path).is_ok() {
            return Err(Error::Exists { what: path.display().to_string() });
        }
        let seal = Seal::new(cost, random()?, passphrase)?;
        let store = Keystore { path: path.into(), _exclusive: exclusive, seal, secrets: Secrets::new() };
        write(&store.path, &store.seal, &store.secrets)?;
        Ok(store)
    }

    /// Opens a keystore.
    ///
    /// # Errors
    /// [`Error::Busy`], [`Error::Permissions`], [`Error::Format`], [`Error::Cost`], [`Error::WrongPassphrase`], [`Error::Tampered`],
    /// [`Error::Io`].
    pub fn open(path: &Path, passphrase: &Passphrase) -> Result<Keystore> {
        // before the lock file is made: none is left beside a keystore that is not there
        fs::symlink_metadata(path).map_err(io_error(path))?;
        let exclusive = exclusive(path)?;
        let mode = fs::metadata(path).map_err(io_error(path))?.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(Error::Permissions { found: mode });
        }
        let bytes = fs::read(path).map_err(io_error(path))?;
        let (seal, secrets) = decrypt(&bytes, passphrase)?;
        Ok(Keystore { path: path.into(), _exclusive: exclusive, seal, secrets })
    }

    /// The names of what is kept.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.secrets.keys().map(String::as_str)
    }

    /// A secret.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.secrets.get(name).map(|secret| secret.as_slice())
    }

    /// Keeps a secret, in place of one of that name.
    ///
    /// # Errors
    /// [`Error::Length`], those of writing; then nothing has changed.
    pub fn put(&mut self, name: &str, secret: &[u8]) -> Result<()> {
        let mut secrets = self.secrets.clone();
        secrets.insert(name.into(), Zeroizing::new(secret.to_vec()));
        self.replace(secrets)
    }

    /// Forgets a secret. Returns whether there was one.
    ///
    /// # Errors
    /// Those of writing; then nothing has changed.
    pub fn remove(&mut self, name: &str) -> Result<bool> {
        let mut secrets = self.secrets.clone();
        let known = secrets.remove(name).is_some();
        if known {
            self.replace(secrets)?;
        }
        Ok(known)
    }

    /// The key pair of that name; a new one if there is none.
    ///
    /// # Errors
    /// [`Error::NoKey`], [`Error::Random`], those of writing.
    pub fn keypair(&mut self, name: &str) -> Result<Keypair> {
        let mut seed: Zeroizing<[u8; 32]> = Zeroizing::new([0; 32]);
        if let Some(kept) = self.get(name) {
            let found = kept.len();
            *seed = kept.try_into().map_err(|_| Error::NoKey { name: name.into(), found })?;
        } else {
            *seed = random()?;
            self.put(name, seed.as_slice())?;
        }
        Ok(Keypair::new_from_array(*seed))
    }

    /// Encrypts anew, by another passphrase or at another cost.
    ///
    /// # Errors
    /// [`Error::Cost`], [`Error::Random`], those of writing; then the old passphrase stays.
    pub fn change_passphrase(&mut self, passphrase: &Passphrase, cost: Cost) -> Result<()> {
        let seal = Seal::new(cost, random()?, passphrase)?;
        write(&self.path, &seal, &self.secrets)?;
        self.seal = seal;
        Ok(())
    }

    fn replace(&mut self, secrets: Secrets) -> Result<()> {
        write(&self.path, &self.seal, &secrets)?;
        self.secrets = secrets;
        Ok(())
    }
}

/// Random bytes of the operating system: a key, a salt, a nonce.
///
/// # Errors
/// [`Error::Random`].
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Error::Random)?;
    Ok(bytes)
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.display().to_string();
    move |error| Error::Io { path, error }
}

/// The file's path with something behind its name.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn exclusive(path: &Path) -> Result<File> {
    let path = beside(path, ".lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path).map_err(io_error(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Busy),
        Err(TryLockError::Error(error)) => Err(io_error(&path)(error)),
    }
}

fn write(path: &Path, seal: &Seal, secrets: &Secrets) -> Result<()> {
    let bytes = encrypt(seal, secrets)?;
    let new = beside(path, ".new");
    // of a write that was interrupted
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io_error(&new)(error)),
        _ => {}
    }
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&new).map_err(io_error(&new))?;
    file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(io_error(&new))?;
    fs::rename(&new, path).map_err(io_error(path))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io_error(folder))
}

fn encrypt(seal: &Seal, secrets: &Secrets) -> Result<Vec<u8>> {
    // room for everything at once: a vector that grows leaves copies behind
    let room = secrets.iter().map(|(name, secret)| 6 + name.len() + secret.len()).sum();
    let mut plain = Zeroizing::new(Vec::with_capacity(room));
    for (name, secret) in secrets {
        let length = u16::try_from(name.len()).map_err(|_| Error::Length { found: name.len() })?;
        plain.extend(length.to_le_bytes());
        plain.extend(name.as_bytes());
        let length = u32::try_from(secret.len()).map_err(|_| Error::Length { found: secret.len() })?;
        plain.extend(length.to_le_bytes());
        plain.extend(secret.as_slice());
    }
    let nonce = random()?;
    let header = seal.header(&nonce);
    let payload = Payload { msg: &plain, aad: &header };
    let sealed = seal.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| Error::Length { found: plain.len() })?;
    Ok([&header[..], &sealed].concat())
}

fn decrypt(bytes: &[u8], passphrase: &Passphrase) -> Result<(Seal, Secrets)> {
    let (header, sealed) = bytes.split_first_chunk::<HEADER>().ok_or(Error::Format)?;
    let (magic, rest) = header.split_first_chunk::<8>().ok_or(Error::Format)?;
    if *magic != MAGIC {
        return Err(Error::Format);
    }
    let (cost, rest) = rest.split_first_chunk::<12>().ok_or(Error::Format)?;
    let (salt, rest) = rest.split_first_chunk::<16>().ok_or(Error::Format)?;
    let (check, nonce) = rest.split_first_chunk::<16>().ok_or(Error::Format)?;
    let nonce: &[u8; 24] = nonce.try_into().map_err(|_| Error::Format)?;
    let (numbers, _) = cost.as_chunks::<4>();
    let &[memory, passes, lanes] = numbers else { return Err(Error::Format) };
    let [memory, passes, lanes] = [memory, passes, lanes].map(u32::from_le_bytes);
    let seal = Seal::new(Cost { memory, passes, lanes }, *salt, passphrase)?;
    if seal.check != *check {
        return Err(Error::WrongPassphrase);
    }
    let payload = Payload { msg: sealed, aad: header };
    let plain = Zeroizing::new(seal.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| Error::Tampered)?);
    let secrets = parse(&plain).ok_or(Error::Format)?;
    Ok((seal, secrets))
}

fn parse(mut plain: &[u8]) -> Option<Secrets> {
    let mut secrets = Secrets::new();
    while !plain.is_empty() {
        let (length, rest) = plain.split_first_chunk()?;
        let (name, rest) = rest.split_at_checked(u16::from_le_bytes(*length).into())?;
        let (length, rest) = rest.split_first_chunk()?;
        let (secret, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
        secrets.insert(str::from_utf8(name).ok()?.into(), Zeroizing::new(secret.to_vec()));
        plain = rest;
    }
    Some(secrets)
}
