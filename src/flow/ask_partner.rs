//! Calls to a partner that a person waits for in front of a screen.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::exchange::Limits;
use super::replay::Refused;
use super::settings;
use crate::adapters::SharedAdapter;
use crate::app::App;
use crate::base::exchange::{Request, Response};
use crate::domain::outcome::Resend;
use crate::domain::rules::Network;
use crate::net::{CallOptions, Reuse};

/// Nobody looks at an empty screen for longer.
const DEADLINE: Duration = Duration::from_secs(20);

/// A network that is asked.
pub(super) struct Open {
    pub network: Arc<Network>,
    pub adapter: SharedAdapter,
    pub settings: Map<String, Value>,
}

impl Open {
    pub fn new(app: &App, network_id: Uuid) -> Result<Self, Refused> {
        let rules = app.rules.load();
        let network = rules.networks.get(&network_id).cloned().ok_or(Refused::NotFound("network"))?;
        let adapter = app.adapters.get(&network.integration).cloned();
        let adapter = adapter.ok_or_else(|| Refused::State("the integration is gone".into()))?;
        let settings = settings::settings_of(&app.seal, &network, adapter.about())
            .map_err(|_| Refused::State("the network's secrets do not open with this instance's key".into()))?;
        Ok(Self { network, adapter, settings })
    }
}

/// Makes one call; the error is what stood in its way.
pub(super) async fn call(app: &App, request: Result<Request, String>) -> Result<Response, Refused> {
    let request = request.map_err(Refused::State)?;
    let options = CallOptions {
        deadline: DEADLINE,
        connect_timeout: app.config.http.connect_timeout(),
        reuse: Reuse::Normal,
        is_list: true,
    };
    app.net.call(request, options).await.answer.map_err(|error| Refused::State(format!("no answer: {error}")))
}

/// The limits of a send of several calls.
pub(super) fn limits(app: &App) -> Limits {
    Limits { deadline: DEADLINE, connect_timeout: app.config.http.connect_timeout(), resend: Resend::Idempotent }
}
