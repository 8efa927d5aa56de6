//! Partners tell what became of leads: `comp/status`, AlterCPA's postback, and `comp/edit`. Both are stored raw and judged
//! like any network's postback, so they stand in the list of inbound postbacks and can be processed again.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::call::Call;
use super::{Code, Good};
use crate::adapters::{InboundCall, altercpa};
use crate::app::App;
use crate::db::altercpa_list::{self as rows, Filter, Owner, Row};
use crate::db::inbound::Raw;
use crate::domain::lead::{self, RawLead};
use crate::flow::change_lead;
use crate::flow::take_inbound::{self, Taken};

/// `comp/status`
pub(super) async fn status(app: &App, call: &Call) -> Result<Good, Code> {
    let network_id = call.network_id()?;
    if call.text(&["oid", "eid"]).is_none() {
        return Err(Code::new("no-id"));
    }
    match report(app, call, network_id, texts(call), false).await?.as_str() {
        "unmatched" => Err(Code::with("access-denied", "no lead of this partner has that id")),
        _ => Ok(Good::Verdict(Map::new())),
    }
}

/// `comp/edit`: status by number or `accept=1`, and fields of the lead. Both may stand in one call, unlike in the
/// original, which drops the fields then.
pub(super) async fn edit(app: &App, call: &Call) -> Result<Good, Code> {
    let network_id = call.network_id()?;
    if call.text(&["oid", "eid"]).is_none() {
        return Err(Code::new("no-id"));
    }
    let lead = find(app, call, network_id).await?.ok_or(Code::new("access"))?;
    let params = texts(call);
    let plain = InboundCall { params: params.clone(), ..InboundCall::default() };
    let mut has_changed = false;
    let changes = altercpa::changes(&plain);
    if !changes.is_empty() {
        let raw = RawLead::from_value(Value::Object(changes)).map_err(|_| Code::new("data"))?;
        let wrong = |errors: Vec<crate::base::field_error::FieldError>| {
            let said: Vec<String> = errors.iter().map(|error| format!("{} {}", error.field, error.message)).collect();
            Code::with("data", said.join("; "))
        };
        let change = lead::parse_change(raw).map_err(wrong)?;
        change_lead::run(app, lead.lead_id, change, &call.principal.actor()).await.map_err(
            |refused| match refused {
                change_lead::Refused::Invalid(errors) => wrong(errors),
                change_lead::Refused::Gone | change_lead::Refused::Erased => Code::new("access"),
                change_lead::Refused::Sqlx(error) => error.into(),
            },
        )?;
        has_changed = true;
    }
    if ["status", "accept", "reason", "comment"].iter().any(|name| call.text(&[name]).is_some()) {
        let result = report(app, call, network_id, params, true).await?;
        has_changed |= matches!(result.as_str(), "applied" | "unmapped");
    }
    if has_changed { Ok(Good::Verdict(Map::new())) } else { Err(Code::new("edit")) }
}

/// The lead a call names, among those that the network has.
async fn find(app: &App, call: &Call, network_id: uuid::Uuid) -> Result<Option<Row>, Code> {
    let mut filter = Filter::of(Owner::Network(network_id));
    match call.text(&["oid"]) {
        Some(oid) => filter.numbers = vec![oid.parse().map_err(|_| Code::new("orderid"))?],
        None => filter.external_ids = call.list(&["eid"]),
    }
    let mut conn = app.db.acquire().await?;
    Ok(rows::page(&mut conn, &filter, 1).await?.into_iter().next())
}

fn texts(call: &Call) -> BTreeMap<String, String> {
    call.params.keys().filter_map(|name| Some((name.clone(), call.text(&[name])?))).collect()
}

/// Stores the call and has it judged; gives the result's word.
pub(super) async fn report(
    app: &App,
    call: &Call,
    network_id: uuid::Uuid,
    mut params: BTreeMap<String, String>,
    is_edit: bool,
) -> Result<String, Code> {
    params.remove("id");
    if is_edit {
        params.insert(altercpa::EDIT.to_owned(), "1".to_owned());
    }
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&params).finish();
    let raw = Raw {
        inbound_id: app.ids.next(),
        received_at: app.clock.now(),
        network_id,
        method: if call.is_post { "POST" } else { "GET" }.to_owned(),
        // Query and body are one set of parameters here; the token is in neither any more.
        query: String::new(),
        content_type: Some("application/x-www-form-urlencoded".into()),
        body: body.into_bytes(),
        remote_ip: call.ip.map(|ip| ip.0.to_string()),
        dialect: Some(altercpa::DIALECT.to_owned()),
    };
    match app.writers.inbound.submit(take_inbound::Call { raw, headers: Vec::new() }).await {
        Ok(Taken::Stored { result, .. }) => Ok(result),
        Ok(Taken::Unavailable) | Err(_) => Err(Code::new("db")),
    }
}
