//! Looking at a partner's plans, making offers of them, links for whole lists of offers, and asking for one order.

use std::time::Duration;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::apply_status::Judged;
use super::exchange::{self, Limits};
use super::poll_network;
use super::replay::Refused;
use super::settings;
use crate::adapters::shop::{Plan, Shop, Wanted};
use crate::adapters::{LeadView, SendCx, SharedAdapter};
use crate::app::App;
use crate::base::exchange::{Request, Response};
use crate::domain::outcome::{Accepted, Outcome, Resend};
use crate::domain::params;
use crate::domain::rules::{Network, Offer};
use crate::net::{CallOptions, Reuse};

/// One who looks at plans waits in front of a screen.
const DEADLINE: Duration = Duration::from_secs(20);

struct Open {
    network: std::sync::Arc<Network>,
    adapter: SharedAdapter,
    settings: Map<String, Value>,
}

impl Open {
    fn new(app: &App, network_id: Uuid) -> Result<Self, Refused> {
        let rules = app.rules.load();
        let network = rules.networks.get(&network_id).cloned().ok_or(Refused::NotFound("network"))?;
        let adapter = app.adapters.get(&network.integration).cloned();
        let adapter = adapter.ok_or_else(|| Refused::State("the integration is gone".into()))?;
        let settings = settings::settings_of(&app.seal, &network, adapter.about())
            .map_err(|_| Refused::State("the network's secrets do not open with this instance's key".into()))?;
        Ok(Self { network, adapter, settings })
    }

    fn shop(&self) -> Result<&dyn Shop, Refused> {
        self.adapter.shop().ok_or_else(|| Refused::State("this integration has no plans".into()))
    }
}

/// Makes one call; the error is what stood in its way.
async fn call(app: &App, request: Result<Request, String>) -> Result<Response, Refused> {
    let request = request.map_err(Refused::State)?;
    let options = CallOptions {
        deadline: DEADLINE,
        connect_timeout: app.config.http.connect_timeout(),
        reuse: Reuse::Normal,
        is_list: true,
    };
    app.net.call(request, options).await.answer.map_err(|error| Refused::State(format!("no answer: {error}")))
}

/// A page of a network's plans, and whether there is another.
pub async fn plans(app: &App, network_id: Uuid, wanted: &Wanted) -> Result<(Vec<Plan>, bool), Refused> {
    let open = Open::new(app, network_id)?;
    let answer = call(app, open.shop()?.plans(&open.settings, wanted, app.clock.now())).await?;
    open.shop()?.read_plans(&answer).map_err(Refused::State)
}

/// One plan, in full.
pub async fn plan(app: &App, network_id: Uuid, id: &str) -> Result<Plan, Refused> {
    let open = Open::new(app, network_id)?;
    let answer = call(app, open.shop()?.plan(&open.settings, id, app.clock.now())).await?;
    open.shop()?.read_plan(&answer).map_err(Refused::State)
}

/// Asks for one order and applies what it says.
pub async fn order(app: &App, network_id: Uuid, plan: &str, order: &str, actor: &str) -> Result<Judged, Refused> {
    let open = Open::new(app, network_id)?;
    let answer = call(app, open.shop()?.order(&open.settings, plan, order, app.clock.now())).await?;
    let report = open.shop()?.read_order(&open.settings, &answer).map_err(Refused::State)?;
    Ok(poll_network::apply_one(app, network_id, report, actor).await?)
}

/// A link for an offer, or why there is none.
#[derive(Clone, Debug)]
pub struct OfferLink {
    pub offer: String,
    pub name: String,
    pub link: Result<String, String>,
}

/// Links of these offers without a lead behind them: for a webmaster's own lists.
pub async fn links(app: &App, network_id: Uuid, offers: &[std::sync::Arc<Offer>]) -> Result<Vec<OfferLink>, Refused> {
    let open = Open::new(app, network_id)?;
    open.shop()?;
    let mut out = Vec::with_capacity(offers.len());
    for offer in offers {
        out.push(OfferLink {
            offer: offer.slug.clone(),
            name: offer.name.clone(),
            link: link(app, &open, offer).await,
        });
    }
    Ok(out)
}

async fn link(app: &App, open: &Open, offer: &Offer) -> Result<String, String> {
    // No lead: the link carries no id of ours.
    let lead = LeadView { offer: offer.slug.clone(), created_at: app.clock.now(), ..LeadView::default() };
    let params = params::resolve(&[&offer.params, &open.network.params], None);
    let cx = SendCx {
        lead: &lead,
        settings: &open.settings,
        params: &params,
        postback_url: "",
        delivery_id: Uuid::nil(),
        now: app.clock.now(),
    };
    let limits =
        Limits { deadline: DEADLINE, connect_timeout: app.config.http.connect_timeout(), resend: Resend::Idempotent };
    match exchange::send(&app.net, open.adapter.as_ref(), &cx, limits).await.0 {
        Outcome::Accepted(Accepted { redirect_url: Some(url), .. }) => Ok(url),
        other => Err(other.reason().unwrap_or("no link came").to_owned()),
    }
}
