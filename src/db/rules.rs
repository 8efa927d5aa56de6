//! The rules as one snapshot. All tables are read in one transaction that sees one moment. A value that cannot be
//! read (written by another version, or by hand) is logged with its row and left out; a route that would become
//! wider by that is left out whole. The snapshot itself never fails for it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::domain::rules::{
    Cap, CapCounts, CapPeriod, Flow, Network, Offer, OnRefused, Postback, Route, Rules, Token, Webmaster,
};

/// The version of the rules in the database.
pub async fn version(conn: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!("select version from rules_version").fetch_one(conn).await
}

/// Reads all of them, at one version.
pub async fn load(conn: &mut PgConnection) -> sqlx::Result<Arc<Rules>> {
    let mut tx = conn.begin().await?;
    sqlx::query!("set transaction isolation level repeatable read, read only").execute(&mut *tx).await?;
    let version = version(&mut tx).await?;
    let (networks, networks_by_secret) = networks(&mut tx).await?;
    let rules = Rules {
        version,
        webmasters: webmasters(&mut tx).await?,
        offers: offers(&mut tx).await?,
        flows: flows(&mut tx).await?,
        networks,
        routes: routes(&mut tx).await?,
        postbacks: postbacks(&mut tx).await?,
        tokens: tokens(&mut tx).await?,
        networks_by_secret,
    };
    tx.commit().await?;
    Ok(Arc::new(rules))
}

/// A JSON column as its type. What does not read is logged and counts as absent.
fn read<T: DeserializeOwned>(value: Value, table: &str, id: Uuid, column: &str) -> Option<T> {
    match serde_json::from_value(value) {
        Ok(value) => Some(value),
        Err(_) => {
            unreadable(table, id, column);
            None
        }
    }
}

/// A text column as its type, likewise.
fn parse<T: std::str::FromStr>(text: &str, table: &str, id: Uuid, column: &str) -> Option<T> {
    let value = text.parse().ok();
    if value.is_none() {
        unreadable(table, id, column);
    }
    value
}

fn unreadable(table: &str, id: Uuid, column: &str) {
    tracing::warn!(table, %id, column, "a value of the rules cannot be read and is left out");
}

async fn webmasters(conn: &mut PgConnection) -> sqlx::Result<HashMap<Uuid, Arc<Webmaster>>> {
    let rows = sqlx::query_as!(
        Webmaster,
        "select webmaster_id, number, slug, name, enabled from webmaster where archived_at is null"
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.webmaster_id, Arc::new(row))).collect())
}

async fn offers(conn: &mut PgConnection) -> sqlx::Result<HashMap<Uuid, Arc<Offer>>> {
    let rows = sqlx::query!(
        "select offer_id, number, slug, name, countries, params, payout, revenue, currency, goals, duplicates,
           required_fields, enabled
         from offer where archived_at is null"
    )
    .fetch_all(conn)
    .await?;
    let offer = |id: Uuid, params, goals, duplicates: Option<Value>| {
        (
            read(params, "offer", id, "params").unwrap_or_default(),
            read(goals, "offer", id, "goals").unwrap_or_default(),
            duplicates.and_then(|rule| read(rule, "offer", id, "duplicates")),
        )
    };
    Ok(rows
        .into_iter()
        .map(|row| {
            let (params, goals, duplicates) = offer(row.offer_id, row.params, row.goals, row.duplicates);
            let offer = Offer {
                offer_id: row.offer_id,
                number: row.number,
                slug: row.slug,
                name: row.name,
                countries: row.countries,
                params,
                payout: row.payout,
                revenue: row.revenue,
                currency: row.currency,
                goals,
                duplicates,
                required_fields: row.required_fields,
                enabled: row.enabled,
            };
            (row.offer_id, Arc::new(offer))
        })
        .collect())
}

async fn flows(conn: &mut PgConnection) -> sqlx::Result<HashMap<Uuid, Arc<Flow>>> {
    let rows = sqlx::query!(
        "select flow_id, number, code, webmaster_id, offer_id, params from flow where archived_at is null"
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let flow = Flow {
                flow_id: row.flow_id,
                number: row.number,
                code: row.code,
                webmaster_id: row.webmaster_id,
                offer_id: row.offer_id,
                params: read(row.params, "flow", row.flow_id, "params").unwrap_or_default(),
            };
            (row.flow_id, Arc::new(flow))
        })
        .collect())
}

