//! The handle by which the rest of the engine opens, feeds and closes the one console.

use std::cell::RefCell;

use futures::channel::{mpsc, oneshot};

use crate::api::ids::MailboxId;

/// A line that the user typed.
#[derive(Debug)]
pub(in crate::engine) struct ConsoleLine {
    /// The line, without a line end.
    pub(in crate::engine) text: String,
    /// True if its reply is multi-line. Used only for unknown commands.
    pub(in crate::engine) several_lines: bool,
    /// True if the user confirmed its consequence.
    pub(in crate::engine) confirmed: bool,
}

/// A request to open a console.
#[derive(Debug)]
pub(in crate::engine) struct ConsoleRequest {
    /// The mailbox.
    pub(in crate::engine) mailbox: MailboxId,
    /// The lines that the user types.
    pub(in crate::engine) lines: mpsc::UnboundedReceiver<ConsoleLine>,
    /// Completes when the console has to close.
    pub(in crate::engine) closed: oneshot::Receiver<()>,
}

/// The requests to open consoles, in order.
pub(in crate::engine) type ConsoleRequests = mpsc::UnboundedReceiver<ConsoleRequest>;

/// The handle of the console. At most one is open at a time.
#[derive(Debug)]
pub(in crate::engine) struct ConsoleHandle {
    /// Absent after the page is gone.
    requests: RefCell<Option<mpsc::UnboundedSender<ConsoleRequest>>>,
    open: RefCell<Option<OpenConsole>>,
}

#[derive(Debug)]
struct OpenConsole {
    mailbox: MailboxId,
    lines: mpsc::UnboundedSender<ConsoleLine>,
    /// Dropping it closes the console.
    close: Option<oneshot::Sender<()>>,
}

impl ConsoleHandle {
    /// Returns a handle, and the requests that are made through it.
    pub(in crate::engine) fn new() -> (Self, ConsoleRequests) {
        let (sender, requests) = mpsc::unbounded();
        let handle = Self {
            requests: RefCell::new(Some(sender)),
            open: RefCell::default(),
        };
        (handle, requests)
    }

    /// Requests a console.
    ///
    /// # Errors
    /// The mailbox whose console is open.
    pub(super) fn open(&self, mailbox: MailboxId) -> Result<(), MailboxId> {
        if let Some(open) = &*self.open.borrow() {
            return Err(open.mailbox);
        }
        let (sender, lines) = mpsc::unbounded();
        let (close, closed) = oneshot::channel();
        *self.open.borrow_mut() = Some(OpenConsole {
            mailbox,
            lines: sender,
            close: Some(close),
        });
        let request = ConsoleRequest {
            mailbox,
            lines,
            closed,
        };
        if let Some(requests) = &*self.requests.borrow() {
            // The receiver lives as long as the engine.
            let _ = requests.unbounded_send(request);
        }
        Ok(())
    }

    /// Sends a line to the console. Does nothing if none is open.
    pub(in crate::engine) fn send(&self, line: ConsoleLine) {
        if let Some(open) = &*self.open.borrow() {
            // Fails only if the console has just ended, which it reports itself.
            let _ = open.lines.unbounded_send(line);
        }
    }

    /// Starts to close the console. `RSET` and `QUIT` may take a moment.
    pub(in crate::engine) fn close(&self) {
        if let Some(open) = &mut *self.open.borrow_mut() {
            open.close = None;
        }
    }

    /// Closes the console of a mailbox, if it is open.
    pub(in crate::engine) fn forget(&self, mailbox: MailboxId) {
        if self.holds(mailbox) {
            self.close();
        }
    }

    /// Returns true if a console holds the maildrop of a mailbox.
    pub(in crate::engine) fn holds(&self, mailbox: MailboxId) -> bool {
        let open = self.open.borrow();
        open.as_ref().is_some_and(|open| open.mailbox == mailbox)
    }

    /// Records that the console has ended.
    pub(super) fn end(&self) {
        self.open.take();
    }

    /// Closes the console and ends the requests, because the page is gone.
    pub(in crate::engine) fn shut_down(&self) {
        self.requests.take();
        self.close();
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[test]
    fn there_is_one_console_at_a_time() {
        let (handle, mut requests) = ConsoleHandle::new();
        assert_eq!(handle.open(MailboxId(1)), Ok(()));
        assert_eq!(handle.open(MailboxId(2)), Err(MailboxId(1)));
        assert!(handle.holds(MailboxId(1)) && !handle.holds(MailboxId(2)));
        let mut request = requests.try_recv().unwrap();
        handle.forget(MailboxId(2));
        assert_eq!((&mut request.closed).now_or_never(), None);
        handle.forget(MailboxId(1));
        assert!(request.closed.now_or_never().is_some());
        assert!(handle.holds(MailboxId(1)), "its session has not ended yet");
        handle.end();
        assert_eq!(handle.open(MailboxId(2)), Ok(()));
    }
}
