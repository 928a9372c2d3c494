//! Values and helpers for the tests of the mechanisms.

use super::{Charset, Credentials, Exchange, ExchangeContext, Mechanism, SaslResponse};

pub(crate) const CONTEXT: ExchangeContext<'_> = ExchangeContext {
    host: "pop.example.org",
    port: 995,
    binding: None,
    plus_advertised: false,
    nonce: "rOprNGfwEbeRWgbNEkqO",
};

/// Normalises the characters that the tests use.
pub(crate) fn nfkc(text: &str) -> String {
    text.replace('\u{aa}', "a").replace('\u{2168}', "IX")
}

pub(crate) fn credentials<'a>(user: &'a str, secret: &'a str) -> Credentials<'a> {
    Credentials {
        user,
        secret,
        charset: Charset::Utf8,
        nfkc,
    }
}

pub(crate) fn begin(mechanism: Mechanism, credentials: &Credentials<'_>) -> Exchange {
    Exchange::begin(mechanism, credentials, &CONTEXT).unwrap()
}

pub(crate) fn text(response: &SaslResponse) -> String {
    String::from_utf8(response.as_bytes().to_vec()).unwrap()
}
