//! The console: POP3 typed by hand, on a live session.

use wasm_bindgen::JsCast as _;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::button::{act, button};
use super::icons::{Shape, icon};
use super::problem::words_of;
use super::said::said;
use super::sign_in_dialog::sign_in_button;
use crate::api::ids::MailboxId;
use crate::ui::state::{ConsoleAction, ConsolePhase, ConsoleState, PageState, UserAction};
use crate::ui::words;

/// Draws the console of a mailbox.
pub(crate) fn console(
    mailbox: MailboxId,
    state: &PageState,
    dispatch: &Callback<UserAction>,
) -> Html {
    let console = &state.console;
    if console.phase != ConsolePhase::Closed && !console.is_open(mailbox) {
        return elsewhere(state, dispatch);
    }
    // The transcript stays readable after the session has ended.
    let is_own = console.mailbox == Some(mailbox);
    let was_open = is_own && (!console.log.blocks.is_empty() || console.problem.is_some());
    html! {
        <div class="console">
            if console.phase == ConsolePhase::Closed && (!is_own || console.log.blocks.is_empty()) {
                {introduction()}
            } else {
                {conversation(console)}
            }
            if console.phase == ConsolePhase::Closed {
                {closed(console, was_open, state, dispatch)}
            } else {
                {prompt(console, dispatch)}
            }
        </div>
    }
}

fn introduction() -> Html {
    html! {
        <div class="console-words">
            <h3 class="card-title">{words::INTRODUCTION_TITLE}</h3>
            <p>{words::INTRODUCTION}</p>
            <dl class="commands">
                {for words::COMMANDS.iter().map(|(command, meaning)| html! {
                    <div><dt>{*command}</dt><dd>{*meaning}</dd></div>
                })}
            </dl>
        </div>
    }
}

fn elsewhere(state: &PageState, dispatch: &Callback<UserAction>) -> Html {
    let mailbox = state.console.mailbox.and_then(|id| state.mailbox(id));
    let address = mailbox.map_or_else(String::new, words::mailbox_name);
    html! {
        <div class="console">
            <div class="console-words">
                <h3 class="card-title">{"The console is open for another mailbox"}</h3>
                <p>{"The console is in use for "}<strong>{address}</strong>{"."}</p>
            </div>
            <div class="console-end">
                {button("", None, "Close that console", act(dispatch, || UserAction::Console(ConsoleAction::Close)))}
            </div>
        </div>
    }
}

fn conversation(console: &ConsoleState) -> Html {
    html! {
        <div class="transcript console-log" role="log" aria-label={words::labels::CONSOLE} tabindex="0">
            <div>{said(&console.log)}</div>
        </div>
    }
}

fn closed(
    console: &ConsoleState,
    was_open: bool,
    state: &PageState,
    dispatch: &Callback<UserAction>,
) -> Html {
    let open = act(dispatch, || UserAction::Console(ConsoleAction::Open));
    let words = if was_open {
        "Open it again"
    } else {
        "Open the console"
    };
    html! {
        <div class="console-end">
            if was_open {
                if let Some(problem) = &console.problem {
                    <div class="problem" role="alert">{words_of(problem)}</div>
                    {sign_in_button(problem.kind, state, dispatch)}
                } else {
                    <p class="console-state" role="status">{words::SESSION_OVER}</p>
                }
            }
            <button
                id="console-open" class="button primary" type="button"
                disabled={!state.online} onclick={open}
            >
                {icon(Shape::Plug)}{words}
            </button>
        </div>
    }
}

fn prompt(console: &ConsoleState, dispatch: &Callback<UserAction>) -> Html {
    let typed = |event: &Event| {
        let target = event.target();
        target.and_then(|t| t.dyn_into::<HtmlInputElement>().ok())
    };
    let oninput = dispatch.reform(move |event: InputEvent| {
        let text = typed(&event).map(|input| input.value());
        UserAction::Console(ConsoleAction::Type(text.unwrap_or_default()))
    });
    let onchange = dispatch.reform(move |event: Event| {
        let several = typed(&event).is_some_and(|input| input.checked());
        UserAction::Console(ConsoleAction::SeveralLines(several))
    });
    let onsubmit = dispatch.reform(move |event: SubmitEvent| {
        event.prevent_default();
        UserAction::Console(ConsoleAction::Send)
    });
    let onkeydown = {
        let dispatch = dispatch.clone();
        Callback::from(move |event: KeyboardEvent| {
            let earlier = match event.key().as_str() {
                "ArrowUp" => true,
                "ArrowDown" => false,
                _ => return,
            };
            event.prevent_default();
            dispatch.emit(UserAction::Console(ConsoleAction::Recall { earlier }));
        })
    };
    let ready = console.phase == ConsolePhase::Ready;
    let state = words::console_state(console.phase, console.marked);
    let invalid = console.rejected.as_ref().map(|_| "true");
    html! {
        <form class="console-end" {onsubmit}>
            <p class={classes!("console-state", (console.marked > 0).then_some("is-warning"))} role="status">
                {state}
            </p>
            if console.phase != ConsolePhase::Opening {
                <div class={classes!("field", invalid.map(|_| "is-wrong"), "console-line")}>
                    <label class="visually-hidden" for="console-line">{"Command"}</label>
                    <input
                        id="console-line" type="text" value={console.line.clone()}
                        placeholder={words::COMMAND_EXAMPLE} autocomplete="off" autocapitalize="none"
                        spellcheck="false" enterkeyhint="send"
                        aria-invalid={invalid} aria-describedby="console-note"
                        {oninput} {onkeydown}
                    />
                    <button class="button primary" type="submit" aria-disabled={(!ready).then_some("true")}>
                        {"Send"}
                    </button>
                    <p id="console-note" class="field-note" role="alert">{console.rejected.as_ref().map(words::rejected_line)}</p>
                </div>
            }
            <div class="console-more">
                <div class="check">
                    <input
                        id="console-several" type="checkbox" checked={console.several_lines}
                        {onchange}
                    />
                    <label for="console-several">{"The answer has several lines"}</label>
                    <p class="field-note">{words::SEVERAL_LINES_HINT}</p>
                </div>
                {button("small", None, "Close the console", act(dispatch, || UserAction::Console(ConsoleAction::Close)))}
            </div>
        </form>
    }
}
