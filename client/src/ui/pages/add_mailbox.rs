//! The first page a reader meets, and the page for another mailbox.

use yew::prelude::*;

use crate::ui::components::icons::{Shape, icon};
use crate::ui::components::mailbox_form::mailbox_form;
use crate::ui::components::mark::wordmark;
use crate::ui::components::pigeonholes::pigeonholes;
use crate::ui::state::{Action, State};

/// Shows the form, with a welcome at the first run.
pub(crate) fn view(state: &State, first_run: bool, dispatch: &Callback<Action>) -> Html {
    let back = dispatch.reform(|_: MouseEvent| Action::Back);
    html! {
        <main class="add">
            <section class="welcome">
                {wordmark()}
                if first_run {
                    <h1 tabindex="-1">{"Mail, kept till you call for it."}</h1>
                    <p class="lead">{"Restante fetches your mail over POP3 and keeps it in this browser, where you can read and search it without a network. "}{"Encryption ends in this tab: the server that brought you this page passes your mail on, but cannot read it."}</p>
                } else {
                    <h1 tabindex="-1">{"Add a mailbox"}</h1>
                    <p class="lead">{"It joins the mailboxes that are here already. Nothing changes on its server."}</p>
                    <button class="button" type="button" onclick={back}>
                        {icon(Shape::Back)}{"Back to your mail"}
                    </button>
                }
                if !state.online {
                    <p class="offline-hint">{"This device is offline. A mailbox can be added once it has a connection."}</p>
                }
                {pigeonholes()}
            </section>
            {mailbox_form(state, dispatch)}
        </main>
    }
}
