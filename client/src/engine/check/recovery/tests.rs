//! The table of decisions: ends of sessions in a row, and the step that follows the last one.

use restante_shared::pop3::argument::MessageNumber;
use restante_shared::pop3::session::PeerError;
use restante_shared::relay::CloseCode;

use super::*;
use crate::engine::check::find::queue::Wanted;
use crate::transport::TransportError;

const NOW: i64 = 1_000_000;

fn lost() -> Fault {
    TransportError::Lost.into()
}

fn relay_ended() -> Fault {
    TransportError::Relay(CloseCode::ShuttingDown).into()
}

fn out_of_step() -> Fault {
    PeerError::NoStatus(Request::Noop).into()
}

/// A session that was lost over the message "one".
fn fetching(fault: Fault, alone: bool, arrived: u32) -> SessionEnd {
    fetching_last(fault, alone, arrived, false)
}

fn fetching_last(fault: Fault, alone: bool, arrived: u32, is_last: bool) -> SessionEnd {
    SessionEnd::LostInFetching {
        loss: FetchLoss {
            fault,
            culprit: Some(Wanted {
                message: MessageNumber::new(1).unwrap(),
                unique_id: "one".to_owned(),
                announced: None,
                alone,
            }),
            several: !alone,
            unanswered: !alone,
        },
        arrived,
        refused: vec![],
        skipped: 0,
        is_last,
    }
}

fn idle(fault: Fault) -> SessionEnd {
    SessionEnd::LostInFetching {
        loss: FetchLoss {
            fault,
            culprit: None,
            several: false,
            unanswered: false,
        },
        arrived: 3,
        refused: vec![],
        skipped: 0,
        is_last: false,
    }
}

fn login(kind: ProblemKind) -> SessionEnd {
    SessionEnd::NotLoggedIn(Problem::new(kind).into())
}

fn listing(kind: ProblemKind, awaited: Request, was_pipelined: bool) -> SessionEnd {
    SessionEnd::LostInListing {
        error: Problem::new(kind).into(),
        awaited: Some(awaited),
        was_pipelined,
        is_midway: false,
    }
}

fn complete(skipped: u32, is_part: bool) -> SessionEnd {
    SessionEnd::Complete {
        refused: vec!["refused".to_owned()],
        skipped,
        is_part,
    }
}

fn reconnect(millis: u64) -> Next {
    Next::Reconnect {
        after: Duration::from_millis(millis),
    }
}

fn fail(kind: ProblemKind) -> Next {
    Next::Fail(Problem::new(kind))
}

fn failed(is_certain: bool, fault: &Fault) -> Lesson {
    Lesson::MessageFailed {
        unique_id: "one".to_owned(),
        reason: fault.to_string(),
        is_certain,
    }
}

/// Runs sessions, and returns the step and the lessons after the last one.
fn after(ends: impl IntoIterator<Item = SessionEnd>) -> (Next, Vec<Lesson>) {
    let mut recovery = Recovery::default();
    let steps = ends
        .into_iter()
        .map(|end| recovery.next(end, &ServerProfile::default(), NOW));
    steps.last().unwrap()
}

