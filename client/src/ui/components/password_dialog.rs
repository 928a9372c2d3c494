//! The dialog that asks for the password of a mailbox.

use wasm_bindgen::JsCast as _;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::button::{act, button};
use super::modal::modal;
use super::text_field::{TextField, text_field};
use crate::api::settings::Secret;
use crate::ui::state::UserAction;
use crate::ui::words;

/// Draws the dialog that asks for a password, with the text typed so far.
pub(crate) fn password_dialog(
    address: &str,
    refused: bool,
    password: &Secret,
    remember: bool,
    dispatch: &Callback<UserAction>,
) -> Html {
    let onsubmit = dispatch.reform(|event: SubmitEvent| {
        event.prevent_default();
        UserAction::EnterPassword
    });
    let onchange = dispatch.reform(|event: Event| {
        let input = event
            .target()
            .and_then(|t| t.dyn_into::<HtmlInputElement>().ok());
        UserAction::RememberPassword(input.is_some_and(|input| input.checked()))
    });
    let field = text_field(&TextField {
        id: "dialog-password",
        label: "Password",
        kind: Some("password"),
        autocomplete: "current-password",
        value: password.reveal().to_owned().into(),
        oninput: dispatch.reform(|text| UserAction::TypePassword(Secret::new(text))),
        ..TextField::default()
    });
    let content = html! {
        <form {onsubmit}>
            <p>{words::password_request(refused)}</p>
            {field}
            <div class="check">
                <input id="dialog-remember" type="checkbox" checked={remember} {onchange} />
                <label for="dialog-remember">{"Remember it on this device"}</label>
            </div>
            <div class="modal-end">
                {button("", None, "Not now", act(dispatch, || UserAction::CloseDialog))}
                <button class="button primary" type="submit">{"Log in"}</button>
            </div>
        </form>
    };
    modal(address, "", dispatch, content)
}
