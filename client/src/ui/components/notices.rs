//! Notices, shown until the user dismisses them or they no longer apply.

use yew::prelude::*;

use super::button::{button, click, icon_button};
use super::icons::{Shape, icon};
use super::problem::words_of;
use super::sign_in_dialog::sign_in_button;
use crate::api::ids::MailboxId;
use crate::api::problem::{Problem, ProblemKind};
use crate::api::storage::Storage;
use crate::ui::state::{EngineStatus, Notice, PageState, UserAction};
use crate::ui::words;

/// Draws the notices, the newest at the bottom.
pub(crate) fn notices(state: &PageState, dispatch: &Callback<UserAction>) -> Html {
    let all = state.notices.iter().enumerate();
    html! {
        <div class="notices">
            if state.engine == EngineStatus::Ready(Storage::Memory) {
                <div class="notice is-warning">
                    {icon(Shape::Warning)}
                    <div class="notice-words">
                        <p class="problem-what">{words::NOT_SAVED.0}</p>
                        <p class="problem-next">{words::NOT_SAVED.1}</p>
                    </div>
                </div>
            }
            if !state.online {
                <div class="notice">
                    {icon(Shape::Offline)}
                    <p class="notice-words">{words::OFFLINE}</p>
                </div>
            }
            {for all.map(|(position, notice)| one(position, notice, state, dispatch))}
        </div>
    }
}

fn one(
    position: usize,
    notice: &Notice,
    state: &PageState,
    dispatch: &Callback<UserAction>,
) -> Html {
    let dismiss = click(dispatch, UserAction::Dismiss, position);
    let (class, role, shape) = match notice {
        Notice::Check { .. } | Notice::Failed(_) => ("is-problem", Some("alert"), Shape::Warning),
        Notice::Healed(_) => ("is-quiet", None, Shape::Tray),
    };
    let content = match notice {
        Notice::Check { mailbox, problem } => failed_check(*mailbox, problem, state, dispatch),
        Notice::Failed(problem) => words_of(problem),
        Notice::Healed(healed) => html! {
            {for healed.iter().map(|healing| html! { <p>{words::healing(*healing)}</p> })}
        },
    };
    html! {
        <div class={classes!("notice", class)} {role}>
            {icon(shape)}
            <div class="notice-words">{content}</div>
            {icon_button("", Shape::Close, "Dismiss", dismiss)}
        </div>
    }
}

fn failed_check(
    id: MailboxId,
    problem: &Problem,
    state: &PageState,
    dispatch: &Callback<UserAction>,
) -> Html {
    let mailbox = state.mailboxes.iter().find(|m| m.id == id);
    let several = state.mailboxes.len() > 1;
    let address = mailbox.filter(|_| several).map(words::mailbox_name);
    html! {
        <>
            if let Some(address) = address {
                <p class="notice-mailbox">{address}</p>
            }
            {words_of(problem)}
            <div class="notice-tools">
                {sign_in_button(problem.kind, state, dispatch)}
                if problem.kind == ProblemKind::WrongCredentials {
                    {button("small", None, "Enter the password again", click(dispatch, UserAction::AskPassword, id))}
                }
                if words::is_for_settings(problem.kind) && mailbox.is_some_and(|m| !m.settings.demo) {
                    {button("small", None, "Change the settings", click(dispatch, UserAction::EditSettings, id))}
                }
                {button("small", None, "See the connection", click(dispatch, UserAction::SeeConnection, id))}
            </div>
        </>
    }
}
