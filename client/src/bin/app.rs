//! The page's program.

#[cfg(target_arch = "wasm32")]
fn main() {
    restante_client::ui::run();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    // The page needs a browser: `cargo xtask demo` builds it for one.
}
