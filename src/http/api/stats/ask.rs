//! What a query string asks of the stats.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::base::country;
use crate::db::reference::{self, Reference};
use crate::db::stats::{Ask, Only};
use crate::domain::stats::{Basis, Dimension, MOST_DIMENSIONS};
use crate::domain::status::Status;
use crate::http::api::filters::unknown;
use crate::http::error::Error;
use crate::http::extract::QueryOf;

/// Days counted when none are named, today included.
const USUAL_DAYS: u64 = 7;
/// At most so many days are counted at once.
const MOST_DAYS: i64 = 3660;
/// At most so many values of one filter.
const MOST_VALUES: usize = 200;

/// What to count.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StatsQuery {
    /// Up to five of `day`, `hour`, `offer`, `webmaster`, `network`, `country`, `status`, `reason`, `sub1` to `sub12`,
    /// separated by commas; `day` when absent.
    pub group_by: Option<String>,
    /// First day (`2026-11-01`), or a time whose day it is. Six days ago when absent.
    pub from: Option<String>,
    /// Last day, included; a time means the day it ends. Today when absent.
    pub to: Option<String>,
    /// Name of the time zone in which days begin (`Europe/Kyiv`); UTC when absent.
    pub timezone: Option<String>,
    /// `lead`: the day the lead came (when absent). `event`: the day of each change.
    pub by: Option<Basis>,
    /// Slugs, ids or numbers, separated by commas.
    pub offer: Option<String>,
    /// Slugs, ids or numbers, separated by commas. Admins only.
    pub webmaster: Option<String>,
    /// Slugs, ids or numbers, separated by commas. Admins only.
    pub network: Option<String>,
    /// Two-letter codes, separated by commas.
    pub country: Option<String>,
    /// Statuses, separated by commas.
    pub status: Option<String>,
    /// Reason codes, separated by commas.
    pub reason: Option<String>,
    /// Hours of the day, separated by commas.
    pub hour: Option<String>,
    /// Only leads that have none of these: of `network`, `country`, `reason`, `sub1` to `sub12`, separated by commas.
    pub none: Option<String>,
    /// Leads with exactly this mark; the others alike.
    pub sub1: Option<String>,
    pub sub2: Option<String>,
    pub sub3: Option<String>,
    pub sub4: Option<String>,
    pub sub5: Option<String>,
    pub sub6: Option<String>,
    pub sub7: Option<String>,
    pub sub8: Option<String>,
    pub sub9: Option<String>,
    pub sub10: Option<String>,
    pub sub11: Option<String>,
    pub sub12: Option<String>,
}

impl StatsQuery {
    /// Of the query of a page.
    pub fn parse(query: &str) -> Result<Self, Error> {
        QueryOf::parse(query).map(|QueryOf(query)| query)
    }

    fn subs(&self) -> impl Iterator<Item = (Dimension, &String)> {
        [
            (Dimension::Sub1, &self.sub1),
            (Dimension::Sub2, &self.sub2),
            (Dimension::Sub3, &self.sub3),
            (Dimension::Sub4, &self.sub4),
            (Dimension::Sub5, &self.sub5),
            (Dimension::Sub6, &self.sub6),
            (Dimension::Sub7, &self.sub7),
            (Dimension::Sub8, &self.sub8),
            (Dimension::Sub9, &self.sub9),
            (Dimension::Sub10, &self.sub10),
            (Dimension::Sub11, &self.sub11),
            (Dimension::Sub12, &self.sub12),
        ]
        .into_iter()
        .filter_map(|(dimension, value)| value.as_ref().map(|value| (dimension, value)))
    }
}

