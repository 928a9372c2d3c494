//! What a message carries, to be saved.

use yew::prelude::*;

use super::icons::{Icon, Shape};
use crate::engine::event::Attachment;
use crate::ui::figures::octets;
use crate::ui::state::Action;

/// Properties of [`Attachments`].
#[derive(Properties, PartialEq)]
pub(crate) struct AttachmentsProps {
    pub(crate) attachments: Vec<Attachment>,
    /// Which of them are on their way, in the same order.
    pub(crate) saving: Vec<bool>,
    pub(crate) dispatch: Callback<Action>,
}

/// The attachments of a message.
#[function_component]
pub(crate) fn Attachments(props: &AttachmentsProps) -> Html {
    let all = props.attachments.iter().zip(&props.saving);
    html! {
        <ul class="attachments" role="list" aria-label="Attachments">
            {for all.map(|(attachment, saving)| one(attachment, *saving, &props.dispatch))}
        </ul>
    }
}

fn one(attachment: &Attachment, saving: bool, dispatch: &Callback<Action>) -> Html {
    let part = attachment.part;
    let onclick = dispatch.reform(move |_: MouseEvent| Action::SaveAttachment(part));
    let label = format!("Download {}", attachment.name);
    html! {
        <li key={part} class="attachment">
            <Icon shape={Shape::PaperClip} />
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
                aria-busy={saving.to_string()} {onclick}
            >
                <Icon shape={Shape::Download} />
            </button>
        </li>
    }
}
