//! The merchants' API of 2020: `set-cookie`, and conversions created, found and updated.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::conversion::{Conversion, DUPLICATED, Kind, Line, PENDING};
use super::fields::Fields;
use super::network::Network;
use super::reply::{Errors, Reply};
use super::settings::RepeatedOrder;

const TYPES: &str = "must be one of buy, lead, click";

/// `POST /api/merchants/set-cookie`
pub(super) fn set_cookie(network: &mut Network, now: DateTime<Utc>, tag: &str, mut fields: Fields) -> Reply {
    fields.require("referrer");
    let referrer = fields.text("referrer");
    let Some(referrer) = referrer.filter(|_| fields.errors.is_empty()) else {
        return Reply::invalid(tag, fields.errors);
    };
    if network.account.publisher_of(&referrer).is_none() {
        let status = if network.settings.unknown_referrer_is_404 { 404 } else { 422 };
        return Reply::error(status, tag, Errors::of("referrer", "is unknown"));
    }
    let token = network.issue_token(&referrer, now);
    let valid_days = network.settings.token_valid_days;
    Reply::ok(tag, json!({ "token": token, "valid_days": valid_days, "delete_cookie": 1 }))
}

/// `POST /api/merchants/conversions`
pub(super) fn create(network: &mut Network, now: DateTime<Utc>, tag: &str, mut fields: Fields) -> Reply {
    for name in ["type", "referrer", "aff_id", "token"] {
        fields.require(name);
    }
    let kind = fields.kind(Kind::of_merchants, TYPES);
    if kind == Some(Kind::Buy) {
        for name in ["external_id", "amount", "commissions"] {
            fields.require(name);
        }
    }
    let referrer = fields.text("referrer");
    let publisher = referrer.as_deref().and_then(|referrer| network.account.publisher_of(referrer)).cloned();
    if referrer.is_some() && publisher.is_none() {
        fields.errors.add("referrer", "is unknown");
    }
    let aff_id = fields.text("aff_id");
    if let (Some(publisher), Some(aff_id)) = (&publisher, aff_id)
        && publisher.aff_id != aff_id
    {
        fields.errors.add("aff_id", "does not belong to the referrer");
    }
    if let Some(token) = fields.text("token") {
        match network.tokens.get(&token) {
            Some(known) if Some(&known.referrer) != referrer.as_ref() => {
                fields.errors.add("token", "belongs to another referrer");
            }
            Some(known) if known.expires_at <= now => fields.errors.add("token", "is expired"),
            Some(_) => {}
            None => fields.errors.add("token", "is unknown"),
        }
    }
    let external_id = fields.own_id("external_id");
    let amount = fields.amount("amount").unwrap_or_default();
    let lines = match kind {
        Some(Kind::Lead) => lead_line(network, &mut fields),
        Some(Kind::Buy) => fields.lines(&network.account, Kind::Buy).unwrap_or_default(),
        Some(Kind::Click) | None => Vec::new(),
    };
    if kind == Some(Kind::Buy) && network.settings.commission_sum_checked {
        check_sum(&mut fields, amount, &lines);
    }
    let (coupon, meta_data) = (fields.text("coupon"), fields.object("meta_data"));
    let is_repeated = external_id.as_deref().is_some_and(|id| network.has_external_id(id, None));
    if is_repeated && network.settings.repeated_order == RepeatedOrder::Refused {
        fields.errors.add("external_id", "has already been taken");
    }
    let (Some(kind), Some(publisher), true) = (kind, publisher, fields.errors.is_empty()) else {
        return Reply::invalid(tag, fields.errors);
    };
    let mut conversion = Conversion {
        external_id,
        status: if is_repeated { DUPLICATED } else { PENDING },
        referrer,
        amount,
        lines,
        coupon,
        meta_data,
        ..Conversion::begun(network.next_id(), kind, publisher, now)
    };
    conversion.reckon(&network.account);
    let receipt = conversion.receipt();
    network.conversions.push(conversion);
    Reply::created(tag, receipt, network.settings.created_is_201)
}

/// `GET /api/merchants/conversions/{id}`
pub(super) fn find(network: &mut Network, tag: &str, id: &str) -> Reply {
    let calendar = network.settings.answer_calendar;
    match network.conversion(id) {
        Some(conversion) => Reply::ok(tag, conversion.shown(calendar)),
        None => Reply::unknown_id(tag),
    }
}

/// `POST /api/merchants/conversions/{id}`
pub(super) fn update(network: &mut Network, now: DateTime<Utc>, tag: &str, id: &str, mut fields: Fields) -> Reply {
    let Some(mut conversion) = network.conversion(id).cloned() else {
        return Reply::unknown_id(tag);
    };
    if conversion.is_closed {
        return closed(network, tag);
    }
    let status = fields.status();
    conversion.status = status.unwrap_or(conversion.status);
    conversion.kind = fields.kind(Kind::of_merchants, TYPES).unwrap_or(conversion.kind);
    if let Some(external_id) = fields.own_id("external_id") {
        if network.has_external_id(&external_id, Some(id)) {
            fields.errors.add("external_id", "has already been taken");
        }
        conversion.external_id = Some(external_id);
    }
    if fields.has("amount") {
        fields.require("commissions");
    }
    conversion.amount = fields.amount("amount").unwrap_or(conversion.amount);
    if let Some(lines) = fields.lines(&network.account, conversion.kind) {
        if conversion.kind == Kind::Buy && network.settings.commission_sum_checked {
            check_sum(&mut fields, conversion.amount, &lines);
        }
        conversion.lines = lines;
        conversion.reckon(&network.account);
    }
    if !fields.errors.is_empty() {
        return Reply::invalid(tag, fields.errors);
    }
    conversion.updated_at = now;
    let receipt = conversion.receipt();
    if let Some(stored) = network.conversion(id) {
        *stored = conversion;
    }
    Reply::ok(tag, receipt)
}

/// The refusal of an update of a closed conversion.
pub(super) fn closed(network: &Network, tag: &str) -> Reply {
    let status = if network.settings.closed_is_409 { 409 } else { 422 };
    Reply::error(status, tag, Errors::of("is_closed", "flag is set: this conversion cannot be changed"))
}

/// A lead quotes its commission by `name`, and its whole amount is none.
fn lead_line(network: &Network, fields: &mut Fields) -> Vec<Line> {
    fields.require("name");
    let Some(name) = fields.text("name") else { return Vec::new() };
    let Some(commission) = network.account.commission(Kind::Lead, &name) else {
        fields.errors.add("name", "is no lead commission of this account");
        return Vec::new();
    };
    vec![Line::of(commission, 0)]
}

fn check_sum(fields: &mut Fields, amount: i64, lines: &[Line]) {
    let sum = lines.iter().map(|line| line.sub_amount).fold(0, i64::saturating_add);
    if sum != amount && fields.errors.is_empty() {
        fields.errors.add("commissions", "must sum up to the amount");
    }
}
