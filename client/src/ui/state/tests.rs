//! Tests of the whole state: actions in, effects out. This file has the shared helpers.

mod checks;
mod connection;
mod console;
mod form;
mod page;
mod reading;
mod settings;
mod sign_in;

use restante_shared::page::{DemoMaildrop, PageConfig};

use super::*;
use crate::api::check::{CheckOutcome, Progress, Stage};
use crate::api::command::EngineCommand;
use crate::api::event::EngineEvent;
use crate::api::ids::{MailboxId, MessageId, PartId, RequestId};
use crate::api::mail::{
    Attachment, Body, DateSource, MailCommand, MailEvent, MessageRow, OpenMessage,
};
use crate::api::mailbox::Mailbox;
use crate::api::problem::{Problem, ProblemKind};
use crate::api::settings::{Encryption, Login, MailboxSettings, Secret};
use crate::api::storage::Storage;
use crate::ui::route::{Route, Screen};

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

fn ready(mailboxes: Vec<Mailbox>) -> PageState {
    let mut state = PageState::new(Route::default(), false, true);
    let mut effects = browse(
        &mut state,
        BrowserEvent::Started {
            relay: "wss://example.org/relay".to_owned(),
        },
    );
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

fn hear(state: &mut PageState, event: EngineEvent) -> Vec<Effect> {
    state.apply(Action::Engine(EngineReport::Event(event)))
}

/// Answers each request for a list with three messages.
fn answer_lists(state: &mut PageState, effects: &[Effect]) {
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
                    cut: 0,
                }),
            );
            assert_eq!(more, []);
        }
    }
}

fn message(id: u64) -> Box<OpenMessage> {
    Box::new(OpenMessage {
        id: MessageId(id),
        part: PartId(0),
        mailbox: MailboxId(1),
        subject: "A/B: \u{7}test".to_owned(),
        from: Vec::new(),
        reply_to: Vec::new(),
        to: Vec::new(),
        cc: Vec::new(),
        date: 0,
        date_source: DateSource::Sent,
        octets: 10,
        doubts: Vec::new(),
        body: Body::Text {
            text: String::new(),
        },
        attachments: vec![Attachment {
            part: PartId(2),
            name: "a.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            octets: 4,
            is_message: false,
        }],
        event: None,
        hidden: None,
    })
}

fn open(state: &mut PageState, id: u64) -> Vec<Effect> {
    let mut effects = act(
        state,
        UserAction::Open {
            id: MessageId(id),
            by_key: true,
        },
    );
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

fn fill(state: &mut PageState) {
    for edit in [
        Edit::Address("ada@example.org".to_owned()),
        Edit::Password(Secret::new("hunter2".to_owned())),
    ] {
        assert_eq!(act(state, UserAction::Edit(edit)), []);
    }
}

fn act(state: &mut PageState, action: UserAction) -> Vec<Effect> {
    state.apply(Action::User(action))
}

fn browse(state: &mut PageState, event: BrowserEvent) -> Vec<Effect> {
    state.apply(Action::Browser(event))
}

fn configure(state: &mut PageState, config: PageConfig) -> Vec<Effect> {
    state.apply(Action::Bridge(BridgeEvent::Configured(config)))
}
