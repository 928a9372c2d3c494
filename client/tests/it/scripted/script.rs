//! A server that replays transcripts exactly: the first connection gets the first transcript, and
//! so on.
//!
//! The test fails if the client sends another line than the transcript has, closes a connection
//! before its end, or connects too often.

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use futures::future::LocalBoxFuture;
use restante_client::api::settings::{Encryption, MailboxSettings};
use restante_client::clock::{Clock, SystemClock};
use restante_shared::pop3::transcript::{Player, ServerAction, Transcript};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{ALL_VERSIONS, SupportedProtocolVersion};

use super::wire::{Wire, acceptor};
use crate::certificates::Certificates;
use crate::visit::{Visitor, unencrypted};

/// The number of pauses after which sent bytes have passed the bridge and reached the client.
const PAUSES: u32 = 50;

/// The length of one of these pauses.
const PAUSE: Duration = Duration::from_millis(1);

/// For longer waits, the client's clock jumps instead.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// The time in which a client must end its last connection, on a busy machine.
const END_LIMIT: Duration = Duration::from_secs(60);

/// A running server. At the end, call [`played`](Script::played) to check that all transcripts were
/// used.
pub(crate) struct Script {
    port: u16,
    connections: usize,
    ended: watch::Receiver<Vec<Result<(), String>>>,
    clock: Leap,
    certificates: Certificates,
    asked: bool,
}

impl Script {
    /// Replays these transcripts, one for each connection. `[tls]` before the greeting is TLS from
    /// the first byte.
    pub(crate) async fn start<T: AsRef<str>>(transcripts: impl IntoIterator<Item = T>) -> Self {
        Self::start_with(ALL_VERSIONS, transcripts).await
    }

    /// Replays these transcripts, with these versions of TLS.
    pub(crate) async fn start_with<T: AsRef<str>>(
        versions: &[&'static SupportedProtocolVersion],
        transcripts: impl IntoIterator<Item = T>,
    ) -> Self {
        let read = |text: T| text.as_ref().parse().unwrap();
        let transcripts: Vec<Transcript> = transcripts.into_iter().map(read).collect();
        let certificates = Certificates::for_names(&["localhost"]);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let (leaping, leapt) = watch::channel(Duration::ZERO);
        let (ending, ended) = watch::channel(Vec::new());
        let script = Self {
            port: listener.local_addr().unwrap().port(),
            connections: transcripts.len(),
            ended,
            clock: Leap { leapt },
            asked: false,
            certificates,
        };
        let acceptor = acceptor(&script.certificates, versions);
        tokio::spawn(serve(listener, transcripts, acceptor, leaping, ending));
        script
    }

    /// Returns the settings of a mailbox on this server.
    pub(crate) fn settings(&self, encryption: Encryption) -> MailboxSettings {
        MailboxSettings {
            encryption,
            ca_pem: Some(self.certificates.ca_pem.clone()),
            ..unencrypted(self.port)
        }
    }

    /// Returns a visitor with a clock that jumps where a transcript waits for more than a second.
    pub(crate) fn visitor(&self, encryption: Encryption) -> Visitor<Leap> {
        Visitor::new(self.settings(encryption), self.clock.clone())
    }

    /// Waits for the end of all connections.
    pub(crate) async fn played(mut self) {
        self.asked = true;
        let all = self.connections;
        let ending = self.ended.wait_for(|ended| ended.len() >= all);
        let in_time = tokio::time::timeout(END_LIMIT, ending).await.is_ok();
        let failures = self.failures();
        assert!(failures.is_empty(), "{failures}");
        let ended = self.ended.borrow().len();
        assert!(in_time, "only {ended} of {all} transcripts were completed");
    }

    fn failures(&self) -> String {
        let ended = self.ended.borrow();
        let failures = ended.iter().filter_map(|ended| ended.as_ref().err());
        failures.cloned().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        if std::thread::panicking() {
            #[expect(clippy::print_stderr, reason = "shows why the test failed")]
            {
                eprintln!("{}", self.failures());
            }
        } else {
            assert!(self.asked, "the test does not call `played`");
        }
    }
}

/// A clock that advances as usual, and jumps with its script.
#[derive(Clone)]
pub(crate) struct Leap {
    leapt: watch::Receiver<Duration>,
}

impl Clock for Leap {
    fn now(&self) -> Duration {
        SystemClock.now() + *self.leapt.borrow()
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        let mut leapt = self.leapt.clone();
        let due = *leapt.borrow() + duration;
        Box::pin(async move {
            let leap = async {
                if leapt.wait_for(|leapt| *leapt >= due).await.is_err() {
                    // The script has ended, so the clock does not jump any more.
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                () = leap => {}
                () = tokio::time::sleep(duration) => {}
            }
        })
    }
}

async fn serve(
    listener: TcpListener,
    transcripts: Vec<Transcript>,
    acceptor: TlsAcceptor,
    leaping: watch::Sender<Duration>,
    ending: watch::Sender<Vec<Result<(), String>>>,
) {
    let mut transcripts = transcripts.into_iter();
    let mut number = 0;
    while let Ok((stream, _)) = listener.accept().await {
        number += 1;
        let Some(transcript) = transcripts.next() else {
            let failure = format!("connection {number} has no transcript");
            ending.send_modify(|ended| ended.push(Err(failure)));
            continue;
        };
        let (acceptor, leaping, ending) = (acceptor.clone(), leaping.clone(), ending.clone());
        tokio::spawn(async move {
            let mut wire = Wire::new(stream);
            let played = play(Player::new(transcript), &mut wire, &acceptor, &leaping).await;
            let played = played.map_err(|why| format!("in connection {number}, {why}"));
            ending.send_modify(|ended| ended.push(played));
        });
    }
}

async fn play(
    mut player: Player,
    wire: &mut Wire,
    acceptor: &TlsAcceptor,
    leaping: &watch::Sender<Duration>,
) -> Result<(), String> {
    loop {
        let before = player.next_line().unwrap_or_default();
        let failed = |error: io::Error| format!("at or after `{before}`: {error}");
        match player.next_action() {
            ServerAction::Send(octets) => wire.send(&octets).await.map_err(failed)?,
            ServerAction::Split => arrive().await,
            ServerAction::Wait(millis) => {
                let time = Duration::from_millis(millis);
                if time > LONGEST_WAIT {
                    arrive().await;
                    leaping.send_modify(|leapt| *leapt += time);
                } else {
                    tokio::time::sleep(time).await;
                }
            }
            ServerAction::AwaitLine => match wire.line().await.map_err(failed)? {
                Some(line) => player
                    .receive_line(&line)
                    .map_err(|mismatch| mismatch.to_string())?,
                None => {
                    return Err(format!(
                        "the client closed the connection before `{before}`"
                    ));
                }
            },
            ServerAction::Tls => wire.secure(acceptor).await.map_err(failed)?,
            ServerAction::Close => {
                // A client that has already closed the connection has received everything.
                let _ = wire.close().await;
                return Ok(());
            }
            ServerAction::End => {
                return match wire.line().await {
                    Ok(Some(line)) => player
                        .receive_line(&line)
                        .map_err(|mismatch| mismatch.to_string()),
                    Ok(None) | Err(_) => Ok(()),
                };
            }
        }
    }
}

/// Waits until the sent bytes have arrived. Bridge and client share this runtime, and each pause
/// gives both a turn, even on a busy machine. One long pause could end before either has read a
/// byte.
async fn arrive() {
    for _ in 0..PAUSES {
        tokio::time::sleep(PAUSE).await;
    }
}

mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::*;

