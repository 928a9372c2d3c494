//! The page's decisions, from what happens to what it does about it.

use super::*;
use crate::engine::command::{Encryption, MailboxSettings, Secret};
use crate::engine::event::{
    Attachment, Body, CheckOutcome, EngineEvent, MessageId, MessageRow, OpenMessage, ProblemKind,
    Progress, Stage,
};
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
        },
        has_password: true,
        messages: 3,
        unread: 1,
        last_check: None,
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
        if let Effect::Send(EngineCommand::ListMessages { request, .. }) = effect {
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
                EngineEvent::Messages {
                    request: *request,
                    total: 3,
                    offset: 0,
                    rows: rows.into(),
                },
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
        Effect::Send(EngineCommand::OpenMessage { request, .. }) => Some(*request),
        _ => None,
    });
    effects.extend(hear(
        state,
        EngineEvent::Message {
            request: request.unwrap(),
            message: message(id),
        },
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

#[test]
fn the_form_is_there_before_the_engine() {
    let state = State::new(Route::default(), false, true);
    assert_eq!(state.page(), Page::FirstRun);
    let returning = State::new(Route::default(), true, true);
    assert_eq!(returning.page(), Page::Mail);
}

#[test]
fn another_tab_is_waited_for() {
    let mut state = State::new(Route::default(), true, true);
    assert_eq!(hear(&mut state, EngineEvent::Occupied), []);
    assert_eq!(state.page(), Page::Occupied);
    let ready = EngineEvent::Ready {
        storage: Storage::Persistent,
        healed: Vec::new(),
        mailboxes: vec![mailbox(1)],
    };
    assert!(!hear(&mut state, ready).is_empty());
    assert_eq!(state.page(), Page::Mail);
}

#[test]
fn an_engine_that_does_not_come_is_told_apart_from_one_that_breaks_down() {
    let mut state = State::new(Route::default(), false, true);
    assert_eq!(state.apply(Action::EngineLost), []);
    assert_eq!(state.engine, Engine::Absent);
    let mut state = ready(vec![mailbox(1)]);
    assert_eq!(state.apply(Action::EngineLost), []);
    assert_eq!(state.engine, Engine::Stopped);
}

#[test]
fn the_focus_of_a_button_that_goes_away_has_a_place_to_go() {
    let mut state = ready(vec![mailbox(1)]);
    let removed = EngineEvent::Mailboxes {
        mailboxes: Vec::new(),
    };
    let effects = hear(&mut state, removed);
    assert!(effects.contains(&Effect::Focus(Focus::Heading)));

    let mut state = ready(vec![mailbox(1)]);
    for step in [Action::AddMailbox, Action::WentTo(Route::default())] {
        let effects = state.apply(step);
        assert!(effects.contains(&Effect::Focus(Focus::Heading)));
    }
}

#[test]
fn a_form_with_a_fault_is_not_sent() {
    let mut state = ready(Vec::new());
    let effects = state.apply(Action::SubmitMailbox);
    assert_eq!(effects, [Effect::Focus(Focus::Field(Field::Address))]);
}

#[test]
fn a_refused_mailbox_leaves_the_form_as_it_was() {
    let mut state = ready(Vec::new());
    fill(&mut state);
    let sent = state.apply(Action::SubmitMailbox);
    let [
        Effect::Send(EngineCommand::AddMailbox { request, .. }),
        Effect::Focus(Focus::Attempt { demo: false }),
    ] = sent[..]
    else {
        panic!("{sent:?}")
    };
    assert_eq!(state.apply(Action::SubmitMailbox), [], "once is enough");
    assert!(state.checks.proving().is_some());
    let problem = Problem {
        kind: ProblemKind::WrongCredentials,
        detail: Some("no".to_owned()),
    };
    let failed = EngineEvent::RequestFailed {
        request,
        problem: problem.clone(),
    };
    let focus = Effect::Focus(Focus::Attempt { demo: false });
    assert_eq!(hear(&mut state, failed), [focus], "Cancel is gone");
    let failure = Failure {
        problem,
        demo: false,
    };
    assert_eq!(state.adding.problem, Some(failure));
    assert_eq!(state.adding.password.reveal(), "hunter2");
    assert_eq!(state.adding.attempt, None);
    assert!(state.checks.proving().is_none());
    assert!(!format!("{state:?}").contains("hunter2"));
}

#[test]
fn an_added_mailbox_leads_to_its_mail_and_forgets_the_form() {
    let mut state = ready(Vec::new());
    fill(&mut state);
    let sent = state.apply(Action::SubmitMailbox);
    let [
        Effect::Send(EngineCommand::AddMailbox { request, .. }),
        Effect::Focus(Focus::Attempt { demo: false }),
    ] = sent[..]
    else {
        panic!("{sent:?}")
    };
    let mailboxes = EngineEvent::Mailboxes {
        mailboxes: vec![mailbox(1)],
    };
    assert_eq!(hear(&mut state, mailboxes), [Effect::ExpectMailboxes(true)]);
    let added = EngineEvent::MailboxAdded {
        request,
        mailbox: MailboxId(1),
    };
    assert!(!hear(&mut state, added).is_empty());
    assert_eq!(state.page(), Page::Mail);
    assert_eq!(*state.adding, Adding::default());
    assert!(state.checks.is_running());
}

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
    assert_eq!(*state.reading, Reading::default());
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
        [Effect::Send(EngineCommand::MarkRead {
            message: MessageId(2),
            read: false
        })]
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
    let [_, Effect::Send(EngineCommand::OpenMessage { request, .. })] = first[..] else {
        panic!("{first:?}")
    };
    open(&mut state, 2);
    let late = EngineEvent::Message {
        request,
        message: message(3),
    };
    assert_eq!(hear(&mut state, late), []);
    assert_eq!(state.reading.message.as_ref().unwrap().id, MessageId(2));
}

#[test]
fn an_attachment_is_saved_under_its_name() {
    let mut state = ready(vec![mailbox(1)]);
    open(&mut state, 2);
    let asked = state.apply(Action::SaveAttachment(2));
    let [Effect::Send(EngineCommand::LoadAttachment { request, .. })] = asked[..] else {
        panic!("{asked:?}")
    };
    assert_eq!(state.apply(Action::SaveAttachment(2)), [], "once is enough");
    let octets = EngineEvent::Octets {
        request,
        octets: vec![1, 2],
    };
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
    let [Effect::Send(EngineCommand::LoadSource { request, .. })] = asked[..] else {
        panic!("{asked:?}")
    };
    let octets = EngineEvent::Octets {
        request,
        octets: vec![65],
    };
    assert_eq!(hear(&mut state, octets), []);
    let effects = state.apply(Action::SaveSource);
    let [Effect::Save { name, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(name, "AB test.eml");
}

#[test]
fn a_failed_check_is_told_until_one_succeeds() {
    let mut state = ready(vec![mailbox(1)]);
    let fail = |kind| EngineEvent::CheckFinished {
        mailbox: MailboxId(1),
        outcome: CheckOutcome::Failed {
            new_messages: 0,
            problem: Problem { kind, detail: None },
        },
    };
    hear(&mut state, fail(ProblemKind::TimedOut));
    hear(&mut state, fail(ProblemKind::ConnectionLost));
    assert_eq!(state.notices.len(), 1, "the last one only");
    let done = EngineEvent::CheckFinished {
        mailbox: MailboxId(1),
        outcome: CheckOutcome::Done {
            new_messages: 0,
            skipped: 0,
        },
    };
    hear(&mut state, done);
    assert!(state.notices.is_empty());
}

#[test]
fn a_password_that_is_needed_is_asked_for_and_sent_to_its_mailbox() {
    let mut state = ready(vec![mailbox(1), mailbox(2)]);
    let needed = EngineEvent::CheckFinished {
        mailbox: MailboxId(2),
        outcome: CheckOutcome::PasswordNeeded,
    };
    hear(&mut state, needed);
    let password = Secret::new("hunter2".to_owned());
    assert_eq!(state.apply(Action::EnterPassword), [], "nothing typed yet");
    assert_eq!(state.apply(Action::TypePassword(password.clone())), []);
    assert_eq!(state.apply(Action::RememberPassword(false)), []);
    let effects = state.apply(Action::EnterPassword);
    assert_eq!(
        effects,
        [Effect::Send(EngineCommand::SetPassword {
            mailbox: MailboxId(2),
            password,
            remember: false,
        })]
    );
    assert_eq!(state.dialog, None);
}

#[test]
fn mail_is_checked_once_at_a_time() {
    let mut state = ready(vec![mailbox(1)]);
    assert_eq!(state.apply(Action::CheckMail).len(), 1);
    assert_eq!(state.apply(Action::CheckMail), []);
    let progress = Progress {
        mailbox: Some(MailboxId(1)),
        stage: Stage::Listing,
        messages_done: 0,
        messages_total: 0,
        octets_done: 0,
        octets_total: 0,
        octets_per_second: 0,
    };
    hear(&mut state, EngineEvent::Progress { progress });
    assert_eq!(state.checks.progress().unwrap().stage, Stage::Listing);
}

#[test]
fn a_removed_mailbox_is_not_chosen_any_more() {
    let mut state = ready(vec![mailbox(1), mailbox(2)]);
    let effects = state.apply(Action::Choose(Some(MailboxId(2))));
    answer_lists(&mut state, &effects);
    assert_eq!(state.apply(Action::AskRemove(MailboxId(2))), []);
    assert_eq!(
        state.apply(Action::Remove),
        [Effect::Send(EngineCommand::RemoveMailbox {
            mailbox: MailboxId(2)
        })]
    );
    let left = EngineEvent::Mailboxes {
        mailboxes: vec![mailbox(1)],
    };
    hear(&mut state, left);
    assert_eq!(state.route.mailbox, None);
    assert_eq!(state.list.query.mailbox, None);
}

#[test]
fn a_demo_mailbox_follows_its_bridge() {
    let mut old = mailbox(1);
    old.settings.demo = true;
    let mut state = ready(vec![old]);
    let demo = DemoMaildrop {
        address: "demo@example.org".to_owned(),
        host: "localhost".to_owned(),
        port: 4995,
        user: "demo".to_owned(),
        password: "demo".to_owned(),
        ca_pem: "new".to_owned(),
    };
    let effects = state.apply(Action::Configured(PageConfig {
        demo: Some(demo.clone()),
    }));
    assert_eq!(
        effects,
        [Effect::Send(EngineCommand::UpdateSettings {
            mailbox: MailboxId(1),
            settings: demo_settings(&demo).unwrap(),
        })]
    );
    assert!(!state.offers_demo());
}

#[test]
fn a_search_begins_when_the_reader_pauses_and_only_once() {
    let mut state = ready(vec![mailbox(1)]);
    let typed = Action::TypeSearch("wheel".to_owned());
    assert_eq!(state.apply(typed), [Effect::SearchSoon]);
    assert_eq!(state.list.query.search, "");
    let asked = state.apply(Action::Search);
    let [Effect::Send(EngineCommand::ListMessages { query, .. })] = &asked[..] else {
        panic!("{asked:?}")
    };
    assert_eq!(query.search, "wheel");
    assert_eq!(state.apply(Action::Search), []);
}
