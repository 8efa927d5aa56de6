//! The query of the list of leads: what the URL says, what it means for the database, and the links that change one
//! part of it.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::Deserialize;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::base::field_error::FieldError;
use crate::base::{country, email, phone, text};
use crate::db::screen_leads::{Filter, Search};
use crate::domain::status::Status;
use crate::http::api::filters;
use crate::http::error::Error;

/// States of a delivery that can be chosen; `no_route` is the lead's own.
pub const DELIVERY: &[&str] =
    &["waiting", "sending", "retrying", "accepted", "refused", "needs_review", "dead", "cancelled", "no_route"];
/// States of a call to a webmaster.
pub const POSTBACK: &[&str] =
    &["waiting", "sending", "retrying", "delivered", "dead", "suppressed", "superseded", "cancelled"];
/// Longer searches find nothing.
const MAX_SEARCH: usize = 200;

/// The query as it stands in the URL.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Query {
    pub q: String,
    pub status: String,
    pub delivery: String,
    pub offer: String,
    pub network: String,
    pub webmaster: String,
    pub country: String,
    pub postback: String,
    pub from: String,
    pub to: String,
    /// The number of the last lead of the page before.
    pub after: String,
}

/// A filter that is set.
#[derive(Debug, PartialEq, Eq)]
pub struct Chip {
    pub label: &'static str,
    pub value: String,
    /// The list without it.
    pub without: String,
}

impl Query {
    /// Every part but the page, by the name of its parameter.
    fn parts(&self) -> [(&'static str, &str); 10] {
        [
            ("q", &self.q),
            ("status", &self.status),
            ("delivery", &self.delivery),
            ("offer", &self.offer),
            ("network", &self.network),
            ("webmaster", &self.webmaster),
            ("country", &self.country),
            ("postback", &self.postback),
            ("from", &self.from),
            ("to", &self.to),
        ]
    }

    /// The list with every part but `without`, beginning after a number.
    fn link(&self, without: Option<&str>, after: Option<i64>) -> String {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.parts() {
            if !value.trim().is_empty() && Some(name) != without {
                pairs.append_pair(name, value.trim());
            }
        }
        if let Some(after) = after {
            pairs.append_pair("after", &after.to_string());
        }
        let query = pairs.finish();
        if query.is_empty() { "/leads".to_owned() } else { format!("/leads?{query}") }
    }

    /// The first page of this list.
    pub fn first(&self) -> String {
        self.link(None, None)
    }

    /// The page after this number.
    pub fn after(&self, number: i64) -> String {
        self.link(None, Some(number))
    }

    /// What is set, in words.
    pub fn chips(&self) -> Vec<Chip> {
        let label = |name| match name {
            "q" => "Search",
            "status" => "Status",
            "delivery" => "Delivery",
            "offer" => "Offer",
            "network" => "Network",
            "webmaster" => "Webmaster",
            "country" => "Country",
            "postback" => "Postback",
            "from" => "From",
            _ => "To",
        };
        let set = self.parts().into_iter().filter(|(_, value)| !value.trim().is_empty());
        set.map(|(name, value)| Chip {
            label: label(name),
            value: match name {
                "delivery" | "postback" => super::words::state(value).to_owned(),
                _ => text::cut(value.trim(), 40).to_owned(),
            },
            without: self.link(Some(name), None),
        })
        .collect()
    }

    /// What it means. A part that names nothing is an error with its name: an empty list would look like an answer.
    pub async fn filter(&self, conn: &mut PgConnection) -> Result<(Filter, Option<i64>), Error> {
        let mut errors = Vec::new();
        let country =
            self.text("country", &mut errors, |raw| country::parse(raw).ok_or("must be a country code such as DE"));
        let status = self.text("status", &mut errors, |raw| {
            raw.parse::<Status>().map(|status| status.to_string()).map_err(|_| "is not a status")
        });
        let mut delivery = self.text("delivery", &mut errors, |raw| known(raw, DELIVERY));
        let postback = self.text("postback", &mut errors, |raw| known(raw, POSTBACK));
        let from = self.text("from", &mut errors, |raw| moment(raw, false));
        let to = self.text("to", &mut errors, |raw| moment(raw, true));
        let after = self.text("after", &mut errors, |raw| raw.parse::<i64>().map_err(|_| "must be a number"));
        if !errors.is_empty() {
            return Err(Error::Invalid(errors));
        }
        let unrouted = delivery.as_deref() == Some("no_route");
        if unrouted {
            delivery = None;
        }
        let filter = Filter {
            status,
            offer_id: filters::offer(conn, given(&self.offer)).await?,
            network_id: filters::network(conn, given(&self.network)).await?,
            webmaster_id: filters::webmaster(conn, given(&self.webmaster)).await?,
            country,
            delivery,
            unrouted,
            postback,
            from,
            to,
            search: given(&self.q).map(search),
        };
        Ok((filter, after))
    }

    fn text<T>(
        &self,
        name: &'static str,
        errors: &mut Vec<FieldError>,
        read: impl Fn(&str) -> Result<T, &'static str>,
    ) -> Option<T> {
        let raw = match name {
            "after" => &self.after,
            _ => self.parts().into_iter().find(|(part, _)| *part == name).map_or("", |(_, value)| value),
        };
        match read(given(raw)?) {
            Ok(value) => Some(value),
            Err(why) => {
                errors.push(FieldError::new(name, "invalid", why));
                None
            }
        }
    }
}

fn given(raw: &str) -> Option<&str> {
    Some(raw.trim()).filter(|text| !text.is_empty())
}

fn known(raw: &str, words: &[&str]) -> Result<String, &'static str> {
    words.contains(&raw).then(|| raw.to_owned()).ok_or("is not one of the states")
}

