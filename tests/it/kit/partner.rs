//! Starting a practice partner on loopback.

use std::sync::Arc;

use axum::Router;
use chrono::{DateTime, Utc};
use tokio::net::TcpListener;

/// The time as the partner sees it.
pub fn clock() -> Arc<dyn Fn() -> DateTime<Utc> + Send + Sync> {
    #[expect(clippy::disallowed_methods, reason = "the partner has a clock of its own")]
    Arc::new(Utc::now)
}

/// Serves a partner until the test ends; gives its address.
pub async fn serve(router: Router) -> String {
    let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", socket.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(socket, router).await });
    base
}
