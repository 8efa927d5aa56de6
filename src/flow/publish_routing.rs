//! Makes a set of routes the live one of an offer: a draft, at once or at its time, or a version of the past. One
//! transaction: the routes, the version, the audit log.

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::app::App;
use crate::db;
use crate::db::reference::Reference;
use crate::domain::routing::plan::Planned;

/// Why routes were not published.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The offer has no such draft or version, or is archived.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A network of the plan is archived by now.
    #[error("a network of the plan is archived: {0}")]
    NetworkGone(String),
    /// The live routes are others than when the draft was begun.
    #[error("the live routes were changed since the draft was begun")]
    Changed,
    /// What is stored cannot be read.
    #[error("the stored routes cannot be read")]
    Unreadable(#[from] serde_json::Error),
    /// The database.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Publishes the draft of an offer. `is_forced`: even when the live routes have changed since it was begun.
pub async fn draft(app: &App, offer_id: Uuid, actor: &str, is_forced: bool) -> Result<(), Refused> {
    let mut tx = app.db.begin().await?;
    let draft = db::routing::lock_draft(&mut tx, offer_id).await?.ok_or(Refused::NotFound("draft"))?;
    publish(app, &mut tx, &draft, actor, is_forced).await?;
    tx.commit().await?;
    app.rules.refresh(&app.db).await?;
    Ok(())
}

/// Makes a version of the past live again.
pub async fn roll_back(app: &App, offer_id: Uuid, version: i32, actor: &str) -> Result<(), Refused> {
    let mut tx = app.db.begin().await?;
    let found = db::routing::version(&mut tx, offer_id, version).await?.ok_or(Refused::NotFound("version"))?;
    make_live(app, &mut tx, offer_id, found.routes, None, (actor, "routing.roll_back")).await?;
    tx.commit().await?;
    app.rules.refresh(&app.db).await?;
    Ok(())
}

/// Publishes drafts whose time has come. One that cannot be published says why and waits for a person.
pub async fn due(app: &App) -> Result<usize, Refused> {
    let mut published = 0;
    loop {
        let mut tx = app.db.begin().await?;
        let Some(draft) = db::routing::due(&mut tx, app.clock.now()).await? else { break };
        let offer_id = draft.offer_id;
        let by = draft.updated_by.clone();
        match publish(app, &mut tx, &draft, &by, false).await {
            Ok(()) => published += 1,
            Err(Refused::Database(error)) => return Err(error.into()),
            Err(why) => {
                drop(tx);
                tx = app.db.begin().await?;
                db::routing::set_publish_at(&mut tx, offer_id, None, Some(&why.to_string())).await?;
                tracing::warn!(%offer_id, %why, "a draft of routes was not published at its time");
            }
        }
        tx.commit().await?;
    }
    if published > 0 {
        app.rules.refresh(&app.db).await?;
    }
    Ok(published)
}

async fn publish(
    app: &App,
    conn: &mut PgConnection,
    draft: &db::routing::Draft,
    actor: &str,
    is_forced: bool,
) -> Result<(), Refused> {
    let base = (!is_forced).then_some(&draft.base);
    make_live(app, conn, draft.offer_id, draft.routes.clone(), base, (actor, "routing.publish")).await?;
    db::routing::drop_draft(conn, draft.offer_id).await?;
    Ok(())
}

/// `base`: what must still be live; none: whatever is. Last who does it, and what the audit log calls it.
async fn make_live(
    app: &App,
    conn: &mut PgConnection,
    offer_id: Uuid,
    routes: Value,
    base: Option<&Value>,
    (actor, action): (&str, &str),
) -> Result<(), Refused> {
    let now = app.clock.now();
    // One publishes at a time, and the offer is not archived meanwhile.
    db::route::lock_offer(conn, offer_id).await?.ok_or(Refused::NotFound("offer"))?;
    let plan: Vec<Planned> = serde_json::from_value(routes)?;
    let before = db::route::of_offer(conn, offer_id).await?;
    let was = serde_json::to_value(&before)?;
    if base.is_some_and(|base| *base != was) {
        return Err(Refused::Changed);
    }
    for network_id in plan.iter().map(|route| route.network_id) {
        let network = Reference { id: Some(network_id), ..Reference::default() };
        if db::route::hold_network(conn, &network).await?.is_none() {
            return Err(Refused::NetworkGone(network_id.to_string()));
        }
    }
    if db::routing::versions(conn, offer_id, 1).await?.first().is_none_or(|last| last.routes != was) {
        db::routing::add_version(conn, offer_id, &was, "system", now).await?;
    }
    for gone in before.iter().filter(|old| !plan.iter().any(|new| new.route_id == old.route_id)) {
        db::route::archive(conn, gone.route_id, now).await?;
    }
    for route in &plan {
        let fields = db::route::Fields {
            offer_id,
            network_id: route.network_id,
            position: route.position,
            weight: route.weight,
            countries: route.countries.clone(),
            webmasters: route.webmasters.clone(),
            schedule: route.schedule.as_ref().map(serde_json::to_value).transpose()?,
            timezone: route.timezone.clone(),
            on_refused: route.on_refused,
            max_age_hours: route.max_age_hours,
            trigger_status: route.trigger_status,
            enabled: route.enabled,
        };
        if db::route::find(conn, route.route_id).await?.is_some() {
            db::route::update(conn, route.route_id, &fields, now).await?;
            db::route::restore(conn, route.route_id).await?;
        } else {
            db::route::insert(conn, route.route_id, &fields, now).await?;
        }
        let caps: Vec<_> = route.caps.iter().map(|cap| (cap.period, cap.counts, cap.limit)).collect();
        db::route::set_caps(conn, &app.ids, route.route_id, &caps).await?;
    }
    let is = serde_json::to_value(&plan)?;
    db::routing::add_version(conn, offer_id, &is, actor, now).await?;
    db::audit::insert(
        conn,
        &db::audit::Entry {
            audit_id: app.ids.next(),
            at: now,
            actor: actor.to_owned(),
            action: action.to_owned(),
            object_kind: "offer".to_owned(),
            object_id: Some(offer_id),
            before: Some(was),
            after: Some(is),
        },
    )
    .await?;
    Ok(())
}
