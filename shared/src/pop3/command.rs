//! The commands of POP3, how a client writes them and how a server reads them.

use std::fmt::Write as _;

use thiserror::Error;

use super::MAX_COMMAND_OCTETS;
use super::argument::{
    ApopDigest, ArgumentError, Mechanism, MessageNumber, Password, SaslResponse, UserName,
};

/// A command. Exhaustive, so that a server answers every one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// `USER name` ([RFC 1939 §7]).
    User(UserName),
    /// `PASS string` ([RFC 1939 §7]).
    Pass(Password),
    /// `APOP name digest` ([RFC 1939 §7]).
    Apop(Apop),
    /// `AUTH mechanism [initial-response]` ([RFC 5034 §4]).
    Auth(Auth),
    /// `STLS` ([RFC 2595 §4]).
    Stls,
    /// `CAPA` ([RFC 2449 §5]).
    Capa,
    /// `STAT` ([RFC 1939 §5]).
    Stat,
    /// `LIST [msg]` ([RFC 1939 §5]).
    List(Option<MessageNumber>),
    /// `UIDL [msg]` ([RFC 1939 §7]).
    Uidl(Option<MessageNumber>),
    /// `RETR msg` ([RFC 1939 §5]).
    Retr(MessageNumber),
    /// `TOP msg n` ([RFC 1939 §7]).
    Top {
        /// Which message.
        message: MessageNumber,
        /// How many lines of the body.
        lines: u32,
    },
    /// `DELE msg` ([RFC 1939 §5]).
    Dele(MessageNumber),
    /// `NOOP` ([RFC 1939 §5]).
    Noop,
    /// `RSET` ([RFC 1939 §5]).
    Rset,
    /// `QUIT` ([RFC 1939 §§4, 6]).
    Quit,
}

/// The arguments of `APOP`, which fit on a command line together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apop {
    user: UserName,
    digest: ApopDigest,
}

impl Apop {
    /// Checks that the name is one word which leaves room for the digest.
    ///
    /// # Errors
    /// [`ArgumentError::Character`] for a blank in the name, [`ArgumentError::TooLong`].
    pub fn new(user: UserName, digest: ApopDigest) -> Result<Self, ArgumentError> {
        let around = "APOP  \r\n".len() + ApopDigest::WIRE_OCTETS;
        if user.as_str().contains(' ') {
            return Err(ArgumentError::Character);
        }
        if user.as_str().len() + around > MAX_COMMAND_OCTETS {
            return Err(ArgumentError::TooLong);
        }
        Ok(Self { user, digest })
    }

    /// The name.
    #[must_use]
    pub fn user(&self) -> &UserName {
        &self.user
    }

    /// The digest of timestamp and shared secret.
    #[must_use]
    pub fn digest(&self) -> &ApopDigest {
        &self.digest
    }
}

/// The arguments of `AUTH`, which fit on a command line together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auth {
    mechanism: Mechanism,
    initial_response: Option<SaslResponse>,
}

impl Auth {
    /// Names a mechanism and waits for the server's challenge.
    #[must_use]
    pub fn new(mechanism: Mechanism) -> Self {
        Self {
            mechanism,
            initial_response: None,
        }
    }

    /// Sends the first response along.
    ///
    /// # Errors
    /// [`ArgumentError::TooLong`] where the line would be longer than [`MAX_COMMAND_OCTETS`]: the
    /// response has to wait for the challenge then.
    pub fn with_initial_response(
        mechanism: Mechanism,
        response: SaslResponse,
    ) -> Result<Self, ArgumentError> {
        let around = "AUTH  \r\n".len() + mechanism.as_str().len();
        let encoded = response.octets().len().div_ceil(3) * 4;
        if around + encoded > MAX_COMMAND_OCTETS {
            return Err(ArgumentError::TooLong);
        }
        Ok(Self {
            mechanism,
            initial_response: Some(response),
        })
    }

    /// The mechanism.
    #[must_use]
    pub fn mechanism(&self) -> &Mechanism {
        &self.mechanism
    }

    /// The first response, if it came along.
    #[must_use]
    pub fn initial_response(&self) -> Option<&SaslResponse> {
        self.initial_response.as_ref()
    }
}

/// Why a line is no command: what the server tells the client after `-ERR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CommandError {
    /// The line is longer than the limit; it was thrown away.
    #[error("the line is too long")]
    LineTooLong,
    /// The keyword is unknown.
    #[error("unknown command")]
    Unknown,
    /// An argument is missing, or there is one too many.
    #[error("wrong number of arguments")]
    ArgumentCount,
    /// An argument is not what its command needs.
    #[error("wrong argument: {0}")]
    Argument(#[from] ArgumentError),
}

