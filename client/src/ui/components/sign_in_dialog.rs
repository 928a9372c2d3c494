//! The dialog that signs in to the bridge, and the button that opens it.

use restante_shared::page::SIGN_IN_PATH;
use yew::prelude::*;

use super::button::{act, button, click};
use super::modal::modal;
use super::text_field::{TextField, text_field};
use crate::api::problem::ProblemKind;
use crate::api::settings::Secret;
use crate::ui::state::{PageState, SignInAction, SignInDialog, UserAction};
use crate::ui::words;

/// Draws the button that leads to the sign-in, if that can solve the problem.
///
/// If the bridge itself has no sign-in, a proxy in front of it does. The button then links to an
/// address that the service worker always fetches from the network; the proxy asks for the sign-in
/// there, and the address leads back to the page.
pub(crate) fn sign_in_button(
    kind: ProblemKind,
    state: &PageState,
    dispatch: &Callback<UserAction>,
) -> Html {
    if kind != ProblemKind::BridgeWantsSignIn {
        return Html::default();
    }
    if !state.can_sign_in(kind) {
        return html! {
            <a class="button small" href={SIGN_IN_PATH}>{words::SIGN_IN_ELSEWHERE}</a>
        };
    }
    let ask = act(dispatch, || UserAction::AskSignIn);
    button("small", None, "Sign in to the bridge", ask)
}

/// Draws the dialog.
pub(crate) fn sign_in_dialog(
    dialog: &SignInDialog,
    state: &PageState,
    dispatch: &Callback<UserAction>,
) -> Html {
    let onsubmit = dispatch.reform(|event: SubmitEvent| {
        event.prevent_default();
        UserAction::SignIn(SignInAction::Submit)
    });
    let by_token = dialog.by_token;
    let field = |action: fn(String) -> SignInAction| TextField {
        readonly: dialog.busy,
        oninput: dispatch.reform(move |text| UserAction::SignIn(action(text))),
        ..TextField::default()
    };
    let user = || {
        text_field(&TextField {
            id: "sign-in-user",
            label: "User name",
            kind: Some("text"),
            autocomplete: "username",
            value: dialog.user.clone().into(),
            ..field(SignInAction::User)
        })
    };
    let secret = text_field(&TextField {
        id: "sign-in-secret",
        label: if by_token { "Token" } else { "Password" },
        kind: Some("password"),
        autocomplete: "current-password",
        value: dialog.secret.reveal().to_owned().into(),
        ..field(|text| SignInAction::Secret(Secret::new(text)))
    });
    let other = click(
        dispatch,
        |by_token| UserAction::SignIn(SignInAction::ByToken(by_token)),
        !by_token,
    );
    let content = html! {
        <form {onsubmit}>
            <p>{words::sign_in_purpose(by_token)}</p>
            if !by_token {
                {user()}
            }
            {secret}
            if let Some(failure) = dialog.failure {
                <p class="problem" role="alert">{words::sign_in_failure(failure, by_token)}</p>
            }
            <div class="modal-end">
                if state.sign_in.token && state.sign_in.password {
                    {button("quiet", None, if by_token { "Use a password" } else { "Use a token" }, other)}
                }
                {button("", None, "Not now", act(dispatch, || UserAction::CloseDialog))}
                <button class="button primary" type="submit" aria-disabled={dialog.busy.then_some("true")}>
                    {"Sign in"}
                </button>
            </div>
        </form>
    };
    modal("Sign in to the bridge", "", dispatch, content)
}
