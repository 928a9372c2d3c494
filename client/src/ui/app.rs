//! The root component: passes actions to the state, and performs the effects that the state
//! returns.

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use yew::html::Scope;
use yew::prelude::*;

use super::browser;
use super::engine_port::{EnginePort, Heard};
use super::pages;
use super::state::{Action, ConnectionWish, Effect, Focus, SignInWish, State};

/// The pause in typing after which a search starts, in milliseconds.
const PAUSE: u32 = 150;

/// The page.
pub(crate) struct App {
    state: State,
    engine: EnginePort,
    /// The element to focus after the page is drawn.
    focus: Option<Focus>,
    title: String,
    /// The search that starts when the user stops typing; the next key replaces it.
    search: Option<Timeout>,
    _listeners: Vec<EventListener>,
}

impl Component for App {
    type Message = Action;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let link = ctx.link();
        let engine = EnginePort::open(link.callback(|heard| match heard {
            Heard::Event(event) => Action::Engine(event),
            Heard::Lost => Action::EngineLost,
        }));
        link.send_message(Action::Begin {
            relay: browser::relay_address(),
        });
        ask_bridge(link.clone());
        let hear = |name: &'static str, action: fn() -> Action| {
            let link = link.clone();
            EventListener::new(&browser::window(), name, move |_| {
                link.send_message(action());
            })
        };
        let widened = browser::always_shows_mailboxes().map(|query| {
            let link = link.clone();
            EventListener::new(&query, "change", move |_| {
                link.send_message(Action::Widened);
            })
        });
        let mut listeners = vec![
            hear("popstate", || Action::WentTo(browser::route())),
            hear("online", || Action::Online(true)),
            hear("offline", || Action::Online(false)),
        ];
        listeners.extend(widened);
        Self {
            state: State::new(
                browser::route(),
                browser::expects_mailboxes(),
                browser::is_online(),
            ),
            engine,
            focus: None,
            title: String::new(),
            search: None,
            _listeners: listeners,
        }
    }

    fn update(&mut self, ctx: &Context<Self>, action: Action) -> bool {
        for effect in self.state.apply(action) {
            self.perform(ctx, effect);
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        pages::page(&self.state, &ctx.link().callback(|action| action))
    }

    fn rendered(&mut self, _ctx: &Context<Self>, _first: bool) {
        if self.state.dialog.is_some() {
            browser::raise_dialog();
        }
        if let Some(place) = self.focus.take() {
            browser::focus(place);
        }
        let title = self.state.title();
        if title != self.title {
            browser::entitle(&title);
            self.title = title;
        }
    }
}

impl App {
    fn perform(&mut self, ctx: &Context<Self>, effect: Effect) {
        match effect {
            Effect::Send(command) => self.engine.send(&command),
            Effect::Push(route) => browser::push(route),
            Effect::Replace(route) => browser::replace(route),
            Effect::GoBack => browser::go_back(),
            Effect::ExpectMailboxes(expected) => browser::expect_mailboxes(expected),
            Effect::Save {
                name,
                media_type,
                octets,
            } => {
                // If the browser refuses a download, it tells the user itself.
                _ = browser::save(&name, &media_type, &octets);
            }
            Effect::SearchSoon => {
                let link = ctx.link().clone();
                let timeout = Timeout::new(PAUSE, move || link.send_message(Action::Search));
                self.search = Some(timeout);
            }
            Effect::Copy(text) => {
                let link = ctx.link().clone();
                wasm_bindgen_futures::spawn_local(async move {
                    if browser::copy(&text).await {
                        link.send_message(Action::Connection(ConnectionWish::Copied));
                    }
                });
            }
            Effect::SignIn(credentials) => {
                let link = ctx.link().clone();
                wasm_bindgen_futures::spawn_local(async move {
                    let answer = browser::sign_in(&credentials).await;
                    link.send_message(Action::SignIn(SignInWish::Answered(answer)));
                });
            }
            Effect::AskBridge => ask_bridge(ctx.link().clone()),
            Effect::Focus(place) => self.focus = Some(place),
        }
    }
}

fn ask_bridge(link: Scope<App>) {
    wasm_bindgen_futures::spawn_local(async move {
        link.send_message(Action::Configured(browser::page_config().await));
    });
}
