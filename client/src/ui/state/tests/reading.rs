//! Messages: opening, marking and saving.

use super::*;
use crate::api::mail::{MailCommand, MailEvent};

#[test]
fn back_leads_to_the_list_after_any_number_of_messages() {
    let mut state = ready(vec![mailbox(1)]);
    let first = open(&mut state, 3);
    assert!(matches!(first[0], Effect::Push(_)), "{first:?}");
    assert_eq!(
        first.last(),
        Some(&Effect::Focus(Focus::Message { if_lost: false }))
    );
    let second = open(&mut state, 2);
    assert!(matches!(second[0], Effect::Replace(_)), "{second:?}");
    assert_eq!(act(&mut state, UserAction::Back), [Effect::GoBack]);
    let effects = browse(&mut state, BrowserEvent::WentTo(Route::default()));
    assert_eq!(effects, [Effect::Focus(Focus::Row)]);
    assert_eq!(state.reading, ReadingPane::default());
}

#[test]
fn back_leads_to_the_list_from_a_page_that_starts_at_a_message() {
    let route = Route::from_hash("#message=3");
    let mut state = PageState::new(route, true, true);
    let effects = browse(
        &mut state,
        BrowserEvent::Started {
            relay: String::new(),
        },
    );
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
    let effects = act(&mut state, UserAction::MarkUnread(true));
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
fn a_late_answer_does_not_replace_a_newer_message() {
    let mut state = ready(vec![mailbox(1)]);
    let first = act(
        &mut state,
        UserAction::Open {
            id: MessageId(3),
            by_key: false,
        },
    );
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
    let asked = act(&mut state, UserAction::SaveAttachment(PartId(2)));
    let [Effect::Send(EngineCommand::Mail(MailCommand::LoadAttachment { request, .. }))] =
        asked[..]
    else {
        panic!("{asked:?}")
    };
    assert_eq!(
        act(&mut state, UserAction::SaveAttachment(PartId(2))),
        [],
        "once is enough"
    );
    let octets = EngineEvent::Mail(MailEvent::Bytes {
        request,
        bytes: vec![1, 2],
    });
    assert_eq!(
        hear(&mut state, octets),
        [Effect::Save {
            name: "a.pdf".to_owned(),
            bytes: [1, 2].into(),
        }]
    );
}

#[test]
fn a_source_is_saved_under_a_portable_name() {
    let mut state = ready(vec![mailbox(1)]);
    open(&mut state, 2);
    let asked = act(&mut state, UserAction::ViewSource);
    let [Effect::Send(EngineCommand::Mail(MailCommand::LoadSource { request, .. }))] = asked[..]
    else {
        panic!("{asked:?}")
    };
    let octets = EngineEvent::Mail(MailEvent::Bytes {
        request,
        bytes: vec![65],
    });
    assert_eq!(hear(&mut state, octets), []);
    let effects = act(&mut state, UserAction::SaveSource);
    let [Effect::Save { name, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(name, "AB test.eml");
}

#[test]
fn an_attached_message_opens_in_a_step_of_its_own_and_has_its_own_source() {
    let mut state = ready(vec![mailbox(1)]);
    open(&mut state, 2);
    let route = state.route;
    let asked = act(&mut state, UserAction::OpenAttached(PartId(7)));
    let [
        Effect::Push(pushed),
        Effect::Send(EngineCommand::Mail(MailCommand::Open { message, part, .. })),
    ] = asked[..]
    else {
        panic!("{asked:?}")
    };
    assert_eq!(pushed.screen, Screen::Message(MessageId(2), PartId(7)));
    assert_eq!((message, part), (MessageId(2), PartId(7)));
    let asked = act(&mut state, UserAction::ViewSource);
    assert!(matches!(
        asked[..],
        [Effect::Send(EngineCommand::Mail(
            MailCommand::LoadAttachment {
                part: PartId(7),
                ..
            }
        ))]
    ));
    let back = browse(&mut state, BrowserEvent::WentTo(route));
    assert!(matches!(
        back[..],
        [Effect::Send(EngineCommand::Mail(MailCommand::Open {
            part: PartId(0),
            ..
        }))]
    ));
}
