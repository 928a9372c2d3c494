//! The encoder of command lines, for clients, and their form without secrets.

use super::Command;
#[cfg(doc)]
use crate::pop3::limits::MAX_COMMAND_BYTES;

/// The placeholder for a secret.
const REDACTED: &str = "***";

impl Command {
    /// Appends the command line with its CRLF, at most [`MAX_COMMAND_BYTES`].
    pub fn encode(&self, out: &mut Vec<u8>) {
        let line = self.redacted();
        match self.secret() {
            None => out.extend_from_slice(line.as_bytes()),
            Some(secret) => {
                let open = line.strip_suffix(REDACTED).unwrap_or(&line);
                out.extend_from_slice(open.as_bytes());
                out.extend_from_slice(&secret);
            }
        }
        out.extend_from_slice(b"\r\n");
    }

    /// Returns the command line without its CRLF and with `***` in place of its secret, to be shown.
    #[must_use]
    pub fn redacted(&self) -> String {
        match self {
            Self::User(name) => format!("USER {}", name.as_str()),
            Self::Pass(_) => format!("PASS {REDACTED}"),
            Self::Apop(apop) => format!("APOP {} {REDACTED}", apop.user().as_str()),
            Self::Auth(auth) => {
                let mechanism = auth.mechanism().as_str();
                match auth.initial_response() {
                    None => format!("AUTH {mechanism}"),
                    Some(_) => format!("AUTH {mechanism} {REDACTED}"),
                }
            }
            Self::Mechanisms => "AUTH".to_owned(),
            Self::Stls => "STLS".to_owned(),
            Self::Capa => "CAPA".to_owned(),
            Self::Utf8 => "UTF8".to_owned(),
            Self::Lang(None) => "LANG".to_owned(),
            Self::Lang(Some(range)) => format!("LANG {}", range.as_str()),
            Self::Stat => "STAT".to_owned(),
            Self::List(None) => "LIST".to_owned(),
            Self::List(Some(message)) => format!("LIST {message}"),
            Self::Uidl(None) => "UIDL".to_owned(),
            Self::Uidl(Some(message)) => format!("UIDL {message}"),
            Self::Retr(message) => format!("RETR {message}"),
            Self::Top { message, lines } => format!("TOP {message} {lines}"),
            Self::Dele(message) => format!("DELE {message}"),
            Self::Noop => "NOOP".to_owned(),
            Self::Rset => "RSET".to_owned(),
            Self::Xtnd(xtnd) => format!("XTND {}", xtnd.words()),
            Self::Quit => "QUIT".to_owned(),
            Self::Raw(raw) => raw.line().to_owned(),
        }
    }

