//! Browser sessions in PostgreSQL for tower-sessions. Only the hash of the cookie's value is stored, and the
//! user's id stands in a column of its own, so that all sessions of a person can be ended.

use std::collections::HashMap;
use std::net::IpAddr;

use async_trait::async_trait;
use axum::http::{HeaderMap, header};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use tower_sessions::Session;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{self, SessionStore};
use uuid::Uuid;

use super::client_ip::ClientIp;
use super::dashboard::reader::Language;
use super::error::Error;
use super::principal::{Door, Principal, UserRole};
use crate::app::App;
use crate::base::text;
use crate::db;

/// Key of the user's id in a session.
pub const USER: &str = "user_id";
/// Key of a sign-in that lacks its second factor.
const HALF: &str = "half_signed_in";
/// Key of where the session was last seen.
const SEEN: &str = "seen";

/// How exactly it is known when a session was last seen.
const SEEN_EVERY: TimeDelta = TimeDelta::minutes(1);
/// So long the second factor may be waited for.
const HALF_FOR: TimeDelta = TimeDelta::minutes(10);
/// Most of what a browser calls itself that is kept.
const AGENT: usize = 255;

/// Somebody whose password was right and whose second factor is still asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HalfSignedIn {
    pub user_id: Uuid,
    /// Where to go after it.
    pub next: String,
    until: DateTime<Utc>,
}

/// When and where a session was last seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    at: DateTime<Utc>,
    ip: Option<IpAddr>,
    agent: Option<String>,
}
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

/// What is stored of a session: the columns that lists and ends of sessions ask for are taken from what it remembers.
fn row(record: &Record) -> Result<db::session::Row, session_store::Error> {
    let data = serde_json::to_value(&record.data).map_err(|error| session_store::Error::Encode(error.to_string()))?;
    let half = record.data.get(HALF).and_then(|half| half.get("user_id"));
    let user_id = record.data.get(USER).or(half).and_then(|id| id.as_str()).and_then(|id| id.parse().ok());
    let seen = record.data.get(SEEN).and_then(|seen| Seen::deserialize(seen).ok());
    Ok(db::session::Row {
        session_hash: hash(&record.id),
        user_id,
        data,
        expires_at: DateTime::<Utc>::from_timestamp(record.expiry_date.unix_timestamp(), 0).unwrap_or_default(),
        last_seen_at: seen.as_ref().map(|seen| seen.at),
        ip: seen.as_ref().and_then(|seen| seen.ip).map(|ip| ip.to_string()),
        user_agent: seen.and_then(|seen| seen.agent),
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
        db::session::save(&mut conn, &row(record)?).await.map_err(|error| backend(&error))
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

/// A session that cannot be read or written.
pub fn broken(error: &tower_sessions::session::Error) -> Error {
    Error::Internal(anyhow::anyhow!("session: {error}"))
}

/// The hash by which the database knows this session.
pub fn stored_as(session: &Session) -> Option<Vec<u8>> {
    session.id().map(|id| hash(&id))
}

/// Begins a session under a new id, so that nobody can have known it before.
pub async fn begin(session: &Session, principal: &Principal) -> Result<(), Error> {
    let (key, id) = match principal {
        Principal::User { user_id, .. } | Principal::Partner { door: Door::Login { user_id, .. }, .. } => {
            (USER, user_id)
        }
        Principal::Partner { door: Door::Link { portal_link_id }, .. } => (LINK, portal_link_id),
        _ => return Err(Error::Unauthorized),
    };
    // Nothing of whoever sat here before stays.
    session.clear().await;
    session.cycle_id().await.map_err(|error| broken(&error))?;
    session.insert(key, id).await.map_err(|error| broken(&error))
}

/// Remembers, under a new id, that the password was right. Whoever was signed in here before is so no longer.
pub async fn begin_half(session: &Session, user_id: Uuid, next: &str, now: DateTime<Utc>) -> Result<(), Error> {
    session.cycle_id().await.map_err(|error| broken(&error))?;
    session.remove_value(USER).await.map_err(|error| broken(&error))?;
    let half = HalfSignedIn { user_id, next: next.to_owned(), until: now + HALF_FOR };
    session.insert(HALF, half).await.map_err(|error| broken(&error))
}

/// Whose second factor is asked for, unless that was too long ago.
pub async fn half_signed_in(session: &Session, now: DateTime<Utc>) -> Result<Option<HalfSignedIn>, Error> {
    let half: Option<HalfSignedIn> = session.get(HALF).await.map_err(|error| broken(&error))?;
    Ok(half.filter(|half| now < half.until))
}

/// Notes when and from where a session is used.
pub async fn note_seen(
    session: &Session,
    headers: &HeaderMap,
    ip: Option<ClientIp>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let agent = agent.map(|agent| text::cut(agent, AGENT).to_owned());
    let seen = Seen { at: now, ip: ip.map(|ClientIp(ip)| ip), agent };
    let before: Option<Seen> = session.get(SEEN).await.map_err(|error| broken(&error))?;
    let is_new = before.is_none_or(|before| now - before.at >= SEEN_EVERY || before.ip != seen.ip);
    if is_new {
        session.insert(SEEN, seen).await.map_err(|error| broken(&error))?;
    }
    Ok(())
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
    session.get(key).await.map_err(|error| broken(&error))
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
