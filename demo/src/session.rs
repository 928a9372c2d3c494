//! The answers to commands: a session without its sockets.

use std::sync::Arc;

use bytes::Bytes;
use md5::{Digest, Md5};
use restante_shared::pop3::argument::{ApopDigest, ApopTimestamp, UserName};
use restante_shared::pop3::capability::Capability;
use restante_shared::pop3::command::{Auth, Command};
use restante_shared::pop3::reply::ResponseCode;
use restante_shared::pop3::server::{ReplyWriter, SaslLine};
use restante_shared::sasl::{Mechanism, PlainMessage, SaslResponse};

use crate::account::{PASSWORD, USER};
use crate::maildrop::DemoMessages;
use crate::transaction::Transaction;

/// One session, from its greeting to its end.
pub(crate) struct DemoSession {
    maildrop: Arc<DemoMessages>,
    timestamp: ApopTimestamp,
    encrypted: bool,
    state: SessionState,
}

/// The states of [RFC 1939 §3]. The UPDATE state is immediate, because nothing is removed.
enum SessionState {
    Authorization {
        /// The name from `USER`, kept until the next command.
        named: Option<UserName>,
    },
    Transaction(Transaction),
}

/// The next step after an answer.
#[must_use = "the client waits for what comes next"]
pub(crate) enum NextStep {
    /// To read the next command.
    Command,
    /// To read a line of the client's SASL exchange, for [`DemoSession::continue_auth`].
    SaslLine,
    /// To send the bytes of a multi-line response, and then to read the next command.
    Body(Bytes),
    /// To answer `STLS` and begin TLS, which is left to the connection.
    Stls,
    /// To end the session.
    End,
}

impl DemoSession {
    /// Begins in the AUTHORIZATION state.
    pub(crate) fn new(
        maildrop: Arc<DemoMessages>,
        timestamp: ApopTimestamp,
        encrypted: bool,
    ) -> Self {
        Self {
            maildrop,
            timestamp,
            encrypted,
            state: SessionState::Authorization { named: None },
        }
    }

    /// Writes the greeting, which offers `APOP`.
    pub(crate) fn greet(&self, out: &mut ReplyWriter) {
        out.greeting("Restante demo server ready", Some(&self.timestamp));
    }

    /// Continues after the handshake that `STLS` requested. No state has to be discarded ([RFC 2595 §4]):
    /// `STLS` is refused after login, and like any command it discards the name from `USER`.
    pub(crate) fn encrypt(&mut self) {
        self.encrypted = true;
    }

    /// Answers a command.
    pub(crate) fn answer(&mut self, command: Command, out: &mut ReplyWriter) -> NextStep {
        match command {
            Command::Capa => {
                out.capabilities(&self.capabilities());
                NextStep::Command
            }
            Command::Quit => {
                match &self.state {
                    SessionState::Authorization { .. } => out.ok("signing off"),
                    SessionState::Transaction(transaction) => {
                        let (left, _) = transaction.totals();
                        out.ok(&format!("signing off ({left} messages left)"));
                    }
                }
                NextStep::End
            }
            Command::Utf8 | Command::Lang(_) | Command::Xtnd(_) | Command::Raw(_) => {
                out.err("not implemented");
                NextStep::Command
            }
            command => match &mut self.state {
                SessionState::Authorization { named } => {
                    let named = named.take();
                    self.authorize(named, command, out)
                }
                SessionState::Transaction(transaction) => transact(transaction, command, out),
            },
        }
    }

    /// Answers the client's line after [`NextStep::SaslLine`].
    pub(crate) fn continue_auth(&mut self, line: SaslLine, out: &mut ReplyWriter) {
        match line {
            SaslLine::Cancel => out.err("authentication cancelled"),
            SaslLine::Response(response) => self.plain(&response, out),
        }
    }

