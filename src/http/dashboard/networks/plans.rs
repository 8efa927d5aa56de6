//! `/networks/{id}/plans`: what the partner offers to be promoted, and making offers of it.

use askama::Template;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Map, Value};
use tower_sessions::Session;
use url::form_urlencoded::Serializer;

use super::frame::{Frame, Tab, find};
use super::request::gone;
use crate::adapters::shop::{Plan, Wanted};
use crate::app::App;
use crate::domain::rules::Rules;
use crate::flow::shop;
use crate::http::api::networks::NetworkView;
use crate::http::api::plans::{self, ImportInput};
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::layout::{self, Answer, Shell};
use crate::http::dashboard::texts::{self, say};
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId, QueryOf};
use crate::http::principal::Principal;

/// Offers made by one form: each plan is asked for at the partner.
const MOST: usize = 10;
/// Of these names are the boxes of a form; the plan's id follows.
const BOX: &str = "plan.";

/// Which plans.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Ask {
    /// In their names.
    q: String,
    /// `1`: only those the account has applied for.
    mine: String,
    /// From 1.
    page: String,
}

/// A plan, and the offer that stands for it already.
#[derive(Debug)]
struct Row {
    plan: Plan,
    offer: Option<String>,
}

#[derive(Template)]
#[template(path = "networks/plans.html")]
struct Page {
    shell: Shell,
    frame: Frame,
    rows: Vec<Row>,
    q: String,
    mine: bool,
    page: u32,
    has_more: bool,
    /// Why the partner's list cannot be shown.
    wrong: Option<String>,
}

impl Ask {
    fn page(&self) -> u32 {
        self.page.parse().unwrap_or(1).clamp(1, 10_000)
    }

    fn is_mine(&self) -> bool {
        self.mine == "1"
    }
}

