use std::collections::BTreeMap;

use futures::executor::block_on;

use super::copies::Copies;
use super::first::AccountV1;
use super::registry::{Accounts, NAMES};
use super::stored::{AccountV2, StoredAccounts};
use crate::api::ids::MailboxId;
use crate::api::problem::ProblemKind;
use crate::api::settings::{Encryption, Login, MailboxSettings, Secret};
use crate::engine::mailboxes::server_profile::ServerProfile;
use crate::engine::platform::native_vault::NativeVault;
use crate::engine::store::spool::faults::{Faults, FaultyFiles};
use crate::engine::store::spool::{File as _, Files as _, MemoryFiles};

const ONE: MailboxId = MailboxId(1);
const TWO: MailboxId = MailboxId(2);

/// Opens the accounts of a device that has the same key at every start.
fn open(files: &MemoryFiles) -> Accounts<MemoryFiles, NativeVault> {
    open_with(files, NativeVault::of(&[7; 32]))
}

fn open_with(files: &MemoryFiles, vault: NativeVault) -> Accounts<MemoryFiles, NativeVault> {
    block_on(Accounts::open(files, vault)).unwrap()
}

/// Writes the content of the files.
fn store(files: &MemoryFiles, content: &StoredAccounts) {
    let (mut copies, _) = block_on(Copies::open(files, NAMES)).unwrap();
    let octets = postcard::to_allocvec(content).unwrap();
    copies.replace(&octets).unwrap();
}

