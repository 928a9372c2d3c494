//! A labelled form field with its hint and its error.

use wasm_bindgen::JsCast as _;
use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

/// Properties of a text field.
#[derive(Default)]
pub(crate) struct TextField {
    /// The `id` of the field, unique in the document.
    pub(crate) id: &'static str,
    pub(crate) label: &'static str,
    pub(crate) value: AttrValue,
    /// The `type` of the input; a text area if absent.
    pub(crate) kind: Option<&'static str>,
    pub(crate) hint: Option<&'static str>,
    pub(crate) error: Option<&'static str>,
    pub(crate) placeholder: &'static str,
    /// The value of `autocomplete`; off if empty.
    pub(crate) autocomplete: &'static str,
    pub(crate) inputmode: Option<&'static str>,
    pub(crate) class: Classes,
    pub(crate) readonly: bool,
    pub(crate) oninput: Callback<String>,
    pub(crate) onleave: Callback<()>,
}

/// Draws a text field.
pub(crate) fn text_field(props: &TextField) -> Html {
    let autocomplete = match props.autocomplete {
        "" => "off",
        form => form,
    };
    let oninput = props.oninput.reform(|event: InputEvent| {
        let target = event.target();
        let input = target
            .as_ref()
            .and_then(|t| t.dyn_ref::<HtmlInputElement>());
        let area = target
            .as_ref()
            .and_then(|t| t.dyn_ref::<HtmlTextAreaElement>());
        let value = input.map(HtmlInputElement::value);
        value
            .or_else(|| area.map(HtmlTextAreaElement::value))
            .unwrap_or_default()
    });
    let onblur = props.onleave.reform(|_: FocusEvent| ());
    let note = format!("{}-note", props.id);
    let text = props.error.or(props.hint);
    let described = text.map(|_| AttrValue::from(note.clone()));
    let invalid = props.error.map(|_| "true");
    html! {
        <div class={classes!("field", props.class.clone(), props.error.map(|_| "is-wrong"))}>
            <label for={props.id}>{props.label}</label>
            if let Some(kind) = props.kind {
                <input
                    id={props.id}
                    type={kind}
                    value={props.value.clone()}
                    placeholder={props.placeholder}
                    {autocomplete}
                    autocapitalize="none"
                    spellcheck="false"
                    inputmode={props.inputmode}
                    readonly={props.readonly}
                    aria-describedby={described}
                    aria-invalid={invalid}
                    {oninput}
                    {onblur}
                />
            } else {
                <textarea
                    id={props.id}
                    value={props.value.clone()}
                    placeholder={props.placeholder}
                    rows="1"
                    spellcheck="false"
                    autocomplete="off"
                    readonly={props.readonly}
                    aria-describedby={described}
                    aria-invalid={invalid}
                    {oninput}
                    {onblur}
                />
            }
            <p id={note} class="field-note">{text.unwrap_or_default()}</p>
        </div>
    }
}
