//! Routes and their caps.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::reference::Reference;
use crate::base::ids::Ids;
use crate::domain::routing::plan::{Planned, PlannedCap};
use crate::domain::rules::{Cap, CapCounts, CapPeriod, OnRefused};
use crate::domain::status::Status;

/// One route as it is stored, with the names of what it refers to.
#[derive(Clone, Debug)]
pub struct Row {
    pub route_id: Uuid,
    pub offer_id: Uuid,
    pub offer: String,
    pub offer_number: i64,
    pub network_id: Uuid,
    pub network: String,
    pub position: i32,
    pub weight: i32,
    pub countries: Vec<String>,
    pub webmasters: Vec<Uuid>,
    pub schedule: Option<Value>,
    pub timezone: String,
    pub on_refused: OnRefused,
    pub max_age_hours: i32,
    pub trigger_status: Option<Status>,
    pub enabled: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

/// What a person decides of a route, the caps apart.
#[derive(Debug)]
pub struct Fields {
    pub offer_id: Uuid,
    pub network_id: Uuid,
    pub position: i32,
    pub weight: i32,
    pub countries: Vec<String>,
    pub webmasters: Vec<Uuid>,
    pub schedule: Option<Value>,
    pub timezone: String,
    pub on_refused: OnRefused,
    pub max_age_hours: i32,
    pub trigger_status: Option<Status>,
    pub enabled: bool,
}

/// What a list is narrowed to.
#[derive(Debug, Default)]
pub struct Filter {
    pub archived: bool,
    pub enabled: Option<bool>,
    pub offer_id: Option<Uuid>,
    pub network_id: Option<Uuid>,
}

/// Where a list goes on: number of the offer, position, id.
pub type Key = (i64, i32, Uuid);

/// A page by offer, then in the order the routes are tried.
pub async fn list(conn: &mut PgConnection, filter: &Filter, after: Option<Key>, limit: i64) -> sqlx::Result<Vec<Row>> {
    let (number, position, id) = after.unwrap_or((i64::MIN, i32::MIN, Uuid::nil()));
    sqlx::query_as!(
        Row,
        r#"select r.route_id, r.offer_id, o.slug as offer, o.number as offer_number, r.network_id, n.slug as network,
             r.position, r.weight, r.countries, r.webmasters, r.schedule, r.timezone, r.on_refused as "on_refused: OnRefused",
             r.max_age_hours, r.trigger_status as "trigger_status: Status", r.enabled, r.created_at, r.updated_at, r.archived_at
           from route r join offer o on o.offer_id = r.offer_id join network n on n.network_id = r.network_id
           where (o.number, r.position, r.route_id) > ($1, $2, $3) and (r.archived_at is not null) = $4
             and ($5::boolean is null or r.enabled = $5) and ($6::uuid is null or r.offer_id = $6)
             and ($7::uuid is null or r.network_id = $7)
           order by o.number, r.position, r.route_id limit $8"#,
        number,
        position,
        id,
        filter.archived,
        filter.enabled,
        filter.offer_id,
        filter.network_id,
        limit
    )
    .fetch_all(conn)
    .await
}

/// One, archived or not.
pub async fn find(conn: &mut PgConnection, route_id: Uuid) -> sqlx::Result<Option<Row>> {
    sqlx::query_as!(
        Row,
        r#"select r.route_id, r.offer_id, o.slug as offer, o.number as offer_number, r.network_id, n.slug as network,
             r.position, r.weight, r.countries, r.webmasters, r.schedule, r.timezone, r.on_refused as "on_refused: OnRefused",
             r.max_age_hours, r.trigger_status as "trigger_status: Status", r.enabled, r.created_at, r.updated_at, r.archived_at
           from route r join offer o on o.offer_id = r.offer_id join network n on n.network_id = r.network_id
           where r.route_id = $1"#,
        route_id
    )
    .fetch_optional(conn)
    .await
}

/// The routes of an offer that are in use, in the order they are tried, each with its caps.
pub async fn of_offer(conn: &mut PgConnection, offer_id: Uuid) -> sqlx::Result<Vec<Planned>> {
    let filter = Filter { offer_id: Some(offer_id), ..Filter::default() };
    let rows = list(conn, &filter, None, i64::MAX).await?;
    let route_ids: Vec<Uuid> = rows.iter().map(|row| row.route_id).collect();
    let caps = caps(conn, &route_ids).await?;
    let caps_of = |route_id: Uuid| {
        let own = caps.iter().filter(|(id, _)| *id == route_id);
        let mut own: Vec<PlannedCap> =
            own.map(|(_, cap)| PlannedCap { period: cap.period, counts: cap.counts, limit: cap.limit }).collect();
        own.sort_unstable();
        own
    };
    Ok(rows
        .into_iter()
        .map(|row| Planned {
            route_id: row.route_id,
            network_id: row.network_id,
            position: row.position,
            weight: row.weight,
            countries: row.countries,
            webmasters: row.webmasters,
            caps: caps_of(row.route_id),
            schedule: row.schedule.and_then(|schedule| serde_json::from_value(schedule).ok()),
            timezone: row.timezone,
            on_refused: row.on_refused,
            max_age_hours: row.max_age_hours,
            trigger_status: row.trigger_status,
            enabled: row.enabled,
        })
        .collect())
}

/// Keeps all routes of an offer from other writers until the end of the transaction; none when it is archived.
pub async fn lock_offer(conn: &mut PgConnection, offer_id: Uuid) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar!(
        "select offer_id from offer where offer_id = $1 and archived_at is null for no key update",
        offer_id
    )
    .fetch_optional(conn)
    .await
}

