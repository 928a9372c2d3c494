//! Authentication with bounded memory, and with a limited rate of guesses.

use std::collections::VecDeque;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::SystemTime;

use hyper::header::HeaderMap;
use restante_shared::page::SignInCredentials;
use tokio::sync::Semaphore;
use tracing::{info, warn};

use super::session::SessionKey;
use super::throttle::AttemptThrottle;
use super::{AccessMethods, Denial, Tokens, Users};
use crate::limits::ThrottledLog;

/// The most passwords that are verified at a time: each takes a processor, and 19 MiB or more.
const MAX_HASHING: usize = 2;

/// The most sessions that are remembered as ended, at some 80 bytes each.
const MAX_ENDED: usize = 4096;

/// Authenticates clients and rate-limits failed attempts.
pub(crate) struct Authenticator {
    /// Replaced as a whole when a file has changed; the methods stay the same.
    access: RwLock<Arc<AccessMethods>>,
    throttle: AttemptThrottle,
    hashing: Arc<Semaphore>,
    /// The cookies of sessions that were ended by a sign-out, oldest first.
    ended: Mutex<VecDeque<String>>,
    /// Wrong credentials. A client with many addresses can send any number of them.
    denied: ThrottledLog,
}

/// The secret cookie of a page that has signed in.
pub(crate) struct SignInCookie(String);

impl SignInCookie {
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SignInCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignInCookie(***)")
    }
}

impl Authenticator {
    pub(crate) fn new(access: AccessMethods) -> Self {
        Self {
            access: RwLock::new(Arc::new(access)),
            throttle: AttemptThrottle::default(),
            hashing: Arc::new(Semaphore::new(MAX_HASHING)),
            ended: Mutex::default(),
            denied: ThrottledLog::default(),
        }
    }

    /// Returns the current tokens and users.
    pub(crate) fn access(&self) -> Arc<AccessMethods> {
        Arc::clone(&self.access.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the tokens and users from now on.
    pub(super) fn change(&self, change: impl FnOnce(&mut AccessMethods)) {
        let mut access = self.access.write().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut access));
    }

    /// Returns true if `headers`, which a trusted proxy sent, name a user.
    pub(crate) fn names_user(&self, headers: &HeaderMap) -> bool {
        let access = self.access();
        let Some(name) = &access.header else {
            return false;
        };
        // A second one would mean that the proxy passes the client's own header on.
        let mut values = headers.get_all(name).iter();
        let value = values.next().filter(|_| values.next().is_none());
        value.is_some_and(|value| !value.as_bytes().trim_ascii().is_empty())
    }

    /// Returns true if `cookie` is a session of a current token or user.
    pub(crate) fn accepts_cookie(&self, cookie: &str) -> bool {
        if self.ended().iter().any(|ended| ended == cookie) {
            return false;
        }
        self.is_genuine(cookie)
    }

    /// Ends the session of a cookie, until this bridge restarts. The browser forgets its copy as well.
    pub(crate) fn end_session(&self, cookie: &str) {
        // Others cannot fill the list.
        if !self.accepts_cookie(cookie) {
            return;
        }
        let mut ended = self.ended();
        if ended.len() >= MAX_ENDED {
            ended.pop_front();
        }
        ended.push_back(cookie.to_owned());
    }

    fn ended(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_genuine(&self, cookie: &str) -> bool {
        let now = SystemTime::now();
        let access = self.access();
        let tokens = access.tokens.iter().flat_map(Tokens::keys);
        let users = access.users.iter().flat_map(Users::keys);
        tokens.chain(users).any(|key| key.accepts(cookie, now))
    }

    /// Verifies the credentials of `client`, and issues a session cookie for them.
    ///
    /// # Errors
    /// [`Denial`] if they were wrong, or not verified at all.
    pub(crate) async fn judge(
        &self,
        client: IpAddr,
        credentials: SignInCredentials,
    ) -> Result<SignInCookie, Denial> {
        let access = self.access();
        let ways = access.sign_in();
        let (way, offered) = match &credentials {
            SignInCredentials::Token { .. } => ("token", ways.token),
            SignInCredentials::Password { .. } => ("password", ways.password),
        };
        if !offered {
            return Err(Denial::Missing);
        }
        // A right token is accepted whatever others at its address have tried: it is long enough that
        // it cannot be guessed.
        if let SignInCredentials::Token { token } = &credentials
            && let Some(key) = access.tokens.as_ref().and_then(|t| t.find(token))
        {
            info!(%client, way, "access granted");
            return Ok(SignInCookie(key.issue(SystemTime::now())));
        }
        let in_line = self.throttle.begin(client)?;
        let mut permit = None;
        if matches!(credentials, SignInCredentials::Password { .. }) {
            let hashing = Arc::clone(&self.hashing).acquire_owned().await;
            permit = Some(hashing.map_err(|_| Denial::Busy)?);
        }
        let counted = in_line.count()?;
        let key = match credentials {
            SignInCredentials::Token { .. } => None,
            SignInCredentials::Password { user, password } => match &access.users {
                Some(users) => verify(users, user, password, permit).await,
                None => None,
            },
        };
        match key {
            Some(key) => {
                counted.succeeded();
                info!(%client, way, "access granted");
                Ok(SignInCookie(key.issue(SystemTime::now())))
            }
            None => {
                let pause = counted.failed().unwrap_or_default().as_secs();
                if let Some(suppressed) = self.denied.admit_line() {
                    warn!(%client, way, pause, suppressed, "access denied");
                }
                Err(Denial::Wrong)
            }
        }
    }
}

/// Verifies a password on a blocking thread, which holds `permit`. A client that disconnects meanwhile
/// therefore does not make room for another verification.
async fn verify<P: Send + 'static>(
    users: &Users,
    user: String,
    password: String,
    permit: P,
) -> Option<&SessionKey> {
    let all = users.clone();
    let verified = tokio::task::spawn_blocking(move || {
        let place = all.verify(&user, &password);
        drop(permit);
        place
    });
    users.key(verified.await.ok()??)
}
