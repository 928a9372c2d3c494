//! Access tokens, stored as digests and compared in constant time.

use ring::digest::{SHA256, SHA256_OUTPUT_LEN, digest};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use super::entries::{AccessEntry, Entries};
use super::session::SessionKey;

/// The shortest token in characters: 64 bits in hexadecimal.
const SHORTEST: usize = 16;

/// The tokens of a bridge, one on each line.
pub type Tokens = Entries<Token>;

/// One token.
pub struct Token {
    digest: [u8; SHA256_OUTPUT_LEN],
    key: SessionKey,
}

impl Tokens {
    /// Finds a token, in a time that depends only on the number of tokens.
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
            .map(Token::key)
    }
}

impl AccessEntry for Token {
    type Reader = ();

    const NAME: &'static str = "Tokens";

    fn read((): &mut (), line: &str) -> Result<Self, &'static str> {
        // The characters that `Authorization: Bearer` can carry, and that are visible in a file.
        if !line.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("a token must consist of visible ASCII characters without spaces");
        }
        if line.len() < SHORTEST {
            return Err(
                "a token needs at least 16 characters: create one with `openssl rand -hex 16`",
            );
        }
        Ok(Self {
            digest: digest_of(line),
            key: SessionKey::derive("token", line.as_bytes()),
        })
    }

    fn key(&self) -> &SessionKey {
        &self.key
    }
}

fn digest_of(token: &str) -> [u8; SHA256_OUTPUT_LEN] {
    let mut bytes = [0; SHA256_OUTPUT_LEN];
    bytes.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    bytes
}
