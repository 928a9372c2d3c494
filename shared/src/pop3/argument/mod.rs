//! What commands and listings carry, checked once when it is made.

use thiserror::Error;

use crate::sasl::SaslSyntaxError;

mod credentials;
mod message;
mod names;

pub use credentials::{ApopDigest, ApopTimestamp, Password, UserName};
pub use message::{MessageNumber, UniqueId};
pub use names::{BoardName, LanguageRange};

/// Why a value cannot be sent over POP3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ArgumentError {
    /// It has no octets.
    #[error("it is empty")]
    Empty,
    /// It does not fit into its command line.
    #[error("it is too long for POP3")]
    TooLong,
    /// It has a character that its grammar does not allow; CR, LF and NUL never are.
    #[error("it has a character that POP3 cannot carry")]
    Character,
    /// It is not a number of its kind.
    #[error("it is not a number from 1 to 4294967295")]
    Number,
    /// It begins like a command that has a form of its own.
    #[error("its keyword is a command with a form of its own")]
    KnownCommand,
    /// It is not a SASL mechanism name or response.
    #[error(transparent)]
    Sasl(#[from] SaslSyntaxError),
}

pub(crate) fn check_line(text: &[u8], limit: usize) -> Result<(), ArgumentError> {
    if text.is_empty() {
        return Err(ArgumentError::Empty);
    }
    if text.len() > limit {
        return Err(ArgumentError::TooLong);
    }
    if text.iter().any(|o| matches!(o, b'\r' | b'\n' | 0)) {
        return Err(ArgumentError::Character);
    }
    Ok(())
}

fn check_word(text: &str, limit: usize) -> Result<(), ArgumentError> {
    check_line(text.as_bytes(), limit)?;
    if !text.bytes().all(|octet| octet.is_ascii_graphic()) {
        return Err(ArgumentError::Character);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_ends_a_line_can_be_built() {
        for end in ['\r', '\n', '\0'] {
            let text = format!("a{end}DELE 1");
            assert_eq!(UserName::new(text.clone()), Err(ArgumentError::Character));
            assert_eq!(Password::new(text.clone()), Err(ArgumentError::Character));
            assert!(UniqueId::new(text.clone()).is_err());
            assert!(ApopTimestamp::new(format!("<a{end}@b>")).is_err());
        }
    }

    #[test]
    fn secrets_are_never_printed() {
        let password = Password::new("tanstaaf").unwrap();
        let printed = format!("{password:?} {:?}", ApopDigest::new([0xc4; 16]));
        assert_eq!(printed, "Password(…) ApopDigest(…)");
    }
}
