//! The messages that are marked to be deleted, and what becomes of them, in words.

use std::collections::BTreeMap;

use restante_shared::pop3::argument::MessageNumber;

/// Whether a message is on this device too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Here {
    /// It is.
    Kept,
    /// One with its unique-id is, but the server gives one to several messages.
    Perhaps,
    /// It is not.
    Not,
    /// The server does not tell which message it is.
    Unknown,
}

/// The marked messages.
#[derive(Debug, Default)]
pub(super) struct Marks(BTreeMap<MessageNumber, Here>);

impl Marks {
    /// How many there are.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// Whether a message is on this device too, if it is marked.
    pub(super) fn of(&self, message: MessageNumber) -> Option<Here> {
        self.0.get(&message).copied()
    }

    pub(super) fn mark(&mut self, message: MessageNumber, here: Here) {
        self.0.insert(message, here);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// What `QUIT` will do, if it does anything.
    pub(super) fn at_quit(&self) -> Option<String> {
        let lost = self.0.values().filter(|here| **here != Here::Kept).count();
        let what = match self.0.len() {
            0 => return None,
            1 => "1 message will be deleted on the server for good.".to_owned(),
            count => format!("{count} messages will be deleted on the server for good."),
        };
        let here = match (lost, self.0.len()) {
            (0, 1) => "It stays on this device.".to_owned(),
            (0, _) => "They stay on this device.".to_owned(),
            (_, 1) => "It may not be on this device: it would be lost.".to_owned(),
            (lost, _) => format!("{lost} of them may not be on this device and would be lost."),
        };
        Some(format!("{what} {here}"))
    }

    /// What `RSET` will do.
    pub(super) fn at_reset(&self) -> String {
        match self.0.len() {
            0 => "No message was marked here, so nothing changes.".to_owned(),
            1 => "1 message will not be marked any more, and stays on the server.".to_owned(),
            count => {
                format!("{count} messages will not be marked any more, and stay on the server.")
            }
        }
    }
}

/// What `DELE` will do.
pub(super) fn at_delete(message: MessageNumber, here: Here) -> String {
    let what = format!("The server will delete message {message} for good at QUIT.");
    let here = match here {
        Here::Kept => "It stays on this device.",
        Here::Perhaps => {
            "A message with its unique-id is on this device, but this server gives one to several \
             messages: it may be lost."
        }
        Here::Not => "This message is not on this device: it would be lost for good.",
        Here::Unknown => {
            "The server does not tell which message this is: if it is not on this device, it would \
             be lost."
        }
    };
    format!("{what} {here}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(n: u32) -> MessageNumber {
        MessageNumber::new(n).unwrap()
    }

    #[test]
    fn what_quit_deletes_is_told_with_what_would_be_lost() {
        let mut marks = Marks::default();
        assert_eq!(marks.at_quit(), None);
        marks.mark(number(1), Here::Kept);
        assert_eq!(
            marks.at_quit().unwrap(),
            "1 message will be deleted on the server for good. It stays on this device."
        );
        marks.mark(number(2), Here::Not);
        marks.mark(number(2), Here::Not);
        assert_eq!(
            marks.at_quit().unwrap(),
            "2 messages will be deleted on the server for good. 1 of them may not be on this device \
             and would be lost."
        );
        assert!(marks.at_reset().starts_with("2 messages will not"));
        marks.clear();
        assert_eq!((marks.count(), marks.at_quit()), (0, None));
    }

    #[test]
    fn a_message_that_is_nowhere_else_is_told_to_be_lost() {
        assert!(at_delete(number(1), Here::Not).contains("lost for good"));
        assert!(!at_delete(number(1), Here::Kept).contains("lost"));
    }
}
