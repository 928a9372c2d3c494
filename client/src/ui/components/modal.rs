//! A modal dialog. The browser keeps the focus inside it.

use yew::prelude::*;

use crate::ui::state::UserAction;

/// Draws a modal dialog; [`browser::raise_dialog`](crate::ui::browser::raise_dialog) opens it.
pub(crate) fn modal(
    title: &str,
    class: &'static str,
    dispatch: &Callback<UserAction>,
    content: Html,
) -> Html {
    let onclose = dispatch.reform(|_: Event| UserAction::CloseDialog);
    html! {
        <dialog class={classes!("modal", class)} aria-labelledby="modal-title" {onclose}>
            <h2 id="modal-title" class="modal-title">{title.to_owned()}</h2>
            {content}
        </dialog>
    }
}
