//! A server that gives the same answer to a command whenever it comes.

use std::net::Ipv4Addr;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufStream};
use tokio::net::TcpListener;

/// An action of a scripted server.
pub(crate) enum Answer {
    /// Sends this text.
    Say(String),
    /// Sends this text, and closes the connection.
    SayAndClose(String),
    /// Sends nothing, and waits for the next command.
    Nothing,
}

/// Answers with one line.
pub(crate) fn say(line: &str) -> Answer {
    Answer::Say(format!("{line}\r\n"))
}

/// Answers with a multi-line response.
pub(crate) fn list(lines: &[&str]) -> Answer {
    Answer::Say(format!("+OK\r\n{}\r\n.\r\n", lines.join("\r\n")))
}

/// Returns the default answers: one message, and `PIPELINING`.
pub(crate) fn usual(command: &str) -> Answer {
    match command {
        "" => say("+OK ready"),
        "CAPA" => list(&["USER", "UIDL", "PIPELINING"]),
        "UIDL" => list(&["1 one"]),
        "LIST" => list(&["1 14"]),
        "RETR 1" => list(&["Subject: a", "", "b"]),
        _ => say("+OK"),
    }
}

/// Starts a server that answers each command of each connection, and returns its port. The empty
/// command stands for the connection itself.
pub(crate) async fn start(answer: impl Fn(&str) -> Answer + Send + 'static) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = BufStream::new(stream);
            let mut command = String::new();
            loop {
                let (text, close) = match answer(command.trim_end()) {
                    Answer::Say(text) => (text, false),
                    Answer::SayAndClose(text) => (text, true),
                    Answer::Nothing => (String::new(), false),
                };
                let said = stream.write_all(text.as_bytes()).await;
                if said.and(stream.flush().await).is_err() || close {
                    break;
                }
                command.clear();
                if !matches!(stream.read_line(&mut command).await, Ok(1..)) {
                    break;
                }
            }
            let _ = stream.shutdown().await;
        }
    });
    port
}
