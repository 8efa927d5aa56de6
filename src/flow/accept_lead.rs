//! Takes leads. A valid lead is handed to the intake writer, which writes whatever waits (1 to 256 leads) in one
//! transaction of set-based statements and gives each its receipt after the commit.
//!
//! Locks are taken in sorted order: idempotency keys, duplicate keys, leads. Two requests for the same lead in one
//! batch do not race each other: the second is judged in the next batch, against what the first has written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::deliver_lead::{self, Ready};
use super::{batch, route};
use crate::app::App;
use crate::db;
use crate::db::delivery::NewDelivery;
use crate::db::intake::{DuplicateQuestion, KeyRow, LeadRow};
use crate::db::lead::Contact;
use crate::domain::dedupe::{self, DuplicateKeys};
use crate::domain::lead::NewLead;
use crate::domain::routing::{self, Decision, Subject};
use crate::domain::rules::{Network, Offer, Rules};
use crate::queue::express::Departure;
use crate::queue::{self, Job, Kind, NewJob};

/// Rounds in a row that may settle nothing. One is usual: every lead of a round may lose its key to another writer,
/// whose lead the next round finds.
const IDLE_ROUNDS: u32 = 10;

/// A valid lead on its way to the database, with its plan.
#[derive(Debug)]
pub struct Intake {
    lead_id: Uuid,
    webmaster_id: Uuid,
    offer: Arc<Offer>,
    lead: NewLead,
    hash: [u8; 32],
    idempotency_key: Option<String>,
    duplicates: DuplicateKeys,
    decision: Decision,
    created_at: DateTime<Utc>,
}

/// What a lead's request is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// Stored, durably.
    Created(Stored),
    /// The same request was answered before; this is its lead.
    Repeat(Stored),
    /// The key or external id was used with other fields.
    Conflict(Uuid),
    /// The offer's duplicate rule hits; the earlier lead when it is the same webmaster's.
    Duplicate(Option<Uuid>),
    /// Nothing was stored: the database is away.
    Unavailable,
    /// Nothing was stored: our fault.
    Failed,
}

/// A lead that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Our id.
    pub lead_id: Uuid,
    /// Our number.
    pub number: i64,
    /// When it came.
    pub created_at: DateTime<Utc>,
}

impl Intake {
    /// Plans a lead on the snapshot of the rules: no query. `hash` was taken of the fields as the caller gave them.
    pub fn plan(
        app: &App,
        rules: &Arc<Rules>,
        webmaster_id: Uuid,
        offer: &Arc<Offer>,
        lead: NewLead,
        hash: [u8; 32],
        idempotency_key: Option<String>,
    ) -> Self {
        let now = app.clock.now();
        let lead_id = app.ids.next();
        let subject =
            Subject { lead_id, country: lead.country.as_deref(), webmaster_id, created_at: now, test: lead.test };
        let decision = routing::choose(rules, offer.offer_id, None, &subject, &[], now);
        let duplicates = match &offer.duplicates {
            Some(rule) if !lead.test => {
                dedupe::keys(rule, offer.offer_id, webmaster_id, lead.phone.as_deref(), lead.email.as_deref())
            }
            _ => DuplicateKeys::default(),
        };
        Self {
            lead_id,
            webmaster_id,
            offer: Arc::clone(offer),
            lead,
            hash,
            idempotency_key,
            duplicates,
            decision,
            created_at: now,
        }
    }

    /// The id the lead will have if it is new.
    pub fn lead_id(&self) -> Uuid {
        self.lead_id
    }

    fn key(&self) -> Option<KeyRow> {
        let key = self.idempotency_key.clone()?;
        Some(KeyRow {
            webmaster_id: self.webmaster_id,
            key,
            lead_id: self.lead_id,
            request_hash: self.hash.to_vec(),
            created_at: self.created_at,
        })
    }
}

/// Has a lead written and answers its receipt.
pub async fn run(app: &App, intake: Intake) -> Receipt {
    match app.writers.intake.submit(Arc::new(intake)).await {
        Ok(receipt) => receipt,
        Err(batch::BatchError::Full) => Receipt::Unavailable,
        Err(batch::BatchError::Stopped) => Receipt::Failed,
    }
}

