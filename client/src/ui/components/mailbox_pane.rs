//! The pane that lists the mailboxes with their unread counts.

use yew::prelude::*;

use super::button::{click, icon_button};
use super::icons::{Shape, icon};
use crate::api::ids::MailboxId;
use crate::api::mailbox::Mailbox;
use crate::api::settings::Encryption;
use crate::ui::dates;
use crate::ui::figures::{count, things};
use crate::ui::state::{PageState, UserAction};
use crate::ui::words;

/// Draws the mailbox pane. Wide pages always show it; on narrow ones a button opens it.
pub(crate) fn mailbox_pane(state: &PageState, dispatch: &Callback<UserAction>) -> Html {
    let close = click(dispatch, UserAction::Drawer, false);
    let onkeydown = {
        let (open, dispatch) = (state.drawer, dispatch.clone());
        Callback::from(move |event: KeyboardEvent| {
            if open && event.key() == "Escape" {
                dispatch.emit(UserAction::Drawer(false));
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
                aria-label={words::labels::MAILBOXES} {onkeydown}
            >
                <h2 class="side-title">{words::labels::MAILBOXES}</h2>
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

fn one(
    mailbox: &Mailbox,
    several: bool,
    state: &PageState,
    dispatch: &Callback<UserAction>,
) -> Html {
    let id = mailbox.id;
    let address = &words::mailbox_name(mailbox);
    // The label for screen readers and the tooltip.
    let about = |what: &str| format!("{what} {address}");
    html! {
        <li key={id.0} class="mailbox">
            {choice(several.then_some(id), address, mailbox.unread, state, dispatch)}
            <p class="mailbox-note">
                {things(mailbox.messages.into(), "message")}
                if mailbox.settings.demo {
                    {" \u{b7} demo"}
                }
            </p>
            <div class="mailbox-tools">
                {icon_button("", Shape::Plug, &about("Connection of"), click(dispatch, UserAction::SeeConnection, id))}
                // The bridge defines the settings of the demo mailbox, so users cannot edit them.
                if !mailbox.settings.demo {
                    {icon_button("", Shape::Settings, &about("Settings of"), click(dispatch, UserAction::EditSettings, id))}
                }
                {icon_button("", Shape::Bin, &about("Remove mailbox"), click(dispatch, UserAction::AskRemove, id))}
            </div>
            if let Some(at) = mailbox.next_check.filter(|at| dates::is_ahead(*at)) {
                <p class="mailbox-more">{"next check "}{dates::when(at)}</p>
            }
            if state.console.is_open(id) {
                <p class="mailbox-more">{"console open"}</p>
            }
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
    state: &PageState,
    dispatch: &Callback<UserAction>,
) -> Html {
    let choose = click(dispatch, UserAction::Choose, id);
    // If there is only one mailbox, it is the current one on every page.
    let is_only = state.mailboxes.len() == 1;
    let current = (is_only || state.route.mailbox == id).then_some("true");
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