    /// Returns the secret at the end of the line, if there is one.
    pub(crate) fn secret(&self) -> Option<Vec<u8>> {
        match self {
            Self::Pass(password) => Some(password.reveal().to_vec()),
            Self::Apop(apop) => Some(apop.digest().to_hex().into_bytes()),
            Self::Auth(auth) => {
                let response = auth.initial_response()?;
                // [RFC 5034 §4]: `=` is an empty response, in contrast to none.
                Some(if response.as_bytes().is_empty() {
                    b"=".to_vec()
                } else {
                    response.to_base64().into_bytes()
                })
            }
            Self::User(_)
            | Self::Mechanisms
            | Self::Stls
            | Self::Capa
            | Self::Utf8
            | Self::Lang(_)
            | Self::Stat
            | Self::List(_)
            | Self::Uidl(_)
            | Self::Retr(_)
            | Self::Top { .. }
            | Self::Dele(_)
            | Self::Noop
            | Self::Rset
            | Self::Xtnd(_)
            | Self::Quit
            | Self::Raw(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pop3::argument::{BoardName, LanguageRange, MessageNumber, Password, UserName};
    use crate::pop3::command::{Apop, Auth, Xtnd};
    use crate::sasl::{Mechanism, PlainMessage, SaslResponse};

    fn number(n: u32) -> MessageNumber {
        MessageNumber::new(n).unwrap()
    }

    fn user(name: &str) -> UserName {
        UserName::new(name).unwrap()
    }

    fn password(text: &str) -> Password {
        Password::new(text).unwrap()
    }

    fn wire(command: &Command) -> String {
        let mut out = Vec::new();
        command.encode(&mut out);
        String::from_utf8(out).unwrap()
    }

    fn language(range: &str) -> Command {
        Command::Lang(Some(LanguageRange::new(range).unwrap()))
    }

    fn board(name: &str) -> BoardName {
        BoardName::new(name).unwrap()
    }

    #[test]
    fn every_command_is_encoded_as_the_standards_require_and_parsed_again() {
        let digest = "c4c9334bac560ecc979e58001b3e22fb".parse().unwrap();
        let plain = PlainMessage {
            identity: "",
            user: "test",
            password: b"test",
        };
        let plain = plain.to_response().unwrap();
        for (command, line) in [
            (Command::User(user("mrose")), "USER mrose\r\n"),
            (Command::Pass(password("a  b ")), "PASS a  b \r\n"),
            (
                Command::Apop(Apop::new(user("mrose"), digest).unwrap()),
                "APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n",
            ),
            (
                Command::Auth(Auth::new(Mechanism::Plain.into())),
                "AUTH PLAIN\r\n",
            ),
            (
                Command::Auth(Auth::with_initial_response(Mechanism::Plain.into(), plain).unwrap()),
                "AUTH PLAIN AHRlc3QAdGVzdA==\r\n",
            ),
            (
                Command::Auth(
                    Auth::with_initial_response(
                        Mechanism::Plain.into(),
                        SaslResponse::from_base64(b"").unwrap(),
                    )
                    .unwrap(),
                ),
                "AUTH PLAIN =\r\n",
            ),
            (Command::Mechanisms, "AUTH\r\n"),
            (Command::Stls, "STLS\r\n"),
            (Command::Capa, "CAPA\r\n"),
            (Command::Utf8, "UTF8\r\n"),
            (Command::Lang(None), "LANG\r\n"),
            (language("en-boont"), "LANG en-boont\r\n"),
            (language("*"), "LANG *\r\n"),
            (Command::Stat, "STAT\r\n"),
            (Command::List(None), "LIST\r\n"),
            (Command::List(Some(number(2))), "LIST 2\r\n"),
            (Command::Uidl(None), "UIDL\r\n"),
            (Command::Uidl(Some(number(2))), "UIDL 2\r\n"),
            (Command::Retr(number(1)), "RETR 1\r\n"),
            (
                Command::Top {
                    message: number(1),
                    lines: 10,
                },
                "TOP 1 10\r\n",
            ),
            (Command::Dele(number(4294967295)), "DELE 4294967295\r\n"),
            (Command::Noop, "NOOP\r\n"),
            (Command::Rset, "RSET\r\n"),
            (Command::Xtnd(Xtnd::Bboards(None)), "XTND BBOARDS\r\n"),
            (
                Command::Xtnd(Xtnd::Bboards(Some(board("system")))),
                "XTND BBOARDS system\r\n",
            ),
            (
                Command::Xtnd(Xtnd::Archive(board("system"))),
                "XTND ARCHIVE system\r\n",
            ),
            (Command::Xtnd(Xtnd::XBboards(None)), "XTND X-BBOARDS\r\n"),
            (Command::Quit, "QUIT\r\n"),
        ] {
            assert_eq!(wire(&command), line);
            let read = Command::parse(line.strip_suffix("\r\n").unwrap().as_bytes());
            assert_eq!(read, Ok(command));
        }
    }

    #[test]
    fn a_password_is_sent_byte_for_byte() {
        let mut out = Vec::new();
        Command::Pass(Password::latin1("gr\u{fc}n").unwrap()).encode(&mut out);
        assert_eq!(out, b"PASS gr\xfcn\r\n");
    }

    #[test]
    fn a_redacted_command_has_no_secret() {
        for line in [
            "PASS tanstaaf",
            "APOP mrose c4c9334bac560ecc979e58001b3e22fb",
            "AUTH PLAIN AG1yb3NlAHRhbnN0YWFm",
        ] {
            let command = Command::parse(line.as_bytes()).unwrap();
            let (open, secret) = line.rsplit_once(' ').unwrap();
            assert_eq!(command.redacted(), format!("{open} ***"));
            assert!(!format!("{command:?}").contains(secret));
        }
        assert_eq!(Command::parse(b"TOP 1 2").unwrap().redacted(), "TOP 1 2");
    }
}
