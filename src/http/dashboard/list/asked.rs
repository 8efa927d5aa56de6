//! What the URL of a list asks for. A list can be kept and shared by its URL, so that everything about it stands there.

use chrono::{DateTime, NaiveDate, TimeDelta, TimeZone as _, Utc};
use url::form_urlencoded::{Serializer, parse};
use uuid::Uuid;

use crate::base::field_error::FieldError;
use crate::domain::status::Status;
use crate::http::dashboard::reader;
use crate::http::dashboard::texts::say;
use crate::http::error::Error;
use crate::http::principal::Principal;

/// More pairs than any list has are not read.
const MOST_PAIRS: usize = 100;

/// The query of a list.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    path: &'static str,
    pairs: Vec<(String, String)>,
    owner: Option<Uuid>,
}

impl Asked {
    /// Reads what stands behind the question mark. Empty values mean nothing and are dropped.
    pub fn read(path: &'static str, query: Option<&str>) -> Self {
        let pairs = parse(query.unwrap_or("").as_bytes())
            .map(|(name, value)| (name.into_owned(), value.replace('\0', "").trim().to_owned()))
            .filter(|(_, value)| !value.is_empty())
            .take(MOST_PAIRS)
            .collect();
        Self { path, pairs, owner: None }
    }

    /// Asked by this person: a list of the portal shows a webmaster his own rows.
    pub fn by(self, principal: &Principal) -> Self {
        Self { owner: principal.webmaster_id(), ..self }
    }

    /// Whose rows a list of the portal shows. Nobody else is shown any.
    pub fn owner(&self) -> Result<Uuid, Error> {
        self.owner.ok_or_else(|| Error::Forbidden(say("error-role").into()))
    }

    /// All of it, in order.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// A value, when there is one. Of several the last counts.
    pub fn given(&self, name: &str) -> Option<&str> {
        self.pairs.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a name, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The filters that are set.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let is_filter = |name: &&str| !["after", "sort", "col"].contains(name);
        self.pairs.iter().map(|(name, _)| name.as_str()).filter(is_filter)
    }

    /// The pairs of these names, to be kept in a form.
    pub fn kept(&self, names: &[&str]) -> Vec<(String, String)> {
        self.pairs.iter().filter(|(name, _)| names.contains(&name.as_str())).cloned().collect()
    }

    /// Everything but where the page begins: what is kept under a name and handed to an export.
    pub fn query(&self) -> String {
        self.pairs_but(&["after"]).finish()
    }

    /// This very page of the list.
    pub fn here(&self) -> String {
        self.link(self.pairs_but(&[]))
    }

    /// The list from its first page, without one part.
    pub fn without(&self, name: &str) -> String {
        self.link(self.pairs_but(&[name, "after"]))
    }

    /// The list from its first page, with one part changed.
    pub fn with(&self, name: &str, value: &str) -> String {
        let mut pairs = self.pairs_but(&[name, "after"]);
        pairs.append_pair(name, value);
        self.link(pairs)
    }

    fn pairs_but(&self, names: &[&str]) -> Serializer<'static, String> {
        let mut pairs = Serializer::new(String::new());
        for (name, value) in self.pairs.iter().filter(|(name, _)| !names.contains(&name.as_str())) {
            pairs.append_pair(name, value);
        }
        pairs
    }

    fn link(&self, mut pairs: Serializer<'static, String>) -> String {
        let query = pairs.finish();
        if query.is_empty() { self.path.to_owned() } else { format!("{}?{query}", self.path) }
    }
}

/// Reads the parts of a query and remembers which of them cannot be used.
#[derive(Debug)]
pub struct Reading<'a> {
    pub asked: &'a Asked,
    errors: Vec<FieldError>,
}

impl<'a> Reading<'a> {
    /// Begins.
    pub const fn of(asked: &'a Asked) -> Self {
        Self { asked, errors: Vec::new() }
    }

    /// A part that `read` understands.
    pub fn part<T>(&mut self, name: &'static str, read: impl Fn(&str) -> Result<T, &'static str>) -> Option<T> {
        match read(self.asked.given(name)?) {
            Ok(value) => Some(value),
            Err(why) => {
                self.errors.push(FieldError::new(name, "invalid", why));
                None
            }
        }
    }

    /// One of these words.
    pub fn word(&mut self, name: &'static str, known: &[&str]) -> Option<String> {
        self.part(name, |raw| known.contains(&raw).then(|| raw.to_owned()).ok_or("is not one of the words there are"))
    }

