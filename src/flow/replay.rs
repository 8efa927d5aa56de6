//! Doing things again, by an operator's word: a delivery, what a webmaster was told, a stored call. History stays;
//! a new job is made on the same row, or a new row beside it.

use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{erase_lead, room, route, take_inbound};
use crate::app::App;
use crate::db;
use crate::db::delivery::{Change, NewDelivery};
use crate::db::lead::Lead;
use crate::domain::routing;
use crate::domain::rules::Rules;
use crate::queue::{self, Kind, NewJob};

/// Why something cannot be done again.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// There is no such thing.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// Its state does not allow it.
    #[error("{0}")]
    State(String),
    /// The database.
    #[error(transparent)]
    Sqlx(#[from] sqlx::Error),
    /// Our fault.
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

/// Hands a lead to a network again: to `network_id`, or to the network of its last delivery. An accepted delivery
/// elsewhere refuses it: the lead would be sold twice.
pub async fn redeliver(app: &App, lead_id: Uuid, network_id: Option<Uuid>, actor: &str) -> Result<Uuid, Refused> {
    let now = app.clock.now();
    let rules = app.rules.load();
    let mut tx = app.db.begin().await?;
    let lead = db::lead::lock(&mut tx, &[lead_id]).await?.into_iter().next().ok_or(Refused::NotFound("lead"))?;
    erase_lead::check(&mut tx, lead_id).await?;
    let deliveries = db::delivery::of_leads(&mut tx, &[lead_id]).await?;
    let sales: Vec<_> = deliveries.iter().filter(|delivery| delivery.purpose == "sale").collect();
    if let Some(owner) = sales.iter().find(|delivery| delivery.accepted_at.is_some()) {
        let name = rules.networks.get(&owner.network_id).map(|network| network.slug.clone()).unwrap_or_default();
        return Err(Refused::State(format!("{name} has the lead; sending it again would sell it twice")));
    }
    if let Some(open) = sales.iter().find(|d| matches!(d.state.as_str(), "sending" | "needs_review" | "retrying")) {
        return Err(Refused::State(format!("a delivery is {}; it must be decided first", open.state)));
    }
    let last = sales.iter().rfind(|delivery| delivery.state != "waiting").or(sales.last());
    let network_id = match network_id.or(last.map(|delivery| delivery.network_id)) {
        Some(network_id) => network_id,
        None => return Err(Refused::State("no network has been tried; name one".into())),
    };
    if !rules.networks.contains_key(&network_id) {
        return Err(Refused::NotFound("network"));
    }
    let waiting: Vec<Uuid> = sales.iter().filter(|d| d.state == "waiting").map(|d| d.delivery_id).collect();
    cancel_waiting(&mut tx, &waiting).await?;
    // A route that would take the lead now counts it and says what follows a refusal; without one, the word of the
    // person is enough.
    let question = routing::Subject { created_at: now, ..route::subject(&lead) };
    let decision = routing::choose(&rules, lead.offer_id, None, &question, &[], now);
    let route = decision.candidates.iter().find(|route| route.network_id == network_id);
    let delivery = NewDelivery {
        delivery_id: app.ids.next(),
        lead_id,
        network_id,
        route_id: route.map(|route| route.route_id),
        purpose: "sale".into(),
        // By hand the lead's age is the operator's business; a day is the usual freshness.
        expires_at: now + chrono::TimeDelta::hours(24),
        next_at: None,
        reason: None,
        sent_with: None,
    };
    db::delivery::insert_many(&mut tx, std::slice::from_ref(&delivery)).await?;
    db::lead::set_unrouted(&mut tx, &[lead_id], false).await?;
    let event = event(
        app,
        lead_id,
        "redelivered",
        actor,
        json!({ "network_id": network_id, "delivery_id": delivery.delivery_id }),
    );
    db::event::insert_many(&mut tx, &[event]).await?;
    queue::enqueue(&mut tx, &[NewJob::now(app.ids.next(), network_id, Kind::DeliverLead, delivery.delivery_id)])
        .await?;
    tx.commit().await?;
    app.wake.jobs();
    Ok(delivery.delivery_id)
}

/// Takes back deliveries that wait: the lead goes another way by a person's word.
pub(super) async fn cancel_waiting(conn: &mut PgConnection, delivery_ids: &[Uuid]) -> sqlx::Result<()> {
    let changes: Vec<Change> =
        delivery_ids.iter().map(|id| change(*id, "cancelled", Some("an operator decided otherwise"))).collect();
    db::delivery::update_many(conn, &changes).await?;
    room::give_back(conn, delivery_ids).await?;
    queue::cancel(conn, delivery_ids).await?;
    Ok(())
}

fn change(delivery_id: Uuid, state: &'static str, reason: Option<&str>) -> Change {
    Change {
        delivery_id,
        state,
        next_at: None,
        external_id: None,
        redirect_url: None,
        message: None,
        reason: reason.map(str::to_owned),
        is_duplicate: false,
        accepted_at: None,
    }
}

fn event(app: &App, lead_id: Uuid, kind: &str, actor: &str, detail: serde_json::Value) -> db::event::Event {
    db::event::Event {
        event_id: app.ids.next(),
        lead_id,
        at: app.clock.now(),
        kind: kind.to_owned(),
        source: "admin".into(),
        actor: Some(actor.to_owned()),
        detail,
    }
}

/// Sends a delivery again that gave up, waits for a retry, or is in review. For one in review the operator vouches
/// that the network does not have the lead.
pub async fn retry(app: &App, delivery_id: Uuid, actor: &str) -> Result<(), Refused> {
    retry_at(app, delivery_id, actor, queue::FRESH).await
}

async fn retry_at(app: &App, delivery_id: Uuid, actor: &str, priority: i16) -> Result<(), Refused> {
    let mut tx = app.db.begin().await?;
    let found = db::delivery::find(&mut tx, delivery_id).await?.ok_or(Refused::NotFound("delivery"))?;
    db::lead::lock(&mut tx, &[found.lead_id]).await?;
    erase_lead::check(&mut tx, found.lead_id).await?;
    let delivery =
        db::delivery::lock(&mut tx, &[delivery_id]).await?.into_iter().next().ok_or(Refused::NotFound("delivery"))?;
    let siblings = db::delivery::of_leads(&mut tx, &[found.lead_id]).await?;
    let other = siblings.iter().any(|d| {
        d.delivery_id != delivery_id
            && d.purpose == delivery.purpose
            && (d.accepted_at.is_some()
                || matches!(d.state.as_str(), "waiting" | "sending" | "retrying" | "needs_review"))
    });
    match delivery.state.as_str() {
        "waiting" | "retrying" => {
            queue::hurry(&mut tx, &[delivery_id]).await?;
        }
        "dead" | "needs_review" | "cancelled" if !other => {
            db::delivery::reopen(&mut tx, delivery_id, app.clock.now() + chrono::TimeDelta::hours(24)).await?;
            let job = NewJob::now(app.ids.next(), delivery.network_id, Kind::DeliverLead, delivery_id);
            queue::enqueue(&mut tx, &[NewJob { priority, ..job }]).await?;
        }
        "dead" | "needs_review" | "cancelled" => {
            return Err(Refused::State("another network has the lead or is being asked".into()));
        }
        state => return Err(Refused::State(format!("a delivery that is {state} cannot be retried"))),
    }
    let detail = json!({ "delivery_id": delivery_id, "network_id": delivery.network_id, "state": delivery.state });
    db::event::insert_many(&mut tx, &[event(app, delivery.lead_id, "retried", actor, detail)]).await?;
    tx.commit().await?;
    app.wake.jobs();
    Ok(())
}

/// Tells a lead's present status again, by every rule that hears of it: the last call of each. With `owner` only by the
/// rules of this webmaster.
pub async fn resend_postbacks(app: &App, lead_id: Uuid, owner: Option<Uuid>, actor: &str) -> Result<usize, Refused> {
    let rules = app.rules.load();
    let is_asked_for = |postback_id: &Uuid| is_rule_of(&rules, *postback_id, owner);
    let mut tx = app.db.begin().await?;
    let _: Lead = db::lead::lock(&mut tx, &[lead_id]).await?.into_iter().next().ok_or(Refused::NotFound("lead"))?;
    let last = db::postback_delivery::latest_of_lead(&mut tx, lead_id).await?;
    let mut sent = 0;
    for (id, postback_id) in last.into_iter().filter(|(_, postback_id)| is_asked_for(postback_id)) {
        sent += again(app, &mut tx, id, postback_id, queue::FRESH).await?;
    }
    db::event::insert_many(&mut tx, &[event(app, lead_id, "postbacks_resent", actor, json!({ "postbacks": sent }))])
        .await?;
    tx.commit().await?;
    app.wake.jobs();
    Ok(sent)
}

/// Whether a rule is this webmaster's own; with nobody named every rule will do.
fn is_rule_of(rules: &Rules, postback_id: Uuid, owner: Option<Uuid>) -> bool {
    owner.is_none() || rules.postbacks.get(&postback_id).is_some_and(|postback| postback.webmaster_id == owner)
}

/// Sends one call to a webmaster again, with the same id, so that the receiver can tell.
/// With `owner` only one of this webmaster's rules: others do not exist for him.
pub async fn resend_postback(app: &App, id: Uuid, owner: Option<Uuid>) -> Result<(), Refused> {
    resend_at(app, id, owner, queue::FRESH).await
}

async fn resend_at(app: &App, id: Uuid, owner: Option<Uuid>, priority: i16) -> Result<(), Refused> {
    let rules = app.rules.load();
    let is_asked_for = |postback_id: &Uuid| is_rule_of(&rules, *postback_id, owner);
    let mut tx = app.db.begin().await?;
    let postback_id = db::postback_delivery::postback_of(&mut tx, id)
        .await?
        .filter(is_asked_for)
        .ok_or(Refused::NotFound("postback delivery"))?;
    again(app, &mut tx, id, postback_id, priority).await?;
    tx.commit().await?;
    app.wake.jobs();
    Ok(())
}

async fn again(app: &App, conn: &mut PgConnection, id: Uuid, postback_id: Uuid, priority: i16) -> sqlx::Result<usize> {
    if !app.rules.load().postbacks.contains_key(&postback_id) {
        return Ok(0);
    }
    if !queue::hurry(conn, &[id]).await?.is_empty() {
        return Ok(1);
    }
    if !db::postback_delivery::reopen(conn, id).await? {
        return Ok(0);
    }
    let job = NewJob { priority, ..NewJob::now(app.ids.next(), postback_id, Kind::SendPostback, id) };
    queue::enqueue(conn, &[job]).await?;
    Ok(1)
}

/// Judges a stored call again.
pub async fn reprocess(app: &App, inbound_id: Uuid) -> Result<String, Refused> {
    let mut tx = app.db.begin().await?;
    let raw = db::inbound::find(&mut tx, inbound_id).await?.ok_or(Refused::NotFound("inbound postback"))?;
    let taken = take_inbound::reprocess(app, &mut tx, vec![raw]).await?;
    tx.commit().await?;
    app.wake.jobs();
    let result = taken.into_iter().next();
    Ok(match result {
        Some(take_inbound::Taken::Stored { result, .. }) => result,
        _ => "ignored".into(),
    })
}

/// What a replay picks.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only of this network.
    pub network_id: Option<Uuid>,
    /// Only of this postback.
    pub postback_id: Option<Uuid>,
    /// Only in this state (or with this result).
    pub state: Option<String>,
    /// Made from here on.
    pub from: Option<chrono::DateTime<chrono::Utc>>,
    /// Made before this.
    pub to: Option<chrono::DateTime<chrono::Utc>>,
}

