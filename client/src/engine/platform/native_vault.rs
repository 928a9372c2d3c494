//! The vault of native tests: a key in a file, and ring's AES-256-GCM.

use std::fs;
use std::path::Path;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};

use super::Vault;

/// A vault whose key is known to this process.
#[derive(Debug, Default)]
pub struct NativeVault(Option<LessSafeKey>);

impl NativeVault {
    /// Returns a vault with the key in a file, which is created if it is missing. If that fails,
    /// the vault has no key.
    #[must_use]
    pub fn in_file(path: &Path) -> Self {
        if let Ok(key) = fs::read(path) {
            return Self::of(&key);
        }
        let mut key = [0; 32];
        let created = SystemRandom::new().fill(&mut key).is_ok() && fs::write(path, key).is_ok();
        if created {
            Self::of(&key)
        } else {
            Self::default()
        }
    }

    /// Returns a vault with a key of 32 bytes; without a key if its length is another.
    #[must_use]
    pub fn of(key: &[u8]) -> Self {
        Self(
            UnboundKey::new(&AES_256_GCM, key)
                .ok()
                .map(LessSafeKey::new),
        )
    }
}

impl Vault for NativeVault {
    async fn seal(&self, secret: &[u8], purpose: &[u8]) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).ok()?;
        let mut sealed = secret.to_vec();
        let unique = Nonce::assume_unique_for_key(nonce);
        let key = self.0.as_ref()?;
        key.seal_in_place_append_tag(unique, Aad::from(purpose), &mut sealed)
            .ok()?;
        Some([&nonce[..], &sealed].concat())
    }

    async fn unseal(&self, sealed: &[u8], purpose: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let mut sealed = sealed.to_vec();
        let key = self.0.as_ref()?;
        let opened = key.open_in_place(nonce, Aad::from(purpose), &mut sealed);
        opened.ok().map(|secret| secret.to_vec())
    }
}
