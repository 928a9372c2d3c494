//! Pages, the list and what else the page begins with.

use super::*;
use crate::api::mail::MailCommand;
use crate::api::mailbox::{MailboxCommand, MailboxEvent};

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
    let removed = EngineEvent::Mailbox(MailboxEvent::Changed {
        mailboxes: Vec::new(),
    });
    let effects = hear(&mut state, removed);
    assert!(effects.contains(&Effect::Focus(Focus::Heading)));

    let mut state = ready(vec![mailbox(1)]);
    for step in [Action::AddMailbox, Action::WentTo(Route::default())] {
        let effects = state.apply(step);
        assert!(effects.contains(&Effect::Focus(Focus::Heading)));
    }
}

#[test]
fn a_removed_mailbox_is_not_chosen_any_more() {
    let mut state = ready(vec![mailbox(1), mailbox(2)]);
    let effects = state.apply(Action::Choose(Some(MailboxId(2))));
    answer_lists(&mut state, &effects);
    assert_eq!(state.apply(Action::AskRemove(MailboxId(2))), []);
    assert_eq!(
        state.apply(Action::Remove),
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
        ..PageConfig::default()
    }));
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
fn a_search_begins_when_the_reader_pauses_and_only_once() {
    let mut state = ready(vec![mailbox(1)]);
    let typed = Action::TypeSearch("wheel".to_owned());
    assert_eq!(state.apply(typed), [Effect::SearchSoon]);
    assert_eq!(state.list.query.search, "");
    let asked = state.apply(Action::Search);
    let [Effect::Send(EngineCommand::Mail(MailCommand::List { query, .. }))] = &asked[..] else {
        panic!("{asked:?}")
    };
    assert_eq!(query.search, "wheel");
    assert_eq!(state.apply(Action::Search), []);
}
