//! The modal dialog in front of the page, if one is open.

use crate::api::console::Consequence;
use yew::prelude::*;

use super::button::{act, button};
use super::modal::modal;
use super::password_dialog::password_dialog;
use super::sign_in_dialog::sign_in_dialog;
use super::source_dialog::source_dialog;
use crate::ui::state::{Action, ConnectionWish, Dialog, State};
use crate::ui::words;

/// Draws the open dialog.
pub(crate) fn view(state: &State, dispatch: &Callback<Action>) -> Html {
    match &state.dialog {
        None => html! {},
        Some(Dialog::Password {
            mailbox,
            refused,
            password,
            remember,
        }) => {
            let mailbox = state.mailbox(*mailbox);
            let address = mailbox.map_or("", |m| m.settings.address.as_str());
            password_dialog(address, *refused, password, *remember, dispatch)
        }
        Some(Dialog::SignIn(dialog)) => sign_in_dialog(dialog, state, dispatch),
        Some(Dialog::Remove(id)) => {
            let mailbox = state.mailbox(*id);
            let address = mailbox
                .map(|m| m.settings.address.clone())
                .unwrap_or_default();
            let messages = mailbox.map_or(0, |m| m.messages);
            remove(address, messages, dispatch)
        }
        Some(Dialog::Confirm {
            line, consequence, ..
        }) => confirm(line, *consequence, dispatch),
        Some(Dialog::Source { octets, .. }) => source_dialog(octets.as_deref(), dispatch),
    }
}

fn remove(address: String, messages: u32, dispatch: &Callback<Action>) -> Html {
    let content = html! {
        <>
            <p><strong>{address}</strong></p>
            <p>{words::removal(messages)}</p>
            <div class="modal-end">
                {button("", None, "Keep it", act(dispatch, || Action::CloseDialog))}
                {button("danger", None, "Remove", act(dispatch, || Action::Remove))}
            </div>
        </>
    };
    modal(words::REMOVE_TITLE, "", dispatch, content)
}

fn confirm(line: &str, consequence: Consequence, dispatch: &Callback<Action>) -> Html {
    let (title, verb) = words::confirmation(line);
    let agree = act(dispatch, || Action::Connection(ConnectionWish::Agree));
    let content = html! {
        <>
            <p>{words::consequence(consequence)}</p>
            <p class="detail">{line.to_owned()}</p>
            <div class="modal-end">
                {button("", None, "Do not send it", act(dispatch, || Action::CloseDialog))}
                {button("danger", None, verb, agree)}
            </div>
        </>
    };
    modal(title, "", dispatch, content)
}
