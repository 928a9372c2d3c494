//! What the reader should know, until it is put away or no longer so.

use yew::prelude::*;

use super::icons::{Shape, icon};
use super::problem::words_of;
use crate::engine::event::{MailboxId, Problem, ProblemKind, Storage};
use crate::ui::state::{Action, Engine, Notice, State};
use crate::ui::words;

/// Draws the notices, the latest at the bottom.
pub(crate) fn notices(state: &State, dispatch: &Callback<Action>) -> Html {
    let all = state.notices.iter().enumerate();
    html! {
        <div class="notices">
            if state.engine == Engine::Ready(Storage::Memory) {
                <div class="notice is-warning">
                    {icon(Shape::Warning)}
                    <div class="notice-words">
                        <p class="problem-what">{"Nothing is kept in this window."}</p>
                        <p class="problem-next">{"The browser gives it no storage, as in a private window: mail and mailboxes are gone when you close it."}</p>
                    </div>
                </div>
            }
            if !state.online {
                <div class="notice">
                    {icon(Shape::Offline)}
                    <p class="notice-words">{"You are offline. The mail on this device can be read and searched."}</p>
                </div>
            }
            {for all.map(|(position, notice)| one(position, notice, state, dispatch))}
        </div>
    }
}

fn one(position: usize, notice: &Notice, state: &State, dispatch: &Callback<Action>) -> Html {
    let put_away = dispatch.reform(move |_: MouseEvent| Action::PutAway(position));
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
            <button
                class="button icon-only quiet" type="button" aria-label="Dismiss" onclick={put_away}
            >
                {icon(Shape::Close)}
            </button>
        </div>
    }
}

fn failed_check(
    id: MailboxId,
    problem: &Problem,
    state: &State,
    dispatch: &Callback<Action>,
) -> Html {
    let mailbox = state.mailboxes.iter().find(|m| m.id == id);
    let several = state.mailboxes.len() > 1;
    let address = mailbox
        .filter(|_| several)
        .map(|m| m.settings.address.clone());
    let enter = dispatch.reform(move |_: MouseEvent| Action::AskPassword(id));
    html! {
        <>
            if let Some(address) = address {
                <p class="notice-mailbox">{address}</p>
            }
            {words_of(problem)}
            if problem.kind == ProblemKind::WrongCredentials {
                <button class="button small" type="button" onclick={enter}>
                    {"Enter the password again"}
                </button>
            }
        </>
    }
}
