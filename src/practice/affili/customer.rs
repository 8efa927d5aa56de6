//! A customer of the services API: a registered user, kept so that a later purchase still pays the publisher.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::account::Publisher;
use super::calendar::answer_text;
use super::settings::Calendar;

/// A stored customer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Customer {
    /// Affili's id, which conversions quote as `customer_id`.
    pub id: String,
    /// The merchant's id.
    pub mcs_id: String,
    /// Names, phone, e-mail and whatever else was given.
    pub meta_data: Option<Value>,
    /// The visit that brought the customer.
    pub referrer: String,
    /// Who earns the customer's purchases.
    pub publisher: Publisher,
    /// To the second.
    pub created_at: DateTime<Utc>,
    /// To the second.
    pub updated_at: DateTime<Utc>,
}

impl Customer {
    /// As every customer call shows it.
    pub(super) fn shown(&self, calendar: Calendar) -> Value {
        json!({
            "id": self.id,
            "mcs_id": self.mcs_id,
            "meta_data": self.meta_data,
            "created_at": answer_text(self.created_at, calendar),
            "updated_at": answer_text(self.updated_at, calendar),
            "publisher": { "id": self.publisher.number, "full_name": self.publisher.name },
        })
    }
}
