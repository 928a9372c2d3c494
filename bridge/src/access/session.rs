//! The session cookie of a page that has signed in.
//!
//! The bridge stores no sessions. A cookie names its entry and its expiry, authenticated by a MAC whose
//! key is derived from the token or from the user's hash. So every bridge with the same files accepts
//! it, and a change or removal of a token or hash invalidates its cookies.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac::{self, HMAC_SHA256};

/// The lifetime of a session.
pub(crate) const LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The key that authenticates the cookies of one token or user.
pub struct SessionKey {
    /// Identifies the key of a cookie, and reveals nothing else.
    id: String,
    key: hmac::Key,
}

impl SessionKey {
    /// Derives the key from a `secret` of a `kind`, with HMAC as the pseudo-random function, as in
    /// [RFC 5869 §2.3].
    pub(super) fn derive(kind: &str, secret: &[u8]) -> Self {
        let root = hmac::Key::new(HMAC_SHA256, secret);
        let part = |name: &str| hmac::sign(&root, format!("restante {kind} {name}").as_bytes());
        let id = part("session id");
        Self {
            // 72 bits: enough for far more tokens and users than there are.
            id: URL_SAFE_NO_PAD
                .encode(id.as_ref())
                .chars()
                .take(12)
                .collect(),
            key: hmac::Key::new(HMAC_SHA256, part("session key").as_ref()),
        }
    }

    /// Returns the value of the cookie for a page that signs in `now`.
    pub(super) fn issue(&self, now: SystemTime) -> String {
        let signed = format!("{}.{}", self.id, seconds(now + LIFETIME));
        let tag = URL_SAFE_NO_PAD.encode(hmac::sign(&self.key, signed.as_bytes()));
        format!("{signed}.{tag}")
    }

    /// Returns true if this key has issued `cookie`, and it has not expired `now`.
    pub(super) fn accepts(&self, cookie: &str, now: SystemTime) -> bool {
        let read = || {
            let (signed, tag) = cookie.rsplit_once('.')?;
            let (id, until) = signed.split_once('.')?;
            let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
            let until: u64 = until.parse().ok()?;
            let genuine = id == self.id && hmac::verify(&self.key, signed.as_bytes(), &tag).is_ok();
            Some(genuine && seconds(now) < until)
        };
        read().unwrap_or(false)
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: SystemTime = UNIX_EPOCH;

    fn key(secret: &str) -> SessionKey {
        SessionKey::derive("token", secret.as_bytes())
    }

    #[test]
    fn another_bridge_with_the_same_secret_accepts_a_cookie() {
        let cookie = key("a").issue(NOW);
        assert!(key("a").accepts(&cookie, NOW));
        assert!(!key("b").accepts(&cookie, NOW));
        assert!(!SessionKey::derive("user", b"a").accepts(&cookie, NOW));
    }

    #[test]
    fn a_cookie_expires() {
        let cookie = key("a").issue(NOW);
        let last = NOW + LIFETIME - Duration::from_secs(1);
        assert!(key("a").accepts(&cookie, last));
        assert!(!key("a").accepts(&cookie, NOW + LIFETIME));
    }

    #[test]
    fn a_cookie_with_any_byte_changed_is_refused() {
        let cookie = key("a").issue(NOW);
        for place in 0..cookie.len() {
            let mut bytes = cookie.clone().into_bytes();
            bytes[place] = if bytes[place] == b'1' { b'2' } else { b'1' };
            let forged = String::from_utf8(bytes).unwrap();
            assert!(!key("a").accepts(&forged, NOW), "{forged}");
        }
        for forged in [
            "",
            ".",
            "..",
            "...",
            "a.1.",
            &cookie[1..],
            &cookie[..cookie.len() - 1],
        ] {
            assert!(!key("a").accepts(forged, NOW), "{forged}");
        }
        let mine = cookie.rsplit_once('.').unwrap().1;
        let id = cookie.split_once('.').unwrap().0;
        assert!(!key("a").accepts(&format!("{id}.99999999999.{mine}"), NOW));
    }
}
