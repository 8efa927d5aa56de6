//! What the types cannot say: ranges, and values that must fit each other. Every complaint names its key.

use std::ops::RangeInclusive;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{Config, ConfigError, secret_key};

/// Shortest admin token.
const ADMIN_TOKEN_MIN: usize = 20;
/// Longest single wait between two tries: a month.
const LONGEST_WAIT: u64 = 30 * 86_400;
/// Connections the private cluster has for pools; the rest is for other calls.
const PRIVATE_POOL_MAX: u32 = 100;

pub(super) fn check(config: &Config) -> Result<(), ConfigError> {
    tokens(config)?;
    urls(config)?;
    numbers(config)?;
    lists(config)?;
    if tracing_subscriber::EnvFilter::builder().parse(&config.log.level).is_err() {
        return Err(ConfigError::key("log.level", "is not a level such as info, nor a list such as info,sqlx=debug"));
    }
    Ok(())
}

fn tokens(config: &Config) -> Result<(), ConfigError> {
    if let Some(token) = &config.admin_token {
        let token = token.expose_secret();
        if token.chars().count() < ADMIN_TOKEN_MIN {
            return Err(ConfigError::key(
                "admin_token",
                format!("(LEADRELAY_ADMIN_TOKEN) must have at least {ADMIN_TOKEN_MIN} characters"),
            ));
        }
        if !token.chars().all(|c| c.is_ascii_graphic()) {
            return Err(ConfigError::key(
                "admin_token",
                "must be printable ASCII without spaces: it travels in a header",
            ));
        }
    }
    if let Some(key) = &config.secret_key
        && secret_key::decode(key.expose_secret()).is_none()
    {
        return Err(ConfigError::key(
            "secret_key",
            "must be 32 bytes in base64 (make one with: openssl rand -base64 32)",
        ));
    }
    if config.data_dir.as_os_str().is_empty() {
        return Err(ConfigError::key("data_dir", "must name a folder"));
    }
    Ok(())
}

fn urls(config: &Config) -> Result<(), ConfigError> {
    if let Some(url) = &config.server.public_url {
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let has_login = !url.username().is_empty() || url.password().is_some();
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() || !is_bare || has_login {
            return Err(ConfigError::key(
                "server.public_url",
                "must be http:// or https:// with a host, an optional port and nothing else",
            ));
        }
    }
    match &config.database.url {
        Some(url) if !is_postgres(url) => {
            Err(ConfigError::key("database.url", "(DATABASE_URL) must be a postgres:// URL with a user name"))
        }
        None if config.database.max_connections > PRIVATE_POOL_MAX => Err(ConfigError::key(
            "database.max_connections",
            format!("must be at most {PRIVATE_POOL_MAX} with the private PostgreSQL"),
        )),
        _ => Ok(()),
    }
}

/// Without a user name the driver would log in as "anonymous".
fn is_postgres(url: &SecretString) -> bool {
    Url::parse(url.expose_secret()).is_ok_and(|url| {
        matches!(url.scheme(), "postgres" | "postgresql")
            && (!url.username().is_empty() || url.query_pairs().any(|(key, _)| key == "user"))
    })
}

fn numbers(config: &Config) -> Result<(), ConfigError> {
    let Config { server, database, intake, queue, http, retention, .. } = config;
    within("server.max_connections", server.max_connections, 1..=1_000_000)?;
    within("server.header_timeout_seconds", server.header_timeout_seconds, 1..=300)?;
    within("server.request_timeout_seconds", server.request_timeout_seconds, 31..=600)?;
    within("database.max_connections", database.max_connections, 2..=1000)?;
    within("database.acquire_timeout_seconds", database.acquire_timeout_seconds, 1..=60)?;
    within("database.silence_seconds", database.silence_seconds, 2..=3600)?;
    within("intake.max_body_bytes", intake.max_body_bytes, 1024..=16 << 20)?;
    within("intake.max_batch_body_bytes", intake.max_batch_body_bytes, 1024..=256 << 20)?;
    within("intake.writers", intake.writers, 1..=16)?;
    within("intake.batch_max", intake.batch_max, 1..=1000)?;
    within("intake.queue_max", intake.queue_max, intake.batch_max..=1_000_000)?;
    within("queue.slots", queue.slots, 1..=10_000)?;
    within("queue.lease_slack_seconds", queue.lease_slack_seconds, 1..=600)?;
    within("http.max_answer_bytes", http.max_answer_bytes, 1024..=1 << 20)?;
    within("http.max_list_bytes", http.max_list_bytes, http.max_answer_bytes..=64 << 20)?;
    within("http.connect_timeout_seconds", http.connect_timeout_seconds, 1..=60)?;
    within("retention.attempt_bodies_days", retention.attempt_bodies_days, 1..=36_500)?;
    within("retention.attempts_days", retention.attempts_days, 1..=36_500)?;
    within("retention.inbound_days", retention.inbound_days, 1..=36_500)?;
    within("retention.polls_days", retention.polls_days, 1..=36_500)?;
    within("retention.imports_days", retention.imports_days, 1..=36_500)?;
    within("retention.idempotency_days", retention.idempotency_days, 1..=3_650)?;
    Ok(())
}

fn lists(config: &Config) -> Result<(), ConfigError> {
    for (key, waits) in [
        ("retries.leads_seconds", &config.retries.leads_seconds),
        ("retries.postbacks_seconds", &config.retries.postbacks_seconds),
    ] {
        within(&format!("{key} (its length)"), waits.len(), 0..=50)?;
        for wait in waits {
            within(key, *wait, 1..=LONGEST_WAIT)?;
        }
    }
    let is_bad = |target: &String| target.is_empty() || target.len() > 253 || target.contains(char::is_whitespace);
    if config.http.allowed_targets.iter().any(is_bad) {
        return Err(ConfigError::key("http.allowed_targets", "takes host names, addresses and CIDR networks only"));
    }
    Ok(())
}

fn within<T: PartialOrd + std::fmt::Display>(key: &str, value: T, range: RangeInclusive<T>) -> Result<(), ConfigError> {
    if range.contains(&value) {
        return Ok(());
    }
    Err(ConfigError::key(key, format!("{value} is not between {} and {}", range.start(), range.end())))
}
