//! POP3 by hand, as people try a server. It shares no code with the client, which is compared with
//! it.

use std::net::Ipv4Addr;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufStream};
use tokio::net::TcpStream;

/// A connection in clear text.
pub(super) struct Telnet {
    stream: BufStream<TcpStream>,
}

impl Telnet {
    pub(super) async fn open(port: u16) -> Self {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))
            .await
            .unwrap();
        let mut telnet = Self {
            stream: BufStream::new(stream),
        };
        assert!(telnet.line().await.starts_with(b"+OK"));
        telnet
    }

    /// Sends a command, and returns the status line.
    pub(super) async fn ask(&mut self, command: &str) -> String {
        self.stream
            .write_all(format!("{command}\r\n").as_bytes())
            .await
            .unwrap();
        self.stream.flush().await.unwrap();
        String::from_utf8(self.line().await).unwrap()
    }

    /// Sends a command that must succeed, and returns the status line.
    pub(super) async fn accepted(&mut self, command: &str) -> String {
        let status = self.ask(command).await;
        assert!(status.starts_with("+OK"), "{command}: {status}");
        status
    }

    /// Sends a command, and returns the bytes of its multi-line response without byte-stuffing.
    pub(super) async fn body(&mut self, command: &str) -> Vec<u8> {
        self.accepted(command).await;
        let mut octets = Vec::new();
        loop {
            let line = self.line().await;
            if line == b"." {
                return octets;
            }
            octets.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            octets.extend_from_slice(b"\r\n");
        }
    }

    /// Sends a command, and returns the lines of its multi-line response.
    pub(super) async fn lines(&mut self, command: &str) -> Vec<String> {
        let body = String::from_utf8(self.body(command).await).unwrap();
        body.lines().map(str::to_owned).collect()
    }

    /// Ends the session with `QUIT`.
    pub(super) async fn quit(mut self) {
        self.accepted("QUIT").await;
    }

    async fn line(&mut self) -> Vec<u8> {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line).await.unwrap();
        let line = line.strip_suffix(b"\r\n").unwrap();
        line.to_vec()
    }
}
