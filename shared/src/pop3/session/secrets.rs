//! The secrets of a session, so that a server which repeats one does not spread it.
//!
//! Some servers quote a line that they do not understand, which may be the password or what was
//! made of it; and one may know it from a session before.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;

use base64::prelude::{BASE64_STANDARD, Engine as _};

use crate::pop3::command::Command;
use crate::pop3::reply::{ResponseCode, StatusText};
use crate::sasl::SaslResponse;

/// How many secrets are remembered: those of several exchanges, of which each sends a few.
const REMEMBERED: usize = 16;

/// A secret shorter than this is found as a word of its own only, lest a password such as `a` tear
/// holes into every line and tell itself by them.
const SHORT: usize = 4;

const REDACTED: &[u8] = b"***";

/// Secrets that are not to be told.
#[derive(Default)]
pub struct Secrets {
    /// What was sent last.
    sent: VecDeque<Vec<u8>>,
    /// What [`register`](Self::register) was told.
    guarded: Vec<Vec<u8>>,
    /// What base64 makes of that.
    encoded: Vec<Vec<u8>>,
}

impl Secrets {
    /// How many were sent.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.sent.len()
    }

    /// Guards a password or an access token from the first octet on, in every session: as it is, and
    /// within whatever base64 was made of it.
    pub fn register(&mut self, secret: &[u8]) {
        if secret.is_empty() || self.guarded.iter().any(|known| known == secret) {
            return;
        }
        self.guarded.push(secret.to_vec());
        // What stands before it shifts it by none to two octets. The characters at either end are
        // left out, which it shares with its neighbours.
        for (shift, shared) in [(0, 0), (1, 2), (2, 3)] {
            let octets = [vec![0; shift].as_slice(), secret].concat();
            let whole = octets.len() * 8 / 6;
            let encoded = BASE64_STANDARD.encode(octets);
            let inner = encoded.as_bytes().get(shared..whole).unwrap_or_default();
            if inner.len() >= SHORT {
                self.encoded.push(inner.to_vec());
            }
        }
    }

    /// The same text with `***` in place of every secret.
    #[must_use]
    pub fn redacted(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.redact(text.as_bytes())).into_owned()
    }

    /// Remembers what a command has of secrets.
    pub(super) fn sent(&mut self, command: &Command) {
        if let Command::Auth(auth) = command
            && let Some(response) = auth.initial_response()
        {
            self.responded(response);
        } else if let Some(secret) = command.secret() {
            self.remember(&secret);
        }
    }

    /// Remembers a SASL response: as it goes over the wire, decoded, and the secret inside.
    pub(super) fn responded(&mut self, response: &SaslResponse) {
        self.remember(response.to_base64().as_bytes());
        let octets = response.as_bytes();
        self.remember(octets);
        // `PLAIN` has the password behind its last NUL.
        if let Some(at) = memchr::memrchr(0, octets) {
            self.remember(octets.get(at + 1..).unwrap_or_default());
        }
        // `OAUTHBEARER` and `XOAUTH2` have fields that end in octet 1.
        for field in octets.split(|octet| *octet == 1) {
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

    /// Puts `***` in place of every secret in what follows a status indicator. A response code that
    /// is known stays: it is a word of the protocol, even where it is the password too.
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

    /// Puts `***` in place of every secret, in whatever case of letters.
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
                // All of the base64 goes: a name may be in it, and some bits of the secret.
                let is_other = |octet: &u8| !is_base64(octet);
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

    /// How many octets the longest secret has with which a text begins.
    fn longest_at(&self, before: &[u8], text: &[u8]) -> Option<usize> {
        let is_letter = |octet: &u8| octet.is_ascii_alphanumeric() || !octet.is_ascii();
        let is_word = |octet: Option<&u8>| octet.is_some_and(is_letter);
        let begins = |secret: &&Vec<u8>| {
            text.split_at_checked(secret.len())
                .is_some_and(|(front, behind)| {
                    front.eq_ignore_ascii_case(secret)
                        && (secret.len() >= SHORT
                            || !(is_word(before.last()) || is_word(behind.first())))
                })
        };
        let all = self.sent.iter().chain(&self.guarded);
        all.filter(begins).map(Vec::len).max()
    }

    /// Whether a text begins with the base64 of a secret.
    fn is_encoded_at(&self, text: &[u8]) -> bool {
        let mut encoded = self.encoded.iter();
        encoded.any(|encoded| text.starts_with(encoded))
    }
}

fn is_base64(octet: &u8) -> bool {
    octet.is_ascii_alphanumeric() || b"+/=".contains(octet)
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
    fn a_repeated_password_is_not_shown() {
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
    fn a_short_password_tears_no_holes() {
        assert_eq!(
            shown(&after("a"), "a maildr\u{f6}a has PASS a"),
            "*** maildr\u{f6}a has PASS ***"
        );
        assert_eq!(shown(&after("auth"), "[AUTH] bad auth"), "[AUTH] bad ***");
    }

    #[test]
    fn what_a_response_was_made_of_is_not_shown() {
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
    fn a_guarded_secret_is_not_shown_whatever_base64_it_is_in() {
        let mut secrets = Secrets::default();
        secrets.register(b"hunter2");
        for before in ["", "u", "us", "\0user\0", "user=u\u{1}auth=Bearer "] {
            for behind in ["", "\u{1}\u{1}", "!"] {
                let encoded = BASE64_STANDARD.encode(format!("{before}hunter2{behind}"));
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
