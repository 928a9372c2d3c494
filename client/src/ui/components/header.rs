//! The bar at the top: the name, the search box and the most frequent commands.

use wasm_bindgen::JsCast as _;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::button::{act, click};
use super::icons::{Shape, icon};
use super::mark::wordmark;
use crate::ui::state::{EngineStatus, PageState, UserAction};
use crate::ui::words;

/// Draws the bar at the top.
pub(crate) fn header(state: &PageState, dispatch: &Callback<UserAction>) -> Html {
    let open = state.drawer;
    let checking = state.checks.is_running();
    let idle = matches!(state.engine, EngineStatus::Ready(_)) && !checking;
    html! {
        <header class="head" inert={open}>
            <button
                id="menu" class="button icon-only head-menu" type="button" aria-label={words::labels::MAILBOXES}
                aria-expanded={state.drawer.to_string()} aria-controls="mailboxes"
                onclick={click(dispatch, UserAction::Drawer, !open)}
            >
                {icon(Shape::Menu)}
            </button>
            {wordmark()}
            {search_box(&state.search, dispatch)}
            <button
                class={classes!("button", "primary", "head-check", checking.then_some("is-busy"))}
                type="button" aria-label={words::labels::CHECK_MAIL} aria-disabled={(!idle).then_some("true")}
                onclick={act(dispatch, || UserAction::CheckMail)}
            >
                {icon(Shape::Check)}<span class="button-text">{words::labels::CHECK_MAIL}</span>
            </button>
            <button
                class="button head-add" type="button" aria-label={words::labels::ADD_MAILBOX}
                onclick={act(dispatch, || UserAction::AddMailbox)}
            >
                {icon(Shape::Plus)}<span class="button-text">{words::labels::ADD_MAILBOX}</span>
            </button>
        </header>
    }
}

/// Draws the search box. A search starts when the user stops typing; Escape clears the box.
fn search_box(search: &str, dispatch: &Callback<UserAction>) -> Html {
    let oninput = dispatch.reform(|event: InputEvent| {
        let input = event
            .target()
            .and_then(|t| t.dyn_into::<HtmlInputElement>().ok());
        UserAction::TypeSearch(input.map(|input| input.value()).unwrap_or_default())
    });
    let dispatch = dispatch.clone();
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        match event.key().as_str() {
            "Escape" => dispatch.emit(UserAction::TypeSearch(String::new())),
            "Enter" => {}
            _ => return,
        }
        event.prevent_default();
        dispatch.emit(UserAction::Search);
    });
    html! {
        <div class="search" role="search">
            {icon(Shape::Search)}
            <input
                id="search" type="search" aria-label={words::labels::SEARCH_MAIL}
                placeholder={words::labels::SEARCH_MAIL}
                autocomplete="off" spellcheck="false" value={search.to_owned()}
                {oninput} {onkeydown}
            />
        </div>
    }
}
