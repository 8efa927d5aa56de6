//! What a partner has on record: looking through it by the partner's own filters, and taking one record over.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::plans::network;
use super::problems::{ChangeProblems, ReadProblems};
use crate::adapters::records::{Filter, Given, Wanted};
use crate::app::App;
use crate::domain::status::Status;
use crate::flow::records;
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId, QueryOf};
use crate::http::principal::Principal;

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(fetch))
}

/// A record, read as a report.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Record {
    /// The partner's id of what it has of a lead.
    external_id: Option<String>,
    /// Where a lead can have several: which of them.
    transaction_id: Option<String>,
    /// Our lead, as the partner names it.
    our_ref: Option<String>,
    /// The partner's status.
    status: Option<String>,
    /// Ours; null: unmapped.
    means: Option<Status>,
    revenue: Option<Decimal>,
    currency: Option<String>,
    reason: Option<String>,
    comment: Option<String>,
    happened_at: Option<DateTime<Utc>>,
}

/// A page of records, read from the partner now.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RecordList {
    items: Vec<Record>,
    /// Number of the next page; null when this is the last. Where a partner does not say how long its list is, the next
    /// page may be empty.
    next_page: Option<u32>,
}

/// List a partner's records
///
/// `page` (from 1), and the partner's own filters by its own names; times are RFC 3339. Affili: `status`, `external_id`,
/// `is_closed`, `checked_out`, and `min_` and `max_` of `created_at`, `updated_at`, `amount`, `wage`,
/// `commission_amount`. Duomai: `from` and `to` (a day at most; the last one by default), `site_id`, `ads_id`, `euid`,
/// `status`. Looking changes nothing.
#[utoipa::path(get, path = "/api/v1/networks/{id}/records", tag = "networks", operation_id = "list_records",
    params(("id" = String, Path, description = "Slug, id or number"),
        ("page" = Option<u32>, Query, description = "From 1"),
        ("filters" = Option<BTreeMap<String, String>>, Query, style = Form, explode,
            description = "The partner's filters, each a parameter of its own")),
    responses((status = 200, description = "A page", body = RecordList), ReadProblems))]
async fn list(
    State(app): State<App>,
    PathId(id): PathId,
    QueryOf(query): QueryOf<BTreeMap<String, String>>,
) -> Result<Json<RecordList>, Error> {
    let network_id = network(&app, &id)?;
    let wanted = wanted(query, records::filters(&app, network_id)?)?;
    let (seen, has_more) = records::list(&app, network_id, &wanted).await?;
    let items = seen.into_iter().map(|(report, means)| Record {
        external_id: report.external_id,
        transaction_id: report.transaction_id,
        our_ref: report.our_ref,
        status: report.status,
        means,
        revenue: report.revenue,
        currency: report.currency,
        reason: report.reason,
        comment: report.comment,
        happened_at: report.happened_at,
    });
    Ok(Json(RecordList { items: items.collect(), next_page: has_more.then_some(wanted.page.saturating_add(1)) }))
}

fn wanted(query: BTreeMap<String, String>, known: &[Filter]) -> Result<Wanted, Error> {
    let mut wanted = Wanted { filters: Vec::new(), page: 1 };
    for (name, value) in query {
        if name == "page" {
            let page = value.parse().ok().filter(|page| *page > 0);
            wanted.page = page.ok_or_else(|| Error::field("page", "invalid", "must be a number from 1"))?;
            continue;
        }
        let Some(filter) = known.iter().find(|filter| filter.name == name) else {
            let names: Vec<&str> = known.iter().map(|filter| filter.name).collect();
            return Err(Error::field(name, "unknown", format!("must be one of page, {}", names.join(", "))));
        };
        let given = if filter.is_time {
            let at: Result<DateTime<Utc>, _> = value.parse();
            Given::Time(
                at.map_err(|_| Error::field(filter.name, "invalid", "must be a time such as 2026-11-26T00:00:00Z"))?,
            )
        } else {
            Given::Word(value)
        };
        wanted.filters.push((filter.name, given));
    }
    Ok(wanted)
}

/// Which record.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordInput {
    /// The partner's id of it; of an order, the merchant's number.
    pub id: String,
    /// The partner's id of the plan that an order belongs to (Duomai needs it).
    #[serde(default)]
    pub plan: Option<String>,
}

/// What became of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RecordRead {
    /// `applied`, `unchanged`, `unmapped`, `unmatched` …
    pub result: String,
    pub reason: Option<String>,
}

/// Ask a partner for one record
///
/// What it says is applied at once.
#[utoipa::path(post, path = "/api/v1/networks/{id}/records", tag = "networks", operation_id = "fetch_record",
    params(("id" = String, Path, description = "Slug, id or number")), request_body = RecordInput,
    responses((status = 200, description = "Judged", body = RecordRead), ChangeProblems))]
async fn fetch(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
    JsonBody(input): JsonBody<RecordInput>,
) -> Result<Json<RecordRead>, Error> {
    let network_id = network(&app, &id)?;
    let id = input.id.trim();
    if id.is_empty() {
        return Err(Error::field("id", "required", "must be given"));
    }
    let plan = input.plan.as_deref().map(str::trim).filter(|plan| !plan.is_empty());
    let judged = records::fetch(&app, network_id, id, plan, &principal.actor()).await?;
    Ok(Json(RecordRead { result: judged.verdict.to_string(), reason: judged.reason }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[Filter] = &[Filter::word("status"), Filter::time("from")];

    fn read(pairs: &[(&str, &str)]) -> Result<Wanted, Error> {
        wanted(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(), KNOWN)
    }

    #[test]
    fn filters_are_those_of_the_partner() {
        let read = read(&[("status", "0"), ("from", "2026-11-26T00:00:00+01:00"), ("page", "3")]).unwrap();
        let at = "2026-11-25T23:00:00Z".parse().unwrap();
        assert_eq!(read.filters, [("from", Given::Time(at)), ("status", Given::Word("0".into()))]);
        assert_eq!(read.page, 3);
    }

    #[test]
    fn wrong_ones_are_named() {
        for pairs in [[("state", "0")], [("from", "yesterday")], [("page", "0")], [("page", "-1")]] {
            assert_eq!(read(&pairs).unwrap_err().code(), "invalid", "{pairs:?}");
        }
    }
}
