//! The mail page: mailboxes, list and reader, side by side where there is room.

use yew::prelude::*;

use crate::ui::components::connection_pane::connection_pane;
use crate::ui::components::dialogs;
use crate::ui::components::header::header;
use crate::ui::components::list_pane::list_pane;
use crate::ui::components::mailbox_pane::mailbox_pane;
use crate::ui::components::notices::notices;
use crate::ui::components::reader::reader;
use crate::ui::components::status_line::status_line;
use crate::ui::list_frame::ListFrame;
use crate::ui::route::Screen;
use crate::ui::state::{Page, PageState, UserAction};

/// Draws the mail page.
pub(crate) fn view(state: &PageState, frame: &ListFrame, dispatch: &Callback<UserAction>) -> Html {
    let reading = matches!(state.route.screen, Screen::Message(..));
    let connection = state.chosen().filter(|_| state.page() == Page::Connection);
    let shown = if reading {
        Some("is-reading")
    } else {
        connection.map(|_| "is-apart")
    };
    // While the drawer is open, the keyboard stays in it.
    let inert = state.drawer;
    html! {
        <div class={classes!("mail", shown)}>
            {header(state, dispatch)}
            {mailbox_pane(state, dispatch)}
            <main class="panes" {inert}>
                <h1 class="visually-hidden">{"Restante"}</h1>
                // Before the list, which is hidden then: the heading of the connection takes the
                // focus.
                {for connection.map(|mailbox| connection_pane(mailbox, state, dispatch))}
                {list_pane(state, frame, dispatch)}
                {reader(state, dispatch)}
            </main>
            <footer class="foot" {inert}>
                {notices(state, dispatch)}
                {status_line(state, dispatch)}
            </footer>
            {dialogs::view(state, dispatch)}
        </div>
    }
}
