//! The server side of SCRAM ([RFC 5802 §5]), written independently of the client's. A script cannot
//! replace it, because both sides use random nonces.
//!
//! [RFC 5802 §5]: https://www.rfc-editor.org/rfc/rfc5802#section-5

use std::io;
use std::net::Ipv4Addr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use restante_client::api::settings::{Encryption, MailboxSettings};
use ring::{digest, hmac, pbkdf2};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::SupportedProtocolVersion;

use super::wire::{Wire, acceptor};
use crate::certificates::Certificates;
use crate::dovecot::PASSWORD;
use crate::visit::unencrypted;

/// The properties of a server.
#[derive(Clone, Copy)]
pub(crate) struct Scram {
    /// Its only mechanism.
    pub(crate) mechanism: &'static str,
    /// The version of its TLS.
    pub(crate) version: &'static SupportedProtocolVersion,
    /// True if the server knows the password. One that does not can still pretend to.
    pub(crate) honest: bool,
}

/// An observation of the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Seen {
    /// The correct proof, after this GS2 header, with the matching channel binding.
    Proof(String),
    /// The client accepted the server's signature.
    Trust,
    /// The client cancelled.
    Cancelled,
    /// An unexpected line.
    Other(String),
}

impl Scram {
    /// Starts the server. Returns the settings of a mailbox on it, and its observations.
    pub(crate) async fn start(self) -> (MailboxSettings, Arc<Mutex<Vec<Seen>>>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let certificates = Certificates::for_names(&["localhost"]);
        let settings = MailboxSettings {
            encryption: Encryption::Tls,
            ca_pem: Some(certificates.ca_pem.clone()),
            ..unencrypted(listener.local_addr().unwrap().port())
        };
        let seen = Arc::new(Mutex::new(Vec::new()));
        let seeing = Arc::clone(&seen);
        let acceptor = acceptor(&certificates, &[self.version]);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // If a connection ends early, the observations show that.
                let _ = self
                    .serve(Wire::new(stream), &acceptor, &certificates, &seeing)
                    .await;
            }
        });
        (settings, seen)
    }

    async fn serve(
        self,
        mut wire: Wire,
        acceptor: &TlsAcceptor,
        certificates: &Certificates,
        seen: &Mutex<Vec<Seen>>,
    ) -> io::Result<()> {
        wire.secure(acceptor).await?;
        wire.send(b"+OK ready\r\n").await?;
        let see = |what: Seen| seen.lock().unwrap().push(what);
        while let Some(line) = wire.line().await? {
            let line = String::from_utf8_lossy(&line).into_owned();
            let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
            match verb {
                "CAPA" => {
                    let sasl = format!("+OK\r\nSASL {}\r\nUIDL\r\n.\r\n", self.mechanism);
                    wire.send(sasl.as_bytes()).await?;
                }
                "AUTH" if rest.split(' ').next() == Some(self.mechanism) => {
                    let first = rest.split(' ').nth(1).unwrap_or_default().to_owned();
                    let answer = self.exchange(&mut wire, &first, certificates, &see).await?;
                    wire.send(answer).await?;
                }
                "UIDL" | "LIST" => wire.send(b"+OK\r\n.\r\n").await?,
                "NOOP" | "QUIT" => wire.send(b"+OK\r\n").await?,
                _ => {
                    see(Seen::Other(line));
                    wire.send(b"-ERR unknown command\r\n").await?;
                }
            }
        }
        Ok(())
    }

    async fn exchange(
        self,
        wire: &mut Wire,
        first: &str,
        certificates: &Certificates,
        see: &impl Fn(Seen),
    ) -> io::Result<&'static [u8]> {
        const SALT: &[u8] = b"pepper and salt";
        const ROUNDS: u32 = 4096;
        let sha1 = self.mechanism.starts_with("SCRAM-SHA-1") && !self.mechanism.contains("256");
        let (mac, hash, kdf) = match sha1 {
            true => (
                hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
                &digest::SHA1_FOR_LEGACY_USE_ONLY,
                pbkdf2::PBKDF2_HMAC_SHA1,
            ),
            false => (
                hmac::HMAC_SHA256,
                &digest::SHA256,
                pbkdf2::PBKDF2_HMAC_SHA256,
            ),
        };
        let sign = |key: &[u8], text: &[u8]| hmac::sign(&hmac::Key::new(mac, key), text);

        let first = decoded(first);
        let (header, bare) = gs2(&first);
        let nonce = field(bare, "r=");
        let both = format!("{nonce}server");
        let server_first = format!("r={both},s={},i={ROUNDS}", BASE64_STANDARD.encode(SALT));
        challenge(wire, &server_first).await?;
        let reply = wire.line().await?.unwrap_or_default();
        if reply == b"*" {
            see(Seen::Cancelled);
            return Ok(b"-ERR cancelled\r\n");
        }
        let last = decoded(&String::from_utf8_lossy(&reply));
        let (without_proof, proof) = last.rsplit_once(",p=").unwrap();

        let password = if self.honest { PASSWORD } else { "a guess" };
        let mut salted = vec![0; hash.output_len()];
        let rounds = NonZeroU32::new(ROUNDS).unwrap();
        pbkdf2::derive(kdf, rounds, SALT, password.as_bytes(), &mut salted);
        let spoken = format!("{bare},{server_first},{without_proof}");
        let client_key = sign(&salted, b"Client Key");
        let stored_key = digest::digest(hash, client_key.as_ref());
        let signature = sign(stored_key.as_ref(), spoken.as_bytes());
        let key_octets = client_key.as_ref().iter();
        let expected: Vec<u8> = key_octets
            .zip(signature.as_ref())
            .map(|(a, b)| a ^ b)
            .collect();

        let mut binding = header.as_bytes().to_vec();
        match header.split(',').next() {
            Some("p=tls-exporter") => binding.extend_from_slice(&wire.exporter.unwrap()),
            Some("p=tls-server-end-point") => {
                let pem = certificates.server_pem.as_bytes();
                let certificate = CertificateDer::from_pem_slice(pem).unwrap();
                // The tests' certificates are signed with SHA-256 ([RFC 5929 §4.1]).
                binding.extend_from_slice(digest::digest(&digest::SHA256, &certificate).as_ref());
            }
            _ => {}
        }
        let same_nonce = field(without_proof, "r=") == both;
        let bound = field(without_proof, "c=") == BASE64_STANDARD.encode(&binding);
        let proven = BASE64_STANDARD.decode(proof).unwrap() == expected;
        if self.honest && !(same_nonce && bound && proven) {
            see(Seen::Other(format!(
                "nonce {same_nonce}, bound {bound}, proof {proven}"
            )));
            return Ok(b"-ERR [AUTH] no\r\n");
        }
        if self.honest {
            see(Seen::Proof(header.to_owned()));
        }
        let server_key = sign(&salted, b"Server Key");
        let signature = sign(server_key.as_ref(), spoken.as_bytes());
        challenge(wire, &format!("v={}", BASE64_STANDARD.encode(signature))).await?;
        match wire.line().await?.as_deref() {
            Some(b"") => {
                see(Seen::Trust);
                Ok(b"+OK\r\n")
            }
            _ => {
                see(Seen::Cancelled);
                Ok(b"-ERR cancelled\r\n")
            }
        }
    }
}

async fn challenge(wire: &mut Wire, text: &str) -> io::Result<()> {
    wire.send(format!("+ {}\r\n", BASE64_STANDARD.encode(text)).as_bytes())
        .await
}

fn decoded(base64: &str) -> String {
    String::from_utf8(BASE64_STANDARD.decode(base64).unwrap()).unwrap()
}

/// Splits a client's first message into its GS2 header, with both commas, and the rest.
fn gs2(first: &str) -> (&str, &str) {
    let (second_comma, _) = first.match_indices(',').nth(1).unwrap();
    first.split_at(second_comma + 1)
}

fn field<'a>(message: &'a str, name: &str) -> &'a str {
    message
        .split(',')
        .find_map(|field| field.strip_prefix(name))
        .unwrap()
}
