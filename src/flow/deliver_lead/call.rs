//! The second beat: the call, with no connection held.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::load::Ready;
use super::settle::{Settled, What};
use crate::adapters::{Adapter, LeadView, Lookup, SendCx, SharedAdapter};
use crate::app::App;
use crate::base::exchange::Exchange;
use crate::base::money;
use crate::db::attempt::NewAttempt;
use crate::db::lead::{Contact, Lead};
use crate::domain::outcome::Outcome;
use crate::domain::params;
use crate::domain::rules::{Network, Rules};
use crate::flow::exchange::{self, Limits};
use crate::flow::settings;
use crate::net::record;
use crate::queue::Kind;

/// Id of the integration that plays a network inside the server.
const SANDBOX: &str = "sandbox";

/// Sends or looks up one delivery.
pub(super) async fn run(app: &App, ready: Ready) -> Settled {
    let started_at = app.clock.now();
    let Some(adapter) = adapter_of(app, &ready) else {
        let reason = format!("there is no integration {:?}", ready.network.integration);
        return settled(app, ready, None, What::Outcome(Outcome::Misconfigured { reason }), &[], started_at);
    };
    let made = match prepare(app, &ready.source(), adapter.as_ref()) {
        Ok(made) => made,
        Err(reason) => {
            return settled(
                app,
                ready,
                Some(&adapter),
                What::Outcome(Outcome::Misconfigured { reason }),
                &[],
                started_at,
            );
        }
    };
    let cx = SendCx {
        lead: &made.lead,
        settings: &made.settings,
        params: &made.params,
        postback_url: &made.postback_url,
        delivery_id: ready.delivery.delivery_id,
        now: started_at,
    };
    let limits = Limits {
        deadline: Duration::from_secs(u64::try_from(ready.network.timeout_seconds).unwrap_or(30)),
        connect_timeout: Duration::from_secs(app.config.http.connect_timeout_seconds),
        resend: adapter.resend(&made.settings),
    };
    let (what, exchanges) = if ready.job.kind == Kind::LookUpLead {
        match exchange::look_up(&app.net, adapter.as_ref(), &cx, limits).await {
            None => (What::CannotLookUp, Vec::new()),
            Some((Lookup::Found(outcome), exchange)) => (What::Outcome(outcome), vec![exchange]),
            Some((Lookup::NotFound, exchange)) => (What::NotThere, vec![exchange]),
            Some((Lookup::Unclear(why), exchange)) => (What::Unclear(why), vec![exchange]),
        }
    } else {
        let (outcome, exchanges) = exchange::send(&app.net, adapter.as_ref(), &cx, limits).await;
        (What::Outcome(outcome), exchanges)
    };
    let mut settled = settled(app, ready, Some(&adapter), what, &exchanges, started_at);
    settled.resend = limits.resend;
    settled.can_look_up = adapter.lookup(&cx).is_some();
    settled
}

/// The network's integration; a test lead goes to the sandbox when the integration knows no test leads.
fn adapter_of(app: &App, ready: &Ready) -> Option<SharedAdapter> {
    let adapter = app.adapters.get(&ready.network.integration)?;
    if ready.lead.test && !adapter.about().has_test_flag {
        return app.adapters.get(SANDBOX).cloned();
    }
    Some(Arc::clone(adapter))
}

/// What a call to a network is made from.
pub(in crate::flow) struct Made {
    pub(in crate::flow) lead: LeadView,
    pub(in crate::flow) settings: Map<String, Value>,
    pub(in crate::flow) params: Map<String, Value>,
    pub(in crate::flow) postback_url: String,
}

/// What it is gathered from.
pub(in crate::flow) struct Source<'a> {
    pub(in crate::flow) lead: &'a Lead,
    pub(in crate::flow) contact: &'a Contact,
    pub(in crate::flow) network: &'a Network,
    pub(in crate::flow) rules: &'a Rules,
}

/// Gathers it. The error says what cannot be opened.
pub(in crate::flow) fn prepare(app: &App, ready: &Source<'_>, adapter: &dyn Adapter) -> Result<Made, String> {
    let settings = if adapter.about().id == ready.network.integration {
        settings::settings_of(&app.seal, ready.network, adapter.about())
            .map_err(|_| "the network's secrets do not open")?
    } else {
        settings::defaults_of(adapter.about())
    };
    let offer = ready.rules.offers.get(&ready.lead.offer_id);
    let flow = ready.lead.flow_id.and_then(|id| ready.rules.flows.get(&id));
    let empty = Map::new();
    let layers =
        [offer.map_or(&empty, |offer| &offer.params), &ready.network.params, flow.map_or(&empty, |flow| &flow.params)];
    Ok(Made {
        lead: view(ready),
        settings,
        params: params::resolve(&layers, ready.lead.country.as_deref()),
        postback_url: settings::postback_url(app, ready.network)
            .map_err(|_| "the network's postback secret does not open")?,
    })
}

