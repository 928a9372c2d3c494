//! The line at the bottom: the running check, or the result of the last one.

use yew::prelude::*;

use super::list_pane::how_many;
use super::progress::check_progress;
use crate::ui::dates;
use crate::ui::state::{EngineStatus, PageState, UserAction};
use crate::ui::words;

/// Draws the status line.
pub(crate) fn status_line(state: &PageState, dispatch: &Callback<UserAction>) -> Html {
    let progress = state.checks.progress();
    html! {
        <div class="status-line">
            <p class={classes!("status", progress.is_some().then_some("visually-hidden"))} role="status">
                {summary(state, progress.is_some())}
                // The list shows this count to sighted users; here screen readers announce it.
                if state.list.is_search() {
                    <span class="visually-hidden">{format!(". {}", found(state))}</span>
                }
            </p>
            if let Some(progress) = progress {
                {check_progress(&progress, dispatch)}
            }
        </div>
    }
}

fn found(state: &PageState) -> String {
    match state.list.total {
        Some(0) => "Nothing found".to_owned(),
        Some(_) | None => how_many(&state.list),
    }
}

fn summary(state: &PageState, checking: bool) -> String {
    if checking {
        return words::CHECKING_MAIL.to_owned();
    }
    if !matches!(state.engine, EngineStatus::Ready(_)) {
        return words::OPENING_MAIL.to_owned();
    }
    let checked = state.mailboxes.iter().filter_map(|m| m.last_check).max();
    let checked = checked.map(|at| format!("Checked {}", dates::when(at)));
    let summary = state.checks.summary();
    if let (Some(summary), Some(until)) = (&summary, state.checks.postponed()) {
        return format!("{summary} \u{b7} Next check {}", dates::when(until));
    }
    match (summary, checked) {
        (Some(summary), Some(checked)) if state.checks.is_whole() => {
            format!("{summary} \u{b7} {checked}")
        }
        (Some(text), _) | (None, Some(text)) => text,
        (None, None) => "Not checked yet".to_owned(),
    }
}
