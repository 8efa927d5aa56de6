//! Offers: what is promoted, where, for how much, and when a lead counts as a duplicate.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sqlx::PgConnection;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::amount::Amount;
use super::problems::{ChangeProblems, CreateProblems, DeleteProblems, ListProblems, ReadProblems};
use super::resource::{self, List};
use super::{input, list};
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::base::page::Limit;
use crate::db::reference::Reference;
use crate::db::{self, OnConstraint};
use crate::domain::rules::{DuplicateRule, Goal};
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId, QueryOf};
use crate::http::principal::Principal;

/// The operations on offers.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(index, create)).routes(routes!(show, update, archive))
}

/// An offer as an admin writes it.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferInput {
    /// Unique word; neither a UUID nor all digits.
    #[schema(example = "slim-tea")]
    pub slug: String,
    /// Name for people; the slug when absent.
    #[serde(default)]
    pub name: String,
    /// ISO 3166 alpha-2; empty: all.
    #[serde(default)]
    pub countries: Vec<String>,
    /// Values integrations read: `key`, and `key-xx` for country xx.
    #[serde(default)]
    pub params: Map<String, Value>,
    /// To the webmaster, for an approved lead.
    #[serde(default)]
    pub payout: Option<Amount>,
    /// From the network, when its report names no amount.
    #[serde(default)]
    pub revenue: Option<Amount>,
    /// ISO 4217.
    #[serde(default = "usd")]
    pub currency: String,
    /// Results that are paid for one by one.
    #[serde(default)]
    pub goals: Vec<GoalInput>,
    /// Absent: no rule.
    #[serde(default)]
    pub duplicates: Option<DuplicateRule>,
    /// Fields a lead must have.
    #[serde(default = "phone")]
    pub required_fields: Vec<String>,
    /// A disabled offer takes no leads.
    #[serde(default = "yes")]
    pub enabled: bool,
}

/// One result an offer pays for.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GoalInput {
    /// Word used in `goal` of leads and postbacks.
    pub slug: String,
    /// Name for people; the slug when absent.
    #[serde(default)]
    pub name: String,
    /// To the webmaster; the offer's when absent.
    #[serde(default)]
    pub payout: Option<Amount>,
    /// From the network; the offer's when absent.
    #[serde(default)]
    pub revenue: Option<Amount>,
    /// ISO 4217; the offer's when absent.
    #[serde(default)]
    pub currency: Option<String>,
}

/// An offer as it is answered.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Offer {
    /// UUIDv7.
    pub id: Uuid,
    /// For partners that need numbers.
    pub number: i64,
    #[serde(flatten)]
    pub input: OfferInput,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Set once it is taken out of use.
    pub archived_at: Option<DateTime<Utc>>,
}

fn usd() -> String {
    "USD".to_owned()
}

fn phone() -> Vec<String> {
    vec!["phone".to_owned()]
}

const fn yes() -> bool {
    true
}

/// Fields of a lead that an offer may ask for; `sub…`, `utm_…` and `meta.…` besides.
const FIELDS: &[&str] = &[
    "phone",
    "name",
    "first_name",
    "last_name",
    "email",
    "country",
    "ip",
    "user_agent",
    "referer",
    "landing_url",
    "language",
    "city",
    "region",
    "zip",
    "address",
    "flow",
    "external_id",
    "click_id",
    "goal",
    "price",
    "currency",
    "quantity",
    "comment",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_content",
    "utm_term",
];

fn is_field(name: &str) -> bool {
    let is_sub = || {
        name.strip_prefix("sub")
            .filter(|digits| !digits.starts_with(['0', '+']))
            .and_then(|digits| digits.parse::<u8>().ok())
            .is_some_and(|index| (1..=12).contains(&index))
    };
    let is_meta =
        || name.strip_prefix("meta.").is_some_and(|key| !key.is_empty() && key.len() <= 128 && !key.contains('\0'));
    FIELDS.contains(&name) || is_sub() || is_meta()
}