/// Writes a batch: what the writer of `app.writers.intake` runs.
pub async fn write(app: App, items: Vec<Arc<Intake>>) -> Vec<Receipt> {
    let mut receipts: BTreeMap<usize, Receipt> = BTreeMap::new();
    let mut left: Vec<usize> = (0..items.len()).collect();
    let mut idle_rounds = 0;
    let mut is_first = true;
    // A round settles at least the first of every group of twins, unless another writer has just taken its key.
    while !left.is_empty() {
        let part: Vec<(usize, Arc<Intake>)> =
            left.iter().filter_map(|index| Some((*index, Arc::clone(items.get(*index)?)))).collect();
        let results = batch::or_bisect(
            &app,
            &part,
            |app, part| Box::pin(round(app, part, is_first)),
            |error| {
                let is_away = error.downcast_ref::<sqlx::Error>().is_some_and(db::is_unavailable);
                tracing::error!(error = format!("{error:#}"), is_away, "write leads");
                Some(if is_away { Receipt::Unavailable } else { Receipt::Failed })
            },
        )
        .await;
        is_first = false;
        let before = left.len();
        left.clear();
        for ((index, _), result) in part.into_iter().zip(results) {
            match result {
                Some(receipt) => {
                    receipts.insert(index, receipt);
                }
                None => left.push(index),
            }
        }
        idle_rounds = if left.len() == before { idle_rounds + 1 } else { 0 };
        if idle_rounds > IDLE_ROUNDS {
            tracing::error!(leads = before, "a batch of leads makes no progress");
            break;
        }
    }
    (0..items.len()).map(|index| receipts.remove(&index).unwrap_or(Receipt::Failed)).collect()
}

type Numbered = (usize, Arc<Intake>);

/// One transaction. `None`: to be judged in the next round. Most leads are new, so the first round writes them without a
/// look at what was answered before: a taken key or id shows there as well.
async fn round(app: &App, items: &[Numbered], is_first: bool) -> anyhow::Result<Vec<Option<Receipt>>> {
    let items: Vec<&Intake> = items.iter().map(|(_, item)| item.as_ref()).collect();
    let mut receipts: Vec<Option<Receipt>> = vec![None; items.len()];
    let mut departure = app.express.take(items.len());
    let mut tx = app.db.begin().await?;
    if !is_first {
        repeats(&mut tx, &items, &mut receipts).await?;
    }
    duplicates(&mut tx, &items, &mut receipts).await?;
    let fresh = first_of_twins(&items, &receipts);
    let made = insert(app, &mut tx, &items, &fresh, &mut receipts, &mut departure).await?;
    let Made { ready, has_waiting } = made;
    let jobs: Vec<Job> = ready.iter().map(|one| one.job.clone()).collect();
    let own = app.clone();
    departure.commit(tx, &app.db, jobs, |held| deliver_lead::send_now(own, ready, held)).await?;
    if has_waiting {
        app.wake.jobs();
    }
    let created = receipts.iter().filter(|receipt| matches!(receipt, Some(Receipt::Created(_)))).count();
    metrics::counter!("leadrelay_leads_total").increment(u64::try_from(created).unwrap_or(0));
    Ok(receipts)
}

/// Requests that were answered before.
async fn repeats(conn: &mut PgConnection, items: &[&Intake], receipts: &mut [Option<Receipt>]) -> sqlx::Result<()> {
    let webmasters: Vec<Uuid> = items.iter().map(|item| item.webmaster_id).collect();
    let keys: Vec<Option<String>> = items.iter().map(|item| item.idempotency_key.clone()).collect();
    let external_ids: Vec<Option<String>> = items.iter().map(|item| item.lead.external_id.clone()).collect();
    if keys.iter().chain(&external_ids).all(Option::is_none) {
        return Ok(());
    }
    for earlier in db::intake::earlier(conn, &webmasters, &keys, &external_ids).await? {
        let (Some(item), Some(receipt)) = (items.get(earlier.index), receipts.get_mut(earlier.index)) else { continue };
        let is_same = earlier.request_hash == item.hash;
        // Two keys that point to two leads: whatever differs wins.
        if receipt.is_none() || !is_same {
            let stored = Stored { lead_id: earlier.lead_id, number: earlier.number, created_at: earlier.created_at };
            *receipt = Some(if is_same { Receipt::Repeat(stored) } else { Receipt::Conflict(earlier.lead_id) });
        }
    }
    Ok(())
}