impl Command {
    /// Appends the command line with its CRLF, at most [`MAX_COMMAND_OCTETS`] octets.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let mut line = String::new();
        let written = match self {
            Self::User(name) => write!(line, "USER {}", name.as_str()),
            Self::Pass(password) => write!(line, "PASS {}", password.reveal()),
            Self::Apop(Apop { user, digest }) => {
                write!(line, "APOP {} {}", user.as_str(), digest.to_hex())
            }
            Self::Auth(auth) => write!(line, "AUTH {}", auth.mechanism.as_str()).and_then(|()| {
                match auth.initial_response.as_ref() {
                    None => Ok(()),
                    // [RFC 5034 §4]: an empty response is told from none by `=`.
                    Some(response) if response.octets().is_empty() => line.write_str(" ="),
                    Some(response) => write!(line, " {}", response.to_base64()),
                }
            }),
            Self::Stls => line.write_str("STLS"),
            Self::Capa => line.write_str("CAPA"),
            Self::Stat => line.write_str("STAT"),
            Self::List(None) => line.write_str("LIST"),
            Self::List(Some(message)) => write!(line, "LIST {message}"),
            Self::Uidl(None) => line.write_str("UIDL"),
            Self::Uidl(Some(message)) => write!(line, "UIDL {message}"),
            Self::Retr(message) => write!(line, "RETR {message}"),
            Self::Top { message, lines } => write!(line, "TOP {message} {lines}"),
            Self::Dele(message) => write!(line, "DELE {message}"),
            Self::Noop => line.write_str("NOOP"),
            Self::Rset => line.write_str("RSET"),
            Self::Quit => line.write_str("QUIT"),
        };
        debug_assert!(written.is_ok(), "writing to a string cannot fail");
        out.extend_from_slice(line.as_bytes());
        out.extend_from_slice(b"\r\n");
    }

    /// Reads a command line without its line end. Keywords are case-insensitive; blanks at the end
    /// and repeated blanks are tolerated, except in `PASS`, which has them all.
    ///
    /// # Errors
    /// [`CommandError`] says what to answer after `-ERR`.
    pub fn parse(line: &[u8]) -> Result<Self, CommandError> {
        let line = std::str::from_utf8(line).map_err(|_| ArgumentError::Character)?;
        let (keyword, rest) = match line.split_once(' ') {
            Some((keyword, rest)) => (keyword, Some(rest)),
            None => (line, None),
        };
        let mut words = rest
            .unwrap_or("")
            .split(' ')
            .filter(|word| !word.is_empty());
        let command = match keyword.to_ascii_uppercase().as_str() {
            // A password may begin and end with blanks, and have some inside.
            "PASS" => {
                let password = rest.ok_or(CommandError::ArgumentCount)?;
                return Ok(Self::Pass(Password::new(password)?));
            }
            // Some servers' user names have blanks inside.
            "USER" => {
                let name = rest.unwrap_or("").trim_matches(' ');
                if name.is_empty() {
                    return Err(CommandError::ArgumentCount);
                }
                return Ok(Self::User(UserName::new(name)?));
            }
            "APOP" => {
                let user = UserName::new(need(&mut words)?)?;
                Self::Apop(Apop::new(user, need(&mut words)?.parse()?)?)
            }
            "AUTH" => {
                let mechanism = Mechanism::new(need(&mut words)?)?;
                Self::Auth(match words.next() {
                    None => Auth::new(mechanism),
                    Some(response) => {
                        let base64 = if response == "=" { "" } else { response };
                        let response = SaslResponse::from_base64(base64.as_bytes())?;
                        Auth::with_initial_response(mechanism, response)?
                    }
                })
            }
            "STLS" => Self::Stls,
            "CAPA" => Self::Capa,
            "STAT" => Self::Stat,
            "LIST" => Self::List(words.next().map(str::parse).transpose()?),
            "UIDL" => Self::Uidl(words.next().map(str::parse).transpose()?),
            "RETR" => Self::Retr(need(&mut words)?.parse()?),
            "TOP" => {
                let message = need(&mut words)?.parse()?;
                let lines = need(&mut words)?;
                if !lines.bytes().all(|octet| octet.is_ascii_digit()) {
                    return Err(ArgumentError::Number.into());
                }
                let lines = lines.parse().map_err(|_| ArgumentError::Number)?;
                Self::Top { message, lines }
            }
            "DELE" => Self::Dele(need(&mut words)?.parse()?),
            "NOOP" => Self::Noop,
            "RSET" => Self::Rset,
            "QUIT" => Self::Quit,
            _ => return Err(CommandError::Unknown),
        };
        match words.next() {
            None => Ok(command),
            Some(_) => Err(CommandError::ArgumentCount),
        }
    }
}

