//! The body of a message: text as it was typed, or HTML in a frame that can do nothing.

use yew::prelude::*;

use crate::api::event::Body;
use crate::ui::plain_text::{Block, Piece, blocks, has_columns};

/// Octets of text that are drawn: some hundred pages, which every browser lays out at once.
const DRAWN: usize = 400_000;

/// Draws the body of a message. Taking a text apart again at every change of the page is cheap, since
/// what is drawn of it has an end.
pub(crate) fn body(body: &Body) -> Html {
    match body {
        Body::Text { text } if text.trim().is_empty() => html! {
            <p class="message-text nothing">{"This message has no text."}</p>
        },
        Body::Text { text } => plain(text),
        // No scripts and no origin: with the document's own policy and the sanitiser, the first of
        // three layers. A link opens a new tab that knows nothing of this one.
        Body::Html { html, .. } => html! {
            <iframe
                class="message-frame"
                title="Message body"
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
    // Columns are kept where the page is too narrow for them: they are scrolled, and so take the focus.
    let (columns, tabindex) = match has_columns(drawn) {
        true => (Some("columns"), Some("0")),
        false => (None, None),
    };
    html! {
        <div class={classes!("message-text", columns)} {tabindex} dir="auto">
            <div>{for blocks(drawn).iter().map(block)}</div>
            if drawn.len() < text.len() {
                <p class="detail">{"The rest of this long message is in its source."}</p>
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
