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

use super::advice::Failure;
use crate::tls::shown::Shown;

/// How patiently the authority is asked whether it is done.
const RETRIES: RetryPolicy = RetryPolicy::new().timeout(Duration::from_secs(120));

/// Gets a certificate for `domains`; returns its new key and its chain in PEM.
///
/// Challenges are left in `shown` for the caller to end, who also cuts orders short.
pub(super) async fn order(
    account: &Account,
    domains: &[String],
    shown: &Shown,
) -> Result<String, Failure> {
    let identifiers: Vec<Identifier> = domains.iter().cloned().map(Identifier::Dns).collect();
    let mut order = account.new_order(&NewOrder::new(&identifiers)).await?;
    prove(&mut order, shown).await?;
    match order.poll_ready(&RETRIES).await {
        Ok(OrderStatus::Ready) => {}
        // It says that something was not proven, and its authorizations say what.
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

/// Shows the answer to every challenge, and has the authority look.
async fn prove(order: &mut Order, shown: &Shown) -> Result<(), Failure> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let name = authorization.identifier().to_string();
        let Some(mut challenge) = authorization.challenge(ChallengeType::TlsAlpn01) else {
            return Err(Failure::NoChallenge(name));
        };
        let answer = answer(&name, challenge.key_authorization().digest().as_ref())?;
        shown.challenge(&name, Arc::new(answer));
        challenge.set_ready().await?;
    }
    Ok(())
}

/// The certificate that answers a challenge: [RFC 8737 §3].
fn answer(name: &str, digest: &[u8]) -> Result<CertifiedKey, Failure> {
    let mut params = CertificateParams::new([name.to_owned()])?;
    params.distinguished_name = DistinguishedName::new();
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    let secret = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
    let secret =
        any_supported_type(&secret).map_err(|error| instant_acme::Error::Other(error.into()))?;
    // Not `from_der`: it wants to understand every critical extension, and this one is new to it.
    Ok(CertifiedKey::new(vec![certificate.der().clone()], secret))
}

/// Which name was not proven, and why.
async fn unproven(mut order: Order) -> Failure {
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
        return Failure::Unproven { name, problem };
    }
    instant_acme::Error::Str("an order that the authority goes on with").into()
}
