//! The logo: a letter in a pigeonhole.

use yew::prelude::*;

/// Draws the logo and the name beside it.
pub(crate) fn wordmark() -> Html {
    html! {
        <span class="wordmark">
            <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
                <rect class="mark-wall" width="32" height="32" rx="7" />
                <path class="mark-letter" d="M7.5 6h17A1.5 1.5 0 0 1 26 7.5V24H6V7.5A1.5 1.5 0 0 1 7.5 6Z" />
                <path class="mark-flap" d="m7 8 9 7 9-7" />
                <path class="mark-pocket" d="M3 17h8.2a5 5 0 0 0 9.6 0H29v8a4 4 0 0 1-4 4H7a4 4 0 0 1-4-4Z" />
            </svg>
            <span class="wordmark-name">{"Restante"}</span>
        </span>
    }
}
