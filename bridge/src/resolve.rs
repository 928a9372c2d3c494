//! Looking names up, behind a trait so that a test needs no name server.

use std::io;
use std::net::IpAddr;

use futures::future::BoxFuture;
use restante_shared::relay::Host;

/// A source of addresses.
pub trait Resolve: Send + Sync + 'static {
    /// Finds every address of `host`; an empty answer means that it has none.
    ///
    /// # Errors
    /// Whatever the resolver says; the relay counts it as a name that was not found.
    fn resolve<'a>(&'a self, host: &'a Host) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;
}

/// The operating system's resolver, with its hosts file and search list.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a Host) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            let mut addresses: Vec<IpAddr> = Vec::new();
            for address in found.map(|socket| socket.ip()) {
                if !addresses.contains(&address) {
                    addresses.push(address);
                }
            }
            Ok(addresses)
        })
    }
}
