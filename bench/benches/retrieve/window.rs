//! A minimal client with a fixed number of RETRs in flight, to compare the engine's own pipelining with.

use bytes::Bytes;
use futures::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use restante_client::api::ids::MailboxId;
use restante_client::engine::sink::Delivery;
use restante_shared::pop3::argument::{MessageNumber, Password, UserName};
use restante_shared::pop3::command::Command;
use restante_shared::pop3::session::{Event, Session};

/// The engine's own limits of a batch.
const BATCH_MESSAGES: usize = 200;
const BATCH_BYTES: usize = 16 * 1024 * 1024;

/// A session and its stream.
pub(crate) struct Retrieval<S> {
    stream: S,
    session: Session,
    buffer: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Retrieval<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            stream,
            session: Session::new(),
            buffer: vec![0; 64 * 1024],
        }
    }

    /// Retrieves all messages.
    pub(crate) async fn run(
        mut self,
        (user, password): (&str, &str),
        window: usize,
        mailbox: MailboxId,
        delivery: &mut impl Delivery,
    ) {
        let user = UserName::new(user).expect("a user name");
        let password = Password::new(password).expect("a password");
        self.reply().await;
        for command in [Command::User(user), Command::Pass(password)] {
            self.ask(command).await;
        }
        let mut unique_ids = Vec::new();
        for event in self.ask(Command::Uidl(None)).await {
            if let Event::UniqueId(line) = event {
                unique_ids.push((line.message, line.unique_id));
            }
        }
        let mut unasked = unique_ids.iter().map(|(number, _)| *number);
        for number in unasked.by_ref().take(window) {
            self.send_retr(number);
        }
        let (mut messages, mut bytes) = (0, 0);
        for (_, unique_id) in &unique_ids {
            let mut message = delivery
                .begin(mailbox, Some(unique_id.as_str()))
                .await
                .expect("a message");
            loop {
                match self.event().await {
                    Event::Body(piece) => {
                        bytes += piece.len();
                        delivery.push(&mut message, &piece).await.expect("bytes");
                    }
                    Event::Completed { .. } => break,
                    Event::Refused { text, .. } => unreachable!("{text:?}"),
                    _ => {}
                }
            }
            delivery.finish(message).await.expect("a message");
            messages += 1;
            if messages >= BATCH_MESSAGES || bytes >= BATCH_BYTES {
                delivery.commit().await.expect("a commit");
                (messages, bytes) = (0, 0);
            }
            if let Some(number) = unasked.next() {
                self.send_retr(number);
            }
        }
        delivery.commit().await.expect("a commit");
        self.ask(Command::Quit).await;
    }

    fn send_retr(&mut self, number: MessageNumber) {
        self.session.send(Command::Retr(number)).expect("RETR");
    }

    async fn ask(&mut self, command: Command) -> Vec<Event> {
        self.session.send(command).expect("a command");
        self.reply().await
    }

    async fn reply(&mut self) -> Vec<Event> {
        let mut items = Vec::new();
        loop {
            match self.event().await {
                Event::Completed { .. } => return items,
                Event::Refused { text, .. } => unreachable!("{text:?}"),
                item => items.push(item),
            }
        }
    }

    async fn event(&mut self) -> Event {
        let output = self.session.take_output();
        if !output.is_empty() {
            self.stream.write_all(&output).await.expect("a server");
            self.stream.flush().await.expect("a server");
        }
        loop {
            if let Some(event) = self.session.next_event().expect("POP3") {
                return event;
            }
            let read = self.stream.read(&mut self.buffer).await.expect("a server");
            let bytes = self.buffer.get(..read).unwrap_or_default();
            assert!(!bytes.is_empty(), "the server has gone");
            self.session.receive(Bytes::copy_from_slice(bytes));
            // The trace is not needed.
            drop(self.session.take_trace());
        }
    }
}
