//! `/networks/{id}/statuses`: every status word of the network, what stands at it, what it means and who says so.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tower_sessions::Session;
use uuid::Uuid;

use super::frame::{Frame, Tab, find};
use super::show;
use crate::app::App;
use crate::base::page::Direction;
use crate::db::network_words::{self, SAMPLE, Word};
use crate::db::unmapped;
use crate::domain::status::Status;
use crate::flow::status_words;
use crate::http::api::networks::NetworkView;
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::format;
use crate::http::dashboard::layout::{self, Answer, Shell};
use crate::http::dashboard::texts::{self, say};
use crate::http::dashboard::words;
use crate::http::error::Error;
use crate::http::extract::PathId;
use crate::http::principal::Principal;

/// Words that nobody has mapped, shown at most.
const OPEN: i64 = 100;
/// Older deliveries are not looked at.
const DAYS: i64 = 30;

/// A word.
#[derive(Debug, Default)]
struct Row {
    word: String,
    leads: i64,
    money: BTreeMap<String, Decimal>,
    last_seen_at: Option<DateTime<Utc>>,
    example: Option<Uuid>,
    means: Option<Status>,
    /// Whether the network's own table says so.
    is_own: bool,
    /// What the integration says, whatever the own table does.
    usual: Option<Status>,
    /// Reports wait for it: its id among the unmapped.
    unmapped_id: Option<Uuid>,
}

impl Row {
    /// The amounts as people read them.
    fn sums(&self) -> Vec<String> {
        let sums = self.money.iter().filter(|(_, amount)| !amount.is_zero());
        sums.map(|(currency, amount)| format::money(amount, currency)).collect()
    }

    fn add(&mut self, word: &Word) {
        self.leads += word.leads;
        *self.money.entry(word.currency.clone().unwrap_or_default()).or_default() += word.revenue;
        if self.last_seen_at.is_none_or(|at| at < word.last_seen_at) {
            self.last_seen_at = Some(word.last_seen_at);
            self.example = Some(word.example_lead_id);
        }
    }
}

#[derive(Template)]
#[template(path = "networks/statuses.html")]
struct Page {
    shell: Shell,
    frame: Frame,
    rows: Vec<Row>,
    statuses: &'static [Status],
    sample: i64,
}

impl Page {
    fn is_meant(&self, row: &Row, status: &Status) -> bool {
        row.means.as_ref() == Some(status)
    }

    fn here(&self) -> String {
        Tab::Statuses.of(&self.frame.card.network.slug)
    }
}

/// The rows: those that wait for a meaning first, then those with the most leads.
fn rows(seen: &[Word], open: Vec<unmapped::Row>, own: &Value, usual: impl Fn(&str) -> Option<Status>) -> Vec<Row> {
    let mut all: BTreeMap<String, Row> = BTreeMap::new();
    for word in seen {
        all.entry(status_words::fold(&word.word)).or_default().add(word);
    }
    for (word, status) in own.as_object().into_iter().flatten() {
        let row = all.entry(status_words::fold(word)).or_default();
        row.means = status.as_str().and_then(|status| status.parse().ok());
        row.is_own = true;
    }
    for waiting in open {
        let row = all.entry(waiting.raw.clone()).or_default();
        row.unmapped_id = Some(waiting.unmapped_id);
        row.leads += waiting.leads;
        for (currency, amount) in waiting.revenue.as_object().into_iter().flatten() {
            let amount = amount.as_str().and_then(|text| text.parse::<Decimal>().ok()).unwrap_or_default();
            *row.money.entry(currency.clone()).or_default() += amount;
        }
        row.last_seen_at = Some(waiting.last_seen_at);
        row.example = waiting.example_lead_ids.first().copied().or(row.example);
    }
    let mut rows: Vec<Row> = all
        .into_iter()
        .map(|(word, row)| {
            let usual = usual(&word);
            Row { means: row.means.or(usual), usual, word, ..row }
        })
        .collect();
    rows.sort_by_key(|row| (row.unmapped_id.is_none() && row.means.is_some(), std::cmp::Reverse(row.leads)));
    rows
}

/// `GET /networks/{id}/statuses`
pub async fn show(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let network = find(&app, &id).await?;
    let filter =
        unmapped::Filter { is_mapped: Some(false), network_id: Some(network.id), ..unmapped::Filter::default() };
    let (seen, open) = {
        let mut conn = app.db.acquire().await?;
        let seen = network_words::seen(&mut conn, network.id, app.clock.now() - TimeDelta::days(DAYS)).await?;
        (seen, unmapped::page(&mut conn, &filter, None, Direction::Newest, OPEN).await?)
    };
    let adapter = app.adapters.get(&network.integration).cloned();
    let rows = rows(&seen, open, &network.status_map, |word| adapter.as_ref()?.status_of(word));
    let frame = Frame::of(&app, network, Tab::Statuses).await?;
    let page = Page {
        shell: Shell::of(&session, &principal, frame.title(), "/networks").await?,
        frame,
        rows,
        statuses: Status::ALL.get(1..).unwrap_or_default(),
        sample: SAMPLE,
    };
    layout::page(&page)
}

