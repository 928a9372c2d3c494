//! The reader: one message with its headers, attachments and body.

use std::rc::Rc;

use js_sys::JsString;
use yew::prelude::*;

use super::attachments::attachments;
use super::body::body;
use super::button::{act, button, click};
use super::icons::{Shape, icon};
use super::problem::words_of;
use super::recipients::{folded, more_recipients};
use crate::api::ids::PartId;
use crate::api::mail::{Address, Body, Doubt, DoubtKind, OpenMessage};
use crate::ui::browser;
use crate::ui::dates;
use crate::ui::figures::things;
use crate::ui::route::Screen;
use crate::ui::state::{PageState, ReadingPane, UserAction};
use crate::ui::words;

/// Draws the reader.
pub(crate) fn reader(state: &PageState, dispatch: &Callback<UserAction>) -> Html {
    let reading = &state.reading;
    let asked = matches!(state.route.screen, Screen::Message(..));
    html! {
        <section class="reader-pane" aria-label={words::labels::READER}>
            if asked {
                <div class="reader-bar">
                    {button("quiet", Some(Shape::Back), "Back", act(dispatch, || UserAction::Back))}
                    if reading.message.is_some() {
                        {tools(reading, dispatch)}
                    }
                </div>
            }
            if let Some(message) = &reading.message {
                {article(message, reading, dispatch)}
            } else if let Some(problem) = &reading.problem {
                <div class="problem reader-problem" role="alert">{words_of(problem)}</div>
            } else if asked {
                <div class="reader-outline" aria-hidden="true"><i /><i /><i /><i /></div>
            } else {
                <div class="empty">
                    {icon(Shape::Envelope)}
                    <p>{words::CHOOSE_MESSAGE}</p>
                </div>
            }
        </section>
    }
}

fn tools(reading: &ReadingPane, dispatch: &Callback<UserAction>) -> Html {
    let unread = !reading.unread;
    let mark = if reading.unread {
        "Mark as read"
    } else {
        "Mark as unread"
    };
    html! {
        <>
            {button("quiet", Some(Shape::Unread), mark, click(dispatch, UserAction::MarkUnread, unread))}
            {button("quiet", Some(Shape::Source), "View source", act(dispatch, || UserAction::ViewSource))}
        </>
    }
}

fn article(
    message: &Rc<OpenMessage>,
    reading: &ReadingPane,
    dispatch: &Callback<UserAction>,
) -> Html {
    let has_frame = matches!(message.body, Body::Html { .. });
    let class = classes!(
        "message",
        has_frame.then_some("has-frame"),
        reading.is_busy().then_some("is-leaving"),
    );
    let subject = if message.subject.is_empty() {
        "No subject"
    } else {
        &message.subject
    };
    html! {
        <article
            {class} aria-label={words::labels::MESSAGE} aria-busy={reading.is_busy().to_string()}
            onkeydown={on_key(dispatch)}
        >
            <header class="message-head">
                if message.part != PartId::default() {
                    <p class="detail">{words::ATTACHED_MESSAGE}</p>
                }
                <h2 class="message-subject" tabindex="-1"><bdi>{subject.to_owned()}</bdi></h2>
                {correspondents(message)}
            </header>
            if !message.doubts.is_empty() {
                {doubts(message, dispatch)}
            }
            {attachments(message, false, reading, dispatch)}
            if let Body::Html { blocked_images: blocked @ 1.., .. } = message.body {
                <div class="blocked">
                    <p>
                        {things(blocked.into(), "remote image")}
                        {" left out: loading "}{if blocked == 1 { "it" } else { "them" }}
                        {" tells the sender that you read this."}
                    </p>
                    {button("small", None, "Load remote images", act(dispatch, || UserAction::LoadImages))}
                </div>
            }
            {body(message)}
            {attachments(message, true, reading, dispatch)}
        </article>
    }
}

