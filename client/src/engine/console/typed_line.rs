//! Parsing of typed lines. Some of them are not sent.

use restante_shared::pop3::command::{Command, CommandError};
use restante_shared::pop3::raw::{RawCommand, RawReplyForm};

use crate::api::console::RejectedLine;
use crate::api::settings::Secret;

/// The commands of the login, which is over: a password in them would be sent for nothing.
const LOGIN: [&str; 5] = ["USER", "PASS", "APOP", "AUTH", "STLS"];

/// Parses a line. An unknown command has a multi-line reply if `several_lines` is true.
///
/// # Errors
/// [`RejectedLine`], without any part of the line.
pub(super) fn parse(
    line: &str,
    several_lines: bool,
    secret: &Secret,
) -> Result<Command, RejectedLine> {
    let line = line.trim();
    let keyword = line.split_whitespace().next().unwrap_or_default();
    if LOGIN
        .iter()
        .any(|login| keyword.eq_ignore_ascii_case(login))
    {
        return Err(RejectedLine::Login);
    }
    if keyword.eq_ignore_ascii_case("UTF8") {
        return Err(RejectedLine::Utf8);
    }
    if !secret.reveal().is_empty() && line.contains(secret.reveal()) {
        return Err(RejectedLine::Password);
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
                .map_err(|error| invalid(&error))
        }
        Err(error) => Err(invalid(&error)),
    }
}

/// Rejects a line because of an error.
pub(super) fn invalid(error: &impl ToString) -> RejectedLine {
    RejectedLine::Invalid {
        error: error.to_string(),
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
        assert_eq!(parse(" stat ", false, &secret()), Ok(Command::Stat));
        let raw = |several_lines, reply| {
            let typed = parse("XSENDER 1", several_lines, &secret());
            assert_eq!(
                typed,
                Ok(Command::Raw(RawCommand::new("XSENDER 1", reply).unwrap()))
            );
        };
        raw(false, RawReplyForm::OneLine);
        raw(true, RawReplyForm::Body);
    }

    #[test]
    fn a_line_that_could_delete_without_confirmation_is_not_sent_unchanged() {
        for line in [
            "DELE 1 2",
            "DELE x",
            "dele",
            "QUIT now",
            "RSET 1",
            "X\r\nDELE 1",
            "",
        ] {
            assert!(parse(line, false, &secret()).is_err(), "{line}");
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
            let reason = parse(line, false, &secret()).unwrap_err();
            let reason = format!("{reason:?}");
            assert!(!reason.contains("hunter2") && !reason.contains("horse"));
        }
    }
}
