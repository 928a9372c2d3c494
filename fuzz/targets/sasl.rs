//! Arbitrary challenges of a server: every mechanism responds or returns an error. The first byte
//! of the input selects the mechanism, and each line after it is a challenge.

#![no_main]

use libfuzzer_sys::fuzz_target;
use restante_shared::pop3::login::{Method, auth};
use restante_shared::sasl::{
    BindingKind, ChannelBinding, Charset, Credentials, Exchange, ExchangeContext,
    MAX_SASL_RESPONSE_BYTES,
};

fuzz_target!(|input: &[u8]| {
    let Some((first, challenges)) = input.split_first() else {
        return;
    };
    let method = Method::LADDER[usize::from(*first) % Method::LADDER.len()];
    let credentials = Credentials {
        user: "m,ro=se",
        secret: "gr\u{fc}n",
        charset: Charset::Utf8,
        nfkc: str::to_owned,
    };
    let binding = ChannelBinding {
        kind: BindingKind::Exporter,
        data: vec![7; 32],
    };
    let context = ExchangeContext {
        host: "pop.example.org",
        port: 995,
        binding: Some(&binding),
        plus_advertised: true,
        nonce: "fyko+d2lbbFgONRv9qkxdawL",
    };
    let Some(mechanism) = method.mechanism() else {
        return;
    };
    let Ok(mut exchange) = Exchange::begin(mechanism, &credentials, &context) else {
        return;
    };
    let _ = auth(&exchange, *first < 128);
    for challenge in challenges.split(|byte| *byte == b'\n') {
        match exchange.answer(challenge) {
            Ok(response) => assert!(response.as_bytes().len() <= MAX_SASL_RESPONSE_BYTES),
            Err(_) => break,
        }
    }
    let _ = exchange.accepted();
    let _ = exchange.failure_detail();
});
