//! The PROXY protocol: a header before the data of a connection, in which a proxy names the client.
//!
//! This module frames and bounds the header, and reads no byte beyond it; the crate `ppp` parses it.

use std::io;
use std::net::SocketAddr;

use ppp::{v1, v2};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt};

/// The longest header of version 1, including its line end.
const MAX_V1: usize = 107;

/// The most bytes of version 2 after its fixed part: addresses of any kind (216), and additions of
/// proxies about TLS.
const MAX_V2: usize = 2048;

/// The minimum length of both versions: the signature of version 2.
const SIGNATURE: usize = 12;

/// The fixed part of version 2, which ends with the length of the rest.
const FIXED_V2: usize = 16;

/// Why the header of a connection cannot be used.
#[derive(Debug, Error)]
pub(crate) enum ProxyHeaderError {
    /// The connection ended within the header.
    #[error("the connection was lost: {0}")]
    Broken(#[from] io::Error),
    /// The data is not a header, or the header is too long.
    #[error("not a header of the PROXY protocol")]
    Malformed,
}

/// Reads the header, and returns the client's address. Returns `None` if the proxy speaks for itself (a
/// health check) or does not know the client. Reads no byte beyond the header.
///
/// # Errors
/// [`ProxyHeaderError`] if there is no valid header; the connection has to be closed.
pub(crate) async fn read<S>(stream: &mut S) -> Result<Option<SocketAddr>, ProxyHeaderError>
where
    S: AsyncRead + Unpin,
{
    let mut header = vec![0; SIGNATURE];
    stream.read_exact(&mut header).await?;
    if header == v2::PROTOCOL_PREFIX {
        header.resize(FIXED_V2, 0);
        fill(stream, &mut header, SIGNATURE).await?;
        let length = match header.last_chunk() {
            Some(length) => usize::from(u16::from_be_bytes(*length)),
            None => return Err(ProxyHeaderError::Malformed),
        };
        if length > MAX_V2 {
            return Err(ProxyHeaderError::Malformed);
        }
        header.resize(FIXED_V2 + length, 0);
        fill(stream, &mut header, FIXED_V2).await?;
        source_v2(&header)
    } else if header.starts_with(v1::PROTOCOL_PREFIX.as_bytes()) {
        while !header.ends_with(b"\n") {
            if header.len() == MAX_V1 {
                return Err(ProxyHeaderError::Malformed);
            }
            header.push(stream.read_u8().await?);
        }
        source_v1(&header)
    } else {
        Err(ProxyHeaderError::Malformed)
    }
}

/// Fills `header` from the index `from` on.
async fn fill<S>(stream: &mut S, header: &mut [u8], from: usize) -> io::Result<()>
where
    S: AsyncRead + Unpin,
{
    if let Some(rest) = header.get_mut(from..) {
        stream.read_exact(rest).await?;
    }
    Ok(())
}

fn source_v1(header: &[u8]) -> Result<Option<SocketAddr>, ProxyHeaderError> {
    let header = v1::Header::try_from(header).map_err(|_| ProxyHeaderError::Malformed)?;
    Ok(match header.addresses {
        v1::Addresses::Unknown => None,
        v1::Addresses::Tcp4(tcp) => Some((tcp.source_address, tcp.source_port).into()),
        v1::Addresses::Tcp6(tcp) => Some((tcp.source_address, tcp.source_port).into()),
    })
}

fn source_v2(header: &[u8]) -> Result<Option<SocketAddr>, ProxyHeaderError> {
    let header = v2::Header::try_from(header).map_err(|_| ProxyHeaderError::Malformed)?;
    Ok(match (header.command, header.addresses) {
        (v2::Command::Local, _)
        | (v2::Command::Proxy, v2::Addresses::Unspecified | v2::Addresses::Unix(_)) => None,
        (v2::Command::Proxy, v2::Addresses::IPv4(tcp)) => {
            Some((tcp.source_address, tcp.source_port).into())
        }
        (v2::Command::Proxy, v2::Addresses::IPv6(tcp)) => {
            Some((tcp.source_address, tcp.source_port).into())
        }
    })
}

#[cfg(test)]
mod tests {
    use tokio_test::io::Builder;

