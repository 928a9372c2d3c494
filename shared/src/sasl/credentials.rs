//! Who logs in, and with what.

use std::fmt;

/// A name and its secret, as a login sends them.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// The name to log in with.
    pub user: &'a str,
    /// The password or access token.
    pub secret: &'a str,
    /// How a password that is not ASCII is written.
    pub charset: Charset,
    /// Normalises text to Unicode's form NFKC, which every browser can; its tables would weigh more
    /// here than all mechanisms together.
    pub nfkc: fn(&str) -> String,
}

/// How a password is written as octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8, as the standards have it.
    Utf8,
    /// Latin-1, as servers from before them have it.
    Latin1,
}

impl Charset {
    /// Writes a password; `None` where the character set has no such character.
    #[must_use]
    pub fn encode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Utf8 => Some(text.as_bytes().to_vec()),
            Self::Latin1 => text.chars().map(|c| u8::try_from(c).ok()).collect(),
        }
    }

    /// Whether a password can be written in both, and differs.
    #[must_use]
    pub fn matters_to(text: &str) -> bool {
        !text.is_ascii() && Self::Latin1.encode(text).is_some()
    }
}

impl Credentials<'_> {
    /// The secret as octets; in UTF-8 where the character set cannot write it.
    pub(crate) fn secret_bytes(&self) -> Vec<u8> {
        let encoded = self.charset.encode(self.secret);
        encoded.unwrap_or_else(|| self.secret.as_bytes().to_vec())
    }
}

impl fmt::Debug for Credentials<'_> {
    /// Leaves the secret out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("user", &self.user)
            .field("charset", &self.charset)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_two_spellings_only_where_they_differ() {
        assert!(Charset::matters_to("p\u{e4}ss"));
        assert!(!Charset::matters_to("pass"));
        assert!(!Charset::matters_to("p\u{20ac}ss"), "no euro in Latin-1");
        let latin1 = Charset::Latin1.encode("p\u{e4}ss");
        assert_eq!(latin1.as_deref(), Some(b"p\xe4ss".as_slice()));
    }

    #[test]
    fn a_secret_is_never_printed() {
        let credentials = Credentials {
            user: "mrose",
            secret: "tanstaaf",
            charset: Charset::Utf8,
            nfkc: str::to_owned,
        };
        assert!(!format!("{credentials:?}").contains("tanstaaf"));
    }
}
