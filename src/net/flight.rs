//! What is known of one call while it is on its way. The HTTP library shares its connector and resolver among
//! all calls; a task-local value tells them which call they work for, and tells us afterwards how far it came.
//! That is what makes "nothing can have arrived" a fact and not a guess.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use tokio::time::Instant;
use tower::{BoxError, Layer, Service};

tokio::task_local! {
    static FLIGHT: Arc<Flight>;
}

/// One call on its way.
#[derive(Debug)]
pub(super) struct Flight {
    /// The port that is called.
    pub(super) port: Option<u16>,
    /// Connecting (name, TCP and TLS together) ends here.
    pub(super) connect_by: Instant,
    connected: AtomicBool,
    addresses: Mutex<Vec<IpAddr>>,
}

/// Connecting took too long.
#[derive(Debug, thiserror::Error)]
#[error("no connection in time")]
pub(super) struct ConnectTimedOut;

impl Flight {
    pub(super) fn new(port: Option<u16>, connect_by: Instant) -> Arc<Self> {
        Arc::new(Self { port, connect_by, connected: AtomicBool::new(false), addresses: Mutex::default() })
    }

    /// The call that the running code works for.
    pub(super) fn current() -> Option<Arc<Self>> {
        FLIGHT.try_with(Arc::clone).ok()
    }

    /// Runs `work` as part of this call.
    pub(super) fn carry<F: Future>(self: &Arc<Self>, work: F) -> impl Future<Output = F::Output> {
        FLIGHT.scope(Arc::clone(self), work)
    }

    /// Whether a connection was made for it. A call that took over an idle connection made none.
    pub(super) fn has_connected(&self) -> bool {
        self.connected.load(Ordering::Acquire)
    }

    /// The addresses it may connect to.
    pub(super) fn resolved_to(&self, addresses: &[IpAddr]) {
        if let Ok(mut held) = self.addresses.lock() {
            *held = addresses.to_vec();
        }
    }

    /// The only address it can have talked to, if there is only one.
    pub(super) fn only_address(&self) -> Option<IpAddr> {
        match self.addresses.lock().ok()?.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }
}

/// Puts a [`Watched`] around the connector.
#[derive(Clone, Copy)]
pub(super) struct Watch;

impl<S> Layer<S> for Watch {
    type Service = Watched<S>;

    fn layer(&self, inner: S) -> Watched<S> {
        Watched(inner)
    }
}

/// A connector that keeps to the call's own limit and notes that it has connected.
#[derive(Clone)]
pub(super) struct Watched<S>(S);

impl<S, R> Service<R> for Watched<S>
where
    S: Service<R, Error = BoxError>,
    S::Future: Send + 'static,
    S::Response: 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, target: R) -> Self::Future {
        let flight = Flight::current();
        let connecting = self.0.call(target);
        Box::pin(async move {
            let Some(flight) = flight else { return connecting.await };
            match tokio::time::timeout_at(flight.connect_by, connecting).await {
                Ok(Ok(connection)) => {
                    flight.connected.store(true, Ordering::Release);
                    Ok(connection)
                }
                Ok(Err(error)) => Err(error),
                Err(_) => Err(ConnectTimedOut.into()),
            }
        })
    }
}
