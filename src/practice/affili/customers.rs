//! The services API's customers, created, edited and listed.

use chrono::{DateTime, Utc};

use super::call::Call;
use super::customer::Customer;
use super::fields::Fields;
use super::list::{Filters, page};
use super::network::Network;
use super::reply::Reply;
use super::settings::RepeatedCustomer;

/// `POST /services/customers`
pub(super) fn create(network: &mut Network, now: DateTime<Utc>, tag: &str, mut fields: Fields) -> Reply {
    fields.require("referrer");
    fields.require("mcs_id");
    let referrer = fields.text("referrer");
    let publisher = referrer.as_deref().and_then(|referrer| network.account.publisher_of(referrer)).cloned();
    if referrer.is_some() && publisher.is_none() {
        fields.errors.add("referrer", "is unknown");
    }
    let (mcs_id, meta_data) = (fields.own_id("mcs_id"), fields.object("meta_data"));
    let calendar = network.settings.answer_calendar;
    let first = network.customers.iter().find(|customer| Some(&customer.mcs_id) == mcs_id.as_ref());
    if let Some(first) = first {
        match network.settings.repeated_customer {
            RepeatedCustomer::Refused => fields.errors.add("mcs_id", "has already been taken"),
            RepeatedCustomer::ReturnsFirst if fields.errors.is_empty() => return Reply::ok(tag, first.shown(calendar)),
            RepeatedCustomer::ReturnsFirst => {}
        }
    }
    let (Some(referrer), Some(publisher), Some(mcs_id), true) = (referrer, publisher, mcs_id, fields.errors.is_empty())
    else {
        return Reply::invalid(tag, fields.errors);
    };
    let id = network.next_id();
    let customer = Customer { id, mcs_id, meta_data, referrer, publisher, created_at: now, updated_at: now };
    let shown = customer.shown(calendar);
    network.customers.push(customer);
    Reply::created(tag, shown, network.settings.created_is_201)
}

/// `POST /services/customers/{id}`
pub(super) fn edit(network: &mut Network, now: DateTime<Utc>, tag: &str, id: &str, mut fields: Fields) -> Reply {
    let (mcs_id, meta_data) = (fields.own_id("mcs_id"), fields.object("meta_data"));
    let mut others = network.customers.iter().filter(|customer| customer.id != id);
    if others.any(|other| Some(&other.mcs_id) == mcs_id.as_ref()) {
        fields.errors.add("mcs_id", "has already been taken");
    }
    let calendar = network.settings.answer_calendar;
    let Some(customer) = network.customers.iter_mut().find(|customer| customer.id == id) else {
        return Reply::unknown_id(tag);
    };
    if !fields.errors.is_empty() {
        return Reply::invalid(tag, fields.errors);
    }
    if let Some(mcs_id) = mcs_id {
        customer.mcs_id = mcs_id;
    }
    customer.meta_data = meta_data.or_else(|| customer.meta_data.take());
    customer.updated_at = now;
    Reply::ok(tag, customer.shown(calendar))
}

/// `GET /services/customers`
pub(super) fn list(network: &Network, tag: &str, call: &Call) -> Reply {
    let mut filters = Filters::of(call, network.settings.filter_zone);
    let id = filters.text("id");
    let mcs_id = filters.text("mcs_id");
    let publisher_id = filters.whole("publisher_id", 0..=i64::MAX);
    let created = filters.times("created_at");
    let updated = filters.times("updated_at");
    if !filters.errors.is_empty() {
        return Reply::invalid(tag, filters.errors);
    }
    let fits = |customer: &&Customer| {
        id.as_ref().is_none_or(|id| *id == customer.id)
            && mcs_id.as_ref().is_none_or(|mcs_id| *mcs_id == customer.mcs_id)
            && publisher_id.is_none_or(|number| number == customer.publisher.number)
            && created.hold(customer.created_at)
            && updated.hold(customer.updated_at)
    };
    let calendar = network.settings.answer_calendar;
    let rows = network.customers.iter().rev().filter(fits).map(|customer| customer.shown(calendar)).collect();
    Reply::ok(tag, page(rows, call, network.settings.page_size))
}
