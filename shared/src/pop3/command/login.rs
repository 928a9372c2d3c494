//! The arguments of `APOP` and `AUTH`.

use crate::pop3::argument::{ApopDigest, ArgumentError, UserName};
use crate::pop3::limits::MAX_COMMAND_BYTES;
use crate::sasl::{MechanismName, SaslResponse};

/// The arguments of `APOP`. Together they fit on a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apop {
    user: UserName,
    digest: ApopDigest,
}

impl Apop {
    /// Checks that the user name is one word and leaves room for the digest.
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

    /// Returns the user name.
    #[must_use]
    pub fn user(&self) -> &UserName {
        &self.user
    }

    /// Returns the digest of timestamp and password.
    #[must_use]
    pub fn digest(&self) -> &ApopDigest {
        &self.digest
    }
}

/// The arguments of `AUTH`. Together they fit on a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auth {
    mechanism: MechanismName,
    initial_response: Option<SaslResponse>,
}

impl Auth {
    /// Names a mechanism without an initial response; the server sends the first challenge.
    #[must_use]
    pub fn new(mechanism: MechanismName) -> Self {
        Self {
            mechanism,
            initial_response: None,
        }
    }

    /// Names a mechanism and includes the initial response.
    ///
    /// # Errors
    /// [`ArgumentError::TooLong`] if the line would be longer than [`MAX_COMMAND_BYTES`]. The
    /// response must then wait for the challenge.
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

    /// Returns the mechanism.
    #[must_use]
    pub fn mechanism(&self) -> &MechanismName {
        &self.mechanism
    }

    /// Returns the initial response, if there is one.
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
    fn an_initial_response_that_is_too_long_for_the_line_is_refused() {
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
    fn apop_refuses_a_user_name_with_a_blank_or_without_room_for_the_digest() {
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
