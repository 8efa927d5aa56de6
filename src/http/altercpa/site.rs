//! External sites of an advertiser: `site/click` makes a lead of a click, `site/status` says what became of it. The flow
//! (`flow`, a number, or `code`) says whose lead it is; `click` is the visitor's click, `exto` the site's own order.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::call::Call;
use super::{Code, Good, add, comp};
use crate::app::App;
use crate::db::altercpa_list::{self as rows, Filter, Owner, Row};
use crate::domain::rules::Flow;
use crate::http::principal::Principal;

/// Seconds in which a new lead finds its network when its status comes with it.
const WAIT: &str = "10";

/// `site/click`
pub(super) async fn click(app: &App, call: &Call) -> Result<Good, Code> {
    let lead = make(app, call).await?;
    if let Some(status) = call.text(&["status"]) {
        // For goals that are approved at once.
        tell(app, call, lead, &status).await?;
    }
    Ok(Good::Verdict([("id".to_owned(), json!(lead))].into_iter().collect()))
}

/// `site/status`
pub(super) async fn status(app: &App, call: &Call) -> Result<Good, Code> {
    let status = call.text(&["status"]).ok_or(Code::with("data", "status is missing"))?;
    let number = match find(app, call).await? {
        Some(row) => row.number,
        None if call.text(&["auto"]).as_deref() == Some("1") => make(app, call).await?,
        None => return Err(Code::with("access-denied", "no lead of this offer has that click or exto")),
    };
    tell(app, call, number, &status).await?;
    Ok(Good::Verdict([("id".to_owned(), json!(number))].into_iter().collect()))
}

/// The newest lead of the offer with this order or this click.
async fn find(app: &App, call: &Call) -> Result<Option<Row>, Code> {
    let mut filter = Filter::of(Owner::Offer(call.offer_id()?));
    match (call.text(&["exto"]), call.text(&["click"])) {
        (Some(order), _) => filter.external_ids = vec![order],
        (None, Some(click)) => filter.click_id = Some(click),
        (None, None) => return Err(Code::new("no-id")),
    }
    let mut conn = app.db.acquire().await?;
    Ok(rows::page(&mut conn, &filter, 500).await?.pop())
}

/// The flow that is named, or that of an earlier lead with the same click.
async fn flow(app: &App, call: &Call) -> Result<(Uuid, Option<std::sync::Arc<Flow>>), Code> {
    let rules = app.rules.load();
    let offer_id = call.offer_id()?;
    if let Some(name) = call.text(&["code", "flow"]) {
        let flow = rules.flow(&name).filter(|flow| flow.offer_id == offer_id).ok_or(Code::new("flow"))?;
        return Ok((flow.webmaster_id, Some(flow.clone())));
    }
    let mut filter = Filter::of(Owner::Offer(offer_id));
    filter.click_id = Some(call.text(&["click"]).ok_or(Code::with("flow", "flow, code or a known click is needed"))?);
    let mut conn = app.db.acquire().await?;
    let known = rows::page(&mut conn, &filter, 500).await?.pop();
    let known = known.ok_or(Code::with("flow", "the click is not known; name its flow or code"))?;
    Ok((known.webmaster_id, known.flow_id.and_then(|id| rules.flows.get(&id)).cloned()))
}

/// Makes the lead, or gives the one that this order has made before. Its number.
async fn make(app: &App, call: &Call) -> Result<i64, Code> {
    if call.text(&["exto"]).is_some()
        && let Some(row) = find(app, call).await?
    {
        return Ok(row.number);
    }
    let (webmaster_id, flow) = flow(app, call).await?;
    let mut fields: Map<String, Value> = call.params.clone();
    for name in ["code", "flow", "status", "auto", "reason"] {
        fields.shift_remove(name);
    }
    fields.insert("offer".into(), json!(call.offer_id()?.to_string()));
    if let Some(flow) = flow {
        fields.insert("flow".into(), json!(flow.code));
    }
    for (theirs, ours) in [("click", "click_id"), ("exto", "external_id")] {
        if let Some(value) = fields.shift_remove(theirs) {
            fields.insert(ours.into(), value);
        }
    }
    // Taken as the webmaster's own lead; the token is the site's.
    let principal = Principal::Webmaster { webmaster_id, token_id: Uuid::nil() };
    // A status can only be told to a network that has the lead.
    let wait = call.text(&["wait"]).or_else(|| call.text(&["status"]).map(|_| WAIT.to_owned()));
    let answered = add::post(app, &principal, fields, wait).await?;
    Ok(answered.lead.number)
}

/// A status as the site says it, for the network that has the lead.
async fn tell(app: &App, call: &Call, number: i64, status: &str) -> Result<(), Code> {
    let mut filter = Filter::of(Owner::Offer(call.offer_id()?));
    filter.numbers = vec![number];
    let network_id = {
        let mut conn = app.db.acquire().await?;
        let row = rows::page(&mut conn, &filter, 1).await?.into_iter().next().ok_or(Code::new("access-denied"))?;
        let delivery = match row.delivery_id {
            Some(id) => crate::db::delivery::find(&mut conn, id).await?,
            None => None,
        };
        delivery.map(|delivery| delivery.network_id)
    };
    let network_id = network_id.ok_or(Code::with("access-denied", "no network has taken the lead yet"))?;
    let mut params: std::collections::BTreeMap<String, String> =
        ["sta", "stc", "stt", "stw", "sth", "reason", "comment", "price", "currency"]
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), call.text(&[name])?)))
            .collect();
    params.insert("oid".into(), number.to_string());
    params.insert("status".into(), status.to_owned());
    comp::report(app, call, network_id, params, false).await.map(drop)
}
