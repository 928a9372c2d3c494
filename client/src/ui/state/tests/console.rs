//! The console: lines, replies and confirmations.

use super::*;
use crate::api::console::{
    Consequence, ConsoleChange, ConsoleCommand, ConsoleEvent, LocalCopy, RejectedLine,
};
use crate::api::report::ReportCommand;
use crate::api::transcript::TranscriptLine;
use restante_shared::pop3::transcript::Step;

fn press(state: &mut PageState, action: ConsoleAction) -> Vec<Effect> {
    act(state, UserAction::Console(action))
}

fn change(state: &mut PageState, change: ConsoleChange) -> Vec<Effect> {
    let mailbox = MailboxId(1);
    hear(
        state,
        EngineEvent::Console(ConsoleEvent { mailbox, change }),
    )
}

fn type_in(state: &mut PageState, line: &str) -> Vec<Effect> {
    assert_eq!(press(state, ConsoleAction::Type(line.to_owned())), []);
    press(state, ConsoleAction::Send)
}

fn send(line: &str, several_lines: bool, confirmed: bool) -> Effect {
    Effect::Send(EngineCommand::Console(ConsoleCommand::Send {
        line: line.to_owned(),
        several_lines,
        confirmed,
    }))
}

/// Returns the state of a page with an open console.
fn opened() -> PageState {
    let mut state = ready(vec![mailbox(1), mailbox(2)]);
    assert!(!act(&mut state, UserAction::SeeConnection(MailboxId(1))).is_empty());
    let effects = press(&mut state, ConsoleAction::Open);
    let mailbox = MailboxId(1);
    let open = Effect::Send(EngineCommand::Console(ConsoleCommand::Open { mailbox }));
    assert_eq!(effects, [open, Effect::Focus(Focus::Console)]);
    assert_eq!(state.console.phase, ConsolePhase::Opening);
    assert_eq!(press(&mut state, ConsoleAction::Open), [], "once is enough");
    let logged_in = change(&mut state, ConsoleChange::Ready { marked: 0 });
    assert_eq!(logged_in, [Effect::Focus(Focus::Console)]);
    state
}

#[test]
fn a_line_is_sent_only_after_the_previous_reply() {
    let mut state = opened();
    assert_eq!(type_in(&mut state, "  "), [], "nothing to send");
    assert_eq!(type_in(&mut state, " STAT "), [send("STAT", false, false)]);
    assert_eq!(type_in(&mut state, "NOOP"), [], "not yet");
    assert_eq!(state.console.line, "NOOP", "but it stays typed");
    let lines = vec![TranscriptLine::Step {
        step: Step::Server(b"+OK 2 320".to_vec()),
        millis: Some(3),
    }];
    assert_eq!(change(&mut state, ConsoleChange::Lines { lines }), []);
    assert_eq!(change(&mut state, ConsoleChange::Ready { marked: 0 }), []);
    assert_eq!(state.console.log.blocks.len(), 1);
    let effects = press(&mut state, ConsoleAction::Send);
    assert_eq!(effects, [send("NOOP", false, false)]);
}

#[test]
fn the_multi_line_mark_applies_to_one_line_only() {
    let mut state = opened();
    assert_eq!(press(&mut state, ConsoleAction::SeveralLines(true)), []);
    assert_eq!(type_in(&mut state, "XLIST"), [send("XLIST", true, false)]);
    assert_eq!(change(&mut state, ConsoleChange::Ready { marked: 0 }), []);
    assert_eq!(type_in(&mut state, "XMORE"), [send("XMORE", false, false)]);
}

