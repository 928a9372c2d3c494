//! The arguments of the commands that log in.

use crate::pop3::argument::{ApopDigest, ArgumentError, UserName};
use crate::pop3::limits::MAX_COMMAND_BYTES;
use crate::sasl::{MechanismName, SaslResponse};

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
        let around = "APOP  \r\n".len() + ApopDigest::WIRE_BYTES;
        if user.as_str().contains(' ') {
            return Err(ArgumentError::Character);
        }
        if user.as_str().len() + around > MAX_COMMAND_BYTES {
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
    mechanism: MechanismName,
    initial_response: Option<SaslResponse>,
}

impl Auth {
    /// Names a mechanism and waits for the server's challenge.
    #[must_use]
    pub fn new(mechanism: MechanismName) -> Self {
        Self {
            mechanism,
            initial_response: None,
        }
    }

    /// Sends the first response along.
    ///
    /// # Errors
    /// [`ArgumentError::TooLong`] where the line would be longer than [`MAX_COMMAND_BYTES`]: the
    /// response has to wait for the challenge then.
    pub fn with_initial_response(
        mechanism: MechanismName,
        response: SaslResponse,
    ) -> Result<Self, ArgumentError> {
        let around = "AUTH  \r\n".len() + mechanism.as_str().len();
        let encoded = response.as_bytes().len().div_ceil(3) * 4;
        if around + encoded > MAX_COMMAND_BYTES {
            return Err(ArgumentError::TooLong);
        }
        Ok(Self {
            mechanism,
            initial_response: Some(response),
        })
    }

    /// The mechanism.
    #[must_use]
    pub fn mechanism(&self) -> &MechanismName {
        &self.mechanism
    }

    /// The first response, if it came along.
    #[must_use]
    pub fn initial_response(&self) -> Option<&SaslResponse> {
        self.initial_response.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pop3::command::Command;
    use crate::sasl::{Mechanism, PlainMessage};

    fn user(name: &str) -> UserName {
        UserName::new(name).unwrap()
    }

    #[test]
    fn an_initial_response_that_is_too_long_for_the_line_has_to_wait() {
        let response = |n: usize| {
            let password = "p".repeat(n);
            let message = PlainMessage {
                identity: "",
                user: "u",
                password: password.as_bytes(),
            };
            message.to_response().unwrap()
        };
        let longest = (1..248)
            .rev()
            .find_map(|n| Auth::with_initial_response(Mechanism::Plain.into(), response(n)).ok())
            .unwrap();
        let mut line = Vec::new();
        Command::Auth(longest).encode(&mut line);
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
