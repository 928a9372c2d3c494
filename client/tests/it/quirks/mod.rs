//! Behaviour of servers in the wild, and requirements of the standards on clients, tested with the
//! whole client through a real bridge.
//!
//! `table` lists the tests for every requirement and every quirk.

mod ahead;
mod authentication;
mod binding;
mod capabilities;
mod framing;
mod listings;
mod refusals;
mod renamed;
mod retrieval;
mod reused;
mod table;
mod upgrade;
mod without_uidl;

use std::fmt::Write as _;

use restante_client::api::check::CheckOutcome;

/// The greeting.
const GREETING: &str = "S: +OK ready\n";

/// A successful login with `USER` and `PASS`.
const USER_PASS: &str = "
    C: USER reader
    S: +OK
    C: PASS correct horse
    S: +OK
";

/// The end of a session.
const QUIT: &str = "
    C: QUIT
    S: +OK
";

/// Returns `CAPA` and its answer.
fn capa(capabilities: &[&str]) -> String {
    let mut text = String::from("C: CAPA\nS: +OK\n");
    for line in capabilities {
        writeln!(text, "S: {line}").unwrap();
    }
    text + "S: .\n"
}

/// Returns the dialogue from the greeting to the open maildrop, with a server that supports
/// pipelining.
fn login() -> String {
    let capa = capa(&["USER", "UIDL", "PIPELINING"]);
    format!("{GREETING}{capa}{USER_PASS}{capa}")
}

/// Returns `UIDL` and its answer, with the unique-ids of messages 1, 2, 3 and so on.
fn unique_ids(unique_ids: &[&str]) -> String {
    let mut text = String::from("C: UIDL\nS: +OK\n");
    for (number, unique_id) in (1..).zip(unique_ids) {
        writeln!(text, "S: {number} {unique_id}").unwrap();
    }
    text + "S: .\n"
}

/// Returns `UIDL` and `LIST` with their answers. Sizes are requested only if a message is new.
fn listing(messages: &[(&str, u64)]) -> String {
    let names: Vec<&str> = messages.iter().map(|(unique_id, _)| *unique_id).collect();
    let mut text = unique_ids(&names) + "C: LIST\nS: +OK\n";
    for (number, (_, octets)) in (1..).zip(messages) {
        writeln!(text, "S: {number} {octets}").unwrap();
    }
    text + "S: .\n"
}

/// Returns `RETR` and a message of one line.
fn retr(number: u32, line: &str) -> String {
    format!("C: RETR {number}\nS: +OK\nS: {line}\nS: .\n")
}

/// Returns the same dialogue, with all commands before all answers.
fn in_a_row(dialogue: &str) -> String {
    let (said, answered): (Vec<_>, Vec<_>) =
        dialogue.lines().partition(|line| line.starts_with("C:"));
    let lines = said.into_iter().chain(answered);
    lines.map(|line| format!("{line}\n")).collect()
}

/// Returns the outcome of a complete check.
fn done(new_messages: u32, skipped: u32) -> CheckOutcome {
    CheckOutcome::Done {
        new_messages,
        skipped,
    }
}
