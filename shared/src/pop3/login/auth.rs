//! `AUTH`, which begins a SASL exchange ([RFC 5034 §4]).

use crate::pop3::command::Auth;
use crate::sasl::{Exchange, MechanismName};

/// Makes the arguments of `AUTH` for an exchange that begins.
///
/// They include the initial response only if the server advertises `SASL` and the line stays within the
/// limit of a command. Otherwise the response waits for the server's empty challenge.
#[must_use]
pub fn auth(exchange: &Exchange, sasl_advertised: bool) -> Auth {
    let mechanism = MechanismName::from(exchange.mechanism());
    match exchange.initial_response() {
        Some(response) if sasl_advertised => {
            Auth::with_initial_response(mechanism.clone(), response.clone())
                .unwrap_or_else(|_| Auth::new(mechanism))
        }
        Some(_) | None => Auth::new(mechanism),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sasl::{Charset, Credentials, ExchangeContext, Mechanism};

    const CONTEXT: ExchangeContext<'_> = ExchangeContext {
        host: "pop.example.org",
        port: 995,
        binding: None,
        plus_advertised: false,
        nonce: "rOprNGfwEbeRWgbNEkqO",
    };

    fn begin(mechanism: Mechanism, secret: &str) -> Exchange {
        let credentials = Credentials {
            user: "tim",
            secret,
            charset: Charset::Utf8,
            nfkc: str::to_owned,
        };
        Exchange::begin(mechanism, &credentials, &CONTEXT).unwrap()
    }

    #[test]
    fn the_initial_response_is_sent_with_the_command_if_the_server_advertises_sasl() {
        let message = b"\0tim\0tanstaaftanstaaf";
        let exchange = begin(Mechanism::Plain, "tanstaaftanstaaf");
        let auth_with = auth(&exchange, true);
        assert_eq!(auth_with.mechanism(), &Mechanism::Plain);
        assert_eq!(auth_with.initial_response().unwrap().as_bytes(), message);
        let mut exchange = begin(Mechanism::Plain, "tanstaaftanstaaf");
        assert_eq!(auth(&exchange, false).initial_response(), None);
        assert_eq!(exchange.answer(b"").unwrap().as_bytes(), message);
    }

    #[test]
    fn a_response_that_is_too_long_for_the_command_waits_for_the_challenge() {
        let mut exchange = begin(Mechanism::Plain, &"p".repeat(200));
        assert_eq!(auth(&exchange, true).initial_response(), None);
        assert_eq!(exchange.answer(b"").unwrap().as_bytes().len(), 205);
        let token = "t".repeat(5000);
        let mut exchange = begin(Mechanism::XOauth2, &token);
        assert_eq!(auth(&exchange, true).initial_response(), None);
        let message = format!("user=tim\x01auth=Bearer {token}\x01\x01");
        assert_eq!(exchange.answer(b"").unwrap().as_bytes(), message.as_bytes());
    }

    #[test]
    fn a_mechanism_in_which_the_server_speaks_first_has_no_initial_response() {
        for mechanism in [Mechanism::Login, Mechanism::CramMd5] {
            let exchange = begin(mechanism, "secret");
            assert_eq!(auth(&exchange, true).initial_response(), None);
        }
    }
}
