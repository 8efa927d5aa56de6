//! Plans and shops.

use serde_json::{Value, json};

use super::answer::{Answer, Refusal};
use super::order::ZERO_TIME;
use super::params::Params;
use super::plan::{Application, Plan, Store};
use super::state::State;
use super::window::Paging;

const PLAN_START: &str = "2020-01-01 00:00:00";
const COMMISSION: &str = "0.5% - 8%";

/// `stores.plans.get`
pub(super) fn plan_list(state: &State, params: &Params) -> Answer {
    params.required("page")?;
    params.required("page_size")?;
    let paging = Paging::read(params, &state.switches)?;
    let query = params.text("query")?.unwrap_or_default().to_lowercase();
    let store_id = params.text("store_id")?;
    let only_mine = params.choice("is_apply", &[0, 1])? == 1;
    let is_wanted = |plan: &&Plan| {
        let store = store_name(state, plan);
        (plan.name.to_lowercase().contains(&query) || store.to_lowercase().contains(&query))
            && store_id.as_ref().is_none_or(|id| *id == plan.store_id.to_string())
            && (!only_mine || plan.application == Application::Approved)
    };
    let found: Vec<&Plan> = state.plans.iter().filter(is_wanted).collect();
    Ok(paging.cut(found).into_iter().map(|plan| plan_row(state, plan)).collect())
}

/// Numbers come as text, as clients read them.
fn plan_row(state: &State, plan: &Plan) -> Value {
    json!({
        "ads_id": plan.ads_id,
        "ads_name": plan.name,
        "store_name": store_name(state, plan),
        "channel": plan.channel.to_string(),
        "rddays": plan.rddays.to_string(),
        "commission": COMMISSION,
        "category": plan.category.to_string(),
        "category_area": "",
        "apply_mode": plan.apply_mode.code().to_string(),
        "stime": PLAN_START,
        "etime": ZERO_TIME,
        "url": plan.url,
        "ads_logo": "",
        "status": plan.state.code().to_string(),
        "ads_apply_status": plan.application.code().to_string(),
    })
}

/// `stores.plan.detail.get`, which Duomai's own package calls `stores.detail.get`.
pub(super) fn plan_detail(state: &State, params: &Params) -> Answer {
    let ads_id = params.required("ads_id")?;
    let plan = state.plan(&ads_id).ok_or_else(|| Refusal::new(4011, "the plan does not exist"))?;
    let flag = |is: bool| if is { "1" } else { "0" };
    Ok(json!({
        "id": plan.ads_id,
        "ads_name": plan.name,
        "store_name": store_name(state, plan),
        "info": "",
        "store_info": "",
        "apply_mode": plan.apply_mode.code().to_string(),
        "channel": plan.channel.to_string(),
        "rddays": plan.rddays.to_string(),
        "category": plan.category.to_string(),
        "category_area": "",
        "support_euid": flag(plan.support_euid),
        "support_url": flag(plan.support_url),
        "charge_period": "30",
        "stime": PLAN_START,
        "etime": ZERO_TIME,
        "ads_logo": "",
        "url": plan.url,
        "order_return": "实时",
        "commission": COMMISSION,
        "commission_detail": [{
            "comment": "",
            "commission": "8%",
            "commission_new_from": "2020-01-01",
            "commission_new_to": "0000-00-00",
            "sort": 1,
            "title": "全部商品 All goods",
            "type": 1,
        }],
    }))
}

/// `stores.query.get`
pub(super) fn store_list(state: &State, params: &Params) -> Answer {
    let paging = Paging::read(params, &state.switches)?;
    let name = params.text("name")?.unwrap_or_default().to_lowercase();
    let url = params.text("url")?.unwrap_or_default().to_lowercase();
    let domestic = params.choice("is_domestic", &[0, -1, 1])?;
    let recommended = params.choice("recommend", &[0, -1, 1])?;
    let is_wanted = |store: &&Store| {
        (store.name.to_lowercase().contains(&name) || store.en_name.to_lowercase().contains(&name))
            && store.url.contains(&url)
            && [0, sign(store.is_domestic)].contains(&domestic)
            && [0, sign(store.is_recommended)].contains(&recommended)
    };
    let found: Vec<&Store> = state.stores.iter().filter(is_wanted).collect();
    Ok(paging.cut(found).into_iter().map(store_row).collect())
}

fn store_row(store: &Store) -> Value {
    let host = url::Url::parse(&store.url).ok().and_then(|url| url.host_str().map(str::to_owned));
    json!({
        "id": store.id,
        "name": store.name,
        "en_name": store.en_name,
        "logo": "",
        "country_name": if store.is_domestic { "中国" } else { "" },
        "pc_websites": [store.url],
        "mobile_websites": [],
        "domains": [host.unwrap_or_default()],
        "is_domestic": sign(store.is_domestic),
        "recommend": sign(store.is_recommended).to_string(),
        "description": "",
        "commission": COMMISSION,
        "tags": [],
    })
}

const fn sign(is: bool) -> i64 {
    if is { 1 } else { -1 }
}

fn store_name<'a>(state: &'a State, plan: &Plan) -> &'a str {
    state.stores.iter().find(|store| store.id == plan.store_id).map_or("", |store| &store.name)
}