fn need<'a>(words: &mut impl Iterator<Item = &'a str>) -> Result<&'a str, CommandError> {
    words.next().ok_or(CommandError::ArgumentCount)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn every_command_is_written_as_the_standards_say_and_read_again() {
        let digest = "c4c9334bac560ecc979e58001b3e22fb".parse().unwrap();
        let plain = SaslResponse::plain(&user("test"), &password("test"));
        for (command, line) in [
            (Command::User(user("mrose")), "USER mrose\r\n"),
            (Command::Pass(password("a  b ")), "PASS a  b \r\n"),
            (
                Command::Apop(Apop::new(user("mrose"), digest).unwrap()),
                "APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n",
            ),
            (
                Command::Auth(Auth::new(Mechanism::plain())),
                "AUTH PLAIN\r\n",
            ),
            (
                Command::Auth(Auth::with_initial_response(Mechanism::plain(), plain).unwrap()),
                "AUTH PLAIN AHRlc3QAdGVzdA==\r\n",
            ),
            (
                Command::Auth(
                    Auth::with_initial_response(
                        Mechanism::plain(),
                        SaslResponse::from_base64(b"").unwrap(),
                    )
                    .unwrap(),
                ),
                "AUTH PLAIN =\r\n",
            ),
            (Command::Stls, "STLS\r\n"),
            (Command::Capa, "CAPA\r\n"),
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
            (Command::Quit, "QUIT\r\n"),
        ] {
            assert_eq!(wire(&command), line);
            let read = Command::parse(line.strip_suffix("\r\n").unwrap().as_bytes());
            assert_eq!(read, Ok(command));
        }
    }

    #[test]
    fn keywords_are_case_insensitive_and_spare_blanks_are_ignored() {
        assert_eq!(Command::parse(b"stat"), Ok(Command::Stat));
        assert_eq!(Command::parse(b"Quit "), Ok(Command::Quit));
        assert_eq!(Command::parse(b"retr  3 "), Ok(Command::Retr(number(3))));
    }

    #[test]
    fn lines_that_are_no_commands_are_told_apart() {
        for (line, error) in [
            ("", CommandError::Unknown),
            ("STATS", CommandError::Unknown),
            ("XTND XMIT", CommandError::Unknown),
            ("USER", CommandError::ArgumentCount),
            ("PASS", CommandError::ArgumentCount),
            ("PASS ", ArgumentError::Empty.into()),
            ("RETR", CommandError::ArgumentCount),
            ("RETR 0", ArgumentError::Number.into()),
            ("RETR 1 2", CommandError::ArgumentCount),
            ("TOP 1", CommandError::ArgumentCount),
            ("TOP 1 -1", ArgumentError::Number.into()),
            ("AUTH", CommandError::ArgumentCount),
            ("AUTH PLAIN ****", ArgumentError::Base64.into()),
            ("QUIT now", CommandError::ArgumentCount),
            ("PASS a\rb", ArgumentError::Character.into()),
        ] {
            assert_eq!(Command::parse(line.as_bytes()), Err(error), "{line}");
        }
    }

    #[test]
    fn an_initial_response_that_is_too_long_for_the_line_has_to_wait() {
        let response = |n: usize| SaslResponse::plain(&user("u"), &password(&"p".repeat(n)));
        let longest = (1..248)
            .rev()
            .find_map(|n| Auth::with_initial_response(Mechanism::plain(), response(n)).ok())
            .unwrap();
        let line = wire(&Command::Auth(longest));
        assert!((252..=255).contains(&line.len()), "{}", line.len());
    }

    #[test]
    fn apop_refuses_a_name_that_would_shift_its_words() {
        let digest = || ApopDigest::new([0; 16]);
        assert_eq!(
            Apop::new(user("a b"), digest()),
            Err(ArgumentError::Character)
        );
        assert!(Apop::new(user(&"u".repeat(215)), digest()).is_ok());
        assert_eq!(
            Apop::new(user(&"u".repeat(216)), digest()),
            Err(ArgumentError::TooLong)
        );
    }
}
