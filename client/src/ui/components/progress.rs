//! The progress of a check, and the button that stops it.

use yew::prelude::*;

use super::button::{act, button};
use crate::api::check::Progress;
use crate::ui::figures::percent;
use crate::ui::state::UserAction;
use crate::ui::words;

/// Draws the progress of a check.
pub(crate) fn check_progress(progress: &Progress, dispatch: &Callback<UserAction>) -> Html {
    let by_octets = percent(progress.octets_done, progress.octets_total);
    let done = by_octets.or_else(|| {
        percent(
            progress.messages_done.into(),
            progress.messages_total.into(),
        )
    });
    let text = words::progress(progress);
    html! {
        <div class="progress">
            <p class="progress-words">{text.clone()}</p>
            {button("small", None, "Cancel", act(dispatch, || UserAction::Cancel))}
            <div
                class="progress-bar"
                role="progressbar"
                aria-label={words::CHECKING_MAIL}
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow={done.map(|percent| percent.to_string())}
                aria-valuetext={text}
            >
                if let Some(percent) = done {
                    <div class="progress-done" style={format!("transform: translateX(-{}%)", 100 - percent)} />
                } else {
                    <div class="progress-unknown" />
                }
            </div>
        </div>
    }
}
