//! The last sessions with a server: outcome, security and transcript of each.

use yew::prelude::*;

use super::button::{button, click};
use super::empty::empty;
use super::facts::facts;
use super::icons::Shape;
use super::said::said;
use crate::ui::browser;
use crate::ui::dates;
use crate::ui::state::{ConnectionAction, ConnectionView, SessionView, UserAction};
use crate::ui::words;

/// Draws the list of sessions, and one of them in full.
pub(crate) fn sessions(connection: &ConnectionView, dispatch: &Callback<UserAction>) -> Html {
    let Some(shown) = connection.session() else {
        let (title, text) = words::NO_SESSIONS;
        return empty(Shape::Plug, title, text);
    };
    html! {
        <div class="sessions">
            <ul class="session-list" role="list" aria-label={words::labels::LAST_SESSIONS}>
                {for connection.sessions.iter().enumerate().map(|(position, session)| {
                    choice(position, session, connection.shown == position, dispatch)
                })}
            </ul>
            {in_full(shown, connection.copied, dispatch)}
        </div>
    }
}

fn choice(
    position: usize,
    session: &SessionView,
    shown: bool,
    dispatch: &Callback<UserAction>,
) -> Html {
    let show = |at| UserAction::Connection(ConnectionAction::Session(at));
    html! {
        <li>
            <button
                class="session" type="button" aria-current={shown.then_some("true")}
                onclick={click(dispatch, show, position)}
            >
                <time class="session-when" datetime={dates::machine(session.record.began)}>
                    {dates::moment(session.record.began)}
                </time>
                <span class="session-outcome">{words::session_outcome(session.record.outcome.as_ref())}</span>
            </button>
        </li>
    }
}

fn in_full(session: &SessionView, copied: bool, dispatch: &Callback<UserAction>) -> Html {
    let began = session.record.began;
    let take = |action: fn(String) -> ConnectionAction| {
        let taken = move |began| UserAction::Connection(action(dates::machine(began)));
        dispatch.reform(move |_: MouseEvent| taken(began))
    };
    let copy = if copied { "Copied" } else { "Copy" };
    html! {
        <section class="session-full" aria-labelledby="session-title">
            <header class="session-head">
                <h3 id="session-title" class="card-title">{dates::full(began)}</h3>
                <p class="session-outcome">{words::session_outcome(session.record.outcome.as_ref())}</p>
                <div class="session-tools">
                    <span class="visually-hidden" role="status">{copied.then_some("Copied")}</span>
                    if browser::can_copy() {
                        {button("small", Some(Shape::Copy), copy, take(ConnectionAction::Copy))}
                    }
                    {button("small", Some(Shape::Download), "Download", take(ConnectionAction::Save))}
                </div>
            </header>
            {facts(&words::session_security(&session.record.security))}
            <p class="legend">
                <b>{"C"}</b>{" is what Restante sent, "}<b>{"S"}</b>{" what the server answered. Secrets are left out."}
            </p>
            <div class="transcript" role="region" aria-label={words::labels::TRANSCRIPT} tabindex="0">
                {said(&session.log)}
            </div>
        </section>
    }
}
