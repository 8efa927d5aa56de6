//! A sample call to a webmaster's address: really sent, shown, and nowhere stored.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::postback_text;
use super::replay::Refused;
use super::send_postback;
use crate::app::App;
use crate::db::postback_delivery::PostbackDelivery;
use crate::domain::macros::Values;
use crate::domain::rules::{Postback, Rules};
use crate::domain::status::Status;
use crate::net::record;

/// What came of it.
#[derive(Clone, Debug)]
pub struct Tested {
    /// As sent, secrets masked.
    pub request: String,
    /// As answered, or why there is no answer.
    pub response: String,
    /// Why it would be tried again; none: it was taken.
    pub failure: Option<String>,
    pub took_ms: i64,
}

/// Calls the address of a postback with values of a lead that does not exist.
pub async fn run(app: &App, postback_id: Uuid) -> Result<Tested, Refused> {
    let rules = app.rules.load();
    let postback = rules.postbacks.get(&postback_id).ok_or(Refused::NotFound("postback"))?;
    let now = app.clock.now();
    let values = Values { at: Some(now), ..sample(&rules, postback, app.ids.next()) };
    let call = postback_text::render(postback, &values)
        .map_err(|error| Refused::State(format!("the template is wrong: {error}")))?;
    let delivery = PostbackDelivery {
        postback_delivery_id: app.ids.next(),
        postback_id,
        lead_id: Uuid::nil(),
        method: postback.method.clone(),
        url: call.url,
        content_type: call.content_type,
        body: call.body,
        attempts: 0,
        is_removed: false,
        earlier_at: None,
    };
    let request = send_postback::request(app, postback, &delivery, now).map_err(Refused::State)?;
    let exchange = app.net.call(request, send_postback::options(app)).await;
    let shown = record::record(&exchange);
    Ok(Tested {
        request: shown.request.trim_end().to_owned(),
        response: shown.response.trim_end().to_owned(),
        failure: send_postback::failure(&exchange),
        took_ms: i64::try_from(exchange.took.as_millis()).unwrap_or(i64::MAX),
    })
}

/// A lead as nobody has sent one, in a status that the postback tells.
fn sample(rules: &Rules, postback: &Postback, lead_id: Uuid) -> Values {
    let offer = postback.offer_id.and_then(|id| rules.offers.get(&id));
    let flow = postback.flow_id.and_then(|id| rules.flows.get(&id));
    let offer = offer.or_else(|| rules.offers.get(&flow?.offer_id));
    let text = |text: &str| Some(text.to_owned());
    let status = [Status::Approved].into_iter().chain(postback.statuses.iter().copied());
    Values {
        id: lead_id.to_string(),
        number: Some(1),
        external_id: text("test-1"),
        click_id: text("test-click"),
        subs: std::array::from_fn(|index| Some(format!("test-sub{}", index + 1))),
        utm: ["source", "medium", "campaign", "content", "term"].map(|name| Some(format!("test-{name}"))),
        status: status.into_iter().find(|status| postback.statuses.contains(status)),
        old_status: Some(Status::Pending),
        payout: offer.and_then(|offer| offer.payout).or(Some(Decimal::TEN)),
        currency: Some(offer.map_or_else(|| "USD".to_owned(), |offer| offer.currency.clone())),
        offer: Some(offer.map_or_else(|| "test-offer".to_owned(), |offer| offer.slug.clone())),
        flow: flow.map(|flow| flow.code.clone()),
        country: Some(offer.and_then(|offer| offer.countries.first().cloned()).unwrap_or_else(|| "DE".to_owned())),
        seq: Some(1),
        ..Values::default()
    }
}
