//! Plans and their details. Applying for a plan is work for the back office: there is no call for it.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{Duomai, feeds, gateway};
use crate::adapters::pick;
use crate::adapters::shop::{Plan, Shop, Wanted};
use crate::base::exchange::{Request, Response};

fn text(row: &Map<String, Value>, name: &str) -> String {
    row.get(name).and_then(pick::scalar).as_deref().and_then(pick::text).unwrap_or_default()
}

/// A plan as the list (`ads_id`) or the detail (`id`) tells it.
fn plan(row: &Map<String, Value>) -> Option<Plan> {
    let id = [text(row, "ads_id"), text(row, "id")].into_iter().find(|id| !id.is_empty())?;
    let mut warnings = Vec::new();
    let flag = |name: &str| row.get(name).and_then(pick::scalar);
    let carries = flag("support_euid").map(|flag| flag == "1" || flag == "true");
    if carries == Some(false) {
        warnings.push("its orders do not carry our id: they can be matched to no lead".to_owned());
    }
    let by_hand = flag("apply_mode").as_deref() == Some("1");
    let applied = flag("ads_apply_status");
    match applied.as_deref() {
        Some("1") | None => {}
        Some(_) if by_hand => warnings.push("apply for it in Duomai's back office; its staff decide".to_owned()),
        Some(_) => warnings.push("apply for it in Duomai's back office".to_owned()),
    }
    let state = flag("status");
    let stands = match state.as_deref() {
        Some("3") | None => None,
        Some("0") => Some("not submitted yet"),
        Some("1") => Some("in review"),
        Some("2") => Some("refused"),
        Some("4") => Some("its change is in review"),
        Some("7") => Some("ended"),
        Some("8") => Some("suspended"),
        Some(_) => Some("not running"),
    };
    warnings.extend(stands.map(|word| format!("the plan is {word}").replace("is its", "runs, and its")));
    Some(Plan {
        name: text(row, "ads_name"),
        store: text(row, "store_name"),
        url: Some(text(row, "url")).filter(|url| url.starts_with("http")),
        commission: text(row, "commission"),
        cookie_days: text(row, "rddays").parse().ok(),
        is_open: matches!(applied.as_deref(), Some("1") | None) && matches!(state.as_deref(), Some("3" | "4") | None),
        carries_our_id: carries,
        warnings,
        params: [("duomai".to_owned(), Value::from(id.as_str()))].into_iter().collect(),
        id,
    })
}

impl Shop for Duomai {
    fn plans(&self, settings: &Map<String, Value>, wanted: &Wanted, now: DateTime<Utc>) -> Result<Request, String> {
        let mut body = Map::new();
        body.insert("page".into(), Value::from(wanted.page.max(1)));
        body.insert("page_size".into(), Value::from(feeds::PAGE));
        body.insert("is_apply".into(), Value::from(u8::from(wanted.only_mine)));
        body.extend(wanted.query.as_ref().map(|query| ("query".to_owned(), Value::from(query.as_str()))));
        gateway::request(settings, gateway::PLANS, &Value::Object(body), now)
    }

    fn read_plans(&self, answer: &Response) -> Result<(Vec<Plan>, bool), String> {
        let rows = feeds::rows(gateway::data(answer)?)?;
        let has_more = rows.len() >= feeds::PAGE;
        Ok((rows.iter().filter_map(Value::as_object).filter_map(plan).collect(), has_more))
    }

    fn plan(&self, settings: &Map<String, Value>, id: &str, now: DateTime<Utc>) -> Result<Request, String> {
        gateway::request(settings, gateway::PLAN, &json!({ "ads_id": id }), now)
    }

    fn read_plan(&self, answer: &Response) -> Result<Plan, String> {
        gateway::data(answer)?.as_object().and_then(plan).ok_or_else(|| "the answer holds no plan".to_owned())
    }
}
