//! The message body: plain text, or HTML in a sandboxed frame.

use yew::prelude::*;

use crate::api::mail::Body;
use crate::ui::plain_text::{Block, Piece, blocks, has_columns};
use crate::ui::words;

/// Number of bytes of text to draw: about a hundred pages, which every browser lays out at once.
const DRAWN: usize = 400_000;

/// Draws the message body.
///
/// The text is parsed again on every redraw. That is cheap, because at most [`DRAWN`] bytes are
/// parsed.
pub(crate) fn body(body: &Body) -> Html {
    match body {
        Body::Text { text } if text.trim().is_empty() => html! {
            <p class="message-text nothing">{words::NO_TEXT}</p>
        },
        Body::Text { text } => plain(text),
        // The first of three layers, with the document's own policy and the sanitiser: no scripts
        // and no origin. A link opens a new tab without access to this one.
        Body::Html { html, .. } => html! {
            <iframe
                class="message-frame"
                title={words::labels::MESSAGE_BODY}
                sandbox="allow-popups allow-popups-to-escape-sandbox"
                referrerpolicy="no-referrer"
                srcdoc={html.clone()}
            />
        },
    }
}

fn plain(text: &str) -> Html {
    let drawn = text
        .get(..text.floor_char_boundary(DRAWN))
        .unwrap_or_default();
    // Columns stay aligned on a page that is too narrow for them. The text then scrolls sideways,
    // so the keyboard must be able to focus it.
    let (columns, tabindex) = match has_columns(drawn) {
        true => (Some("columns"), Some("0")),
        false => (None, None),
    };
    html! {
        <div class={classes!("message-text", columns)} {tabindex} dir="auto">
            <div>{for blocks(drawn).iter().map(block)}</div>
            if drawn.len() < text.len() {
                <p class="detail">{words::REST_IN_SOURCE}</p>
            }
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
        Piece::Link(address) => html! {
            <a href={address.to_owned()} target="_blank" rel="noopener noreferrer">
                {address.to_owned()}
            </a>
        },
    }
}
