//! The messages that are marked to be deleted, and the consequences for their copies here.

use std::collections::BTreeMap;

use restante_shared::pop3::argument::MessageNumber;

use crate::api::console::{Consequence, LocalCopy};

/// The marked messages.
#[derive(Debug, Default)]
pub(super) struct DeletionMarks(BTreeMap<MessageNumber, LocalCopy>);

impl DeletionMarks {
    /// Returns the number of marked messages.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// Returns the local copy of a message, if it is marked.
    pub(super) fn copy_of(&self, message: MessageNumber) -> Option<LocalCopy> {
        self.0.get(&message).copied()
    }

    /// Marks a message.
    pub(super) fn mark(&mut self, message: MessageNumber, copy: LocalCopy) {
        self.0.insert(message, copy);
    }

    /// Removes all marks.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Returns the consequence of `QUIT`; `None` if it deletes nothing.
    pub(super) fn at_quit(&self) -> Option<Consequence> {
        let copies = self.0.values();
        let lost = copies.filter(|copy| **copy != LocalCopy::Stored).count();
        (!self.0.is_empty()).then(|| Consequence::Delete {
            messages: self.count(),
            maybe_lost: u32::try_from(lost).unwrap_or(u32::MAX),
        })
    }

    /// Returns the consequence of `RSET`.
    pub(super) fn at_reset(&self) -> Consequence {
        Consequence::Unmark {
            messages: self.count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(n: u32) -> MessageNumber {
        MessageNumber::new(n).unwrap()
    }

    #[test]
    fn the_consequence_of_quit_counts_messages_that_may_be_lost() {
        let delete = |messages, maybe_lost| {
            Some(Consequence::Delete {
                messages,
                maybe_lost,
            })
        };
        let mut marks = DeletionMarks::default();
        assert_eq!(marks.at_quit(), None);
        marks.mark(number(1), LocalCopy::Stored);
        assert_eq!(marks.at_quit(), delete(1, 0));
        marks.mark(number(2), LocalCopy::Missing);
        marks.mark(number(2), LocalCopy::Missing);
        assert_eq!(marks.at_quit(), delete(2, 1));
        assert_eq!(marks.at_reset(), Consequence::Unmark { messages: 2 });
        marks.clear();
        assert_eq!((marks.count(), marks.at_quit()), (0, None));
    }
}
