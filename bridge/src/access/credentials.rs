//! The credentials in a request's `Authorization` header.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use restante_shared::page::SignInCredentials;

/// Parses `Basic` ([RFC 7617 §2]) and `Bearer` ([RFC 6750 §2.1]) credentials; others are ignored.
pub(crate) fn of_header(value: &str) -> Option<SignInCredentials> {
    let (scheme, rest) = value.split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("Bearer") {
        let token = rest.to_owned();
        return Some(SignInCredentials::Token { token });
    }
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some(SignInCredentials::Password {
        user: user.to_owned(),
        password: password.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_and_bearer_are_parsed() {
        // The examples of RFC 7617 and RFC 6750.
        let basic = of_header("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert_eq!(
            basic,
            Some(SignInCredentials::Password {
                user: "Aladdin".to_owned(),
                password: "open sesame".to_owned()
            })
        );
        let bearer = of_header("bearer mF_9.B5f-4.1JqM");
        let token = "mF_9.B5f-4.1JqM".to_owned();
        assert_eq!(bearer, Some(SignInCredentials::Token { token }));
    }

    #[test]
    fn a_password_may_have_colons() {
        let basic = of_header(&format!("Basic {}", STANDARD.encode("a:b:c")));
        assert!(
            matches!(basic, Some(SignInCredentials::Password { password, .. }) if password == "b:c")
        );
    }

    #[test]
    fn other_values_are_ignored() {
        for value in [
            "",
            "Basic",
            "Basic %",
            "Basic QQ==",
            "Digest a=b",
            "Negotiate YQ==",
        ] {
            assert_eq!(of_header(value), None, "{value}");
        }
    }
}
