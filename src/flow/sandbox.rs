//! The practice network and its sink, reached in process: leads sent to `sandbox://network/…` are answered by
//! `adapters::sandbox`, the postbacks it promises are taken like any network's, and `sandbox://sink/…` is a webmaster
//! URL that always says yes.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::take_inbound::{self, Call};
use crate::adapters::sandbox::{self, Promised};
use crate::app::App;
use crate::base::exchange::Response;
use crate::base::secret;
use crate::net::client::Sandbox;

/// The handler for the client, and what it promises.
pub fn handler() -> (Sandbox, mpsc::UnboundedReceiver<Promised>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let handler: Sandbox = Arc::new(move |request| {
        let sender = sender.clone();
        Box::pin(async move {
            if request.url.host_str() != Some("network") {
                return Ok(Response { status: 200, headers: Vec::new(), body: b"ok".to_vec(), is_cut: false });
            }
            let (response, promised) = sandbox::answer(&request);
            if let Some(promised) = promised {
                // Nobody listens only when the server is stopping.
                drop(sender.send(promised));
            }
            Ok(response)
        })
    });
    (handler, receiver)
}

/// Sends what the practice network has promised. A promise does not outlive the process: it is practice.
pub async fn keep_promises(app: App, mut promises: mpsc::UnboundedReceiver<Promised>) {
    while let Some(promised) = promises.recv().await {
        let app = app.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(promised.after_seconds)).await;
            keep(&app, &promised).await;
        });
    }
}

async fn keep(app: &App, promised: &Promised) {
    let secret_part = promised.postback_url.rsplit('/').next().unwrap_or_default();
    let rules = app.rules.load();
    let Some(network_id) = rules.networks_by_secret.get(&secret::hash(secret_part)) else { return };
    let body = serde_urlencoded::to_string(&promised.params).unwrap_or_default();
    let raw = crate::db::inbound::Raw {
        inbound_id: app.ids.next(),
        received_at: app.clock.now(),
        network_id: *network_id,
        method: "POST".into(),
        query: String::new(),
        content_type: Some("application/x-www-form-urlencoded".into()),
        body: body.into_bytes(),
        remote_ip: None,
        dialect: None,
    };
    if let Ok(take_inbound::Taken::Stored { result, .. }) =
        app.writers.inbound.submit(Call { raw, headers: Vec::new() }).await
    {
        tracing::info!(result, "the sandbox sent its postback");
    }
}
