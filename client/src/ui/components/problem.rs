//! A problem told: what happened, what to do, and what the server said.

use yew::prelude::*;

use crate::engine::event::Problem;
use crate::ui::words;

/// The words of a problem.
pub(crate) fn words_of(problem: &Problem) -> Html {
    let advice = words::advice(problem.kind);
    html! {
        <>
            <p class="problem-what">{advice.what}</p>
            <p class="problem-next">{advice.next}</p>
            if let Some(detail) = &problem.detail {
                <p class="detail">{detail.clone()}</p>
            }
        </>
    }
}
