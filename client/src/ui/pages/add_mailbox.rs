//! The first page a reader meets, and the page for another mailbox.

use yew::prelude::*;

use crate::ui::components::icons::{Icon, Shape};
use crate::ui::components::mailbox_form::MailboxForm;
use crate::ui::components::mark::Wordmark;
use crate::ui::components::pigeonholes::Pigeonholes;
use crate::ui::state::{Action, State};

/// Shows the form, with a welcome at the first run.
pub(crate) fn view(state: &State, first_run: bool, dispatch: &Callback<Action>) -> Html {
    let back = dispatch.reform(|_: MouseEvent| Action::Back);
    let address = state
        .demo
        .as_ref()
        .map(|demo| AttrValue::from(demo.address.clone()));
    let demo = address.filter(|_| state.offers_demo());
    html! {
        <main class="add">
            <section class="welcome">
                <Wordmark />
                if first_run {
                    <h1 tabindex="-1">{"Mail, kept till you call for it."}</h1>
                    <p class="lead">{"Restante fetches your mail over POP3 and keeps it in this browser, where you can read and search it without a network. "}{"Encryption ends in this tab: the server that brought you this page passes your mail on, but cannot read it."}</p>
                } else {
                    <h1 tabindex="-1">{"Add a mailbox"}</h1>
                    <p class="lead">{"It joins the mailboxes that are here already. Nothing changes on its server."}</p>
                    <button class="button" type="button" onclick={back}>
                        <Icon shape={Shape::Back} />{"Back to your mail"}
                    </button>
                }
                if !state.online {
                    <p class="offline-hint">{"This device is offline. A mailbox can be added once it has a connection."}</p>
                }
                <Pigeonholes />
            </section>
            <MailboxForm
                adding={state.adding.clone()}
                proving={state.checks.proving().cloned()}
                {demo}
                dispatch={dispatch.clone()}
            />
        </main>
    }
}