/// The list with these filters.
fn href(slug: &str, q: &str, is_mine: bool, page: u32) -> String {
    let mut pairs = Serializer::new(String::new());
    if !q.is_empty() {
        pairs.append_pair("q", q);
    }
    if is_mine {
        pairs.append_pair("mine", "1");
    }
    if page > 1 {
        pairs.append_pair("page", &page.to_string());
    }
    let (query, path) = (pairs.finish(), Tab::Plans.of(slug));
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

/// The offer whose parameters name this plan.
fn offer_of(rules: &Rules, params: &Map<String, Value>) -> Option<String> {
    let same = |own: &Map<String, Value>| {
        !params.is_empty() && params.iter().all(|(name, value)| own.get(name) == Some(value))
    };
    rules
        .offers
        .values()
        .filter(|offer| same(&offer.params))
        .min_by_key(|offer| offer.number)
        .map(|offer| offer.slug.clone())
}

/// `GET /networks/{id}/plans`
pub async fn show(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    QueryOf(ask): QueryOf<Ask>,
) -> Answer {
    let network = with_plans(&app, &id).await?;
    let q = ask.q.replace('\0', "").trim().to_owned();
    let wanted =
        Wanted { query: Some(q.clone()).filter(|q| !q.is_empty()), only_mine: ask.is_mine(), page: ask.page() };
    let (plans, has_more, wrong) = match shop::plans(&app, network.id, &wanted).await.map_err(gone) {
        Ok((plans, has_more)) => (plans, has_more, None),
        Err(Error::Conflict { detail, .. }) => (Vec::new(), false, Some(detail)),
        Err(error) => return Err(error.into()),
    };
    let rules = app.rules.load();
    let rows = plans.into_iter().map(|plan| Row { offer: offer_of(&rules, &plan.params), plan }).collect();
    let frame = Frame::of(&app, network, Tab::Plans).await?;
    let shell = Shell::of(&session, &principal, frame.title(), "/networks").await?;
    let (mine, page) = (ask.is_mine(), ask.page());
    layout::page(&Page { shell, frame, rows, q, mine, page, has_more, wrong })
}

/// A network whose partner has plans.
async fn with_plans(app: &App, id: &str) -> Result<NetworkView, Error> {
    let network = find(app, id).await?;
    let has_plans = app.adapters.get(&network.integration).is_some_and(|adapter| adapter.shop().is_some());
    if has_plans { Ok(network) } else { Err(Error::NotFound("plans")) }
}

/// `POST /networks/{id}/plans`: makes an offer of each plan that is ticked. A plan that has one makes no second.
pub async fn import(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    form: FormPairs,
) -> Answer {
    let network = with_plans(&app, &id).await?;
    let page = form.get("page").parse().unwrap_or(1);
    let to = href(&network.slug, form.get("q"), form.get("mine") == "1", page);
    let mut ticked: Vec<&str> = form.0.keys().filter_map(|name| name.strip_prefix(BOX)).collect();
    ticked.sort_unstable();
    if ticked.is_empty() || ticked.len() > MOST {
        return layout::refused(&session, &to, say("plans-tick").count("most", MOST)).await;
    }
    let (mut made, mut refused) = (Vec::new(), Vec::new());
    for plan in ticked {
        let input = ImportInput { plan: plan.to_owned(), slug: None, anyway: form.get("anyway") == "1" };
        let id = PathId(network.id.to_string());
        match plans::import(State(app.clone()), principal.clone(), id, JsonBody(input)).await {
            Ok((_, Json(imported))) => made.push(imported.offer.input.slug),
            Err(error) => refused.push(format!("{plan}: {}", why(error)?)),
        }
    }
    let refused = refused.join("; ");
    match (made.len(), refused.is_empty()) {
        (0, _) => layout::refused(&session, &to, say("plans-none-made").with("why", refused)).await,
        (count, true) => {
            let said = say("plans-made").count("count", count).with("offers", made.join(", "));
            layout::done(&session, &to, said).await
        }
        (count, false) => {
            let said = say("plans-some-made").count("count", count).with("offers", made.join(", "));
            layout::done(&session, &to, said.with("why", refused)).await
        }
    }
}

/// Why a plan has become no offer; what is our fault is a page of its own.
fn why(error: Error) -> Result<String, Error> {
    match error {
        Error::Conflict { detail, .. } => Ok(detail),
        Error::Invalid(errors) => Ok(errors
            .into_iter()
            .map(|error| format!("{} {}", error.field, error.message))
            .collect::<Vec<_>>()
            .join(", ")),
        other => Err(other),
    }
}

impl Page {
    fn at(&self, page: u32) -> String {
        href(&self.frame.card.network.slug, &self.q, self.mine, page)
    }
}

#[cfg(test)]
mod tests {
    use super::super::frame::tests::{frame, shell};
    use super::*;
    use crate::http::dashboard::html;
    use crate::http::principal::UserRole;

    #[test]
    fn plans_stand_with_their_warnings_and_the_offers_they_have() {
        let plan = |id: &str, is_open| Plan {
            id: id.into(),
            name: "Tea <shop>".into(),
            store: "teashop.example".into(),
            url: Some("https://teashop.example/".into()),
            commission: "5 %".into(),
            cookie_days: Some(30),
            is_open,
            carries_our_id: Some(is_open),
            warnings: if is_open { vec![] } else { vec!["orders do not carry our id".into()] },
            params: Map::new(),
        };
        let rows = vec![
            Row { plan: plan("61", true), offer: None },
            Row { plan: plan("62", false), offer: None },
            Row { plan: plan("63", true), offer: Some("duomai-63".into()) },
        ];
        let page = Page {
            shell: shell(UserRole::Manager),
            frame: frame(Tab::Plans),
            rows,
            q: "<tea>".into(),
            mine: true,
            page: 2,
            has_more: true,
            wrong: None,
        };
        let text = html::check("network-plans", &page);
        assert!(text.contains("name=\"plan.61\"") && !text.contains("name=\"plan.63\""), "{text}");
        assert!(text.contains("Orders do not carry our id") && text.contains("/offers/duomai-63"));
        assert!(text.contains("?q=%3Ctea%3E&#38;mine=1&#38;page=3"), "{text}");
        let wrong = Page { rows: vec![], wrong: Some("no answer: <timeout>".into()), ..page };
        assert!(html::check("network-plans-wrong", &wrong).contains("&#60;timeout&#62;"));
    }
}