/// The question, for a webmaster or (`None`) for somebody who sees all of them.
pub async fn read(
    conn: &mut PgConnection,
    query: &StatsQuery,
    webmaster: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<Ask, Error> {
    let zone = zone(query.timezone.as_deref())?;
    let (from, to) = days(query, zone, now)?;
    let by = dimensions(query.group_by.as_deref(), webmaster.is_some())?;
    let mut only = Only {
        offers: objects(conn, "offer", query.offer.as_deref()).await?,
        countries: words("country", query.country.as_deref(), country_code)?.into_iter().map(Some).collect(),
        statuses: words("status", query.status.as_deref(), status)?,
        reasons: words("reason", query.reason.as_deref(), number)?.into_iter().map(Some).collect(),
        hours: words("hour", query.hour.as_deref(), hour)?,
        subs: query.subs().map(|(dimension, value)| (dimension, Some(value.clone()))).collect(),
        ..Only::default()
    };
    match webmaster {
        Some(own) => {
            for (field, asked) in [("webmaster", &query.webmaster), ("network", &query.network)] {
                if asked.is_some() {
                    return Err(Error::field(field, "forbidden", "only an admin may ask for it"));
                }
            }
            only.webmasters = vec![own];
        }
        None => {
            only.webmasters = objects(conn, "webmaster", query.webmaster.as_deref()).await?;
            only.networks = objects(conn, "network", query.network.as_deref()).await?.into_iter().map(Some).collect();
        }
    }
    for dimension in words("none", query.none.as_deref(), |word| word.parse::<Dimension>().map_err(|e| e.to_string()))?
    {
        match dimension {
            Dimension::Network if webmaster.is_none() => only.networks.push(None),
            Dimension::Country => only.countries.push(None),
            Dimension::Reason => only.reasons.push(None),
            sub if sub.is_sub() => only.subs.push((sub, None)),
            other => return Err(Error::field("none", "invalid", format!("every lead has a {other}"))),
        }
    }
    Ok(Ask { basis: query.by.unwrap_or(Basis::Lead), zone, from, to, by, only })
}

fn zone(name: Option<&str>) -> Result<Tz, Error> {
    let Some(name) = name else { return Ok(Tz::UTC) };
    name.parse()
        .map_err(|_| Error::field("timezone", "invalid", "must be the name of a time zone, such as Europe/Kyiv"))
}

fn days(query: &StatsQuery, zone: Tz, now: DateTime<Utc>) -> Result<(NaiveDate, NaiveDate), Error> {
    let today = now.with_timezone(&zone).date_naive();
    let to = query.to.as_deref().map_or(Ok(today), |text| day("to", text, zone, true))?;
    let from = match query.from.as_deref() {
        Some(text) => day("from", text, zone, false)?,
        None => to.checked_sub_days(Days::new(USUAL_DAYS - 1)).unwrap_or(to),
    };
    match (to - from).num_days() {
        ..0 => Err(Error::field("to", "invalid", "must not be before from")),
        MOST_DAYS.. => Err(Error::field("from", "invalid", format!("must be less than {MOST_DAYS} days before to"))),
        _ => Ok((from, to)),
    }
}

fn day(field: &str, text: &str, zone: Tz, is_end: bool) -> Result<NaiveDate, Error> {
    let day = match DateTime::parse_from_rfc3339(text) {
        // A time at the end is not included: midnight ends the day before.
        Ok(at) if is_end => (at - TimeDelta::microseconds(1)).with_timezone(&zone).date_naive(),
        Ok(at) => at.with_timezone(&zone).date_naive(),
        Err(_) => text
            .parse()
            .map_err(|_| Error::field(field, "invalid", "must be a day such as 2026-11-23, or an RFC 3339 time"))?,
    };
    // Dates far out of reach would leave the range the database knows.
    let is_near = NaiveDate::from_ymd_opt(1970, 1, 1) <= Some(day) && Some(day) < NaiveDate::from_ymd_opt(2200, 1, 1);
    if is_near { Ok(day) } else { Err(Error::field(field, "invalid", "must be between 1970 and 2200")) }
}

fn dimensions(text: Option<&str>, is_webmaster: bool) -> Result<Vec<Dimension>, Error> {
    let by =
        words("group_by", Some(text.unwrap_or("day")), |word| word.parse::<Dimension>().map_err(|e| e.to_string()))?;
    let is_hidden = |dimension: &Dimension| matches!(dimension, Dimension::Network | Dimension::Webmaster);
    let has_twice = by.iter().enumerate().any(|(at, dimension)| by.iter().skip(at + 1).any(|other| other == dimension));
    if by.len() > MOST_DIMENSIONS {
        Err(Error::field("group_by", "too_many", format!("must be at most {MOST_DIMENSIONS}")))
    } else if has_twice {
        Err(Error::field("group_by", "invalid", "must name each only once"))
    } else if is_webmaster && by.iter().any(is_hidden) {
        Err(Error::field("group_by", "forbidden", "only an admin may group by webmaster or network"))
    } else {
        Ok(by)
    }
}

/// The words of a list separated by commas, each read.
fn words<T>(field: &str, text: Option<&str>, read: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, Error> {
    let words: Vec<&str> = text.unwrap_or("").split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
    if words.len() > MOST_VALUES {
        return Err(Error::field(field, "too_many", format!("must be at most {MOST_VALUES}")));
    }
    words.into_iter().map(|word| read(word).map_err(|why| Error::field(field, "invalid", why))).collect()
}

fn country_code(word: &str) -> Result<String, String> {
    country::parse(word).ok_or_else(|| "must be two-letter codes".to_owned())
}

fn status(word: &str) -> Result<String, String> {
    word.parse::<Status>().map(|status| status.to_string()).map_err(|error| error.to_string())
}

fn number(word: &str) -> Result<i16, String> {
    word.parse().map_err(|_| "must be reason codes".to_owned())
}

fn hour(word: &str) -> Result<i32, String> {
    word.parse().ok().filter(|hour| (0..24).contains(hour)).ok_or_else(|| "must be hours from 0 to 23".to_owned())
}

async fn objects(conn: &mut PgConnection, field: &str, text: Option<&str>) -> Result<Vec<Uuid>, Error> {
    let mut ids = Vec::new();
    for word in words(field, text, |word| Ok(word.to_owned()))? {
        let of = Reference::parse(&word);
        let found = match field {
            "offer" => reference::offer_id(conn, &of).await?,
            "network" => reference::network_id(conn, &of).await?,
            _ => reference::webmaster_id(conn, &of).await?,
        };
        ids.push(found.ok_or_else(|| unknown(field))?);
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000, 0).unwrap() // 2026-11-18 11:06 UTC
    }

    fn between(from: Option<&str>, to: Option<&str>, zone: Tz) -> Result<(String, String), String> {
        let query = StatsQuery { from: from.map(Into::into), to: to.map(Into::into), ..StatsQuery::default() };
        days(&query, zone, now())
            .map(|(from, to)| (from.to_string(), to.to_string()))
            .map_err(|error| error.code().to_owned())
    }

    #[test]
    fn days_are_those_of_the_zone_and_a_time_ends_the_day_before_it() {
        let days = |from: &str, to: &str| Ok((from.to_owned(), to.to_owned()));
        assert_eq!(between(None, None, Tz::UTC), days("2026-11-12", "2026-11-18"));
        assert_eq!(between(None, None, Tz::Pacific__Kiritimati), days("2026-11-13", "2026-11-19"));
        let midnight = Some("2026-11-03T00:00:00Z");
        assert_eq!(between(Some("2026-11-01"), midnight, Tz::UTC), days("2026-11-01", "2026-11-02"));
        assert_eq!(between(midnight, Some("2026-11-05"), Tz::America__New_York), days("2026-11-02", "2026-11-05"));
        assert_eq!(between(Some("2026-11-02"), Some("2026-11-01"), Tz::UTC), Err("invalid".into()));
        assert_eq!(between(Some("1999-01-01"), None, Tz::UTC), Err("invalid".into()));
        assert_eq!(between(Some("yesterday"), None, Tz::UTC), Err("invalid".into()));
        assert_eq!(between(Some("+200000-01-01"), None, Tz::UTC), Err("invalid".into()));
    }

    #[test]
    fn dimensions_are_few_known_and_named_once() {
        let read = |text: &str, own: bool| dimensions(Some(text), own).map_err(drop);
        assert_eq!(dimensions(None, true).unwrap(), [Dimension::Day]);
        assert_eq!(read("offer, sub12", true), Ok(vec![Dimension::Offer, Dimension::Sub12]));
        assert_eq!(read("", false), Ok(vec![]));
        assert_eq!(read("day,day", false), Err(()));
        assert_eq!(read("sub13", false), Err(()));
        assert_eq!(read("network", true), Err(()));
        assert_eq!(read("day,hour,offer,network,status,sub1", false), Err(()));
    }
}
