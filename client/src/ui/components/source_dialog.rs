//! The dialog that shows a message as the server sent it.

use std::rc::Rc;

use yew::prelude::*;

use super::icons::{Icon, Shape};
use super::modal::Modal;
use crate::ui::figures::octets as size;
use crate::ui::state::Action;

/// Octets of a source that are drawn; the rest is in the file.
const DRAWN: usize = 200_000;

/// Properties of a [`SourceDialog`].
#[derive(Properties, PartialEq)]
pub(crate) struct SourceDialogProps {
    pub(crate) octets: Option<Rc<[u8]>>,
    pub(crate) dispatch: Callback<Action>,
}

/// The source of a message.
#[function_component]
pub(crate) fn SourceDialog(props: &SourceDialogProps) -> Html {
    let close = props.dispatch.reform(|()| Action::CloseDialog);
    let shut = props.dispatch.reform(|_: MouseEvent| Action::CloseDialog);
    let save = props.dispatch.reform(|_: MouseEvent| Action::SaveSource);
    html! {
        <Modal title="Message source" class="modal-wide" onclose={close}>
            if let Some(octets) = &props.octets {
                {source(octets)}
            } else {
                <p>{"Loading\u{2026}"}</p>
            }
            <div class="modal-end">
                <button
                    class="button" type="button" disabled={props.octets.is_none()} onclick={save}
                >
                    <Icon shape={Shape::Download} />{"Download .eml"}
                </button>
                <button class="button primary" type="button" onclick={shut}>{"Close"}</button>
            </div>
        </Modal>
    }
}

fn source(octets: &[u8]) -> Html {
    let drawn = octets.get(..DRAWN).unwrap_or(octets);
    let text = String::from_utf8_lossy(drawn).into_owned();
    html! {
        <>
            <pre class="source" tabindex="0" aria-label="Source">{text}</pre>
            <p class="detail">
                {size(octets.len() as u64)}
                if drawn.len() < octets.len() {
                    {format!(", of which the first {} are shown", size(drawn.len() as u64))}
                }
            </p>
        </>
    }
}
