//! Fuzzes the reader of messages: whatever a sender writes, it returns, and each listed attachment can be
//! opened.

#![no_main]

use libfuzzer_sys::fuzz_target;
use restante_client::api::ids::{MailboxId, MessageId, PartId};
use restante_client::engine::mail::parse::{
    MessageFacts, attachment, open_message, summary, terms,
};

const FACTS: MessageFacts = MessageFacts {
    id: MessageId(1),
    part: PartId(0),
    mailbox: MailboxId(1),
    date: 0,
};

fuzz_target!(|message: &[u8]| {
    assert!(summary(message).snippet.chars().count() <= 200);
    terms(message);
    for listed in open_message(message, FACTS, false).attachments {
        assert!(attachment(message, listed.part).is_some());
    }
});