    /// A status of a lead.
    pub fn status(&mut self, name: &'static str) -> Option<String> {
        self.part(name, |raw| raw.parse::<Status>().map(|status| status.to_string()).map_err(|_| "is not a status"))
    }

    /// A day or a moment that something is to have happened at or after.
    pub fn from(&mut self, name: &'static str) -> Option<DateTime<Utc>> {
        self.part(name, |raw| moment(raw, false))
    }

    /// A day or a moment that something is to have happened before; a day is included.
    pub fn to(&mut self, name: &'static str) -> Option<DateTime<Utc>> {
        self.part(name, |raw| moment(raw, true))
    }

    /// Ends; the errors, if there are some.
    pub fn end(self) -> Result<(), Error> {
        if self.errors.is_empty() { Ok(()) } else { Err(Error::Invalid(self.errors)) }
    }
}

/// A moment, or a day of the reader.
fn moment(raw: &str, is_end: bool) -> Result<DateTime<Utc>, &'static str> {
    let why = "must be a day such as 2026-11-23";
    if let Ok(at) = DateTime::parse_from_rfc3339(raw) {
        return Ok(at.with_timezone(&Utc));
    }
    let day: NaiveDate = raw.parse().map_err(|_| why)?;
    let day = if is_end { day.succ_opt().ok_or(why)? } else { day };
    let at = day_start(day).ok_or(why)?;
    // Dates far out of reach would leave the range that ids and the database know.
    let border = DateTime::<Utc>::UNIX_EPOCH;
    if at < border || at > border + TimeDelta::days(200 * 365) { Err(why) } else { Ok(at) }
}

/// When a day begins for the reader. Where clocks jump over midnight it begins when they land.
pub fn day_start(day: NaiveDate) -> Option<DateTime<Utc>> {
    let midnight = day.and_time(chrono::NaiveTime::MIN);
    let steps = (0..=4).map(|quarters| midnight + TimeDelta::minutes(15 * quarters));
    steps
        .filter_map(|time| reader::zone().from_local_datetime(&time).earliest())
        .map(|at| at.with_timezone(&Utc))
        .next()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::http::dashboard::reader::Reader;

    #[test]
    fn links_change_one_part_and_begin_anew() {
        let asked = Asked::read("/leads", Some("q=a%26b&status=hold&after=7&country=+"));
        assert_eq!(asked.without("q"), "/leads?status=hold");
        assert_eq!(asked.with("status", "paid"), "/leads?q=a%26b&status=paid");
        assert_eq!(asked.query(), "q=a%26b&status=hold");
        assert_eq!(Asked::read("/leads", None).without("q"), "/leads");
        assert_eq!(asked.given("country"), None);
    }

    #[tokio::test]
    async fn a_day_is_the_readers_and_as_an_end_it_is_included() {
        let query = |raw: &str| (moment(raw, false).ok(), moment(raw, true).ok());
        let (from, to) = query("2026-11-23");
        assert_eq!(to.unwrap() - from.unwrap(), TimeDelta::days(1));
        assert_eq!(query("+262142-12-31"), (None, None));
        assert_eq!(query("yesterday"), (None, None));
        let reader = Reader { zone: chrono_tz::Asia::Tehran, ..Reader::DEFAULT };
        let tehran = reader::reading(reader, async { moment("2026-11-23", false) }).await.unwrap();
        assert_eq!(from.unwrap() - tehran, TimeDelta::minutes(210));
        // Clocks went from 23:59 to 01:00 here.
        let reader = Reader { zone: chrono_tz::America::Sao_Paulo, ..Reader::DEFAULT };
        let jumped = reader::reading(reader, async { moment("2018-11-04", false) }).await.unwrap();
        assert_eq!(jumped.to_rfc3339(), "2018-11-04T03:00:00+00:00");
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let asked = Asked::read("/x", Some("from=soon&state=gone"));
        let mut reading = Reading::of(&asked);
        assert_eq!((reading.from("from"), reading.word("state", &["dead"]), reading.to("to")), (None, None, None));
        let Err(Error::Invalid(errors)) = reading.end() else { panic!() };
        assert_eq!(errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), ["from", "state"]);
    }

    proptest! {
        #[test]
        fn any_query_is_read_and_written_again(query in any::<String>()) {
            let asked = Asked::read("/x", Some(&query));
            let again = asked.query();
            prop_assert_eq!(Asked::read("/x", Some(&again)).query(), again);
        }
    }
}