/// Draws the reasons to doubt the sender, in one strip. Once the user trusts a server, the results
/// of others do not count.
fn doubts(message: &OpenMessage, dispatch: &Callback<UserAction>) -> Html {
    let mailbox = message.mailbox;
    let trusted = browser::trusted_server(mailbox);
    let result = |doubt: &&Doubt| doubt.kind == DoubtKind::FailedResults;
    let counts = |doubt: &&Doubt| {
        !result(doubt)
            || trusted
                .as_ref()
                .is_none_or(|trusted| *trusted == doubt.detail)
    };
    let shown: Vec<&Doubt> = message.doubts.iter().filter(counts).collect();
    if shown.is_empty() {
        return html! {};
    }
    let unknown = shown
        .iter()
        .copied()
        .find(result)
        .filter(|_| trusted.is_none());
    let trust = unknown.map(|doubt| {
        let server = doubt.detail.clone();
        dispatch.reform(move |_| UserAction::TrustServer(mailbox, server.clone()))
    });
    html! {
        <div class="blocked" role="note">
            <p>{for shown.iter().map(|doubt| words::doubt(doubt, trusted.is_some()) + " ")}</p>
            if let Some(trust) = trust {
                {button("small", None, words::TRUST_SERVER, trust)}
            }
        </div>
    }
}

fn correspondents(message: &OpenMessage) -> Html {
    let from = message.from.first();
    let name = from.map_or("Unknown sender", |from| match from.name.as_str() {
        "" => from.address.as_str(),
        name => name,
    });
    let initial = name.chars().find(|c| c.is_alphanumeric()).unwrap_or('?');
    // The browser has the case tables of all scripts; Rust's own would add to the download.
    let initial = JsString::from(initial).to_upper_case();
    let replies_elsewhere = !message.reply_to.is_empty() && message.reply_to != message.from;
    html! {
        <div class="message-who">
            <span class="monogram" aria-hidden="true">{String::from(initial)}</span>
            <dl class="message-fields">
                {field("From", &message.from)}
                {field("To", &message.to)}
                {field("Cc", &message.cc)}
                if replies_elsewhere {
                    {field("Reply to", &message.reply_to)}
                }
                <div class="message-field is-date">
                    <dt>{"Date"}</dt>
                    <dd>
                        <time datetime={dates::machine(message.date)}>{dates::full(message.date)}</time>
                        if let Some(note) = words::date_source(message.date_source) {
                            {" "}{note}
                        }
                    </dd>
                </div>
            </dl>
        </div>
    }
}

/// Draws a field with addresses.
pub(super) fn field(label: &'static str, addresses: &[Address]) -> Html {
    if addresses.is_empty() {
        return html! {};
    }
    let (first, more) = folded(addresses);
    html! {
        <div class={classes!("message-field", (label == "From").then_some("is-from"))}>
            <dt>{label}</dt>
            <dd>
                {for first.iter().enumerate().map(|(position, address)| html! {
                    <>
                        if position > 0 { {", "} }
                        {one(address)}
                    </>
                })}
                {more_recipients(more)}
            </dd>
        </div>
    }
}

fn one(address: &Address) -> Html {
    let Address { name, address } = address.clone();
    html! {
        <span class="person">
            if name.is_empty() || name == address {
                <bdi>{address}</bdi>
            } else {
                <bdi class="person-name">{name}</bdi>
                if !address.is_empty() {
                    {" "}<bdi class="person-address">{format!("<{address}>")}</bdi>
                }
            }
        </span>
    }
}

/// Handles keys: Escape returns to the list, `j` opens the next message, `k` the previous one.
fn on_key(dispatch: &Callback<UserAction>) -> Callback<KeyboardEvent> {
    let dispatch = dispatch.clone();
    Callback::from(move |event: KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let action = match event.key().as_str() {
            "Escape" => UserAction::Back,
            "j" => UserAction::Step(1),
            "k" => UserAction::Step(-1),
            _ => return,
        };
        event.prevent_default();
        dispatch.emit(action);
    })
}
