//! The worker that runs the engine: receives commands by `onmessage`, sends events by `postMessage`.

use futures::channel::mpsc;
use gloo_events::EventListener;
use js_sys::{Array, Reflect, Uint8Array};
use serde::Serialize as _;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use super::platform::web::WebPlatform;
use crate::api::command::EngineCommand;
use crate::api::event::EngineEvent;
use crate::api::mail::MailEvent;
use crate::js_values;

/// Runs the engine for as long as the worker lives.
///
/// # Errors
/// If it is called outside a dedicated worker.
pub async fn run() -> Result<(), JsValue> {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().dyn_into()?;
    let (sender, commands) = mpsc::unbounded();
    let listener = EventListener::new(&scope, "message", move |event| {
        let command = event
            .dyn_ref::<MessageEvent>()
            .and_then(|event| js_values::read::<EngineCommand>(&event.data()).ok());
        if let Some(command) = command {
            // The engine keeps the receiver for as long as the worker lives.
            let _ = sender.unbounded_send(command);
        }
    });
    let page = scope.clone();
    let emit = move |event| post(&page, &event);
    super::run(WebPlatform::new(), commands, emit).await;
    drop(listener);
    Ok(())
}

/// Sends an event to the page. The bytes of a message are transferred, not copied.
fn post(scope: &DedicatedWorkerGlobalScope, event: &EngineEvent) {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    let serializer = serializer.serialize_bytes_as_arrays(false);
    let Ok(message) = event.serialize(&serializer) else {
        return;
    };
    let transfer = Array::new();
    if let EngineEvent::Mail(MailEvent::Bytes { .. }) = event
        && let Some(bytes) = bytes_of(&message)
    {
        transfer.push(&bytes.buffer());
    }
    // Posting fails only for values that cannot be cloned; events are plain data.
    let _ = scope.post_message_with_transfer(&message, &transfer);
}

/// Returns the bytes of a serialised [`MailEvent::Bytes`].
fn bytes_of(message: &JsValue) -> Option<Uint8Array> {
    let path = ["mail", "bytes", "bytes"];
    let bytes = path.iter().try_fold(message.clone(), |value, name| {
        Reflect::get(&value, &JsValue::from_str(name))
    });
    bytes.ok()?.dyn_into().ok()
}
