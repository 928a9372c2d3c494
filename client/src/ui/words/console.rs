//! The words for the console: rejected lines, consequences, and the commands to try.

use crate::api::console::{Consequence, LocalCopy, RejectedLine};

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