/// `POST /networks/{id}/statuses`: the fields `word` and `status`; an empty status leaves the word to the integration.
pub async fn set(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    form: FormPairs,
) -> Answer {
    let network = find(&app, &id).await?;
    let to = Tab::Statuses.of(&network.slug);
    let word = status_words::fold(form.get("word"));
    let status = form.given("status").map(str::parse::<Status>).transpose();
    let status = match status {
        Ok(status) if status != Some(Status::New) && !word.is_empty() => status,
        _ => return layout::refused(&session, &to, say("act-map-none")).await,
    };
    match show::save(&app, &principal, &network, patch(&network, &word, status)).await {
        Ok(_) => {
            let said = match status {
                Some(status) => say("status-set").with("word", word).with("status", words::state(status.as_str())),
                None => say("status-left").with("word", word),
            };
            layout::done(&session, &to, said).await
        }
        Err(Error::Invalid(errors)) => {
            let said: Vec<String> = errors.into_iter().map(|error| error.message).collect();
            layout::refused(&session, &to, say("network-not-done").with("why", said.join("; "))).await
        }
        Err(Error::Conflict { detail, .. }) => {
            layout::refused(&session, &to, say("network-not-done").with("why", detail)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The change of the table: every spelling of the word gives way.
fn patch(network: &NetworkView, word: &str, status: Option<Status>) -> Value {
    let spelled = network.status_map.as_object().into_iter().flatten().map(|(key, _)| key);
    let mut map: serde_json::Map<String, Value> =
        spelled.filter(|key| status_words::fold(key) == word).map(|key| (key.clone(), Value::Null)).collect();
    if let Some(status) = status {
        map.insert(word.to_owned(), Value::from(status.as_str()));
    }
    json!({ "status_map": map })
}

#[cfg(test)]
mod tests {
    use super::super::frame::tests::{frame, shell};
    use super::*;
    use crate::http::dashboard::html;
    use crate::http::principal::UserRole;

    fn word(text: &str, leads: i64, currency: Option<&str>) -> Word {
        Word {
            word: text.into(),
            currency: currency.map(str::to_owned),
            leads,
            revenue: Decimal::from(leads),
            last_seen_at: DateTime::UNIX_EPOCH,
            example_lead_id: Uuid::from_u128(9),
        }
    }

    fn waiting(raw: &str) -> unmapped::Row {
        unmapped::Row {
            unmapped_id: Uuid::from_u128(5),
            network_id: Uuid::from_u128(7),
            network: "tea-house".into(),
            raw: raw.into(),
            leads: 31,
            revenue: json!({ "USD": "12.50" }),
            example_lead_ids: vec![Uuid::from_u128(9)],
            first_seen_at: DateTime::UNIX_EPOCH,
            last_seen_at: DateTime::UNIX_EPOCH,
            mapped_to: None,
            mapped_at: None,
        }
    }

    fn usual(word: &str) -> Option<Status> {
        (word == "sale" || word == "in work").then_some(Status::Approved)
    }

    #[test]
    fn spellings_are_one_word_and_what_waits_comes_first() {
        let seen =
            [word("Sale", 3, Some("USD")), word(" sale", 2, None), word("in work", 90, None), word("odd", 1, None)];
        let rows = rows(&seen, vec![waiting("call <later>")], &json!({ "IN WORK": "hold", "old": "trash" }), usual);
        let told: Vec<(&str, i64, Option<Status>, bool)> =
            rows.iter().map(|row| (row.word.as_str(), row.leads, row.means, row.is_own)).collect();
        assert_eq!(
            told,
            [
                ("call <later>", 31, None, false),
                ("odd", 1, None, false),
                ("in work", 90, Some(Status::Hold), true),
                ("sale", 5, Some(Status::Approved), false),
                ("old", 0, Some(Status::Trash), true),
            ]
        );
        let page = Page {
            shell: shell(UserRole::Manager),
            frame: frame(Tab::Statuses),
            rows,
            statuses: Status::ALL.get(1..).unwrap(),
            sample: SAMPLE,
        };
        let text = html::check("network-statuses", &page);
        assert!(text.contains("call &#60;later&#62;") && text.contains("12.50") && text.contains("/map\""));
        let empty = Page { rows: vec![], ..page };
        html::check("network-statuses-none", &empty);
    }

    #[test]
    fn every_spelling_of_a_word_gives_way() {
        let network = NetworkView { status_map: json!({ "Sale": "hold", "x": "trash" }), ..settings_network() };
        assert_eq!(
            patch(&network, "sale", Some(Status::Paid)),
            json!({ "status_map": { "Sale": null, "sale": "paid" } })
        );
        assert_eq!(patch(&network, "sale", None), json!({ "status_map": { "Sale": null } }));
    }

    fn settings_network() -> NetworkView {
        super::super::settings::tests::network()
    }
}
