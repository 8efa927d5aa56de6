//! `POST /apis`: who calls, which service, and its answer.

use axum::extract::{Request, State as Shared};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::account::Account;
use super::answer::{Answer, Refusal, respond};
use super::call::Call;
use super::params::Params;
use super::sign::sign;
use super::{Duomai, links, reports, stores};

/// Answers a call of the API.
pub(super) async fn answer(Shared(duomai): Shared<Duomai>, request: Request) -> Response {
    let Some(call) = Call::read(request).await else {
        return respond(&Err(Refusal::parameter("the request body could not be read")));
    };
    let fault = {
        let mut state = duomai.lock();
        state.keep_call(call.clone());
        state.take_fault(&call)
    };
    if let Some(instead) = fault.as_ref().and_then(|fault| fault.instead()) {
        return instead;
    }
    if call.method != "POST" {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "POST")]).into_response();
    }
    let answer = handle(&duomai, &call);
    match fault {
        Some(fault) => fault.after(answer).await,
        None => respond(&answer),
    }
}

/// Any other path.
pub(super) async fn no_such_path(Shared(duomai): Shared<Duomai>, request: Request) -> Response {
    if let Some(call) = Call::read(request).await {
        duomai.lock().keep_call(call);
    }
    (StatusCode::NOT_FOUND, "404 page not found").into_response()
}

/// Serves a call that no fault keeps away.
pub(super) fn handle(duomai: &Duomai, call: &Call) -> Answer {
    let (account, service) = authenticate(duomai, call)?;
    let name = service.strip_prefix("cps-mesh.").unwrap_or("");
    let service = Service::of_name(name).ok_or_else(|| Refusal::new(404, "the service does not exist"))?;
    if duomai.lock().switches.require_json_type && !call.body.is_empty() && !is_json(call) {
        return Err(Refusal::parameter("Content-Type must be application/json"));
    }
    let params = Params::read(&call.body)?;
    let now = duomai.now();
    match service {
        // It takes the lock by itself, because a hook may run in between.
        Service::OrderList => reports::order_list(duomai, &account, &params),
        Service::LinkMake => links::make(&mut duomai.lock(), &account, params, now),
        Service::LinkRecognise => links::recognise(&duomai.lock(), &params),
        Service::LinkShorten => links::shorten(&mut duomai.lock(), &params),
        Service::OrderDetail => reports::order_detail(&mut duomai.lock(), &account, &params),
        Service::SettlementList => reports::settlement_list(&duomai.lock(), &account, &params),
        Service::PlanList => stores::plan_list(&duomai.lock(), &params),
        Service::PlanDetail => stores::plan_detail(&duomai.lock(), &params),
        Service::StoreList => stores::store_list(&duomai.lock(), &params),
    }
}

/// The services of this fake.
enum Service {
    LinkMake,
    LinkRecognise,
    LinkShorten,
    OrderList,
    OrderDetail,
    SettlementList,
    PlanList,
    PlanDetail,
    StoreList,
}

impl Service {
    fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "cpslink.links.post" => Self::LinkMake,
            "cpslink.links.put" => Self::LinkRecognise,
            "cpslink.links.short.post" => Self::LinkShorten,
            "open.orders.query.get" => Self::OrderList,
            "open.orders.detail.get" => Self::OrderDetail,
            "open.orders.settlement.get" => Self::SettlementList,
            "open.stores.plans.get" => Self::PlanList,
            "open.stores.plan.detail.get" | "open.stores.detail.get" => Self::PlanDetail,
            "open.stores.query.get" => Self::StoreList,
            _ => return None,
        })
    }
}

/// The account that signed the call, and the service it asks for.
fn authenticate(duomai: &Duomai, call: &Call) -> Result<(Account, String), Refusal> {
    let required = |name: &str| {
        let value = call.query(name).filter(|value| !value.is_empty());
        value.ok_or_else(|| Refusal::unauthorised(format!("{name} is required")))
    };
    let (app_key, timestamp) = (required("app_key")?, required("timestamp")?);
    let (service, given) = (required("service")?, required("sign")?);
    let called_at: u64 = timestamp.parse().map_err(|_| Refusal::unauthorised("timestamp must be in Unix seconds"))?;
    let now = duomai.now().timestamp();
    let state = duomai.lock();
    let account = state.account(&app_key).ok_or_else(|| Refusal::unauthorised("app_key is unknown"))?;
    if sign(&account.secret, &app_key, &service, &timestamp, &call.body) != given {
        return Err(Refusal::unauthorised("sign verification failed"));
    }
    if let Some(window) = state.switches.clock_window_seconds
        && u64::try_from(now).unwrap_or(0).abs_diff(called_at) > window
    {
        return Err(Refusal::unauthorised("timestamp has expired"));
    }
    Ok((account.clone(), service))
}

fn is_json(call: &Call) -> bool {
    let kind = call.header("content-type").unwrap_or("").split(';').next().unwrap_or("");
    kind.trim().eq_ignore_ascii_case("application/json")
}
