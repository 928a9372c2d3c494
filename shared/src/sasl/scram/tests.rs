//! The examples of the standards, and malicious servers.

use super::super::test_support::{CONTEXT, credentials, text};
use super::super::{BindingKind, Exchange, ExchangeContext, Mechanism};
use super::*;

const NONCE_1: &str = "fyko+d2lbbFgONRv9qkxdawL";
const FIRST_1: &str = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096";
const PROOF_1: &str = "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,\
                       p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=";

fn begin(mechanism: Mechanism, context: &ExchangeContext<'_>) -> (Exchange, String) {
    let exchange = Exchange::begin(mechanism, &credentials("user", "pencil"), context).unwrap();
    let first = text(exchange.initial_response().unwrap());
    (exchange, first)
}

fn sha_1() -> Exchange {
    let nonce = NONCE_1;
    let context = ExchangeContext { nonce, ..CONTEXT };
    begin(Mechanism::ScramSha1, &context).0
}

fn answer(exchange: &mut Exchange, message: &str) -> Result<String, ExchangeError> {
    let challenge = STANDARD.encode(message);
    Ok(text(&exchange.answer(challenge.as_bytes())?))
}

#[test]
fn scram_sha_1_is_the_example_of_rfc_5802() {
    let nonce = NONCE_1;
    let context = ExchangeContext { nonce, ..CONTEXT };
    let (mut exchange, first) = begin(Mechanism::ScramSha1, &context);
    assert_eq!(first, "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
    assert_eq!(answer(&mut exchange, FIRST_1).unwrap(), PROOF_1);
    let signature = "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=";
    assert_eq!(answer(&mut exchange, signature).unwrap(), "");
    assert_eq!(exchange.accepted(), Ok(()));
    assert_eq!(
        answer(&mut exchange, signature),
        Err(ExchangeError::TooManyChallenges)
    );
}

#[test]
fn scram_sha_256_is_the_example_of_rfc_7677() {
    let nonce = "rOprNGfwEbeRWgbNEkqO";
    let context = ExchangeContext { nonce, ..CONTEXT };
    let (mut exchange, first) = begin(Mechanism::ScramSha256, &context);
    assert_eq!(first, "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
    let challenge = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                     s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    let proof = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                 p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    assert_eq!(answer(&mut exchange, challenge).unwrap(), proof);
    let signature = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
    assert_eq!(answer(&mut exchange, signature).unwrap(), "");
    assert_eq!(exchange.accepted(), Ok(()));
}

#[test]
fn the_header_has_the_binding_or_says_that_there_could_be_one() {
    let binding = ChannelBinding {
        kind: BindingKind::Exporter,
        data: b"\x01\x02\xff".to_vec(),
    };
    let bound = ExchangeContext {
        binding: Some(&binding),
        plus_advertised: true,
        ..CONTEXT
    };
    let header = |first: String| first.split("n=").next().unwrap().to_owned();
    let (mut exchange, first) = begin(Mechanism::ScramSha256Plus, &bound);
    assert_eq!(header(first), "p=tls-exporter,,");
    let challenge = format!("r={}x,s=QSXCR+Q6sek8bf92,i=1", CONTEXT.nonce);
    let proof = answer(&mut exchange, &challenge).unwrap();
    let input = STANDARD.encode(b"p=tls-exporter,,\x01\x02\xff");
    assert!(proof.starts_with(&format!("c={input},r=")), "{proof}");
    // After the bound mechanism was refused, the unbound one does not claim that it was not advertised.
    assert_eq!(header(begin(Mechanism::ScramSha256, &bound).1), "n,,");
    let not_offered = ExchangeContext {
        plus_advertised: false,
        ..bound
    };
    let (mut exchange, first) = begin(Mechanism::ScramSha256, &not_offered);
    assert_eq!(header(first), "y,,");
    let proof = answer(&mut exchange, &challenge).unwrap();
    assert!(proof.starts_with("c=eSws,"), "{proof}");
    let end_point = ChannelBinding {
        kind: BindingKind::ServerEndPoint,
        data: vec![0; 32],
    };
    let context = ExchangeContext {
        binding: Some(&end_point),
        ..bound
    };
    let (_, first) = begin(Mechanism::ScramSha1Plus, &context);
    assert_eq!(header(first), "p=tls-server-end-point,,");
    let nothing = Exchange::begin(
        Mechanism::ScramSha1Plus,
        &credentials("user", "pencil"),
        &CONTEXT,
    );
    assert_eq!(nothing.err(), Some(ExchangeError::NoChannelBinding));
}

#[test]
fn a_server_that_does_not_know_the_password_is_not_trusted() {
    let mut exchange = sha_1();
    assert_eq!(exchange.accepted(), Err(ExchangeError::ServerNotProven));
    answer(&mut exchange, FIRST_1).unwrap();
    assert_eq!(exchange.accepted(), Err(ExchangeError::ServerNotProven));
    let wrong = answer(&mut exchange, "v=rmF9pqV8S7suAoZWja4dJRkFsKR=");
    assert!(wrong.is_err(), "base64 with non-zero trailing bits");
    for wrong in ["v=smF9pqV8S7suAoZWja4dJRkFsKQ=", "v="] {
        assert_eq!(
            answer(&mut exchange, wrong),
            Err(ExchangeError::ServerNotProven)
        );
        assert_eq!(exchange.accepted(), Err(ExchangeError::ServerNotProven));
    }
}

#[test]
fn an_error_inside_the_exchange_is_answered_and_kept() {
    let mut exchange = sha_1();
    answer(&mut exchange, FIRST_1).unwrap();
    assert_eq!(answer(&mut exchange, "e=invalid-proof").unwrap(), "");
    assert_eq!(exchange.failure_detail(), Some("invalid-proof"));
    assert_eq!(exchange.accepted(), Err(ExchangeError::ServerNotProven));
}

#[test]
fn malformed_challenges_and_excessive_rounds_are_refused() {
    let nonce = "r=fyko+d2lbbFgONRv9qkxdawL3";
    for challenge in [
        "i=1",
        "m=what,r=fyko+d2lbbFgONRv9qkxdawL3,s=QSXCR+Q6sek8bf92,i=1",
        "r=fyko+d2lbbFgONRv9qkxdawL,s=QSXCR+Q6sek8bf92,i=1",
        "r=other+d2lbbFgONRv9qkxdawL3,s=QSXCR+Q6sek8bf92,i=1",
        &format!("{nonce},s=*,i=1"),
        &format!("{nonce},s=QSXCR+Q6sek8bf92,i=0"),
        &format!("{nonce},s=QSXCR+Q6sek8bf92,i=-1"),
    ] {
        let answered = answer(&mut sha_1(), challenge);
        let malformed = matches!(answered, Err(ExchangeError::Malformed(..)));
        assert!(malformed, "{challenge}: {answered:?}");
    }
    for rounds in [1_000_001, 4_294_967_297, u64::MAX] {
        let answered = answer(
            &mut sha_1(),
            &format!("{nonce},s=QSXCR+Q6sek8bf92,i={rounds}"),
        );
        assert_eq!(answered, Err(ExchangeError::Iterations(rounds, 1_000_000)));
    }
    assert_eq!(sha_1().answer(b"not base64"), Err(ExchangeError::NotBase64));
}

#[test]
fn user_names_are_prepared_and_cannot_end_their_field() {
    let special = credentials("a=b,\u{aa}\u{ad}", "pencil");
    let scram = Scram::new(ScramHash::Sha1, Gs2::Unbound, &special, "nonce");
    // The normaliser of the tests maps the ordinal indicator to "a".
    assert_eq!(scram.first, "n=a=3Db=2Ca,r=nonce");
}