#[test]
fn a_deletion_is_sent_only_after_confirmation() {
    let mut state = opened();
    let sent = type_in(&mut state, "DELE 1");
    assert_eq!(sent, [send("DELE 1", false, false)]);
    let confirm = || ConsoleChange::Confirm {
        line: "DELE 1".to_owned(),
        several_lines: false,
        consequence: Consequence::Mark {
            message: 1,
            copy: LocalCopy::Stored,
        },
    };
    assert_eq!(change(&mut state, confirm()), []);
    assert!(matches!(state.dialog, Some(Dialog::Confirm { .. })));
    let declined = act(&mut state, UserAction::CloseDialog);
    assert_eq!(declined, [Effect::Focus(Focus::Console)]);
    assert_eq!(press(&mut state, ConsoleAction::Confirm), [], "to nothing");
    assert_eq!(state.console.phase, ConsolePhase::Ready);

    assert_eq!(change(&mut state, confirm()), []);
    let agreed = press(&mut state, ConsoleAction::Confirm);
    let line = send("DELE 1", false, true);
    assert_eq!(agreed, [line, Effect::Focus(Focus::Console)]);
    assert_eq!(state.dialog, None);
    assert_eq!(change(&mut state, ConsoleChange::Ready { marked: 1 }), []);
    assert_eq!(state.console.marked, 1);
}

#[test]
fn a_rejected_line_returns_to_the_input() {
    let mut state = opened();
    assert!(!type_in(&mut state, "RETR").is_empty());
    let reason = RejectedLine::Invalid {
        error: "wrong number of arguments".to_owned(),
    };
    let rejected = ConsoleChange::Rejected {
        reason: reason.clone(),
    };
    assert_eq!(change(&mut state, rejected), []);
    assert_eq!(state.console.line, "RETR");
    assert_eq!(state.console.rejected, Some(reason));
    let earlier = ConsoleAction::Recall { earlier: true };
    assert_eq!(press(&mut state, earlier), []);
    assert_eq!(state.console.line, "RETR", "there is none before it");
    assert_eq!(type_in(&mut state, "RETR 1").len(), 1);
    assert_eq!(state.console.rejected, None);
}

#[test]
fn lines_are_recalled_in_both_directions() {
    let mut state = opened();
    for line in ["STAT", "LIST", "STAT"] {
        assert_eq!(type_in(&mut state, line).len(), 1);
        assert_eq!(change(&mut state, ConsoleChange::Ready { marked: 0 }), []);
    }
    for (earlier, line) in [
        (true, "STAT"),
        (true, "LIST"),
        (true, "LIST"),
        (false, "STAT"),
        (false, ""),
        (false, ""),
    ] {
        assert_eq!(press(&mut state, ConsoleAction::Recall { earlier }), []);
        assert_eq!(state.console.line, line);
    }
}

#[test]
fn closing_closes_the_confirmation_and_loads_the_session() {
    let mut state = opened();
    let confirm = ConsoleChange::Confirm {
        line: "QUIT".to_owned(),
        several_lines: false,
        consequence: Consequence::Delete {
            messages: 1,
            maybe_lost: 0,
        },
    };
    assert_eq!(change(&mut state, confirm), []);
    let problem = Some(Problem::new(ProblemKind::ConnectionLost));
    let closed = ConsoleChange::Closed {
        problem: problem.clone(),
    };
    let effects = change(&mut state, closed);
    let [
        Effect::Send(EngineCommand::Report(ReportCommand::Load { .. })),
        _,
    ] = effects[..]
    else {
        panic!("{effects:?}")
    };
    assert_eq!(state.dialog, None);
    assert_eq!(state.console.phase, ConsolePhase::Closed);
    assert_eq!(state.console.problem, problem);
    assert_eq!(change(&mut state, ConsoleChange::Ready { marked: 0 }), []);
    assert_eq!(state.console.phase, ConsolePhase::Closed, "too late");
}

#[test]
fn only_one_console_is_open_at_a_time() {
    let mut state = opened();
    assert!(!act(&mut state, UserAction::SeeConnection(MailboxId(2))).is_empty());
    assert_eq!(press(&mut state, ConsoleAction::Open), []);
    assert!(state.console.is_open(MailboxId(1)));
    assert!(!state.console.is_open(MailboxId(2)));
    let close = press(&mut state, ConsoleAction::Close);
    assert_eq!(
        close,
        [Effect::Send(EngineCommand::Console(ConsoleCommand::Close))]
    );
}
