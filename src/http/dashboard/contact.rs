//! The fields of a lead as its page shows them. Personal data is masked unless it was revealed, and what cannot be
//! masked usefully (names, addresses) is left out.

use super::format;
use super::texts::{Text, say};
use crate::db::lead::{Contact, Lead};
use crate::db::screen_lead::Names;

/// A field and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub label: String,
    pub value: String,
    /// Set in a fixed-width font.
    pub is_code: bool,
}

fn field(label: Text, value: impl Into<String>) -> Field {
    Field { label: label.into(), value: value.into(), is_code: false }
}

fn code(label: impl Into<String>, value: &str) -> Field {
    Field { label: label.into(), value: value.to_owned(), is_code: true }
}

/// Who it is about.
pub fn person(contact: &Contact, is_revealed: bool) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut add = |label, value: &Option<String>, masked: fn(&str) -> Option<String>| {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            let shown = if is_revealed { Some(value.to_owned()) } else { masked(value) };
            fields.extend(shown.map(|value| field(label, value)));
        }
    };
    let covered = |_: &str| Some("•••".to_owned());
    let gone = |_: &str| None;
    add(say("contact-name"), &contact.name, initials);
    if contact.name.is_none() {
        add(say("contact-first-name"), &contact.first_name, initials);
        add(say("contact-last-name"), &contact.last_name, initials);
    }
    add(say("contact-phone"), &contact.phone, |phone| Some(format::mask_phone(phone)));
    add(say("contact-email"), &contact.email, |email| Some(format::mask_email(email)));
    add(say("contact-ip"), &contact.ip, |ip| Some(mask_ip(ip)));
    add(say("contact-address"), &contact.address, covered);
    add(say("contact-zip"), &contact.zip, covered);
    add(say("contact-city"), &contact.city, |city| Some(city.to_owned()));
    add(say("contact-region"), &contact.region, |region| Some(region.to_owned()));
    add(say("contact-comment"), &contact.comment, covered);
    add(say("contact-user-agent"), &contact.user_agent, gone);
    add(say("contact-referer"), &contact.referer, gone);
    add(say("contact-landing"), &contact.landing_url, gone);
    if is_revealed && let Some(meta) = contact.meta.as_object() {
        for (key, value) in meta {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            fields.push(code(format!("meta.{key}"), &value));
        }
    }
    fields
}

/// `Ann Example` as `A••• E•••`.
fn initials(name: &str) -> Option<String> {
    let parts = name.split_whitespace().filter_map(|word| word.chars().next());
    Some(parts.map(|first| format!("{first}•••")).collect::<Vec<_>>().join(" "))
}

/// The network part only.
fn mask_ip(ip: &str) -> String {
    match ip.parse() {
        Ok(std::net::IpAddr::V4(v4)) => {
            let [a, b, ..] = v4.octets();
            format!("{a}.{b}.•.•")
        }
        Ok(std::net::IpAddr::V6(v6)) => {
            let [a, b, ..] = v6.segments();
            format!("{a:x}:{b:x}:•••")
        }
        Err(_) => "•••".to_owned(),
    }
}

/// What it belongs to and what it is worth.
pub fn business(lead: &Lead, names: &Names) -> Vec<Field> {
    let mut fields = vec![field(say("lead-webmaster"), &names.webmaster), field(say("lead-offer"), &names.offer)];
    if let Some(flow) = &names.flow {
        fields.push(code(say("lead-flow"), flow));
    }
    if let Some(country) = &lead.country {
        fields.push(field(say("lead-country"), country));
    }
    if let Some(goal) = &lead.goal {
        fields.push(field(say("lead-goal"), goal));
    }
    if let Some(price) = lead.price {
        let currency = lead.price_currency.as_deref().unwrap_or(&lead.currency);
        fields.push(field(say("lead-price"), format::money(price, currency)));
    }
    if let Some(quantity) = lead.quantity {
        fields.push(field(say("lead-quantity"), quantity.to_string()));
    }
    if !lead.payout_due.is_zero() && lead.payout.is_zero() {
        fields.push(field(say("lead-payout-due"), format::money(lead.payout_due, &lead.currency)));
    }
    fields.push(field(say("lead-payout"), format::money(lead.payout, &lead.currency)));
    let currency = lead.revenue_currency.as_deref().unwrap_or(&lead.currency);
    fields.push(field(say("lead-revenue"), format::money(lead.revenue, currency)));
    if let Some(comment) = &lead.comment {
        fields.push(field(say("lead-network-comment"), comment));
    }
    fields
}

/// Ids and marks.
pub fn marks(lead: &Lead) -> Vec<Field> {
    let mut fields = vec![code(say("lead-id"), &lead.lead_id.to_string())];
    for (label, value) in [("lead-external-id", &lead.external_id), ("lead-click-id", &lead.click_id)] {
        if let Some(value) = value {
            fields.push(code(say(label), value));
        }
    }
    for (key, value) in lead.tags.as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        fields.push(code(key.clone(), &value));
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact() -> Contact {
        Contact {
            name: Some("Ann Example".into()),
            phone: Some("+4915112345678".into()),
            email: Some("ann@example.com".into()),
            ip: Some("203.0.113.9".into()),
            address: Some("Long Street 5".into()),
            user_agent: Some("Browser".into()),
            meta: serde_json::json!({ "pet": "cat" }),
            ..Contact::default()
        }
    }

    #[test]
    fn a_masked_person_cannot_be_recognised() {
        let text = format!("{:?}", person(&contact(), false));
        for secret in ["Ann", "Example\"", "12345", "ann@", "113.9", "Street", "Browser", "cat"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
        assert!(text.contains("A••• E•••") && text.contains("203.0.•.•"));
    }

    #[test]
    fn a_revealed_person_is_shown_whole() {
        let text = format!("{:?}", person(&contact(), true));
        for value in
            ["Ann Example", "+4915112345678", "ann@example.com", "203.0.113.9", "Long Street 5", "meta.pet", "cat"]
        {
            assert!(text.contains(value), "{value}: {text}");
        }
        assert!(person(&Contact::default(), true).is_empty());
        assert_eq!(mask_ip("2001:db8:1::5"), "2001:db8:•••");
    }
}
