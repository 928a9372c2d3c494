//! The gate: judges what somebody shows, at a pace that neither memory nor guessing can break.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use hyper::header::HeaderMap;
use restante_shared::page::Credentials;
use tokio::sync::Semaphore;
use tracing::{info, warn};

use super::session::SessionKey;
use super::slowdown::Slowdown;
use super::{Access, Denial, Tokens, Users};
use crate::limits::Lines;

/// How many passwords are verified at a time: each takes a processor, and 19 MiB or more.
const MOST_HASHING: usize = 2;

/// Who may pass, and how often who may not has tried.
pub(crate) struct Gate {
    /// Replaced as a whole where a file has changed; the ways to be let in stay the same.
    access: RwLock<Arc<Access>>,
    slowdown: Slowdown,
    hashing: Arc<Semaphore>,
    /// Wrong credentials: who has many addresses can show as many as they like.
    denied: Lines,
}

/// A cookie for a page that has signed in; secret.
pub(crate) struct Session(String);

impl Session {
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session(***)")
    }
}

impl Gate {
    pub(crate) fn new(access: Access) -> Self {
        Self {
            access: RwLock::new(Arc::new(access)),
            slowdown: Slowdown::default(),
            hashing: Arc::new(Semaphore::new(MOST_HASHING)),
            denied: Lines::default(),
        }
    }

    /// Who may pass now.
    pub(crate) fn access(&self) -> Arc<Access> {
        Arc::clone(&self.access.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes who may pass from now on.
    pub(super) fn change(&self, change: impl FnOnce(&mut Access)) {
        let mut access = self.access.write().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut access));
    }

    /// Whether the trusted proxy that sent `headers` says who is there.
    pub(crate) fn names_somebody(&self, headers: &HeaderMap) -> bool {
        let access = self.access();
        let Some(name) = &access.header else {
            return false;
        };
        // Twice would mean that the proxy has left in what the client said.
        let mut values = headers.get_all(name).iter();
        let value = values.next().filter(|_| values.next().is_none());
        value.is_some_and(|value| !value.as_bytes().trim_ascii().is_empty())
    }

    /// Whether `cookie` is a session of a token or user that there still is.
    pub(crate) fn recognises(&self, cookie: &str) -> bool {
        let now = SystemTime::now();
        let access = self.access();
        let tokens = access.tokens.iter().flat_map(Tokens::keys);
        let users = access.users.iter().flat_map(Users::keys);
        tokens.chain(users).any(|key| key.accepts(cookie, now))
    }

    /// Judges credentials that `client` shows, and gives a session for those that are right.
    ///
    /// # Errors
    /// [`Denial`] says why they were not accepted, or not even looked at.
    pub(crate) async fn judge(
        &self,
        client: IpAddr,
        credentials: Credentials,
    ) -> Result<Session, Denial> {
        let access = self.access();
        let ways = access.sign_in();
        let (way, offered) = match &credentials {
            Credentials::Token { .. } => ("token", ways.token),
            Credentials::Password { .. } => ("password", ways.password),
        };
        if !offered {
            return Err(Denial::Missing);
        }
        let in_line = self.slowdown.line_up(client)?;
        let mut permit = None;
        if matches!(credentials, Credentials::Password { .. }) {
            let hashing = Arc::clone(&self.hashing).acquire_owned().await;
            permit = Some(hashing.map_err(|_| Denial::Busy)?);
        }
        let counted = in_line.count()?;
        let key = match credentials {
            Credentials::Token { token } => access.tokens.as_ref().and_then(|t| t.find(&token)),
            Credentials::Password { user, password } => match &access.users {
                Some(users) => verify(users, user, password, permit).await,
                None => None,
            },
        };
        match key {
            Some(key) => {
                counted.was_right();
                info!(%client, way, "access granted");
                Ok(Session(key.issue(SystemTime::now())))
            }
            None => {
                let pause = counted.was_wrong().unwrap_or_default().as_secs();
                if let Some(unsaid) = self.denied.one_more() {
                    warn!(%client, way, pause, unsaid, "access denied");
                }
                Err(Denial::Wrong)
            }
        }
    }
}

/// Verifies a password beside the threads that serve. `permit` goes with it: whoever hangs up
/// meanwhile has not made room for another.
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
