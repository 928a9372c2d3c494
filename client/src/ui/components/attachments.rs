//! Attachments of the open message, each with a button to download it.

use yew::prelude::*;

use super::button::{button, click};
use super::icons::{Shape, icon};
use crate::api::mail::{Attachment, OpenMessage};
use crate::ui::figures::octets;
use crate::ui::state::{ReadingPane, UserAction};
use crate::ui::words;

/// Draws the attached messages of a message, or its other attachments.
pub(crate) fn attachments(
    message: &OpenMessage,
    messages: bool,
    reading: &ReadingPane,
    dispatch: &Callback<UserAction>,
) -> Html {
    let chosen = |attachment: &&Attachment| attachment.is_message == messages;
    let mut chosen = message.attachments.iter().filter(chosen).peekable();
    if chosen.peek().is_none() {
        return html! {};
    }
    let label = if messages {
        words::labels::ATTACHED_MESSAGES
    } else {
        words::labels::ATTACHMENTS
    };
    html! {
        <ul class="attachments" role="list" aria-label={label}>
            {for chosen.map(|attachment| {
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
        <li key={part.0} class="attachment">
            {icon(if attachment.is_message { Shape::Envelope } else { Shape::PaperClip })}
            <span class="attachment-words">
                <span class="attachment-name" title={attachment.name.clone()}>
                    <bdi>{attachment.name.clone()}</bdi>
                </span>
                <span class="attachment-kind">
                    {format!("{} \u{b7} {}", attachment.media_type, octets(attachment.octets))}
                </span>
            </span>
            if attachment.is_message {
                {button("quiet", None, "Open", click(dispatch, UserAction::OpenAttached, part))}
            }
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
