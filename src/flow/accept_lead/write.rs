//! Writes new leads with all that belongs to them, in an order that two writers share.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Intake, Receipt, Stored};
use crate::app::App;
use crate::db;
use crate::db::delivery::NewDelivery;
use crate::db::intake::{KeyRow, LeadRow};
use crate::db::lead::Contact;
use crate::domain::rules::{Network, Rules};
use crate::flow::deliver_lead::{self, Ready};
use crate::flow::route;
use crate::queue::express::Departure;
use crate::queue::{self, Kind, NewJob};

/// What becomes of the leads that were written.
#[derive(Default)]
pub(super) struct Made {
    /// They are sent at once.
    pub(super) ready: Vec<Ready>,
    /// Whether others wait for a claim.
    pub(super) has_waiting: bool,
}

/// Leads with their keys, contacts, first events, planned deliveries and jobs.
pub(super) async fn insert(
    app: &App,
    conn: &mut PgConnection,
    items: &[&Intake],
    fresh: &[usize],
    receipts: &mut [Option<Receipt>],
    departure: &mut Departure,
) -> anyhow::Result<Made> {
    let new: Vec<&Intake> = fresh.iter().filter_map(|index| items.get(*index).copied()).collect();
    if new.is_empty() {
        return Ok(Made::default());
    }
    let mut rows: Vec<LeadRow> = new.iter().map(|item| row(item)).collect();
    rows.sort_by(|a, b| (&a.external_id, a.webmaster_id, a.lead_id).cmp(&(&b.external_id, b.webmaster_id, b.lead_id)));
    let mut keys: Vec<KeyRow> = new.iter().filter_map(|item| key(item)).collect();
    keys.sort_by(|a, b| (a.webmaster_id, &a.key).cmp(&(b.webmaster_id, &b.key)));
    let events: Vec<_> = new.iter().map(|item| received(app, item)).collect();
    let written = db::intake::insert_leads(conn, &keys, &rows, &events).await?;
    let numbers: BTreeMap<Uuid, i64> = written.into_iter().collect();
    // A lead whose external id is taken goes to the next round, and its key is given back.
    if numbers.len() < new.len() {
        let lost: Vec<_> = keys
            .into_iter()
            .filter(|key| !numbers.contains_key(&key.lead_id))
            .map(|key| (key.webmaster_id, key.key, key.lead_id))
            .collect();
        db::intake::drop_idempotency_keys(conn, &lost).await?;
    }
    let rules = app.rules.load();
    let stored = new.iter().filter(|item| numbers.contains_key(&item.lead_id));
    let mut planned: Vec<Planned> = stored.filter_map(|item| plan(app, &rules, item)).collect();
    // Their lanes are held from here to the commit, so this comes as late as it can.
    let mut jobs: Vec<&mut NewJob> =
        planned.iter_mut().filter(|one| one.network.is_some()).map(|one| &mut one.job).collect();
    departure.board(conn, &app.ids, &mut jobs).await?;
    for one in planned.iter_mut().filter(|one| one.job.lease.is_some()) {
        one.delivery.sent_with = one.network.as_ref().map(|network| network.settings_version);
    }
    let deliveries: Vec<NewDelivery> = planned.iter().map(|one| one.delivery.clone()).collect();
    db::delivery::insert_many(conn, &deliveries).await?;
    let jobs: Vec<NewJob> = planned.iter().map(|one| one.job.clone()).collect();
    queue::enqueue(conn, &jobs).await?;
    for index in fresh {
        let (Some(item), Some(receipt)) = (items.get(*index), receipts.get_mut(*index)) else { continue };
        if let Some(number) = numbers.get(&item.lead_id) {
            let stored = Stored { lead_id: item.lead_id, number: *number, created_at: item.created_at };
            *receipt = Some(Receipt::Created(stored));
        }
    }
    let mut rows: BTreeMap<Uuid, LeadRow> = rows.into_iter().map(|row| (row.lead_id, row)).collect();
    let mut made = Made::default();
    for Planned { delivery, job, network } in planned {
        let row = rows.remove(&delivery.lead_id);
        let (Some(job), Some(network), Some(row)) = (job.started(), network, row) else {
            made.has_waiting = true;
            continue;
        };
        let number = numbers.get(&row.lead_id).copied().unwrap_or_default();
        made.ready.push(Ready {
            job,
            delivery: delivery.sending(row.created_at),
            lead: row.lead(number),
            contact: row.contact,
            network,
            rules: Arc::clone(&rules),
        });
    }
    Ok(made)
}

