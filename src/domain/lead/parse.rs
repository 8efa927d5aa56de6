//! A raw lead made valid, or every complaint about it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::NewLead;
use super::limits::{self, Text};
use super::raw::RawLead;
use super::read::{self, Reader};
use crate::base::field_error::FieldError;
use crate::base::phone::{self, Reading};
use crate::base::text;
use crate::domain::rules::Offer;

/// What a lead is judged by.
#[derive(Clone, Copy, Debug)]
pub struct ParseCx<'a> {
    /// The offer the caller found.
    pub offer: &'a Offer,
    /// An admin may name the webmaster; from anybody else that field is just one of their own.
    pub is_admin: bool,
    /// Digits without `+` are an international number (the AlterCPA calls).
    pub international_phone: bool,
}

/// Makes a valid lead. `offer`, `flow` and (an admin's) `webmaster` are taken out by the caller before; what is
/// left of them is dropped.
pub fn parse(raw: RawLead, cx: &ParseCx<'_>) -> Result<NewLead, Vec<FieldError>> {
    let mut fields = Reader::new(raw);
    for name in limits::ADDRESSING {
        if cx.is_admin || name != "webmaster" {
            fields.raw.take(name);
        }
    }
    let mut lead = NewLead {
        offer_id: cx.offer.offer_id,
        flow_id: None,
        external_id: fields.text(limits::EXTERNAL_ID),
        name: fields.text(limits::NAME),
        first_name: fields.text(limits::FIRST_NAME),
        last_name: fields.text(limits::LAST_NAME),
        phone: None,
        email: fields.email(),
        country: fields.country(),
        ip: fields.ip(),
        user_agent: fields.text(limits::USER_AGENT),
        referer: fields.text(limits::REFERER),
        landing_url: fields.text(limits::LANDING_URL),
        language: fields.text(limits::LANGUAGE),
        city: fields.text(limits::CITY),
        region: fields.text(limits::REGION),
        zip: fields.text(limits::ZIP),
        address: fields.text(limits::ADDRESS),
        click_id: fields.text(limits::CLICK_ID),
        goal: fields.text(limits::GOAL),
        price: fields.price(),
        currency: fields.currency(),
        quantity: fields.quantity(),
        comment: fields.text(limits::COMMENT),
        test: fields.test().unwrap_or(false),
        tags: tags(&mut fields),
        meta: fields.meta(),
    };
    read_phone(&mut fields, &mut lead, cx);
    lead.name = lead.name.take().or_else(|| full_name(&lead));
    check_goal(&mut fields, &lead, cx.offer);
    if let Some(country) = &lead.country
        && let Err(err) = check_country(cx.offer, country)
    {
        fields.errors.push(err);
    }
    // What is left is the webmaster's own; a key named in `meta` itself comes before a loose field.
    let mut meta = std::mem::take(&mut lead.meta);
    for (name, value) in std::mem::take(&mut fields.raw).into_fields() {
        if !meta.contains_key(&name) {
            meta.insert(name, value);
        }
    }
    meta.retain(|_, value| !read::is_absent(value));
    lead.meta = fields.check_meta(meta);
    // A text of nothing but refused characters is none either.
    lead.meta.retain(|_, value| !read::is_absent(value));
    check_required(&mut fields, &lead, cx.offer);
    if fields.errors.is_empty() { Ok(lead) } else { Err(fields.errors) }
}

/// Whether the offer takes leads from this country; for callers that learn the country after [`parse`].
pub fn check_country(offer: &Offer, country: &str) -> Result<(), FieldError> {
    if offer.countries.is_empty() || offer.countries.iter().any(|taken| taken == country) {
        return Ok(());
    }
    Err(FieldError::new("country", "country_not_allowed", "is not a country of this offer"))
}

/// The phone, by the country given, else the offer's only one; it lends its country to a lead without.
fn read_phone(fields: &mut Reader, lead: &mut NewLead, cx: &ParseCx<'_>) {
    let Some(raw) = fields.text(limits::PHONE) else { return };
    let home = lead.country.as_deref().or(match cx.offer.countries.as_slice() {
        [only] => Some(only.as_str()),
        _ => None,
    });
    let reading = if cx.international_phone { Reading::International } else { Reading::National };
    match phone::parse_as(&raw, home, reading) {
        Ok(phone) => {
            lead.phone = Some(phone.e164);
            // A country that was given and refused must not be replaced: the complaint about it stands alone.
            if lead.country.is_none() && !fields.errors.iter().any(|err| err.field == "country") {
                lead.country = phone.country;
            }
        }
        Err(err) => fields.refuse("phone", "invalid", err.to_string()),
    }
}

fn full_name(lead: &NewLead) -> Option<String> {
    let parts = [lead.first_name.as_deref(), lead.last_name.as_deref()];
    let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    // One that is too long is not made: nobody would take it, and nobody gave it.
    (!name.is_empty() && !text::is_longer(&name, limits::NAME.max)).then_some(name)
}

fn tags(fields: &mut Reader) -> BTreeMap<String, String> {
    let read = |name| Some((str::to_owned(name), fields.text(Text { name, max: limits::TAG, has_lines: false })?));
    limits::TAGS.into_iter().filter_map(read).collect()
}

fn check_goal(fields: &mut Reader, lead: &NewLead, offer: &Offer) {
    let Some(goal) = &lead.goal else { return };
    if !offer.goals.is_empty() && !offer.goals.iter().any(|known| known.slug == *goal) {
        fields.refuse("goal", "unknown", "is not a goal of this offer");
    }
}

fn check_required(fields: &mut Reader, lead: &NewLead, offer: &Offer) {
    for name in &offer.required_fields {
        // A field that was given and refused is not missing.
        if !is_given(lead, name) && !fields.errors.iter().any(|err| err.field == *name) {
            fields.errors.push(FieldError::required(name.as_str()));
        }
    }
}

/// Whether the lead has a field of this name, as an offer's `required_fields` write it.
fn is_given(lead: &NewLead, name: &str) -> bool {
    match name {
        "external_id" => lead.external_id.is_some(),
        "name" => lead.name.is_some(),
        "first_name" => lead.first_name.is_some(),
        "last_name" => lead.last_name.is_some(),
        "phone" => lead.phone.is_some(),
        "email" => lead.email.is_some(),
        "country" => lead.country.is_some(),
        "ip" => lead.ip.is_some(),
        "user_agent" => lead.user_agent.is_some(),
        "referer" => lead.referer.is_some(),
        "landing_url" => lead.landing_url.is_some(),
        "language" => lead.language.is_some(),
        "city" => lead.city.is_some(),
        "region" => lead.region.is_some(),
        "zip" => lead.zip.is_some(),
        "address" => lead.address.is_some(),
        "click_id" => lead.click_id.is_some(),
        "goal" => lead.goal.is_some(),
        "price" => lead.price.is_some(),
        "currency" => lead.currency.is_some(),
        "quantity" => lead.quantity.is_some(),
        "comment" => lead.comment.is_some(),
        // Known to the intake before parsing, or never missing.
        "offer" | "flow" | "webmaster" | "test" => true,
        "meta" => !lead.meta.is_empty(),
        other => {
            lead.tags.contains_key(other)
                || lead
                    .meta
                    .get(other.strip_prefix("meta.").unwrap_or(other))
                    .is_some_and(|value: &Value| !value.is_null())
        }
    }
}
