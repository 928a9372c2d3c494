//! Everything that a session with a mail server needs: settings, password, clock, dialler, journal.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use futures::future::LocalBoxFuture;
use futures::{AsyncRead, AsyncWrite, FutureExt as _};

use super::stream::BoxedStream;
use crate::api::settings::{MailboxSettings, Secret};
use crate::engine::diagnostics::journal::Journal;
use crate::transport::TransportError;

/// The surroundings of a session. Several sessions may share them, one after the other.
#[derive(Debug)]
pub struct SessionContext<'a, C> {
    /// The settings of the mailbox: server, user name, encryption, login.
    pub settings: &'a MailboxSettings,
    /// The password or access token.
    pub password: &'a Secret,
    /// The clock for deadlines, rates and batches.
    pub clock: &'a C,
    /// Opens connections to the server.
    pub dialler: Dialler<'a>,
    /// Records the sessions.
    pub journal: &'a RefCell<Journal>,
}

type Dialling<'a> = LocalBoxFuture<'a, Result<BoxedStream, TransportError>>;

/// Opens connections to one server. A check dials again if it loses a session.
pub struct Dialler<'a>(Box<dyn Fn() -> Dialling<'a> + 'a>);

impl<'a> Dialler<'a> {
    /// Dials with a function, such as one that calls [`relay::open`](crate::transport::relay::open).
    /// Hides the type of its streams, so that the engine is compiled for one type only.
    pub fn new<S>(dial: impl AsyncFn() -> Result<S, TransportError> + 'a) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let dial = Rc::new(dial);
        Self(Box::new(move || {
            let dial = Rc::clone(&dial);
            async move { dial().await.map(|stream| Box::new(stream) as BoxedStream) }.boxed_local()
        }))
    }

    /// Opens a connection.
    ///
    /// # Errors
    /// If the bridge or the server cannot be reached.
    pub(in crate::engine) async fn dial(&self) -> Result<BoxedStream, TransportError> {
        (self.0)().await
    }
}

impl fmt::Debug for Dialler<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dialler")
    }
}
