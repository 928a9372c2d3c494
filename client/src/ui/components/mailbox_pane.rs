//! The mailboxes, with how much of them is unread.

use yew::prelude::*;

use super::icons::{Shape, icon};
use crate::engine::command::Encryption;
use crate::engine::event::{Mailbox, MailboxId};
use crate::ui::figures::{count, things};
use crate::ui::state::{Action, State};

/// Draws the mailbox pane: always there on a wide page, opened by a button on others.
pub(crate) fn mailbox_pane(state: &State, dispatch: &Callback<Action>) -> Html {
    let close = dispatch.reform(|_: MouseEvent| Action::Drawer(false));
    let onkeydown = {
        let (open, dispatch) = (state.drawer, dispatch.clone());
        Callback::from(move |event: KeyboardEvent| {
            if open && event.key() == "Escape" {
                dispatch.emit(Action::Drawer(false));
            }
        })
    };
    let several = state.mailboxes.len() > 1;
    let unread = state.mailboxes.iter().map(|m| m.unread).sum();
    html! {
        <>
            if state.drawer {
                <div class="backdrop" onclick={close} />
            }
            <nav
                id="mailboxes" class={classes!("side", state.drawer.then_some("is-open"))}
                aria-label="Mailboxes" {onkeydown}
            >
                <h2 class="side-title">{"Mailboxes"}</h2>
                <ul class="mailboxes" role="list">
                    if several {
                        <li class="mailbox">
                            {choice(None, "All mail", unread, state, dispatch)}
                        </li>
                    }
                    {for state.mailboxes.iter().map(|mailbox| one(mailbox, several, state, dispatch))}
                </ul>
            </nav>
        </>
    }
}

fn one(mailbox: &Mailbox, several: bool, state: &State, dispatch: &Callback<Action>) -> Html {
    let id = mailbox.id;
    let address = &mailbox.settings.address;
    let remove = dispatch.reform(move |_: MouseEvent| Action::AskRemove(id));
    let label = format!("Remove mailbox {address}");
    html! {
        <li key={id.0} class="mailbox">
            {choice(several.then_some(id), address, mailbox.unread, state, dispatch)}
            <p class="mailbox-note">
                {things(mailbox.messages.into(), "message")}
                if mailbox.settings.demo {
                    {" \u{b7} demo"}
                }
            </p>
            <button
                class="button icon-only quiet mailbox-remove" type="button"
                title={label.clone()} aria-label={label} onclick={remove}
            >
                {icon(Shape::Bin)}
            </button>
            if mailbox.settings.encryption == Encryption::None {
                <p class="mailbox-warning">{icon(Shape::Unlocked)}{"not encrypted"}</p>
            }
        </li>
    }
}

fn choice(
    id: Option<MailboxId>,
    name: &str,
    unread: u32,
    state: &State,
    dispatch: &Callback<Action>,
) -> Html {
    let choose = dispatch.reform(move |_: MouseEvent| Action::Choose(id));
    let current = (state.route.mailbox == id).then_some("true");
    html! {
        <button
            class="mailbox-name" type="button" aria-current={current} title={name.to_owned()}
            onclick={choose}
        >
            <span class="mailbox-address">{name.to_owned()}</span>
            if unread > 0 {
                <span class="unread-count">
                    {count(unread.into())}<span class="visually-hidden">{" unread"}</span>
                </span>
            }
        </button>
    }
}
