//! The bar at the top: name, search, and what a reader does most.

use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::icons::{Shape, icon};
use super::mark::wordmark;
use crate::ui::state::{Action, Engine, State};

/// How long the reader pauses before a search begins, in milliseconds.
const PAUSE: u32 = 150;

/// Draws the bar at the top.
pub(crate) fn header(state: &State, dispatch: &Callback<Action>) -> Html {
    let act = |action: Action| dispatch.reform(move |_: MouseEvent| action.clone());
    let checking = state.checks.is_running();
    let idle = matches!(state.engine, Engine::Ready(_)) && !checking;
    html! {
        <header class="head">
            <button
                id="menu" class="button icon-only head-menu" type="button" aria-label="Mailboxes"
                aria-expanded={state.drawer.to_string()} aria-controls="mailboxes"
                onclick={act(Action::Drawer(!state.drawer))}
            >
                {icon(Shape::Menu)}
            </button>
            {wordmark()}
            <SearchBox search={state.list.query.search.clone()} dispatch={dispatch.clone()} />
            <button
                class={classes!("button", "primary", "head-check", checking.then_some("is-busy"))}
                type="button" aria-label="Check mail" aria-disabled={(!idle).then_some("true")}
                onclick={act(Action::CheckMail)}
            >
                {icon(Shape::Check)}<span class="button-text">{"Check mail"}</span>
            </button>
            <button
                class="button head-add" type="button" aria-label="Add mailbox"
                onclick={act(Action::AddMailbox)}
            >
                {icon(Shape::Plus)}<span class="button-text">{"Add mailbox"}</span>
            </button>
        </header>
    }
}

/// Properties of a [`SearchBox`].
#[derive(Properties, PartialEq)]
struct SearchBoxProps {
    search: String,
    dispatch: Callback<Action>,
}

/// The search box: it searches when the reader pauses, and Escape clears it.
#[function_component]
fn SearchBox(props: &SearchBoxProps) -> Html {
    let typed = use_state(|| props.search.clone());
    let pause = use_mut_ref(|| None::<Timeout>);
    {
        // Another mailbox, or Back, begins without a search.
        let typed = typed.clone();
        use_effect_with(props.search.clone(), move |search| {
            typed.set(search.clone());
        });
    }
    let search = {
        let (typed, pause, dispatch) = (typed.clone(), pause.clone(), props.dispatch.clone());
        move |text: String, at_once: bool| {
            typed.set(text.clone());
            let dispatch = dispatch.clone();
            let wait = if at_once { 0 } else { PAUSE };
            let timeout = Timeout::new(wait, move || dispatch.emit(Action::Search(text)));
            // The timer before is dropped, and with it cancelled.
            *pause.borrow_mut() = Some(timeout);
        }
    };
    let oninput = {
        let search = search.clone();
        Callback::from(move |event: InputEvent| {
            let input = event
                .target()
                .and_then(|t| t.dyn_into::<HtmlInputElement>().ok());
            search(input.map(|i| i.value()).unwrap_or_default(), false);
        })
    };
    let onkeydown = {
        let (search, typed) = (search, typed.clone());
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Escape" => {
                event.prevent_default();
                search(String::new(), true);
            }
            "Enter" => {
                event.prevent_default();
                search((*typed).clone(), true);
            }
            _ => {}
        })
    };
    html! {
        <div class="search" role="search">
            {icon(Shape::Search)}
            <input
                id="search" type="search" aria-label="Search mail" placeholder="Search mail"
                autocomplete="off" spellcheck="false" value={(*typed).clone()} {oninput} {onkeydown}
            />
        </div>
    }
}
