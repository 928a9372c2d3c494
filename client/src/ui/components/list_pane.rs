//! The pane of the message list: what is listed, the list, and what to say when it is empty.

use std::rc::Rc;

use yew::prelude::*;

use super::icons::{Icon, Shape};
use super::message_list::MessageList;
use crate::engine::event::{Mailbox, MailboxId, MessageId};
use crate::ui::figures::things;
use crate::ui::state::{Action, List};

/// Properties of a [`ListPane`].
#[derive(Properties, PartialEq)]
pub(crate) struct ListPaneProps {
    pub(crate) list: Rc<List>,
    pub(crate) mailboxes: Rc<[Mailbox]>,
    pub(crate) chosen: Option<MailboxId>,
    /// The message in the reader.
    pub(crate) open: Option<MessageId>,
    pub(crate) checking: bool,
    pub(crate) dispatch: Callback<Action>,
}

/// The pane of the message list.
#[function_component]
pub(crate) fn ListPane(props: &ListPaneProps) -> Html {
    let list = &props.list;
    let searching = !list.query.search.trim().is_empty();
    html! {
        <section class="list-pane" aria-labelledby="list-title">
            <div class="list-head">
                <h2 id="list-title" class="list-title" tabindex="-1">{title(props, searching)}</h2>
                <p class="list-count">{how_many(list, searching)}</p>
            </div>
            <div class="list-body">
                <MessageList
                    list={list.clone()}
                    open={props.open}
                    dispatch={props.dispatch.clone()}
                />
                if list.total == Some(0) {
                    {nothing(searching, props.checking)}
                }
            </div>
        </section>
    }
}

fn title(props: &ListPaneProps, searching: bool) -> String {
    let chosen = props.mailboxes.iter().find(|m| Some(m.id) == props.chosen);
    match (searching, chosen, props.mailboxes.as_ref()) {
        (true, _, _) => "Search results".to_owned(),
        (false, Some(mailbox), _) => mailbox.settings.address.clone(),
        (false, None, [only]) => only.settings.address.clone(),
        (false, None, _) => "All mail".to_owned(),
    }
}

fn how_many(list: &List, searching: bool) -> String {
    match (list.total, searching) {
        (None | Some(0), _) => String::new(),
        (Some(total), false) => things(total.into(), "message"),
        (Some(total), true) => format!("{} found", things(total.into(), "message")),
    }
}

fn nothing(searching: bool, checking: bool) -> Html {
    let (title, text) = match (searching, checking) {
        (true, _) => (
            "Nothing found",
            "No message here has all of these words. Fewer or shorter words find more.",
        ),
        (false, true) => ("Fetching your mail", "Messages show here as they arrive."),
        (false, false) => (
            "No mail yet",
            "When the mail server has something for you, Check mail brings it here.",
        ),
    };
    html! {
        <div class="empty">
            <Icon shape={if searching { Shape::Search } else { Shape::Tray }} />
            <p class="empty-title">{title}</p>
            <p>{text}</p>
        </div>
    }
}
