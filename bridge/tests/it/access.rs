//! Authentication for the relay: every method, and every refusal.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::http;
use hyper_util::rt::TokioIo;
use restante_bridge::Settings;
use restante_bridge::access::{AccessMethods, Tokens, Users, hash_line};
use restante_bridge::client_address::Proxies;
use restante_bridge::origin::TlsMode;
use restante_shared::page::PageConfig;
use restante_shared::relay::CloseCode;
use tokio::net::TcpStream;

use crate::log::CapturedLog;
use crate::world::{Names, TestBridge, TestTarget, field, load_config, within};

const TOKEN: &str = "a-token-of-the-tests";
const PASSWORD: &str = "correct horse";

fn write(folder: &Path, name: &str, text: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

fn tokens(text: &str) -> Tokens {
    let folder = tempfile::tempdir().unwrap();
    Tokens::read(&write(folder.path(), "tokens", text)).unwrap()
}

/// Returns the line of a user `reader` with this password. Its hash differs each time.
fn users(password: &str) -> Users {
    let folder = tempfile::tempdir().unwrap();
    let line = hash_line("reader", password).unwrap();
    Users::read(&write(folder.path(), "users", &line)).unwrap()
}

fn by_token() -> AccessMethods {
    AccessMethods {
        tokens: Some(tokens(TOKEN)),
        ..AccessMethods::default()
    }
}

fn by_password() -> AccessMethods {
    AccessMethods {
        users: Some(users(PASSWORD)),
        ..AccessMethods::default()
    }
}

/// A bridge with this authentication, which could reach a canary.
struct Guarded {
    bridge: TestBridge,
    canary: TestTarget,
}

impl Guarded {
    async fn start(access: AccessMethods) -> Self {
        Self::behind(TlsMode::Plain, access).await
    }

    async fn behind(tls_mode: TlsMode, access: AccessMethods) -> Self {
        let canary = TestTarget::start().await;
        let proxies = Proxies {
            trusted: vec!["127.0.0.1".parse().unwrap()],
            ..Proxies::default()
        };
        let settings = Settings {
            access,
            tls_mode,
            proxies,
            ..Settings::default()
        };
        let bridge = TestBridge::start(settings.allow_loopback([canary.port])).await;
        Self { bridge, canary }
    }

    /// Requests a relay with these header fields. Returns the close code, or nothing if the target was
    /// reached.
    async fn relay(&self, headers: &[(&'static str, &str)]) -> Option<u16> {
        let query = format!("host=127.0.0.1&port={}", self.canary.port);
        let mut request = self.bridge.request(&query);
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let mut client = self.bridge.send(request).await.unwrap();
        tokio::select! {
            _ = self.canary.accept() => None,
            code = client.close_code() => Some(code),
        }
    }

    /// Posts credentials as the bridge's own page does.
    async fn sign_in(&self, body: &str) -> http::Response<Bytes> {
        let origin = format!("http://{}", self.bridge.address);
        let headers = [
            ("Origin", origin.as_str()),
            ("Content-Type", "application/json"),
        ];
        self.post(&headers, body).await
    }

    async fn post(&self, headers: &[(&str, &str)], body: &str) -> http::Response<Bytes> {
        self.ask("POST", headers, body).await
    }

    async fn ask(
        &self,
        method: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> http::Response<Bytes> {
        let stream = TcpStream::connect(self.bridge.address).await.unwrap();
        let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream));
        let (mut sender, connection) = handshake.await.unwrap();
        tokio::spawn(connection);
        let mut request = http::Request::builder().method(method).uri("/access");
        if !headers.iter().any(|(name, _)| *name == "Host") {
            request = request.header("Host", self.bridge.address.to_string());
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request
            .body(Full::new(Bytes::from(body.to_owned())))
            .unwrap();
        let answer = within(sender.send_request(request)).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = within(body.collect()).await.unwrap().to_bytes();
        http::Response::from_parts(parts, body)
    }
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

fn token_json(token: &str) -> String {
    serde_json::json!({ "token": token }).to_string()
}

fn password_json(user: &str, password: &str) -> String {
    serde_json::json!({ "user": user, "password": password }).to_string()
}

/// Returns the cookie that a response sets, as a browser sends it back.
fn cookie(answer: &http::Response<Bytes>) -> String {
    let set = field(answer, "set-cookie");
    set.split(';').next().unwrap().to_owned()
}

const DENIED: Option<u16> = Some(4008);

#[tokio::test]
async fn without_credentials_the_page_is_served_and_nothing_is_dialled() {
    let guarded = Guarded::start(by_token()).await;
    assert_eq!(DENIED, Some(CloseCode::AccessDenied.number()));
    assert_eq!(guarded.relay(&[]).await, DENIED);
    // Not even the policy's decision is revealed.
    let mut client = guarded.bridge.open("169.254.169.254", 1).await;
    assert_eq!(Some(client.close_code().await), DENIED);
    assert!(!guarded.canary.was_reached().await);
    let config = guarded.bridge.get("/config.json").await;
    let page: PageConfig = serde_json::from_slice(config.body()).unwrap();
    assert!(page.sign_in.token && !page.sign_in.password);
}

#[tokio::test]
async fn no_name_is_resolved_for_an_unauthenticated_client() {
    struct DialCanary(tokio::sync::mpsc::UnboundedSender<()>);
    impl restante_bridge::resolve::Resolve for DialCanary {
        fn resolve<'a>(
            &'a self,
            _: &'a restante_shared::relay::Host,
        ) -> futures::future::BoxFuture<'a, std::io::Result<Vec<std::net::IpAddr>>> {
            self.0.send(()).unwrap();
            Box::pin(std::future::pending())
        }
    }
    let (asked, mut questions) = tokio::sync::mpsc::unbounded_channel();
    let bridge = TestBridge::start(Settings {
        access: by_token(),
        resolver: std::sync::Arc::new(DialCanary(asked)),
        ..Settings::default()
    })
    .await;
    let mut client = bridge.open("pop.example", 995).await;
    assert_eq!(Some(client.close_code().await), DENIED);
    let mut foreign = bridge.request("host=pop.example&port=995");
    let evil = "http://evil.example".parse().unwrap();
    foreign.headers_mut().insert("Origin", evil);
    let mut client = bridge.send(foreign).await.unwrap();
    assert_eq!(client.close_code().await, CloseCode::ForeignPage.number());
    assert!(questions.try_recv().is_err());
}

#[tokio::test]
async fn a_program_sends_its_token_with_the_request() {
    let guarded = Guarded::start(by_token()).await;
    let bearer = format!("Bearer {TOKEN}");
    assert_eq!(guarded.relay(&[("Authorization", &bearer)]).await, None);
    for wrong in [
        format!("Bearer {TOKEN}x"),
        format!("Bearer {}", &TOKEN[1..]),
        "Bearer".to_owned(),
        TOKEN.to_owned(),
        basic("reader", TOKEN),
    ] {
        let code = guarded.relay(&[("Authorization", &wrong)]).await;
        assert_eq!(code, DENIED, "{wrong}");
    }
}

#[tokio::test]
async fn a_program_sends_a_users_password_with_the_request() {
    let guarded = Guarded::start(by_password()).await;
    let right = basic("reader", PASSWORD);
    assert_eq!(guarded.relay(&[("Authorization", &right)]).await, None);
    for wrong in [
        basic("reader", "wrong"),
        basic("reader", ""),
        basic("nobody", PASSWORD),
        basic("", PASSWORD),
    ] {
        let code = guarded.relay(&[("Authorization", &wrong)]).await;
        assert_eq!(code, DENIED, "{wrong}");
    }
}

#[tokio::test]
async fn a_page_signs_in_and_is_recognised_by_its_cookie() {
    for (access, right) in [
        (by_token(), token_json(TOKEN)),
        (by_password(), password_json("reader", PASSWORD)),
    ] {
        let guarded = Guarded::start(access).await;
        let answer = guarded.sign_in(&right).await;
        assert_eq!(answer.status(), 204);
        let set = field(&answer, "set-cookie").to_owned();
        for attribute in ["Path=/", "HttpOnly", "SameSite=Strict", "Max-Age=2592000"] {
            assert!(set.split("; ").any(|a| a == attribute), "{set}");
        }
        assert!(!set.contains("Secure") && !set.contains("Domain"), "{set}");
        assert_eq!(guarded.relay(&[("Cookie", &cookie(&answer))]).await, None);
        let among_others = format!("a=b; {}; c", cookie(&answer));
        assert_eq!(guarded.relay(&[("Cookie", &among_others)]).await, None);
        // A browser that also sends a wrong password is admitted all the same.
        let both = [
            ("Cookie", among_others.as_str()),
            ("Authorization", "Bearer no"),
        ];
        assert_eq!(guarded.relay(&both).await, None);
    }
}

#[tokio::test]
async fn with_tls_the_cookie_is_bound_to_it_and_to_the_host() {
    let guarded = Guarded::behind(TlsMode::Proxy, by_token()).await;
    let headers = [
        ("Host", "mail.example.org"),
        ("Origin", "https://mail.example.org"),
        ("Content-Type", "application/json"),
    ];
    let answer = guarded.post(&headers, &token_json(TOKEN)).await;
    assert_eq!(answer.status(), 204);
    let set = field(&answer, "set-cookie");
    assert!(
        set.starts_with("__Host-") && set.ends_with("; Secure"),
        "{set}"
    );
}

/// Header fields, a body, and the status of the response.
type Posted<'a> = (&'a [(&'a str, &'a str)], &'a str, u16);

#[tokio::test]
async fn an_invalid_post_sets_no_cookie() {
    let guarded = Guarded::start(by_token()).await;
    let own = format!("http://{}", guarded.bridge.address);
    let json = ("Content-Type", "application/json");
    let right = token_json(TOKEN);
    let long = token_json(&"x".repeat(5000));
    let cases: [Posted<'_>; 9] = [
        (&[("Origin", &own), json], &token_json("wrong"), 401),
        (
            &[("Origin", &own), json],
            &password_json("reader", TOKEN),
            401,
        ),
        (&[("Origin", &own), json], "{}", 400),
        (&[("Origin", &own), json], TOKEN, 400),
        (&[("Origin", &own), json], &long, 413),
        (
            &[("Origin", &own), ("Content-Type", "text/plain")],
            &right,
            415,
        ),
        (&[("Origin", &own)], &right, 415),
        (&[("Origin", "http://evil.example"), json], &right, 403),
        (&[json], &right, 403),
    ];
    for (headers, body, status) in cases {
        let answer = guarded.post(headers, body).await;
        assert_eq!(answer.status(), status, "{headers:?}");
        assert_eq!(field(&answer, "set-cookie"), "");
        let said = String::from_utf8_lossy(answer.body());
        assert!(!said.contains(TOKEN), "{said}");
    }
    // A proxy's single sign-on returns here, and is redirected to the page.
    let answer = guarded.bridge.get("/access").await;
    assert_eq!(answer.status(), 303);
    assert_eq!(field(&answer, "location"), "./");
    let answer = guarded.ask("PUT", &[], &right).await;
    assert_eq!(answer.status(), 405);
    assert_eq!(field(&answer, "allow"), "GET, POST, DELETE");
}

#[tokio::test]
async fn an_embedders_page_may_relay_but_not_sign_in() {
    let settings = Settings {
        access: by_token(),
        allowed_origins: vec!["https://embedder.example".parse().unwrap()],
        ..Settings::default()
    };
    let bridge = TestBridge::start(settings).await;
    let guarded = Guarded {
        bridge,
        canary: TestTarget::start().await,
    };
    let headers = [
        ("Origin", "https://embedder.example"),
        ("Content-Type", "application/json"),
    ];
    let answer = guarded.post(&headers, &token_json(TOKEN)).await;
    assert_eq!(answer.status(), 403);
}

#[tokio::test]
async fn a_forged_cookie_or_one_of_other_credentials_is_refused() {
    let first = Guarded::start(by_token()).await;
    let genuine = cookie(&first.sign_in(&token_json(TOKEN)).await);
    // Another bridge with the same file, and one with a changed token.
    let same = Guarded::start(by_token()).await;
    assert_eq!(same.relay(&[("Cookie", &genuine)]).await, None);
    let changed = Guarded::start(AccessMethods {
        tokens: Some(tokens("another-token-of-the-tests")),
        ..AccessMethods::default()
    })
    .await;
    assert_eq!(changed.relay(&[("Cookie", &genuine)]).await, DENIED);
    let (name, value) = genuine.split_once('=').unwrap();
    let parts: Vec<&str> = value.split('.').collect();
    for forged in [
        format!("{name}="),
        format!("{name}={TOKEN}"),
        format!("{name}={}.{}.", parts[0], parts[1]),
        format!("{name}={}.9999999999.{}", parts[0], parts[2]),
        format!("other={value}"),
        format!("__Host-{genuine}"),
    ] {
        assert_eq!(same.relay(&[("Cookie", &forged)]).await, DENIED, "{forged}");
    }
}

#[tokio::test]
async fn a_new_hash_of_a_user_ends_the_old_sessions() {
    let guarded = Guarded::start(by_password()).await;
    let answer = guarded.sign_in(&password_json("reader", PASSWORD)).await;
    let old = cookie(&answer);
    assert_eq!(guarded.relay(&[("Cookie", &old)]).await, None);
    let renewed = Guarded::start(by_password()).await;
    assert_eq!(renewed.relay(&[("Cookie", &old)]).await, DENIED);
}

fn by_header() -> AccessMethods {
    AccessMethods {
        header: Some("x-forwarded-user".parse().unwrap()),
        ..AccessMethods::default()
    }
}

#[tokio::test]
async fn a_trusted_proxy_names_the_user() {
    let guarded = Guarded::behind(TlsMode::Proxy, by_header()).await;
    let page = [
        ("Host", "mail.example.org"),
        ("Origin", "https://mail.example.org"),
    ];
    let named = [page[0], page[1], ("X-Forwarded-User", "reader")];
    assert_eq!(guarded.relay(&named).await, None);
    let empty = [page[0], page[1], ("X-Forwarded-User", " ")];
    assert_eq!(guarded.relay(&empty).await, DENIED);
    assert_eq!(guarded.relay(&page).await, DENIED);
}

/// A proxy that adds its header to the client's own has not removed the latter.
#[tokio::test]
async fn a_duplicate_header_names_no_user() {
    let guarded = Guarded::behind(TlsMode::Proxy, by_header()).await;
    let query = format!("host=127.0.0.1&port={}", guarded.canary.port);
    let mut request = guarded.bridge.request(&query);
    for (name, value) in [
        ("Host", "mail.example.org"),
        ("Origin", "https://mail.example.org"),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    for name in ["client", "reader"] {
        let value = name.parse().unwrap();
        request.headers_mut().append("X-Forwarded-User", value);
    }
    let mut client = guarded.bridge.send(request).await.unwrap();
    assert_eq!(Some(client.close_code().await), DENIED);
}

#[tokio::test]
async fn a_right_token_is_accepted_beside_the_guesses_of_its_household() {
    let guarded = Guarded::behind(TlsMode::Proxy, by_token()).await;
    let relay = async |client: &str, token: &str| {
        let headers = [
            ("Host", "mail.example.org"),
            ("Origin", "https://mail.example.org"),
            ("X-Forwarded-For", client),
            ("Authorization", &format!("Bearer {token}")),
        ];
        guarded.relay(&headers).await
    };
    for number in 1..=10 {
        assert_eq!(relay(&format!("2001:db8::{number}"), "wrong").await, DENIED);
    }
    // A right token is accepted whatever others of the household have tried, and theirs are not.
    assert_eq!(relay("2001:db8::ffff", TOKEN).await, None);
    assert_eq!(relay("2001:db8::ffff", "wrong").await, DENIED);
    assert_eq!(relay("2001:db8:0:1::1", TOKEN).await, None);
}

#[tokio::test]
async fn the_header_of_an_untrusted_peer_is_ignored() {
    let guarded = Guarded::start(by_header()).await;
    let named = [("X-Forwarded-User", "reader")];
    assert_eq!(guarded.relay(&named).await, DENIED);
    assert!(!guarded.canary.was_reached().await);
}

#[tokio::test]
async fn any_configured_method_suffices() {
    let access = AccessMethods {
        tokens: Some(tokens(TOKEN)),
        users: Some(users(PASSWORD)),
        header: Some("x-forwarded-user".parse().unwrap()),
    };
    let guarded = Guarded::behind(TlsMode::Proxy, access).await;
    for (name, value) in [
        ("Authorization", format!("Bearer {TOKEN}")),
        ("Authorization", basic("reader", PASSWORD)),
        ("X-Forwarded-User", "reader".to_owned()),
    ] {
        let headers = [
            ("Host", "mail.example.org"),
            ("Origin", "https://mail.example.org"),
            (name, &value),
        ];
        assert_eq!(guarded.relay(&headers).await, None, "{value}");
    }
}

#[tokio::test]
async fn a_guessing_client_has_to_wait_and_others_do_not() {
    let guarded = Guarded::behind(TlsMode::Proxy, by_password()).await;
    let post = async |client: &str, password: &str| {
        let headers = [
            ("Host", "mail.example.org"),
            ("Origin", "https://mail.example.org"),
            ("Content-Type", "application/json"),
            ("X-Forwarded-For", client),
        ];
        guarded
            .post(&headers, &password_json("reader", password))
            .await
    };
    let mut tries = 0;
    let slowed = loop {
        tries += 1;
        assert!(tries < 100, "nothing slows it down");
        // Addresses of one household count as one.
        let answer = post(&format!("2001:db8::{tries}"), "wrong").await;
        if answer.status() == 429 {
            break answer;
        }
        assert_eq!(answer.status(), 401);
    };
    let seconds: u64 = field(&slowed, "retry-after").parse().unwrap();
    assert!((1..=901).contains(&seconds), "{seconds}");
    assert!(tries > 5, "{tries}");
    // Correct credentials have to wait as well, or guessing would not be slowed down.
    assert_eq!(post("2001:db8::1", PASSWORD).await.status(), 429);
    let other = post("2001:db8:0:1::1", PASSWORD).await;
    assert_eq!(other.status(), 204);
    // A signed-in neighbour is not affected.
    let headers = [
        ("Host", "mail.example.org"),
        ("Origin", "https://mail.example.org"),
        ("X-Forwarded-For", "2001:db8::1"),
        ("Cookie", &cookie(&other)),
    ];
    assert_eq!(guarded.relay(&headers).await, None);
}

#[tokio::test]
async fn a_sign_out_ends_the_cookie_and_every_copy_of_it() {
    let guarded = Guarded::start(by_token()).await;
    let session = cookie(&guarded.sign_in(&token_json(TOKEN)).await);
    assert_eq!(guarded.relay(&[("Cookie", &session)]).await, None);
    let origin = format!("http://{}", guarded.bridge.address);
    let headers = [("Origin", origin.as_str()), ("Cookie", session.as_str())];
    let foreign = [
        ("Origin", "https://evil.example"),
        ("Cookie", session.as_str()),
    ];
    assert_eq!(guarded.ask("DELETE", &foreign, "").await.status(), 403);
    assert_eq!(guarded.relay(&[("Cookie", &session)]).await, None);
    let answer = guarded.ask("DELETE", &headers, "").await;
    assert_eq!(answer.status(), 204);
    let set = field(&answer, "set-cookie");
    assert!(set.split("; ").any(|part| part == "Max-Age=0"), "{set}");
    assert_eq!(guarded.relay(&[("Cookie", &session)]).await, DENIED);
}

#[tokio::test]
async fn guesses_from_many_addresses_do_not_flood_the_log() {
    let (log, _guard) = CapturedLog::capture();
    let guarded = Guarded::behind(TlsMode::Proxy, by_token()).await;
    for number in 1..=50 {
        let client = format!("2001:db8:{number}::1");
        let headers = [
            ("Host", "mail.example.org"),
            ("Origin", "https://mail.example.org"),
            ("Content-Type", "application/json"),
            ("X-Forwarded-For", &client),
        ];
        let answer = guarded.post(&headers, &token_json("wrong")).await;
        assert_eq!(answer.status(), 401);
    }
    for line in ["access denied", "sign-in refused"] {
        let written = log.lines(line).len();
        assert!((1..50).contains(&written), "{line}: {written}");
    }
}

#[tokio::test]
async fn many_rejected_clients_take_no_relays() {
    let target = TestTarget::start().await;
    let settings = Settings {
        access: by_token(),
        limits: restante_bridge::limits::Limits {
            relays: 1,
            ..Default::default()
        },
        resolver: std::sync::Arc::new(Names::default()),
        ..Settings::default()
    };
    let bridge = TestBridge::start(settings.allow_loopback([target.port])).await;
    let query = format!("host=127.0.0.1&port={}", target.port);
    let mut refused = Vec::new();
    for _ in 0..8 {
        refused.push(bridge.send(bridge.request(&query)).await.unwrap());
    }
    let mut request = bridge.request(&query);
    let bearer = format!("Bearer {TOKEN}").parse().unwrap();
    request.headers_mut().insert("Authorization", bearer);
    let _client = bridge.send(request).await.unwrap();
    target.accept().await;
}

#[test]
fn an_invalid_file_is_named_with_its_line_and_without_its_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let line = hash_line("reader", PASSWORD).unwrap();
    let weak = line.replace("argon2id", "argon2i");
    let costly = line.replace("m=19456", "m=4194304");
    for (flag, text, place) in [
        ("--access-tokens", "# none\n\n", "no entries"),
        ("--access-tokens", &*format!("{TOKEN}\nsecret"), "line 2"),
        ("--access-tokens", "a-secret token-of-the-tests", "line 1"),
        ("--access-users", "\n", "no entries"),
        ("--access-users", "# reader\nreader secret", "line 2"),
        ("--access-users", "reader:secret", "line 1"),
        ("--access-users", ":$argon2id$secret", "line 1"),
        ("--access-users", &*format!("{line}\n{line}"), "line 2"),
        ("--access-users", &weak, "line 1"),
        ("--access-users", &costly, "line 1"),
    ] {
        let path = write(folder.path(), "people", text).display().to_string();
        let error = load_config(["restante-bridge", flag, &path]).unwrap_err();
        let error = format!("{error} {error:?}");
        assert!(error.contains(&path) && error.contains(place), "{error}");
        for secret in ["secret", TOKEN, &line] {
            assert!(!error.contains(secret), "{error}");
        }
    }
    let error = load_config(["restante-bridge", "--access-tokens", "/nowhere"]).unwrap_err();
    assert!(error.to_string().contains("/nowhere"));
}

#[test]
fn an_access_header_requires_a_proxy() {
    let header = ["restante-bridge", "--access-header", "X-Forwarded-User"];
    let error = load_config(header).unwrap_err().to_string();
    assert!(error.contains("behind_proxy"), "{error}");
    let behind = ["--behind-proxy", "--trusted-proxies", "127.0.0.1"];
    let load = |name: &str| {
        let allow = ["--allow", "public-pop3"];
        let header = ["restante-bridge", "--access-header", name];
        load_config([&header[..], &behind, &allow].concat())
    };
    assert!(load("X-Forwarded-User").is_ok());
    // Every request has these headers, so every client would be admitted.
    for name in [
        "a b",
        "Host",
        "origin",
        "User-Agent",
        "X-Forwarded-For",
        "X-Real-IP",
        "X-Forwarded-Proto",
        "Sec-WebSocket-Extensions",
        "Sec-Fetch-Mode",
        "Cache-Control",
    ] {
        let error = load(name).unwrap_err().to_string();
        assert!(error.contains("access_header"), "{error}");
    }
}

#[test]
fn secrets_are_not_printed() {
    let settings = Settings {
        access: AccessMethods {
            tokens: Some(tokens(TOKEN)),
            users: Some(users(PASSWORD)),
            header: None,
        },
        ..Settings::default()
    };
    let printed = format!("{settings:?} {:#?}", settings.access);
    for secret in [TOKEN, PASSWORD, "argon2", "reader"] {
        assert!(!printed.contains(secret), "{printed}");
    }
    assert!(printed.contains("Tokens(1)") && printed.contains("Users(1)"));
}