    fn authorize(
        &mut self,
        named: Option<UserName>,
        command: Command,
        out: &mut ReplyWriter,
    ) -> NextStep {
        match command {
            Command::User(name) => {
                // For any name: an answer that reveals which names exist would help attackers only.
                out.ok("send the password");
                self.state = SessionState::Authorization { named: Some(name) };
            }
            Command::Pass(password) => match named {
                Some(name) => self.log_in(is_visitor(name.as_str(), password.reveal()), out),
                None => out.err("send the user name first"),
            },
            Command::Apop(apop) => {
                let digest = Md5::new()
                    .chain_update(self.timestamp.as_str())
                    .chain_update(PASSWORD)
                    .finalize();
                let right = apop.user().as_str() == USER
                    && *apop.digest() == ApopDigest::new(digest.into());
                self.log_in(right, out);
            }
            Command::Auth(auth) => return self.auth(&auth, out),
            Command::Stls if self.encrypted => out.err("TLS is already active"),
            Command::Stls => return NextStep::Stls,
            Command::Stat
            | Command::List(_)
            | Command::Uidl(_)
            | Command::Retr(_)
            | Command::Top { .. }
            | Command::Dele(_)
            | Command::Noop
            | Command::Rset => out.err("log in first"),
            Command::Mechanisms => out.mechanisms(&[Mechanism::Plain.into()]),
            // Answered earlier, in every state.
            Command::Capa
            | Command::Quit
            | Command::Utf8
            | Command::Lang(_)
            | Command::Xtnd(_)
            | Command::Raw(_) => {}
        }
        NextStep::Command
    }

    fn auth(&mut self, auth: &Auth, out: &mut ReplyWriter) -> NextStep {
        if *auth.mechanism() != Mechanism::Plain {
            out.err("unknown mechanism");
            return NextStep::Command;
        }
        match auth.initial_response() {
            Some(response) => {
                self.plain(response, out);
                NextStep::Command
            }
            None => {
                out.challenge(b"");
                NextStep::SaslLine
            }
        }
    }

    fn plain(&mut self, response: &SaslResponse, out: &mut ReplyWriter) {
        let right = PlainMessage::parse(response).is_some_and(|message| {
            (message.identity.is_empty() || message.identity == message.user)
                && is_visitor(message.user, message.password)
        });
        self.log_in(right, out);
    }

    fn log_in(&mut self, right: bool, out: &mut ReplyWriter) {
        if !right {
            out.err_with_code(
                &ResponseCode::Auth,
                &format!("log in with user {USER:?} and password {PASSWORD:?}"),
            );
            return;
        }
        let transaction = Transaction::new(Arc::clone(&self.maildrop));
        let (messages, bytes) = transaction.totals();
        out.ok(&format!(
            "maildrop has {messages} messages ({bytes} octets)"
        ));
        self.state = SessionState::Transaction(transaction);
    }

    fn capabilities(&self) -> Vec<Capability> {
        let mut capabilities = vec![
            Capability::Top,
            Capability::Uidl,
            Capability::RespCodes,
            Capability::AuthRespCode,
            Capability::Pipelining,
            Capability::Expire {
                days: None,
                by_user: false,
            },
            Capability::User,
            Capability::Sasl(vec![Mechanism::Plain.into()]),
        ];
        let before_login = matches!(self.state, SessionState::Authorization { .. });
        if before_login && !self.encrypted {
            capabilities.push(Capability::Stls);
        }
        let implementation = concat!("Restante-demo-", env!("CARGO_PKG_VERSION"));
        capabilities.push(Capability::Implementation(implementation.to_owned()));
        capabilities
    }
}

fn is_visitor(name: &str, password: &[u8]) -> bool {
    name == USER && password == PASSWORD.as_bytes()
}

fn transact(transaction: &mut Transaction, command: Command, out: &mut ReplyWriter) -> NextStep {
    let body = match command {
        Command::Stat => {
            let (messages, bytes) = transaction.totals();
            out.drop_listing(messages, bytes);
            None
        }
        Command::List(number) => {
            transaction.list(number, out);
            None
        }
        Command::Uidl(number) => {
            transaction.uidl(number, out);
            None
        }
        Command::Retr(number) => transaction.retr(number, out),
        Command::Top { message, lines } => transaction.top(message, lines, out),
        Command::Dele(number) => {
            transaction.dele(number, out);
            None
        }
        Command::Rset => {
            transaction.rset(out);
            None
        }
        Command::Noop => {
            out.ok("");
            None
        }
        Command::User(_)
        | Command::Pass(_)
        | Command::Apop(_)
        | Command::Auth(_)
        | Command::Mechanisms
        | Command::Stls => {
            out.err("already logged in");
            None
        }
        // Answered earlier, in every state.
        Command::Capa
        | Command::Quit
        | Command::Utf8
        | Command::Lang(_)
        | Command::Xtnd(_)
        | Command::Raw(_) => None,
    };
    body.map_or(NextStep::Command, NextStep::Body)
}
