//! Which tests show what a POP3 client owes, and what it meets.
//!
//! The tests of an oddity carry its number, and those of most duties the number of their RFC: here
//! are the lines that they are about, and for the duties all tests by name.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What the standards ask of a client, and the tests that show it.
const DUTIES: &[(&str, &str, &[&str])] = &[
    (
        "RFC 1939",
        "the greeting is a response; status text means something for STAT, LIST and UIDL only",
        &[
            "rfc1939_status_text_means_nothing",
            "rfc3206_codes_mean_the_same_on_any_command",
        ],
    ),
    (
        "RFC 1939",
        "multi-line responses end where they end, and byte-stuffing is undone",
        &[
            "q01_a_terminator_split_over_reads_ends_the_message_and_a_lone_dot_does_not",
            "what_arrives_is_what_lies_there",
            "rfc1939_sizes_do_not_count_what_byte_stuffing_adds",
        ],
    ),
    (
        "RFC 1939",
        "unique-ids persist, even where UPDATE never came",
        &[
            "a_check_that_is_cut_anywhere_is_completed_by_the_next",
            "q24_a_session_that_is_dropped_is_taken_up_again_in_the_same_check",
        ],
    ),
    (
        "RFC 1939",
        "UIDL and TOP are optional: a maildrop is read without them, each message once",
        &[
            "rfc1939_messages_are_told_by_their_headers_where_there_is_no_uidl",
            "rfc1939_messages_are_told_by_all_of_their_text_where_there_is_no_top_either",
            "rfc1939_messages_that_are_all_alike_arrive_as_often_as_they_are_there",
            "rfc1939_a_server_that_hangs_up_on_top_has_its_messages_told_by_their_text",
            "rfc1939_headers_go_on_telling_messages_after_the_line_has_broken_once",
        ],
    ),
    (
        "RFC 1939",
        "DELE holds at QUIT only, which may refuse it",
        &["only_a_confirmed_quit_deletes", "a_refused_quit_is_told"],
    ),
    (
        "RFC 1939",
        "a server hangs up on who is idle, and forgets what was marked",
        &[
            "a_console_stays_alive_while_nobody_types_but_not_for_ever",
            "a_server_that_hangs_up_while_nobody_types_is_told_at_once",
        ],
    ),
    (
        "RFC 1939",
        "APOP never in the clear, unless the reader insists",
        &[
            "rfc1939_apop_is_not_used_in_the_clear",
            "every_way_to_log_in_works_where_it_is_offered_and_is_told_where_it_is_not",
        ],
    ),
    (
        "RFC 1939",
        "§8: a server may delete by itself",
        &["q25_a_server_that_deletes_what_was_fetched_is_told_in_its_report_card"],
    ),
    (
        "RFC 2449",
        "commands of 255 octets at the most, status lines of 512 or more",
        &[
            "a_name_or_password_that_pop3_cannot_carry_is_told",
            "q04_status_and_listing_lines_may_be_long",
        ],
    ),
    (
        "RFC 2449",
        "tags in any case, unknown ones passed over; without CAPA, everything is tried",
        &[
            "rfc2449_tags_are_known_in_any_case_and_unknown_ones_passed_over",
            "rfc2449_a_server_without_capa_is_probed",
        ],
    ),
    (
        "RFC 2449",
        "asked again under TLS and after the login",
        &["rfc2449_capabilities_are_asked_for_under_tls_and_again_after_the_login"],
    ),
    (
        "RFC 2449",
        "response codes count where they were announced; [IN-USE] blames no password",
        &[
            "only_an_announced_code_blames_the_credentials_for_certain",
            "response_codes_may_have_any_case_and_unknown_levels",
            "rfc2449_a_locked_maildrop_does_not_ask_for_a_password",
        ],
    ),
    (
        "RFC 2449",
        "LOGIN-DELAY is obeyed",
        &[
            "a_check_that_comes_too_soon_is_postponed_and_begins_by_itself",
            "rfc2449_a_pause_that_depends_on_the_user_is_the_one_that_is_told_after_the_login",
            "rfc2449_a_login_too_early_is_told_as_such",
        ],
    ),
    (
        "RFC 2449",
        "EXPIRE and IMPLEMENTATION are told to the reader",
        &[
            "what_a_server_deletes_by_itself_is_told_in_words",
            "what_tls_and_the_login_changed_is_visible",
            "rfc2449_expire_is_understood_though_mailutils_leaves_out_the_blank",
        ],
    ),
    (
        "RFC 2449",
        "PIPELINING: replies come in order, within a window",
        &[
            "q07_pipelining_that_is_announced_after_the_login_only_is_used",
            "rfc2449_listings_are_asked_for_right_behind_the_capabilities",
            "q23_what_is_not_answered_ahead_goes_one_by_one_in_the_same_check_and_from_then_on",
            "q23_pipelining_that_gets_out_of_step_is_noticed_given_up_and_remembered",
        ],
    ),
    (
        "RFC 2595",
        "nothing is sent until TLS is up, what was learned before is forgotten, what was injected \
         is refused",
        &[
            "rfc2595_what_was_learned_before_tls_is_asked_for_again_under_it",
            "q11_octets_injected_before_tls_are_refused",
        ],
    ),
    (
        "RFC 3206",
        "[AUTH], [SYS/TEMP] and [SYS/PERM] are three things to tell, on any command",
        &[
            "rfc3206_each_code_has_its_outcome",
            "rfc3206_codes_mean_the_same_on_any_command",
            "rfc3206_a_wrong_password_asks_for_another",
        ],
    ),
    (
        "RFC 5034",
        "an initial response where it fits, an empty one as `=`; strict base64; `*` cancels",
        &[
            "every_command_is_encoded_as_the_standards_require_and_parsed_again",
            "rfc5034_an_initial_response_is_sent_where_it_fits_and_sasl_was_announced",
            "rfc5034_a_challenge_that_is_no_base64_is_cancelled",
        ],
    ),
    (
        "RFC 5802",
        "SCRAM checks the server's signature, and is bound to the channel where that can be",
        &[
            "rfc5802_a_server_without_binding_is_told_that_the_client_could_have_bound",
            "rfc5802_a_server_that_knows_another_channel_binding_gets_the_proof_unbound",
            "rfc5802_no_weaker_login_is_made_up_for_where_binding_worked_before",
        ],
    ),
    (
        "RFC 6856",
        "UTF8 under TLS and before the login; LANG",
        &[
            "rfc6856_utf8_is_asked_for_under_tls_and_before_the_login_and_may_be_refused",
            "rfc6856_a_server_with_utf_8_is_put_into_it_and_gets_names_in_one_form",
            "rfc6856_a_message_that_needs_utf_8_is_passed_over_where_the_server_would_not_switch",
            "recordings_are_replayed_to_their_end",
        ],
    ),
    (
        "RFC 7628",
        "a refused token has one more answer to be given",
        &["rfc7628_a_refused_token_is_answered_once_more_before_it_is_told"],
    ),
    (
        "RFC 7677",
        "SCRAM-SHA-256 with a server that cannot prove itself ends there",
        &["rfc7677_a_server_that_does_not_know_the_password_is_not_believed"],
    ),
    (
        "RFC 7817",
        "the name that is checked is the name that was dialled",
        &["rfc7817_the_name_that_is_checked_is_the_name_that_was_dialled"],
    ),
    (
        "RFC 8314",
        "TLS from the first octet; no credentials without it; no way around a certificate",
        &[
            "rfc8314_tls_may_begin_with_the_first_octet",
            "rfc8314_no_credentials_leave_without_tls_where_tls_was_chosen",
            "rfc8314_an_unknown_issuer_is_named_and_there_is_no_way_around_it",
        ],
    ),
    (
        "The registry",
        "13 capability tags and 6 response codes, each with a type of its own",
        &[
            "every_capability_is_parsed_as_it_was_written",
            "response_codes_may_have_any_case_and_unknown_levels",
            "rfc3206_each_code_has_its_outcome",
        ],
    ),
    (
        "RFC 9266",
        "tls-exporter on TLS 1.3, tls-server-end-point on 1.2",
        &["rfc9266_scram_plus_binds_to_what_each_version_of_tls_has"],
    ),
];