impl OfferInput {
    /// What is stored, or everything that is wrong with it.
    fn check(&self) -> Result<db::offer::Fields, Error> {
        let mut errors: Vec<FieldError> = resource::check_slug("slug", &self.slug).into_iter().collect();
        let currency = input::currency("currency", &self.currency, &mut errors);
        for (field, amount) in [("payout", self.payout), ("revenue", self.revenue)] {
            errors.extend(amount.and_then(|amount| amount.check(field)));
        }
        input::object("params", &self.params, &mut errors);
        let goals = self.check_goals(&mut errors);
        if let Some(rule) = &self.duplicates {
            check_duplicates(rule, &mut errors);
        }
        let mut required_fields: Vec<String> = Vec::with_capacity(self.required_fields.len());
        for (index, field) in self.required_fields.iter().enumerate() {
            if !is_field(field) {
                errors.push(FieldError::new(
                    format!("required_fields[{index}]"),
                    "unknown",
                    "must be a field of a lead, or meta. and a key",
                ));
            } else if !required_fields.contains(field) {
                required_fields.push(field.clone());
            }
        }
        let fields = db::offer::Fields {
            slug: self.slug.clone(),
            name: input::name("name", &self.name, &self.slug, &mut errors),
            countries: input::countries("countries", &self.countries, &mut errors),
            params: Value::Object(self.params.clone()),
            payout: self.payout.map(|amount| amount.0),
            revenue: self.revenue.map(|amount| amount.0),
            currency,
            goals: serde_json::to_value(goals).map_err(|error| Error::Internal(error.into()))?,
            duplicates: self
                .duplicates
                .as_ref()
                .map(serde_json::to_value)
                .transpose()
                .map_err(|error| Error::Internal(error.into()))?,
            required_fields,
            enabled: self.enabled,
        };
        input::refuse(errors)?;
        Ok(fields)
    }

    fn check_goals(&self, errors: &mut Vec<FieldError>) -> Vec<Goal> {
        let mut goals: Vec<Goal> = Vec::with_capacity(self.goals.len());
        for (index, goal) in self.goals.iter().enumerate() {
            let field = |name: &str| format!("goals[{index}].{name}");
            errors.extend(resource::check_slug(&field("slug"), &goal.slug));
            if goals.iter().any(|other| other.slug == goal.slug) {
                errors.push(FieldError::new(field("slug"), "taken", "is the slug of another goal"));
            }
            for (name, amount) in [("payout", goal.payout), ("revenue", goal.revenue)] {
                errors.extend(amount.and_then(|amount| amount.check(&field(name))));
            }
            goals.push(Goal {
                slug: goal.slug.clone(),
                name: input::name(&field("name"), &goal.name, &goal.slug, errors),
                payout: goal.payout.map(|amount| amount.0),
                revenue: goal.revenue.map(|amount| amount.0),
                currency: goal.currency.as_ref().map(|code| input::currency(&field("currency"), code, errors)),
            });
        }
        goals
    }
}

fn check_duplicates(rule: &DuplicateRule, errors: &mut Vec<FieldError>) {
    if rule.fields.is_empty() {
        errors.push(FieldError::invalid("duplicates.fields", "must name phone, email or both"));
    }
    if rule.fields.iter().enumerate().any(|(index, field)| rule.fields.iter().take(index).any(|other| other == field)) {
        errors.push(FieldError::invalid("duplicates.fields", "must name each field once"));
    }
    if !(1..=3650).contains(&rule.days) {
        errors.push(FieldError::invalid("duplicates.days", "must be from 1 to 3650"));
    }
}

impl From<db::offer::Row> for Offer {
    fn from(row: db::offer::Row) -> Self {
        let amount = |amount: Option<rust_decimal::Decimal>| amount.map(|amount| Amount::of(amount, &row.currency));
        let goals: Vec<Goal> = serde_json::from_value(row.goals).unwrap_or_default();
        let goals = goals
            .into_iter()
            .map(|goal| {
                let currency = goal.currency.clone().unwrap_or_else(|| row.currency.clone());
                let amount = |amount: Option<rust_decimal::Decimal>| amount.map(|amount| Amount::of(amount, &currency));
                GoalInput {
                    payout: amount(goal.payout),
                    revenue: amount(goal.revenue),
                    slug: goal.slug,
                    name: goal.name,
                    currency: goal.currency,
                }
            })
            .collect();
        Self {
            id: row.offer_id,
            number: row.number,
            input: OfferInput {
                payout: amount(row.payout),
                revenue: amount(row.revenue),
                slug: row.slug,
                name: row.name,
                countries: row.countries,
                params: serde_json::from_value(row.params).unwrap_or_default(),
                goals,
                duplicates: row.duplicates.and_then(|rule| serde_json::from_value(rule).ok()),
                required_fields: row.required_fields,
                enabled: row.enabled,
                currency: row.currency,
            },
            created_at: row.created_at,
            updated_at: row.updated_at,
            archived_at: row.archived_at,
        }
    }
}

