//! The HTTP client for an authority: HTTP/1.1 over TLS, with a connection for each request.

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderValue};
use hyper::http::uri::{PathAndQuery, Scheme};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_util::task::AbortOnDropHandle;

use crate::tls::{CertificateError, TlsError};

/// The longest time for one request.
const REQUEST_TIME: Duration = Duration::from_secs(30);

/// The longest response in bytes: a chain has some four thousand.
const MAX_ANSWER: usize = 1024 * 1024;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A client that trusts the public CAs, or a single one.
#[derive(Clone)]
pub(super) struct AcmeHttp(TlsConnector);

impl AcmeHttp {
    /// Trusts only the CAs in the PEM file `ca`, or, without it, the public ones.
    pub(super) fn new(ca: Option<&Path>) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        match ca {
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Some(path) => {
                let wrong = |error| TlsError::Certificate {
                    path: path.display().to_string(),
                    error,
                };
                let bytes = std::fs::read(path).map_err(|error| TlsError::io(path, error))?;
                for certificate in CertificateDer::pem_slice_iter(&bytes) {
                    let certificate =
                        certificate.map_err(|error| wrong(CertificateError::Chain(error)))?;
                    roots
                        .add(certificate)
                        .map_err(|error| wrong(CertificateError::Unusable(error)))?;
                }
                if roots.is_empty() {
                    return Err(wrong(CertificateError::Empty));
                }
            }
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }
}

impl HttpClient for AcmeHttp {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let tls = self.0.clone();
        Box::pin(async move {
            let place = request.uri().to_string();
            let answer = match timeout(REQUEST_TIME, send(tls, request)).await {
                Ok(answer) => answer,
                Err(_) => Err("the request timed out".into()),
            };
            let named = |error| Error::Other(format!("{place}: {error}").into());
            answer.map(BytesResponse::from).map_err(named)
        })
    }
}

async fn send(
    tls: TlsConnector,
    mut request: Request<BodyWrapper<Bytes>>,
) -> Result<Response<Full<Bytes>>, BoxError> {
    let uri = request.uri().clone();
    let is_secure = uri.scheme() == Some(&Scheme::HTTPS);
    let Some(authority) = uri.authority().filter(|_| is_secure) else {
        return Err("not an https URL".into());
    };
    // Only the URL has brackets around an IPv6 address.
    let host = authority.host().trim_matches(['[', ']']);
    let stream = TcpStream::connect((host, authority.port_u16().unwrap_or(443))).await?;
    let name = ServerName::try_from(host.to_owned())?;
    let stream = tls.connect(name, stream).await?;

    let path = uri.path_and_query().cloned();
    *request.uri_mut() = path.unwrap_or(PathAndQuery::from_static("/")).into();
    request
        .headers_mut()
        .insert(HOST, HeaderValue::from_str(authority.as_str())?);
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let _connection = AbortOnDropHandle::new(tokio::spawn(connection));
    let (parts, body) = sender.send_request(request).await?.into_parts();
    let body = Limited::new(body, MAX_ANSWER).collect().await?.to_bytes();
    Ok(Response::from_parts(parts, Full::new(body)))
}
