//! The start of the page.

use super::{app, browser};

/// Replaces the document's static shell with the page, and starts the engine.
pub fn run() {
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    browser::keep_for_offline();
    let shell = gloo_utils::document().get_element_by_id("app");
    if let Some(shell) = shell {
        shell.set_inner_html("");
        yew::Renderer::<app::App>::with_root(shell).render();
    }
}