async fn find(conn: &mut PgConnection, reference: &str) -> Result<Offer, Error> {
    let row = db::offer::find(conn, &Reference::parse(reference)).await?;
    row.map(Offer::from).ok_or(Error::NotFound("offer"))
}

/// The offer, kept from other writers.
async fn locked(conn: &mut PgConnection, reference: &str) -> Result<Offer, Error> {
    let offer = find(conn, reference).await?;
    db::offer::lock(conn, offer.id).await?;
    find(conn, &offer.id.to_string()).await
}

/// What a list of offers is narrowed to.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OfferQuery {
    /// At most 500; 50 when absent.
    #[serde(default)]
    #[param(value_type = Option<i64>)]
    limit: Limit,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// The archived ones instead of those in use.
    #[serde(default)]
    archived: bool,
    /// Only the enabled or only the disabled.
    enabled: Option<bool>,
}

/// List offers
#[utoipa::path(get, path = "/api/v1/offers", tag = "offers", operation_id = "list_offers", params(OfferQuery),
    responses((status = 200, description = "A page in the order of numbers", body = List<Offer>), ListProblems))]
async fn index(State(app): State<App>, QueryOf(query): QueryOf<OfferQuery>) -> Result<Json<List<Offer>>, Error> {
    let filter = db::offer::Filter { archived: query.archived, enabled: query.enabled };
    let after = list::after(query.cursor.as_deref())?;
    let mut conn = app.db.acquire().await?;
    let rows = db::offer::list(&mut conn, &filter, after, query.limit.fetch()).await?;
    Ok(Json(list::answer(rows, query.limit, |row| row.number, Offer::from)))
}

/// Add an offer
#[utoipa::path(post, path = "/api/v1/offers", tag = "offers", operation_id = "create_offer", request_body = OfferInput,
    responses((status = 201, description = "The offer", body = Offer), CreateProblems))]
pub(in crate::http) async fn create(
    State(app): State<App>,
    principal: Principal,
    JsonBody(body): JsonBody<Value>,
) -> Result<(StatusCode, Json<Offer>), Error> {
    let fields = input::created::<OfferInput>(body)?.check()?;
    let id = app.ids.next();
    let mut tx = app.db.begin().await?;
    db::offer::insert(&mut tx, id, &fields, app.clock.now())
        .await
        .on_constraint("offer_slug_uq", || input::taken("slug", "offer"))?;
    let offer = find(&mut tx, &id.to_string()).await?;
    let after = serde_json::to_value(&offer).ok();
    resource::audit(&mut tx, &app, &principal, "offer.create", ("offer", id), None, after).await?;
    tx.commit().await?;
    resource::publish(&app).await?;
    Ok((StatusCode::CREATED, Json(offer)))
}

/// Read an offer
#[utoipa::path(get, path = "/api/v1/offers/{id}", tag = "offers", operation_id = "get_offer",
    params(("id" = String, Path, description = "Slug, id or number")),
    responses((status = 200, description = "The offer", body = Offer), ReadProblems))]
pub(in crate::http) async fn show(State(app): State<App>, PathId(id): PathId) -> Result<Json<Offer>, Error> {
    let mut conn = app.db.acquire().await?;
    find(&mut conn, &id).await.map(Json)
}

/// Change an offer
///
/// A merge patch: what is left out stays, null puts a field back to its default.
#[utoipa::path(patch, path = "/api/v1/offers/{id}", tag = "offers", operation_id = "update_offer",
    params(("id" = String, Path, description = "Slug, id or number")),
    request_body(content = OfferInput, description = "Any of the fields"),
    responses((status = 200, description = "The offer", body = Offer), ChangeProblems))]
