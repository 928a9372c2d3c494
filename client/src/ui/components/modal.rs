//! A dialog in front of the page, which the browser keeps the focus in.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

/// Properties of a [`Modal`].
#[derive(Properties, PartialEq)]
pub(crate) struct ModalProps {
    pub(crate) title: AttrValue,
    #[prop_or_default]
    pub(crate) class: Classes,
    /// The dialog was closed by the reader.
    pub(crate) onclose: Callback<()>,
    pub(crate) children: Html,
}

/// A modal dialog.
#[function_component]
pub(crate) fn Modal(props: &ModalProps) -> Html {
    let dialog = use_node_ref();
    {
        let dialog = dialog.clone();
        use_effect_with((), move |()| {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                // Fails only for a dialog that is open already.
                _ = dialog.show_modal();
            }
        });
    }
    html! {
        <dialog
            ref={dialog} class={classes!("modal", props.class.clone())} aria-labelledby="modal-title"
            onclose={props.onclose.reform(|_: Event| ())}
        >
            <h2 id="modal-title" class="modal-title">{props.title.clone()}</h2>
            {props.children.clone()}
        </dialog>
    }
}
