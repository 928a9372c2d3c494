//! The report card of a server: its capabilities, quirks and speed.

use yew::prelude::*;

use super::empty::empty;
use super::facts::facts;
use super::icons::Shape;
use crate::api::report::ServerReport;
use crate::api::settings::MailboxSettings;
use crate::ui::words;

/// Draws the report card.
pub(crate) fn report_card(settings: &MailboxSettings, report: Option<&ServerReport>) -> Html {
    let Some(report) = report else {
        let (title, text) = words::NO_REPORT;
        return empty(Shape::Server, title, text);
    };
    html! {
        <div class="card">
            {for words::server_report(settings, report).iter().map(|part| html! {
                <section class="card-part">
                    <h3 class="card-title">{part.title}</h3>
                    {facts(&part.facts)}
                </section>
            })}
        </div>
    }
}
