//! The tests for each requirement of the standards, and for each known quirk of servers.
//!
//! The name of a quirk's test begins with its number, and the name of most requirements' tests with
//! the number of their RFC. This file has the descriptions; for requirements, it also lists the
//! tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The requirements of the standards on a client, and the tests that prove them.
const REQUIREMENTS: &[(&str, &str, &[&str])] = &[
    (
        "RFC 1939",
        "the greeting is a response; status text has a meaning only for STAT, LIST and UIDL",
        &[
            "rfc1939_status_text_is_ignored",
            "rfc3206_codes_mean_the_same_on_any_command",
        ],
    ),
    (
        "RFC 1939",
        "multi-line responses end at their terminator, and byte-stuffing is removed",
        &[
            "q01_a_terminator_split_over_reads_ends_the_message_and_a_lone_dot_does_not",
            "messages_arrive_unchanged",
            "rfc1939_sizes_do_not_include_byte_stuffing",
        ],
    ),
    (
        "RFC 1939",
        "unique-ids persist, even if a session never reached UPDATE",
        &[
            "a_check_interrupted_at_any_byte_is_completed_by_the_next",
            "q24_a_lost_session_is_resumed_in_the_same_check",
        ],
    ),
    (
        "RFC 1939",
        "UIDL and TOP are optional: without them, each message is still fetched once",
        &[
            "rfc1939_messages_are_identified_by_headers_without_uidl",
            "rfc1939_messages_are_identified_by_text_without_uidl_and_top",
            "rfc1939_identical_messages_each_arrive_without_uidl",
            "rfc1939_messages_are_identified_by_text_if_the_server_closes_on_top",
            "rfc1939_headers_still_identify_messages_after_a_single_lost_connection",
        ],
    ),
    (
        "RFC 1939",
        "DELE takes effect at QUIT, which may fail",
        &[
            "only_a_confirmed_quit_deletes",
            "a_refused_quit_is_reported",
        ],
    ),
    (
        "RFC 1939",
        "a server closes an idle session, and forgets its deletion marks",
        &[
            "an_idle_console_is_kept_alive_for_a_limited_time",
            "a_connection_closed_while_idle_is_reported_at_once",
        ],
    ),
    (
        "RFC 1939",
        "APOP is never used in clear text, unless the user selects it",
        &[
            "rfc1939_apop_is_not_used_in_clear_text",
            "every_login_method_works_if_advertised_and_is_reported_otherwise",
        ],
    ),
    (
        "RFC 1939",
        "§8: a server may delete messages by itself",
        &["q25_the_report_card_warns_of_a_server_that_deletes_fetched_messages"],
    ),
    (
        "RFC 2449",
        "commands have at most 255 octets; status lines may have 512 or more",
        &[
            "a_name_or_password_that_pop3_cannot_transmit_is_reported",
            "q04_status_and_listing_lines_may_be_long",
        ],
    ),
    (
        "RFC 2449",
        "tags in any case, unknown ones ignored; without CAPA, the client probes",
        &[
            "rfc2449_tags_are_parsed_in_any_case_and_unknown_ones_ignored",
            "rfc2449_a_server_without_capa_is_probed",
        ],
    ),
    (
        "RFC 2449",
        "CAPA is sent again under TLS and after the login",
        &["rfc2449_capabilities_are_requested_under_tls_and_again_after_the_login"],
    ),
    (
        "RFC 2449",
        "response codes count if they were announced; [IN-USE] is not a wrong password",
        &[
            "only_an_announced_code_blames_the_credentials_for_certain",
            "response_codes_may_have_any_case_and_unknown_levels",
            "rfc2449_a_locked_maildrop_does_not_ask_for_a_password",
        ],
    ),
    (
        "RFC 2449",
        "LOGIN-DELAY is respected",
        &[
            "an_early_check_is_postponed_and_starts_by_itself",
            "rfc2449_a_user_specific_delay_is_taken_from_the_capabilities_after_the_login",
            "rfc2449_an_early_login_is_reported_as_such",
        ],
    ),
    (
        "RFC 2449",
        "EXPIRE and IMPLEMENTATION are shown to the user",
        &[
            "limits_of_a_server_are_explained",
            "changes_by_tls_and_by_the_login_are_shown",
            "rfc2449_expire_of_mailutils_is_parsed_without_its_space",
        ],
    ),
    (
        "RFC 2449",
        "PIPELINING: replies arrive in order, within a window",
        &[
            "q07_pipelining_announced_only_after_the_login_is_used",
            "rfc2449_listings_are_pipelined_after_the_capabilities",
            "q23_unanswered_pipelined_commands_are_sent_one_by_one_from_then_on",
            "q23_broken_pipelining_is_detected_stopped_and_remembered",
        ],
    ),
    (
        "RFC 2595",
        "nothing is sent before the end of the TLS handshake, earlier capabilities are discarded, \
         and injected data is refused",
        &[
            "rfc2595_capabilities_from_before_tls_are_requested_again_under_tls",
            "q11_data_injected_before_tls_is_refused",
        ],
    ),
    (
        "RFC 3206",
        "[AUTH], [SYS/TEMP] and [SYS/PERM] are three different problems, on any command",
        &[
            "rfc3206_each_code_leads_to_its_problem",
            "rfc3206_codes_mean_the_same_on_any_command",
            "rfc3206_a_wrong_password_is_reported_as_such",
        ],
    ),
    (
        "RFC 5034",
        "an initial response if it fits, an empty one as `=`; strict base64; `*` cancels",
        &[
            "every_command_is_encoded_as_the_standards_require_and_parsed_again",
            "rfc5034_an_initial_response_is_sent_if_it_fits_and_sasl_was_announced",
            "rfc5034_a_challenge_with_invalid_base64_is_cancelled",
        ],
    ),
    (
        "RFC 5802",
        "SCRAM verifies the server's signature, and is bound to the channel if possible",
        &[
            "rfc5802_the_client_declares_its_support_for_binding_to_a_server_without",
            "rfc5802_a_server_with_another_channel_binding_gets_a_proof_without_binding",
            "rfc5802_no_weaker_login_is_used_if_binding_worked_before",
        ],
    ),
    (
        "RFC 6856",
        "UTF8 is sent under TLS and before the login; LANG",
        &[
            "rfc6856_utf8_is_sent_under_tls_and_before_the_login_and_may_be_refused",
            "rfc6856_utf8_is_enabled_and_names_are_normalised",
            "rfc6856_a_message_that_needs_utf8_is_skipped_if_the_server_refuses_utf8",
            "recordings_are_replayed_to_their_end",
        ],
    ),
    (
        "RFC 7628",
        "the error challenge for a refused token needs an answer",
        &["rfc7628_the_error_challenge_of_a_refused_token_is_answered"],
    ),
    (
        "RFC 7677",
        "SCRAM-SHA-256 ends if the server cannot prove itself",
        &["rfc7677_a_server_that_does_not_know_the_password_is_rejected"],
    ),
    (
        "RFC 7817",
        "the certificate is checked for the dialled name",
        &["rfc7817_the_certificate_is_checked_for_the_dialled_name"],
    ),
    (
        "RFC 8314",
        "TLS from the first byte; no credentials without it; no certificate bypass",
        &[
            "rfc8314_tls_may_start_with_the_first_byte",
            "rfc8314_no_credentials_are_sent_without_tls_if_tls_was_chosen",
            "rfc8314_an_unknown_issuer_is_named_and_cannot_be_bypassed",
        ],
    ),
    (
        "The registry",
        "13 capability tags and 6 response codes, each with a type of its own",
        &[
            "every_capability_is_parsed_as_it_was_written",
            "response_codes_may_have_any_case_and_unknown_levels",
            "rfc3206_each_code_leads_to_its_problem",
        ],
    ),
    (
        "RFC 9266",
        "tls-exporter with TLS 1.3, tls-server-end-point with 1.2",
        &["rfc9266_scram_plus_uses_the_channel_binding_of_the_tls_version"],
    ),
];

