//! Asks a server for the fingerprints of its messages.

use restante_shared::pop3::command::Command;
use restante_shared::pop3::session::Event;

use super::fingerprint::{Fingerprint, FingerprintBuilder, Listed};
use crate::clock::Clock;
use crate::engine::limits::MAX_MESSAGE_BYTES;
use crate::engine::server::connection::Connection;
use crate::engine::server::fault::Fault;

/// Reads headers by `TOP`, or whole messages by `RETR`.
pub(in crate::engine) struct FingerprintReader {
    /// True if the whole message counts, which is then fetched. False if `TOP` is enough.
    pub(in crate::engine) by_text: bool,
    /// True if commands are pipelined. Ends once `TOP` returns more than headers, because the bytes in
    /// flight would have no bound.
    pub(in crate::engine) pipelining: bool,
}

impl FingerprintReader {
    /// Reads at most [`AT_A_TIME`](super::fingerprint::AT_A_TIME) messages. Returns `None` for each
    /// message that the server refuses, or returns without a header.
    pub(in crate::engine) async fn read<C: Clock>(
        &mut self,
        connection: &mut Connection<C>,
        messages: &[Listed],
    ) -> Result<Vec<Option<Fingerprint>>, Fault> {
        let by_text = self.by_text;
        let mut commands = messages.iter().map(|(message, _)| match by_text {
            true => Command::Retr(*message),
            false => Command::Top {
                message: *message,
                lines: 0,
            },
        });
        if self.pipelining && !by_text {
            for command in commands.by_ref() {
                connection.send(command)?;
            }
        }
        let mut found = Vec::with_capacity(messages.len());
        for (_, size) in messages {
            if let Some(command) = commands.next() {
                connection.send(command)?;
            }
            let mut builder = FingerprintBuilder::new(by_text);
            found.push(loop {
                match connection.step().await? {
                    Event::Body(bytes) => builder.push(&bytes),
                    Event::Completed { .. } => break builder.finish(*size),
                    Event::Refused { .. } => break None,
                    _ => {}
                }
                self.pipelining &= !builder.has_text();
                if builder.bytes() > MAX_MESSAGE_BYTES {
                    return Err(Fault::Endless);
                }
            });
        }
        Ok(found)
    }
}
