//! Messages: opened, marked, saved.

use super::*;
use crate::api::mail::{MailCommand, MailEvent};

#[test]
fn back_closes_the_reader_however_many_messages_were_read() {
    let mut state = ready(vec![mailbox(1)]);
    let first = open(&mut state, 3);
    assert!(matches!(first[0], Effect::Push(_)), "{first:?}");
    assert_eq!(
        first.last(),
        Some(&Effect::Focus(Focus::Message { if_lost: false }))
    );
    let second = open(&mut state, 2);
    assert!(matches!(second[0], Effect::Replace(_)), "{second:?}");
    assert_eq!(state.apply(Action::Back), [Effect::GoBack]);
    let effects = state.apply(Action::WentTo(Route::default()));
    assert_eq!(effects, [Effect::Focus(Focus::Row)]);
    assert_eq!(state.reading, Reading::default());
}

#[test]
fn a_page_that_begins_at_a_message_has_the_list_behind_it() {
    let route = Route::from_hash("#message=3");
    let mut state = State::new(route, true, true);
    let effects = state.apply(Action::Begin {
        relay: String::new(),
    });
    assert_eq!(
        effects[1..],
        [Effect::Replace(Route::default()), Effect::Push(route)]
    );
}

#[test]
fn an_opened_message_is_shown_as_read_at_once() {
    let mut state = ready(vec![mailbox(1)]);
    open(&mut state, 2);
    assert!(!state.list.row(1).unwrap().unread);
    let effects = state.apply(Action::MarkUnread(true));
    assert_eq!(
        effects,
        [Effect::Send(EngineCommand::Mail(MailCommand::MarkRead {
            message: MessageId(2),
            read: false
        }))]
    );
    assert!(state.list.row(1).unwrap().unread);
}

#[test]
fn a_late_answer_does_not_replace_the_message_that_was_opened_after_it() {
    let mut state = ready(vec![mailbox(1)]);
    let first = state.apply(Action::Open {
        id: MessageId(3),
        by_key: false,
    });
    let [
        _,
        Effect::Send(EngineCommand::Mail(MailCommand::Open { request, .. })),
    ] = first[..]
    else {
        panic!("{first:?}")
    };
    open(&mut state, 2);
    let late = EngineEvent::Mail(MailEvent::Opened {
        request,
        message: message(3),
    });
    assert_eq!(hear(&mut state, late), []);
    assert_eq!(state.reading.message.as_ref().unwrap().id, MessageId(2));
}

#[test]
fn an_attachment_is_saved_under_its_name() {
    let mut state = ready(vec![mailbox(1)]);
    open(&mut state, 2);
    let asked = state.apply(Action::SaveAttachment(2));
    let [Effect::Send(EngineCommand::Mail(MailCommand::LoadAttachment { request, .. }))] =
        asked[..]
    else {
        panic!("{asked:?}")
    };
    assert_eq!(state.apply(Action::SaveAttachment(2)), [], "once is enough");
    let octets = EngineEvent::Mail(MailEvent::Bytes {
        request,
        bytes: vec![1, 2],
    });
    assert_eq!(
        hear(&mut state, octets),
        [Effect::Save {
            name: "a.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            octets: [1, 2].into(),
        }]
    );
}

#[test]
fn a_source_is_saved_under_a_name_that_every_system_takes() {
    let mut state = ready(vec![mailbox(1)]);
    open(&mut state, 2);
    let asked = state.apply(Action::ViewSource);
    let [Effect::Send(EngineCommand::Mail(MailCommand::LoadSource { request, .. }))] = asked[..]
    else {
        panic!("{asked:?}")
    };
    let octets = EngineEvent::Mail(MailEvent::Bytes {
        request,
        bytes: vec![65],
    });
    assert_eq!(hear(&mut state, octets), []);
    let effects = state.apply(Action::SaveSource);
    let [Effect::Save { name, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(name, "AB test.eml");
}
