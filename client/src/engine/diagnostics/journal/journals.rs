//! The journals of all mailboxes.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use restante_shared::relay::Host;

use super::Journal;
use crate::api::ids::MailboxId;
use crate::api::settings::MailboxSettings;

/// A journal that whoever works with a mailbox writes, and others read meanwhile.
pub(in crate::engine) type SharedJournal = Rc<RefCell<Journal>>;

/// The journals of all mailboxes, and that of the mailbox which is to be added.
#[derive(Debug, Default)]
pub(in crate::engine) struct Journals {
    kept: RefCell<BTreeMap<MailboxId, SharedJournal>>,
    /// What came of proving settings last, and for which host.
    proofs: RefCell<Option<(Host, Journal)>>,
}

impl Journals {
    /// The journal of a mailbox.
    pub(in crate::engine) fn of(&self, mailbox: MailboxId) -> SharedJournal {
        Rc::clone(self.kept.borrow_mut().entry(mailbox).or_default())
    }

    /// Keeps the sessions in which settings were proven, whether they work or not: there is no
    /// mailbox to keep them for yet.
    pub(in crate::engine) fn keep_proof(&self, settings: &MailboxSettings, mut proof: Journal) {
        let mut proofs = self.proofs.borrow_mut();
        if let Some((host, earlier)) = proofs.take()
            && host == settings.host
        {
            proof.adopt(earlier);
        }
        *proofs = Some((settings.host.clone(), proof));
    }

    /// Gives a new mailbox the sessions that led to it, failed ones included.
    pub(in crate::engine) fn give_proof(&self, mailbox: MailboxId, settings: &MailboxSettings) {
        if let Some((host, proof)) = self.proofs.take()
            && host == settings.host
        {
            self.of(mailbox).borrow_mut().adopt(proof);
        }
    }

    /// Forgets the sessions of a mailbox.
    pub(in crate::engine) fn forget(&self, mailbox: MailboxId) {
        self.kept.borrow_mut().remove(&mailbox);
    }
}
