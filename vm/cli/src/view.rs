//! What a command answers: text, or with --json one line.

use serde::Serialize;

use crate::error::Result;

/// An answer that can be read by people and by programs.
pub trait View: Serialize {
    /// Lines, each ended.
    fn text(&self) -> String;
}

#[derive(Serialize)]
struct Answer<'a, T> {
    ok: bool,
    #[serde(flatten)]
    answer: &'a T,
}

pub fn show(answer: &impl View, json: bool) -> Result<()> {
    if json {
        let line = serde_json::to_string(&Answer { ok: true, answer }).map_err(std::io::Error::from)?;
        println!("{line}");
    } else {
        print!("{}", answer.text());
    }
    Ok(())
}
