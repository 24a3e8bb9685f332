//! Runs the `hmm` binary.
#![allow(dead_code)] // every test file uses a part of it

pub mod network;

use std::{
    path::PathBuf,
    process::{Command, Output},
};

use serde_json::Value;

/// What a run of the binary left behind.
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hmm"));
    command.env_remove("SOLANA_RPC_URL");
    command
}

/// Runs it with words separated by spaces.
pub fn hmm(words: &str) -> Run {
    run(command().args(words.split_whitespace()))
}

pub fn run(command: &mut Command) -> Run {
    let Output { status, stdout, stderr } = command.output().expect("the binary runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Run { code: status.code().expect("an exit code"), stdout: text(stdout), stderr: text(stderr) }
}

impl Run {
    /// The answer of a run that went well.
    pub fn ok(&self) -> Value {
        assert_eq!(self.code, 0, "{}{}", self.stdout, self.stderr);
        let answer = self.json();
        assert_eq!(answer["ok"], true, "{answer}");
        answer
    }

    /// Standard output, which is one line of JSON.
    pub fn json(&self) -> Value {
        assert_eq!(self.stdout.lines().count(), 1, "{}{}", self.stdout, self.stderr);
        serde_json::from_str(&self.stdout).expect("JSON")
    }

    /// The refusal of a run that was refused.
    pub fn refusal(&self) -> Value {
        assert_eq!(self.code, 1, "{}{}", self.stdout, self.stderr);
        let answer = self.json();
        assert_eq!((&answer["ok"], &answer["error"]["kind"]), (&Value::Bool(false), &Value::from("refused")), "{answer}");
        answer["error"]["refusal"].clone()
    }
}

/// A folder of one test's own, removed at its end.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    pub fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("a path of text").to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A decimal of whole units as a raw integer: the digits without the point.
pub fn raw(amount: &Value) -> i128 {
    amount.as_str().and_then(|text| text.replace('.', "").parse().ok()).unwrap_or_else(|| panic!("{amount} is not an amount"))
}
