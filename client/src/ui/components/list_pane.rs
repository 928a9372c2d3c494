//! The pane of the message list: its title, the list, and a placeholder for an empty list.

use yew::prelude::*;

use super::empty::empty;
use super::icons::Shape;
use super::message_list::message_list;
use crate::ui::figures::{count, things};
use crate::ui::list_frame::ListFrame;
use crate::ui::state::{ListState, PageState, UserAction};
use crate::ui::words;

/// Draws the pane of the message list.
pub(crate) fn list_pane(
    state: &PageState,
    frame: &ListFrame,
    dispatch: &Callback<UserAction>,
) -> Html {
    let list = &state.list;
    let searching = list.is_search();
    html! {
        <section class="list-pane" aria-labelledby="list-title">
            <div class="list-head">
                <h2 id="list-title" class="list-title" tabindex="-1">{title(state, searching)}</h2>
                <p class="list-count">{how_many(list)}</p>
            </div>
            if let (true, cut @ 1..) = (searching, list.cut) {
                <p class="list-note">{words::ends_not_searched(cut)}</p>
            }
            <div class="list-body">
                {message_list(list, state.reading.id, frame, dispatch)}
                if list.total == Some(0) {
                    {nothing(list, state.checks.is_running())}
                }
            </div>
        </section>
    }
}

fn title(state: &PageState, searching: bool) -> String {
    let chosen = state
        .mailboxes
        .iter()
        .find(|m| Some(m.id) == state.route.mailbox);
    match (searching, chosen, state.mailboxes.as_slice()) {
        (true, _, _) => "Search results".to_owned(),
        (false, Some(mailbox), _) => words::mailbox_name(mailbox),
        (false, None, [only]) => words::mailbox_name(only),
        (false, None, _) => "All mail".to_owned(),
    }
}

/// Returns the number of listed messages in words, or nothing while the number is unknown.
pub(super) fn how_many(list: &ListState) -> String {
    let found = match (list.total, list.is_search()) {
        (None, _) | (Some(0), false) => return String::new(),
        (Some(total), false) => return things(total.into(), "message"),
        (Some(0), true) => String::new(),
        (Some(total), true) => format!("{} found", things(total.into(), "message")),
    };
    match (found.as_str(), list.unsearched) {
        (_, 0) => found,
        ("", left) => format!("{} to search yet", count(left.into())),
        (found, left) => format!("{found}, {} to search yet", count(left.into())),
    }
}

fn nothing(list: &ListState, checking: bool) -> Html {
    let searching = list.is_search();
    let (title, text) = if searching {
        words::nothing_found(list.unsearched == 0)
    } else {
        words::no_mail(checking)
    };
    let shape = if searching {
        Shape::Search
    } else {
        Shape::Tray
    };
    empty(shape, title, text)
}
