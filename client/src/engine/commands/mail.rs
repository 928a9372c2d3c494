//! The commands about messages.

use crate::api::event::EngineEvent;
use crate::api::ids::{MessageId, PartId, RequestId};
use crate::api::mail::{MailCommand, MailEvent, MessageQuery, MessageRow};
use crate::api::problem::Problem;
use crate::engine::Engine;
use crate::engine::platform::Platform;
use crate::engine::store::spool::Change;

impl<P: Platform> Engine<P> {
    pub(super) async fn handle_mail(&self, command: MailCommand) {
        match command {
            MailCommand::List {
                request,
                query,
                offset,
                limit,
            } => {
                let listed = self.list(&query, offset, limit.clamp(1, 500)).await;
                self.reply(request, listed, |(total, rows, unsearched, cut)| {
                    EngineEvent::Mail(MailEvent::Listed {
                        request,
                        total,
                        offset,
                        rows,
                        unsearched,
                        cut,
                    })
                });
            }
            MailCommand::Open {
                request,
                message,
                part,
                remote_images,
            } => {
                self.open_message(request, message, part, remote_images)
                    .await;
            }
            MailCommand::MarkRead { message, read } => {
                let change = Change::read(message, read);
                let marked = self.store.lock().await.change(change).await;
                self.announce_change(marked).await;
            }
            MailCommand::LoadSource { request, message } => {
                let source = self.store.lock().await.source(message).await;
                self.reply_with_bytes(request, source);
            }
            MailCommand::LoadAttachment {
                request,
                message,
                part,
            } => {
                let attachment = self.store.lock().await.attachment(message, part).await;
                self.reply_with_bytes(request, attachment);
            }
        }
    }

    /// Returns the number of messages that match a query, a window of them, and the numbers of those
    /// that were not searched, and not to their end.
    async fn list(
        &self,
        query: &MessageQuery,
        offset: u32,
        limit: u32,
    ) -> Result<(u32, Vec<MessageRow>, u32, u32), Problem> {
        let mut store = self.store.lock().await;
        let (total, rows) = store.rows(query, offset, limit).await?;
        let (unsearched, cut) = match query.search.trim() {
            "" => (0, 0),
            _ => (store.unsearched().await?, store.cut(query.mailbox).await?),
        };
        if unsearched > 0 {
            self.search_lag.told();
        }
        Ok((total, rows, unsearched, cut))
    }

    async fn open_message(
        &self,
        request: RequestId,
        message: MessageId,
        part: PartId,
        remote_images: bool,
    ) {
        let mut store = self.store.lock().await;
        let opened = store.open_part(message, part, remote_images).await;
        let marked = match &opened {
            Ok(_) => store.change(Change::read(message, true)).await,
            Err(_) => Ok(false),
        };
        drop(store);
        self.reply(request, opened, |message| {
            EngineEvent::Mail(MailEvent::Opened {
                request,
                message: Box::new(message),
            })
        });
        self.announce_change(marked).await;
    }

    fn reply_with_bytes(&self, request: RequestId, bytes: Result<Vec<u8>, Problem>) {
        self.reply(request, bytes, |bytes| {
            EngineEvent::Mail(MailEvent::Bytes { request, bytes })
        });
    }

    /// Announces a change by the user, if there was one.
    async fn announce_change(&self, changed: Result<bool, Problem>) {
        match changed {
            Ok(true) => self.announce_messages().await,
            Ok(false) => {}
            Err(problem) => self.complain(Err(problem)),
        }
    }
}
