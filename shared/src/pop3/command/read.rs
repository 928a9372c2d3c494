//! The parser of command lines, for servers.

use super::{Apop, Auth, Command, CommandError, Xtnd};
use crate::pop3::argument::{ArgumentError, BoardName, LanguageRange, Password, UserName};
use crate::sasl::{MechanismName, SaslResponse};

impl Command {
    /// Returns true if [`parse`](Command::parse) knows a keyword, in upper or lower case.
    pub(crate) fn knows(keyword: &str) -> bool {
        !matches!(
            Self::parse(keyword.as_bytes()),
            Err(CommandError::Unknown | CommandError::LineTooLong)
        )
    }

    /// Parses a command line without its line end.
    ///
    /// Keywords are case-insensitive. Blanks at the end and repeated blanks are ignored, except in
    /// `PASS`: a password keeps all its blanks and may have bytes of any character set.
    ///
    /// # Errors
    /// [`CommandError`], which the server sends after `-ERR`.
    pub fn parse(line: &[u8]) -> Result<Self, CommandError> {
        // A password may be in any character set, and begin and end with blanks.
        if let Some((keyword, rest)) = line.split_at_checked("PASS".len())
            && keyword.eq_ignore_ascii_case(b"PASS")
            && let [b' ', password @ ..] = rest
        {
            return Ok(Self::Pass(Password::new(password)?));
        }
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
            "PASS" => return Err(CommandError::ArgumentCount),
            // Some servers have user names with blanks.
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
            "AUTH" => match words.next() {
                None => Self::Mechanisms,
                Some(mechanism) => Self::Auth(auth(mechanism, words.next())?),
            },
            "STLS" => Self::Stls,
            "CAPA" => Self::Capa,
            "UTF8" => Self::Utf8,
            "LANG" => Self::Lang(words.next().map(LanguageRange::new).transpose()?),
            "STAT" => Self::Stat,
            "LIST" => Self::List(words.next().map(str::parse).transpose()?),
            "UIDL" => Self::Uidl(words.next().map(str::parse).transpose()?),
            "RETR" => Self::Retr(need(&mut words)?.parse()?),
            "TOP" => {
                let message = need(&mut words)?.parse()?;
                let lines = need(&mut words)?;
                if !lines.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(ArgumentError::Number.into());
                }
                let lines = lines.parse().map_err(|_| ArgumentError::Number)?;
                Self::Top { message, lines }
            }
            "DELE" => Self::Dele(need(&mut words)?.parse()?),
            "NOOP" => Self::Noop,
            "RSET" => Self::Rset,
            "XTND" => Self::Xtnd(xtnd(&mut words)?),
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

fn auth(mechanism: &str, response: Option<&str>) -> Result<Auth, CommandError> {
    let mechanism = MechanismName::new(mechanism).map_err(ArgumentError::from)?;
    let Some(response) = response else {
        return Ok(Auth::new(mechanism));
    };
    // [RFC 5034 §4]: `=` is an empty response, in contrast to none.
    let base64 = if response == "=" { "" } else { response };
    let response = SaslResponse::from_base64(base64.as_bytes()).map_err(ArgumentError::from)?;
    Ok(Auth::with_initial_response(mechanism, response)?)
}

fn xtnd<'a>(words: &mut impl Iterator<Item = &'a str>) -> Result<Xtnd, CommandError> {
    let service = need(words)?.to_ascii_uppercase();
    let mut name = || words.next().map(BoardName::new).transpose();
    match service.as_str() {
        "BBOARDS" => Ok(Xtnd::Bboards(name()?)),
        "ARCHIVE" => Ok(Xtnd::Archive(name()?.ok_or(CommandError::ArgumentCount)?)),
        "X-BBOARDS" => Ok(Xtnd::XBboards(name()?)),
        _ => Err(CommandError::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pop3::argument::MessageNumber;
    use crate::sasl::SaslSyntaxError;

    #[test]
    fn keywords_are_case_insensitive_and_spare_blanks_are_ignored() {
        assert_eq!(Command::parse(b"stat"), Ok(Command::Stat));
        assert_eq!(Command::parse(b"Quit "), Ok(Command::Quit));
        assert_eq!(
            Command::parse(b"retr  3 "),
            Ok(Command::Retr(MessageNumber::new(3).unwrap()))
        );
    }

    #[test]
    fn invalid_commands_are_refused_with_their_reason() {
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
            ("LANG e_n", ArgumentError::Character.into()),
            ("LANG en de", CommandError::ArgumentCount),
            ("UTF8 USER", CommandError::ArgumentCount),
            ("XTND", CommandError::ArgumentCount),
            ("XTND ARCHIVE", CommandError::ArgumentCount),
            (
                "AUTH PLAIN ****",
                ArgumentError::from(SaslSyntaxError::Base64).into(),
            ),
            ("QUIT now", CommandError::ArgumentCount),
            ("PASS a\rb", ArgumentError::Character.into()),
        ] {
            assert_eq!(Command::parse(line.as_bytes()), Err(error), "{line}");
        }
    }

    #[test]
    fn only_a_password_may_be_latin_1() {
        let password = Password::latin1(" gr\u{fc}n ").unwrap();
        assert_eq!(
            Command::parse(b"pass  gr\xfcn "),
            Ok(Command::Pass(password))
        );
        for line in [b"USER gr\xfcn".as_slice(), b"PASSW\xfc", b"\xfc"] {
            assert_eq!(Command::parse(line), Err(ArgumentError::Character.into()));
        }
    }
}
