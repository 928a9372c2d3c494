//! The mail itself: mailboxes, list and reader, as many beside each other as there is room for.

use yew::prelude::*;

use crate::ui::components::dialogs;
use crate::ui::components::header::Header;
use crate::ui::components::list_pane::ListPane;
use crate::ui::components::mailbox_pane::MailboxPane;
use crate::ui::components::notices::Notices;
use crate::ui::components::reader::Reader;
use crate::ui::components::status_line::StatusLine;
use crate::ui::route::Screen;
use crate::ui::state::{Action, Engine, State};

/// Shows the mail.
pub(crate) fn view(state: &State, dispatch: &Callback<Action>) -> Html {
    let reading = matches!(state.route.screen, Screen::Message(_));
    let ready = matches!(state.engine, Engine::Ready(_));
    html! {
        <div class={classes!("mail", reading.then_some("is-reading"))}>
            <Header
                search={state.list.query.search.clone()}
                {ready}
                checking={state.checks.is_running()}
                drawer={state.drawer}
                dispatch={dispatch.clone()}
            />
            <MailboxPane
                mailboxes={state.mailboxes.clone()}
                chosen={state.route.mailbox}
                open={state.drawer}
                dispatch={dispatch.clone()}
            />
            <main class="panes">
                <h1 class="visually-hidden">{"Restante"}</h1>
                <ListPane
                    list={state.list.clone()}
                    mailboxes={state.mailboxes.clone()}
                    chosen={state.route.mailbox}
                    open={state.reading.id}
                    checking={state.checks.is_running()}
                    dispatch={dispatch.clone()}
                />
                <Reader reading={state.reading.clone()} reading_any={reading} dispatch={dispatch.clone()} />
            </main>
            <footer class="foot">
                <Notices
                    notices={state.notices.clone()}
                    mailboxes={state.mailboxes.clone()}
                    engine={state.engine.clone()}
                    online={state.online}
                    dispatch={dispatch.clone()}
                />
                <StatusLine
                    checks={state.checks.clone()}
                    mailboxes={state.mailboxes.clone()}
                    {ready}
                    dispatch={dispatch.clone()}
                />
            </footer>
            {dialogs::view(state, dispatch)}
        </div>
    }
}
