//! What a network would be sent, and what an answer of it would mean: nothing is sent and nothing is stored.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::ask_partner::Open;
use super::deliver_lead::{self, Made, Source};
use super::replay::Refused;
use super::settings;
use super::status_words::{self, Origin};
use crate::adapters::{Decided, LeadView, Next, SendCx, Step, case};
use crate::app::App;
use crate::base::exchange::Response;
use crate::db;
use crate::db::lead::Contact;
use crate::domain::outcome::Outcome;
use crate::domain::params;
use crate::domain::rules::{Network, Offer, Rules};
use crate::domain::status::Status;
use crate::net::record;

/// What would be sent.
pub struct Preview {
    /// The first call, secrets masked; or the outcome that makes it needless.
    pub request: Result<String, Outcome>,
    /// The parameters it was made with.
    pub params: Map<String, Value>,
    /// The offer of its lead.
    pub offer: String,
    /// Whom a real lead is about.
    pub contact: Option<Contact>,
}

/// What an answer would mean.
pub struct Meaning {
    /// `None`: the send goes on with another call.
    pub outcome: Option<Outcome>,
    /// That call, secrets masked.
    pub following: Option<String>,
    /// The rule that decided, where there is one.
    pub decided: Option<Decided>,
    /// What the status word of an acceptance means; `None`: it has none, or nobody has mapped it.
    pub status: Option<(Status, Origin)>,
}

/// What the sample lead would be sent as: of the first offer that is routed to the network.
pub fn of_sample(app: &App, network_id: Uuid) -> Result<Preview, Refused> {
    let open = Open::new(app, network_id)?;
    Ok(preview(app, &open, &sample(app, &open)?, None))
}

/// What a real lead would be sent as.
pub async fn of_lead(app: &App, network_id: Uuid, lead_id: Uuid) -> Result<Preview, Refused> {
    let open = Open::new(app, network_id)?;
    let (lead, contact) = {
        let mut conn = app.db.acquire().await?;
        let lead = db::lead::find_many(&mut conn, &[lead_id]).await?.into_iter().next();
        let contact = db::lead::contacts(&mut conn, &[lead_id]).await?.into_iter().next();
        (lead.ok_or(Refused::NotFound("lead"))?, contact.unwrap_or_default())
    };
    let rules = app.rules.load();
    let source = Source { lead: &lead, contact: &contact, network: &open.network, rules: &rules };
    let made = deliver_lead::prepare(app, &source, open.adapter.as_ref()).map_err(Refused::State)?;
    Ok(preview(app, &open, &made, Some(contact)))
}

/// What an answer to the first call of a send would mean.
pub fn answer(app: &App, network_id: Uuid, response: Response) -> Result<Meaning, Refused> {
    let open = Open::new(app, network_id)?;
    let made = sample(app, &open)?;
    let answer = Ok(response);
    let decided = open.adapter.decided_by(&answer);
    Ok(match open.adapter.next(&cx(app, &made), &Step::default(), &answer) {
        Next::Call(request, _) => {
            Meaning { outcome: None, following: Some(record::request(&request)), decided, status: None }
        }
        Next::Finish(outcome) => {
            let word = match &outcome {
                Outcome::Accepted(accepted) => accepted.status.as_deref(),
                _ => None,
            };
            let status = word.and_then(|word| status_words::meaning(app, &open.network, word));
            Meaning { outcome: Some(outcome), following: None, decided, status }
        }
    })
}

fn sample(app: &App, open: &Open) -> Result<Made, Refused> {
    let rules = app.rules.load();
    let mut lead = LeadView { created_at: app.clock.now(), ..case::sample_lead() };
    let none = Map::new();
    let offer = routed(&rules, &open.network);
    if let Some(offer) = offer {
        lead.offer.clone_from(&offer.slug);
    }
    let layers = [offer.map_or(&none, |offer| &offer.params), &open.network.params];
    let params = params::resolve(&layers, lead.country.as_deref());
    let postback_url = settings::postback_url(app, &open.network)
        .map_err(|_| Refused::State("the network's postback secret does not open".into()))?;
    Ok(Made { lead, settings: open.settings.clone(), params, postback_url })
}

/// The first offer whose leads go there.
fn routed<'a>(rules: &'a Rules, network: &Network) -> Option<&'a Offer> {
    let goes_there = |offer: &&Offer| {
        offer.enabled && rules.routes_of(offer.offer_id).iter().any(|route| route.network_id == network.network_id)
    };
    rules.offers.values().map(AsRef::as_ref).filter(goes_there).min_by_key(|offer| offer.number)
}

fn cx<'a>(app: &App, made: &'a Made) -> SendCx<'a> {
    SendCx {
        lead: &made.lead,
        settings: &made.settings,
        params: &made.params,
        postback_url: &made.postback_url,
        delivery_id: app.ids.next(),
        now: app.clock.now(),
    }
}

fn preview(app: &App, open: &Open, made: &Made, contact: Option<Contact>) -> Preview {
    Preview {
        request: open.adapter.send(&cx(app, made)).map(|request| record::request(&request)),
        params: made.params.clone(),
        offer: made.lead.offer.clone(),
        contact,
    }
}
