//! People with a login.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// One person.
#[derive(Clone, Debug)]
pub struct User {
    pub user_id: Uuid,
    /// Lower case.
    pub email: String,
    pub name: String,
    /// `admin`, `manager`, `support`, `analyst` or `webmaster`.
    pub role: String,
    /// Whose portal it opens, with the role `webmaster`.
    pub webmaster_id: Option<Uuid>,
    /// His slug.
    pub webmaster: Option<String>,
    /// PHC string; never leaves the server.
    pub password_hash: Option<String>,
    /// Of the pages; none: as the browser asks.
    pub language: Option<String>,
    /// IANA name.
    pub time_zone: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub last_login_at: Option<DateTime<Utc>>,
    /// Since when a code is asked for, too; none: only the password.
    pub totp_since: Option<DateTime<Utc>>,
    /// Since when the account is closed.
    pub archived_at: Option<DateTime<Utc>>,
}

/// By id; archived ones are gone.
pub async fn find(conn: &mut PgConnection, user_id: Uuid) -> sqlx::Result<Option<User>> {
    sqlx::query_as!(
        User,
        "select user_id, email, name, role, webmaster_id,
           (select w.slug from webmaster w where w.webmaster_id = app_user.webmaster_id) as webmaster, password_hash, language,
           time_zone, created_at, updated_at, last_login_at, totp_since, archived_at
         from app_user where user_id = $1 and archived_at is null",
        user_id
    )
    .fetch_optional(conn)
    .await
}

/// By id, closed accounts too.
pub async fn find_any(conn: &mut PgConnection, user_id: Uuid) -> sqlx::Result<Option<User>> {
    sqlx::query_as!(
        User,
        "select user_id, email, name, role, webmaster_id,
           (select w.slug from webmaster w where w.webmaster_id = app_user.webmaster_id) as webmaster, password_hash, language,
           time_zone, created_at, updated_at, last_login_at, totp_since, archived_at
         from app_user where user_id = $1",
        user_id
    )
    .fetch_optional(conn)
    .await
}

/// By e-mail, in any case.
pub async fn find_by_email(conn: &mut PgConnection, email: &str) -> sqlx::Result<Option<User>> {
    sqlx::query_as!(
        User,
        "select user_id, email, name, role, webmaster_id,
           (select w.slug from webmaster w where w.webmaster_id = app_user.webmaster_id) as webmaster, password_hash, language,
           time_zone, created_at, updated_at, last_login_at, totp_since, archived_at
         from app_user where email = lower($1) and archived_at is null",
        email
    )
    .fetch_optional(conn)
    .await
}

/// Adds a person; the index `app_user_email_uq` refuses a second one with the same e-mail.
pub async fn insert(
    conn: &mut PgConnection,
    user_id: Uuid,
    email: &str,
    name: &str,
    (role, webmaster_id): (&str, Option<Uuid>),
    password_hash: Option<&str>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into app_user (user_id, email, name, role, webmaster_id, password_hash)
         values ($1, lower($2), $3, $4, $5, $6)",
        user_id,
        email,
        name,
        role,
        webmaster_id,
        password_hash
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes a login.
pub async fn touch(conn: &mut PgConnection, user_id: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("update app_user set last_login_at = $2 where user_id = $1", user_id, now).execute(conn).await?;
    Ok(())
}

/// A page in the order they came; archived ones are gone.
pub async fn list(
    conn: &mut PgConnection,
    role: Option<&str>,
    after: Option<Uuid>,
    limit: i64,
) -> sqlx::Result<Vec<User>> {
    sqlx::query_as!(
        User,
        "select user_id, email, name, role, webmaster_id,
           (select w.slug from webmaster w where w.webmaster_id = app_user.webmaster_id) as webmaster, password_hash, language,
           time_zone, created_at, updated_at, last_login_at, totp_since, archived_at
         from app_user
         where archived_at is null and ($1::text is null or role = $1) and ($2::uuid is null or user_id > $2)
         order by user_id limit $3",
        role,
        after,
        limit
    )
    .fetch_all(conn)
    .await
}

/// The logins of a webmaster, in the order they were made.
pub async fn of_webmaster(conn: &mut PgConnection, webmaster_id: Uuid, limit: i64) -> sqlx::Result<Vec<User>> {
    sqlx::query_as!(
        User,
        "select user_id, email, name, role, webmaster_id,
           (select w.slug from webmaster w where w.webmaster_id = app_user.webmaster_id) as webmaster, password_hash, language,
           time_zone, created_at, updated_at, last_login_at, totp_since, archived_at
         from app_user where webmaster_id = $1 and archived_at is null order by user_id limit $2",
        webmaster_id,
        limit
    )
    .fetch_all(conn)
    .await
}

/// Changes a person; `app_user_email_uq` refuses an e-mail somebody else has.
pub async fn update(
    conn: &mut PgConnection,
    user_id: Uuid,
    email: &str,
    name: &str,
    (role, webmaster_id): (&str, Option<Uuid>),
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update app_user set email = lower($2), name = $3, role = $4, webmaster_id = $5, updated_at = $6 where user_id = $1",
        user_id,
        email,
        name,
        role,
        webmaster_id,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Sets or clears the password and ends the sessions that the old one opened.
pub async fn set_password(
    conn: &mut PgConnection,
    user_id: Uuid,
    password_hash: Option<&str>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update app_user set password_hash = $2, updated_at = $3 where user_id = $1",
        user_id,
        password_hash,
        now
    )
    .execute(&mut *conn)
    .await?;
    super::session::delete_of_user(conn, user_id).await?;
    Ok(())
}

/// Sets how a person reads the pages.
pub async fn set_reading(
    conn: &mut PgConnection,
    user_id: Uuid,
    language: Option<&str>,
    time_zone: &str,
) -> sqlx::Result<()> {
    sqlx::query!("update app_user set language = $2, time_zone = $3 where user_id = $1", user_id, language, time_zone)
        .execute(conn)
        .await?;
    Ok(())
}

/// Closes an account and ends its sessions.
pub async fn archive(conn: &mut PgConnection, user_id: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "update app_user set archived_at = $2, updated_at = $2 where user_id = $1 and archived_at is null",
        user_id,
        now
    )
    .execute(&mut *conn)
    .await?;
    super::session::delete_of_user(conn, user_id).await?;
    Ok(())
}

/// Opens a closed account again; `app_user_email_uq` refuses when somebody else has the e-mail now.
pub async fn restore(conn: &mut PgConnection, user_id: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("update app_user set archived_at = null, updated_at = $2 where user_id = $1", user_id, now)
        .execute(conn)
        .await?;
    Ok(())
}

/// An admin.
#[derive(Clone, Copy, Debug)]
pub struct Admin {
    pub user_id: Uuid,
    /// Whether there is a password to sign in with.
    pub can_sign_in: bool,
}

/// The admins there are, kept as they are until the end of the transaction, so that two of them cannot remove
/// each other at the same moment.
pub async fn lock_admins(conn: &mut PgConnection) -> sqlx::Result<Vec<Admin>> {
    sqlx::query_as!(
        Admin,
        r#"select user_id, password_hash is not null as "can_sign_in!" from app_user
           where role = 'admin' and archived_at is null order by user_id for update"#
    )
    .fetch_all(conn)
    .await
}
