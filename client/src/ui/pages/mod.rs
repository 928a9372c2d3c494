//! The pages, of which one is drawn at a time.

mod add_mailbox;
mod mail;
mod stopped;

use yew::prelude::*;

use super::state::{Action, Page, State};

/// Draws the page of a state.
pub(crate) fn page(state: &State, dispatch: &Callback<Action>) -> Html {
    match state.page() {
        Page::NoEngine | Page::Occupied | Page::Unusable => stopped::view(&state.engine),
        Page::FirstRun => add_mailbox::view(state, true, dispatch),
        Page::AddMailbox => add_mailbox::view(state, false, dispatch),
        Page::Mail => mail::view(state, dispatch),
    }
}
