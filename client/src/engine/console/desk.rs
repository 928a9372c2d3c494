//! The one console that may be open, as the rest of the engine sees it.

use std::cell::RefCell;

use futures::channel::{mpsc, oneshot};

use crate::api::ids::MailboxId;

/// A line that the reader typed.
#[derive(Debug)]
pub(in crate::engine) struct Line {
    /// The line, without a line end.
    pub(in crate::engine) text: String,
    /// Whether its answer has several lines, where nobody knows the command.
    pub(in crate::engine) several_lines: bool,
    /// Whether the reader agreed to what it will do.
    pub(in crate::engine) confirmed: bool,
}

/// A console that is to be opened.
#[derive(Debug)]
pub(in crate::engine) struct Opening {
    /// Of which mailbox.
    pub(in crate::engine) mailbox: MailboxId,
    /// What the reader types.
    pub(in crate::engine) lines: mpsc::UnboundedReceiver<Line>,
    /// Completes when the console is to be closed.
    pub(in crate::engine) closed: oneshot::Receiver<()>,
}

/// Consoles that are to be opened.
pub(in crate::engine) type Asked = mpsc::UnboundedReceiver<Opening>;

/// Knows which console is open, and reaches it.
#[derive(Debug)]
pub(in crate::engine) struct Desk {
    asked: RefCell<Option<mpsc::UnboundedSender<Opening>>>,
    open: RefCell<Option<Open>>,
}

#[derive(Debug)]
struct Open {
    mailbox: MailboxId,
    lines: mpsc::UnboundedSender<Line>,
    /// Dropping it closes the console.
    close: Option<oneshot::Sender<()>>,
}

impl Desk {
    pub(in crate::engine) fn new() -> (Self, Asked) {
        let (sender, asked) = mpsc::unbounded();
        let desk = Self {
            asked: RefCell::new(Some(sender)),
            open: RefCell::default(),
        };
        (desk, asked)
    }

    /// Asks for a console.
    ///
    /// # Errors
    /// The mailbox that has it.
    pub(super) fn open(&self, mailbox: MailboxId) -> Result<(), MailboxId> {
        if let Some(open) = &*self.open.borrow() {
            return Err(open.mailbox);
        }
        let (sender, lines) = mpsc::unbounded();
        let (close, closed) = oneshot::channel();
        *self.open.borrow_mut() = Some(Open {
            mailbox,
            lines: sender,
            close: Some(close),
        });
        let opening = Opening {
            mailbox,
            lines,
            closed,
        };
        if let Some(asked) = &*self.asked.borrow() {
            // The receiver lives as long as the engine.
            let _ = asked.unbounded_send(opening);
        }
        Ok(())
    }

    /// Hands a line to the console; there is nobody to tell where none is open.
    pub(in crate::engine) fn send(&self, line: Line) {
        if let Some(open) = &*self.open.borrow() {
            // A console that just ended has said so.
            let _ = open.lines.unbounded_send(line);
        }
    }

    /// Closes the console, whose good-bye may take a moment.
    pub(in crate::engine) fn close(&self) {
        if let Some(open) = &mut *self.open.borrow_mut() {
            open.close = None;
        }
    }

    /// Closes the console if it is this mailbox's.
    pub(in crate::engine) fn forget(&self, mailbox: MailboxId) {
        if self.holds(mailbox) {
            self.close();
        }
    }

    /// Whether a console has the maildrop of this mailbox.
    pub(in crate::engine) fn holds(&self, mailbox: MailboxId) -> bool {
        let open = self.open.borrow();
        open.as_ref().is_some_and(|open| open.mailbox == mailbox)
    }

    /// The console has ended.
    pub(super) fn end(&self) {
        self.open.take();
    }

    /// Closes the console and takes no more: the page is gone.
    pub(in crate::engine) fn leave(&self) {
        self.asked.take();
        self.close();
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[test]
    fn there_is_one_console_at_a_time() {
        let (desk, mut asked) = Desk::new();
        assert_eq!(desk.open(MailboxId(1)), Ok(()));
        assert_eq!(desk.open(MailboxId(2)), Err(MailboxId(1)));
        assert!(desk.holds(MailboxId(1)) && !desk.holds(MailboxId(2)));
        let mut opening = asked.try_recv().unwrap();
        desk.forget(MailboxId(2));
        assert_eq!((&mut opening.closed).now_or_never(), None);
        desk.forget(MailboxId(1));
        assert!(opening.closed.now_or_never().is_some());
        assert!(desk.holds(MailboxId(1)), "it has yet to say good-bye");
        desk.end();
        assert_eq!(desk.open(MailboxId(2)), Ok(()));
    }
}
