//! What the reader should know, until it is put away or no longer so.

use std::rc::Rc;

use yew::prelude::*;

use super::icons::{Icon, Shape};
use super::problem::words_of;
use crate::engine::event::{Mailbox, MailboxId, Problem, ProblemKind, Storage};
use crate::ui::state::{Action, Engine, Notice};
use crate::ui::words;

/// Properties of [`Notices`].
#[derive(Properties, PartialEq)]
pub(crate) struct NoticesProps {
    pub(crate) notices: Rc<[Notice]>,
    pub(crate) mailboxes: Rc<[Mailbox]>,
    pub(crate) engine: Engine,
    pub(crate) online: bool,
    pub(crate) dispatch: Callback<Action>,
}

/// The notices, the latest at the bottom.
#[function_component]
pub(crate) fn Notices(props: &NoticesProps) -> Html {
    let all = props.notices.iter().enumerate();
    html! {
        <div class="notices">
            if props.engine == Engine::Ready(Storage::Memory) {
                <div class="notice is-warning">
                    <Icon shape={Shape::Warning} />
                    <div class="notice-words">
                        <p class="problem-what">{"Nothing is kept in this window."}</p>
                        <p class="problem-next">{"The browser gives it no storage, as in a private window: mail and mailboxes are gone when you close it."}</p>
                    </div>
                </div>
            }
            if !props.online {
                <div class="notice">
                    <Icon shape={Shape::Offline} />
                    <p class="notice-words">{"You are offline. The mail on this device can be read and searched."}</p>
                </div>
            }
            {for all.map(|(position, notice)| one(position, notice, props))}
        </div>
    }
}

fn one(position: usize, notice: &Notice, props: &NoticesProps) -> Html {
    let put_away = props
        .dispatch
        .reform(move |_: MouseEvent| Action::PutAway(position));
    let (class, role, shape) = match notice {
        Notice::Check { .. } | Notice::Failed(_) => ("is-problem", Some("alert"), Shape::Warning),
        Notice::Healed(_) => ("is-quiet", None, Shape::Tray),
    };
    let content = match notice {
        Notice::Check { mailbox, problem } => failed_check(*mailbox, problem, props),
        Notice::Failed(problem) => words_of(problem),
        Notice::Healed(healed) => html! {
            {for healed.iter().map(|healing| html! { <p>{words::healing(*healing)}</p> })}
        },
    };
    html! {
        <div class={classes!("notice", class)} {role}>
            <Icon {shape} />
            <div class="notice-words">{content}</div>
            <button
                class="button icon-only quiet" type="button" aria-label="Dismiss" onclick={put_away}
            >
                <Icon shape={Shape::Close} />
            </button>
        </div>
    }
}

fn failed_check(id: MailboxId, problem: &Problem, props: &NoticesProps) -> Html {
    let mailbox = props.mailboxes.iter().find(|m| m.id == id);
    let several = props.mailboxes.len() > 1;
    let address = mailbox
        .filter(|_| several)
        .map(|m| m.settings.address.clone());
    let enter = props
        .dispatch
        .reform(move |_: MouseEvent| Action::AskPassword(id));
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
