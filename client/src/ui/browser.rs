//! Access to the browser: history, focus, files, sign-in, and notes kept between visits.

use std::rc::Rc;

use js_sys::{Array, Function, Reflect, Uint8Array};
use restante_shared::page::{self, PageConfig, SignInCredentials};
use serde::Serialize as _;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, FocusOptions, Headers, HtmlAnchorElement, HtmlDialogElement,
    HtmlElement, RequestInit, Response, Url,
};

use super::route::Route;
use super::state::{Focus, SignInFailure};
use crate::api::ids::MailboxId;
use crate::js_values;

/// The key of the note that mailboxes exist. With it, the next visit starts with placeholders for
/// mail.
const EXPECTS_MAILBOXES: &str = "restante.expects-mailboxes";

/// Returns the window of the page.
pub(crate) fn window() -> web_sys::Window {
    gloo_utils::window()
}

/// Returns the WebSocket address of the relay, which is beside the page.
pub(crate) fn relay_address() -> String {
    let location = window().location();
    let scheme = match location.protocol().as_deref() {
        Ok("https:") => "wss",
        Ok(_) | Err(_) => "ws",
    };
    let path = location.pathname().unwrap_or_default();
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let host = location.host().unwrap_or_default();
    format!("{scheme}://{host}{folder}{}", restante_shared::relay::PATH)
}

/// Returns the route in the page's address.
pub(crate) fn route() -> Route {
    Route::from_hash(&window().location().hash().unwrap_or_default())
}

/// Adds an entry to the history.
pub(crate) fn push(route: Route) {
    if let Ok(history) = window().history() {
        // Browsers refuse this only after hundreds of calls within seconds.
        _ = history.push_state_with_url(&JsValue::NULL, "", Some(&address(route)));
    }
}

/// Replaces the current entry of the history.
pub(crate) fn replace(route: Route) {
    if let Ok(history) = window().history() {
        _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address(route)));
    }
}

/// Goes one entry of the page back in the history. Links to places in a mail add entries of its
/// frame, which only the Navigation API skips; older browsers go through them.
pub(crate) fn go_back() {
    let get = |object: &JsValue, name: &str| Reflect::get(object, &name.into()).ok();
    if let Some(navigation) = get(&window(), "navigation").filter(JsValue::is_object)
        && let Some(back) = get(&navigation, "back")
        && let Some(back) = back.dyn_ref::<Function>()
        && back.call0(&navigation).is_ok()
    {
        return;
    }
    if let Ok(history) = window().history() {
        _ = history.back();
    }
}

/// Returns the address of a route: the page's own address for the default route.
fn address(route: Route) -> String {
    let location = window().location();
    let path = location.pathname().unwrap_or_default();
    let search = location.search().unwrap_or_default();
    match route.to_hash().as_str() {
        "#" => format!("{path}{search}"),
        hash => format!("{path}{search}{hash}"),
    }
}

/// Reloads the page.
pub(crate) fn reload() {
    _ = window().location().reload();
}

/// Returns true if the device has a network, as far as the browser knows.
pub(crate) fn is_online() -> bool {
    window().navigator().on_line()
}

/// Returns the media query for a page that is wide enough to always show the mailbox pane. The
/// style sheet has the same width.
pub(crate) fn always_shows_mailboxes() -> Option<web_sys::MediaQueryList> {
    window().match_media("(min-width: 75rem)").ok().flatten()
}

/// Sets the title of the browser's tab.
pub(crate) fn entitle(title: &str) {
    gloo_utils::document().set_title(title);
}

/// Returns true if mailboxes existed at the last visit.
pub(crate) fn expects_mailboxes() -> bool {
    let storage = window().local_storage().ok().flatten();
    storage.is_some_and(|s| s.get_item(EXPECTS_MAILBOXES).ok().flatten().is_some())
}

/// Notes whether mailboxes exist. Without storage, every visit starts with the first-run page.
pub(crate) fn expect_mailboxes(expected: bool) {
    if let Some(storage) = window().local_storage().ok().flatten() {
        _ = match expected {
            true => storage.set_item(EXPECTS_MAILBOXES, "yes"),
            false => storage.remove_item(EXPECTS_MAILBOXES),
        };
    }
}

/// The key of the note with the server whose results about senders are trusted for a mailbox.
fn trust_key(mailbox: MailboxId) -> String {
    format!("restante.trusts.{}", mailbox.0)
}

/// Returns the server whose results about senders are trusted for a mailbox.
pub(crate) fn trusted_server(mailbox: MailboxId) -> Option<String> {
    let storage = window().local_storage().ok().flatten()?;
    storage.get_item(&trust_key(mailbox)).ok().flatten()
}

/// Records that the results of a server are trusted. Without storage, it is asked again.
pub(crate) fn trust_server(mailbox: MailboxId, server: &str) {
    if let Some(storage) = window().local_storage().ok().flatten() {
        _ = storage.set_item(&trust_key(mailbox), server);
    }
}

/// Asks the user to confirm. Returns true if the user does.
pub(crate) fn confirm(question: &str) -> bool {
    window().confirm_with_message(question).unwrap_or(false)
}

/// Returns the real host of a web address, in ASCII.
pub(crate) fn host_of(address: &str) -> String {
    Url::new(address).map_or_else(|_| String::new(), |url| url.host())
}

