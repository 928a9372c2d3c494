//! A token introspection endpoint ([RFC 7662]), which a mail server queries about access tokens.
//!
//! [RFC 7662]: https://www.rfc-editor.org/rfc/rfc7662

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::dovecot::USER;

/// Returns the access token of the only user. It is as long as Microsoft's, which exceed 4,096
/// characters.
pub(crate) fn good_token() -> String {
    format!("good.{}", "x".repeat(4_200))
}

/// A running endpoint. Dropping it ends the endpoint.
pub(crate) struct Tokens {
    address: SocketAddr,
    ended: Arc<AtomicBool>,
}

impl Tokens {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let ended = Arc::new(AtomicBool::new(false));
        let ending = Arc::clone(&ended);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ending.load(Ordering::Relaxed) {
                    break;
                }
                // A mail server that closes the connection has received its answer.
                thread::spawn(move || answer(&stream));
            }
        });
        Self { address, ended }
    }

    /// Returns the address of the endpoint.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/introspect", self.address)
    }
}

impl Drop for Tokens {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }
}

/// Answers every request of a connection.
fn answer(mut stream: &TcpStream) -> std::io::Result<()> {
    let mut request = BufReader::new(stream);
    loop {
        let mut octets = 0;
        loop {
            let mut line = String::new();
            if request.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(length) = line.strip_prefix("content-length:") {
                octets = length.trim().parse().map_err(std::io::Error::other)?;
            }
            if line.is_empty() {
                break;
            }
        }
        let mut form = vec![0; octets];
        request.read_exact(&mut form)?;
        let form = String::from_utf8_lossy(&form);
        let token = form
            .split('&')
            .find_map(|field| field.strip_prefix("token="));
        let body = match token == Some(&good_token()) {
            true => format!("{{\"active\":true,\"username\":\"{USER}\"}}"),
            false => "{\"active\":false}".to_owned(),
        };
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
    }
}
