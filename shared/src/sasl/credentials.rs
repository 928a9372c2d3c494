//! User name, secret and character set.

use std::fmt;

/// A user name and its secret.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// The user name.
    pub user: &'a str,
    /// The password or access token.
    pub secret: &'a str,
    /// The character set of a password that is not ASCII.
    pub charset: Charset,
    /// A function that normalises text to Unicode's form NFKC. Every browser has one; its tables would
    /// be larger than all mechanisms together.
    pub nfkc: fn(&str) -> String,
}

/// The character set in which a password is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8, which the standards require.
    Utf8,
    /// Latin-1, which older servers use.
    Latin1,
}

impl Charset {
    /// Encodes a password; `None` if the character set lacks one of its characters.
    #[must_use]
    pub fn encode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Utf8 => Some(text.as_bytes().to_vec()),
            Self::Latin1 => text.chars().map(|c| u8::try_from(c).ok()).collect(),
        }
    }

    /// Returns true if the two character sets encode a password differently.
    #[must_use]
    pub fn is_ambiguous_for(text: &str) -> bool {
        !text.is_ascii() && Self::Latin1.encode(text).is_some()
    }
}

impl Credentials<'_> {
    /// Returns the secret as bytes, in UTF-8 if the character set cannot encode it.
    pub(crate) fn secret_bytes(&self) -> Vec<u8> {
        let encoded = self.charset.encode(self.secret);
        encoded.unwrap_or_else(|| self.secret.as_bytes().to_vec())
    }
}

impl fmt::Debug for Credentials<'_> {
    /// Omits the secret.
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
    fn a_password_is_ambiguous_only_if_its_encodings_differ() {
        assert!(Charset::is_ambiguous_for("p\u{e4}ss"));
        assert!(!Charset::is_ambiguous_for("pass"));
        assert!(
            !Charset::is_ambiguous_for("p\u{20ac}ss"),
            "no euro in Latin-1"
        );
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
