//! The mailboxes, with how much of them is unread.

use std::rc::Rc;

use yew::prelude::*;

use super::icons::{Icon, Shape};
use crate::engine::command::Encryption;
use crate::engine::event::{Mailbox, MailboxId};
use crate::ui::figures::{count, things};
use crate::ui::state::Action;

/// Properties of a [`MailboxPane`].
#[derive(Properties, PartialEq)]
pub(crate) struct MailboxPaneProps {
    pub(crate) mailboxes: Rc<[Mailbox]>,
    pub(crate) chosen: Option<MailboxId>,
    pub(crate) open: bool,
    pub(crate) dispatch: Callback<Action>,
}

/// The mailbox pane: always there on a wide page, opened by a button on others.
#[function_component]
pub(crate) fn MailboxPane(props: &MailboxPaneProps) -> Html {
    let close = props.dispatch.reform(|_: MouseEvent| Action::Drawer(false));
    let onkeydown = {
        let (open, dispatch) = (props.open, props.dispatch.clone());
        Callback::from(move |event: KeyboardEvent| {
            if open && event.key() == "Escape" {
                dispatch.emit(Action::Drawer(false));
            }
        })
    };
    let several = props.mailboxes.len() > 1;
    let unread = props.mailboxes.iter().map(|m| m.unread).sum();
    html! {
        <>
            if props.open {
                <div class="backdrop" onclick={close} />
            }
            <nav
                id="mailboxes" class={classes!("side", props.open.then_some("is-open"))}
                aria-label="Mailboxes" {onkeydown}
            >
                <h2 class="side-title">{"Mailboxes"}</h2>
                <ul class="mailboxes" role="list">
                    if several {
                        <li class="mailbox">
                            {choice(None, "All mail", unread, props)}
                        </li>
                    }
                    {for props.mailboxes.iter().map(|mailbox| one(mailbox, several, props))}
                </ul>
            </nav>
        </>
    }
}

fn one(mailbox: &Mailbox, several: bool, props: &MailboxPaneProps) -> Html {
    let id = mailbox.id;
    let address = &mailbox.settings.address;
    let remove = props
        .dispatch
        .reform(move |_: MouseEvent| Action::AskRemove(id));
    let label = format!("Remove mailbox {address}");
    html! {
        <li key={id.0} class="mailbox">
            {choice(several.then_some(id), address, mailbox.unread, props)}
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
                <Icon shape={Shape::Bin} />
            </button>
            if mailbox.settings.encryption == Encryption::None {
                <p class="mailbox-warning"><Icon shape={Shape::Unlocked} />{"not encrypted"}</p>
            }
        </li>
    }
}

fn choice(id: Option<MailboxId>, name: &str, unread: u32, props: &MailboxPaneProps) -> Html {
    let choose = props
        .dispatch
        .reform(move |_: MouseEvent| Action::Choose(id));
    let current = (props.chosen == id).then_some("true");
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
