//! A problem: what happened, what to do, and the server's own message.

use restante_shared::pop3::transcript::Step;
use yew::prelude::*;

use crate::api::problem::Problem;
use crate::ui::dates;
use crate::ui::words;

/// Draws the explanation of a problem, with its time and the lines of the transcript.
pub(crate) fn words_of(problem: &Problem) -> Html {
    let advice = words::advice(problem.kind);
    let lines: Vec<_> = problem.transcript.iter().map(Step::to_string).collect();
    html! {
        <>
            <p class="problem-what">{advice.what}</p>
            <p class="problem-next">
                {advice.next}
                if let Some(at) = problem.retry_at {
                    {" The server allows the next login "}{dates::when(at)}{"."}
                }
            </p>
            if let Some(detail) = &problem.detail {
                <p class="detail">{words::detail(detail)}</p>
            }
            if !problem.transcript.is_empty() {
                <details class="detail">
                    <summary>{"The last lines of the session"}</summary>
                    <pre>{lines.join("\n")}</pre>
                </details>
            }
        </>
    }
}
