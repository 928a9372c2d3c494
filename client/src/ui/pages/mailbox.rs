//! The first-run page, and the pages that add a mailbox or change its settings.

use yew::prelude::*;

use crate::ui::components::button::{act, button};
use crate::ui::components::dialogs;
use crate::ui::components::icons::Shape;
use crate::ui::components::mailbox_form::mailbox_form;
use crate::ui::components::mark::wordmark;
use crate::ui::components::pigeonholes::pigeonholes;
use crate::ui::state::{Action, Page, State};

/// Draws the form, with a welcome at the first run.
pub(crate) fn view(state: &State, dispatch: &Callback<Action>) -> Html {
    let page = state.page();
    let (title, lead) = match page {
        Page::Settings => (
            "Mailbox settings",
            "How this mailbox is reached. When you save, mail is checked once to show whether it works. The mail that is here stays here.",
        ),
        Page::AddMailbox => (
            "Add a mailbox",
            "It joins the mailboxes that are here already. Nothing changes on its server.",
        ),
        Page::FirstRun
        | Page::NoEngine
        | Page::Occupied
        | Page::Unusable
        | Page::Connection
        | Page::Mail => (
            "Mail, kept till you call for it.",
            "Restante fetches your mail over POP3 and keeps it in this browser, where you can read and search it without a network. Encryption ends in this tab: the server that brought you this page passes your mail on, but cannot read it.",
        ),
    };
    html! {
        <main class="add">
            <section class="welcome">
                {wordmark()}
                <h1 tabindex="-1">{title}</h1>
                <p class="lead">{lead}</p>
                if page != Page::FirstRun {
                    {button("", Some(Shape::Back), "Back to your mail", act(dispatch, || Action::Back))}
                }
                if !state.online {
                    <p class="offline-hint">
                        {"This device is offline. "}
                        if page == Page::Settings {
                            {"What you save is tried once it has a connection."}
                        } else {
                            {"A mailbox can be added once it has a connection."}
                        }
                    </p>
                }
                {pigeonholes()}
            </section>
            {mailbox_form(state, dispatch)}
            {dialogs::view(state, dispatch)}
        </main>
    }
}
