//! The page's decisions, from what happens to what it does about it. Here is what the tests share.

mod checks;
mod connection;
mod console;
mod form;
mod page;
mod reading;
mod settings;
mod sign_in;

use super::*;
use crate::api::check::{CheckOutcome, Progress, Stage};
use crate::api::event::EngineEvent;
use crate::api::ids::MessageId;
use crate::api::mail::{Attachment, Body, MailCommand, MailEvent, MessageRow, OpenMessage};
use crate::api::problem::ProblemKind;
use crate::api::settings::{Encryption, Login, MailboxSettings, Secret};
use restante_shared::page::PageConfig;

fn mailbox(id: u32) -> Mailbox {
    Mailbox {
        id: MailboxId(id),
        settings: MailboxSettings {
            address: format!("reader{id}@example.org"),
            user: "reader".to_owned(),
            host: "pop.example.org".parse().unwrap(),
            port: 995,
            encryption: Encryption::Tls,
            ca_pem: None,
            demo: false,
            login: Login::default(),
        },
        has_password: true,
        messages: 3,
        unread: 1,
        last_check: None,
        next_check: None,
    }
}

fn ready(mailboxes: Vec<Mailbox>) -> State {
    let mut state = State::new(Route::default(), false, true);
    let mut effects = state.apply(Action::Begin {
        relay: "wss://example.org/relay".to_owned(),
    });
    effects.extend(hear(
        &mut state,
        EngineEvent::Ready {
            storage: Storage::Persistent,
            healed: Vec::new(),
            mailboxes,
        },
    ));
    answer_lists(&mut state, &effects);
    state
}

fn hear(state: &mut State, event: EngineEvent) -> Vec<Effect> {
    state.apply(Action::Engine(event))
}

/// Answers each list that was asked for with three messages.
fn answer_lists(state: &mut State, effects: &[Effect]) {
    for effect in effects {
        if let Effect::Send(EngineCommand::Mail(MailCommand::List { request, .. })) = effect {
            let rows = [3, 2, 1].map(|id| MessageRow {
                id: MessageId(id),
                mailbox: MailboxId(1),
                sender: String::new(),
                subject: String::new(),
                snippet: String::new(),
                date: 0,
                unread: true,
                has_attachments: false,
            });
            let more = hear(
                state,
                EngineEvent::Mail(MailEvent::Listed {
                    request: *request,
                    total: 3,
                    offset: 0,
                    rows: rows.into(),
                    unsearched: 0,
                }),
            );
            assert_eq!(more, []);
        }
    }
}

fn message(id: u64) -> Box<OpenMessage> {
    Box::new(OpenMessage {
        id: MessageId(id),
        mailbox: MailboxId(1),
        subject: "A/B: \u{7}test".to_owned(),
        from: Vec::new(),
        reply_to: Vec::new(),
        to: Vec::new(),
        cc: Vec::new(),
        date: 0,
        octets: 10,
        body: Body::Text {
            text: String::new(),
        },
        attachments: vec![Attachment {
            part: 2,
            name: "a.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            octets: 4,
        }],
    })
}

fn open(state: &mut State, id: u64) -> Vec<Effect> {
    let mut effects = state.apply(Action::Open {
        id: MessageId(id),
        by_key: true,
    });
    let request = effects.iter().find_map(|effect| match effect {
        Effect::Send(EngineCommand::Mail(MailCommand::Open { request, .. })) => Some(*request),
        _ => None,
    });
    effects.extend(hear(
        state,
        EngineEvent::Mail(MailEvent::Opened {
            request: request.unwrap(),
            message: message(id),
        }),
    ));
    effects
}

fn fill(state: &mut State) {
    for edit in [
        Edit::Address("ada@example.org".to_owned()),
        Edit::Password(Secret::new("hunter2".to_owned())),
    ] {
        assert_eq!(state.apply(Action::Edit(edit)), []);
    }
}