/// A day or a moment; a day as an end includes it.
fn moment(raw: &str, is_end: bool) -> Result<DateTime<Utc>, &'static str> {
    let why = "must be a day such as 2026-11-23";
    if let Ok(at) = DateTime::parse_from_rfc3339(raw) {
        return Ok(at.with_timezone(&Utc));
    }
    let day: NaiveDate = raw.parse().map_err(|_| why)?;
    let day = if is_end { day.succ_opt().ok_or(why)? } else { day };
    let at = day.and_time(chrono::NaiveTime::MIN).and_utc();
    // Dates far out of reach would leave the range that ids and the database know.
    let border = DateTime::<Utc>::UNIX_EPOCH;
    if at < border || at > border + TimeDelta::days(200 * 365) { Err(why) } else { Ok(at) }
}

/// Everything a text may mean.
pub fn search(raw: &str) -> Search {
    let word = text::line(raw);
    if word.is_empty() || text::is_longer(&word, MAX_SEARCH) {
        return Search::default();
    }
    let bare = word.strip_prefix('#').unwrap_or(&word);
    Search {
        lead_id: Uuid::parse_str(bare).ok(),
        number: bare.bytes().all(|byte| byte.is_ascii_digit()).then(|| bare.parse().ok()).flatten(),
        phones: phones(&word),
        email: email::parse(&word).ok(),
        word: Some(word),
    }
}