type Networks = (HashMap<Uuid, Arc<Network>>, HashMap<Vec<u8>, Uuid>);

async fn networks(conn: &mut PgConnection) -> sqlx::Result<Networks> {
    let rows = sqlx::query!(
        "select network_id, number, slug, name, integration, settings, secrets, params, status_map, enabled,
           timeout_seconds, postback_secret_hash, postback_secret, settings_version
         from network where archived_at is null"
    )
    .fetch_all(conn)
    .await?;
    let mut by_id = HashMap::with_capacity(rows.len());
    let mut by_secret = HashMap::with_capacity(rows.len());
    for row in rows {
        let id = row.network_id;
        // One unknown word spoils that entry only: the map is read pair by pair.
        let status_map: BTreeMap<String, Value> = read(row.status_map, "network", id, "status_map").unwrap_or_default();
        let status_map = status_map
            .into_iter()
            .filter_map(|(text, status)| Some((text, read(status, "network", id, "status_map")?)))
            .collect();
        by_secret.insert(row.postback_secret_hash, id);
        let network = Network {
            network_id: id,
            number: row.number,
            slug: row.slug,
            name: row.name,
            integration: row.integration,
            settings: read(row.settings, "network", id, "settings").unwrap_or_default(),
            secrets: row.secrets,
            params: read(row.params, "network", id, "params").unwrap_or_default(),
            status_map,
            enabled: row.enabled,
            timeout_seconds: row.timeout_seconds,
            postback_secret: row.postback_secret,
            settings_version: row.settings_version,
        };
        by_id.insert(id, Arc::new(network));
    }
    Ok((by_id, by_secret))
}

async fn routes(conn: &mut PgConnection) -> sqlx::Result<HashMap<Uuid, Vec<Arc<Route>>>> {
    let mut caps: HashMap<Uuid, Vec<Cap>> = HashMap::new();
    let rows = sqlx::query!(
        "select c.cap_id, c.route_id, c.period, c.max, c.counts from cap c join route r on r.route_id = c.route_id
         where r.archived_at is null order by c.cap_id"
    )
    .fetch_all(&mut *conn)
    .await?;
    for row in rows {
        let period: Option<CapPeriod> = parse(&row.period, "cap", row.cap_id, "period");
        let counts: Option<CapCounts> = parse(&row.counts, "cap", row.cap_id, "counts");
        if let (Some(period), Some(counts)) = (period, counts) {
            caps.entry(row.route_id).or_default().push(Cap { cap_id: row.cap_id, period, limit: row.max, counts });
        }
    }
    let rows = sqlx::query!(
        "select route_id, offer_id, network_id, position, weight, countries, webmasters, schedule, timezone, on_refused,
           max_age_hours, trigger_status, enabled
         from route where archived_at is null order by position, route_id"
    )
    .fetch_all(conn)
    .await?;
    let mut routes: HashMap<Uuid, Vec<Arc<Route>>> = HashMap::new();
    for row in rows {
        let id = row.route_id;
        // Without its schedule, its zone or its trigger it would take leads it must not take.
        let schedule = match row.schedule.filter(|schedule| !schedule.is_null()) {
            None => None,
            Some(schedule) => match read(schedule, "route", id, "schedule") {
                None => continue,
                read => read,
            },
        };
        let Some(timezone) = parse(&row.timezone, "route", id, "timezone") else { continue };
        let trigger_status = match row.trigger_status.as_deref() {
            None => None,
            Some(word) => match parse(word, "route", id, "trigger_status") {
                None => continue,
                status => status,
            },
        };
        let on_refused: OnRefused = parse(&row.on_refused, "route", id, "on_refused").unwrap_or(OnRefused::Stop);
        routes.entry(row.offer_id).or_default().push(Arc::new(Route {
            route_id: id,
            offer_id: row.offer_id,
            network_id: row.network_id,
            position: row.position,
            weight: row.weight,
            countries: row.countries,
            webmasters: row.webmasters,
            caps: caps.remove(&id).unwrap_or_default(),
            schedule,
            timezone,
            on_refused,
            max_age_hours: row.max_age_hours,
            trigger_status,
            enabled: row.enabled,
        }));
    }
    Ok(routes)
}