crate::text_enum! {
    /// What is replayed.
    pub enum ReplayKind {
        /// Deliveries to networks: those that gave up, and those in review when the filter says so.
        Deliveries = "deliveries",
        /// Calls to webmasters.
        Postbacks = "postbacks",
        /// Stored calls of networks.
        Inbound = "inbound",
    }
}

/// A replay changes at most this many rows; the rest is for the next call.
const REPLAY_MAX: i64 = 10_000;

/// Does a whole period or filter again, at low priority and at each lane's own pace. Answers how many match; with
/// `dry_run` nothing is changed.
pub async fn run(app: &App, kind: ReplayKind, filter: &Filter, dry_run: bool, actor: &str) -> Result<usize, Refused> {
    let mut conn = app.db.acquire().await?;
    let ids = match kind {
        ReplayKind::Deliveries => db::replay::deliveries(&mut conn, filter.into(), REPLAY_MAX).await?,
        ReplayKind::Postbacks => db::replay::postbacks(&mut conn, filter.into(), REPLAY_MAX).await?,
        ReplayKind::Inbound => db::replay::inbound(&mut conn, filter.into(), REPLAY_MAX).await?,
    };
    drop(conn);
    if dry_run {
        return Ok(ids.len());
    }
    let mut done = 0;
    for id in ids {
        let result = match kind {
            ReplayKind::Deliveries => retry_at(app, id, actor, queue::BULK).await,
            ReplayKind::Postbacks => resend_at(app, id, None, queue::BULK).await,
            ReplayKind::Inbound => reprocess(app, id).await.map(drop),
        };
        match result {
            Ok(()) => done += 1,
            // Decided meanwhile: not ours to do again.
            Err(Refused::State(_) | Refused::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let entry = db::audit::Entry {
        audit_id: app.ids.next(),
        at: app.clock.now(),
        actor: actor.to_owned(),
        action: format!("replay.{kind}"),
        object_kind: "replay".into(),
        object_id: None,
        before: None,
        after: Some(json!({ "matched": done, "from": filter.from, "to": filter.to, "state": filter.state })),
    };
    db::audit::insert(&mut *app.db.acquire().await?, &entry).await?;
    Ok(done)
}

impl<'a> From<&'a Filter> for db::replay::Filter<'a> {
    fn from(filter: &'a Filter) -> Self {
        Self {
            network_id: filter.network_id,
            postback_id: filter.postback_id,
            state: filter.state.as_deref(),
            from: filter.from,
            to: filter.to,
        }
    }
}
