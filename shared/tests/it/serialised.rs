//! The values that the client passes between its threads and stores: each is the same after a round
//! trip.

use std::fmt::Debug;

use restante_shared::pop3::capability::Capability;
use restante_shared::pop3::login::{Login, Method};
use restante_shared::pop3::quirk::Quirk;
use restante_shared::pop3::transcript::{Step, Transcript};
use restante_shared::sasl::MechanismName;
use serde::Serialize;
use serde::de::DeserializeOwned;

fn assert_round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(serde_json::from_str::<T>(&text).unwrap(), *value, "{text}");
}

#[test]
fn capabilities_survive_serialisation() {
    for line in [
        "TOP",
        "USER",
        "SASL PLAIN SCRAM-SHA-256 X-UNKNOWN",
        "RESP-CODES",
        "AUTH-RESP-CODE",
        "LOGIN-DELAY 900 USER",
        "PIPELINING",
        "EXPIRE 60",
        "EXPIRE NEVER",
        "UIDL",
        "STLS",
        "UTF8 USER",
        "LANG",
        "IMPLEMENTATION caf\u{e9}",
        "X-MOON full",
    ] {
        assert_round_trip(&Capability::parse(line.as_bytes()));
    }
}

#[test]
fn transcripts_survive_serialisation() {
    let text = "# a comment\n\nS: +OK caf\\xe9\nC: PASS ***\nR: +O\n[split]\nR: K\\r\\n\n\
                [wait 250 ms]\n[3200 octets]\nS: .\n[tls]\n[close]\n";
    let transcript: Transcript = text.parse().unwrap();
    assert_round_trip(&transcript);
    for step in transcript.steps {
        assert_round_trip::<Step>(&step);
    }
}

#[test]
fn methods_and_quirks_survive_serialisation() {
    for method in Method::LADDER {
        assert_round_trip(&method);
        assert_round_trip(&Login::Only(method));
    }
    assert_round_trip(&[
        Quirk::BareLf,
        Quirk::BareTerminator,
        Quirk::IdentifiedByText,
    ]);
}

#[test]
fn an_invalid_mechanism_name_is_not_deserialised() {
    assert_round_trip(&MechanismName::new("plain").unwrap());
    for text in ["\"\"", "\"A B\"", "\"A\\r\\nDELE 1\""] {
        assert!(serde_json::from_str::<MechanismName>(text).is_err());
    }
}
