//! The pages, the demo mailbox and the search.

use super::*;
use crate::api::mail::MailCommand;
use crate::api::mailbox::{MailboxCommand, MailboxEvent};

#[test]
fn the_page_waits_for_another_tab() {
    let mut state = PageState::new(Route::default(), true, true);
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
fn an_engine_that_fails_to_load_differs_from_one_that_crashes() {
    let mut state = PageState::new(Route::default(), false, true);
    assert_eq!(state.apply(Action::Engine(EngineReport::Lost)), []);
    assert_eq!(state.engine, EngineStatus::Absent);
    let mut state = ready(vec![mailbox(1)]);
    assert_eq!(state.apply(Action::Engine(EngineReport::Lost)), []);
    assert_eq!(state.engine, EngineStatus::Stopped);
}

#[test]
fn the_focus_of_a_removed_button_moves_to_the_heading() {
    let mut state = ready(vec![mailbox(1)]);
    let removed = EngineEvent::Mailbox(MailboxEvent::Changed {
        mailboxes: Vec::new(),
    });
    let effects = hear(&mut state, removed);
    assert!(effects.contains(&Effect::Focus(Focus::Heading)));

    let mut state = ready(vec![mailbox(1)]);
    for step in [
        Action::User(UserAction::AddMailbox),
        Action::Browser(BrowserEvent::WentTo(Route::default())),
    ] {
        let effects = state.apply(step);
        assert!(effects.contains(&Effect::Focus(Focus::Heading)));
    }
}

#[test]
fn a_removed_mailbox_is_no_longer_chosen() {
    let mut state = ready(vec![mailbox(1), mailbox(2)]);
    let effects = act(&mut state, UserAction::Choose(Some(MailboxId(2))));
    answer_lists(&mut state, &effects);
    assert_eq!(act(&mut state, UserAction::AskRemove(MailboxId(2))), []);
    assert_eq!(
        act(&mut state, UserAction::Remove),
        [Effect::Send(EngineCommand::Mailbox(
            MailboxCommand::Remove {
                mailbox: MailboxId(2)
            }
        ))]
    );
    let left = EngineEvent::Mailbox(MailboxEvent::Changed {
        mailboxes: vec![mailbox(1)],
    });
    hear(&mut state, left);
    assert_eq!(state.route.mailbox, None);
    assert_eq!(state.list.query.mailbox, None);
}

#[test]
fn a_demo_mailbox_takes_the_settings_of_its_bridge() {
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
    let effects = configure(
        &mut state,
        PageConfig {
            demo: Some(demo.clone()),
            ..PageConfig::default()
        },
    );
    assert_eq!(
        effects,
        [Effect::Send(EngineCommand::Mailbox(
            MailboxCommand::UpdateSettings {
                mailbox: MailboxId(1),
                settings: demo_settings(&demo).unwrap(),
            }
        ))]
    );
    assert!(!state.offers_demo());
}

#[test]
fn a_search_starts_once_after_a_pause_in_typing() {
    let mut state = ready(vec![mailbox(1)]);
    let typed = UserAction::TypeSearch("wheel".to_owned());
    assert_eq!(act(&mut state, typed), [Effect::SearchSoon]);
    assert_eq!(state.list.query.search, "");
    let asked = act(&mut state, UserAction::Search);
    let [Effect::Send(EngineCommand::Mail(MailCommand::List { query, .. }))] = &asked[..] else {
        panic!("{asked:?}")
    };
    assert_eq!(query.search, "wheel");
    assert_eq!(act(&mut state, UserAction::Search), []);
}