#[test]
fn each_end_of_a_session_has_its_consequence() {
    use ProblemKind::{
        BridgeShuttingDown, BridgeUnreachable, ConnectionLost, MaildropInUse, ServerRefused,
        TimedOut, WrongCredentials,
    };
    let uidl = Request::Uidl(None);
    let retr = Request::Retr(MessageNumber::new(1).unwrap());
    type Row = (&'static str, Vec<SessionEnd>, Next, Vec<Lesson>);
    let table: Vec<Row> = vec![
        (
            "a complete session ends the check",
            vec![complete(2, false)],
            Next::Finish { skipped: 2 },
            vec![],
        ),
        (
            "a full part is followed by the next one, at once",
            vec![complete(0, true)],
            reconnect(0),
            vec![],
        ),
        (
            "a wrong password ends the check",
            vec![login(WrongCredentials)],
            fail(WrongCredentials),
            vec![],
        ),
        (
            "a locked maildrop ends the check if this client did not lock it",
            vec![login(MaildropInUse)],
            fail(MaildropInUse),
            vec![],
        ),
        (
            "a maildrop locked by the lost session is tried again",
            vec![fetching(lost(), false, 1), login(MaildropInUse)],
            reconnect(400),
            vec![],
        ),
        (
            "a connection that cannot be opened again reports the loss that came before",
            vec![
                fetching(out_of_step(), false, 1),
                login(ProblemKind::ConnectionRefused),
            ],
            Next::Fail(out_of_step().into()),
            vec![],
        ),
        (
            "a bridge that stops is dialled again at once",
            vec![login(BridgeShuttingDown)],
            reconnect(0),
            vec![],
        ),
        (
            "a bridge that cannot be reached ends the check",
            vec![login(BridgeUnreachable)],
            fail(BridgeUnreachable),
            vec![],
        ),
        (
            "a bridge that cannot be reached after it stopped is waited for",
            vec![login(BridgeShuttingDown), login(BridgeUnreachable)],
            reconnect(200),
            vec![],
        ),
        (
            "a bridge that stops while the maildrop is listed is dialled again at once",
            vec![listing(BridgeShuttingDown, uidl, true)],
            reconnect(0),
            vec![],
        ),
        (
            "a refused listing ends the check",
            vec![listing(ServerRefused, uidl, false)],
            fail(ServerRefused),
            vec![],
        ),
        (
            "a connection lost over a listing that was not pipelined ends the check",
            vec![listing(ConnectionLost, uidl, false)],
            fail(ConnectionLost),
            vec![],
        ),
        (
            "a connection lost over a pipelined listing is tried again without",
            vec![listing(ConnectionLost, uidl, true)],
            reconnect(200),
            vec![Lesson::PipelinedListingLost],
        ),
        (
            "a session lost right after the login over pipelined listings is tried again without",
            vec![SessionEnd::NotLoggedIn(LoginError::PipelinedListing(
                Problem::new(TimedOut),
            ))],
            reconnect(200),
            vec![Lesson::PipelinedListingLost],
        ),
        (
            "a message that cannot be read for its name is tried again",
            vec![listing(ConnectionLost, retr, false)],
            reconnect(200),
            vec![],
        ),
        (
            "one session lost over headers may be an accident",
            vec![SessionEnd::LostInMatching(lost())],
            reconnect(200),
            vec![],
        ),
        (
            "two sessions lost over headers are not",
            vec![
                SessionEnd::LostInMatching(lost()),
                SessionEnd::LostInMatching(lost()),
            ],
            reconnect(400),
            vec![Lesson::TopBroke],
        ),
        (
            "a relay that ends over headers says nothing about the server",
            vec![
                SessionEnd::LostInMatching(relay_ended()),
                SessionEnd::LostInMatching(relay_ended()),
            ],
            reconnect(200),
            vec![],
        ),
        (
            "a message over which a session is lost is suspected",
            vec![fetching(lost(), false, 1)],
            reconnect(200),
            vec![failed(false, &lost())],
        ),
        (
            "a message over which a session is lost again, alone, is given up",
            vec![fetching(lost(), false, 1), fetching(lost(), true, 1)],
            reconnect(400),
            vec![failed(true, &lost())],
        ),
        (
            "the check is complete if only such a message was left",
            vec![
                fetching(lost(), false, 1),
                fetching_last(lost(), true, 1, true),
            ],
            Next::Finish { skipped: 1 },
            vec![failed(true, &lost())],
        ),
        (
            "a message without end is given up at once",
            vec![fetching(Fault::Endless, false, 0)],
            reconnect(200),
            vec![failed(true, &Fault::Endless)],
        ),
        (
            "replies out of step break pipelining",
            vec![fetching(out_of_step(), false, 1)],
            reconnect(200),
            vec![failed(false, &out_of_step()), Lesson::PipeliningBroken],
        ),
        (
            "a server that falls silent breaks pipelining",
            vec![fetching(Fault::TimedOut, false, 1)],
            reconnect(200),
            vec![failed(false, &Fault::TimedOut), Lesson::PipeliningBroken],
        ),
        (
            "pipelining is cleared if the message was to blame",
            vec![
                fetching(out_of_step(), false, 1),
                fetching(out_of_step(), true, 1),
            ],
            reconnect(400),
            vec![failed(true, &out_of_step()), Lesson::PipeliningWorks],
        ),
        (
            "a session lost while nothing was asked for ends the check",
            vec![idle(lost())],
            Next::Fail(lost().into()),
            vec![],
        ),
        (
            "a relay that ends is dialled again at once",
            vec![fetching(relay_ended(), false, 5)],
            reconnect(0),
            vec![],
        ),
    ];
    for (name, ends, next, lessons) in table {
        assert_eq!(after(ends), (next, lessons), "{name}");
    }
}

#[test]
fn a_check_ends_after_seven_lost_sessions() {
    let times = |count| (0..count).map(|_| fetching(lost(), false, 1));
    assert_eq!(after(times(6)).0, reconnect(6_400));
    assert_eq!(after(times(7)).0, Next::Fail(lost().into()));
}

#[test]
fn a_bridge_that_stops_does_not_count_as_a_lost_session() {
    let mut recovery = Recovery::default();
    let mut next = |end| recovery.next(end, &ServerProfile::default(), NOW).0;
    for _ in 0..3 {
        assert_eq!(next(fetching(relay_ended(), false, 5)), reconnect(0));
        for _ in 1..MAX_MOVES {
            let next = next(login(ProblemKind::BridgeShuttingDown));
            assert!(matches!(next, Next::Reconnect { .. }));
        }
    }
    let next = next(login(ProblemKind::BridgeShuttingDown));
    assert_eq!(next, fail(ProblemKind::BridgeShuttingDown));
    assert_eq!(recovery.lost, 0);
}

#[test]
fn a_connection_that_breaks_repeatedly_is_no_longer_pipelined() {
    let mut recovery = Recovery::default();
    let profile = ServerProfile::default();
    recovery.next(fetching(lost(), false, 7), &profile, NOW);
    assert!(!recovery.is_one_by_one(), "it may have been an accident");
    recovery.next(fetching(lost(), false, 7), &profile, NOW);
    assert!(recovery.is_one_by_one());
    let mut recovery = Recovery::default();
    recovery.next(fetching(lost(), false, 0), &profile, NOW);
    assert!(recovery.is_one_by_one(), "nothing arrived");
    let mut recovery = Recovery::default();
    recovery.next(fetching(Fault::Endless, false, 0), &profile, NOW);
    assert!(!recovery.is_one_by_one() && recovery.is_given_up("one"));
}

#[test]
fn a_stalled_listing_stays_under_suspicion_until_a_listing_succeeds() {
    let mut recovery = Recovery::default();
    let profile = ServerProfile::default();
    let uidl = Request::Uidl(None);
    recovery.next(listing(ProblemKind::TimedOut, uidl, true), &profile, NOW);
    assert!(recovery.suspects_pipelining());
    recovery.next(login(ProblemKind::MaildropInUse), &profile, NOW);
    assert!(recovery.suspects_pipelining());
    recovery.next(complete(0, true), &profile, NOW);
    assert!(!recovery.suspects_pipelining());
    recovery.next(
        listing(ProblemKind::ConnectionLost, uidl, true),
        &profile,
        NOW,
    );
    assert!(
        !recovery.suspects_pipelining(),
        "the server may have hung up for another reason"
    );
    let midway = SessionEnd::LostInListing {
        error: Problem::new(ProblemKind::TimedOut).into(),
        awaited: Some(uidl),
        was_pipelined: true,
        is_midway: true,
    };
    recovery.next(midway, &profile, NOW);
    assert!(!recovery.suspects_pipelining(), "the reply had begun");
}

#[test]
fn a_login_delay_is_waited_for_if_it_is_short() {
    for (seconds, next) in [
        (10, reconnect(10_200)),
        (30, reconnect(30_200)),
        (31, Next::Fail(lost().into())),
        (-5, reconnect(200)),
    ] {
        let profile = ServerProfile {
            next_login: Some(NOW + seconds),
            ..ServerProfile::default()
        };
        let end = fetching(lost(), false, 1);
        let (decided, _) = Recovery::default().next(end, &profile, NOW);
        assert_eq!(decided, next, "{seconds} s");
    }
}

#[test]
fn a_part_is_not_followed_by_another_if_the_server_wants_a_long_pause() {
    let profile = ServerProfile {
        next_login: Some(NOW + 300),
        ..ServerProfile::default()
    };
    let (next, _) = Recovery::default().next(complete(1, true), &profile, NOW);
    assert_eq!(next, Next::Finish { skipped: 1 });
}

#[test]
fn a_message_that_breaks_the_naming_of_messages_is_suspected_and_then_given_up() {
    let naming = |is_first_header, pipelined, fault| SessionEnd::LostInListing {
        error: ListingError::Naming(NamingLoss {
            fault,
            pipelined,
            is_first_header,
            place: Some("message 1, 7 octets".to_owned()),
        }),
        awaited: Some(Request::Top(MessageNumber::new(1).unwrap())),
        was_pipelined: false,
        is_midway: false,
    };
    let lessons = |end, profile: &ServerProfile| Recovery::default().next(end, profile, NOW).1;
    let mut profile = ServerProfile::default();
    let suspected = lessons(naming(false, false, lost()), &profile);
    assert!(matches!(
        *suspected,
        [Lesson::MessageFailed {
            is_certain: false,
            ..
        }]
    ));
    for lesson in suspected {
        profile.learn(lesson, NOW);
    }
    let certain = lessons(naming(false, false, lost()), &profile);
    assert!(matches!(
        *certain,
        [Lesson::MessageFailed {
            is_certain: true,
            ..
        }]
    ));
    let top = lessons(naming(true, false, lost()), &profile);
    assert_eq!(top, [Lesson::TopBroke]);
    let step = lessons(naming(true, true, out_of_step()), &profile);
    assert_eq!(step, [Lesson::PipeliningBroken]);
    assert_eq!(lessons(naming(false, false, relay_ended()), &profile), []);
}
