//! `/networks/{id}/inbound`: the URL the partner calls, what it may say with it, and its last calls.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use tower_sessions::Session;

use super::frame::{Frame, Tab, find};
use crate::adapters::InboundName;
use crate::app::App;
use crate::base::page::Direction;
use crate::db::inbound_list::{self, Filter, Row};
use crate::http::dashboard::layout::{self, Answer, Shell};
use crate::http::dashboard::texts;
use crate::http::dashboard::{format, words};
use crate::http::extract::PathId;
use crate::http::principal::Principal;

/// Calls shown.
const ROWS: i64 = 20;
/// Parameters of the example.
const SHOWN: &[&str] = &["id", "status", "payout", "currency"];

/// What a parameter says.
#[derive(Debug)]
struct Param {
    /// The names it is read from, the first that is there.
    names: Vec<String>,
    what: String,
}

#[derive(Template)]
#[template(path = "networks/inbound.html")]
struct Page {
    shell: Shell,
    frame: Frame,
    params: Vec<Param>,
    /// The URL with the usual parameters.
    example: Option<String>,
    calls: Vec<Row>,
}

fn params(names: &[InboundName]) -> Vec<Param> {
    let what = |field: &str| texts::find(&format!("inbound-param-{}", field.replace('_', "-"))).unwrap_or_default();
    names.iter().map(|(field, names)| Param { names: names.clone(), what: what(field) }).collect()
}

/// The URL as a partner would write it; where its own macros go stands in braces.
fn example(url: &str, names: &[InboundName]) -> Option<String> {
    let usual = names.iter().filter(|(field, _)| SHOWN.contains(field));
    let pairs: Vec<String> =
        usual.filter_map(|(field, names)| Some(format!("{}={{{field}}}", names.first()?))).collect();
    (!pairs.is_empty() && !url.is_empty()).then(|| format!("{url}?{}", pairs.join("&")))
}

/// `GET /networks/{id}/inbound`
pub async fn show(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let network = find(&app, &id).await?;
    let filter = Filter { network_id: Some(network.id), ..Filter::default() };
    let calls = inbound_list::page(&mut *app.db.acquire().await?, &filter, None, Direction::Newest, ROWS).await?;
    let names = app.adapters.get(&network.integration).map(|adapter| adapter.inbound_names()).unwrap_or_default();
    let frame = Frame::of(&app, network, Tab::Inbound).await?;
    let page = Page {
        shell: Shell::of(&session, &principal, frame.title(), "/networks").await?,
        params: params(&names),
        example: example(&frame.card.network.postback_url, &names),
        frame,
        calls,
    };
    let mut response = layout::page(&page)?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::super::frame::tests::{frame, shell};
    use super::*;
    use crate::adapters::Registry;
    use crate::http::dashboard::html;
    use crate::http::principal::UserRole;

    fn page(role: UserRole, calls: Vec<Row>) -> Page {
        let names = Registry::load(None).unwrap().get("http-json").unwrap().inbound_names();
        let frame = frame(Tab::Inbound);
        let example = example(&frame.card.network.postback_url, &names);
        Page { shell: shell(role), params: params(&names), example, frame, calls }
    }

    fn call() -> Row {
        Row {
            inbound_id: uuid::Uuid::from_u128(1),
            received_at: DateTime::UNIX_EPOCH,
            network_id: uuid::Uuid::from_u128(7),
            network: Some("tea-house".into()),
            method: "GET".into(),
            query: "phone=+49151".into(),
            content_type: None,
            body: Vec::new(),
            body_bytes: 0,
            remote_ip: None,
            result: Some("unmatched".into()),
            reason: Some("no lead <7>".into()),
            lead_id: None,
            lead_number: None,
            delivery_id: None,
            our_ref: Some("7".into()),
            external_id: None,
            processed_at: None,
            times: 1,
        }
    }

    #[test]
    fn the_url_is_explained_to_admins_and_its_secret_to_nobody_else() {
        let text = html::check("network-inbound", &page(UserRole::Admin, vec![call()]));
        assert!(text.contains("012345?id={id}&#38;status={status}") && text.contains("No lead &#60;7&#62;."), "{text}");
        let text = html::check("network-inbound-manager", &page(UserRole::Manager, vec![]));
        assert!(!text.contains("abcdefghij") && text.contains("transaction_id"));
    }

    #[test]
    fn every_field_of_every_integration_is_explained() {
        for adapter in Registry::load(None).unwrap().iter() {
            for param in params(&adapter.inbound_names()) {
                assert!(!param.what.is_empty() && !param.names.is_empty(), "{}: {param:?}", adapter.about().id);
            }
        }
        assert_eq!(example("https://x/p", &[]), None);
    }
}
