//! The card of an event to which the open message invites.

use yew::prelude::*;

use super::reader::field;
use crate::api::mail::CalendarEvent;
use crate::ui::dates;
use crate::ui::words;

/// Draws the card: subject, time in the user's zone, place and people.
pub(crate) fn event_card(event: &CalendarEvent) -> Html {
    let CalendarEvent {
        summary,
        place,
        zone,
        ..
    } = event.clone();
    html! {
        <section class="event" aria-label={words::labels::EVENT}>
            if !summary.is_empty() {
                <h3><bdi>{summary}</bdi></h3>
            }
            if event.cancelled {
                <p class="event-cancelled">{words::EVENT_CANCELLED}</p>
            }
            <dl class="message-fields">
                <div class="message-field">
                    <dt>{"When"}</dt>
                    <dd>
                        {dates::span(event.start, event.end, event.all_day, event.local)}
                        if !zone.is_empty() {
                            {" "}<bdi>{format!("({zone})")}</bdi>
                        }
                        if event.repeats {
                            {words::EVENT_REPEATS}
                        }
                    </dd>
                </div>
                if !place.is_empty() {
                    <div class="message-field"><dt>{"Where"}</dt><dd><bdi>{place}</bdi></dd></div>
                }
                {field("Who", &event.people)}
            </dl>
        </section>
    }
}
