//! The words for the console: rejected lines, consequences, and the commands to try.

use crate::api::console::{Consequence, LocalCopy, RejectedLine};
use crate::ui::figures::things;
use crate::ui::state::ConsolePhase;

/// The title of the console's introduction.
pub const INTRODUCTION_TITLE: &str = "Speak to the server yourself";

/// The text of the console's introduction.
pub const INTRODUCTION: &str = "The console logs in to this mailbox and sends what you type, one line at a time. Nothing is deleted before you have confirmed it, and closing the console takes every mark back.";

/// Commands to try, each with its meaning.
pub const COMMANDS: [(&str, &str); 8] = [
    ("STAT", "how many messages there are, and their size"),
    ("LIST", "the size of each message"),
    ("UIDL", "the name that the server has for each message"),
    ("TOP 1 10", "the header of message 1, and 10 lines of it"),
    ("RETR 1", "message 1 in full"),
    ("CAPA", "what the server can do"),
    (
        "DELE 1",
        "mark message 1 to be deleted; RSET takes all marks back",
    ),
    (
        "QUIT",
        "delete for good what is marked, and end the session",
    ),
];

/// The state of a console after its session.
pub const SESSION_OVER: &str = "The session is over.";

/// The placeholder in the line for a command.
pub const COMMAND_EXAMPLE: &str = "Command, such as STAT";

/// The hint for the check box of multi-line replies.
pub const SEVERAL_LINES_HINT: &str = "Only for commands that Restante does not know.";

/// Returns the state of a console.
#[must_use]
pub fn console_state(phase: ConsolePhase, marked: u32) -> String {
    match phase {
        ConsolePhase::Opening => "Connecting and logging in\u{2026}".to_owned(),
        ConsolePhase::Waiting => "Waiting for the answer\u{2026}".to_owned(),
        ConsolePhase::Ready | ConsolePhase::Closed if marked > 0 => {
            let messages = things(marked.into(), "message");
            let them = if marked == 1 { "it" } else { "them" };
            format!("{messages} marked to be deleted: QUIT deletes {them} for good")
        }
        ConsolePhase::Ready | ConsolePhase::Closed => "Ready".to_owned(),
    }
}

/// Returns the title of the dialog that asks before a line is sent, and the label of the button that
/// sends it.
#[must_use]
pub fn confirmation(line: &str) -> (&'static str, &'static str) {
    let command = line.split_ascii_whitespace().next().unwrap_or_default();
    let is = |name: &str| command.eq_ignore_ascii_case(name);
    if is("DELE") {
        ("Mark it to be deleted?", "Mark it to be deleted")
    } else if is("QUIT") {
        ("Delete for good?", "Delete for good")
    } else if is("RSET") {
        ("Take back all marks?", "Take back all marks")
    } else {
        ("Send this line?", "Send it")
    }
}

/// Returns the reason why a line was not sent.
#[must_use]
pub fn rejected_line(reason: &RejectedLine) -> String {
    match reason {
        RejectedLine::Login => {
            "You are logged in already: names and passwords are not sent from here.".to_owned()
        }
        RejectedLine::Utf8 => {
            "UTF8 belongs before the login, which is over: it is not sent.".to_owned()
        }
        RejectedLine::Password => {
            "The password of this mailbox is in this line, so it is not sent.".to_owned()
        }
        RejectedLine::Invalid { error } => format!("This line cannot be sent: {error}."),
    }
}

/// Returns the consequence of a line.
#[must_use]
pub fn consequence(consequence: Consequence) -> String {
    match consequence {
        Consequence::Mark { message, copy } => marking(message, copy),
        Consequence::Unmark { messages } => match messages {
            0 => "No message was marked here, so nothing changes.".to_owned(),
            1 => "1 message will not be marked any more, and stays on the server.".to_owned(),
            count => {
                format!("{count} messages will not be marked any more, and stay on the server.")
            }
        },
        Consequence::Delete {
            messages,
            maybe_lost,
        } => deletion(messages, maybe_lost),
    }
}

fn marking(message: u32, copy: LocalCopy) -> String {
    let what = format!("The server will delete message {message} for good at QUIT.");
    let here = match copy {
        LocalCopy::Stored => "It stays on this device.",
        LocalCopy::Ambiguous => {
            "A message with its unique-id is on this device, but this server gives one to several \
             messages: it may be lost."
        }
        LocalCopy::Missing => "This message is not on this device: it would be lost for good.",
        LocalCopy::Unknown => {
            "The server does not tell which message this is: if it is not on this device, it would \
             be lost."
        }
    };
    format!("{what} {here}")
}

fn deletion(messages: u32, maybe_lost: u32) -> String {
    let what = match messages {
        1 => "1 message will be deleted on the server for good.".to_owned(),
        count => format!("{count} messages will be deleted on the server for good."),
    };
    let here = match (maybe_lost, messages) {
        (0, 1) => "It stays on this device.".to_owned(),
        (0, _) => "They stay on this device.".to_owned(),
        (_, 1) => "It may not be on this device: it would be lost.".to_owned(),
        (lost, _) => format!("{lost} of them may not be on this device and would be lost."),
    };
    format!("{what} {here}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_confirmation_names_its_effect() {
        assert_eq!(confirmation("dele 1").1, "Mark it to be deleted");
        assert_eq!(confirmation("QUIT").1, "Delete for good");
        assert_eq!(confirmation("").1, "Send it");
    }

    #[test]
    fn the_consequence_of_quit_names_messages_that_may_be_lost() {
        let quit = |messages, maybe_lost| {
            consequence(Consequence::Delete {
                messages,
                maybe_lost,
            })
        };
        assert_eq!(
            quit(1, 0),
            "1 message will be deleted on the server for good. It stays on this device."
        );
        assert_eq!(
            quit(2, 1),
            "2 messages will be deleted on the server for good. 1 of them may not be on this device \
             and would be lost."
        );
        let reset = consequence(Consequence::Unmark { messages: 2 });
        assert!(reset.starts_with("2 messages will not"));
    }

    #[test]
    fn marking_a_message_that_is_nowhere_else_warns_of_its_loss() {
        let mark = |copy| consequence(Consequence::Mark { message: 1, copy });
        assert!(mark(LocalCopy::Missing).contains("lost for good"));
        assert!(!mark(LocalCopy::Stored).contains("lost"));
    }

    #[test]
    fn a_line_that_cannot_be_sent_is_rejected_with_the_error() {
        let reason = RejectedLine::Invalid {
            error: "it is empty".to_owned(),
        };
        assert_eq!(
            rejected_line(&reason),
            "This line cannot be sent: it is empty."
        );
    }
}
