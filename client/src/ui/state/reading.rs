//! The reader: the message that is open, and what was asked about it.

use std::rc::Rc;

use super::Focus;
use crate::api::command::{EngineCommand, RequestId};
use crate::api::event::{MessageId, OpenMessage, Problem};

/// The message that is open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// Which message the reader asked for.
    pub id: Option<MessageId>,
    /// The message shown: still the one before while the next is on its way.
    pub message: Option<Rc<OpenMessage>>,
    /// Why it cannot be shown.
    pub problem: Option<Problem>,
    /// Whether its remote images were asked for.
    pub remote_images: bool,
    /// Whether it was marked as unread since it was opened.
    pub unread: bool,
    /// Where the focus goes when the message is here.
    pub(super) focus: Option<Focus>,
    asked: Option<RequestId>,
    /// The attachments on their way, by request.
    saving: Vec<(RequestId, u32)>,
}

impl Reading {
    /// Whether what is shown is not what was asked for yet.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.asked.is_some()
    }

    /// Whether an attachment is on its way.
    #[must_use]
    pub fn is_saving(&self, part: u32) -> bool {
        self.saving.iter().any(|(_, saving)| *saving == part)
    }

    /// Opens a message, or opens it again with its remote images.
    pub(super) fn open(
        &mut self,
        id: MessageId,
        remote_images: bool,
        next: &mut RequestId,
    ) -> EngineCommand {
        *next += 1;
        *self = Self {
            id: Some(id),
            message: self.message.take(),
            problem: None,
            remote_images,
            unread: false,
            focus: None,
            asked: Some(*next),
            saving: Vec::new(),
        };
        EngineCommand::OpenMessage {
            request: *next,
            message: id,
            remote_images,
        }
    }

    /// Takes the message in; true if it is the one asked for.
    pub(super) fn receive(&mut self, request: RequestId, message: OpenMessage) -> bool {
        let expected = self.asked == Some(request);
        if expected {
            self.asked = None;
            self.message = Some(Rc::new(message));
        }
        expected
    }

    /// Takes note that it cannot be shown, or an attachment not be loaded.
    pub(super) fn fail(&mut self, request: RequestId, problem: &Problem) -> bool {
        if self.asked == Some(request) {
            self.asked = None;
            self.message = None;
            self.problem = Some(problem.clone());
            return true;
        }
        false
    }

    /// Asks for an attachment.
    pub(super) fn save(&mut self, part: u32, next: &mut RequestId) -> Option<EngineCommand> {
        let message = self.id.filter(|_| !self.is_saving(part))?;
        *next += 1;
        self.saving.push((*next, part));
        Some(EngineCommand::LoadAttachment {
            request: *next,
            message,
            part,
        })
    }

    /// Ends the wait for an attachment; its number if there was one.
    pub(super) fn saved(&mut self, request: RequestId) -> Option<u32> {
        let at = self
            .saving
            .iter()
            .position(|(asked, _)| *asked == request)?;
        Some(self.saving.swap_remove(at).1)
    }

    /// Closes the message.
    pub(super) fn close(&mut self) {
        *self = Self::default();
    }
}