/// What is not done, and why.
const NOT_DONE: &[(&str, &str)] = &[
    (
        "RFC 6186",
        "_pop3s._tcp: a browser cannot ask for SRV records, and the bridge answers no questions of \
         DNS, so that it cannot be used to look around",
    ),
    (
        "RFC 1082",
        "XTND is historic: the codec reads and writes it, and the console can send it",
    ),
];

/// What servers do in the wild. The tests of each begin with its number: `q01_`.
const ODDITIES: [&str; 27] = [
    "terminators that are split over reads, and reads of a lone dot",
    "no byte-stuffing, bare LF",
    "terminators without their own line end, or one before them",
    "long lines, NUL, no header",
    "sizes that are wrong",
    "8-bit text in status lines, odd unique-ids",
    "capabilities that change, or are missing though the command works",
    "CAPA that hangs or hangs up",
    "challenges as +OK, an end after a refused AUTH",
    "APOP offered in vain, capabilities with an equals sign",
    "octets injected before TLS",
    "locks that are told in words only",
    "a least time between logins",
    "XOAUTH2 in two steps, with long tokens",
    "passwords that are not ASCII",
    "listings in forms of their own",
    "unique-ids that several messages share, or that are given to another message",
    "a change of all unique-ids: what is kept is told by its size and header, the rest is fetched",
    "new mail in the middle of the list",
    "large maildrops",
    "TOP that gives another number of lines: no check uses it, and the console shows what came",
    "maildrops that are listed in parts, user names with a prefix",
    "pipelining that is broken",
    "an end after a short silence",
    "servers that delete what was fetched",
    "one bad message",
    "messages in the wrong order, empty lines, too many messages",
];

/// The names of all functions below a folder, tests among them.
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
fn every_duty_is_shown_by_tests_that_exist() {
    let functions = all_functions();
    for (rfc, duty, tests) in DUTIES {
        assert!(!tests.is_empty(), "{rfc}: {duty}");
        for test in *tests {
            assert!(
                functions.contains(*test),
                "{rfc}: {duty}: there is no {test}"
            );
        }
    }
    let listed: BTreeSet<&str> = DUTIES
        .iter()
        .flat_map(|(_, _, tests)| *tests)
        .copied()
        .collect();
    let named = functions.iter().filter(|name| name.starts_with("rfc"));
    for test in named.filter(|name| name.contains('_')) {
        assert!(listed.contains(test.as_str()), "{test} is not in the table");
    }
    for (what, why) in NOT_DONE {
        assert!(
            !why.is_empty() && DUTIES.iter().all(|(rfc, _, _)| rfc != what),
            "{what}"
        );
    }
}

#[test]
fn every_oddity_is_played() {
    let functions = all_functions();
    for (number, oddity) in (1..).zip(ODDITIES) {
        let prefix = format!("q{number:02}_");
        let shown = functions.iter().any(|name| name.starts_with(&prefix));
        assert!(shown, "no test shows {prefix}: {oddity}");
    }
}
