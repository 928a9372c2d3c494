//! Resolving names, through a trait so that tests need no name server.

use std::io;
use std::net::{IpAddr, ToSocketAddrs as _};

use futures::future::BoxFuture;
use restante_shared::relay::Host;
use tokio::sync::Semaphore;

/// A source of addresses.
pub trait Resolve: Send + Sync + 'static {
    /// Resolves all addresses of `host`. An empty list means that the name has none.
    ///
    /// # Errors
    /// The error of the resolver. The relay reports it as a name that was not found.
    fn resolve<'a>(&'a self, host: &'a Host) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;
}

/// The most lookups at a time; others wait.
///
/// The system's resolver blocks one thread for each lookup, even after its caller has given up. A name
/// server that never answers could otherwise occupy all threads of the pool, which also verifies
/// passwords and reads certificates.
const MAX_LOOKUPS: usize = 128;

static ROOM: Semaphore = Semaphore::const_new(MAX_LOOKUPS);

/// The operating system's resolver, with its hosts file and search list.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a Host) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        let host = host.as_str().to_owned();
        Box::pin(within(&ROOM, move || {
            let mut addresses: Vec<IpAddr> = Vec::new();
            for socket in (host, 0).to_socket_addrs()? {
                if !addresses.contains(&socket.ip()) {
                    addresses.push(socket.ip());
                }
            }
            Ok(addresses)
        }))
    }
}

/// Runs `look_up` when a permit of `room` is free, and holds the permit until the lookup has ended,
/// even if the caller gives up earlier.
async fn within<T: Send + 'static>(
    room: &'static Semaphore,
    look_up: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let place = room.acquire().await.map_err(io::Error::other)?;
    let found = tokio::task::spawn_blocking(move || {
        let found = look_up();
        drop(place);
        found
    });
    found.await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn an_abandoned_lookup_still_holds_its_permit() {
        static ONE: Semaphore = Semaphore::const_new(1);
        let (answer, question) = mpsc::channel::<()>();
        let slow = within(&ONE, move || {
            let _ = question.recv();
            Ok(())
        });
        assert!(timeout(Duration::from_millis(10), slow).await.is_err());
        assert_eq!(ONE.available_permits(), 0);
        drop(answer);
        assert_eq!(within(&ONE, || Ok(7)).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn the_system_resolver_knows_localhost() {
        let found = SystemResolver.resolve(&"localhost".parse().unwrap()).await;
        assert!(found.unwrap().iter().all(IpAddr::is_loopback));
    }
}
