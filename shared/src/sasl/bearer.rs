//! OAUTHBEARER and XOAUTH2, which send an access token.

use super::Credentials;
use super::exchange::{Dialogue, ExchangeContext, ExchangeError, printable};

/// The separator of the fields of a message.
const SEPARATOR: char = '\u{1}';

/// The client side of an `OAUTHBEARER` exchange ([RFC 7628]).
pub(super) struct OauthBearer {
    message: String,
    failure_detail: Option<String>,
}

impl OauthBearer {
    pub(super) fn new(credentials: &Credentials<'_>, context: &ExchangeContext<'_>) -> Self {
        let user = credentials.user.replace('=', "=3D").replace(',', "=2C");
        let (host, port, token) = (context.host, context.port, credentials.secret);
        Self {
            message: format!(
                "n,a={user},\u{1}host={host}\u{1}port={port}\u{1}auth=Bearer {token}\u{1}\u{1}"
            ),
            failure_detail: None,
        }
    }
}

impl Dialogue for OauthBearer {
    fn initial_response(&self) -> Option<Vec<u8>> {
        Some(self.message.clone().into_bytes())
    }

    /// Keeps the JSON that describes a failure, and answers it as [RFC 7628 §3.2.3] requires.
    fn answer(&mut self, challenge: &[u8]) -> Result<Vec<u8>, ExchangeError> {
        take_failure(&mut self.failure_detail, challenge)?;
        Ok(SEPARATOR.to_string().into_bytes())
    }

    fn failure_detail(&self) -> Option<&str> {
        self.failure_detail.as_deref()
    }
}

/// The client side of an `XOAUTH2` exchange, as Google and Microsoft document it.
pub(super) struct XOauth2 {
    message: String,
    failure_detail: Option<String>,
}

impl XOauth2 {
    pub(super) fn new(credentials: &Credentials<'_>) -> Self {
        let (user, token) = (credentials.user, credentials.secret);
        Self {
            message: format!("user={user}\u{1}auth=Bearer {token}\u{1}\u{1}"),
            failure_detail: None,
        }
    }
}

impl Dialogue for XOauth2 {
    fn initial_response(&self) -> Option<Vec<u8>> {
        Some(self.message.clone().into_bytes())
    }

    /// Keeps the JSON that describes a failure, and answers it with an empty response.
    fn answer(&mut self, challenge: &[u8]) -> Result<Vec<u8>, ExchangeError> {
        take_failure(&mut self.failure_detail, challenge)?;
        Ok(Vec::new())
    }

    fn failure_detail(&self) -> Option<&str> {
        self.failure_detail.as_deref()
    }
}

fn take_failure(
    failure_detail: &mut Option<String>,
    challenge: &[u8],
) -> Result<(), ExchangeError> {
    match failure_detail.replace(printable(challenge)) {
        None => Ok(()),
        Some(_) => Err(ExchangeError::TooManyChallenges),
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{CONTEXT, begin, credentials};
    use super::super::{Exchange, Mechanism};
    use super::*;

    #[test]
    fn oauthbearer_is_the_example_of_rfc_7628() {
        let (user, token) = (
            "user@example.com",
            "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==",
        );
        let credentials = credentials(user, token);
        let context = ExchangeContext {
            host: "server.example.com",
            port: 143,
            ..CONTEXT
        };
        let mut exchange = Exchange::begin(Mechanism::OauthBearer, &credentials, &context).unwrap();
        let message = "n,a=user@example.com,\x01host=server.example.com\x01port=143\x01\
                       auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01";
        assert_eq!(
            exchange.initial_response().unwrap().as_bytes(),
            message.as_bytes()
        );
        let failure =
            b"eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIiwic2NvcGUiOiJleGFtcGxlX3Njb3BlIiwib3BlbmlkL\
              WNvbmZpZ3VyYXRpb24iOiJodHRwczovL2V4YW1wbGUuY29tLy53ZWxsLWtub3duL29wZW5pZC1jb25ma\
              WcifQ==";
        assert_eq!(exchange.answer(failure).unwrap().as_bytes(), b"\x01");
        let failure_detail = exchange.failure_detail().unwrap();
        assert!(
            failure_detail.starts_with("{\"status\":\"invalid_token\""),
            "{failure_detail}"
        );
        assert_eq!(
            exchange.answer(failure),
            Err(ExchangeError::TooManyChallenges)
        );
    }

    #[test]
    fn a_user_name_cannot_end_its_field() {
        let special = credentials("a=b,c", "token");
        let bearer = OauthBearer::new(&special, &CONTEXT);
        assert!(bearer.message.starts_with("n,a=a=3Db=2Cc,\x01"));
    }

    #[test]
    fn xoauth2_answers_a_failure_with_an_empty_response() {
        let token = "t".repeat(5000);
        let credentials = credentials("someuser@example.com", &token);
        let mut exchange = begin(Mechanism::XOauth2, &credentials);
        let message = format!("user=someuser@example.com\x01auth=Bearer {token}\x01\x01");
        assert_eq!(exchange.answer(b"").unwrap().as_bytes(), message.as_bytes());
        let failure = b"eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIn0=";
        assert_eq!(exchange.answer(failure).unwrap().as_bytes(), b"");
        assert_eq!(
            exchange.failure_detail(),
            Some("{\"status\":\"401\",\"schemes\":\"bearer\"}")
        );
    }
}
