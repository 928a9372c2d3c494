//! The root component: passes actions to the state, and performs the effects that the state
//! returns.

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use yew::html::Scope;
use yew::prelude::*;

use super::browser;
use super::engine_port::EnginePort;
use super::list_frame::ListFrame;
use super::pages;
use super::state::{Action, BridgeEvent, BrowserEvent, Effect, Focus, PageState, UserAction};

/// The pause in typing after which a search starts, in milliseconds.
const PAUSE: u32 = 150;

/// The page.
pub(crate) struct App {
    state: PageState,
    engine: EnginePort,
    list: ListFrame,
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
        let engine = EnginePort::open(link.callback(Action::Engine));
        link.send_message(Action::Browser(BrowserEvent::Started {
            relay: browser::relay_address(),
        }));
        ask_bridge(link.clone());
        let listen = |name: &'static str, event: fn() -> BrowserEvent| {
            let link = link.clone();
            EventListener::new(&browser::window(), name, move |_| {
                link.send_message(Action::Browser(event()));
            })
        };
        let widened = browser::always_shows_mailboxes().map(|query| {
            let link = link.clone();
            EventListener::new(&query, "change", move |_| {
                link.send_message(Action::Browser(BrowserEvent::Widened));
            })
        });
        let mut listeners = vec![
            listen("popstate", || BrowserEvent::WentTo(browser::route())),
            listen("online", || BrowserEvent::Online(true)),
            listen("offline", || BrowserEvent::Online(false)),
        ];
        listeners.extend(widened);
        Self {
            state: PageState::new(
                browser::route(),
                browser::expects_mailboxes(),
                browser::is_online(),
            ),
            engine,
            list: ListFrame::new(link.callback(Action::User)),
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
        pages::page(&self.state, &self.list, &ctx.link().callback(Action::User))
    }

    fn rendered(&mut self, _ctx: &Context<Self>, _first: bool) {
        self.list.follow(&self.state.list);
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
            Effect::TrustServer(mailbox, server) => browser::trust_server(mailbox, &server),
            Effect::Save { name, bytes } => {
                // If the browser refuses a download, it tells the user itself.
                _ = browser::save(&name, &bytes);
            }
            Effect::SearchSoon => {
                let link = ctx.link().clone();
                let timeout = Timeout::new(PAUSE, move || {
                    link.send_message(Action::User(UserAction::Search));
                });
                self.search = Some(timeout);
            }
            Effect::Copy(text) => {
                let link = ctx.link().clone();
                wasm_bindgen_futures::spawn_local(async move {
                    if browser::copy(&text).await {
                        link.send_message(Action::Browser(BrowserEvent::Copied));
                    }
                });
            }
            Effect::SignIn(credentials) => {
                let link = ctx.link().clone();
                wasm_bindgen_futures::spawn_local(async move {
                    let result = browser::sign_in(&credentials).await;
                    link.send_message(Action::Bridge(BridgeEvent::SignedIn(result)));
                });
            }
            Effect::AskBridge => ask_bridge(ctx.link().clone()),
            Effect::Focus(place) => self.focus = Some(place),
        }
    }
}

fn ask_bridge(link: Scope<App>) {
    wasm_bindgen_futures::spawn_local(async move {
        let config = browser::page_config().await;
        link.send_message(Action::Bridge(BridgeEvent::Configured(config)));
    });
}
