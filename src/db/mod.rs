//! SQL lives here and in `queue`: plain async functions over `&mut PgConnection`. The caller owns the transaction.

pub mod alert;
pub mod alert_channel;
pub mod alert_message;
pub mod alert_rule;
pub mod altercpa_list;
pub mod attempt;
pub mod audit;
pub mod audit_list;
pub mod cap;
pub mod conversion;
pub mod delivery;
pub mod delivery_list;
pub mod erase;
pub mod event;
pub mod failure_groups;
pub mod feed;
pub mod flow;
pub mod form_key;
pub mod housekeeping;
pub mod import;
pub mod import_list;
pub mod inbound;
pub mod inbound_list;
pub mod instance;
pub mod intake;
pub mod lane_view;
pub mod lead;
pub mod lead_change;
pub mod lead_list;
pub mod live;
pub mod network;
pub mod network_health;
pub mod network_words;
pub mod offer;
pub mod order;
pub mod orphan;
pub mod password_link;
pub mod poll;
pub mod pool;
pub mod portal_lead;
pub mod portal_leads;
pub mod portal_link;
pub mod portal_today;
pub mod postback;
pub mod postback_delivery;
pub mod postback_delivery_list;
pub mod reference;
pub mod replay;
pub mod route;
pub mod routing;
pub mod rules;
#[cfg(test)]
pub mod sample;
pub mod saved_view;
pub mod schema;
#[cfg(test)]
pub mod scratch;
pub mod screen_health;
pub mod screen_lead;
pub mod screen_leads;
pub mod screen_overview;
pub mod screen_set_up;
pub mod screen_tokens;
pub mod screen_users;
pub mod second_factor;
pub mod session;
pub mod stats;
pub mod stats_fold;
pub mod stats_today;
pub mod timeline;
pub mod token;
pub mod types;
pub mod unmapped;
pub mod user;
pub mod webmaster;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::error::ErrorKind;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use uuid::Uuid;

/// Whether the database is away, starting, stopping, full or overloaded: the caller may try again later.
pub fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(db) => db.code().is_some_and(|code| {
            // 08 connection, 53 resources (disk full, too many connections), 57P0x shutdown, 25006 read only,
            // 25P03 ended because we stood still in a transaction, 55P03 lock
            code.starts_with("08")
                || code.starts_with("53")
                || code.starts_with("57P")
                || code == "25006"
                || code == "25P03"
                || code == "55P03"
        }),
        _ => false,
    }
}

/// The database's clock.
pub async fn time(conn: &mut PgConnection) -> sqlx::Result<DateTime<Utc>> {
    sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#).fetch_one(conn).await
}

/// Whether a new connection is made and answered within this time.
pub async fn is_answering(options: &PgConnectOptions, within: Duration) -> bool {
    let asked = async {
        let mut conn = options.connect().await?;
        conn.ping().await?;
        conn.close().await
    };
    matches!(tokio::time::timeout(within, asked).await, Ok(Ok(())))
}

/// Whether a time was given that PostgreSQL cannot hold.
pub fn is_out_of_range(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(db) if db.code().is_some_and(|code| code == "22008"))
}

/// Whether the same transaction may simply be run again (deadlock, serialization).
pub fn is_retryable(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(db) if db.code().is_some_and(|code| code == "40P01" || code == "40001"))
}

/// The smallest id (UUIDv7) of anything made at `at` or later, less a day for clocks that differ: it lets a list
/// over ids skip what is too old. The exact border is the row's own time.
pub fn earliest_id(at: DateTime<Utc>) -> Uuid {
    first_id(at - TimeDelta::days(1))
}

/// The smallest id (UUIDv7) a clock that is right makes at `at`.
pub fn first_id(at: DateTime<Utc>) -> Uuid {
    let ms = at.timestamp_millis().max(0);
    Uuid::from_u128((u128::from(ms.unsigned_abs()) << 80).max(1))
}

/// What went wrong, without the row: constraint errors of PostgreSQL would print whole rows.
pub fn describe(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(db) => format!(
            "database error {}: {}{}",
            db.code().unwrap_or_default(),
            db.message(),
            db.constraint().map(|name| format!(" ({name})")).unwrap_or_default()
        ),
        other => other.to_string(),
    }
}

/// Turns the violation of a named constraint into an error of the caller's; everything else stays.
pub trait OnConstraint<T, E> {
    /// Calls `f` when exactly this constraint was violated.
    fn on_constraint(self, name: &str, f: impl FnOnce() -> E) -> Result<T, E>;
}

impl<T, E: From<sqlx::Error>> OnConstraint<T, E> for Result<T, sqlx::Error> {
    fn on_constraint(self, name: &str, f: impl FnOnce() -> E) -> Result<T, E> {
        self.map_err(|error| match &error {
            sqlx::Error::Database(db)
                if matches!(
                    db.kind(),
                    ErrorKind::UniqueViolation | ErrorKind::ForeignKeyViolation | ErrorKind::CheckViolation
                ) && db.constraint() == Some(name) =>
            {
                f()
            }
            _ => error.into(),
        })
    }
}
