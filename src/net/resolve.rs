//! Names to addresses, vetted and pinned: the client connects to exactly the addresses that were judged here,
//! so a name cannot be one thing when it is checked and another when it is called. One refused address refuses
//! the whole name: a name that mixes public and private addresses is not to be trusted at all.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::flight::Flight;
use super::guard::{Policy, Refusal};

/// How a name becomes addresses. The system's way, or whatever a test wants a name server to say.
pub type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// Why a name gave no address to connect to.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The guard refused one of its addresses.
    #[error("{0}")]
    Refused(Refusal),
    /// The name does not resolve, or the resolver does not answer.
    #[error("the name does not resolve")]
    Failed(#[source] io::Error),
    /// It resolves to nothing.
    #[error("the name has no address")]
    Empty,
}

/// The operating system's resolver.
pub fn system() -> Lookup {
    Arc::new(|name| {
        Box::pin(
            async move { Ok(tokio::net::lookup_host((name.as_str(), 0)).await?.map(|found| found.ip()).collect()) },
        )
    })
}

/// The addresses of `name`, all of which the policy allows.
pub async fn vetted(
    lookup: &Lookup,
    policy: &Policy,
    name: &str,
    port: Option<u16>,
) -> Result<Vec<IpAddr>, ResolveError> {
    let found = lookup(name.to_owned()).await.map_err(ResolveError::Failed)?;
    if found.is_empty() {
        return Err(ResolveError::Empty);
    }
    for ip in &found {
        policy.check_ip(*ip, Some(name), port).map_err(ResolveError::Refused)?;
    }
    Ok(found)
}

/// [`vetted`] as the HTTP client's resolver.
pub(super) struct Guarded {
    pub(super) lookup: Lookup,
    pub(super) policy: Arc<Policy>,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, policy) = (Arc::clone(&self.lookup), Arc::clone(&self.policy));
        // Without a call in flight the port is not known, and what is listed with a port stays shut.
        let flight = Flight::current();
        Box::pin(async move {
            let port = flight.as_ref().and_then(|flight| flight.port);
            let found = vetted(&lookup, &policy, name.as_str(), port).await?;
            if let Some(flight) = flight {
                flight.resolved_to(&found);
            }
            Ok(Box::new(found.into_iter().map(|ip| SocketAddr::new(ip, 0))) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(ips: &'static [&'static str]) -> Lookup {
        Arc::new(move |_| Box::pin(async move { Ok(ips.iter().map(|ip| ip.parse().unwrap()).collect()) }))
    }

    async fn vet(ips: &'static [&'static str], policy: &Policy) -> Result<Vec<IpAddr>, ResolveError> {
        vetted(&answers(ips), policy, "shop.example", Some(443)).await
    }

    #[tokio::test]
    async fn one_bad_address_refuses_the_name() {
        let closed = Policy::default();
        assert_eq!(vet(&["8.8.8.8", "2606:4700::1"], &closed).await.unwrap().len(), 2);
        for mixed in [&["8.8.8.8", "10.0.0.1"][..], &["::1", "8.8.8.8"], &["8.8.8.8", "::ffff:127.0.0.1"]] {
            let mixed: &'static [&'static str] = mixed;
            assert!(matches!(vet(mixed, &closed).await, Err(ResolveError::Refused(_))), "{mixed:?}");
        }
        assert!(matches!(vet(&[], &closed).await, Err(ResolveError::Empty)));
        let open = Policy { allow_private: true, ..Policy::default() };
        assert!(vet(&["8.8.8.8", "10.0.0.1"], &open).await.is_ok());
        assert!(matches!(vet(&["10.0.0.1", "169.254.169.254"], &open).await, Err(ResolveError::Refused(_))));
    }
}
