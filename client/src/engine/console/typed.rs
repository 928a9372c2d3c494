//! What a line is that the reader typed, and which lines are not sent.

use restante_shared::pop3::command::{Command, CommandError};
use restante_shared::pop3::raw::{RawCommand, RawReplyForm};

use crate::api::settings::Secret;

/// What belongs to the login, which is over: a password that is typed here would be for nothing.
const LOGIN: [&str; 5] = ["USER", "PASS", "APOP", "AUTH", "STLS"];

/// Reads a line.
///
/// # Errors
/// Why it is not sent, as a sentence that repeats nothing of it.
pub(super) fn read(line: &str, several_lines: bool, secret: &Secret) -> Result<Command, String> {
    let line = line.trim();
    let keyword = line.split_whitespace().next().unwrap_or_default();
    if LOGIN
        .iter()
        .any(|login| keyword.eq_ignore_ascii_case(login))
    {
        return Err(
            "You are logged in already: names and passwords are not sent from here.".to_owned(),
        );
    }
    if keyword.eq_ignore_ascii_case("UTF8") {
        return Err("UTF8 belongs before the login, which is over: it is not sent.".to_owned());
    }
    if !secret.reveal().is_empty() && line.contains(secret.reveal()) {
        return Err("The password of this mailbox is in this line, so it is not sent.".to_owned());
    }
    match Command::parse(line.as_bytes()) {
        Ok(command) => Ok(command),
        Err(CommandError::Unknown) => {
            let reply = if several_lines {
                RawReplyForm::Body
            } else {
                RawReplyForm::OneLine
            };
            RawCommand::new(line, reply)
                .map(Command::Raw)
                .map_err(|error| format!("This line cannot be sent: {error}."))
        }
        Err(error) => Err(format!("This line cannot be sent: {error}.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Secret {
        Secret::new("correct horse".to_owned())
    }

    #[test]
    fn known_commands_are_known_and_others_are_sent_as_typed() {
        assert_eq!(read(" stat ", false, &secret()), Ok(Command::Stat));
        let raw = |several_lines, reply| {
            let typed = read("XSENDER 1", several_lines, &secret());
            assert_eq!(
                typed,
                Ok(Command::Raw(RawCommand::new("XSENDER 1", reply).unwrap()))
            );
        };
        raw(false, RawReplyForm::OneLine);
        raw(true, RawReplyForm::Body);
    }

    #[test]
    fn a_line_that_could_delete_unasked_is_not_sent_as_it_is() {
        for line in [
            "DELE 1 2",
            "DELE x",
            "dele",
            "QUIT now",
            "RSET 1",
            "X\r\nDELE 1",
            "",
        ] {
            assert!(read(line, false, &secret()).is_err(), "{line}");
        }
    }

    #[test]
    fn no_password_leaves_through_the_console_or_comes_back_in_a_reason() {
        for line in [
            "PASS hunter2",
            "pass\thunter2",
            "  AUTH PLAIN hunter2",
            "USER hunter2",
            "APOP a hunter2",
            "STLS",
            "utf8",
            "NOOP correct horse",
            "correct horse",
        ] {
            let reason = read(line, false, &secret()).unwrap_err();
            assert!(!reason.contains("hunter2") && !reason.contains("horse"));
        }
    }
}
