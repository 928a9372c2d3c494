//! The vault of the worker: WebCrypto's AES-GCM, with a key in IndexedDB that no script can read.

use futures::channel::oneshot;
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AesGcmParams, Crypto, CryptoKey, IdbDatabase, IdbObjectStore, IdbOpenDbRequest, IdbRequest,
    IdbTransactionMode, WorkerGlobalScope,
};

use super::Vault;

/// The database, its only object store, and the key's name in it.
const DATABASE: &str = "restante-vault";
const KEYS: &str = "keys";
const NAME: &str = "passwords";

/// The length of the initialisation vector that precedes the sealed bytes ([SP 800-38D §8.2]).
const IV_OCTETS: usize = 12;

/// A vault of the browser.
#[derive(Debug)]
pub struct WebVault(Option<(Crypto, CryptoKey)>);

impl WebVault {
    /// Returns the vault of this origin, with a new key at the first call. Without a secure context
    /// or IndexedDB, the vault has no key.
    pub async fn open() -> Self {
        Self(key().await.ok())
    }
}

impl Vault for WebVault {
    async fn seal(&self, secret: &[u8], purpose: &[u8]) -> Option<Vec<u8>> {
        let (crypto, key) = self.0.as_ref()?;
        let mut iv = [0; IV_OCTETS];
        crypto.get_random_values_with_u8_array(&mut iv).ok()?;
        let params = params(&iv, purpose);
        let sealed = crypto
            .subtle()
            .encrypt_with_object_and_u8_array(&params, key, secret);
        let sealed = JsFuture::from(sealed.ok()?).await.ok()?;
        Some([&iv[..], &Uint8Array::new(&sealed).to_vec()].concat())
    }

    async fn unseal(&self, sealed: &[u8], purpose: &[u8]) -> Option<Vec<u8>> {
        let (crypto, key) = self.0.as_ref()?;
        let (iv, sealed) = sealed.split_first_chunk::<IV_OCTETS>()?;
        let params = params(iv, purpose);
        let secret = crypto
            .subtle()
            .decrypt_with_object_and_u8_array(&params, key, sealed);
        let secret = JsFuture::from(secret.ok()?).await.ok()?;
        Some(Uint8Array::new(&secret).to_vec())
    }
}

fn params(iv: &[u8], purpose: &[u8]) -> AesGcmParams {
    let params = AesGcmParams::new("AES-GCM", &Uint8Array::from(iv));
    params.set_additional_data(&Uint8Array::from(purpose));
    params
}

/// Returns the key of this origin, which is created once.
async fn key() -> Result<(Crypto, CryptoKey), JsValue> {
    let scope: WorkerGlobalScope = js_sys::global().dyn_into()?;
    let crypto = scope.crypto()?;
    let factory = scope.indexed_db()?.ok_or(JsValue::NULL)?;
    let opening = factory.open_with_u32(DATABASE, 1)?;
    let database: IdbDatabase = opened(&opening).await?.dyn_into()?;
    let stored = answer(&keys(&database, IdbTransactionMode::Readonly)?.get(&NAME.into())?).await?;
    if let Ok(key) = stored.dyn_into() {
        return Ok((crypto, key));
    }
    // Without a secure context there is no `subtle`, and the call throws.
    let usages = Array::of2(&"encrypt".into(), &"decrypt".into());
    let algorithm = Object::new();
    Reflect::set(&algorithm, &"name".into(), &"AES-GCM".into())?;
    Reflect::set(&algorithm, &"length".into(), &256.into())?;
    let extractable = false;
    let subtle = crypto.subtle();
    if subtle.is_undefined() {
        return Err(JsValue::NULL);
    }
    let made = subtle.generate_key_with_object(&algorithm, extractable, &usages)?;
    let key: CryptoKey = JsFuture::from(made).await?.dyn_into()?;
    let keys = keys(&database, IdbTransactionMode::Readwrite)?;
    answer(&keys.put_with_key(&key, &NAME.into())?).await?;
    Ok((crypto, key))
}

fn keys(database: &IdbDatabase, mode: IdbTransactionMode) -> Result<IdbObjectStore, JsValue> {
    database
        .transaction_with_str_and_mode(KEYS, mode)?
        .object_store(KEYS)
}

/// Waits for the database, and creates the object store in a new one.
async fn opened(request: &IdbOpenDbRequest) -> Result<JsValue, JsValue> {
    let opening = request.clone();
    let upgrade = Closure::once(move || {
        // Fails only if the store exists.
        let database = opening.result().and_then(JsCast::dyn_into::<IdbDatabase>);
        let _ = database.and_then(|database| database.create_object_store(KEYS));
    });
    request.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
    answer(request).await
}

/// Waits for the answer to a request.
async fn answer(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let (answer, answered) = oneshot::channel();
    let done = Closure::once(move |_: JsValue| {
        _ = answer.send(());
    });
    request.set_onsuccess(Some(done.as_ref().unchecked_ref()));
    request.set_onerror(Some(done.as_ref().unchecked_ref()));
    _ = answered.await;
    request.set_onsuccess(None);
    request.set_onerror(None);
    request.result()
}
