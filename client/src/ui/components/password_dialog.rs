//! The dialog that asks for the password of a mailbox.

use wasm_bindgen::JsCast as _;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::modal::Modal;
use super::text_field::TextField;
use crate::engine::command::Secret;
use crate::ui::state::Action;

/// Properties of a [`PasswordDialog`].
#[derive(Properties, PartialEq)]
pub(crate) struct PasswordDialogProps {
    pub(crate) address: String,
    /// Whether the last password was refused.
    pub(crate) refused: bool,
    pub(crate) dispatch: Callback<Action>,
}

/// The dialog that asks for a password.
#[function_component]
pub(crate) fn PasswordDialog(props: &PasswordDialogProps) -> Html {
    let password = use_state(String::new);
    let remember = use_state(|| true);
    let onsubmit = {
        let (password, remember) = (password.clone(), remember.clone());
        let dispatch = props.dispatch.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !password.is_empty() {
                dispatch.emit(Action::EnterPassword {
                    password: Secret::new((*password).clone()),
                    remember: *remember,
                });
            }
        })
    };
    let oninput = {
        let password = password.clone();
        Callback::from(move |text| password.set(text))
    };
    let onchange = {
        let remember = remember.clone();
        Callback::from(move |event: Event| {
            let input = event
                .target()
                .and_then(|t| t.dyn_into::<HtmlInputElement>().ok());
            remember.set(input.is_some_and(|input| input.checked()));
        })
    };
    let close = props.dispatch.reform(|()| Action::CloseDialog);
    let not_now = props.dispatch.reform(|_: MouseEvent| Action::CloseDialog);
    let words = if props.refused {
        "The mail server refused the last password. Enter the right one to check mail."
    } else {
        "Its password is not kept on this device. Enter it to check mail."
    };
    html! {
        <Modal title={props.address.clone()} onclose={close}>
            <form {onsubmit}>
                <p>{words}</p>
                <TextField
                    id="dialog-password" label="Password" kind="password"
                    autocomplete="current-password" value={(*password).clone()} {oninput}
                />
                <div class="check">
                    <input id="dialog-remember" type="checkbox" checked={*remember} {onchange} />
                    <label for="dialog-remember">{"Remember it on this device"}</label>
                </div>
                <div class="modal-end">
                    <button class="button" type="button" onclick={not_now}>{"Not now"}</button>
                    <button class="button primary" type="submit">{"Log in"}</button>
                </div>
            </form>
        </Modal>
    }
}
