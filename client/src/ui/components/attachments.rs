//! Attachments of the open message, each with a button to download it.

use yew::prelude::*;

use super::button::click;
use super::icons::{Shape, icon};
use crate::api::mail::{Attachment, OpenMessage};
use crate::ui::figures::octets;
use crate::ui::state::{ReadingPane, UserAction};
use crate::ui::words;

/// Draws the attachments of a message.
pub(crate) fn attachments(
    message: &OpenMessage,
    reading: &ReadingPane,
    dispatch: &Callback<UserAction>,
) -> Html {
    html! {
        <ul class="attachments" role="list" aria-label={words::labels::ATTACHMENTS}>
            {for message.attachments.iter().map(|attachment| {
                one(attachment, reading.is_saving(attachment.part), dispatch)
            })}
        </ul>
    }
}

fn one(attachment: &Attachment, saving: bool, dispatch: &Callback<UserAction>) -> Html {
    let part = attachment.part;
    let save = click(dispatch, UserAction::SaveAttachment, part);
    let label = format!("Download {}", attachment.name);
    html! {
        <li key={part} class="attachment">
            {icon(Shape::PaperClip)}
            <span class="attachment-words">
                <span class="attachment-name" title={attachment.name.clone()}>
                    <bdi>{attachment.name.clone()}</bdi>
                </span>
                <span class="attachment-kind">
                    {format!("{} \u{b7} {}", attachment.media_type, octets(attachment.octets))}
                </span>
            </span>
            <button
                class={classes!("button", "icon-only", "quiet", saving.then_some("is-busy"))}
                type="button" title={label.clone()} aria-label={label}
                aria-busy={saving.to_string()} onclick={save}
            >
                {icon(Shape::Download)}
            </button>
        </li>
    }
}
