//! What each command is answered with: a session without its sockets.

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
use crate::maildrop::Maildrop;
use crate::transaction::Transaction;

/// One session, from its greeting to its end.
pub(crate) struct Session {
    maildrop: Arc<Maildrop>,
    timestamp: ApopTimestamp,
    encrypted: bool,
    state: State,
}

/// The states of [RFC 1939 §3]; the UPDATE state has no duration here, since nothing is removed.
enum State {
    Authorization {
        /// The name that `USER` gave, until the next command.
        named: Option<UserName>,
    },
    Transaction(Transaction),
}

/// What comes after the answer.
#[must_use = "the client waits for what comes next"]
pub(crate) enum Next {
    /// The next command.
    Command,
    /// A line of the client's SASL exchange, to be given to [`Session::continue_auth`].
    SaslLine,
    /// The octets of a multi-line response, then the next command.
    Body(Bytes),
    /// Nothing is answered yet: the connection does, and begins TLS.
    Stls,
    /// The end of the session.
    End,
}

impl Session {
    /// Begins in the AUTHORIZATION state.
    pub(crate) fn new(maildrop: Arc<Maildrop>, timestamp: ApopTimestamp, encrypted: bool) -> Self {
        Self {
            maildrop,
            timestamp,
            encrypted,
            state: State::Authorization { named: None },
        }
    }

    /// Writes the greeting, which offers `APOP`.
    pub(crate) fn greet(&self, out: &mut ReplyWriter) {
        out.greeting(
            "Restante demo maildrop at your service",
            Some(&self.timestamp),
        );
    }

    /// Goes on after the handshake that `STLS` asked for. There is nothing to forget ([RFC 2595 §4]):
    /// `STLS` is refused after the login, and like any command it ends what `USER` began.
    pub(crate) fn encrypt(&mut self) {
        self.encrypted = true;
    }

    /// Answers a command.
    pub(crate) fn answer(&mut self, command: Command, out: &mut ReplyWriter) -> Next {
        match command {
            Command::Capa => {
                out.capabilities(&self.capabilities());
                Next::Command
            }
            Command::Quit => {
                match &self.state {
                    State::Authorization { .. } => out.ok("good-bye"),
                    State::Transaction(transaction) => {
                        let (left, _) = transaction.totals();
                        out.ok(&format!(
                            "good-bye ({left} messages left until the next session)"
                        ));
                    }
                }
                Next::End
            }
            Command::Utf8 | Command::Lang(_) | Command::Xtnd(_) | Command::Raw(_) => {
                out.err("not implemented");
                Next::Command
            }
            command => match &mut self.state {
                State::Authorization { named } => {
                    let named = named.take();
                    self.authorize(named, command, out)
                }
                State::Transaction(transaction) => transact(transaction, command, out),
            },
        }
    }

    /// Answers the client's line after [`Next::SaslLine`].
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
    ) -> Next {
        match command {
            Command::User(name) => {
                // Whoever it is: an answer that tells names apart helps only those who guess.
                out.ok("now the password");
                self.state = State::Authorization { named: Some(name) };
            }
            Command::Pass(password) => match named {
                Some(name) => self.log_in(is_visitor(name.as_str(), password.reveal()), out),
                None => out.err("the user name comes first"),
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
            Command::Stls => return Next::Stls,
            Command::Stat
            | Command::List(_)
            | Command::Uidl(_)
            | Command::Retr(_)
            | Command::Top { .. }
            | Command::Dele(_)
            | Command::Noop
            | Command::Rset => out.err("log in first"),
            Command::Mechanisms => out.mechanisms(&[Mechanism::Plain.into()]),
            // Answered in every state, before.
            Command::Capa
            | Command::Quit
            | Command::Utf8
            | Command::Lang(_)
            | Command::Xtnd(_)
            | Command::Raw(_) => {}
        }
        Next::Command
    }

    fn auth(&mut self, auth: &Auth, out: &mut ReplyWriter) -> Next {
        if *auth.mechanism() != Mechanism::Plain {
            out.err("no such mechanism");
            return Next::Command;
        }
        match auth.initial_response() {
            Some(response) => {
                self.plain(response, out);
                Next::Command
            }
            None => {
                out.challenge(b"");
                Next::SaslLine
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
                &format!("user {USER:?} and password {PASSWORD:?} open this maildrop"),
            );
            return;
        }
        let transaction = Transaction::new(Arc::clone(&self.maildrop));
        let (messages, octets) = transaction.totals();
        out.ok(&format!(
            "maildrop has {messages} messages ({octets} octets)"
        ));
        self.state = State::Transaction(transaction);
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
        let before_login = matches!(self.state, State::Authorization { .. });
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

fn transact(transaction: &mut Transaction, command: Command, out: &mut ReplyWriter) -> Next {
    let body = match command {
        Command::Stat => {
            let (messages, octets) = transaction.totals();
            out.drop_listing(messages, octets);
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
        // Answered in every state, before.
        Command::Capa
        | Command::Quit
        | Command::Utf8
        | Command::Lang(_)
        | Command::Xtnd(_)
        | Command::Raw(_) => None,
    };
    body.map_or(Next::Command, Next::Body)
}
