//! Looking names up, behind a trait so that a test needs no name server.

use std::io;
use std::net::{IpAddr, ToSocketAddrs as _};

use futures::future::BoxFuture;
use restante_shared::relay::Host;
use tokio::sync::Semaphore;

/// A source of addresses.
pub trait Resolve: Send + Sync + 'static {
    /// Finds every address of `host`; an empty answer means that it has none.
    ///
    /// # Errors
    /// Whatever the resolver says; the relay counts it as a name that was not found.
    fn resolve<'a>(&'a self, host: &'a Host) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;
}

/// How many names are looked up at a time; the others wait.
///
/// The system's resolver takes a thread for each, and goes on when nobody waits for its answer any
/// more. A name server that never answers could so take all the threads that there are, and with them
/// those that verify passwords and read certificates.
const MOST: usize = 128;

static ROOM: Semaphore = Semaphore::const_new(MOST);

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

/// Looks up where there is room, which is taken until the look-up has ended, whoever waits for it.
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
    async fn a_look_up_that_nobody_waits_for_still_takes_its_room() {
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
    async fn the_system_knows_this_machine() {
        let found = SystemResolver.resolve(&"localhost".parse().unwrap()).await;
        assert!(found.unwrap().iter().all(IpAddr::is_loopback));
    }
}
