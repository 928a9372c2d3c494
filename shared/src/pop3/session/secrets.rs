//! The secrets of a session, which are removed from everything that the server sends.
//!
//! Some servers quote a line that they do not understand. The line may be the password, or a value
//! that was computed from it. A server may also know the password from an earlier session.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;

use base64::prelude::{BASE64_STANDARD, Engine as _};

use crate::pop3::command::Command;
use crate::pop3::reply::{ResponseCode, StatusText};
use crate::sasl::SaslResponse;

/// The number of sent secrets that are remembered. Each exchange sends a few, so it covers several
/// exchanges.
const REMEMBERED: usize = 16;

/// The length in bytes below which a secret is removed only where it is a whole word. Otherwise a
/// password such as `a` would leave gaps in every line, and the gaps would reveal it.
const SHORT: usize = 4;

const REDACTED: &[u8] = b"***";

/// Passwords, access tokens and responses that must not be shown or recorded.
#[derive(Default)]
pub struct Secrets {
    /// The secrets that were sent last.
    sent: VecDeque<Vec<u8>>,
    /// The secrets that the caller registered.
    registered: Vec<Vec<u8>>,
    /// The base64 forms of the registered secrets.
    encoded: Vec<Vec<u8>>,
}

impl Secrets {
    /// Returns the number of sent secrets.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.sent.len()
    }

    /// Registers a password or an access token before it is sent. It is removed as such, and within
    /// the base64 of any longer text.
    pub fn register(&mut self, secret: &[u8]) {
        if secret.is_empty() || self.registered.iter().any(|known| known == secret) {
            return;
        }
        self.registered.push(secret.to_vec());
        // The text before the secret shifts it by 0 to 2 bytes. The base64 characters at both ends
        // also encode bytes next to the secret, so they are omitted.
        for (shift, shared) in [(0, 0), (1, 2), (2, 3)] {
            let shifted = [vec![0; shift].as_slice(), secret].concat();
            let whole = shifted.len() * 8 / 6;
            let encoded = BASE64_STANDARD.encode(shifted);
            let inner = encoded.as_bytes().get(shared..whole).unwrap_or_default();
            if inner.len() >= SHORT {
                self.encoded.push(inner.to_vec());
            }
        }
    }

    /// Returns a text with `***` in place of every secret.
    #[must_use]
    pub fn redacted(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.redact(text.as_bytes())).into_owned()
    }

    /// Remembers the secret of a command, if it has one.
    pub(super) fn sent(&mut self, command: &Command) {
        if let Command::Auth(auth) = command
            && let Some(response) = auth.initial_response()
        {
            self.responded(response);
        } else if let Some(secret) = command.secret() {
            self.remember(&secret);
        }
    }

    /// Remembers a SASL response: in base64, decoded, and the secret inside.
    pub(super) fn responded(&mut self, response: &SaslResponse) {
        self.remember(response.to_base64().as_bytes());
        let bytes = response.as_bytes();
        self.remember(bytes);
        // In `PLAIN`, the password follows the last NUL.
        if let Some(at) = memchr::memrchr(0, bytes) {
            self.remember(bytes.get(at + 1..).unwrap_or_default());
        }
        // `OAUTHBEARER` and `XOAUTH2` have fields that end in the byte 1.
        for field in bytes.split(|byte| *byte == 1) {
            if let Some(credentials) = field.strip_prefix(b"auth=") {
                let at = memchr::memchr(b' ', credentials).map_or(0, |at| at + 1);
                self.remember(credentials.get(at..).unwrap_or_default());
            }
        }
    }

    fn remember(&mut self, secret: &[u8]) {
        if secret.is_empty() || self.sent.iter().any(|known| known == secret) {
            return;
        }
        if self.sent.len() == REMEMBERED {
            self.sent.pop_front();
        }
        self.sent.push_back(secret.to_vec());
    }

    /// Replaces every secret in the text after a status indicator with `***`. A known response code
    /// stays, even if it equals the password, because it is part of the protocol.
    pub(super) fn redact_status<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        let code = match StatusText::parse(text).code {
            None | Some(ResponseCode::Other(_)) => 0,
            Some(_) => memchr::memchr(b']', text).unwrap_or_default(),
        };
        let (code, rest) = text.split_at(code);
        match self.redact(rest) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(rest) => Cow::Owned([code, &rest].concat()),
        }
    }

    /// Replaces every secret with `***`, in upper or lower case.
    pub(super) fn redact<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        let mut shown = Vec::new();
        let mut from = 0;
        let mut at = 0;
        while at < text.len() {
            let (before, rest) = text.split_at(at);
            let plain = self.longest_at(before, rest);
            let (begin, end) = if let Some(secret) = plain {
                (at, at + secret)
            } else if self.is_encoded_at(rest) {
                // The rest of the base64 may encode a user name and some bits of the secret.
                let is_other = |byte: &u8| !is_base64(byte);
                let begin = before.iter().rposition(is_other).map_or(0, |at| at + 1);
                let length = rest.iter().position(is_other).unwrap_or(rest.len());
                (begin.max(from), at + length)
            } else {
                at += 1;
                continue;
            };
            shown.extend_from_slice(text.get(from..begin).unwrap_or_default());
            shown.extend_from_slice(REDACTED);
            at = end;
            from = end;
        }
        if from == 0 {
            return Cow::Borrowed(text);
        }
        shown.extend_from_slice(text.get(from..).unwrap_or_default());
        Cow::Owned(shown)
    }

    /// Returns the length of the longest secret with which a text begins.
    fn longest_at(&self, before: &[u8], text: &[u8]) -> Option<usize> {
        let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii();
        let is_word = |byte: Option<&u8>| byte.is_some_and(is_letter);
        let begins = |secret: &&Vec<u8>| {
            text.split_at_checked(secret.len())
                .is_some_and(|(front, after)| {
                    front.eq_ignore_ascii_case(secret)
                        && (secret.len() >= SHORT
                            || !(is_word(before.last()) || is_word(after.first())))
                })
        };
        let all = self.sent.iter().chain(&self.registered);
        all.filter(begins).map(Vec::len).max()
    }

    /// Returns true if a text begins with the base64 of a registered secret.
    fn is_encoded_at(&self, text: &[u8]) -> bool {
        let mut encoded = self.encoded.iter();
        encoded.any(|encoded| text.starts_with(encoded))
    }
}