/// Returns true if a file contains these bytes.
fn is_in_a_file(files: &MemoryFiles, text: &str) -> bool {
    NAMES.iter().any(|name| {
        let file = block_on(files.open(name)).unwrap();
        let mut octets = vec![0; usize::try_from(file.size().unwrap()).unwrap()];
        file.read_at(0, &mut octets).unwrap();
        octets.windows(text.len()).any(|run| run == text.as_bytes())
    })
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn settings(user: &str) -> MailboxSettings {
    MailboxSettings {
        address: format!("{user}@example.org"),
        user: user.to_owned(),
        host: "pop.example.org".parse().unwrap(),
        port: 995,
        encryption: Encryption::Tls,
        ca_pem: None,
        demo: false,
        login: Login::default(),
    }
}

#[test]
fn only_data_that_may_be_stored_survives_a_restart() {
    let files = MemoryFiles::new();
    let mut accounts = open(&files);
    block_on(accounts.set_settings(ONE, settings("one"))).unwrap();
    block_on(accounts.set_settings(TWO, settings("two"))).unwrap();
    block_on(accounts.set_password(ONE, secret("s\u{fc}\u{df} 1"), true)).unwrap();
    block_on(accounts.set_password(TWO, secret("two"), false)).unwrap();
    assert_eq!(accounts.password(TWO), Some(&secret("two")));
    let accounts = open(&files);
    assert_eq!(accounts.password(ONE), Some(&secret("s\u{fc}\u{df} 1")));
    assert_eq!(accounts.settings(TWO), Some(&settings("two")));
    assert_eq!(accounts.password(TWO), None);
}

#[test]
fn a_forgotten_password_is_removed_from_the_files() {
    let files = MemoryFiles::new();
    let mut accounts = open(&files);
    for mailbox in [ONE, TWO] {
        block_on(accounts.set_settings(mailbox, settings("user"))).unwrap();
    }
    block_on(accounts.set_password(ONE, secret("first secret"), true)).unwrap();
    block_on(accounts.set_password(TWO, secret("second secret"), true)).unwrap();
    accounts.remove(ONE).unwrap();
    block_on(accounts.set_password(TWO, secret("third secret"), false)).unwrap();
    assert!(!is_in_a_file(&files, "secret"));
}

/// The settings of a mailbox, each with one change to where a password is sent.
fn changed_recipients() -> Vec<MailboxSettings> {
    let old = settings("one");
    vec![
        MailboxSettings {
            user: "other".to_owned(),
            ..old.clone()
        },
        MailboxSettings {
            host: "pop.example.net".parse().unwrap(),
            ..old.clone()
        },
        MailboxSettings {
            port: 110,
            ..old.clone()
        },
        MailboxSettings {
            encryption: Encryption::None,
            ..old.clone()
        },
        MailboxSettings {
            ca_pem: Some("a CA".to_owned()),
            ..old.clone()
        },
        MailboxSettings {
            login: Login::AccessToken,
            ..old.clone()
        },
        // Calling a mailbox the demo does not carry its password along.
        MailboxSettings {
            port: 110,
            demo: true,
            ..old
        },
    ]
}

#[test]
fn a_password_is_forgotten_if_it_would_be_sent_elsewhere() {
    for changed in changed_recipients() {
        for remember in [true, false] {
            let files = MemoryFiles::new();
            let mut accounts = open(&files);
            block_on(accounts.set_settings(ONE, settings("one"))).unwrap();
            block_on(accounts.set_password(ONE, secret("one"), remember)).unwrap();
            block_on(accounts.set_settings(ONE, changed.clone())).unwrap();
            assert_eq!(accounts.password(ONE), None, "{changed:?}");
            // The old settings do not bring it back, now or after a restart.
            block_on(accounts.set_settings(ONE, settings("one"))).unwrap();
            assert_eq!(accounts.password(ONE), None, "{changed:?}");
            assert_eq!(open(&files).password(ONE), None, "{changed:?}");
        }
    }
}

#[test]
fn a_new_address_keeps_the_password() {
    let files = MemoryFiles::new();
    let mut accounts = open(&files);
    block_on(accounts.set_settings(ONE, settings("one"))).unwrap();
    block_on(accounts.set_password(ONE, secret("one"), true)).unwrap();
    let address = "other@example.org".to_owned();
    let renamed = MailboxSettings {
        address,
        ..settings("one")
    };
    block_on(accounts.set_settings(ONE, renamed)).unwrap();
    assert_eq!(accounts.password(ONE), Some(&secret("one")));
    assert_eq!(open(&files).password(ONE), Some(&secret("one")));
}

#[test]
fn the_demo_keeps_its_published_password_at_a_new_port() {
    let files = MemoryFiles::new();
    let mut accounts = open(&files);
    let demo = MailboxSettings {
        demo: true,
        ..settings("demo")
    };
    block_on(accounts.set_settings(ONE, demo.clone())).unwrap();
    block_on(accounts.set_password(ONE, secret("demo"), true)).unwrap();
    let ca_pem = Some("a new CA".to_owned());
    let restarted = MailboxSettings {
        port: 4_995,
        ca_pem,
        ..demo
    };
    block_on(accounts.set_settings(ONE, restarted)).unwrap();
    assert_eq!(accounts.password(ONE), Some(&secret("demo")));
    assert_eq!(open(&files).password(ONE), Some(&secret("demo")));
}

#[test]
fn a_remembered_password_is_in_no_file_in_clear_text() {
    let files = MemoryFiles::new();
    let mut accounts = open(&files);
    block_on(accounts.set_settings(ONE, settings("one"))).unwrap();
    block_on(accounts.set_password(ONE, secret("a long secret"), true)).unwrap();
    assert!(!is_in_a_file(&files, "secret"));
    assert_eq!(open(&files).password(ONE), Some(&secret("a long secret")));
    // On a device with another key, or with none, it is asked for again.
    for vault in [NativeVault::of(&[8; 32]), NativeVault::default()] {
        let accounts = open_with(&files, vault);
        assert_eq!(accounts.settings(ONE), Some(&settings("one")));
        assert_eq!(accounts.password(ONE), None);
    }
}

#[test]
fn a_password_is_not_unsealed_for_settings_that_were_changed_in_the_file() {
    for changed in changed_recipients() {
        let files = MemoryFiles::new();
        let mut accounts = open(&files);
        block_on(accounts.set_settings(ONE, settings("one"))).unwrap();
        block_on(accounts.set_password(ONE, secret("one"), true)).unwrap();
        let (_, octets) = block_on(Copies::open(&files, NAMES)).unwrap();
        let content = postcard::from_bytes(&octets.unwrap()).unwrap();
        let StoredAccounts::V3(mut stored) = content else {
            panic!("{content:?}")
        };
        stored.get_mut(&ONE).unwrap().settings = changed.clone();
        store(&files, &StoredAccounts::V3(stored));
        assert_eq!(open(&files).password(ONE), None, "{changed:?}");
    }
}

#[test]
fn without_a_key_a_password_is_kept_until_the_tab_closes() {
    let files = MemoryFiles::new();
    let mut accounts = open_with(&files, NativeVault::default());
    block_on(accounts.set_settings(ONE, settings("one"))).unwrap();
    block_on(accounts.set_password(ONE, secret("a secret"), true)).unwrap();
    assert_eq!(accounts.password(ONE), Some(&secret("a secret")));
    assert!(!is_in_a_file(&files, "secret"));
    assert_eq!(
        open_with(&files, NativeVault::default()).password(ONE),
        None
    );
}

/// Returns accounts of the second version with this password.
fn second_version(password: &str) -> StoredAccounts {
    let account = AccountV2 {
        settings: settings("one"),
        password: Some(secret(password)),
        profile: ServerProfile::default(),
    };
    StoredAccounts::V2(BTreeMap::from([(ONE, account)]))
}

#[test]
fn a_password_of_an_earlier_version_is_sealed_and_overwritten() {
    // Long enough to reach beyond the end of what replaces it.
    let password = "secret ".repeat(100);
    let files = MemoryFiles::new();
    store(&files, &second_version(&password));
    assert!(is_in_a_file(&files, "secret"));
    let accounts = open(&files);
    assert_eq!(accounts.password(ONE), Some(&secret(&password)));
    assert!(!is_in_a_file(&files, "secret"));
    assert_eq!(open(&files).password(ONE), Some(&secret(&password)));
    // Without a key, it is removed as well.
    store(&files, &second_version(&password));
    let accounts = open_with(&files, NativeVault::default());
    assert_eq!(accounts.password(ONE), Some(&secret(&password)));
    assert!(!is_in_a_file(&files, "secret"));
}

#[test]
fn clear_text_that_a_crash_left_in_one_copy_is_overwritten() {
    for survivor in NAMES {
        let files = MemoryFiles::new();
        store(&files, &second_version("a secret"));
        let mut old = block_on(files.open(survivor)).unwrap();
        let mut octets = vec![0; usize::try_from(old.size().unwrap()).unwrap()];
        old.read_at(0, &mut octets).unwrap();
        open(&files);
        old.write_at(0, &octets).unwrap();
        old.truncate(octets.len() as u64).unwrap();
        assert!(is_in_a_file(&files, "secret"));
        assert_eq!(open(&files).password(ONE), Some(&secret("a secret")));
        assert!(!is_in_a_file(&files, "secret"), "{survivor}");
    }
}

#[test]
fn the_same_user_on_the_same_server_has_one_account() {
    let mut accounts = open(&MemoryFiles::new());
    block_on(accounts.set_settings(ONE, settings("one"))).unwrap();
    assert!(accounts.has_twin_of(&settings("one")));
    assert!(!accounts.has_twin_of(&settings("two")));
}

#[test]
fn an_account_that_cannot_be_stored_does_not_exist() {
    let faults = Faults::default();
    let files = FaultyFiles::new(MemoryFiles::new(), faults.clone());
    let mut accounts = block_on(Accounts::open(&files, NativeVault::default())).unwrap();
    block_on(accounts.set_settings(ONE, settings("one"))).unwrap();
    faults.fill_after(Some(0));
    assert!(block_on(accounts.set_settings(ONE, settings("other"))).is_err());
    assert!(block_on(accounts.set_settings(TWO, settings("two"))).is_err());
    assert_eq!(accounts.settings(ONE), Some(&settings("one")));
    assert!(!accounts.has_twin_of(&settings("two")));
}

#[test]
fn the_profile_of_a_server_lasts_until_the_server_changes() {
    let files = MemoryFiles::new();
    let mut accounts = open(&files);
    block_on(accounts.set_settings(ONE, settings("one"))).unwrap();
    let learned = ServerProfile {
        latin1: true,
        ..ServerProfile::default()
    };
    accounts.set_profile(ONE, learned.clone()).unwrap();
    let mut accounts = open(&files);
    assert_eq!(accounts.profile(ONE), learned);
    let address = "other@example.org".to_owned();
    block_on(accounts.set_settings(
        ONE,
        MailboxSettings {
            address,
            ..settings("one")
        },
    ))
    .unwrap();
    assert_eq!(accounts.profile(ONE), learned);
    let port = 110;
    block_on(accounts.set_settings(
        ONE,
        MailboxSettings {
            port,
            ..settings("one")
        },
    ))
    .unwrap();
    assert_eq!(accounts.profile(ONE), ServerProfile::default());
}

#[test]
fn accounts_of_the_first_version_are_read() {
    let files = MemoryFiles::new();
    let account = AccountV1::of(settings("one"), Some(secret("kept")));
    store(
        &files,
        &StoredAccounts::V1(BTreeMap::from([(ONE, account)])),
    );
    let accounts = open(&files);
    assert_eq!(accounts.settings(ONE), Some(&settings("one")));
    assert_eq!(accounts.password(ONE), Some(&secret("kept")));
}

#[test]
fn accounts_of_a_newer_version_are_an_error_and_not_lost() {
    let files = MemoryFiles::new();
    block_on(open(&files).set_settings(ONE, settings("one"))).unwrap();
    let (mut copies, _) = block_on(Copies::open(&files, NAMES)).unwrap();
    copies.replace(&[9, 1, 2, 3]).unwrap();
    let problem = block_on(Accounts::open(&files, NativeVault::default())).unwrap_err();
    assert_eq!(problem.kind, ProblemKind::StorageFailed);
}
