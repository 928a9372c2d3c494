//! Files of tokens and users that change while the bridge runs.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use restante_bridge::Settings;
use restante_bridge::access::{AccessMethods, Tokens, Users, hash_line};
use restante_bridge::files::CHECK_INTERVAL;
use restante_bridge::policy::Policy;

use crate::log::CapturedLog;
use crate::program::Program;
use crate::world::{PATIENCE, TestBridge};

const OLD: &str = "the-token-of-before";
const NEW: &str = "the-token-from-now-on";

/// Returns true if a client with this header is admitted. No target is allowed, so the close code tells.
async fn lets_in(bridge: &TestBridge, authorization: &str) -> bool {
    let mut request = bridge.request("host=pop.example&port=995");
    let value = authorization.parse().unwrap();
    request.headers_mut().insert("Authorization", value);
    match bridge.send(request).await.unwrap().close_code().await {
        4001 => true,
        4008 => false,
        other => panic!("{other}"),
    }
}

async fn lets_in_token(bridge: &TestBridge, token: &str) -> bool {
    lets_in(bridge, &format!("Bearer {token}")).await
}

fn basic(password: &str) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    format!("Basic {}", STANDARD.encode(format!("reader:{password}")))
}

async fn with(access: AccessMethods) -> TestBridge {
    TestBridge::start(Settings {
        access,
        policy: Policy::default(),
        ..Settings::default()
    })
    .await
}

/// Advances the time until one more line of the log contains these words.
async fn looks_until(log: &CapturedLog, words: &str) {
    let began = Instant::now();
    let before = log.lines(words).len();
    tokio::time::pause();
    while log.lines(words).len() == before {
        assert!(began.elapsed() < PATIENCE, "{words:?} is not in the log");
        tokio::time::advance(CHECK_INTERVAL).await;
        // Another thread reads the file.
        std::thread::sleep(Duration::from_millis(1));
        tokio::task::yield_now().await;
    }
    tokio::time::resume();
}

#[tokio::test]
async fn changed_tokens_and_users_are_used_and_invalid_ones_are_not() {
    let (log, _guard) = CapturedLog::capture();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    fs::write(file("tokens"), OLD).unwrap();
    fs::write(file("users"), hash_line("reader", "before").unwrap()).unwrap();
    let bridge = with(AccessMethods {
        tokens: Some(Tokens::read(&file("tokens")).unwrap()),
        users: Some(Users::read(&file("users")).unwrap()),
        header: None,
    })
    .await;
    assert!(lets_in_token(&bridge, OLD).await && !lets_in_token(&bridge, NEW).await);

    fs::write(file("tokens"), NEW).unwrap();
    looks_until(&log, "access list reloaded").await;
    assert!(lets_in_token(&bridge, NEW).await && !lets_in_token(&bridge, OLD).await);
    assert!(lets_in(&bridge, &basic("before")).await);

    fs::write(file("users"), hash_line("reader", "after").unwrap()).unwrap();
    looks_until(&log, "access list reloaded").await;
    assert!(lets_in(&bridge, &basic("after")).await);
    assert!(!lets_in(&bridge, &basic("before")).await);

    for broken in ["short", "", "# nobody\n", "two words in one line"] {
        fs::write(file("tokens"), broken).unwrap();
        looks_until(&log, "access list not reloaded").await;
        assert!(lets_in_token(&bridge, NEW).await, "{broken:?}");
    }
    fs::remove_file(file("tokens")).unwrap();
    looks_until(&log, "access list not reloaded").await;
    assert!(lets_in_token(&bridge, NEW).await);
    let said = log.lines("access list not reloaded");
    assert!(
        said.iter()
            .all(|line| line.contains("tokens") && line.contains("ERROR"))
    );
    assert!(log.lines(NEW).is_empty() && log.lines("short").is_empty());
}

#[cfg(unix)]
#[test]
fn sighup_reloads_the_files_at_once() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tokens");
    let open_to_all = |to_all: bool, path: &Path| {
        let mode = if to_all { 0o644 } else { 0o600 };
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    fs::write(&file, OLD).unwrap();
    open_to_all(true, &file);
    let mut program = Program::start(&["--access-tokens", &file.display().to_string()]);
    program.address();
    program.logged("chmod 640");
    open_to_all(false, &file);
    for (text, said) in [
        (NEW, "access list reloaded"),
        ("!!!", "access list not reloaded"),
        (OLD, "access list reloaded"),
    ] {
        fs::write(&file, text).unwrap();
        program.signal("-HUP");
        let line = program.logged(said);
        assert!(line.contains("tokens") && !line.contains(text), "{line}");
    }
}
