//! Browser sessions in PostgreSQL for tower-sessions. Only the hash of the cookie's value is stored, and the
//! user's id stands in a column of its own, so that all sessions of a person can be ended.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use tower_sessions::Session;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{self, SessionStore};
use uuid::Uuid;

use super::dashboard::reader::Language;
use super::error::Error;
use super::principal::Principal;
use crate::app::App;
use crate::db;

/// Key of the user's id in a session.
pub const USER: &str = "user_id";

/// The store.
#[derive(Clone, Debug)]
pub struct PgStore(pub PgPool);

fn backend(error: &sqlx::Error) -> session_store::Error {
    session_store::Error::Backend(db::describe(error))
}

fn hash(id: &Id) -> Vec<u8> {
    Sha256::digest(id.to_string().as_bytes()).to_vec()
}

fn row(record: &Record) -> Result<db::session::Row, session_store::Error> {
    let data = serde_json::to_value(&record.data).map_err(|error| session_store::Error::Encode(error.to_string()))?;
    Ok(db::session::Row {
        session_hash: hash(&record.id),
        user_id: record.data.get(USER).and_then(|id| id.as_str()).and_then(|id| id.parse().ok()),
        data,
        expires_at: DateTime::<Utc>::from_timestamp(record.expiry_date.unix_timestamp(), 0).unwrap_or_default(),
    })
}

#[async_trait]
impl SessionStore for PgStore {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        // An id has 128 random bits: a collision is a broken generator, and one new try tells.
        for _ in 0..2 {
            let mut conn = self.0.acquire().await.map_err(|error| backend(&error))?;
            if db::session::insert(&mut conn, &row(record)?).await.map_err(|error| backend(&error))? {
                return Ok(());
            }
            record.id = Id::default();
        }
        Err(session_store::Error::Backend("session id collision".into()))
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let mut conn = self.0.acquire().await.map_err(|error| backend(&error))?;
        db::session::upsert(&mut conn, &row(record)?).await.map_err(|error| backend(&error))
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let mut conn = self.0.acquire().await.map_err(|error| backend(&error))?;
        let found = db::session::find(&mut conn, &hash(id)).await.map_err(|error| backend(&error))?;
        let Some(found) = found else { return Ok(None) };
        let data: HashMap<String, serde_json::Value> =
            serde_json::from_value(found.data).map_err(|error| session_store::Error::Decode(error.to_string()))?;
        let expiry_date = time::OffsetDateTime::from_unix_timestamp(found.expires_at.timestamp())
            .map_err(|error| session_store::Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        let mut conn = self.0.acquire().await.map_err(|error| backend(&error))?;
        db::session::delete(&mut conn, &hash(id)).await.map_err(|error| backend(&error))
    }
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub principal: Principal,
    /// None: as the browser asks.
    pub language: Option<Language>,
    pub zone: Tz,
}

/// The person behind a session, if there is one and the account is still open.
pub async fn user_of(app: &App, session: &Session) -> Result<Option<SignedIn>, Error> {
    let user_id: Option<Uuid> = session.get(USER).await.map_err(|error| Error::Internal(anyhow::anyhow!("{error}")))?;
    let Some(user_id) = user_id else { return Ok(None) };
    let mut conn = app.db.acquire().await?;
    let Some(user) = db::user::find(&mut conn, user_id).await? else { return Ok(None) };
    let Ok(role) = user.role.parse() else { return Ok(None) };
    Ok(Some(SignedIn {
        principal: Principal::User { user_id, email: user.email, role },
        language: user.language.and_then(|language| language.parse().ok()),
        zone: user.time_zone.parse().unwrap_or(Tz::UTC),
    }))
}
