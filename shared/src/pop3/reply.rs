//! Status indicators and response codes: the first line of every reply.

use std::borrow::Cow;

/// Why a server refuses, in a form that a client can act on ([RFC 2449 §8], [RFC 3206]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResponseCode {
    /// `[IN-USE]`: the credentials were right, but another session holds the maildrop.
    InUse,
    /// `[LOGIN-DELAY]`: too soon after the last login.
    LoginDelay,
    /// `[SYS/TEMP]`: a fault that will pass.
    SysTemp,
    /// `[SYS/PERM]`: a fault that somebody has to mend.
    SysPerm,
    /// `[AUTH]`: the credentials are at fault.
    Auth,
    /// `[UTF8]`: it would need `UTF8` first ([RFC 6856 §2]).
    Utf8,
    /// Any other, in upper case.
    Other(String),
}

impl ResponseCode {
    /// The code without its brackets.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::InUse => "IN-USE",
            Self::LoginDelay => "LOGIN-DELAY",
            Self::SysTemp => "SYS/TEMP",
            Self::SysPerm => "SYS/PERM",
            Self::Auth => "AUTH",
            Self::Utf8 => "UTF8",
            Self::Other(name) => name,
        }
    }

    /// Takes the code from the front of a status text, and returns what follows it.
    ///
    /// A level that is not known below a known one counts as the known one ([RFC 2449 §8]).
    pub(crate) fn split(text: &str) -> (Option<Self>, &str) {
        let Some((code, rest)) = text.strip_prefix('[').and_then(|t| t.split_once(']')) else {
            return (None, text);
        };
        let well_formed = |o: u8| o.is_ascii_graphic() && o != b'[';
        if code.is_empty() || !code.bytes().all(well_formed) {
            return (None, text);
        }
        let name = code.to_ascii_uppercase();
        let mut levels = name.split('/');
        let code = match (levels.next(), levels.next()) {
            (Some("IN-USE"), _) => Self::InUse,
            (Some("LOGIN-DELAY"), _) => Self::LoginDelay,
            (Some("SYS"), Some("TEMP")) => Self::SysTemp,
            (Some("SYS"), Some("PERM")) => Self::SysPerm,
            (Some("AUTH"), _) => Self::Auth,
            (Some("UTF8"), _) => Self::Utf8,
            (Some(_) | None, _) => Self::Other(name),
        };
        (Some(code), rest.strip_prefix(' ').unwrap_or(rest))
    }
}

/// What follows `+OK` or `-ERR`: for people, unless the command says otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatusText {
    /// What is said where a response code stands. It means something only where the server has
    /// announced `RESP-CODES`, which
    /// [`Session::announced_code`](super::session::Session::announced_code) knows; a caller who also
    /// believes others has to be sure that words in brackets cannot mislead.
    pub code: Option<ResponseCode>,
    /// The text behind it, without control characters.
    pub text: String,
}

impl StatusText {
    /// Reads what follows the status indicator. Octets that are no UTF-8 count as Latin-1.
    #[must_use]
    pub fn read(octets: &[u8]) -> Self {
        let text: Cow<'_, str> = match std::str::from_utf8(octets) {
            Ok(text) => text.into(),
            Err(_) => octets.iter().copied().map(char::from).collect(),
        };
        let text = text.trim_matches(' ');
        let (code, text) = ResponseCode::split(text);
        Self {
            code,
            text: text.chars().filter(|c| !c.is_control()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_codes_are_read_in_any_case_and_below_known_levels() {
        for (text, code, rest) in [
            ("[IN-USE] locked", Some(ResponseCode::InUse), "locked"),
            (
                "[sys/temp/disk] later",
                Some(ResponseCode::SysTemp),
                "later",
            ),
            ("[AUTH]no", Some(ResponseCode::Auth), "no"),
            (
                "[X-MOON/new] dark",
                Some(ResponseCode::Other("X-MOON/NEW".into())),
                "dark",
            ),
            ("[utf8] needed", Some(ResponseCode::Utf8), "needed"),
            ("[not a code] x", None, "[not a code] x"),
            ("[open", None, "[open"),
            ("[] x", None, "[] x"),
        ] {
            assert_eq!(ResponseCode::split(text), (code, rest), "{text}");
        }
    }

    #[test]
    fn eight_bit_text_and_control_characters_do_no_harm() {
        assert_eq!(StatusText::read(b" caf\xe9 \x1b[1m").text, "café [1m");
        assert_eq!(StatusText::read("café".as_bytes()).text, "café");
    }
}
