//! What servers do in the wild, and what the standards ask of a client, played to the whole client
//! through a real bridge.
//!
//! `table` says for every duty and every oddity which tests show it.

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

/// What a server says first.
const GREETING: &str = "S: +OK ready\n";

/// `USER` and `PASS` with success.
const USER_PASS: &str = "
    C: USER reader
    S: +OK
    C: PASS correct horse
    S: +OK
";

/// The end of every session.
const QUIT: &str = "
    C: QUIT
    S: +OK
";

/// `CAPA` and its answer.
fn capa(capabilities: &[&str]) -> String {
    let mut text = String::from("C: CAPA\nS: +OK\n");
    for line in capabilities {
        writeln!(text, "S: {line}").unwrap();
    }
    text + "S: .\n"
}

/// From the greeting to the open maildrop of a server that can pipeline.
fn login() -> String {
    let capa = capa(&["USER", "UIDL", "PIPELINING"]);
    format!("{GREETING}{capa}{USER_PASS}{capa}")
}

/// `UIDL` with unique-ids of messages 1, 2, 3 and so on.
fn unique_ids(unique_ids: &[&str]) -> String {
    let mut text = String::from("C: UIDL\nS: +OK\n");
    for (number, unique_id) in (1..).zip(unique_ids) {
        writeln!(text, "S: {number} {unique_id}").unwrap();
    }
    text + "S: .\n"
}

/// The same, with `LIST` for the octets, which are asked for where something is new.
fn listing(messages: &[(&str, u64)]) -> String {
    let names: Vec<&str> = messages.iter().map(|(unique_id, _)| *unique_id).collect();
    let mut text = unique_ids(&names) + "C: LIST\nS: +OK\n";
    for (number, (_, octets)) in (1..).zip(messages) {
        writeln!(text, "S: {number} {octets}").unwrap();
    }
    text + "S: .\n"
}

/// A message of one line.
fn retr(number: u32, line: &str) -> String {
    format!("C: RETR {number}\nS: +OK\nS: {line}\nS: .\n")
}

/// The same dialogue with all that is said by the client first, before any of it is answered.
fn in_a_row(dialogue: &str) -> String {
    let (said, answered): (Vec<_>, Vec<_>) =
        dialogue.lines().partition(|line| line.starts_with("C:"));
    let lines = said.into_iter().chain(answered);
    lines.map(|line| format!("{line}\n")).collect()
}

/// A check that came to its end.
fn done(new_messages: u32, skipped: u32) -> CheckOutcome {
    CheckOutcome::Done {
        new_messages,
        skipped,
    }
}
