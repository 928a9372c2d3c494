//! The reading pane: the open message, and the requests about it.

use std::rc::Rc;

use super::Focus;
use crate::api::command::EngineCommand;
use crate::api::ids::{MessageId, PartId, RequestId};
use crate::api::mail::{MailCommand, OpenMessage};
use crate::api::problem::Problem;

/// The open message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadingPane {
    /// The message that the user opened.
    pub id: Option<MessageId>,
    /// The attached message that the user opened in it, or 0.
    pub part: PartId,
    /// The message shown: still the previous one while the next is loading.
    pub message: Option<Rc<OpenMessage>>,
    /// The reason why it cannot be shown.
    pub problem: Option<Problem>,
    /// True if its remote images were requested.
    pub remote_images: bool,
    /// True if it was marked as unread since it was opened.
    pub unread: bool,
    /// The focus target once the message has loaded.
    pub(super) focus: Option<Focus>,
    asked: Option<RequestId>,
    /// The attachments being loaded, by request.
    saving: Vec<(RequestId, PartId)>,
}

impl ReadingPane {
    /// True while the message shown is not the requested one.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.asked.is_some()
    }

    /// True while the attachment is being loaded.
    #[must_use]
    pub fn is_saving(&self, part: PartId) -> bool {
        self.saving.iter().any(|(_, saving)| *saving == part)
    }

    /// The message, and the attached message in it, that the user opened.
    pub(super) fn open_part(&self) -> Option<(MessageId, PartId)> {
        Some((self.id?, self.part))
    }

    /// Opens a message, or opens it again with its remote images.
    pub(super) fn open(
        &mut self,
        (id, part): (MessageId, PartId),
        remote_images: bool,
        next: &mut RequestId,
    ) -> EngineCommand {
        *next += 1;
        *self = Self {
            id: Some(id),
            part,
            message: self.message.take(),
            problem: None,
            remote_images,
            unread: false,
            focus: None,
            asked: Some(*next),
            saving: Vec::new(),
        };
        EngineCommand::Mail(MailCommand::Open {
            request: *next,
            message: id,
            part,
            remote_images,
        })
    }

    /// Stores the message. Returns true if it is the requested one.
    pub(super) fn receive(&mut self, request: RequestId, message: OpenMessage) -> bool {
        let expected = self.asked == Some(request);
        if expected {
            self.asked = None;
            self.message = Some(Rc::new(message));
        }
        expected
    }

    /// Records that the message could not be loaded. Returns true if it is the requested one.
    pub(super) fn fail(&mut self, request: RequestId, problem: &Problem) -> bool {
        if self.asked == Some(request) {
            self.asked = None;
            self.message = None;
            self.problem = Some(problem.clone());
            return true;
        }
        false
    }

    /// Requests an attachment.
    pub(super) fn save(&mut self, part: PartId, next: &mut RequestId) -> Option<EngineCommand> {
        let message = self.id.filter(|_| !self.is_saving(part))?;
        *next += 1;
        self.saving.push((*next, part));
        Some(EngineCommand::Mail(MailCommand::LoadAttachment {
            request: *next,
            message,
            part,
        }))
    }

    /// Ends the wait for an attachment. Returns its number if there was one.
    pub(super) fn saved(&mut self, request: RequestId) -> Option<PartId> {
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
