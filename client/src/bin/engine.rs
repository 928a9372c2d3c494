//! The engine's binary: what runs in the dedicated worker.

fn main() {
    #[cfg(target_arch = "wasm32")]
    {
        console_error_panic_hook::set_once();
        wasm_bindgen_futures::spawn_local(async {
            if let Err(error) = restante_client::engine::worker::run().await {
                // The page learns of it by the worker's error event.
                wasm_bindgen::throw_val(error);
            }
        });
    }
}
