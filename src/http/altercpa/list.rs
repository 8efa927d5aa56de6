//! Lists: `ext/list` for agencies, `wm/lead` for webmasters, `comp/list` for partners. An array, in the order of our
//! numbers. Better than the original: `changed_since`, `limit` and `cursor` (the header `X-Next-Cursor` says whether
//! there is more).

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::call::Call;
use super::{Code, Good};
use crate::adapters::altercpa::{number_of, of_number, phase_of};
use crate::app::App;
use crate::base::money;
use crate::db::altercpa_list::{self as rows, Filter, Owner, Row};
use crate::domain::rules::Rules;
use crate::domain::status::Status;

/// Items of a list that asks for no limit. The original has none; past this the header says that there is more.
const USUAL: i64 = 20_000;
/// A list that names no lead and no time is about so many days.
const DAYS: i64 = 7;

/// `ext/list`
pub(super) async fn agency(app: &App, call: &Call) -> Result<Good, Code> {
    let mut filter = Filter::of(Owner::Webmaster(call.webmaster_id()?));
    filter.numbers = numbers(call, &["oid", "ids", "uid"]);
    filter.external_ids = call.list(&["eid", "eids", "extu", "id"]);
    narrow(app, call, &mut filter)?;
    filter.statuses = statuses(call);
    answer(app, call, filter, |rules, row| agency_item(rules, &row)).await
}

/// `wm/lead`
pub(super) async fn webmaster(app: &App, call: &Call) -> Result<Good, Code> {
    let mut filter = Filter::of(Owner::Webmaster(call.webmaster_id()?));
    filter.numbers = numbers(call, &["oid", "ids", "uid", "id"]);
    narrow(app, call, &mut filter)?;
    filter.statuses = match call.text(&["status"]).as_deref() {
        Some("a") => vec![Status::Approved, Status::Paid],
        Some("w") => vec![Status::New, Status::Pending, Status::Hold],
        Some("c") => vec![Status::Rejected, Status::Trash],
        _ => statuses(call),
    };
    answer(app, call, filter, |rules, row| webmaster_item(rules, &row)).await
}

/// `comp/list`
pub(super) async fn company(app: &App, call: &Call) -> Result<Good, Code> {
    let mut filter = Filter::of(Owner::Network(call.network_id()?));
    filter.numbers = numbers(call, &["oid", "ids"]);
    filter.external_ids = call.list(&["eid", "eids"]);
    narrow(app, call, &mut filter)?;
    filter.after = call.text(&["after"]).and_then(|text| text.parse().ok()).or(filter.after);
    filter.statuses = match call.text(&["status"]).as_deref() {
        Some("-1") => vec![Status::New, Status::Pending, Status::Hold, Status::Approved, Status::Paid],
        Some("-2") => vec![Status::New, Status::Pending, Status::Hold],
        Some("-3") => vec![Status::Approved, Status::Paid],
        _ => statuses(call),
    };
    answer(app, call, filter, |rules, row| company_item(rules, &row)).await
}

fn numbers(call: &Call, names: &[&str]) -> Vec<i64> {
    let asked = call.list(names);
    let known: Vec<i64> = asked.iter().filter_map(|text| text.parse().ok()).collect();
    // What is no number of ours names no lead: never "all of them".
    if known.is_empty() && !asked.is_empty() { vec![-1] } else { known }
}

/// Status words or numbers, with commas.
fn statuses(call: &Call) -> Vec<Status> {
    let mut out = Vec::new();
    for word in call.list(&["status", "stage"]) {
        let by_number = word.parse().ok().and_then(of_number);
        match (by_number, crate::adapters::altercpa::of_word(&word)) {
            (Some(Status::Pending), _) | (_, Some(Status::Pending)) => out.extend([Status::New, Status::Pending]),
            (Some(Status::Approved), _) | (_, Some(Status::Approved)) => out.extend([Status::Approved, Status::Paid]),
            (Some(status), _) | (None, Some(status)) => out.push(status),
            (None, None) => {}
        }
    }
    out
}

/// Filters that all lists share. Without any of ids and times the list is about the last days.
fn narrow(app: &App, call: &Call, filter: &mut Filter) -> Result<(), Code> {
    let rules = app.rules.load();
    if let Some(offer) = call.text(&["offer"]) {
        filter.offer_id = Some(rules.offer(&offer).ok_or(Code::new("offer"))?.offer_id);
    }
    if let Some(flow) = call.text(&["flow"]) {
        filter.flow_id = Some(rules.flow(&flow).ok_or(Code::new("flow"))?.flow_id);
    }
    let wrong = |name: &str| Code::with("data", format!("{name}: write 2026-11-30 or seconds since 1970"));
    let time = |name: &str, is_end: bool| -> Result<Option<DateTime<Utc>>, Code> {
        call.text(&[name]).map(|text| instant(&text, is_end).ok_or_else(|| wrong(name))).transpose()
    };
    filter.created_from = time("from", false)?;
    filter.created_to = time("to", true)?;
    filter.changed_since = time("changed_since", false)?;
    if let Some(day) = call.text(&["day"]) {
        filter.created_from = Some(instant(&day, false).ok_or_else(|| wrong("day"))?);
        filter.created_to = instant(&day, true);
    }
    filter.after = call.text(&["cursor"]).and_then(|text| text.parse().ok());
    let names_something = !filter.numbers.is_empty() || !filter.external_ids.is_empty();
    let has_time = filter.created_from.is_some() || filter.created_to.is_some() || filter.changed_since.is_some();
    if !names_something && !has_time && filter.after.is_none() && call.text(&["after"]).is_none() {
        filter.created_from = Some(app.clock.now() - TimeDelta::days(DAYS));
    }
    Ok(())
}

