//! The responses with the built client.

use restante_bridge::Settings;
use restante_bridge::site::{Asset, Site};

use crate::world::{TestBridge, field};

static ASSETS: &[Asset] = &[
    Asset {
        path: "index.html",
        content_type: "text/html; charset=utf-8",
        digest: "1111",
        immutable: false,
        identity: b"<title>Restante</title>",
        gzip: Some(b"gzipped page"),
        brotli: Some(b"page in br"),
    },
    Asset {
        path: "app-0123456789abcdef_bg.wasm",
        content_type: "application/wasm",
        digest: "2222",
        immutable: true,
        identity: b"\0asm",
        gzip: None,
        brotli: None,
    },
];

async fn bridge() -> TestBridge {
    TestBridge::start(Settings {
        site: Site::new(ASSETS, " 'sha256-abc'"),
        ..Settings::default()
    })
    .await
}

#[tokio::test]
async fn the_front_page_is_the_index() {
    let bridge = bridge().await;
    for path in ["/", "/index.html", "/?from=mail"] {
        let page = bridge.get(path).await;
        assert_eq!(page.status(), 200);
        assert_eq!(page.body(), "<title>Restante</title>");
        assert_eq!(field(&page, "content-type"), "text/html; charset=utf-8");
        assert_eq!(field(&page, "content-length"), "23");
        assert_eq!(field(&page, "content-encoding"), "");
    }
}

#[tokio::test]
async fn the_smallest_form_that_the_browser_accepts_is_sent() {
    let bridge = bridge().await;
    for (accept, coding, body) in [
        ("gzip, deflate, br, zstd", "br", "page in br"),
        ("gzip", "gzip", "gzipped page"),
        ("br;q=0, gzip;q=0.1", "gzip", "gzipped page"),
        ("identity", "", "<title>Restante</title>"),
    ] {
        let headers = [("Accept-Encoding", accept)];
        let page = bridge.fetch("GET", "/", &headers).await;
        assert_eq!(field(&page, "content-encoding"), coding, "{accept}");
        assert_eq!(field(&page, "vary"), "accept-encoding");
        assert_eq!(page.body(), body);
        assert_eq!(field(&page, "content-length"), body.len().to_string());
    }
}

#[tokio::test]
async fn an_unchanged_file_is_not_sent_again() {
    let bridge = bridge().await;
    let first = bridge.fetch("GET", "/", &[("Accept-Encoding", "br")]).await;
    let tag = field(&first, "etag").to_owned();
    for named in [
        tag.clone(),
        format!("W/{tag}"),
        format!("\"x\", {tag}"),
        "*".to_owned(),
    ] {
        let headers = [("Accept-Encoding", "br"), ("If-None-Match", &named)];
        let again = bridge.fetch("GET", "/", &headers).await;
        assert_eq!(again.status(), 304, "{named}");
        assert!(again.body().is_empty());
        assert_eq!(field(&again, "etag"), tag);
        assert_eq!(field(&again, "cache-control"), "no-cache");
        assert_eq!(field(&again, "vary"), "accept-encoding");
    }
    let other = [("Accept-Encoding", "gzip"), ("If-None-Match", tag.as_str())];
    assert_eq!(bridge.fetch("GET", "/", &other).await.status(), 200);
}

#[tokio::test]
async fn only_a_name_with_a_digest_is_cached_permanently() {
    let bridge = bridge().await;
    let wasm = bridge.get("/app-0123456789abcdef_bg.wasm").await;
    assert_eq!(
        field(&wasm, "cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(field(&wasm, "content-type"), "application/wasm");
    assert_eq!(wasm.body().as_ref(), b"\0asm");
    let page = bridge.get("/").await;
    assert_eq!(field(&page, "cache-control"), "no-cache");
}

#[tokio::test]
async fn a_head_request_has_the_same_fields_and_no_body() {
    let bridge = bridge().await;
    for path in ["/", "/config.json", "/healthz"] {
        let page = bridge.get(path).await;
        let head = bridge.fetch("HEAD", path, &[]).await;
        assert_eq!(head.status(), 200);
        assert!(head.body().is_empty());
        for name in ["content-length", "content-type", "etag", "cache-control"] {
            assert_eq!(field(&head, name), field(&page, name), "{path} {name}");
        }
    }
}

#[tokio::test]
async fn other_methods_are_refused_with_the_allowed_ones() {
    let bridge = bridge().await;
    for path in ["/", "/config.json", "/healthz"] {
        for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
            let answer = bridge.fetch(method, path, &[]).await;
            assert_eq!(answer.status(), 405);
            assert_eq!(field(&answer, "allow"), "GET, HEAD");
        }
    }
    let answer = bridge.fetch("POST", "/relay", &[]).await;
    assert_eq!(answer.status(), 405);
    assert_eq!(field(&answer, "allow"), "GET");
}

#[tokio::test]
async fn nothing_but_the_table_can_be_reached() {
    let bridge = bridge().await;
    for path in [
        "/missing",
        "/index.html/",
        "//index.html",
        "/./index.html",
        "/../index.html",
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%5c..%5cetc%5cpasswd",
        "/index.html%00",
        "/Cargo.toml",
    ] {
        assert_eq!(bridge.get(path).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn a_bridge_without_a_client_explains_how_to_build_one() {
    let bridge = TestBridge::start(Settings {
        site: Site::new(&[], ""),
        ..Settings::default()
    })
    .await;
    let page = bridge.get("/").await;
    assert_eq!(page.status(), 503);
    let text = String::from_utf8(page.body().to_vec()).unwrap();
    assert!(text.contains("cargo xtask demo"));
}

#[tokio::test]
async fn the_embedded_client_is_served_as_built() {
    let site = Site::embedded();
    let bridge = TestBridge::start(Settings::default()).await;
    let status = bridge.get("/").await.status();
    assert_eq!(status == 200, site.has_page());
}
