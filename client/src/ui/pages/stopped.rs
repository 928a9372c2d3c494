//! The page shown while the engine cannot be used.

use yew::prelude::*;

use crate::ui::browser;
use crate::ui::components::mark::wordmark;
use crate::ui::state::EngineStatus;
use crate::ui::words;

/// Draws the reason why no mail can be shown, and advice.
pub(crate) fn view(engine: &EngineStatus) -> Html {
    let words::StoppedWords { title, what, next } = words::stopped(engine);
    let detail = match engine {
        EngineStatus::Unusable(problem) => problem.detail.as_ref().map(words::detail),
        _ => None,
    };
    let waits = matches!(engine, EngineStatus::Occupied);
    html! {
        <main class="stopped">
            {wordmark()}
            <div class="stopped-words" role={if waits { "status" } else { "alert" }}>
                <h1 tabindex="-1">{title}</h1>
                <p>{what}</p>
                <p>{next}</p>
                if let Some(detail) = detail {
                    <p class="detail">{detail}</p>
                }
            </div>
            if !waits {
                <button class="button primary" onclick={|_| browser::reload()}>{"Reload"}</button>
            }
        </main>
    }
}
