//! The page's connection to the engine: a dedicated worker that receives commands and reports
//! events.
//!
//! No library is used, because the worker's `error` event must be seen: it is the only sign that
//! the engine's code failed to load or crashed.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::EventListener;
use serde::Serialize as _;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{MessageEvent, Worker};
use yew::Callback;

use crate::api::command::EngineCommand;
use crate::api::event::EngineEvent;
use crate::js_values;
use crate::ui::state::EngineReport;

/// The loader script, which Trunk writes beside the engine's module.
const SCRIPT: &str = "engine_loader.js";

/// A connection to the engine. Dropping it ends the worker.
pub(crate) struct EnginePort {
    worker: Option<Rc<EngineWorker>>,
    _listeners: Vec<EventListener>,
}

/// The worker of the engine, and the commands that it cannot receive yet.
struct EngineWorker {
    worker: Worker,
    /// Commands held back until the engine listens; absent from then on.
    waiting: RefCell<Option<Vec<JsValue>>>,
}

impl EnginePort {
    /// Starts the engine.
    pub(crate) fn open(report: Callback<EngineReport>) -> Self {
        let Ok(worker) = Worker::new(SCRIPT) else {
            report.emit(EngineReport::Lost);
            return Self {
                worker: None,
                _listeners: Vec::new(),
            };
        };
        let shared = Rc::new(EngineWorker {
            worker: worker.clone(),
            waiting: RefCell::new(Some(Vec::new())),
        });
        let on_message = EventListener::new(&worker, "message", {
            let (shared, report) = (Rc::clone(&shared), report.clone());
            move |event| {
                let Some(event) = event.dyn_ref::<MessageEvent>() else {
                    return;
                };
                match js_values::read(&event.data()) {
                    Ok(event) => {
                        if matches!(event, EngineEvent::Listening) {
                            shared.release();
                        }
                        report.emit(EngineReport::Event(event));
                    }
                    // The engine is of another build than the page. Only reloading both helps.
                    Err(_) => report.emit(EngineReport::Lost),
                }
            }
        });
        let on_error =
            EventListener::new(&worker, "error", move |_| report.emit(EngineReport::Lost));
        Self {
            worker: Some(shared),
            _listeners: vec![on_message, on_error],
        }
    }

    /// Sends a command, as soon as the engine listens.
    pub(crate) fn send(&self, command: &EngineCommand) {
        let Some(worker) = &self.worker else { return };
        let serializer = serde_wasm_bindgen::Serializer::new();
        if let Ok(command) = command.serialize(&serializer) {
            worker.send(command);
        }
    }
}

impl Drop for EnginePort {
    fn drop(&mut self) {
        if let Some(shared) = &self.worker {
            shared.worker.terminate();
        }
    }
}

impl EngineWorker {
    fn send(&self, command: JsValue) {
        match self.waiting.borrow_mut().as_mut() {
            Some(waiting) => waiting.push(command),
            // Posting fails only for values that cannot be cloned; commands are plain data.
            None => _ = self.worker.post_message(&command),
        }
    }

    fn release(&self) {
        let waiting = self.waiting.borrow_mut().take();
        waiting.into_iter().flatten().for_each(|c| self.send(c));
    }
}