/// Puts an archived route back into use.
pub async fn restore(conn: &mut PgConnection, route_id: Uuid) -> sqlx::Result<()> {
    sqlx::query!("update route set archived_at = null where route_id = $1", route_id).execute(conn).await?;
    Ok(())
}

/// Keeps the row from other writers until the end of the transaction.
pub async fn lock(conn: &mut PgConnection, route_id: Uuid) -> sqlx::Result<()> {
    sqlx::query!("select route_id from route where route_id = $1 for no key update", route_id)
        .fetch_optional(conn)
        .await?;
    Ok(())
}

/// A network that is not archived, kept from being archived until the end of the transaction: id and slug.
pub async fn hold_network(conn: &mut PgConnection, reference: &Reference) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar!(
        "select network_id from network where (network_id = $1 or number = $2 or slug = $3) and archived_at is null
         for share",
        reference.id,
        reference.number,
        reference.slug
    )
    .fetch_optional(conn)
    .await
}

/// An offer that is not archived, kept from being archived until the end of the transaction.
pub async fn hold_offer(conn: &mut PgConnection, reference: &Reference) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar!(
        "select offer_id from offer where (offer_id = $1 or number = $2 or slug = $3) and archived_at is null for share",
        reference.id,
        reference.number,
        reference.slug
    )
    .fetch_optional(conn)
    .await
}

/// A network, archived or not: for filters and tokens.
pub async fn network_ref(conn: &mut PgConnection, reference: &Reference) -> sqlx::Result<Option<(Uuid, i64)>> {
    let row = sqlx::query!(
        "select network_id, number from network where network_id = $1 or number = $2 or slug = $3",
        reference.id,
        reference.number,
        reference.slug
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.network_id, row.number)))
}

/// Adds one.
pub async fn insert(conn: &mut PgConnection, route_id: Uuid, fields: &Fields, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into route (route_id, offer_id, network_id, position, weight, countries, webmasters, schedule, timezone,
           on_refused, max_age_hours, trigger_status, enabled, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)",
        route_id,
        fields.offer_id,
        fields.network_id,
        fields.position,
        fields.weight,
        &fields.countries,
        &fields.webmasters,
        fields.schedule,
        fields.timezone,
        fields.on_refused.as_str(),
        fields.max_age_hours,
        fields.trigger_status.map(Status::as_str),
        fields.enabled,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Changes one.
pub async fn update(conn: &mut PgConnection, route_id: Uuid, fields: &Fields, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "update route set offer_id = $2, network_id = $3, position = $4, weight = $5, countries = $6, webmasters = $7,
           schedule = $8, timezone = $9, on_refused = $10, max_age_hours = $11, trigger_status = $12, enabled = $13,
           updated_at = $14
         where route_id = $1",
        route_id,
        fields.offer_id,
        fields.network_id,
        fields.position,
        fields.weight,
        &fields.countries,
        &fields.webmasters,
        fields.schedule,
        fields.timezone,
        fields.on_refused.as_str(),
        fields.max_age_hours,
        fields.trigger_status.map(Status::as_str),
        fields.enabled,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes it out of use.
pub async fn archive(conn: &mut PgConnection, route_id: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "update route set archived_at = $2, updated_at = $2 where route_id = $1 and archived_at is null",
        route_id,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The caps of these routes, with the route of each.
pub async fn caps(conn: &mut PgConnection, route_ids: &[Uuid]) -> sqlx::Result<Vec<(Uuid, Cap)>> {
    let rows = sqlx::query!(
        r#"select route_id, cap_id, period as "period: CapPeriod", max, counts as "counts: CapCounts"
           from cap where route_id = any($1) order by cap_id"#,
        route_ids
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.route_id, Cap { cap_id: row.cap_id, period: row.period, limit: row.max, counts: row.counts }))
        .collect())
}

/// Makes these the caps of a route. A cap of the same period and count keeps its id, and with it what it has
/// counted so far.
pub async fn set_caps(
    conn: &mut PgConnection,
    ids: &Ids,
    route_id: Uuid,
    caps: &[(CapPeriod, CapCounts, i32)],
) -> sqlx::Result<()> {
    let new_ids: Vec<Uuid> = caps.iter().map(|_| ids.next()).collect();
    let periods: Vec<String> = caps.iter().map(|(period, _, _)| period.to_string()).collect();
    let counts: Vec<String> = caps.iter().map(|(_, counts, _)| counts.to_string()).collect();
    let limits: Vec<i32> = caps.iter().map(|(_, _, limit)| *limit).collect();
    sqlx::query!(
        "delete from cap where route_id = $1
         and not exists (select from unnest($2::text[], $3::text[]) as kept (period, counts)
                         where kept.period = cap.period and kept.counts = cap.counts)",
        route_id,
        &periods,
        &counts,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into cap (cap_id, route_id, period, counts, max)
         select c.cap_id, $1, c.period, c.counts, c.max
         from unnest($2::uuid[], $3::text[], $4::text[], $5::int[]) as c (cap_id, period, counts, max)
         on conflict (route_id, period, counts) do update set max = excluded.max",
        route_id,
        &new_ids,
        &periods,
        &counts,
        &limits,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A network to route to, for tests of what lies beside networks.
#[cfg(test)]
pub async fn insert_test_network(conn: &mut PgConnection, network_id: Uuid, slug: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into network (network_id, slug, name, integration, postback_secret_hash, postback_secret)
         values ($1, $2, $2, 'http-json', $3, $3)",
        network_id,
        slug,
        slug.as_bytes()
    )
    .execute(conn)
    .await?;
    Ok(())
}
