//! The dialog that shows the source of a message, as the server sent it.

use yew::prelude::*;

use super::button::{act, button};
use super::icons::{Shape, icon};
use super::modal::modal;
use crate::ui::figures::octets as size;
use crate::ui::state::Action;
use crate::ui::words;

/// Number of bytes of the source to draw. The downloaded file has all of them.
const DRAWN: usize = 200_000;

/// Draws the source of a message.
pub(crate) fn source_dialog(octets: Option<&[u8]>, dispatch: &Callback<Action>) -> Html {
    let save = act(dispatch, || Action::SaveSource);
    let content = html! {
        <>
            if let Some(octets) = octets {
                {source(octets)}
            } else {
                <p>{"Loading\u{2026}"}</p>
            }
            <div class="modal-end">
                <button
                    class="button" type="button" disabled={octets.is_none()} onclick={save}
                >
                    {icon(Shape::Download)}{"Download .eml"}
                </button>
                {button("primary", None, "Close", act(dispatch, || Action::CloseDialog))}
            </div>
        </>
    };
    modal("Message source", "modal-wide", dispatch, content)
}

fn source(octets: &[u8]) -> Html {
    let drawn = octets.get(..DRAWN).unwrap_or(octets);
    let text = String::from_utf8_lossy(drawn).into_owned();
    html! {
        <>
            <pre class="source" role="region" tabindex="0" aria-label={words::labels::SOURCE}>{text}</pre>
            <p class="detail">
                {size(octets.len() as u64)}
                if drawn.len() < octets.len() {
                    {format!(", of which the first {} are shown", size(drawn.len() as u64))}
                }
            </p>
        </>
    }
}
