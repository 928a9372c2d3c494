//! Buttons: one drawing for all of them, since each drawn anew would be downloaded anew.

use yew::prelude::*;

use super::icons::{Shape, icon};
use crate::ui::state::Action;

/// What happens at a click: an action made of something small.
pub(crate) fn click<T: Copy + 'static>(
    dispatch: &Callback<Action>,
    action: fn(T) -> Action,
    with: T,
) -> Callback<MouseEvent> {
    dispatch.reform(move |_: MouseEvent| action(with))
}

/// What happens at a click: an action that is always the same.
pub(crate) fn act(dispatch: &Callback<Action>, action: fn() -> Action) -> Callback<MouseEvent> {
    click(dispatch, |action: fn() -> Action| action(), action)
}

/// Draws a button with words, and an icon before them.
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

/// Draws a quiet button with an icon alone, and a name for who cannot see that.
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
