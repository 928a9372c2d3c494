//! The checks of values, and the reasons why they fail.

use thiserror::Error;

use crate::sasl::SaslSyntaxError;

/// The reason why POP3 cannot carry a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ArgumentError {
    /// The value is empty.
    #[error("it is empty")]
    Empty,
    /// The value does not fit into its command line.
    #[error("it is too long for POP3")]
    TooLong,
    /// The value has a character that its grammar forbids. CR, LF and NUL are always forbidden.
    #[error("it has a character that POP3 cannot carry")]
    Character,
    /// The value is not a message number.
    #[error("it is not a number from 1 to 4294967295")]
    Number,
    /// The line begins with the keyword of a known command.
    #[error("its keyword is a known command")]
    KnownCommand,
    /// The value is not a SASL mechanism name or response.
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
    if text.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
        return Err(ArgumentError::Character);
    }
    Ok(())
}

pub(super) fn check_word(text: &str, limit: usize) -> Result<(), ArgumentError> {
    check_line(text.as_bytes(), limit)?;
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ArgumentError::Character);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pop3::argument::{ApopDigest, ApopTimestamp, Password, UniqueId, UserName};

    #[test]
    fn no_value_can_end_its_line() {
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