/// A delivery that is written with its lead.
struct Planned {
    delivery: NewDelivery,
    job: NewJob,
    /// Set when the lead may be sent at once.
    network: Option<Arc<Network>>,
}

fn plan(app: &App, rules: &Rules, item: &Intake) -> Option<Planned> {
    let picked = item.decision.picked.as_ref()?;
    let delivery = route::delivery(app, (item.lead_id, item.created_at), picked, "sale");
    let job = NewJob::now(app.ids.next(), delivery.network_id, Kind::DeliverLead, delivery.delivery_id);
    Some(Planned { delivery, job, network: deliver_lead::at_once(rules, picked.route_id, item.lead.test) })
}

/// The first line of the timeline: that it came, and where routing sends it, with the reason for every route.
fn received(app: &App, item: &Intake) -> db::event::Event {
    let decision = &item.decision;
    db::event::Event {
        event_id: app.ids.next(),
        lead_id: item.lead_id,
        at: item.created_at,
        kind: "received".into(),
        source: "intake".into(),
        actor: None,
        detail: json!({
            "network_id": decision.picked.as_ref().map(|route| route.network_id),
            "route_id": decision.picked.as_ref().map(|route| route.route_id),
            "trace": decision.trace,
            "wake_at": decision.wake_at,
        }),
    }
}

fn row(item: &Intake) -> LeadRow {
    let lead = &item.lead;
    let (payout_due, _, currency) = item.offer.money_of(lead.goal.as_deref());
    let mut tags: serde_json::Map<String, Value> =
        lead.tags.iter().map(|(key, value)| (key.clone(), Value::String(value.clone()))).collect();
    if let Some(language) = &lead.language {
        tags.insert("language".into(), Value::String(language.clone()));
    }
    LeadRow {
        lead_id: item.lead_id,
        webmaster_id: item.webmaster_id,
        offer_id: item.offer.offer_id,
        flow_id: lead.flow_id,
        country: lead.country.clone(),
        external_id: lead.external_id.clone(),
        click_id: lead.click_id.clone(),
        goal: lead.goal.clone(),
        tags: Value::Object(tags),
        price: lead.price,
        price_currency: lead.currency.clone(),
        quantity: lead.quantity,
        currency: currency.to_owned(),
        payout_due: if lead.test { rust_decimal::Decimal::ZERO } else { payout_due },
        test: lead.test,
        unrouted: item.decision.picked.is_none(),
        request_hash: item.hash.to_vec(),
        created_at: item.created_at,
        is_keyed: item.idempotency_key.is_some(),
        contact: Contact {
            lead_id: item.lead_id,
            name: lead.name.clone(),
            first_name: lead.first_name.clone(),
            last_name: lead.last_name.clone(),
            phone: lead.phone.clone(),
            email: lead.email.clone(),
            ip: lead.ip.map(|ip| ip.to_string()),
            user_agent: lead.user_agent.clone(),
            referer: lead.referer.clone(),
            landing_url: lead.landing_url.clone(),
            city: lead.city.clone(),
            region: lead.region.clone(),
            zip: lead.zip.clone(),
            address: lead.address.clone(),
            comment: lead.comment.clone(),
            meta: Value::Object(lead.meta.clone()),
        },
    }
}

fn key(item: &Intake) -> Option<KeyRow> {
    let key = item.idempotency_key.clone()?;
    Some(KeyRow {
        webmaster_id: item.webmaster_id,
        key,
        lead_id: item.lead_id,
        request_hash: item.hash.to_vec(),
        created_at: item.created_at,
    })
}