/// Moves the keyboard's focus without scrolling, because the list scrolls itself. Only form fields
/// scroll into view.
pub(crate) fn focus(place: Focus) {
    let selector = match place {
        Focus::Field(field) => format!("#{}", field.id()),
        Focus::Heading => "#connection-title, .list-title, .welcome h1".to_owned(),
        Focus::Message { if_lost: true } | Focus::Attempt { .. } | Focus::Console
            if focus_is_seen() =>
        {
            return;
        }
        Focus::Message { .. } => "article h2".to_owned(),
        Focus::Attempt { demo: true } => ".demo button".to_owned(),
        Focus::Attempt { demo: false } => ".form-end button".to_owned(),
        Focus::Row => "[role=row][tabindex='0']".to_owned(),
        Focus::Mailboxes => "#mailboxes [aria-current], #mailboxes button".to_owned(),
        Focus::Tab => ".tab[aria-selected=true]".to_owned(),
        Focus::Console => "#console-line, #console-open".to_owned(),
        Focus::Menu => "#menu".to_owned(),
        Focus::SignIn => "#sign-in-secret".to_owned(),
    };
    let found = gloo_utils::document().query_selector(&selector);
    if let Some(element) = found
        .ok()
        .flatten()
        .and_then(|e| e.dyn_into::<HtmlElement>().ok())
    {
        let options = FocusOptions::new();
        options.set_prevent_scroll(!matches!(place, Focus::Field(_)));
        _ = element.focus_with_options(&options);
    }
}

/// Opens the dialog that was drawn, unless it is open already.
pub(crate) fn raise_dialog() {
    let found = gloo_utils::document().query_selector("dialog:not([open])");
    if let Some(dialog) = found
        .ok()
        .flatten()
        .and_then(|d| d.dyn_into::<HtmlDialogElement>().ok())
    {
        // Fails only for a dialog that is already open.
        _ = dialog.show_modal();
    }
}

/// Returns true if the focused element is visible.
fn focus_is_seen() -> bool {
    let focused = gloo_utils::document().active_element();
    let focused = focused.and_then(|e| e.dyn_into::<HtmlElement>().ok());
    focused.is_some_and(|e| e.tag_name() != "BODY" && e.offset_parent().is_some())
}

/// Returns true if the page can write to the clipboard, which needs a secure context.
pub(crate) fn can_copy() -> bool {
    window().is_secure_context()
}

/// Copies text to the clipboard. Returns false if the browser does not allow it.
pub(crate) async fn copy(text: &str) -> bool {
    can_copy()
        && JsFuture::from(window().navigator().clipboard().write_text(text))
            .await
            .is_ok()
}

/// The media type of every download. The address of a blob belongs to the page's origin, so a blob
/// of a type that the sender chose, such as HTML or SVG, could run scripts with access to the mail.
const DOWNLOAD: &str = "application/octet-stream";

/// Offers a file to the user as a download.
pub(crate) fn save(name: &str, bytes: &Rc<[u8]>) -> Result<(), JsValue> {
    let parts = Array::of1(&Uint8Array::from(bytes.as_ref()));
    let options = BlobPropertyBag::new();
    options.set_type(DOWNLOAD);
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let anchor: HtmlAnchorElement = gloo_utils::document().create_element("a")?.dyn_into()?;
    anchor.set_href(&url);
    anchor.set_download(name);
    anchor.click();
    // The download holds the blob itself once the click has been handled.
    gloo_timers::callback::Timeout::new(60_000, move || {
        _ = Url::revoke_object_url(&url);
    })
    .forget();
    Ok(())
}

/// Asks the bridge for its configuration. If the bridge does not answer, the default applies:
/// nothing is offered.
pub(crate) async fn page_config() -> PageConfig {
    fetch_config().await.unwrap_or_default()
}

async fn fetch_config() -> Option<PageConfig> {
    let answer = JsFuture::from(window().fetch_with_str(page::PATH))
        .await
        .ok()?;
    let answer: Response = answer.dyn_into().ok()?;
    if !answer.ok() {
        return None;
    }
    let json = JsFuture::from(answer.json().ok()?).await.ok()?;
    js_values::read(&json).ok()
}

/// Signs in to the bridge. The browser stores the cookie of the answer; no script sees it.
pub(crate) async fn sign_in(credentials: &SignInCredentials) -> Result<(), SignInFailure> {
    let answer = post_credentials(credentials).await;
    let answer = answer.map_err(|_| SignInFailure::Unreachable)?;
    match answer.status() {
        204 => Ok(()),
        401 => Err(SignInFailure::Wrong),
        _ => {
            let pause = answer.headers().get("retry-after").ok().flatten();
            let seconds = pause.and_then(|text| text.parse().ok());
            Err(seconds.map_or(SignInFailure::Unreachable, SignInFailure::Later))
        }
    }
}

async fn post_credentials(credentials: &SignInCredentials) -> Result<Response, JsValue> {
    let object = credentials.serialize(&serde_wasm_bindgen::Serializer::new())?;
    let headers = Headers::new()?;
    headers.set("content-type", "application/json")?;
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_headers(&headers);
    request.set_body(&js_sys::JSON::stringify(&object)?.into());
    let answer = window().fetch_with_str_and_init(page::SIGN_IN_PATH, &request);
    JsFuture::from(answer).await?.dyn_into()
}

/// Registers the service worker, which keeps the build for offline use. Release builds only: a
/// developer's reload must show the last change.
#[cfg(not(debug_assertions))]
pub(crate) fn keep_for_offline() {
    // Without a secure context there are no service workers, and the page works online only.
    if window().is_secure_context() {
        let registered = window().navigator().service_worker().register("sw.js");
        wasm_bindgen_futures::spawn_local(async {
            // If this fails, the next visit tries again.
            _ = JsFuture::from(registered).await;
        });
    }
}

/// Does nothing in debug builds.
#[cfg(debug_assertions)]
pub(crate) fn keep_for_offline() {}
