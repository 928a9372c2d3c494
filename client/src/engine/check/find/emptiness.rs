//! A maildrop whose listings are refused because it is empty.

use restante_shared::pop3::command::Command;
use restante_shared::pop3::session::Event;

use crate::api::problem::Problem;
use crate::clock::Clock;
use crate::engine::server::connection::{Connection, Reply};

/// Returns true if the maildrop has no messages, according to `STAT` ([RFC 1939 §5]).
///
/// Some servers answer `UIDL` and `LIST` of an empty maildrop with `-ERR`.
pub(in crate::engine) async fn is_empty<C: Clock>(
    connection: &mut Connection<C>,
) -> Result<bool, Problem> {
    let reply = connection.ask(Command::Stat).await?;
    Ok(match reply {
        Reply::Accepted(items) => items
            .iter()
            .any(|item| matches!(item, Event::DropListing(drop) if drop.messages == 0)),
        Reply::Refused(_) => false,
    })
}
