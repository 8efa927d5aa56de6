//! Promotion links: made, recognised, shortened, and followed.

use axum::extract::{Request, State as Shared};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

use super::Duomai;
use super::account::Account;
use super::answer::{Answer, Refusal};
use super::call::Call;
use super::params::Params;
use super::plan::Plan;
use super::state::State;

/// Longest euid.
const MAX_EUID: usize = 40;

/// A promotion link that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// The last part of the short link.
    pub code: String,
    /// The media or its position.
    pub site_id: String,
    /// The plan.
    pub ads_id: String,
    /// The tag as it stands in the link: empty where the plan carries none.
    pub euid: String,
    /// What the visitor is sent to.
    pub url: String,
    /// Where the visitor ends.
    pub target: String,
    /// When it was made.
    pub made_at: DateTime<Utc>,
}

/// A visitor who followed a link through `/track.php`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Visit {
    /// The media or its position.
    pub site_id: String,
    /// The plan.
    pub ads_id: String,
    /// The tag.
    pub euid: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// `links.post`
pub(super) fn make(state: &mut State, account: &Account, params: Params, now: DateTime<Utc>) -> Answer {
    let page = params.text("url")?.map(|text| web_page(&text)).transpose()?;
    let (ads_id, product_id) = (params.text("ads_id")?, params.text("product_id")?);
    if page.is_none() && ads_id.is_none() && product_id.is_none() {
        return Err(Refusal::parameter("one of url, ads_id and product_id is required"));
    }
    let wants_original = params.choice("original", &[0, 1])? == 1;
    let ext = params.object("ext")?;
    let euid = ext.text("euid")?.unwrap_or_default();
    ext.choice("js", &[1, 0])?;
    if state.switches.strict_euid {
        check_euid(&euid)?;
    }
    let site_id = match params.text("site_id")? {
        Some(site_id) => site_id,
        None if state.switches.require_site_id => return Err(Refusal::parameter("site_id is required")),
        None => account.app_key.clone(),
    };
    if !account.owns(&site_id) {
        return Err(Refusal::new(4004, "the promotion position is wrong"));
    }
    if !account.reviewed {
        return Err(Refusal::new(4002, "the media is not reviewed yet"));
    }
    let product = match &product_id {
        None => None,
        Some(id) => Some(
            state
                .products
                .iter()
                .find(|product| product.product_id == *id)
                .ok_or_else(|| Refusal::new(4020, "the product does not exist"))?,
        ),
    };
    let by_page = || page.as_ref().and_then(|page| plans_for(state, page).into_iter().next());
    let plan = match ads_id.as_deref().or(product.map(|product| product.ads_id.as_str())) {
        Some(id) => state.plan(id),
        None => by_page(),
    };
    let plan = plan.ok_or_else(|| Refusal::new(4011, "the plan does not exist"))?;
    if let Some(refusal) = plan.refusal() {
        return Err(refusal);
    }
    let target = page.map(String::from).or(product.map(|product| product.url.clone()));
    let target = target.unwrap_or_else(|| plan.url.clone());
    let (plan_id, plan_name, has_euid) = (plan.ads_id.clone(), plan.name.clone(), plan.support_euid);

    let mut ext = ext.into_map();
    if !has_euid {
        ext.shift_remove("euid");
    }
    let euid = if has_euid { euid } else { String::new() };
    let url = tracking_url(&state.switches.link_base, &site_id, &plan_id, &euid, &target);
    let code = state.next_code();
    let data = json!({
        "type": "custom",
        "ads": { "id": plan_id, "name": plan_name },
        "ext": ext,
        "url": url,
        "short_url": short_url(&code),
        "code": code,
        "shop_coupon": "",
        "hide_coupon": "",
        "wx_short": "",
        "wx_path": "",
        "wx_appid": "",
        "wx_qrcode": "",
        "deep_link": "",
        "original_link": if wants_original { target.as_str() } else { "" },
    });
    state.links.push(Link { code, site_id, ads_id: plan_id, euid, url, target, made_at: now });
    Ok(data)
}

/// `links.put`: the plans that can promote a page.
pub(super) fn recognise(state: &State, params: &Params) -> Answer {
    let page = web_page(&params.required("url")?)?;
    let row = |plan: &Plan| json!({ "id": plan.ads_id, "name": plan.name });
    let ads: Vec<Value> = plans_for(state, &page).into_iter().map(row).collect();
    Ok(json!({ "ads": ads }))
}

/// `links.short.post`. No document shows its answer; this one is our guess.
pub(super) fn shorten(state: &mut State, params: &Params) -> Answer {
    let page = web_page(&params.required("url")?)?;
    params.choice("type", &[0, 1, 2])?;
    Ok(json!({ "url": page.as_str(), "short_url": short_url(&state.next_code()) }))
}

/// `/track.php`: a visitor follows a link, is noted down and sent on.
pub(super) async fn follow(Shared(duomai): Shared<Duomai>, request: Request) -> Response {
    let Some(call) = Call::read(request).await else { return StatusCode::BAD_REQUEST.into_response() };
    let text = |name: &str| call.query(name).unwrap_or_default();
    let at = duomai.now();
    let visit = Visit { site_id: text("site_id"), ads_id: text("aid"), euid: text("euid"), at };
    let target = call.query("t").and_then(|target| web_page(&target).ok()).map(String::from);
    let mut state = duomai.lock();
    state.keep_call(call);
    let Some(plan) = state.plan(&visit.ads_id) else {
        return (StatusCode::NOT_FOUND, "no such plan").into_response();
    };
    let target = target.unwrap_or_else(|| plan.url.clone());
    state.visits.push(visit);
    (StatusCode::FOUND, [(header::LOCATION, target)]).into_response()
}

fn check_euid(euid: &str) -> Result<(), Refusal> {
    let is_chinese =
        |c: char| matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{2fa1f}');
    if euid.chars().count() > MAX_EUID {
        return Err(Refusal::parameter("euid is longer than 40 characters"));
    }
    if !euid.chars().all(|c| c.is_ascii_alphanumeric() || is_chinese(c)) {
        return Err(Refusal::parameter("euid may have letters, digits and Chinese characters only"));
    }
    Ok(())
}

fn web_page(text: &str) -> Result<Url, Refusal> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.ok_or_else(|| Refusal::parameter("url is not a web address"))
}

/// Plans for a page, those that give a link first.
fn plans_for<'a>(state: &'a State, page: &Url) -> Vec<&'a Plan> {
    let mut found: Vec<&Plan> = state.plans.iter().filter(|plan| plan.promotes(page)).collect();
    found.sort_by_key(|plan| plan.refusal().is_some());
    found
}

fn tracking_url(base: &str, site_id: &str, ads_id: &str, euid: &str, target: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("site_id", site_id).append_pair("aid", ads_id);
    if !euid.is_empty() {
        query.append_pair("euid", euid);
    }
    query.append_pair("t", target);
    let glue = if base.contains('?') { '&' } else { '?' };
    format!("{base}{glue}{}", query.finish())
}

fn short_url(code: &str) -> String {
    format!("https://dm.example/{code}")
}