/// Those not answered yet, without the ones that share a key with an earlier one of the batch.
fn first_of_twins(items: &[&Intake], receipts: &[Option<Receipt>]) -> Vec<usize> {
    let mut seen: BTreeSet<(Uuid, u8, String)> = BTreeSet::new();
    let mut locks: BTreeSet<i64> = BTreeSet::new();
    let mut fresh = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        if receipts.get(index).is_some_and(Option::is_some) {
            continue;
        }
        let key = item.idempotency_key.clone().map(|key| (item.webmaster_id, 0, key));
        let name = item.lead.external_id.clone().map(|name| (item.webmaster_id, 1, name));
        let own: Vec<_> = key.into_iter().chain(name).collect();
        let is_twin =
            own.iter().any(|key| seen.contains(key)) || item.duplicates.locks.iter().any(|key| locks.contains(key));
        // A twin's keys count as well: a third one must not overtake it.
        seen.extend(own);
        locks.extend(item.duplicates.locks.iter().copied());
        if !is_twin {
            fresh.push(index);
        }
    }
    fresh
}

/// The duplicate rules of the offers, under locks that other writers and nodes take as well.
async fn duplicates(conn: &mut PgConnection, items: &[&Intake], receipts: &mut [Option<Receipt>]) -> sqlx::Result<()> {
    let asked: Vec<(usize, DuplicateQuestion)> = items
        .iter()
        .enumerate()
        .filter(|(index, item)| item.duplicates.can_match() && receipts.get(*index).is_some_and(Option::is_none))
        .filter_map(|(index, item)| {
            let days = i64::from(item.offer.duplicates.as_ref()?.days);
            let question = DuplicateQuestion {
                offer_id: item.offer.offer_id,
                webmaster_id: item.duplicates.webmaster_id,
                phone: item.duplicates.phone.clone(),
                email: item.duplicates.email.clone(),
                all: item.duplicates.must_match_all,
                since: item.created_at - TimeDelta::days(days),
            };
            Some((index, question))
        })
        .collect();
    if asked.is_empty() {
        return Ok(());
    }
    let mut locks: Vec<i64> = asked
        .iter()
        .filter_map(|(index, _)| items.get(*index))
        .flat_map(|item| item.duplicates.locks.clone())
        .collect();
    locks.sort_unstable();
    locks.dedup();
    let questions: Vec<DuplicateQuestion> = asked.iter().map(|(_, question)| question.clone()).collect();
    let hits = db::intake::find_duplicates(conn, &locks, &questions).await?;
    if hits.is_empty() {
        return Ok(());
    }
    // What looks like a duplicate may be the same request's repeat, for whose first copy the locks may have made us wait.
    repeats(conn, items, receipts).await?;
    for (position, lead_id, webmaster_id) in hits {
        let Some((index, _)) = asked.get(position) else { continue };
        let is_own = items.get(*index).is_some_and(|item| item.webmaster_id == webmaster_id);
        if let Some(receipt @ None) = receipts.get_mut(*index) {
            *receipt = Some(Receipt::Duplicate(is_own.then_some(lead_id)));
        }
    }
    Ok(())
}

/// What becomes of the leads that were written.
#[derive(Default)]
struct Made {
    /// They are sent at once.
    ready: Vec<Ready>,
    /// Whether others wait for a claim.
    has_waiting: bool,
}

/// Leads with their keys, contacts, first events, planned deliveries and jobs.
async fn insert(
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
    let mut keys: Vec<KeyRow> = new.iter().filter_map(|item| item.key()).collect();
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
