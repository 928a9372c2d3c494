//! The tokens that let in: known by their digests, and compared without telling how far they agree.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use ring::digest::{SHA256, SHA256_OUTPUT_LEN, digest};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use super::error::{AccessError, read_lines, read_text};
use super::keep::{List, Source};
use super::session::SessionKey;

/// The shortest token in characters: as hexadecimal digits, 64 bits.
const SHORTEST: usize = 16;

/// The tokens of a bridge; there is at least one.
#[derive(Clone)]
pub struct Tokens {
    source: Source,
    all: Arc<[Token]>,
}

struct Token {
    digest: [u8; SHA256_OUTPUT_LEN],
    key: SessionKey,
}

impl Tokens {
    /// Reads a file with a token a line.
    ///
    /// # Errors
    /// [`AccessError`] names the file and the line to mend.
    pub fn read(path: &Path) -> Result<Self, AccessError> {
        Self::of(path, &read_text(path)?)
    }

    /// Finds a token, in a time that depends on how many there are alone.
    pub(super) fn find(&self, token: &str) -> Option<&SessionKey> {
        let shown = digest_of(token);
        let (mut found, mut place) = (Choice::from(0), 0_u64);
        for (position, known) in (0_u64..).zip(self.all.iter()) {
            let same = known.digest.ct_eq(&shown);
            place.conditional_assign(&position, same);
            found |= same;
        }
        let place = usize::try_from(place).ok()?;
        bool::from(found)
            .then(|| self.all.get(place))
            .flatten()
            .map(|token| &token.key)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &SessionKey> {
        self.all.iter().map(|token| &token.key)
    }
}

impl List for Tokens {
    fn of(path: &Path, text: &str) -> Result<Self, AccessError> {
        let tokens = read_lines(path, text, |line| {
            // What the header `Authorization: Bearer` can carry, and a file shows.
            if !line.bytes().all(|octet| octet.is_ascii_graphic()) {
                return Err("a token has visible ASCII characters only, and no blanks");
            }
            if line.len() < SHORTEST {
                return Err("a token has at least 16 characters: `openssl rand -hex 16` makes one");
            }
            Ok(Token {
                digest: digest_of(line),
                key: SessionKey::derive("token", line.as_bytes()),
            })
        })?;
        Ok(Self {
            source: Source::new(path, text),
            all: tokens.into(),
        })
    }

    fn source(&self) -> &Source {
        &self.source
    }

    fn count(&self) -> usize {
        self.all.len()
    }
}

fn digest_of(token: &str) -> [u8; SHA256_OUTPUT_LEN] {
    let mut octets = [0; SHA256_OUTPUT_LEN];
    octets.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    octets
}

impl fmt::Debug for Tokens {
    /// Tells how many there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({})", self.all.len())
    }
}
