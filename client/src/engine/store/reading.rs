//! Lists, searches, and messages prepared for display.

use super::facade::{Store, not_found};
use super::index::{Index, Kept};
use super::spool::{Files, Record};
use crate::api::ids::{MailboxId, MessageId, PartId};
use crate::api::mail::{MessageQuery, MessageRow, OpenMessage};
use crate::api::problem::Problem;
use crate::api::storage::Healing;
use crate::engine::mail::parse::{self, MessageFacts};

impl<F: Files> Store<F> {
    /// Returns the number of stored messages with a unique-id in a mailbox.
    ///
    /// # Errors
    /// If storage fails.
    pub async fn keeps(&mut self, mailbox: MailboxId, unique_id: &str) -> Result<u32, Problem> {
        self.ask(|index| index.fetched(mailbox, unique_id)).await
    }

    /// Returns a window of the messages that match a query, newest first, and their total number.
    ///
    /// # Errors
    /// If storage fails.
    pub async fn rows(
        &mut self,
        query: &MessageQuery,
        offset: u32,
        limit: u32,
    ) -> Result<(u32, Vec<MessageRow>), Problem> {
        self.ask(|index| index.rows(query, offset, limit)).await
    }

    /// Returns the number of messages that a search misses because their words are not indexed
    /// yet.
    ///
    /// # Errors
    /// If storage fails.
    pub async fn unsearched(&mut self) -> Result<u32, Problem> {
        self.ask(Index::unsearchable).await
    }

    /// Returns the number of messages, of one mailbox or of all, whose text is too long to be
    /// searched to its end.
    ///
    /// # Errors
    /// If storage fails.
    pub async fn cut(&mut self, mailbox: Option<MailboxId>) -> Result<u32, Problem> {
        self.ask(|index| index.cut(mailbox)).await
    }

    /// Returns a message prepared for display. Does not mark it as read.
    ///
    /// # Errors
    /// [`ProblemKind::NotFound`], or if storage fails.
    pub async fn open_message(
        &mut self,
        message: MessageId,
        remote_images: bool,
    ) -> Result<OpenMessage, Problem> {
        let part = PartId::default();
        self.open_part(message, part, remote_images).await
    }

    /// Returns an attached message prepared for display, or the message itself for part 0.
    ///
    /// # Errors
    /// [`ProblemKind::NotFound`], or if storage fails.
    pub async fn open_part(
        &mut self,
        message: MessageId,
        part: PartId,
        remote_images: bool,
    ) -> Result<OpenMessage, Problem> {
        let (kept, mut octets) = self.load(message).await?;
        if part != PartId::default() {
            octets = parse::attachment(&octets, part).ok_or_else(not_found)?;
        }
        let facts = MessageFacts {
            id: message,
            part,
            mailbox: kept.mailbox,
            date: kept.date,
        };
        Ok(parse::open_message(&octets, facts, remote_images))
    }

    /// Returns a message as the server sent it.
    ///
    /// # Errors
    /// [`ProblemKind::NotFound`], or if storage fails.
    pub async fn source(&mut self, message: MessageId) -> Result<Vec<u8>, Problem> {
        self.load(message).await.map(|(_, octets)| octets)
    }

    /// Returns the decoded bytes of an attachment.
    ///
    /// # Errors
    /// [`ProblemKind::NotFound`], or if storage fails.
    pub async fn attachment(
        &mut self,
        message: MessageId,
        part: PartId,
    ) -> Result<Vec<u8>, Problem> {
        let (_, octets) = self.load(message).await?;
        parse::attachment(&octets, part).ok_or_else(not_found)
    }

    async fn load(&mut self, message: MessageId) -> Result<(Kept, Vec<u8>), Problem> {
        for _ in 0..2 {
            let kept = self.ask(|index| index.message(message)).await?;
            let kept = kept.ok_or_else(not_found)?;
            if let Some(Record::Message { octets, .. }) = self.spool.read(message.0, kept.place)? {
                return Ok((kept, octets));
            }
            // Either the record is damaged or the index has the wrong place. Rebuilding the index
            // corrects the place. If the record is damaged, it leaves the message out, so that it
            // is fetched again if the server still has it.
            self.healed.push(Healing::SpoolRecordDamaged);
            self.rebuild().await?;
        }
        Err(not_found())
    }
}
