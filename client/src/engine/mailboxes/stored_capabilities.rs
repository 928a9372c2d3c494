//! The stored form of a server's capabilities: the lines of its `CAPA` replies.

use restante_shared::pop3::capability::Capability;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::api::report::AdvertisedCapabilities;

/// The lines at each of the three times. The order of the fields is part of the stored form.
#[derive(Serialize, Deserialize)]
struct StoredCapabilities {
    before_tls: Vec<String>,
    after_tls: Vec<String>,
    after_login: Vec<String>,
}

/// Stores capabilities.
pub(super) fn serialize<S: Serializer>(
    advertised: &AdvertisedCapabilities,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let lines = |capabilities: &[Capability]| {
        let capabilities = capabilities.iter();
        capabilities.map(Capability::to_string).collect()
    };
    let stored = StoredCapabilities {
        before_tls: lines(&advertised.before_tls),
        after_tls: lines(&advertised.after_tls),
        after_login: lines(&advertised.after_login),
    };
    stored.serialize(serializer)
}

/// Reads stored capabilities.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<AdvertisedCapabilities, D::Error> {
    let parsed = |lines: Vec<String>| {
        let lines = lines.iter();
        lines
            .map(|line| Capability::parse(line.as_bytes()))
            .collect()
    };
    let stored = StoredCapabilities::deserialize(deserializer)?;
    Ok(AdvertisedCapabilities {
        before_tls: parsed(stored.before_tls),
        after_tls: parsed(stored.after_tls),
        after_login: parsed(stored.after_login),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Profile {
        #[serde(with = "super")]
        advertised: AdvertisedCapabilities,
    }

    #[test]
    fn capabilities_are_stored_as_lines() {
        let lines = |lines: &[&str]| -> Vec<String> {
            lines.iter().map(|line| (*line).to_owned()).collect()
        };
        let stored = (
            lines(&["STLS", "X-OTHER thing"]),
            lines(&["SASL PLAIN SCRAM-SHA-256", "EXPIRE NEVER USER"]),
            lines(&["LOGIN-DELAY 900", "IMPLEMENTATION Shlemazle 1.0"]),
        );
        let bytes = postcard::to_allocvec(&stored).unwrap();
        let profile: Profile = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(
            profile.advertised.before_tls,
            [
                Capability::Stls,
                Capability::Other("X-OTHER thing".to_owned())
            ]
        );
        assert_eq!(postcard::to_allocvec(&profile).unwrap(), bytes);
    }
}
