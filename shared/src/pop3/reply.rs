//! The texts and response codes of status lines.

use std::borrow::Cow;

/// The reason of a refusal, in a form that a client can act on ([RFC 2449 §8], [RFC 3206]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResponseCode {
    /// `[IN-USE]`: the credentials are right, but another session has locked the maildrop.
    InUse,
    /// `[LOGIN-DELAY]`: the last login was too recent.
    LoginDelay,
    /// `[SYS/TEMP]`: a temporary failure.
    SysTemp,
    /// `[SYS/PERM]`: a failure that an administrator must fix.
    SysPerm,
    /// `[AUTH]`: the credentials are wrong.
    Auth,
    /// `[UTF8]`: the command requires `UTF8` first ([RFC 6856 §2]).
    Utf8,
    /// Any other code, in upper case.
    Other(String),
}

impl ResponseCode {
    /// Returns the code without its brackets.
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

    /// Splits a status text into its code and the text after it.
    ///
    /// An unknown level below a known one counts as the known one ([RFC 2449 §8]).
    pub(crate) fn split(text: &str) -> (Option<Self>, &str) {
        let Some((code, rest)) = text.strip_prefix('[').and_then(|t| t.split_once(']')) else {
            return (None, text);
        };
        let well_formed = |byte: u8| byte.is_ascii_graphic() && byte != b'[';
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

/// The text after `+OK` or `-ERR`. It is for the user, except in replies whose text has a defined form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatusText {
    /// The text in the place of a response code. It is a response code only if the server advertises
    /// `RESP-CODES`; see [`Session::response_code`](super::session::Session::response_code). A caller
    /// that uses it without that check must be sure that words in brackets cannot mislead it.
    pub code: Option<ResponseCode>,
    /// The text after the code, without control characters.
    pub text: String,
}

impl StatusText {
    /// Parses the text after the status indicator. Bytes that are not valid UTF-8 are decoded as
    /// Latin-1.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let text: Cow<'_, str> = match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => bytes.iter().copied().map(char::from).collect(),
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
    fn response_codes_may_have_any_case_and_unknown_levels() {
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
    fn eight_bit_text_is_decoded_and_control_characters_are_removed() {
        assert_eq!(StatusText::parse(b" caf\xe9 \x1b[1m").text, "café [1m");
        assert_eq!(StatusText::parse("café".as_bytes()).text, "café");
    }
}