    use super::*;

    fn v2(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        [v2::PROTOCOL_PREFIX, &[command, family], &length, body].concat()
    }

    /// Reads `bytes` at once and byte by byte, and returns what follows the header.
    async fn read_all(bytes: &[u8]) -> Result<(Option<SocketAddr>, Vec<u8>), ProxyHeaderError> {
        let mut single = Builder::new();
        for byte in bytes {
            single.read(std::slice::from_ref(byte));
        }
        let mut single = single.build();
        let mut whole = bytes;
        let sources = (read(&mut whole).await, read(&mut single).await);
        match sources {
            (Ok(one), Ok(other)) => {
                assert_eq!(one, other);
                let mut rest = Vec::new();
                single.read_to_end(&mut rest).await.unwrap();
                assert_eq!(rest, whole);
                Ok((one, rest))
            }
            (Err(error), Err(_)) => {
                // The mock insists that everything is read.
                let _ = single.read_to_end(&mut Vec::new()).await;
                Err(error)
            }
            other => panic!("{bytes:?}: {other:?}"),
        }
    }

    const V4: &[u8] = &[192, 0, 2, 1, 10, 0, 0, 1, 0x12, 0x67, 1, 0xbb];

    #[tokio::test]
    async fn both_versions_name_the_client() {
        let mut v6 = [0; 36];
        v6[..4].copy_from_slice(&[0x20, 1, 0x0d, 0xb8]);
        v6[15] = 7;
        v6[32..34].copy_from_slice(&4711_u16.to_be_bytes());
        let with_tlv = [V4, &[4, 0, 3, 1, 2, 3]].concat();
        let cases: [(&[u8], Option<&str>); 9] = [
            (
                b"PROXY TCP4 192.0.2.1 10.0.0.1 4711 443\r\n",
                Some("192.0.2.1:4711"),
            ),
            (
                b"PROXY TCP6 2001:db8::7 ::1 4711 443\r\n",
                Some("[2001:db8::7]:4711"),
            ),
            (b"PROXY UNKNOWN\r\n", None),
            (b"PROXY UNKNOWN 2001:db8::7 ::1 4711 443\r\n", None),
            (&v2(0x21, 0x11, V4), Some("192.0.2.1:4711")),
            (&v2(0x21, 0x21, &v6), Some("[2001:db8::7]:4711")),
            (&v2(0x21, 0x11, &with_tlv), Some("192.0.2.1:4711")),
            (&v2(0x20, 0x00, b""), None),
            (&v2(0x20, 0x11, V4), None),
        ];
        for (header, source) in cases {
            let bytes = [header, b"GET / HTTP/1.1\r\n"].concat();
            let (found, rest) = read_all(&bytes).await.unwrap();
            assert_eq!(found.map(|found| found.to_string()).as_deref(), source);
            assert_eq!(rest, b"GET / HTTP/1.1\r\n");
        }
    }

    #[tokio::test]
    async fn an_invalid_header_is_refused() {
        let endless = [b"PROXY TCP4 ".as_slice(), &[b'1'; 4000]].concat();
        let cases: [&[u8]; 11] = [
            b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            b"PROXY TCP4 192.0.2 10.0.0.1 4711 443\r\n",
            b"PROXY TCP4 192.0.2.1 10.0.0.1 4711 443\n",
            b"PROXY TCP4 192.0.2.1 10.0.0.1 4711\r\n",
            b"PROXY TCP9 192.0.2.1 10.0.0.1 4711 443\r\n",
            b"PROXY\r\nGET / HTTP/1.1\r\n\r\n",
            &endless,
            &v2(0x31, 0x11, V4),
            &v2(0x22, 0x11, V4),
            &v2(0x21, 0x11, &V4[..11]),
            &v2(0x21, 0x11, &[0; MAX_V2 + 1]),
        ];
        for bytes in cases {
            let error = read_all(bytes).await.unwrap_err();
            assert!(matches!(error, ProxyHeaderError::Malformed), "{error}");
        }
        let cut = &v2(0x21, 0x11, V4)[..20];
        let error = read_all(cut).await.unwrap_err();
        assert!(matches!(error, ProxyHeaderError::Broken(_)), "{error}");
    }
}
