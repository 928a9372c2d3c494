//! Messages, with byte-stuffing added and removed.

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use restante_shared::pop3::argument::MessageNumber;
use restante_shared::pop3::command::Command;
use restante_shared::pop3::server::{BodyWriter, ReplyWriter, top};
use restante_shared::pop3::session::{Event, Request};

use super::{events, pieces, transaction};

/// Generates messages in which line ends and dots are frequent.
fn message() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        3 => Just(b"\r\n".to_vec()),
        2 => Just(b".".to_vec()),
        1 => Just(b"\r".to_vec()),
        1 => Just(b"\n".to_vec()),
        1 => Just(b"text".to_vec()),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ];
    vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn messages_are_received_as_they_were_sent(
        messages in vec(message(), 1..5),
        sizes in vec(1_usize..40, 1..5),
    ) {
        let mut writer = ReplyWriter::new();
        let mut session = transaction(
            (1..).zip(&messages).map(|(n, _)| Command::Retr(MessageNumber::new(n).unwrap())),
        );
        for message in &messages {
            writer.ok("");
            let mut body = BodyWriter::new();
            for piece in pieces(Bytes::copy_from_slice(message), &sizes) {
                body.push(&piece, &mut writer);
            }
            body.finish(&mut writer);
        }
        let mut received = Vec::new();
        for event in events(&mut session, writer.take(), &sizes) {
            match event {
                Event::Accepted { .. } => received.push(Vec::new()),
                Event::Body(bytes) => {
                    prop_assert!(!bytes.is_empty());
                    received.last_mut().unwrap().extend_from_slice(&bytes);
                }
                Event::Completed { .. } => {}
                other => prop_assert!(false, "{other:?}"),
            }
        }
        let sent: Vec<Vec<u8>> = messages
            .into_iter()
            .map(|mut message| {
                // The writer adds a missing last line end, because the terminator needs one before it.
                if !message.is_empty() && !message.ends_with(b"\r\n") {
                    message.extend_from_slice(b"\r\n");
                }
                message
            })
            .collect();
        prop_assert_eq!(received, sent);
        prop_assert_eq!(session.unanswered(), 0);
        prop_assert!(session.take_quirks().is_empty());
    }
}

#[test]
fn top_returns_the_front_of_the_message() {
    let message = b"Subject: x\r\n\r\n.one\r\ntwo\r\n";
    let mut writer = ReplyWriter::new();
    writer.message("", top(message, 1));
    let mut session = transaction([Command::Top {
        message: MessageNumber::new(1).unwrap(),
        lines: 1,
    }]);
    let received = events(&mut session, writer.take(), &[usize::MAX]);
    assert!(received.contains(&Event::Body(Bytes::from_static(b"Subject: x\r\n\r\n"))));
    assert!(received.contains(&Event::Completed {
        request: Request::Top(MessageNumber::new(1).unwrap())
    }));
}
