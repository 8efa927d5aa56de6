//! The services API's conversions, created and updated. There is no call to read them here.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::conversion::{APPROVED, Conversion, DUPLICATED, Kind, Line, PENDING};
use super::fields::Fields;
use super::merchants::closed;
use super::network::Network;
use super::reply::Reply;
use super::settings::RepeatedOrder;

/// `POST /services/conversions`
pub(super) fn create(network: &mut Network, now: DateTime<Utc>, tag: &str, mut fields: Fields) -> Reply {
    fields.require("type");
    // `buy` is the word of the merchants' API: whoever sends it here mixes the two.
    let kind = fields.kind(Kind::of_services, "must be one of sale, lead");
    if kind == Some(Kind::Buy) {
        fields.require("order_id");
        fields.require("amount");
    }
    let referrer = fields.text("referrer");
    let by_referrer = referrer.as_deref().and_then(|referrer| network.account.publisher_of(referrer)).cloned();
    if referrer.is_some() && by_referrer.is_none() {
        fields.errors.add("referrer", "is unknown");
    }
    let customer_id = fields.text("customer_id");
    let customer = network.customers.iter().find(|customer| Some(&customer.id) == customer_id.as_ref());
    let by_customer = customer.map(|customer| customer.publisher.clone());
    if customer_id.is_some() && by_customer.is_none() {
        fields.errors.add("customer_id", "is unknown");
    }
    if !fields.has("referrer") && !fields.has("customer_id") {
        fields.errors.add("referrer", "field is required when there is no customer_id");
    }
    let order_id = fields.own_id("order_id");
    let amount = fields.amount("amount").unwrap_or_default();
    let (coupon, meta_data) = (fields.text("coupon"), fields.object("meta_data"));
    let products = fields.objects("products").map(|products| products.into_iter().map(Value::Object).collect());
    let is_repeated = order_id.as_deref().is_some_and(|id| network.has_external_id(id, None));
    if is_repeated && network.settings.repeated_order == RepeatedOrder::Refused {
        fields.errors.add("order_id", "has already been taken");
    }
    // A fresh visit says more than where the customer once came from.
    let publisher = by_referrer.or(by_customer);
    let (Some(kind), Some(publisher), true) = (kind, publisher, fields.errors.is_empty()) else {
        return Reply::invalid(tag, fields.errors);
    };
    let sub_amount = if kind == Kind::Buy { amount } else { 0 };
    let line = network.account.first_commission(kind).map(|commission| Line::of(commission, sub_amount));
    let first_status = if network.settings.services_start_approved { APPROVED } else { PENDING };
    let mut conversion = Conversion {
        external_id: order_id,
        status: if is_repeated { DUPLICATED } else { first_status },
        referrer,
        customer_id,
        amount,
        lines: line.into_iter().collect(),
        coupon,
        meta_data,
        products,
        ..Conversion::begun(network.next_id(), kind, publisher, now)
    };
    conversion.reckon(&network.account);
    let data = json!({ "id": conversion.id });
    network.conversions.push(conversion);
    Reply::created(tag, data, network.settings.created_is_201)
}

/// `POST /services/conversions/{id}`
pub(super) fn update(network: &mut Network, now: DateTime<Utc>, tag: &str, id: &str, mut fields: Fields) -> Reply {
    let Some(conversion) = network.conversion(id) else {
        return Reply::unknown_id(tag);
    };
    if conversion.is_closed {
        return closed(network, tag);
    }
    fields.require("status");
    let Some(status) = fields.status() else {
        return Reply::invalid(tag, fields.errors);
    };
    conversion.status = status;
    conversion.updated_at = now;
    Reply::ok(tag, json!({ "id": id }))
}
