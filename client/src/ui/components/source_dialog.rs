//! The dialog that shows the source of a message, as the server sent it.

use yew::prelude::*;

use super::button::{act, button};
use super::icons::{Shape, icon};
use super::modal::modal;
use crate::ui::figures::octets as size;
use crate::ui::state::UserAction;
use crate::ui::words;

/// Number of bytes of the source to draw. The downloaded file has all of them.
const DRAWN: usize = 200_000;

/// Draws the source of a message.
pub(crate) fn source_dialog(bytes: Option<&[u8]>, dispatch: &Callback<UserAction>) -> Html {
    let save = act(dispatch, || UserAction::SaveSource);
    let content = html! {
        <>
            if let Some(bytes) = bytes {
                {source(bytes)}
            } else {
                <p>{"Loading\u{2026}"}</p>
            }
            <div class="modal-end">
                <button
                    class="button" type="button" disabled={bytes.is_none()} onclick={save}
                >
                    {icon(Shape::Download)}{"Download .eml"}
                </button>
                {button("primary", None, "Close", act(dispatch, || UserAction::CloseDialog))}
            </div>
        </>
    };
    modal("Message source", "modal-wide", dispatch, content)
}

fn source(bytes: &[u8]) -> Html {
    let drawn = bytes.get(..DRAWN).unwrap_or(bytes);
    let text = String::from_utf8_lossy(drawn).into_owned();
    html! {
        <>
            <pre class="source" role="region" tabindex="0" aria-label={words::labels::SOURCE}>{text}</pre>
            <p class="detail">
                {size(bytes.len() as u64)}
                if drawn.len() < bytes.len() {
                    {format!(", of which the first {} are shown", size(drawn.len() as u64))}
                }
            </p>
        </>
    }
}