pub(in crate::http) async fn update(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
    JsonBody(patch): JsonBody<Value>,
) -> Result<Json<Offer>, Error> {
    let mut tx = app.db.begin().await?;
    let before = locked(&mut tx, &id).await?;
    if before.archived_at.is_some() {
        return Err(input::archived("offer"));
    }
    let fields = resource::patched(&before.input, patch)?.check()?;
    db::offer::update(&mut tx, before.id, &fields, app.clock.now())
        .await
        .on_constraint("offer_slug_uq", || input::taken("slug", "offer"))?;
    let offer = find(&mut tx, &before.id.to_string()).await?;
    let (was, is) = (serde_json::to_value(&before).ok(), serde_json::to_value(&offer).ok());
    resource::audit(&mut tx, &app, &principal, "offer.update", ("offer", offer.id), was, is).await?;
    tx.commit().await?;
    resource::publish(&app).await?;
    Ok(Json(offer))
}

/// Archive an offer
///
/// Its leads and its slug stay. Refused while it has routes.
#[utoipa::path(delete, path = "/api/v1/offers/{id}", tag = "offers", operation_id = "archive_offer",
    params(("id" = String, Path, description = "Slug, id or number")),
    responses((status = 204, description = "Archived"), DeleteProblems))]
pub(in crate::http) async fn archive(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
) -> Result<StatusCode, Error> {
    let mut tx = app.db.begin().await?;
    let before = locked(&mut tx, &id).await?;
    if before.archived_at.is_some() {
        return Ok(StatusCode::NO_CONTENT);
    }
    if db::offer::count_routes(&mut tx, before.id).await? > 0 {
        return Err(input::in_use("this offer has routes: archive them first"));
    }
    let now = app.clock.now();
    db::offer::archive(&mut tx, before.id, now).await?;
    db::token::revoke_of(&mut tx, before.id, now).await?;
    let was = serde_json::to_value(&before).ok();
    resource::audit(&mut tx, &app, &principal, "offer.archive", ("offer", before.id), was, None).await?;
    tx.commit().await?;
    resource::publish(&app).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn complaints(body: Value) -> Vec<String> {
        match input::created::<OfferInput>(body).and_then(|input| input.check()) {
            Err(Error::Invalid(errors)) => {
                errors.into_iter().map(|error| format!("{}:{}", error.field, error.code)).collect()
            }
            Err(error) => vec![error.code().to_owned()],
            Ok(_) => Vec::new(),
        }
    }

    #[test]
    fn left_out_fields_have_their_defaults() {
        let offer = input::created::<OfferInput>(json!({"slug": "tea"})).unwrap();
        let fields = offer.check().unwrap();
        assert_eq!(fields.name, "tea");
        assert_eq!(fields.currency, "USD");
        assert_eq!(fields.required_fields, ["phone"]);
        assert!(fields.enabled && fields.duplicates.is_none() && fields.countries.is_empty());
    }

    #[test]
    fn money_is_read_from_strings_and_numbers() {
        let offer = input::created::<OfferInput>(json!({
            "slug": "tea", "payout": "12.50", "revenue": 20.5, "currency": "eur",
            "goals": [{"slug": "sale", "payout": 3}], "countries": ["de"]
        }));
        let fields = offer.unwrap().check().unwrap();
        assert_eq!(fields.payout.unwrap().to_string(), "12.50");
        assert_eq!(fields.revenue.unwrap().to_string(), "20.5");
        assert_eq!((fields.currency.as_str(), fields.countries), ("EUR", vec!["DE".to_owned()]));
        assert_eq!(fields.goals[0]["payout"], "3");
        // What is stored is what the snapshot reads.
        assert!(serde_json::from_value::<Vec<Goal>>(fields.goals).is_ok());
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        assert_eq!(
            complaints(json!({
                "slug": "12", "currency": "XXY", "payout": -1, "countries": ["zz"], "required_fields": ["sub13", "phone", "meta.age"],
                "duplicates": {"fields": [], "days": 0}, "goals": [{"slug": "a"}, {"slug": "a"}]
            })),
            [
                "slug:invalid",
                "currency:invalid",
                "payout:invalid",
                "goals[1].slug:taken",
                "duplicates.fields:invalid",
                "duplicates.days:invalid",
                "required_fields[0]:unknown",
                "countries[0]:invalid"
            ]
        );
        assert_eq!(complaints(json!({})), ["slug:required"]);
        assert_eq!(complaints(json!({"slug": "a", "price": 1})), ["price:unknown"]);
        assert_eq!(complaints(json!({"slug": "a", "payout": "x"})), ["payout:invalid"]);
    }
}
