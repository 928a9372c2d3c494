//! The mail itself: mailboxes, list and reader, as many beside each other as there is room for.

use yew::prelude::*;

use crate::ui::components::dialogs;
use crate::ui::components::header::header;
use crate::ui::components::list_pane::list_pane;
use crate::ui::components::mailbox_pane::mailbox_pane;
use crate::ui::components::notices::notices;
use crate::ui::components::reader::reader;
use crate::ui::components::status_line::status_line;
use crate::ui::route::Screen;
use crate::ui::state::{Action, State};

/// Shows the mail.
pub(crate) fn view(state: &State, dispatch: &Callback<Action>) -> Html {
    let reading = matches!(state.route.screen, Screen::Message(_));
    html! {
        <div class={classes!("mail", reading.then_some("is-reading"))}>
            {header(state, dispatch)}
            {mailbox_pane(state, dispatch)}
            <main class="panes">
                <h1 class="visually-hidden">{"Restante"}</h1>
                {list_pane(state, dispatch)}
                {reader(state, dispatch)}
            </main>
            <footer class="foot">
                {notices(state, dispatch)}
                {status_line(state, dispatch)}
            </footer>
            {dialogs::view(state, dispatch)}
        </div>
    }
}
