//! Transcripts of client and server, line by line.

use std::rc::Rc;

use yew::prelude::*;

use crate::ui::figures::things;
use crate::ui::transcript::{TranscriptBlock, TranscriptLog, TranscriptSide, time};

/// Draws a transcript: the side, its lines, and the time that an answer took.
pub(crate) fn said(log: &TranscriptLog) -> Html {
    let mut before = None;
    let blocks = log.blocks.iter().map(|block| {
        let goes_on = before.replace(block.side) == Some(block.side);
        one(block, goes_on)
    });
    html! {
        <>
            if log.dropped > 0 {
                <p class="said-dropped">
                    {things(log.dropped as u64, "line")}{" before these not shown"}
                </p>
            }
            {for blocks}
        </>
    }
}

fn one(block: &TranscriptBlock, goes_on: bool) -> Html {
    let (class, letter, who) = match block.side {
        TranscriptSide::Client => ("is-client", "C", "Restante: "),
        TranscriptSide::Server => ("is-server", "S", "Server: "),
        TranscriptSide::Neither => ("is-neither", "", ""),
    };
    html! {
        <div class={classes!("said", class)}>
            <span class="said-who" aria-hidden="true">{if goes_on { "" } else { letter }}</span>
            <span class="said-text">
                if !goes_on && !who.is_empty() {
                    <span class="visually-hidden">{who}</span>
                }
                {AttrValue::Rc(Rc::clone(&block.text))}
            </span>
            if let Some(millis) = block.millis {
                <span class="said-time">{time(millis)}</span>
            }
        </div>
    }
}
