//! The message body: plain text, or HTML in a sandboxed frame.

use yew::prelude::*;

use super::event::event_card;
use crate::api::mail::{Body, LEFT_OUT, LINK_MARK, OpenMessage};
use crate::ui::browser;
use crate::ui::plain_text::{Block, Piece, blocks, has_columns, hides_its_host};
use crate::ui::words;

/// Draws the message body.
///
/// The text is parsed again on every redraw. That is cheap, because the engine leaves out what is
/// too long.
pub(crate) fn body(message: &OpenMessage) -> Html {
    let event = message.event.as_ref().map(event_card);
    match &message.body {
        Body::Text { text } if text.trim().is_empty() => html! {
            <div class="message-text">
                if event.is_none() || message.hidden.is_some() {
                    <p class="nothing">
                        {words::no_text(message.hidden, !message.attachments.is_empty())}
                    </p>
                }
                {event}
            </div>
        },
        Body::Text { text } => html! {
            <>
                {hidden(message)}
                {event}
                {plain(text)}
            </>
        },
        // The first of three layers, with the document's own policy and the sanitiser: no scripts
        // and no origin. A link opens a new tab without access to this one.
        Body::Html { html, .. } => html! {
                    <>
                        {hidden(message)}
                        {event}
                        <iframe
                            class="message-frame"
                            title={words::labels::MESSAGE_BODY}
                            sandbox="allow-popups allow-popups-to-escape-sandbox"
                            referrerpolicy="no-referrer"
                            srcdoc={html
        .replace(LINK_MARK, words::LINK_LEADS)
        .replace(LEFT_OUT, words::LEFT_OUT_HTML)}
                        />
                    </>
                },
    }
}

/// Draws the reason why a part of the message cannot be shown.
fn hidden(message: &OpenMessage) -> Html {
    html! {
        if message.hidden.is_some() {
            <p class="blocked">{words::no_text(message.hidden, true)}</p>
        }
    }
}

fn plain(text: &str) -> Html {
    // Columns stay aligned on a page that is too narrow for them. The text then scrolls sideways,
    // so the keyboard must be able to focus it.
    let (columns, tabindex) = match has_columns(text) {
        true => (Some("columns"), Some("0")),
        false => (None, None),
    };
    html! {
        <div class={classes!("message-text", columns)} {tabindex} dir="auto">
            {for text.split_inclusive(LEFT_OUT).map(|piece| html! {
                <>
                    <div>{for blocks(piece.trim_end_matches(LEFT_OUT)).iter().map(block)}</div>
                    if piece.ends_with(LEFT_OUT) {
                        <p class="detail">{words::REST_IN_SOURCE}</p>
                    }
                </>
            })}
        </div>
    }
}

fn block(block: &Block<'_>) -> Html {
    let class = (block.quoted > 0).then(|| classes!("quoted"));
    html! {
        <span {class}>{for block.pieces.iter().map(piece)}</span>
    }
}

fn piece(piece: &Piece<'_>) -> Html {
    match *piece {
        Piece::Words(text) => html! { {text.to_owned()} },
        Piece::Link(address) if hides_its_host(address) => {
            let host = browser::host_of(address);
            let question = format!("{}{host}", words::LINK_LEADS);
            let onclick = Callback::from(move |event: MouseEvent| {
                if !browser::confirm(&question) {
                    event.prevent_default();
                }
            });
            html! {
                <>
                    <a href={address.to_owned()} target="_blank" rel="noopener noreferrer" {onclick}>
                        {address.to_owned()}
                    </a>
                    {format!(" [{host}]")}
                </>
            }
        }
        Piece::Link(address) => html! {
            <a href={address.to_owned()} target="_blank" rel="noopener noreferrer">
                {address.to_owned()}
            </a>
        },
    }
}
