//! The pane of the message list: what is listed, the list, and what to say when it is empty.

use yew::prelude::*;

use super::icons::{Shape, icon};
use super::message_list::MessageList;
use crate::ui::figures::things;
use crate::ui::state::{Action, List, State};

/// Draws the pane of the message list.
pub(crate) fn list_pane(state: &State, dispatch: &Callback<Action>) -> Html {
    let list = &state.list;
    let searching = list.is_search();
    html! {
        <section class="list-pane" aria-labelledby="list-title">
            <div class="list-head">
                <h2 id="list-title" class="list-title" tabindex="-1">{title(state, searching)}</h2>
                <p class="list-count">{how_many(list)}</p>
            </div>
            <div class="list-body">
                <MessageList
                    list={list.clone()}
                    open={state.reading.id}
                    dispatch={dispatch.clone()}
                />
                if list.total == Some(0) {
                    {nothing(searching, state.checks.is_running())}
                }
            </div>
        </section>
    }
}

fn title(state: &State, searching: bool) -> String {
    let chosen = state
        .mailboxes
        .iter()
        .find(|m| Some(m.id) == state.route.mailbox);
    match (searching, chosen, state.mailboxes.as_ref()) {
        (true, _, _) => "Search results".to_owned(),
        (false, Some(mailbox), _) => mailbox.settings.address.clone(),
        (false, None, [only]) => only.settings.address.clone(),
        (false, None, _) => "All mail".to_owned(),
    }
}

/// How many messages are listed; nothing while that is not known.
pub(super) fn how_many(list: &List) -> String {
    match (list.total, list.is_search()) {
        (None | Some(0), _) => String::new(),
        (Some(total), false) => things(total.into(), "message"),
        (Some(total), true) => format!("{} found", things(total.into(), "message")),
    }
}

fn nothing(searching: bool, checking: bool) -> Html {
    let (title, text) = match (searching, checking) {
        (true, _) => (
            "Nothing found",
            "No message here has all of these words. Fewer or shorter words find more.",
        ),
        (false, true) => ("Fetching your mail", "Messages show here as they arrive."),
        (false, false) => (
            "No mail yet",
            "When the mail server has something for you, Check mail brings it here.",
        ),
    };
    html! {
        <div class="empty">
            {icon(if searching { Shape::Search } else { Shape::Tray })}
            <p class="empty-title">{title}</p>
            <p>{text}</p>
        </div>
    }
}
