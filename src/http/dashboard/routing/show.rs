//! The page: live routes, the draft, one lead explained, the versions.

use askama::Template;
use axum::extract::{RawQuery, State};
use tower_sessions::Session;

use super::view::{self, Difference, Step};
use super::{offer_of, page_of, plan_of};
use crate::app::App;
use crate::db;
use crate::db::routing::{Draft, Version};
use crate::domain::routing::plan::{self, Planned};
use crate::domain::routing::{self, Line};
use crate::domain::rules::{Offer, Rules};
use crate::http::api::filters;
use crate::http::dashboard::layout::{self, Answer, Shell};
use crate::http::dashboard::list::Asked;
use crate::http::dashboard::texts::{self, Text, say};
use crate::http::dashboard::{format, reader, words};
use crate::http::error::Error;
use crate::http::extract::PathId;
use crate::http::principal::Principal;

/// Versions shown.
const VERSIONS: i64 = 20;

/// What one lead would meet if it came now.
struct Explained {
    number: i64,
    live: Vec<Line>,
    /// By the draft.
    draft: Option<Vec<Line>>,
}

#[derive(Template)]
#[template(path = "routing/show.html")]
struct Page {
    shell: Shell,
    offer: std::sync::Arc<Offer>,
    here: String,
    live: Vec<Step>,
    draft: Option<Draft>,
    planned: Vec<Step>,
    /// Networks of routes that the draft has no more.
    removed: Vec<String>,
    /// The draft has been overtaken by another change of the live routes.
    is_overtaken: bool,
    versions: Vec<Version>,
    lead: String,
    explained: Option<Explained>,
    wrong: Option<Text>,
    zone: String,
}

impl Page {
    fn is_manager(&self) -> bool {
        self.shell.role.is_manager()
    }

    /// Routes of a version.
    fn count(&self, version: &Version) -> usize {
        version.routes.as_array().map_or(0, Vec::len)
    }

    fn publish_at(&self) -> String {
        let at = self.draft.as_ref().and_then(|draft| draft.publish_at);
        at.map(|at| at.with_timezone(&reader::zone()).format("%Y-%m-%dT%H:%M").to_string()).unwrap_or_default()
    }
}

/// `GET /offers/{id}/routing`, with `lead` to explain one.
pub async fn show(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    RawQuery(query): RawQuery,
) -> Answer {
    let (rules, now) = (app.rules.load(), app.clock.now());
    let offer = offer_of(&rules, &id)?;
    let asked = Asked::read("/offers", query.as_deref());
    let mut conn = app.db.acquire().await?;
    let live = db::route::of_offer(&mut conn, offer.offer_id).await?;
    let draft = db::routing::draft(&mut conn, offer.offer_id).await?;
    let used = view::used(&mut conn, &rules, offer.offer_id, now).await?;
    let versions = db::routing::versions(&mut conn, offer.offer_id, VERSIONS).await?;
    let plan = draft.as_ref().map(plan_of).transpose()?;
    let lead = asked.given("lead").unwrap_or_default().to_owned();
    let lead_id = match filters::lead(&mut conn, asked.given("lead")).await {
        Ok(found) => Ok(found),
        Err(Error::Invalid(_)) => Err(say("routing-no-lead")),
        Err(error) => return Err(error.into()),
    };
    let known = match lead_id.as_ref().ok().copied().flatten() {
        Some(lead_id) => db::lead::find_many(&mut conn, &[lead_id]).await?.pop(),
        None => None,
    };
    drop(conn);
    let drafted = plan.as_ref().map(|plan| plan::with(&rules, offer.offer_id, plan));
    let trace = |rules: &Rules, lead: &db::lead::Lead| {
        let subject = routing::Subject {
            lead_id: lead.lead_id,
            country: lead.country.as_deref(),
            webmaster_id: lead.webmaster_id,
            created_at: now,
            test: lead.test,
        };
        routing::choose(rules, offer.offer_id, None, &subject, &[], now).trace.0
    };
    let explained = known.map(|lead| Explained {
        number: lead.number,
        live: trace(&rules, &lead),
        draft: drafted.as_ref().map(|rules| trace(rules, &lead)),
    });
    let network =
        |id| rules.networks.get(id).map_or_else(|| say("routing-network-gone").into(), |one| one.name.clone());
    let is_removed =
        |old: &Planned| plan.as_ref().is_some_and(|plan| !plan.iter().any(|new| new.route_id == old.route_id));
    let removed: Vec<String> = live.iter().filter(|old| is_removed(old)).map(|old| network(&old.network_id)).collect();
    let is_overtaken =
        draft.as_ref().is_some_and(|draft| serde_json::to_value(&live).ok().as_ref() != Some(&draft.base));
    let page = Page {
        shell: Shell::of(&session, &principal, say("routing-of").with("offer", &offer.name), "/offers").await?,
        here: page_of(&offer),
        planned: plan.as_ref().map(|plan| view::steps(plan, Some(&live), &used, &rules)).unwrap_or_default(),
        removed,
        live: view::steps(&live, None, &used, &rules),
        is_overtaken,
        draft,
        versions,
        lead,
        explained,
        wrong: lead_id.err(),
        zone: reader::zone().name().to_owned(),
        offer,
    };
    layout::page(&page)
}
