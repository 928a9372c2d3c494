//! The page's state, without a browser: actions go in, the state changes, effects come out.
//!
//! [`PageState::apply`] is the only entry. Each source of actions has an enum of its own (the user,
//! the engine, the browser and the bridge), and each enum is handled in one place.

mod action;
mod bridge;
mod browser;
mod checks;
mod connection;
mod console;
mod dialog;
mod effect;
mod engine_events;
mod form;
mod list;
mod navigation;
mod notice;
mod page;
mod page_state;
mod reading;
mod sign_in;
mod submission;
mod user_actions;

pub use action::{Action, BridgeEvent, BrowserEvent, EngineReport, UserAction};
pub use checks::CheckStatus;
pub use connection::{ConnectionAction, ConnectionView, SessionView, Tab};
pub use console::{ConsoleAction, ConsolePhase, ConsoleState};
pub use dialog::Dialog;
pub use effect::{Effect, Focus};
pub use form::{Attempt, Edit, Failure, Field, FieldError, MailboxForm, demo_settings};
pub use list::ListState;
pub use notice::Notice;
pub use page::Page;
pub use page_state::{EngineStatus, PageState};
pub use reading::ReadingPane;
pub use sign_in::{SignInAction, SignInDialog, SignInFailure};

#[cfg(test)]
mod tests;
