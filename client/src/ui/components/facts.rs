//! Lists of facts from the engine: names, values and explanations.

use yew::prelude::*;

use crate::ui::words::Fact;

/// Draws a list of facts.
pub(crate) fn facts(rows: &[Fact]) -> Html {
    html! {
        <dl class="facts">
            {for rows.iter().map(|fact| html! {
                <div class="fact">
                    <dt>{fact.name.clone()}</dt>
                    <dd>
                        if !fact.value.is_empty() {
                            <p class="fact-value"><bdi>{fact.value.clone()}</bdi></p>
                        }
                        if !fact.note.is_empty() {
                            <p class="fact-note">{fact.note.clone()}</p>
                        }
                    </dd>
                </div>
            })}
        </dl>
    }
}