fn view(ready: &Source<'_>) -> LeadView {
    let (lead, contact) = (ready.lead, ready.contact.clone());
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut tags: std::collections::BTreeMap<String, String> = lead
        .tags
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.clone(), text(value)?)))
        .collect();
    let language = tags.remove("language");
    let currency = lead.price_currency.clone().or_else(|| lead.price.map(|_| lead.currency.clone()));
    LeadView {
        id: lead.lead_id.to_string(),
        number: lead.number,
        offer: ready.rules.offers.get(&lead.offer_id).map(|offer| offer.slug.clone()).unwrap_or_default(),
        webmaster: ready.rules.webmasters.get(&lead.webmaster_id).map(|w| w.slug.clone()).unwrap_or_default(),
        flow: lead.flow_id.and_then(|id| ready.rules.flows.get(&id)).map(|flow| flow.code.clone()),
        external_id: lead.external_id.clone(),
        name: contact.name,
        first_name: contact.first_name,
        last_name: contact.last_name,
        phone: contact.phone,
        email: contact.email,
        country: lead.country.clone(),
        ip: contact.ip,
        user_agent: contact.user_agent,
        referer: contact.referer,
        landing_url: contact.landing_url,
        language,
        city: contact.city,
        region: contact.region,
        zip: contact.zip,
        address: contact.address,
        click_id: lead.click_id.clone(),
        goal: lead.goal.clone(),
        price: lead.price.map(|price| money::tidy(price, currency.as_deref().unwrap_or_default())),
        currency,
        quantity: lead.quantity,
        comment: contact.comment,
        test: lead.test,
        created_at: lead.created_at,
        tags,
        meta: contact.meta.as_object().cloned().unwrap_or_default(),
    }
}

fn settled(
    app: &App,
    ready: Ready,
    adapter: Option<&SharedAdapter>,
    what: What,
    exchanges: &[Exchange],
    started_at: DateTime<Utc>,
) -> Settled {
    let kind = if ready.job.kind == Kind::LookUpLead { "lookup" } else { "send" };
    let attempts = attempts(app, &ready, kind, &what, exchanges, started_at);
    let mut settled = Settled::new(&ready, what);
    settled.attempts = attempts;
    settled.integration = adapter.map(|adapter| adapter.about().id.clone()).unwrap_or_default();
    settled
}

/// One attempt per exchange; a judgement without a call is one too, so that the timeline shows it.
fn attempts(
    app: &App,
    ready: &Ready,
    kind: &'static str,
    what: &What,
    exchanges: &[Exchange],
    started_at: DateTime<Utc>,
) -> Vec<NewAttempt> {
    let no = ready.delivery.attempts + i32::from(kind == "send");
    let base = NewAttempt {
        attempt_id: app.ids.next(),
        subject_id: ready.delivery.delivery_id,
        lead_id: ready.lead.lead_id,
        kind,
        no,
        started_at,
        took_ms: 0,
        outcome: what.word().into(),
        http_status: None,
        error_kind: None,
        remote_ip: None,
        detail: what.reason().map(str::to_owned),
        is_late: false,
        request: None,
        response: None,
    };
    if exchanges.is_empty() {
        return vec![base];
    }
    let last = exchanges.len() - 1;
    exchanges
        .iter()
        .enumerate()
        .map(|(index, exchange)| {
            let shown = record::record(exchange);
            NewAttempt {
                attempt_id: app.ids.next(),
                took_ms: i32::try_from(exchange.took.as_millis()).unwrap_or(i32::MAX),
                outcome: if index == last { base.outcome.clone() } else { "step".into() },
                http_status: exchange.answer.as_ref().ok().and_then(|answer| i16::try_from(answer.status).ok()),
                error_kind: exchange.answer.as_ref().err().map(|error| error.kind.to_string()),
                remote_ip: exchange.remote_ip.map(|ip| ip.to_string()),
                detail: if index == last { base.detail.clone() } else { None },
                request: Some(shown.request),
                response: Some(shown.response),
                ..base.clone()
            }
        })
        .collect()
}

/// A lead's contact never goes into a log line; the type system cannot say so, the reviewer does.
#[cfg(test)]
mod tests {
    #[test]
    fn contacts_do_not_print() {
        let contact = crate::db::lead::Contact { phone: Some("+15551234".into()), ..Default::default() };
        assert!(!format!("{contact:?}").contains("555"));
    }
}
