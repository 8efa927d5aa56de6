//! `/offers/{id}/routing/routes/{route}`: one route of the draft; `new` for another one.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use tower_sessions::Session;
use uuid::Uuid;

use super::{form, offer_of, page_of, plan_of};
use crate::app::App;
use crate::db;
use crate::domain::routing::plan::{Planned, PlannedCap};
use crate::domain::rules::Offer;
use crate::http::api::input;
use crate::http::api::route_input::{self, RouteInput};
use crate::http::dashboard::fields::Form;
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::layout::{self, Answer, PageError, Shell, done};
use crate::http::dashboard::texts::{self, say};
use crate::http::error::Error;
use crate::http::extract::PathIds;
use crate::http::principal::Principal;

#[derive(Template)]
#[template(path = "routing/edit.html")]
struct Page {
    shell: Shell,
    offer: std::sync::Arc<Offer>,
    here: String,
    action: String,
    is_new: bool,
    form: Form,
}

/// Which route of the draft a path means; none: a new one.
fn route_id(text: &str) -> Result<Option<Uuid>, Error> {
    match text {
        "new" => Ok(None),
        id => Uuid::parse_str(id).map(Some).map_err(|_| Error::NotFound("route")),
    }
}

/// The draft of an offer, begun when there is none.
async fn plan(app: &App, offer: &Offer, actor: &str) -> Result<Vec<Planned>, Error> {
    let mut conn = app.db.acquire().await?;
    super::act::begin_draft(app, &mut conn, offer.offer_id, actor).await?;
    let draft = db::routing::draft(&mut conn, offer.offer_id).await?.ok_or(Error::NotFound("draft"))?;
    plan_of(&draft)
}

fn route_of(plan: &[Planned], route_id: Uuid) -> Result<&Planned, Error> {
    plan.iter().find(|route| route.route_id == route_id).ok_or(Error::NotFound("route"))
}

async fn page(
    session: &Session,
    principal: &Principal,
    offer: std::sync::Arc<Offer>,
    route: &str,
    form: Form,
) -> Result<Page, Error> {
    let is_new = route == "new";
    let title = if is_new { say("routing-new-route") } else { say("routing-edit-route") };
    let here = page_of(&offer);
    Ok(Page {
        shell: Shell::of(session, principal, title, "/offers").await?,
        action: format!("{here}/routes/{route}"),
        offer,
        here,
        is_new,
        form,
    })
}

/// `GET /offers/{id}/routing/routes/{route}`
pub async fn show(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathIds(id, route): PathIds,
) -> Answer {
    let rules = app.rules.load();
    let offer = offer_of(&rules, &id)?;
    let mut conn = app.db.acquire().await?;
    // Looking at a form begins nothing: without a draft the live routes stand in for it.
    let plan = match db::routing::draft(&mut conn, offer.offer_id).await? {
        Some(draft) => plan_of(&draft)?,
        None => db::route::of_offer(&mut conn, offer.offer_id).await?,
    };
    drop(conn);
    let values = match route_id(&route)? {
        None => form::blank(&plan),
        Some(route_id) => form::values(route_of(&plan, route_id)?, &rules),
    };
    layout::page(&page(&session, &principal, offer, &route, form::form(&values, &rules, &[])).await?)
}

/// `POST /offers/{id}/routing/routes/{route}`: into the draft.
pub async fn save(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathIds(id, route): PathIds,
    pairs: FormPairs,
) -> Answer {
    let rules = app.rules.load();
    let offer = offer_of(&rules, &id)?;
    let saved = match form::body(&pairs, &offer.slug) {
        Ok(body) => put(&app, &principal, &offer, route_id(&route)?, body).await,
        Err(errors) => Err(Error::Invalid(errors)),
    };
    match saved {
        Ok(()) => done(&session, &format!("{}#draft", page_of(&offer)), say("routing-saved")).await,
        Err(Error::Invalid(errors)) => {
            again(&session, &principal, offer, &route, form::form(&pairs, &rules, &errors)).await
        }
        Err(error) => Err(PageError(error)),
    }
}

async fn again(
    session: &Session,
    principal: &Principal,
    offer: std::sync::Arc<Offer>,
    route: &str,
    form: Form,
) -> Answer {
    let page = page(session, principal, offer, route, form).await?;
    layout::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn put(
    app: &App,
    principal: &Principal,
    offer: &Offer,
    route_id: Option<Uuid>,
    body: serde_json::Value,
) -> Result<(), Error> {
    let wanted: RouteInput = input::created(body)?;
    let actor = principal.actor();
    let known = plan(app, offer, &actor).await?;
    let known = route_id.map(|id| route_of(&known, id).map(|route| route.webmasters.clone())).transpose()?;
    let mut tx = app.db.begin().await?;
    let (fields, caps) = route_input::check(&mut tx, &wanted, known.as_deref().unwrap_or_default()).await?;
    let draft = db::routing::lock_draft(&mut tx, offer.offer_id).await?.ok_or(Error::NotFound("draft"))?;
    let mut plan = plan_of(&draft)?;
    let mut caps: Vec<PlannedCap> =
        caps.into_iter().map(|(period, counts, limit)| PlannedCap { period, counts, limit }).collect();
    caps.sort_unstable();
    let planned = Planned {
        route_id: route_id.unwrap_or_else(|| app.ids.next()),
        network_id: fields.network_id,
        position: fields.position,
        weight: fields.weight,
        countries: fields.countries,
        webmasters: fields.webmasters,
        caps,
        schedule: wanted.schedule,
        timezone: fields.timezone,
        on_refused: fields.on_refused,
        max_age_hours: fields.max_age_hours,
        trigger_status: fields.trigger_status,
        enabled: fields.enabled,
    };
    match plan.iter_mut().find(|route| route.route_id == planned.route_id) {
        Some(route) => *route = planned,
        None => plan.push(planned),
    }
    let routes = serde_json::to_value(&plan).map_err(|error| Error::Internal(error.into()))?;
    db::routing::set_draft(&mut tx, offer.offer_id, &routes, &actor, app.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}
