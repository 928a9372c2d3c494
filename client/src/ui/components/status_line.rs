//! The line at the bottom: the check under way, or how the last one ended.

use std::rc::Rc;

use yew::prelude::*;

use super::progress::CheckProgress;
use crate::engine::event::Mailbox;
use crate::ui::dates;
use crate::ui::state::{Action, Checks};

/// Properties of a [`StatusLine`].
#[derive(Properties, PartialEq)]
pub(crate) struct StatusLineProps {
    pub(crate) checks: Rc<Checks>,
    pub(crate) mailboxes: Rc<[Mailbox]>,
    pub(crate) ready: bool,
    pub(crate) dispatch: Callback<Action>,
}

/// The status line.
#[function_component]
pub(crate) fn StatusLine(props: &StatusLineProps) -> Html {
    let progress = props.checks.progress();
    html! {
        <div class="status-line">
            <p class={classes!("status", progress.is_some().then_some("visually-hidden"))} role="status">
                {words(props, progress.is_some())}
            </p>
            if let Some(progress) = progress {
                <CheckProgress {progress} dispatch={props.dispatch.clone()} />
            }
        </div>
    }
}

fn words(props: &StatusLineProps, checking: bool) -> String {
    if checking {
        return "Checking mail".to_owned();
    }
    if !props.ready {
        return "Opening your mail\u{2026}".to_owned();
    }
    let checked = props.mailboxes.iter().filter_map(|m| m.last_check).max();
    let checked = checked.map(|at| format!("Checked {}", dates::when(at)));
    let summary = props.checks.summary();
    match (summary, checked) {
        (Some(summary), Some(checked)) if props.checks.is_whole() => {
            format!("{summary} \u{b7} {checked}")
        }
        (Some(text), _) | (None, Some(text)) => text,
        (None, None) => "Not checked yet".to_owned(),
    }
}
