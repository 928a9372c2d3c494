//! The form for a mailbox, and the shortcut to the demo mailbox.

use wasm_bindgen::JsCast as _;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::button::act;
use super::login_field::login_field;
use super::problem::words_of;
use super::progress::check_progress;
use super::sign_in_dialog::sign_in_button;
use super::text_field::{TextField, text_field};
use crate::api::problem::ProblemKind;
use crate::api::settings::{Encryption, Secret};
use crate::ui::state::{Edit, Field, PageState, UserAction};
use crate::ui::words::{self, encryption_hint, port_hint};

/// Draws the form for a mailbox, with the shortcut to the demo mailbox if the bridge has one.
pub(crate) fn mailbox_form(state: &PageState, dispatch: &Callback<UserAction>) -> Html {
    let form = &state.form;
    let editing = form.editing.is_some();
    let busy = form.attempt.is_some();
    let trying_demo = form.attempt.is_some_and(|attempt| attempt.demo);
    let onsubmit = dispatch.reform(|event: SubmitEvent| {
        event.prevent_default();
        UserAction::SubmitMailbox
    });
    let edit = |edit: fn(String) -> Edit| dispatch.reform(move |text| UserAction::Edit(edit(text)));
    // Properties that all fields share.
    let field = |field: Field, value: AttrValue| TextField {
        id: field.id(),
        value,
        error: form.error(field).map(words::field_error),
        readonly: busy,
        onleave: dispatch.reform(move |()| UserAction::Edit(Edit::Left(field))),
        ..TextField::default()
    };
    let address = text_field(&TextField {
        label: "E-mail address",
        kind: Some("email"),
        inputmode: Some("email"),
        autocomplete: "email",
        placeholder: "name@example.org",
        oninput: edit(Edit::Address),
        ..field(Field::Address, form.address.clone().into())
    });
    let user = text_field(&TextField {
        label: "User name",
        kind: Some("text"),
        autocomplete: "username",
        oninput: edit(Edit::User),
        ..field(Field::User, form.user().to_owned().into())
    });
    let password = text_field(&TextField {
        label: if form.takes_token() {
            "Access token"
        } else {
            "Password"
        },
        kind: Some("password"),
        autocomplete: if form.takes_token() {
            ""
        } else {
            "current-password"
        },
        placeholder: if editing { "unchanged" } else { "" },
        oninput: edit(|text| Edit::Password(Secret::new(text))),
        ..field(Field::Password, form.password.reveal().to_owned().into())
    });
    let host = text_field(&TextField {
        label: "Mail server",
        kind: Some("text"),
        inputmode: Some("url"),
        placeholder: "pop.example.org",
        oninput: edit(Edit::Host),
        ..field(Field::Host, form.host().into())
    });
    let port = text_field(&TextField {
        label: "Port",
        kind: Some("text"),
        inputmode: Some("numeric"),
        oninput: edit(Edit::Port),
        ..field(Field::Port, form.port().to_owned().into())
    });
    let ca = text_field(&TextField {
        label: "Trusted CA (PEM)",
        class: classes!("field-ca"),
        placeholder: "-----BEGIN CERTIFICATE-----",
        hint: Some(words::CA_HINT),
        oninput: edit(Edit::Ca),
        ..field(Field::Ca, form.ca.clone().into())
    });
    html! {
        <form class="mailbox-form" aria-label={words::labels::MAILBOX} novalidate=true {onsubmit}>
            if let Some(demo_maildrop) = state.demo.as_ref().filter(|_| !editing && state.offers_demo()) {
                {demo(&demo_maildrop.address, state, dispatch)}
            }
            {address}
            <div class="field-pair">
                {user}
                {password}
            </div>
            {remember(form.remember, dispatch)}
            <div class="field-server">
                {host}
                {port}
                {encryption(form.encryption, dispatch)}
            </div>
            <p
                id="encryption-note"
                class={classes!("field-note", (form.encryption == Encryption::None).then_some("is-warning"))}
            >
                {encryption_hint(form.encryption)}
                if let Some(hint) = port_hint(form.encryption, form.port()) {
                    {" "}{hint}
                }
            </p>
            <details class="more" open={form.more}>
                <summary>{"More settings"}</summary>
                {login_field(form.login, dispatch)}
                {ca}
            </details>
            {failure(state, false, dispatch)}
            <div class="form-end">
                if let Some(progress) = state.checks.proving().filter(|_| !trying_demo) {
                    {check_progress(progress, dispatch)}
                } else {
                    <button class="button primary wide" type="submit" aria-disabled={busy.then_some("true")}>
                        {if editing { "Save and check mail" } else { "Add mailbox" }}
                    </button>
                }
            </div>
        </form>
    }
}