async fn postbacks(conn: &mut PgConnection) -> sqlx::Result<BTreeMap<Uuid, Arc<Postback>>> {
    let rows = sqlx::query!(
        r#"select postback_id, webmaster_id, flow_id, offer_id, url, method, body, statuses, kind = 'main' as "is_main!",
             secret, enabled
           from postback where archived_at is null"#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let id = row.postback_id;
            let postback = Postback {
                postback_id: id,
                webmaster_id: row.webmaster_id,
                flow_id: row.flow_id,
                offer_id: row.offer_id,
                url: row.url,
                method: row.method,
                body: row.body,
                statuses: row.statuses.iter().filter_map(|word| parse(word, "postback", id, "statuses")).collect(),
                is_main: row.is_main,
                secret: row.secret,
                enabled: row.enabled,
            };
            (id, Arc::new(postback))
        })
        .collect())
}

async fn tokens(conn: &mut PgConnection) -> sqlx::Result<HashMap<String, Arc<Token>>> {
    let rows = sqlx::query!(
        "select token_id, prefix, hash, role, webmaster_id, network_id, offer_id, scopes, rate_per_minute
         from token where revoked_at is null"
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let token = Token {
                token_id: row.token_id,
                hash: row.hash,
                role: row.role,
                webmaster_id: row.webmaster_id,
                network_id: row.network_id,
                offer_id: row.offer_id,
                scopes: row.scopes,
                rate_per_minute: row.rate_per_minute.and_then(|limit| u32::try_from(limit).ok()),
            };
            (row.prefix, Arc::new(token))
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::Ids;
    use crate::db::{offer, route, scratch};

    #[tokio::test]
    async fn what_cannot_be_read_is_left_out_and_the_rest_stays() {
        scratch::with(async |db| {
            let mut conn = db.acquire().await.unwrap();
            let (ids, now) = (Ids, chrono::DateTime::UNIX_EPOCH);
            let (offer_id, network_id, good, bad) = (ids.next(), ids.next(), ids.next(), ids.next());
            let fields = offer::Fields {
                slug: "tea".into(),
                name: "Tea".into(),
                countries: vec![],
                params: serde_json::json!({"a": 1}),
                payout: None,
                revenue: None,
                currency: "USD".into(),
                goals: serde_json::json!("not a list"),
                duplicates: Some(serde_json::json!({"days": "many"})),
                required_fields: vec![],
                enabled: true,
            };
            offer::insert(&mut conn, offer_id, &fields, now).await.unwrap();
            route::insert_test_network(&mut conn, network_id, "n1").await.unwrap();
            for (route_id, position, schedule) in [(bad, 1, Some(serde_json::json!({"open": 7}))), (good, 2, None)] {
                let fields = route::Fields {
                    offer_id,
                    network_id,
                    position,
                    weight: 1,
                    countries: vec![],
                    webmasters: vec![],
                    schedule,
                    timezone: "Europe/Kyiv".into(),
                    on_refused: OnRefused::Next,
                    max_age_hours: 24,
                    trigger_status: None,
                    enabled: true,
                };
                route::insert(&mut conn, route_id, &fields, now).await.unwrap();
            }
            let rules = load(&mut conn).await.unwrap();
            assert_eq!(rules.version, version(&mut conn).await.unwrap());
            let offer = rules.offer("tea").unwrap();
            assert!(offer.goals.is_empty() && offer.duplicates.is_none() && offer.params.contains_key("a"));
            // A route whose schedule cannot be read would be open at all times.
            let routes: Vec<Uuid> = rules.routes_of(offer_id).iter().map(|route| route.route_id).collect();
            assert_eq!(routes, [good]);
            assert_eq!(rules.networks_by_secret.get("n1".as_bytes()), Some(&network_id));
        })
        .await;
    }
}
