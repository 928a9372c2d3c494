//! The choice of the page.

use yew::prelude::*;

use super::{mail, mailbox, stopped};
use crate::ui::list_frame::ListFrame;
use crate::ui::state::{Page, PageState, UserAction};

/// Draws the page for a state.
pub(crate) fn page(state: &PageState, frame: &ListFrame, dispatch: &Callback<UserAction>) -> Html {
    match state.page() {
        Page::NoEngine | Page::Occupied | Page::Unusable => stopped::view(&state.engine),
        Page::FirstRun | Page::AddMailbox | Page::Settings => mailbox::view(state, dispatch),
        Page::Connection | Page::Mail => mail::view(state, frame, dispatch),
    }
}
