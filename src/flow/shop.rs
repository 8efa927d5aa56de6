//! Looking at a partner's plans, making offers of them, and links for whole lists of offers.

use uuid::Uuid;

use super::ask_partner::{Open, call, limits};
use super::exchange;
use super::replay::Refused;
use crate::adapters::shop::{Plan, Shop, Wanted};
use crate::adapters::{LeadView, SendCx};
use crate::app::App;
use crate::domain::outcome::{Accepted, Outcome};
use crate::domain::params;
use crate::domain::rules::Offer;

fn shop(open: &Open) -> Result<&dyn Shop, Refused> {
    open.adapter.shop().ok_or_else(|| Refused::State("this integration has no plans".into()))
}

/// A page of a network's plans, and whether there is another.
pub async fn plans(app: &App, network_id: Uuid, wanted: &Wanted) -> Result<(Vec<Plan>, bool), Refused> {
    let open = Open::new(app, network_id)?;
    let answer = call(app, shop(&open)?.plans(&open.settings, wanted, app.clock.now())).await?;
    shop(&open)?.read_plans(&answer).map_err(Refused::State)
}

/// One plan, in full.
pub async fn plan(app: &App, network_id: Uuid, id: &str) -> Result<Plan, Refused> {
    let open = Open::new(app, network_id)?;
    let answer = call(app, shop(&open)?.plan(&open.settings, id, app.clock.now())).await?;
    shop(&open)?.read_plan(&answer).map_err(Refused::State)
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
    shop(&open)?;
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
    match exchange::send(&app.net, open.adapter.as_ref(), &cx, limits(app)).await.0 {
        Outcome::Accepted(Accepted { redirect_url: Some(url), .. }) => Ok(url),
        other => Err(other.reason().unwrap_or("no link came").to_owned()),
    }
}