/// A day (its end for `is_end`), seconds since 1970, or RFC 3339.
fn instant(text: &str, is_end: bool) -> Option<DateTime<Utc>> {
    if let Ok(seconds) = text.parse::<i64>() {
        return DateTime::from_timestamp(seconds, 0).filter(|at| at.timestamp() < 32_503_680_000);
    }
    if let Ok(day) = text.parse::<NaiveDate>() {
        let day = if is_end { day.succ_opt()? } else { day };
        return Some(day.and_time(NaiveTime::MIN).and_utc());
    }
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc))
}

async fn answer(app: &App, call: &Call, filter: Filter, item: impl Fn(&Rules, Row) -> Value) -> Result<Good, Code> {
    let asked = call.text(&["limit"]).and_then(|text| text.parse::<i64>().ok()).filter(|limit| *limit > 0);
    let limit = asked.unwrap_or(USUAL).min(USUAL);
    let rules = app.rules.load();
    let mut found = {
        let mut conn = app.db.acquire().await?;
        rows::page(&mut conn, &filter, limit + 1).await?
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().map(|row| row.number).filter(|_| has_more);
    Ok(Good::List(found.into_iter().map(|row| item(&rules, row)).collect(), next))
}

/// What every list says of a lead's status.
fn verdict(row: &Row) -> Map<String, Value> {
    let is_final = matches!(row.status, Status::Approved | Status::Paid | Status::Rejected | Status::Trash);
    let members = json!({
        "stage": row.status.stage(),
        "status": number_of(row.status),
        "phase": phase_of(row.status),
        "reason": row.reason_code.unwrap_or_default(),
        "reason_text": row.reason,
        "custom": row.status.as_str(),
        "comment": row.comment,
        "time": row.created_at.timestamp(),
        "changed": row.changed_at.timestamp(),
        "done": is_final.then(|| row.changed_at.timestamp()),
    });
    match members {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn agency_item(rules: &Rules, row: &Row) -> Value {
    let mut out = Map::new();
    out.insert("id".into(), json!(row.external_id.clone().unwrap_or_else(|| row.number.to_string())));
    out.insert("uid".into(), json!(row.number));
    out.append(&mut verdict(row));
    out.insert("offer".into(), json!(rules.offers.get(&row.offer_id).map(|offer| offer.number)));
    out.insert("wm".into(), row.meta.get("wm").cloned().unwrap_or_default());
    out.insert("cash".into(), json!(money::print(row.payout, &row.currency)));
    out.insert("currency".into(), json!(row.currency));
    Value::Object(out)
}

fn webmaster_item(rules: &Rules, row: &Row) -> Value {
    let mut out = Map::new();
    out.insert("id".into(), json!(row.number));
    out.insert("uid".into(), json!(row.number));
    out.append(&mut verdict(row));
    let offer = rules.offers.get(&row.offer_id);
    out.insert("offer".into(), json!(offer.map(|offer| offer.number)));
    out.insert("offer_name".into(), json!(offer.map(|offer| offer.name.clone())));
    out.insert("flow".into(), json!(row.flow_id.and_then(|id| rules.flows.get(&id)).map(|flow| flow.number)));
    out.insert("status_text".into(), json!(row.status.as_str()));
    out.insert("ip".into(), json!(row.ip));
    out.insert("country".into(), json!(row.country));
    out.insert("uuid".into(), json!(row.click_id));
    out.insert("subid".into(), row.tags.get("sub1").cloned().unwrap_or_default());
    for name in ["utm_source", "utm_campaign", "utm_content", "utm_term", "utm_medium"] {
        out.insert(name.into(), row.tags.get(name).cloned().unwrap_or_default());
    }
    out.insert("cash".into(), json!(money::print(row.payout, &row.currency)));
    out.insert("currency".into(), json!(row.currency));
    Value::Object(out)
}

fn company_item(rules: &Rules, row: &Row) -> Value {
    let offer = rules.offers.get(&row.offer_id);
    let tag = |name: &str| row.tags.get(name).cloned().unwrap_or_default();
    let currency = row.price_currency.as_deref().unwrap_or(&row.currency);
    let price = row.price.map(|price| money::print(price, currency));
    let mut out = Map::new();
    out.insert("id".into(), json!(row.number));
    out.insert("ext".into(), json!(row.network_ref));
    out.append(&mut verdict(row));
    // The person's own words, where the other lists have the network's.
    out.insert("comment".into(), json!(row.note));
    let rest = json!({
        "offer": offer.map(|offer| offer.number),
        "offername": offer.map(|offer| offer.name.clone()),
        "wm": rules.webmasters.get(&row.webmaster_id).map(|webmaster| webmaster.number),
        "name": row.name,
        "phone": row.phone.as_deref().map(|phone| phone.trim_start_matches('+')),
        "email": row.email,
        "country": row.country.as_deref().map(str::to_lowercase),
        "ip": row.ip,
        "index": row.zip,
        "area": row.region,
        "city": row.city,
        "addr": row.address,
        "count": row.quantity.unwrap_or(1),
        "base": price,
        "price": price,
        "currency": currency,
        "goods": [{
            "id": offer.map(|offer| offer.number),
            "name": offer.map(|offer| offer.name.clone()),
            "count": row.quantity.unwrap_or(1),
            "price": price,
        }],
        "tracking": {
            "source": tag("utm_source"), "campaign": tag("utm_campaign"), "content": tag("utm_content"),
            "term": tag("utm_term"), "medium": tag("utm_medium"), "subid": tag("sub1"), "uuid": row.click_id,
        },
    });
    if let Value::Object(mut rest) = rest {
        out.append(&mut rest);
    }
    Value::Object(out)
}