    async fn say(script: &Script, octets: &[u8]) {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, script.port))
            .await
            .unwrap();
        stream.write_all(octets).await.unwrap();
        stream.shutdown().await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }

    #[tokio::test]
    async fn a_followed_script_passes() {
        let script = Script::start(["S: +OK\nC: CAPA\nS: -ERR\n[close]", "C: PASS ***"]).await;
        say(&script, b"CAPA\r\nQUIT\r\n").await;
        say(&script, b"PASS hunter2\n").await;
        script.played().await;
    }

    #[tokio::test]
    #[should_panic(
        expected = "in connection 1, line 2 of the transcript is `C: CAPA`, but the \
                               client sent `C: USER a`"
    )]
    async fn a_line_that_differs_from_the_script_fails() {
        let script = Script::start(["S: +OK\nC: CAPA"]).await;
        say(&script, b"USER a\r\n").await;
        script.played().await;
    }

    #[tokio::test]
    #[should_panic(expected = "the client closed the connection before `C: CAPA`")]
    async fn an_early_end_of_the_script_fails() {
        let script = Script::start(["S: +OK\nC: CAPA"]).await;
        say(&script, b"").await;
        script.played().await;
    }

    #[tokio::test]
    #[should_panic(
        expected = "line 3 of the transcript is `the end`, but the client sent `C: NOOP`"
    )]
    async fn a_line_after_the_end_fails() {
        let script = Script::start(["S: +OK\nC: CAPA"]).await;
        say(&script, b"CAPA\r\nNOOP\r\n").await;
        script.played().await;
    }

    #[tokio::test]
    #[should_panic(expected = "connection 2 has no transcript")]
    async fn an_additional_connection_fails() {
        let script = Script::start(["S: +OK"]).await;
        say(&script, b"").await;
        say(&script, b"").await;
        script.played().await;
    }
}