fn is_base64(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=".contains(byte)
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pop3::argument::Password;

    fn after(password: &str) -> Secrets {
        let mut secrets = Secrets::default();
        secrets.sent(&Command::Pass(Password::new(password).unwrap()));
        secrets
    }

    fn shown(secrets: &Secrets, text: &str) -> String {
        String::from_utf8(secrets.redact_status(text.as_bytes()).into_owned()).unwrap()
    }

    #[test]
    fn a_repeated_password_is_removed() {
        let secrets = after("hunter2");
        for (text, redacted) in [
            ("unknown: PASS HUNTER2", "unknown: PASS ***"),
            ("hunter2hunter2", "******"),
            ("[X-hunter2] no", "[X-***] no"),
            ("hunter", "hunter"),
            ("", ""),
        ] {
            assert_eq!(shown(&secrets, text), redacted);
        }
    }

    #[test]
    fn a_short_password_is_removed_only_where_it_is_a_word() {
        assert_eq!(
            shown(&after("a"), "a maildr\u{f6}a has PASS a"),
            "*** maildr\u{f6}a has PASS ***"
        );
        assert_eq!(shown(&after("auth"), "[AUTH] bad auth"), "[AUTH] bad ***");
    }

    #[test]
    fn the_secrets_inside_a_response_are_removed() {
        let mut secrets = Secrets::default();
        let response = SaslResponse::new(*b"\0mrose\0tanstaaf").unwrap();
        secrets.responded(&response);
        let base64 = response.to_base64();
        assert_eq!(
            shown(&secrets, &format!("mrose, {base64}, tanstaaf")),
            "mrose, ***, ***"
        );
        let bearer = SaslResponse::new(*b"n,a=mrose,\x01auth=Bearer vF9dft4qmT\x01\x01").unwrap();
        secrets.responded(&bearer);
        assert_eq!(
            shown(&secrets, "mrose with Bearer vF9dft4qmT"),
            "mrose with Bearer ***"
        );
    }

    #[test]
    fn a_registered_secret_is_removed_within_any_base64() {
        let mut secrets = Secrets::default();
        secrets.register(b"hunter2");
        for before in ["", "u", "us", "\0user\0", "user=u\u{1}auth=Bearer "] {
            for after in ["", "\u{1}\u{1}", "!"] {
                let encoded = BASE64_STANDARD.encode(format!("{before}hunter2{after}"));
                let text = format!("what is {encoded}?");
                assert_eq!(shown(&secrets, &text), "what is ***?", "{before:?}");
            }
        }
        assert_eq!(secrets.redacted("PASS Hunter2, hunter"), "PASS ***, hunter");
        let nothing = Secrets::default();
        assert_eq!(nothing.redacted("hunter2"), "hunter2");
        assert!(!format!("{secrets:?}").contains("unter"));
    }

    #[test]
    fn only_the_last_secrets_are_remembered() {
        let mut secrets = Secrets::default();
        for n in 0..100 {
            secrets.sent(&Command::Pass(
                Password::new(format!("pass{n:03}")).unwrap(),
            ));
        }
        assert_eq!(secrets.len(), REMEMBERED);
        assert_eq!(shown(&secrets, "pass000 pass099"), "pass000 ***");
    }
}