/// Requirements that are not implemented, and the reasons.
const NOT_IMPLEMENTED: &[(&str, &str)] = &[
    (
        "RFC 6186",
        "_pop3s._tcp: a browser cannot query SRV records, and the bridge forwards no DNS queries, \
         so that it cannot be used to explore a network",
    ),
    (
        "RFC 1082",
        "XTND is historic: the codec parses and encodes it, and the console can send it",
    ),
];

/// Known quirks of servers. The tests of each begin with its number: `q01_`.
const QUIRKS: [&str; 27] = [
    "terminators that are split over reads, and reads of a single dot",
    "missing byte-stuffing, bare LF",
    "terminators without a line break before or after them",
    "long lines, NUL, missing headers",
    "wrong sizes",
    "8-bit text in status lines, unusual unique-ids",
    "capabilities that change, or are missing although the command works",
    "CAPA that stalls or ends the session",
    "challenges as +OK, closing the connection after a refused AUTH",
    "APOP advertised but refused, capabilities with an equals sign",
    "data injected before TLS",
    "locks without a response code",
    "a minimum time between logins",
    "XOAUTH2 in two steps, with long tokens",
    "non-ASCII passwords",
    "unusual formats of listings",
    "unique-ids that several messages share, or that are reused for another message",
    "a change of all unique-ids: stored messages are recognised by size and header",
    "new mail in the middle of the list",
    "large maildrops",
    "TOP with another number of lines: no check relies on it, and the console shows the lines",
    "partial listings, user names with a prefix",
    "broken pipelining",
    "short idle timeouts",
    "servers that delete fetched messages",
    "a message that the server cannot deliver",
    "listings in the wrong order, with empty lines, or with too many messages",
];

