//! The first-run page, and the pages that add a mailbox or change its settings.

use yew::prelude::*;

use crate::ui::components::button::{act, button};
use crate::ui::components::dialogs;
use crate::ui::components::icons::Shape;
use crate::ui::components::mailbox_form::mailbox_form;
use crate::ui::components::mark::wordmark;
use crate::ui::components::pigeonholes::pigeonholes;
use crate::ui::state::{Page, PageState, UserAction};
use crate::ui::words;

/// Draws the form, with a welcome at the first run.
pub(crate) fn view(state: &PageState, dispatch: &Callback<UserAction>) -> Html {
    let page = state.page();
    let (title, lead) = words::mailbox_page(page);
    html! {
        <main class="add">
            <section class="welcome">
                {wordmark()}
                <h1 tabindex="-1">{title}</h1>
                <p class="lead">{lead}</p>
                if page != Page::FirstRun {
                    {button("", Some(Shape::Back), "Back to your mail", act(dispatch, || UserAction::Back))}
                }
                if !state.online {
                    <p class="offline-hint">{words::offline_form(page)}</p>
                }
                {pigeonholes()}
            </section>
            {mailbox_form(state, dispatch)}
            {dialogs::view(state, dispatch)}
        </main>
    }
}
