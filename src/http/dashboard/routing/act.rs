//! What can be done with a draft and with the versions: begin, take a route out, discard, publish, roll back.

use axum::extract::State;
use chrono::{DateTime, NaiveDateTime, TimeZone as _, Utc};
use sqlx::PgConnection;
use tower_sessions::Session;
use uuid::Uuid;

use super::{offer_of, page_of, plan_of};
use crate::app::App;
use crate::db;
use crate::flow::publish_routing::{self, Refused};
use crate::http::api::resource;
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::layout::{Answer, PageError, done, refused};
use crate::http::dashboard::texts::{Text, say};
use crate::http::dashboard::{format, reader};
use crate::http::error::Error;
use crate::http::extract::{PathId, PathIds};
use crate::http::principal::Principal;

/// A draft that says what is live now; one that is there stays.
pub(super) async fn begin_draft(app: &App, conn: &mut PgConnection, offer_id: Uuid, actor: &str) -> Result<(), Error> {
    let live = db::route::of_offer(conn, offer_id).await?;
    let live = serde_json::to_value(live).map_err(|error| Error::Internal(error.into()))?;
    Ok(db::routing::begin_draft(conn, offer_id, &live, actor, app.clock.now()).await?)
}

/// `POST /offers/{id}/routing/draft`
pub async fn begin(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let offer = offer_of(&app.rules.load(), &id)?;
    begin_draft(&app, &mut *app.db.acquire().await?, offer.offer_id, &principal.actor()).await?;
    done(&session, &format!("{}#draft", page_of(&offer)), say("routing-begun")).await
}

/// `POST /offers/{id}/routing/discard`
pub async fn discard(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let offer = offer_of(&app.rules.load(), &id)?;
    let mut tx = app.db.begin().await?;
    if let Some(draft) = db::routing::lock_draft(&mut tx, offer.offer_id).await? {
        db::routing::drop_draft(&mut tx, offer.offer_id).await?;
        let object = ("offer", offer.offer_id);
        resource::audit(&mut tx, &app, &principal, "routing.discard", object, Some(draft.routes), None).await?;
    }
    tx.commit().await?;
    done(&session, &page_of(&offer), say("routing-discarded")).await
}

/// `POST /offers/{id}/routing/routes/{route}/remove`
pub async fn remove(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathIds(id, route): PathIds,
) -> Answer {
    let offer = offer_of(&app.rules.load(), &id)?;
    let route_id = Uuid::parse_str(&route).map_err(|_| Error::NotFound("route"))?;
    let mut tx = app.db.begin().await?;
    let draft = db::routing::lock_draft(&mut tx, offer.offer_id).await?.ok_or(Error::NotFound("draft"))?;
    let mut plan = plan_of(&draft)?;
    plan.retain(|route| route.route_id != route_id);
    let routes = serde_json::to_value(&plan).map_err(|error| Error::Internal(error.into()))?;
    db::routing::set_draft(&mut tx, offer.offer_id, &routes, &principal.actor(), app.clock.now()).await?;
    tx.commit().await?;
    done(&session, &format!("{}#draft", page_of(&offer)), say("routing-removed")).await
}

/// `POST /offers/{id}/routing/publish`: at once, or at the minute in `at`; `force` when the live routes have changed.
pub async fn publish(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    form: FormPairs,
) -> Answer {
    let offer = offer_of(&app.rules.load(), &id)?;
    let here = page_of(&offer);
    let when = form.get("when");
    if when == "never" {
        db::routing::set_publish_at(&mut *app.db.acquire().await?, offer.offer_id, None, None).await?;
        return done(&session, &here, say("routing-not-at")).await;
    }
    if when == "later" {
        let Some(at) = minute(form.get("at")).filter(|at| *at > app.clock.now()) else {
            return refused(&session, &format!("{here}#draft"), say("routing-at-wrong")).await;
        };
        let mut conn = app.db.acquire().await?;
        db::routing::set_publish_at(&mut conn, offer.offer_id, Some(at), None).await?;
        return done(&session, &here, say("routing-at").with("time", format::moment(at))).await;
    }
    match publish_routing::draft(&app, offer.offer_id, &principal.actor(), form.given("force").is_some()).await {
        Ok(()) => done(&session, &here, say("routing-published")).await,
        Err(why) => not_published(&session, &here, why).await,
    }
}

/// `POST /offers/{id}/routing/roll-back`: to the version in `version`.
pub async fn roll_back(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    form: FormPairs,
) -> Answer {
    let offer = offer_of(&app.rules.load(), &id)?;
    let version = form.get("version").parse().map_err(|_| Error::NotFound("version"))?;
    match publish_routing::roll_back(&app, offer.offer_id, version, &principal.actor()).await {
        Ok(()) => done(&session, &page_of(&offer), say("routing-rolled-back").count("version", version)).await,
        Err(why) => not_published(&session, &page_of(&offer), why).await,
    }
}

async fn not_published(session: &Session, here: &str, why: Refused) -> Answer {
    let text: Text = match why {
        Refused::Changed => say("routing-overtaken"),
        Refused::NetworkGone(_) => say("routing-network-archived"),
        Refused::NotFound(what) => return Err(PageError(Error::NotFound(what))),
        Refused::Unreadable(error) => return Err(PageError(Error::Internal(error.into()))),
        Refused::Database(error) => return Err(PageError(error.into())),
    };
    refused(session, here, text).await
}

/// A minute of the reader's clock, as browsers send it.
fn minute(text: &str) -> Option<DateTime<Utc>> {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").ok()?;
    reader::zone().from_local_datetime(&local).earliest().map(|at| at.to_utc())
}