/// Collects the names of all functions below a folder, including tests.
fn functions(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let names = text.split("fn ").skip(1);
            let names = names.filter_map(|rest| rest.split_once("()").map(|(name, _)| name));
            let is_name =
                |name: &&str| name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric());
            found.extend(names.filter(is_name).map(str::to_owned));
        }
    }
}

fn all_functions() -> BTreeSet<String> {
    let client = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    for folder in ["src", "tests", "../shared/src", "../shared/tests"] {
        functions(&client.join(folder), &mut found);
    }
    found
}

#[test]
fn every_requirement_has_existing_tests() {
    let functions = all_functions();
    for (rfc, requirement, tests) in REQUIREMENTS {
        assert!(!tests.is_empty(), "{rfc}: {requirement}");
        for test in *tests {
            assert!(
                functions.contains(*test),
                "{rfc}: {requirement}: the test {test} does not exist"
            );
        }
    }
    let listed: BTreeSet<&str> = REQUIREMENTS
        .iter()
        .flat_map(|(_, _, tests)| *tests)
        .copied()
        .collect();
    let named = functions.iter().filter(|name| name.starts_with("rfc"));
    for test in named.filter(|name| name.contains('_')) {
        assert!(
            listed.contains(test.as_str()),
            "{test} is missing from the table"
        );
    }
    for (what, why) in NOT_IMPLEMENTED {
        assert!(
            !why.is_empty() && REQUIREMENTS.iter().all(|(rfc, _, _)| rfc != what),
            "{what}"
        );
    }
}

#[test]
fn every_quirk_has_a_test() {
    let functions = all_functions();
    for (number, quirk) in (1..).zip(QUIRKS) {
        let prefix = format!("q{number:02}_");
        let is_tested = functions.iter().any(|name| name.starts_with(&prefix));
        assert!(is_tested, "no test has the prefix {prefix}: {quirk}");
    }
}
