//! The message list. Only visible rows are in the document, whatever the number of messages.

use yew::prelude::*;

use super::message_row::{ListRow, message_row};
use crate::api::ids::MessageId;
use crate::ui::list_frame::{ListFrame, ListSight};
use crate::ui::state::{ListState, UserAction};
use crate::ui::words;

/// Number of rows to draw above and below the visible ones.
const MARGIN: u32 = 8;

/// Draws the message list, with the message that is open in the reader marked.
pub(crate) fn message_list(
    list: &ListState,
    open: Option<MessageId>,
    frame: &ListFrame,
    dispatch: &Callback<UserAction>,
) -> Html {
    let sight = frame.sight();
    let (first, end) = sight.rows();
    let total = list.total.unwrap_or(0);
    let drawn = first.saturating_sub(MARGIN)..(end + MARGIN).min(total);
    // The active row is always drawn, because it holds the keyboard's focus.
    let outside = Some(list.active).filter(|index| *index < total && !drawn.contains(index));
    let rows = drawn.chain(outside).map(|index| {
        let row = list.row(index);
        message_row(&ListRow {
            index,
            row,
            top: sight.above(index),
            open: row.is_some_and(|row| Some(row.id) == open),
            active: index == list.active,
            dispatch,
        })
    });
    html! {
        <div
            ref={frame.node.clone()}
            class={classes!("grid", list.total.is_none().then_some("is-outline"))}
            role="grid"
            aria-label={words::labels::MESSAGES}
            aria-rowcount={total.to_string()}
            aria-busy={list.is_busy().to_string()}
            onscroll={frame.changed.reform(|_: Event| ())}
            onkeydown={on_key(list, sight, dispatch)}
        >
            <div
                class="grid-height" role="presentation"
                style={format!("height: {}px", sight.above(total))}
            >
                {for rows}
            </div>
        </div>
    }
}

/// Handles the keys of a grid, and `j` and `k` of older mail programs.
fn on_key(
    list: &ListState,
    sight: ListSight,
    dispatch: &Callback<UserAction>,
) -> Callback<KeyboardEvent> {
    let last = list.total.unwrap_or(0).saturating_sub(1);
    let active = list.active;
    let message = list.row(active).map(|row| row.id);
    let dispatch = dispatch.clone();
    Callback::from(move |event: KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let (first, end) = sight.rows();
        let page = end.saturating_sub(first + 1).max(1);
        let target = match event.key().as_str() {
            "ArrowDown" | "j" => active.saturating_add(1).min(last),
            "ArrowUp" | "k" => active.saturating_sub(1),
            "PageDown" => active.saturating_add(page).min(last),
            "PageUp" => active.saturating_sub(page),
            "Home" => 0,
            "End" => last,
            "Enter" | " " => {
                event.prevent_default();
                if let Some(id) = message {
                    dispatch.emit(UserAction::Open { id, by_key: true });
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        dispatch.emit(UserAction::Focus(target));
    })
}
