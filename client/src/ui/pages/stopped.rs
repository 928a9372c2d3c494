//! The page shown while the engine cannot be used.

use yew::prelude::*;

use crate::ui::browser;
use crate::ui::components::mark::wordmark;
use crate::ui::state::Engine;
use crate::ui::words;

/// Draws the reason why no mail can be shown, and advice.
pub(crate) fn view(engine: &Engine) -> Html {
    let (title, what, next, detail) = match engine {
        Engine::Occupied => (
            "Restante is open in another tab",
            "Your mail is kept in one place, and one tab at a time may work on it.",
            "Close the other tab, and this one goes on by itself.",
            None,
        ),
        Engine::Unusable(problem) => {
            let advice = words::advice(problem.kind);
            (
                "Your mail cannot be opened",
                advice.what,
                advice.next,
                problem.detail.clone(),
            )
        }
        Engine::Stopped => (
            "The mail engine stopped",
            "The part of Restante that keeps your mail broke down. What was saved is safe.",
            "Reload the page to start it again.",
            None,
        ),
        Engine::Absent | Engine::Loading | Engine::Ready(_) => (
            "The mail engine did not load",
            "The part of Restante that fetches and keeps your mail could not be loaded.",
            "Check this device\u{2019}s connection, then reload the page.",
            None,
        ),
    };
    let waits = matches!(engine, Engine::Occupied);
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
