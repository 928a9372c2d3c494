//! The connection page: its sessions and the server's report card.

use super::*;
use crate::api::check::CheckEvent;
use crate::api::mailbox::MailboxEvent;
use crate::api::report::{
    ConnectionReport, ReportCommand, ReportEvent, SessionOutcome, SessionRecord, SessionSecurity,
};
use crate::api::transcript::TranscriptLine;
use restante_shared::pop3::transcript::Step;

fn session(began: i64) -> SessionRecord {
    SessionRecord {
        began,
        outcome: Some(SessionOutcome::Continued),
        security: SessionSecurity {
            encryption: Encryption::Tls,
            connect_millis: None,
            handshake_millis: None,
            tls: None,
        },
        lines: vec![TranscriptLine::Step {
            step: Step::Server(b"+OK".to_vec()),
            millis: Some(7),
        }],
    }
}

/// Returns the request for a report among effects.
fn asked(effects: &[Effect]) -> Option<RequestId> {
    effects.iter().find_map(|effect| match effect {
        Effect::Send(EngineCommand::Report(ReportCommand::Load { request, .. })) => Some(*request),
        _ => None,
    })
}

fn report(state: &mut PageState, request: RequestId, began: &[i64]) {
    let report = Box::new(ConnectionReport {
        mailbox: MailboxId(1),
        server: None,
        sessions: began.iter().copied().map(session).collect(),
    });
    let event = EngineEvent::Report(ReportEvent::Loaded { request, report });
    assert_eq!(hear(state, event), []);
}

/// Returns the state of a connection page with sessions that began at these times.
fn seen(began: &[i64]) -> PageState {
    let mut state = ready(vec![mailbox(1)]);
    let effects = act(&mut state, UserAction::SeeConnection(MailboxId(1)));
    report(&mut state, asked(&effects).unwrap(), began);
    state
}

fn press(state: &mut PageState, action: ConnectionAction) -> Vec<Effect> {
    act(state, UserAction::Connection(action))
}

#[test]
fn back_leads_from_a_connection_to_the_mail() {
    let mut state = ready(vec![mailbox(1)]);
    let effects = act(&mut state, UserAction::SeeConnection(MailboxId(1)));
    assert_eq!(state.page(), Page::Connection);
    assert!(!state.connection.is_known, "not loaded yet");
    let [Effect::Push(route), _, Effect::Focus(Focus::Heading)] = effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(route.to_hash(), "#mailbox=1&connection");
    assert_eq!(act(&mut state, UserAction::Back), [Effect::GoBack]);
    let back = browse(&mut state, BrowserEvent::WentTo(Route::default()));
    assert_eq!(
        back,
        [Effect::Focus(Focus::Heading)],
        "the list is as it was"
    );
    assert_eq!(state.page(), Page::Mail);
}

#[test]
fn a_visit_that_starts_at_a_connection_requests_its_report() {
    let mut state = PageState::new(Route::from_hash("#mailbox=1&connection"), true, true);
    assert_eq!(state.page(), Page::Mail, "the mailboxes are not known yet");
    let effects = hear(
        &mut state,
        EngineEvent::Ready {
            storage: Storage::Persistent,
            healed: Vec::new(),
            mailboxes: vec![mailbox(1)],
        },
    );
    assert!(asked(&effects).is_some(), "{effects:?}");
    assert_eq!(state.page(), Page::Connection);
}

#[test]
fn the_connection_of_a_removed_mailbox_leads_to_the_mail() {
    let mut state = seen(&[3]);
    let gone = EngineEvent::Mailbox(MailboxEvent::Changed {
        mailboxes: vec![mailbox(2)],
    });
    assert!(!hear(&mut state, gone).is_empty());
    assert_eq!(state.page(), Page::Mail);
    assert_eq!(state.route, Route::default());
}

#[test]
fn a_check_shows_its_session_unless_an_older_one_is_selected() {
    let mut state = seen(&[20, 10]);
    let check = || {
        EngineEvent::Check(CheckEvent::Finished {
            mailbox: MailboxId(1),
            outcome: CheckOutcome::Done {
                new_messages: 0,
                skipped: 0,
            },
        })
    };
    let effects = hear(&mut state, check());
    report(&mut state, asked(&effects).unwrap(), &[30, 20, 10]);
    assert_eq!(state.connection.session().unwrap().record.began, 30);
    assert_eq!(press(&mut state, ConnectionAction::Session(2)), []);
    let effects = hear(&mut state, check());
    report(&mut state, asked(&effects).unwrap(), &[40, 30, 20, 10]);
    assert_eq!(state.connection.session().unwrap().record.began, 10);
    let elsewhere = EngineEvent::Check(CheckEvent::Finished {
        mailbox: MailboxId(2),
        outcome: CheckOutcome::PasswordNeeded,
    });
    assert_eq!(
        hear(&mut state, elsewhere),
        [],
        "the page shows another mailbox"
    );
}

#[test]
fn the_failure_of_a_report_is_shown_in_its_place() {
    let mut state = ready(vec![mailbox(1)]);
    let effects = act(&mut state, UserAction::SeeConnection(MailboxId(1)));
    let failed = EngineEvent::RequestFailed {
        request: asked(&effects).unwrap(),
        problem: Problem::new(ProblemKind::StorageFailed),
    };
    assert_eq!(hear(&mut state, failed), []);
    assert!(state.connection.problem.is_some());
    assert_eq!(state.notices, []);
}

#[test]
fn the_session_shown_can_be_saved_and_copied() {
    let mut state = seen(&[20, 10]);
    let date = "1970-01-01T00:00:20.000Z".to_owned();
    let saved = press(&mut state, ConnectionAction::Save(date.clone()));
    let [Effect::Save { name, bytes }] = &saved[..] else {
        panic!("{saved:?}")
    };
    assert_eq!(name, "restante-pop.example.org-1970-01-01T00-00-20.txt");
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    assert!(text.starts_with("# server: pop.example.org:995\n# began: 1970"));
    assert!(text.ends_with("\nS: +OK\n# 7 ms\n"), "{text}");
    let copied = press(&mut state, ConnectionAction::Copy(date));
    assert_eq!(copied, [Effect::Copy(text)]);
    assert_eq!(browse(&mut state, BrowserEvent::Copied), []);
    assert!(state.connection.copied);
    assert_eq!(press(&mut state, ConnectionAction::Session(1)), []);
    assert!(!state.connection.copied, "another session was copied");
}

#[test]
fn arrow_keys_cycle_through_the_tabs() {
    let mut state = seen(&[]);
    for tab in [Tab::Console, Tab::Server, Tab::Sessions] {
        let effects = press(&mut state, ConnectionAction::Turn(-1));
        assert_eq!(effects, [Effect::Focus(Focus::Tab)]);
        assert_eq!(state.connection.tab, tab);
    }
    press(&mut state, ConnectionAction::Turn(1));
    assert_eq!(state.connection.tab, Tab::Server);
}

#[test]
fn a_search_or_another_mailbox_leads_from_a_connection_to_the_list() {
    for step in [UserAction::Search, UserAction::Choose(None)] {
        let mut state = seen(&[]);
        assert_eq!(
            act(&mut state, UserAction::TypeSearch("wheel".to_owned())),
            [Effect::SearchSoon]
        );
        let effects = act(&mut state, step);
        assert_eq!(effects[0], Effect::Replace(Route::default()));
        assert_eq!(state.page(), Page::Mail);
    }
}
