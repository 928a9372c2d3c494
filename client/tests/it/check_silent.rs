//! Servers and bridges that never answer, with a clock that does not wait.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::{pending, ready};
use std::io::{self, Read as _};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::LocalBoxFuture;
use futures::{AsyncRead, AsyncWrite};
use restante_client::api::check::CheckOutcome;
use restante_client::api::ids::MailboxId;
use restante_client::api::problem::{Problem, ProblemKind};
use restante_client::api::settings::{Encryption, Secret};
use restante_client::clock::Clock;
use restante_client::engine::check::{check, prove};
use restante_client::engine::mailboxes::live_profile::LiveProfile;
use restante_client::engine::mailboxes::server_profile::ServerProfile;
use restante_client::engine::server::context::{Dialler, SessionContext};
use restante_client::transport::TransportError;
use restante_shared::pop3::quirk::Quirk;

use crate::kept::Kept;
use crate::visit::unencrypted;

/// A clock on which every wait ends at once.
#[derive(Clone)]
struct InstantClock;

impl Clock for InstantClock {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _duration: Duration) -> LocalBoxFuture<'static, ()> {
        Box::pin(ready(()))
    }
}

/// A connection that never delivers data.
struct Silence;

impl AsyncRead for Silence {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Pending
    }
}

impl AsyncWrite for Silence {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(octets.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// A server that omits the line break before the terminator of a message, and is then silent.
#[derive(Default)]
struct MissingLineBreak {
    begun: bool,
    heard: Vec<u8>,
    said: VecDeque<u8>,
}

impl MissingLineBreak {
    fn answer(&mut self, command: &str) {
        self.said.extend(match command {
            "CAPA" => b"+OK\r\nUSER\r\nUIDL\r\nPIPELINING\r\n.\r\n".as_slice(),
            "UIDL" => b"+OK\r\n1 one\r\n2 two\r\n.\r\n",
            "LIST" => b"+OK\r\n1 14\r\n2 15\r\n.\r\n",
            "RETR 1" => b"+OK\r\nfirst message.\r\n",
            "RETR 2" => b"+OK\r\nsecond message.\r\n",
            _ => b"+OK\r\n",
        });
    }
}

impl AsyncRead for MissingLineBreak {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if !std::mem::replace(&mut self.begun, true) {
            self.said.extend(b"+OK\r\n");
        }
        match self.said.read(into) {
            Ok(0) => Poll::Pending,
            read => Poll::Ready(read),
        }
    }
}

impl AsyncWrite for MissingLineBreak {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.heard.extend_from_slice(octets);
        while let Some(end) = self.heard.windows(2).position(|two| two == b"\r\n") {
            let line: Vec<u8> = self.heard.drain(..end + 2).collect();
            let line = String::from_utf8(line).unwrap();
            self.answer(line.trim_end());
        }
        Poll::Ready(Ok(octets.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

async fn proof_over(
    dial: impl AsyncFn() -> Result<Silence, TransportError>,
    encryption: Encryption,
) -> Result<(), Problem> {
    let mut settings = unencrypted(110);
    settings.encryption = encryption;
    let context = SessionContext {
        settings: &settings,
        password: &Secret::new("secret".to_owned()),
        clock: &InstantClock,
        dialler: Dialler::new(dial),
        journal: &RefCell::default(),
    };
    let mut profile = LiveProfile::in_memory(ServerProfile::default(), &InstantClock);
    prove(context, &mut profile, |_| {}).await.map(drop)
}

#[tokio::test]
async fn a_server_that_never_answers_is_reported() {
    for encryption in [Encryption::Tls, Encryption::Stls, Encryption::None] {
        let outcome = proof_over(async || Ok(Silence), encryption).await;
        assert_eq!(outcome, Err(Problem::new(ProblemKind::TimedOut)));
    }
}

#[tokio::test]
async fn a_bridge_that_never_answers_is_reported() {
    let outcome = proof_over(pending, Encryption::None).await;
    assert_eq!(outcome, Err(Problem::new(ProblemKind::TimedOut)));
}

#[tokio::test]
async fn q03_a_missing_line_break_before_the_terminator_is_detected_by_silence() {
    let settings = unencrypted(110);
    let mut profile = LiveProfile::in_memory(ServerProfile::default(), &InstantClock);
    let context = SessionContext {
        settings: &settings,
        password: &Secret::new("secret".to_owned()),
        clock: &InstantClock,
        dialler: Dialler::new(async || Ok(MissingLineBreak::default())),
        journal: &RefCell::default(),
    };
    let mut kept = Kept::default();
    let outcome = check(
        context,
        &mut profile,
        MailboxId(1),
        &mut kept,
        |_| {},
        pending(),
    )
    .await;
    let done = CheckOutcome::Done {
        new_messages: 2,
        skipped: 0,
    };
    assert_eq!(outcome, done);
    let mut messages = kept.messages();
    messages.sort_unstable();
    let expected: [(&str, &[u8]); 2] = [("one", b"first message"), ("two", b"second message")];
    assert_eq!(messages, expected);
    assert!(profile.quirks.contains(&Quirk::BareTerminator));
}
