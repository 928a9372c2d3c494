//! A row of the message list.

use yew::prelude::*;

use super::icons::{Shape, icon};
use crate::api::mail::MessageRow;
use crate::ui::dates;
use crate::ui::state::UserAction;

/// Properties of a row.
pub(crate) struct ListRow<'a> {
    /// The position in the list.
    pub(crate) index: u32,
    /// The content; absent while it is loading.
    pub(crate) row: Option<&'a MessageRow>,
    /// The distance from the list's top, in pixels.
    pub(crate) top: i64,
    /// True if the message is open in the reader.
    pub(crate) open: bool,
    /// True if the row can take the keyboard's focus.
    pub(crate) active: bool,
    pub(crate) dispatch: &'a Callback<UserAction>,
}

/// Draws a row of the message list.
pub(crate) fn message_row(props: &ListRow<'_>) -> Html {
    let unread = props.row.is_some_and(|row| row.unread);
    let class = classes!(
        "row",
        unread.then_some("is-unread"),
        props.row.is_none().then_some("is-loading"),
    );
    let onclick = {
        let (id, dispatch) = (props.row.map(|row| row.id), props.dispatch.clone());
        Callback::from(move |_: MouseEvent| {
            if let Some(id) = id {
                dispatch.emit(UserAction::Open { id, by_key: false });
            }
        })
    };
    html! {
        <div
            key={props.index} role="row" {class} style={format!("transform: translateY({}px)", props.top)}
            tabindex={if props.active { "0" } else { "-1" }}
            aria-rowindex={(props.index + 1).to_string()}
            aria-selected={props.open.to_string()}
            {onclick}
        >
            if let Some(row) = props.row {
                {cells(row)}
            } else {
                <span role="gridcell" class="row-outline">
                    <span class="visually-hidden">{"Loading"}</span>
                </span>
            }
        </div>
    }
}

fn cells(row: &MessageRow) -> Html {
    let sender = if row.sender.is_empty() {
        "Unknown sender"
    } else {
        &row.sender
    };
    let subject = if row.subject.is_empty() {
        "No subject"
    } else {
        &row.subject
    };
    html! {
        <>
            <span role="gridcell" class="row-sender">
                if row.unread {
                    <span class="row-dot" /><span class="visually-hidden">{"Unread. "}</span>
                }
                <bdi>{sender.to_owned()}</bdi>
            </span>
            <span role="gridcell" class="row-date">
                <time datetime={dates::machine(row.date)}>{dates::short(row.date)}</time>
            </span>
            <span role="gridcell" class="row-subject">
                <bdi>{subject.to_owned()}</bdi>
            </span>
            <span role="gridcell" class="row-mark">
                if row.has_attachments {
                    {icon(Shape::PaperClip)}
                    <span class="visually-hidden">{"Has attachments"}</span>
                }
            </span>
            <span role="gridcell" class="row-snippet"><bdi>{row.snippet.clone()}</bdi></span>
        </>
    }
}
