//! A partner's plans: looking at them, making offers of them, and links for lists of offers.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::filters;
use super::offers::{self, Offer};
use super::problems::{CreateProblems, ReadProblems};
use crate::adapters::shop::{Plan, Wanted};
use crate::app::App;
use crate::base::csv;
use crate::flow::shop;
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId, QueryOf};
use crate::http::principal::Principal;

/// Links of one call.
const LINKS: usize = 200;

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(import)).routes(routes!(links))
}

pub(super) fn network(app: &App, reference: &str) -> Result<Uuid, Error> {
    Ok(app.rules.load().network(reference).ok_or(Error::NotFound("network"))?.network_id)
}

/// Which plans.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PlanQuery {
    /// In their names.
    query: Option<String>,
    /// Only those the account has applied for.
    #[serde(default)]
    mine: bool,
    /// From 1.
    page: Option<u32>,
}

/// Plans of the partner, read from it now.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PlanList {
    items: Vec<Plan>,
    /// Number of the next page; null when this is the last.
    next_page: Option<u32>,
}

/// List a partner's plans
#[utoipa::path(get, path = "/api/v1/networks/{id}/plans", tag = "networks", operation_id = "list_plans",
    params(("id" = String, Path, description = "Slug, id or number"), PlanQuery),
    responses((status = 200, description = "A page", body = PlanList), ReadProblems))]
async fn list(
    State(app): State<App>,
    PathId(id): PathId,
    QueryOf(query): QueryOf<PlanQuery>,
) -> Result<Json<PlanList>, Error> {
    let page = query.page.unwrap_or(1).max(1);
    let wanted = Wanted { query: filters::text("query", query.query)?, only_mine: query.mine, page };
    let (items, has_more) = shop::plans(&app, network(&app, &id)?, &wanted).await?;
    Ok(Json(PlanList { items, next_page: has_more.then_some(page + 1) }))
}

/// Which plan becomes an offer.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportInput {
    /// The partner's id of the plan.
    pub plan: String,
    /// Slug of the new offer; made from the plan's id when absent.
    #[serde(default)]
    pub slug: Option<String>,
    /// Make the offer although the plan cannot be matched or is not open yet.
    #[serde(default)]
    pub anyway: bool,
}

/// An offer that was made of a plan.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Imported {
    pub offer: Offer,
    pub plan: Plan,
}

/// Make an offer of a plan
///
/// Refused for plans whose orders would not carry our id, or that are not open to this account, unless `anyway` is said.
#[utoipa::path(post, path = "/api/v1/networks/{id}/plans", tag = "networks", operation_id = "import_plan",
    params(("id" = String, Path, description = "Slug, id or number")), request_body = ImportInput,
    responses((status = 201, description = "Made", body = Imported), CreateProblems))]
pub async fn import(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
    JsonBody(input): JsonBody<ImportInput>,
) -> Result<(StatusCode, Json<Imported>), Error> {
    let network_id = network(&app, &id)?;
    let plan = shop::plan(&app, network_id, input.plan.trim()).await?;
    if !input.anyway && (!plan.is_open || plan.carries_our_id == Some(false)) {
        let detail = format!("{}; say anyway to make the offer all the same", plan.warnings.join("; "));
        return Err(Error::Conflict { code: "plan_not_usable", detail, lead_id: None });
    }
    let slug = input.slug.unwrap_or_else(|| format!("{}-{}", id_part(&app, network_id), slug_part(&plan.id)));
    let name = if plan.name.is_empty() { plan.id.clone() } else { plan.name.clone() };
    let body = json!({ "slug": slug, "name": name, "params": plan.params, "required_fields": [] });
    let (status, Json(offer)) = offers::create(State(app), principal, JsonBody(body)).await?;
    Ok((status, Json(Imported { offer, plan })))
}

fn id_part(app: &App, network_id: Uuid) -> String {
    app.rules.load().networks.get(&network_id).map(|network| network.slug.clone()).unwrap_or_default()
}

fn slug_part(plan: &str) -> String {
    plan.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// Of which offers.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LinkQuery {
    /// Slugs, ids or numbers, with commas; all that are routed to the network when absent.
    offers: Option<String>,
}

/// Export promotion links
///
/// A CSV of offer, name, link and error: one link for each offer, made now, without a lead behind it.
#[utoipa::path(get, path = "/api/v1/networks/{id}/links", tag = "networks", operation_id = "export_links",
    params(("id" = String, Path, description = "Slug, id or number"), LinkQuery),
    responses((status = 200, description = "The file", body = String, content_type = "text/csv"), ReadProblems))]
async fn links(
    State(app): State<App>,
    PathId(id): PathId,
    QueryOf(query): QueryOf<LinkQuery>,
) -> Result<Response, Error> {
    let network_id = network(&app, &id)?;
    let rules = app.rules.load();
    let named: Vec<&str> =
        query.offers.as_deref().unwrap_or_default().split(',').map(str::trim).filter(|it| !it.is_empty()).collect();
    let mut offers = Vec::new();
    for name in &named {
        offers.push(rules.offer(name).cloned().ok_or_else(|| filters::unknown("offers"))?);
    }
    if named.is_empty() {
        let is_routed = |offer_id: &Uuid| rules.routes_of(*offer_id).iter().any(|route| route.network_id == network_id);
        offers =
            rules.offers.iter().filter(|(offer_id, _)| is_routed(offer_id)).map(|(_, offer)| offer.clone()).collect();
        offers.sort_by_key(|offer| offer.number);
    }
    if offers.len() > LINKS {
        return Err(Error::field("offers", "too_long", format!("must be at most {LINKS} at once")));
    }
    let made = shop::links(&app, network_id, &offers).await?;
    let head = ["offer", "name", "link", "error"].map(str::to_owned);
    let rows = made.into_iter().map(|row| {
        let (link, error) = row.link.map_or_else(|error| (String::new(), error), |link| (link, String::new()));
        [row.offer, row.name, link, error]
    });
    let file = csv::rows(std::iter::once(head).chain(rows));
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"links.csv\""),
    ];
    Ok((headers, file).into_response())
}
