//! The pane of a connection: its sessions, the server's report card, and the console.

use yew::prelude::*;

use super::button::{act, button, click};
use super::console::console;
use super::icons::Shape;
use super::problem::words_of;
use super::report_card::report_card;
use super::sessions::sessions;
use crate::api::mailbox::Mailbox;
use crate::ui::state::{ConnectionAction, PageState, Tab, UserAction};
use crate::ui::words;

/// Draws the connection of a mailbox.
pub(crate) fn connection_pane(
    mailbox: &Mailbox,
    state: &PageState,
    dispatch: &Callback<UserAction>,
) -> Html {
    let connection = &state.connection;
    let settings = &mailbox.settings;
    let content = match (connection.tab, &connection.problem) {
        (Tab::Console, _) => console(mailbox.id, state, dispatch),
        (Tab::Sessions | Tab::Server, Some(problem)) => html! {
            <div class="problem reader-problem" role="alert">{words_of(problem)}</div>
        },
        (Tab::Sessions | Tab::Server, None) if !connection.is_known => html! {
            <div class="reader-outline" aria-hidden="true"><i /><i /><i /><i /></div>
        },
        (Tab::Sessions, None) => sessions(connection, dispatch),
        (Tab::Server, None) => report_card(settings, connection.server.as_ref()),
    };
    html! {
        <section class="connection-pane" aria-labelledby="connection-title">
            <div class="reader-bar">
                {button("quiet", Some(Shape::Back), "Back", act(dispatch, || UserAction::Back))}
                if !settings.demo {
                    {button("quiet", Some(Shape::Settings), "Settings", click(dispatch, UserAction::EditSettings, mailbox.id))}
                }
            </div>
            <header class="connection-head">
                <h2 id="connection-title" class="message-subject" tabindex="-1">{"Connection"}</h2>
                <p class="connection-of">
                    <bdi>{words::mailbox_name(mailbox)}</bdi>{" \u{b7} "}
                    <bdi>{settings.host.as_str().to_owned()}</bdi>{" port "}{settings.port.to_string()}
                </p>
                {tabs(connection.tab, dispatch)}
            </header>
            <div
                id="connection-part" class="connection-part" role="tabpanel"
                aria-labelledby={id(connection.tab)}
            >
                {content}
            </div>
        </section>
    }
}

fn tabs(shown: Tab, dispatch: &Callback<UserAction>) -> Html {
    let onkeydown = {
        let dispatch = dispatch.clone();
        Callback::from(move |event: KeyboardEvent| {
            let by = match event.key().as_str() {
                "ArrowRight" => 1,
                "ArrowLeft" => -1,
                _ => return,
            };
            event.prevent_default();
            dispatch.emit(UserAction::Connection(ConnectionAction::Turn(by)));
        })
    };
    html! {
        <div class="tabs" role="tablist" aria-label={words::labels::CONNECTION_PARTS} {onkeydown}>
            {for Tab::ALL.iter().map(|tab| html! {
                <button
                    id={id(*tab)} class="tab" role="tab" type="button"
                    aria-controls="connection-part" aria-selected={(*tab == shown).to_string()}
                    tabindex={if *tab == shown { "0" } else { "-1" }}
                    onclick={click(dispatch, |tab| UserAction::Connection(ConnectionAction::Show(tab)), *tab)}
                >
                    {name(*tab)}
                </button>
            })}
        </div>
    }
}

fn name(tab: Tab) -> &'static str {
    match tab {
        Tab::Sessions => "Sessions",
        Tab::Server => "Server",
        Tab::Console => "Console",
    }
}

fn id(tab: Tab) -> &'static str {
    match tab {
        Tab::Sessions => "tab-sessions",
        Tab::Server => "tab-server",
        Tab::Console => "tab-console",
    }
}
