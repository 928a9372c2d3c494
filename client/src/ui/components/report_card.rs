//! The report card of a server: its capabilities, quirks and speed.

use yew::prelude::*;

use super::empty::empty;
use super::facts::facts;
use super::icons::Shape;
use crate::api::report::Facts;

/// Draws the report card.
pub(crate) fn report_card(card: &[Facts]) -> Html {
    if card.is_empty() {
        return empty(
            Shape::Server,
            "Nothing is known yet",
            "The first check of this mailbox shows what its server can do.",
        );
    }
    html! {
        <div class="card">
            {for card.iter().map(|part| html! {
                <section class="card-part">
                    <h3 class="card-title">{part.title.clone()}</h3>
                    {facts(&part.rows)}
                </section>
            })}
        </div>
    }
}
