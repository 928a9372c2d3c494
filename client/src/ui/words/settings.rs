//! The words for the settings of a mailbox: hints, and errors in the form.

use crate::api::settings::{Encryption, Login};
use crate::ui::state::FieldError;

/// The hint for the field of a trusted CA.
pub const CA_HINT: &str = "Only for a server whose certificate comes from an authority of its own.";

/// The hint for the check box that keeps a password.
pub const REMEMBER_HINT: &str = "It is stored encrypted with a key that this browser keeps: that hides it from a search of its files, but not from anyone who can use your browser profile.";

/// Returns a hint if a port is unusual for an encryption.
#[must_use]
pub fn port_hint(encryption: Encryption, port: &str) -> Option<&'static str> {
    match (encryption, port.trim()) {
        (Encryption::Tls, "110") => {
            Some("Port 110 usually begins without TLS: try STLS, or port 995.")
        }
        (Encryption::Stls | Encryption::None, "995") => {
            Some("Port 995 usually expects TLS from the first byte: try TLS, or port 110.")
        }
        (Encryption::Tls | Encryption::Stls | Encryption::None, _) => None,
    }
}

/// Explains a login setting to the user.
#[must_use]
pub fn login_hint(login: Login) -> &'static str {
    match login {
        Login::Password => {
            "The strongest method that the server offers, and never a weaker one than before."
        }
        Login::AccessToken => {
            "Uses a token from your provider instead of the password. Restante does not renew it."
        }
        Login::Only(_) => "Only this method, even if the server offers a stronger one.",
    }
}

/// Explains an encryption setting to the user.
#[must_use]
pub fn encryption_hint(encryption: Encryption) -> &'static str {
    match encryption {
        Encryption::Tls => "Encrypted from this tab to the mail server, from the first byte.",
        Encryption::Stls => "Starts in the clear, then encrypts before the password is sent.",
        Encryption::None => {
            "Not encrypted: everyone between this tab and the mail server can read your password and your mail. Use it for test servers only."
        }
    }
}

/// Returns the sentence for an error in a field of the form.
#[must_use]
pub fn field_error(error: FieldError) -> &'static str {
    match error {
        FieldError::Address => "Enter an address like name@example.org.",
        FieldError::User => "Enter the name that the mail server knows you by.",
        FieldError::AccessToken => "Enter the access token.",
        FieldError::Password => "Enter the password of this mailbox.",
        FieldError::HostMissing => "Enter the name of the mail server, like pop.example.org.",
        FieldError::HostInvalid => "A server name has only letters, digits, hyphens and dots.",
        FieldError::Port => "A port is a number from 1 to 65535.",
        FieldError::Certificate => {
            "Paste the whole certificate, from BEGIN CERTIFICATE to END CERTIFICATE."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_of_another_encryption_gets_a_hint() {
        assert!(port_hint(Encryption::None, "995").is_some());
        assert!(port_hint(Encryption::Tls, " 110").is_some());
        assert_eq!(port_hint(Encryption::Tls, "995"), None);
        assert_eq!(port_hint(Encryption::None, "1110"), None);
    }
}
