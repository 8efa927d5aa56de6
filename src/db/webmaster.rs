//! Webmasters.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::reference::Reference;

/// One webmaster as it is stored.
#[derive(Clone, Debug)]
pub struct Row {
    pub webmaster_id: Uuid,
    pub number: i64,
    pub slug: String,
    pub name: String,
    pub enabled: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

/// What a person decides of a webmaster.
#[derive(Debug)]
pub struct Fields {
    pub slug: String,
    pub name: String,
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
        "select webmaster_id, number, slug, name, enabled, created_at, updated_at, archived_at from webmaster
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
        "select webmaster_id, number, slug, name, enabled, created_at, updated_at, archived_at from webmaster
         where webmaster_id = $1 or number = $2 or slug = $3",
        reference.id,
        reference.number,
        reference.slug
    )
    .fetch_optional(conn)
    .await
}

/// Ids and slugs of these webmasters.
pub async fn slugs(conn: &mut PgConnection, webmaster_ids: &[Uuid]) -> sqlx::Result<Vec<(Uuid, String)>> {
    let rows = sqlx::query!("select webmaster_id, slug from webmaster where webmaster_id = any($1)", webmaster_ids)
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.webmaster_id, row.slug)).collect())
}

/// Keeps the row from other writers until the end of the transaction.
pub async fn lock(conn: &mut PgConnection, webmaster_id: Uuid) -> sqlx::Result<()> {
    sqlx::query!("select webmaster_id from webmaster where webmaster_id = $1 for no key update", webmaster_id)
        .fetch_optional(conn)
        .await?;
    Ok(())
}

/// Adds one; `webmaster_slug_uq` refuses a slug that was ever used.
pub async fn insert(conn: &mut PgConnection, id: Uuid, fields: &Fields, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into webmaster (webmaster_id, slug, name, enabled, created_at, updated_at) values ($1, $2, $3, $4, $5, $5)",
        id,
        fields.slug,
        fields.name,
        fields.enabled,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Changes one.
pub async fn update(conn: &mut PgConnection, id: Uuid, fields: &Fields, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "update webmaster set slug = $2, name = $3, enabled = $4, updated_at = $5 where webmaster_id = $1",
        id,
        fields.slug,
        fields.name,
        fields.enabled,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes it out of use. Its leads, its slug and its number stay.
pub async fn archive(conn: &mut PgConnection, id: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "update webmaster set archived_at = $2, updated_at = $2 where webmaster_id = $1 and archived_at is null",
        id,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}
