//! The journals of all mailboxes.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use restante_shared::relay::Host;

use super::Journal;
use crate::api::ids::MailboxId;
use crate::api::settings::MailboxSettings;

/// A journal that a session writes while the page reads it.
pub(in crate::engine) type SharedJournal = Rc<RefCell<Journal>>;

/// The journals of all mailboxes, and the journal of the mailbox that is being added.
#[derive(Debug, Default)]
pub(in crate::engine) struct Journals {
    of_mailboxes: RefCell<BTreeMap<MailboxId, SharedJournal>>,
    /// The journal of the last tests of settings, with the host that they were for.
    tests: RefCell<Option<(Host, Journal)>>,
}

impl Journals {
    /// Returns the journal of a mailbox.
    pub(in crate::engine) fn of(&self, mailbox: MailboxId) -> SharedJournal {
        let mut journals = self.of_mailboxes.borrow_mut();
        Rc::clone(journals.entry(mailbox).or_default())
    }

    /// Keeps the sessions that tested settings, successful or not, until there is a mailbox for
    /// them.
    pub(in crate::engine) fn keep_test(&self, settings: &MailboxSettings, mut test: Journal) {
        let mut tests = self.tests.borrow_mut();
        if let Some((host, earlier)) = tests.take()
            && host == settings.host
        {
            test.prepend(earlier);
        }
        *tests = Some((settings.host.clone(), test));
    }

    /// Adds the sessions that tested its settings to the journal of a new mailbox.
    pub(in crate::engine) fn assign_test(&self, mailbox: MailboxId, settings: &MailboxSettings) {
        if let Some((host, test)) = self.tests.take()
            && host == settings.host
        {
            self.of(mailbox).borrow_mut().prepend(test);
        }
    }

    /// Removes the journal of a mailbox.
    pub(in crate::engine) fn forget(&self, mailbox: MailboxId) {
        self.of_mailboxes.borrow_mut().remove(&mailbox);
    }
}
