//! `docs/jobs.md` is the table of the machine. `HMM_WRITE=1 cargo test -p hmm-job --test docs` writes it.

use std::fmt::Write;

use hmm_job::TABLE;

#[test]
fn the_page_is_the_table() {
    let mut page = String::from(
        "# The life of a job\n\nGenerated from `hmm_job::TABLE` (`HMM_WRITE=1 cargo test -p hmm-job --test docs`); the tests of `crates/job` compare the table with every transition that the machine makes.\n\n\
         A job is `Open`, `Filled`, then as far as its least advanced live assignment (`Assigned`, `Running`, `Submitted`, `Verifying`, `Challenge`), and ends `Settled`, `Cancelled`, `Refunded` or `Slashed`; the reason is the worst outcome of its assignments.\n\
         Rows in bold are cranks: anybody, after some time, whoever is silent. Windows are half-open. Sections are those of the protocol.\n\n\
         | from | event | to | who | when | what moves | section |\n| --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for row in TABLE {
        let bold = if row.crank { "**" } else { "" };
        let (from, to) = (row.from, row.to);
        writeln!(page, "| {from} | {bold}{}{bold} | {to} | {} | {} | {} | {} |", row.event, row.who, row.when, row.moves, row.section)
            .unwrap();
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/jobs.md");
    if std::env::var_os("HMM_WRITE").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    assert!(std::fs::read_to_string(path).unwrap() == page, "docs/jobs.md is stale");
}
