//! Offers.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::reference::Reference;

/// One offer as it is stored.
#[derive(Clone, Debug)]
pub struct Row {
    pub offer_id: Uuid,
    pub number: i64,
    pub slug: String,
    pub name: String,
    pub countries: Vec<String>,
    pub params: Value,
    pub payout: Option<Decimal>,
    pub revenue: Option<Decimal>,
    pub currency: String,
    pub goals: Value,
    pub duplicates: Option<Value>,
    pub required_fields: Vec<String>,
    pub enabled: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

/// What a person decides of an offer.
#[derive(Debug)]
pub struct Fields {
    pub slug: String,
    pub name: String,
    pub countries: Vec<String>,
    pub params: Value,
    pub payout: Option<Decimal>,
    pub revenue: Option<Decimal>,
    pub currency: String,
    pub goals: Value,
    pub duplicates: Option<Value>,
    pub required_fields: Vec<String>,
    pub enabled: bool,
}

/// What a list is narrowed to.
#[derive(Debug, Default)]
pub struct Filter {
    pub archived: bool,
    pub enabled: Option<bool>,
}

/// A page in the order of numbers.
pub async fn list(conn: &mut PgConnection, filter: &Filter, after: Option<i64>, limit: i64) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        "select offer_id, number, slug, name, countries, params, payout, revenue, currency, goals, duplicates,
           required_fields, enabled, created_at, updated_at, archived_at
         from offer
         where ($1::bigint is null or number > $1) and (archived_at is not null) = $2
           and ($3::boolean is null or enabled = $3)
         order by number limit $4",
        after,
        filter.archived,
        filter.enabled,
        limit
    )
    .fetch_all(conn)
    .await
}

/// One, archived or not.
pub async fn find(conn: &mut PgConnection, reference: &Reference) -> sqlx::Result<Option<Row>> {
    sqlx::query_as!(
        Row,
        "select offer_id, number, slug, name, countries, params, payout, revenue, currency, goals, duplicates,
           required_fields, enabled, created_at, updated_at, archived_at
         from offer where offer_id = $1 or number = $2 or slug = $3",
        reference.id,
        reference.number,
        reference.slug
    )
    .fetch_optional(conn)
    .await
}

/// Keeps the row from other writers until the end of the transaction.
pub async fn lock(conn: &mut PgConnection, offer_id: Uuid) -> sqlx::Result<()> {
    sqlx::query!("select offer_id from offer where offer_id = $1 for no key update", offer_id)
        .fetch_optional(conn)
        .await?;
    Ok(())
}

/// Adds one; `offer_slug_uq` refuses a slug that was ever used.
pub async fn insert(conn: &mut PgConnection, offer_id: Uuid, fields: &Fields, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into offer (offer_id, slug, name, countries, params, payout, revenue, currency, goals, duplicates,
           required_fields, enabled, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)",
        offer_id,
        fields.slug,
        fields.name,
        &fields.countries,
        fields.params,
        fields.payout,
        fields.revenue,
        fields.currency,
        fields.goals,
        fields.duplicates,
        &fields.required_fields,
        fields.enabled,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Changes one.
pub async fn update(conn: &mut PgConnection, offer_id: Uuid, fields: &Fields, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "update offer set slug = $2, name = $3, countries = $4, params = $5, payout = $6, revenue = $7, currency = $8,
           goals = $9, duplicates = $10, required_fields = $11, enabled = $12, updated_at = $13
         where offer_id = $1",
        offer_id,
        fields.slug,
        fields.name,
        &fields.countries,
        fields.params,
        fields.payout,
        fields.revenue,
        fields.currency,
        fields.goals,
        fields.duplicates,
        &fields.required_fields,
        fields.enabled,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes it out of use. Its leads, its slug and its number stay.
pub async fn archive(conn: &mut PgConnection, offer_id: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "update offer set archived_at = $2, updated_at = $2 where offer_id = $1 and archived_at is null",
        offer_id,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// How many routes that are not archived belong to it.
pub async fn count_routes(conn: &mut PgConnection, offer_id: Uuid) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"select count(*) as "n!" from route where offer_id = $1 and archived_at is null"#, offer_id)
        .fetch_one(conn)
        .await
}
