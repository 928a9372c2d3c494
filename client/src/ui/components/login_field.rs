//! The field that selects the login method.

use restante_shared::pop3::login::Method;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::api::settings::Login;
use crate::ui::state::{Edit, UserAction};
use crate::ui::words::login_hint;

const AUTOMATIC: &str = "Automatic";
const TOKEN: &str = "Access token (OAuth)";

/// Draws the field.
pub(crate) fn login_field(chosen: Login, dispatch: &Callback<UserAction>) -> Html {
    let onchange = dispatch.reform(|event: Event| {
        let target = event.target();
        let select = target.and_then(|t| t.dyn_into::<HtmlSelectElement>().ok());
        UserAction::Edit(Edit::Login(login_of(
            &select.map(|select| select.value()).unwrap_or_default(),
        )))
    });
    html! {
        <div class="field">
            <label for="field-login">{"Login"}</label>
            <select id="field-login" aria-describedby="field-login-note" {onchange}>
                {option(Login::Password, chosen)}
                {option(Login::AccessToken, chosen)}
                <optgroup label="Only">
                    {for Method::LADDER.iter().map(|method| option(Login::Only(*method), chosen))}
                </optgroup>
            </select>
            <p id="field-login-note" class="field-note">{login_hint(chosen)}</p>
        </div>
    }
}

fn option(login: Login, chosen: Login) -> Html {
    html! {
        <option value={name(login)} selected={login == chosen}>{name(login)}</option>
    }
}

fn name(login: Login) -> &'static str {
    match login {
        Login::Password => AUTOMATIC,
        Login::AccessToken => TOKEN,
        Login::Only(method) => method.name(),
    }
}

fn login_of(value: &str) -> Login {
    match value {
        TOKEN => Login::AccessToken,
        _ => Method::LADDER
            .into_iter()
            .find(|method| method.name() == value)
            .map_or(Login::Password, Login::Only),
    }
}
