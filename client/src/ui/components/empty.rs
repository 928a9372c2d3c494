//! The placeholder for an empty list or pane.

use yew::prelude::*;

use super::icons::{Shape, icon};

/// Draws an icon with a title and a sentence.
pub(crate) fn empty(shape: Shape, title: &'static str, text: &'static str) -> Html {
    html! {
        <div class="empty">
            {icon(shape)}
            <p class="empty-title">{title}</p>
            <p>{text}</p>
        </div>
    }
}
