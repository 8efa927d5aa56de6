//! The URL that the network would call when a lead changes: macros in a template. Nothing is called from here.

use chrono::{DateTime, Utc};
use url::form_urlencoded;

use super::lead::Lead;
use super::network::Network;
use super::status;

/// Renders a postback template. Values are URL-encoded; a macro that nobody knows stays as it is.
pub(super) fn render(network: &Network, lead: &Lead, template: &str, now: DateTime<Utc>) -> String {
    let mut url = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        url.push_str(before);
        match after.split_once('}').and_then(|(name, left)| Some((value(network, lead, name, now)?, left))) {
            Some((value, left)) => {
                url.extend(form_urlencoded::byte_serialize(value.as_bytes()));
                rest = left;
            }
            None => {
                url.push('{');
                rest = after;
            }
        }
    }
    url.push_str(rest);
    url
}

fn value(network: &Network, lead: &Lead, name: &str, now: DateTime<Utc>) -> Option<String> {
    let offer = network.offers.get(&lead.offer);
    let sub = |number: &str| number.parse().ok().filter(|number: &u8| (1..=12).contains(number));
    Some(match name {
        "id" => lead.sender_id(),
        "uid" => lead.id.to_string(),
        "src" => lead.source.clone().unwrap_or_default(),
        "stage" => network.stage(lead, now).as_str().to_owned(),
        "status" => lead.status.to_string(),
        "reason" => status::reason_text(lead.reason).to_owned(),
        "rcode" => lead.reason.to_string(),
        "cash" => offer.map(|offer| offer.payout.clone()).unwrap_or_default(),
        "currency" => offer.map(|offer| offer.currency.clone()).unwrap_or_default(),
        "offer" => lead.offer.to_string(),
        "flow" => lead.flow.map(|flow| flow.to_string()).unwrap_or_default(),
        "count" => lead.count().to_string(),
        "price" => lead.price(offer).to_string(),
        "time" => lead.created_at.timestamp().to_string(),
        "now" => now.timestamp().to_string(),
        "subid" | "uuid" | "utm_source" | "utm_campaign" | "utm_content" | "utm_term" | "utm_medium" => {
            lead.field(name).to_owned()
        }
        name => {
            let number = name.strip_prefix("subid").or_else(|| name.strip_prefix("sub")).and_then(sub)?;
            lead.field(&format!("sub{number}")).to_owned()
        }
    })
}
