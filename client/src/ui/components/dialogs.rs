//! The modal dialog in front of the page, if one is open.

use crate::api::console::Consequence;
use yew::prelude::*;

use super::button::{act, button};
use super::modal::modal;
use super::password_dialog::password_dialog;
use super::sign_in_dialog::sign_in_dialog;
use super::source_dialog::source_dialog;
use crate::ui::state::{ConsoleAction, Dialog, PageState, UserAction};
use crate::ui::words;

/// Draws the open dialog.
pub(crate) fn view(state: &PageState, dispatch: &Callback<UserAction>) -> Html {
    match &state.dialog {
        None => html! {},
        Some(Dialog::Password {
            mailbox,
            refused,
            password,
            remember,
        }) => {
            let mailbox = state.mailbox(*mailbox);
            let address = mailbox.map_or_else(String::new, words::mailbox_name);
            password_dialog(&address, *refused, password, *remember, dispatch)
        }
        Some(Dialog::SignIn(dialog)) => sign_in_dialog(dialog, state, dispatch),
        Some(Dialog::Remove(id)) => {
            let mailbox = state.mailbox(*id);
            let address = mailbox.map_or_else(String::new, words::mailbox_name);
            let messages = mailbox.map_or(0, |m| m.messages);
            remove(address, messages, dispatch)
        }
        Some(Dialog::Confirm {
            line, consequence, ..
        }) => confirm(line, *consequence, dispatch),
        Some(Dialog::Source { bytes, .. }) => source_dialog(bytes.as_deref(), dispatch),
    }
}

fn remove(address: String, messages: u32, dispatch: &Callback<UserAction>) -> Html {
    let content = html! {
        <>
            <p><strong>{address}</strong></p>
            <p>{words::removal(messages)}</p>
            <div class="modal-end">
                {button("", None, "Keep it", act(dispatch, || UserAction::CloseDialog))}
                {button("danger", None, "Remove", act(dispatch, || UserAction::Remove))}
            </div>
        </>
    };
    modal(words::REMOVE_TITLE, "", dispatch, content)
}

fn confirm(line: &str, consequence: Consequence, dispatch: &Callback<UserAction>) -> Html {
    let (title, verb) = words::confirmation(line);
    let confirm = act(dispatch, || UserAction::Console(ConsoleAction::Confirm));
    let content = html! {
        <>
            <p>{words::consequence(consequence)}</p>
            <p class="detail">{line.to_owned()}</p>
            <div class="modal-end">
                {button("", None, "Do not send it", act(dispatch, || UserAction::CloseDialog))}
                {button("danger", None, verb, confirm)}
            </div>
        </>
    };
    modal(title, "", dispatch, content)
}
