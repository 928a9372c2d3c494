//! `APOP`, which sends an MD5 digest of timestamp and password ([RFC 1939 §7]).

use md5::{Digest as _, Md5};

use crate::pop3::argument::{ApopDigest, ApopTimestamp, ArgumentError, UserName};
use crate::pop3::command::Apop;
use crate::sasl::Credentials;

/// Makes the arguments of `APOP` from the timestamp of the greeting.
///
/// # Errors
/// [`ArgumentError`] if `APOP` cannot carry the name.
pub fn apop(
    user: &UserName,
    credentials: &Credentials<'_>,
    timestamp: &ApopTimestamp,
) -> Result<Apop, ArgumentError> {
    let mut hash = Md5::new();
    hash.update(timestamp.as_str().as_bytes());
    hash.update(credentials.secret_bytes());
    Apop::new(user.clone(), ApopDigest::new(hash.finalize().into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sasl::Charset;

    #[test]
    fn apop_is_the_example_of_rfc_1939() {
        let timestamp = ApopTimestamp::new("<1896.697170952@dbc.mtview.ca.us>").unwrap();
        let user = UserName::new("mrose").unwrap();
        let credentials = Credentials {
            user: "mrose",
            secret: "tanstaaf",
            charset: Charset::Utf8,
            nfkc: str::to_owned,
        };
        let apop = apop(&user, &credentials, &timestamp).unwrap();
        let digest = "c4c9334bac560ecc979e58001b3e22fb".parse().unwrap();
        assert_eq!(apop.digest(), &digest);
    }
}