fn demo(address: &str, state: &PageState, dispatch: &Callback<UserAction>) -> Html {
    let onclick = act(dispatch, || UserAction::TryDemo);
    let attempt = state.form.attempt;
    let trying = attempt.is_some_and(|attempt| attempt.demo);
    html! {
        <div class="demo">
            <p>{"No mailbox at hand? Look around in "}<strong>{address.to_owned()}</strong>{"."}</p>
            if let Some(progress) = state.checks.proving().filter(|_| trying) {
                {check_progress(progress, dispatch)}
            } else {
                <button class="button" type="button" disabled={attempt.is_some()} {onclick}>
                    {"Try the demo mailbox"}
                </button>
            }
            {failure(state, true, dispatch)}
        </div>
    }
}

/// Draws the problem of the last attempt, next to the button that started that attempt.
fn failure(state: &PageState, demo: bool, dispatch: &Callback<UserAction>) -> Html {
    let failure = state.form.problem.as_ref();
    let failure = failure.filter(|failure| failure.demo == demo);
    failure.map_or_else(Html::default, |failure| {
        html! {
            <div class="problem" role="alert">
                {words_of(&failure.problem)}
                if failure.problem.kind == ProblemKind::BridgeWantsSignIn {
                    <div class="notice-tools">
                        {sign_in_button(failure.problem.kind, state, dispatch)}
                    </div>
                }
            </div>
        }
    })
}

fn remember(remember: bool, dispatch: &Callback<UserAction>) -> Html {
    let onchange = dispatch.reform(|event: Event| {
        let input = event
            .target()
            .and_then(|t| t.dyn_into::<HtmlInputElement>().ok());
        UserAction::Edit(Edit::Remember(input.is_some_and(|input| input.checked())))
    });
    html! {
        <div class="check">
            <input
                id="field-remember" type="checkbox" checked={remember}
                aria-describedby="remember-note" {onchange}
            />
            <label for="field-remember">{"Remember it on this device"}</label>
            <p id="remember-note" class="field-note">
                {words::REMEMBER_HINT}
            </p>
        </div>
    }
}

fn encryption(chosen: Encryption, dispatch: &Callback<UserAction>) -> Html {
    const OPTIONS: [(Encryption, &str); 3] = [
        (Encryption::Tls, "TLS"),
        (Encryption::Stls, "STLS"),
        (Encryption::None, "None"),
    ];
    let onchange = dispatch.reform(|event: Event| {
        let select = event
            .target()
            .and_then(|t| t.dyn_into::<HtmlSelectElement>().ok());
        let value = select.map(|select| select.value()).unwrap_or_default();
        let found = OPTIONS.into_iter().find(|(_, name)| *name == value);
        UserAction::Edit(Edit::Encryption(found.map_or(Encryption::Tls, |(e, _)| e)))
    });
    html! {
        <div class="field">
            <label for="field-encryption">{"Encryption"}</label>
            <select id="field-encryption" aria-describedby="encryption-note" {onchange}>
                {for OPTIONS.iter().map(|(option, name)| html! {
                    <option value={*name} selected={*option == chosen}>{name}</option>
                })}
            </select>
        </div>
    }
}