/// The numbers that the digits may be: as written, and at home in every country.
fn phones(raw: &str) -> Vec<String> {
    let has_code = raw.starts_with('+') || raw.starts_with("00");
    let mut found: Vec<String> = phone::parse(raw, None).into_iter().map(|phone| phone.e164).collect();
    let digits = raw.chars().filter(char::is_ascii_digit).count();
    if !has_code && (6..=15).contains(&digits) && raw.chars().all(|c| c.is_ascii_digit() || " -/().".contains(c)) {
        for home in rust_iso3166::ALL_ALPHA2 {
            if let Ok(phone) = phone::parse(raw, Some(home))
                && !found.contains(&phone.e164)
            {
                found.push(phone.e164);
            }
        }
        // As a webmaster may have sent it, were the plan of its country unknown.
        let plain: String = raw.chars().filter(char::is_ascii_digit).collect();
        found.push(format!("+{plain}"));
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::db::{sample, scratch};

    #[test]
    fn a_phone_is_found_in_any_form() {
        for raw in ["+49 151 12345678", "0049 151 12345678", "0151/12345678", "4915112345678", "015112345678"] {
            assert!(search(raw).phones.contains(&"+4915112345678".to_owned()), "{raw}");
        }
        assert!(search("ann@example.com").phones.is_empty());
    }

    #[test]
    fn a_text_means_all_it_can() {
        let found = search("#42");
        assert_eq!((found.number, found.word.as_deref(), found.phones.len()), (Some(42), Some("#42"), 0));
        assert_eq!(search(" Ann@Example.com ").email.as_deref(), Some("ann@example.com"));
        let id = "0192a5c0-0000-7000-8000-000000000001";
        assert_eq!(search(id).lead_id, id.parse().ok());
        assert_eq!(search(&id.replace('-', "")).lead_id, id.parse().ok());
        assert_eq!(search("\0"), Search::default());
    }

    #[test]
    fn a_day_as_an_end_is_included() {
        let query = |raw: &str| (moment(raw, false).ok(), moment(raw, true).ok());
        let (from, to) = query("2026-11-23");
        assert_eq!(to.unwrap() - from.unwrap(), TimeDelta::days(1));
        assert_eq!(query("+262142-12-31"), (None, None));
        assert_eq!(query("yesterday"), (None, None));
    }

    #[test]
    fn chips_lead_to_the_list_without_them() {
        let query = Query { status: "hold".into(), q: "a&b".into(), after: "7".into(), ..Query::default() };
        let chips = query.chips();
        assert_eq!(chips[0], Chip { label: "Search", value: "a&b".into(), without: "/leads?status=hold".into() });
        assert_eq!(chips[1].without, "/leads?q=a%26b");
        assert_eq!(query.after(3), "/leads?q=a%26b&status=hold&after=3");
        assert_eq!(Query::default().first(), "/leads");
    }

    #[tokio::test]
    async fn each_part_is_understood_or_named_in_the_error() {
        scratch::with(async |pool| {
            let mut conn = pool.acquire().await.unwrap();
            sample::fill(&mut conn).await;
            let good = Query {
                status: "hold".into(),
                delivery: "no_route".into(),
                offer: "offer-1".into(),
                network: "crm-2".into(),
                webmaster: "wm-1".into(),
                country: "de".into(),
                postback: "dead".into(),
                from: "2026-09-01".into(),
                to: "2026-09-30".into(),
                q: "42".into(),
                after: "9".into(),
            };
            let (filter, after) = good.filter(&mut conn).await.unwrap();
            assert_eq!(
                (filter.country.as_deref(), filter.unrouted, filter.delivery, after),
                (Some("DE"), true, None, Some(9))
            );
            assert_eq!(filter.network_id, Some(sample::id(0x22)));
            for (name, bad) in [
                ("status", Query { status: "gone".into(), ..Query::default() }),
                ("delivery", Query { delivery: "x".into(), ..Query::default() }),
                ("country", Query { country: "Germany".into(), ..Query::default() }),
                ("offer", Query { offer: "none".into(), ..Query::default() }),
                ("from", Query { from: "soon".into(), ..Query::default() }),
                ("after", Query { after: "x".into(), ..Query::default() }),
            ] {
                let Err(Error::Invalid(errors)) = bad.filter(&mut conn).await else { panic!("{name} passed") };
                assert_eq!(errors[0].field, name);
            }
        })
        .await;
    }

    proptest! {
        #[test]
        fn no_search_panics(raw in any::<String>()) {
            let found = search(&raw);
            prop_assert!(found.word.is_none_or(|word| !word.chars().any(char::is_control)));
        }
    }
}
