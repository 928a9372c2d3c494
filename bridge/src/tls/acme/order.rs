//! One order, from the names to the certificate: [RFC 8555 §7.4].

use std::sync::Arc;
use std::time::Duration;

use instant_acme::{
    Account, AuthorizationStatus, ChallengeType, Identifier, NewOrder, Order, OrderStatus,
    RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::sign::CertifiedKey;
use rustls_pki_types::PrivatePkcs8KeyDer;

use super::order_error::OrderError;
use crate::tls::cert_resolver::CertResolver;

/// The time to wait for the authority to validate and to issue.
const RETRIES: RetryPolicy = RetryPolicy::new().timeout(Duration::from_secs(120));

/// Orders a certificate for `domains`. Returns its new key and its chain in PEM format.
///
/// The challenges stay in `resolver`. The caller removes them, also after it has cancelled the order.
pub(super) async fn order(
    account: &Account,
    domains: &[String],
    resolver: &CertResolver,
) -> Result<String, OrderError> {
    let identifiers: Vec<Identifier> = domains.iter().cloned().map(Identifier::Dns).collect();
    let mut order = account.new_order(&NewOrder::new(&identifiers)).await?;
    prove(&mut order, resolver).await?;
    match order.poll_ready(&RETRIES).await {
        Ok(OrderStatus::Ready) => {}
        // A validation has failed. Its authorization holds the reason.
        Ok(_) | Err(instant_acme::Error::Api(_)) => return Err(unproven(order).await),
        Err(error) => return Err(error.into()),
    }
    let key = KeyPair::generate()?;
    let mut request = CertificateParams::new(domains)?;
    request.distinguished_name = DistinguishedName::new();
    order
        .finalize_csr(request.serialize_request(&key)?.der())
        .await?;
    let chain = order.poll_certificate(&RETRIES).await?;
    Ok(key.serialize_pem() + &chain)
}

/// Answers all challenges, and asks the authority to validate them.
async fn prove(order: &mut Order, resolver: &CertResolver) -> Result<(), OrderError> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let name = authorization.identifier().to_string();
        let Some(mut challenge) = authorization.challenge(ChallengeType::TlsAlpn01) else {
            return Err(OrderError::NoChallenge(name));
        };
        let answer = answer(&name, challenge.key_authorization().digest().as_ref())?;
        resolver.challenge(&name, Arc::new(answer));
        challenge.set_ready().await?;
    }
    Ok(())
}

/// Creates the certificate that answers a challenge: [RFC 8737 §3].
fn answer(name: &str, digest: &[u8]) -> Result<CertifiedKey, OrderError> {
    let mut params = CertificateParams::new([name.to_owned()])?;
    params.distinguished_name = DistinguishedName::new();
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    let secret = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
    let secret =
        any_supported_type(&secret).map_err(|error| instant_acme::Error::Other(error.into()))?;
    // Not `from_der`, which rejects unknown critical extensions such as this one.
    Ok(CertifiedKey::new(vec![certificate.der().clone()], secret))
}

/// Returns the name whose validation failed, and the reason.
async fn unproven(mut order: Order) -> OrderError {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = match authorization {
            Ok(authorization) => authorization,
            Err(error) => return error.into(),
        };
        if let Err(error) = authorization.refresh().await {
            return error.into();
        }
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let problem = authorization
            .challenges
            .iter()
            .find_map(|challenge| challenge.error.clone());
        let name = authorization.identifier().to_string();
        return OrderError::Unproven { name, problem };
    }
    instant_acme::Error::Str("the authority ended the order without a reason").into()
}
