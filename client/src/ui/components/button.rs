//! Buttons. All of them share this markup, because every copy of it would add to the download.

use yew::prelude::*;

use super::icons::{Shape, icon};
use crate::ui::state::UserAction;

/// Returns a click handler that emits `action` with the value `with`.
pub(crate) fn click<T: Copy + 'static>(
    dispatch: &Callback<UserAction>,
    action: fn(T) -> UserAction,
    with: T,
) -> Callback<MouseEvent> {
    dispatch.reform(move |_: MouseEvent| action(with))
}

/// Returns a click handler that always emits the same action.
pub(crate) fn act(
    dispatch: &Callback<UserAction>,
    action: fn() -> UserAction,
) -> Callback<MouseEvent> {
    click(dispatch, |action: fn() -> UserAction| action(), action)
}

/// Draws a button with a label, and an optional icon before it.
pub(crate) fn button(
    class: &'static str,
    shape: Option<Shape>,
    words: &'static str,
    onclick: Callback<MouseEvent>,
) -> Html {
    html! {
        <button class={classes!("button", class)} type="button" {onclick}>
            {shape.map(icon)}{words}
        </button>
    }
}

/// Draws a quiet button with only an icon, and a name for screen readers.
pub(crate) fn icon_button(
    class: &'static str,
    shape: Shape,
    name: &str,
    onclick: Callback<MouseEvent>,
) -> Html {
    let name = AttrValue::from(name.to_owned());
    html! {
        <button
            class={classes!("button", "icon-only", "quiet", class)} type="button"
            title={name.clone()} aria-label={name} {onclick}
        >
            {icon(shape)}
        </button>
    }
}
