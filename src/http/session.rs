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
use super::principal::{Door, Principal, UserRole};
use crate::app::App;
use crate::db;

/// Key of the user's id in a session.
pub const USER: &str = "user_id";
/// Key of the portal link that opened a session.
pub const LINK: &str = "portal_link_id";

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

/// The person behind a session, if there is one and the account, or the link he came by, is still open.
pub async fn user_of(app: &App, session: &Session) -> Result<Option<SignedIn>, Error> {
    if let Some(user_id) = id(session, USER).await? {
        let Some(user) = db::user::find(&mut *app.db.acquire().await?, user_id).await? else { return Ok(None) };
        return Ok(person(app, &user).map(|principal| signed_in(principal, user.language, &user.time_zone)));
    }
    let Some(link_id) = id(session, LINK).await? else { return Ok(None) };
    let Some(link) = db::portal_link::find(&mut *app.db.acquire().await?, link_id).await? else { return Ok(None) };
    let door = Door::Link { portal_link_id: link_id };
    Ok(partner(app, link.webmaster_id, door).map(|principal| signed_in(principal, link.language, &link.time_zone)))
}

async fn id(session: &Session, key: &str) -> Result<Option<Uuid>, Error> {
    session.get(key).await.map_err(|error| Error::Internal(anyhow::anyhow!("{error}")))
}

fn signed_in(principal: Principal, language: Option<String>, zone: &str) -> SignedIn {
    let language = language.and_then(|language| language.parse().ok());
    SignedIn { principal, language, zone: zone.parse().unwrap_or(Tz::UTC) }
}

/// Who an account is, if it may be used: a webmaster's only while he is in use.
pub fn person(app: &App, user: &db::user::User) -> Option<Principal> {
    match (user.role.parse().ok()?, user.webmaster_id) {
        (UserRole::Webmaster, webmaster_id) => {
            partner(app, webmaster_id?, Door::Login { user_id: user.user_id, email: user.email.clone() })
        }
        (role, _) => Some(Principal::User { user_id: user.user_id, email: user.email.clone(), role }),
    }
}

/// A webmaster who comes in by this door, unless he is switched off or archived.
pub fn partner(app: &App, webmaster_id: Uuid, door: Door) -> Option<Principal> {
    let rules = app.rules.load();
    let webmaster = rules.webmasters.get(&webmaster_id).filter(|webmaster| webmaster.enabled)?;
    Some(Principal::Partner { webmaster_id, name: webmaster.name.clone(), door })
}
