//! Files of statuses and of leads: which fields their columns can be, how headings are recognised, and what a row says.

mod fields;
mod heading;
mod lead;
mod number;
mod report;

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

pub use fields::{Field, fields, is_contact};
pub use heading::guess;
pub use lead::raw_lead;
pub use report::report;

use crate::base::field_error::FieldError;
use crate::domain::status::Status;

/// What a column of one's own is called among the fields: it goes into a lead's `meta` under its heading.
pub const META: &str = "meta";

crate::text_enum! {
    /// What the rows of a file are.
    pub enum Kind {
        /// What a network says of leads that it has.
        Statuses = "statuses",
        /// New leads.
        Leads = "leads",
    }
}

/// Which column is which field, and what holds for all rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Heading of a column: the field that it is. Columns that are not named are left out.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
    /// Status of all rows, for files of statuses without a column of them.
    #[serde(default)]
    pub status: Option<Status>,
    /// Currency of all rows that name none.
    #[serde(default)]
    pub currency: Option<String>,
    /// Phones without `+` begin with the code of their country.
    #[serde(default)]
    pub international_phone: bool,
}

impl Mapping {
    /// The field of a column.
    pub fn field(&self, head: &str) -> Option<&str> {
        self.columns.get(head).map(String::as_str)
    }

    /// Whether a column is this field.
    pub fn has(&self, field: &str) -> bool {
        self.columns.values().any(|known| known == field)
    }

    /// What of it makes sense for a file with these headings.
    pub fn of_heads(mut self, heads: &[String]) -> Self {
        self.columns.retain(|head, _| heads.contains(head));
        self
    }

    /// What is wrong with it. `has_network`: one network's leads are meant.
    pub fn check(&self, kind: Kind, heads: &[String], has_network: bool) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut seen: HashMap<&str, &str> = HashMap::new();
        for (head, field) in &self.columns {
            if !heads.contains(head) {
                errors.push(FieldError::new("columns", "unknown", format!("the file has no column {head:?}")));
            }
            let is_known = fields(kind).iter().any(|known| known.name == field);
            if !is_known {
                errors.push(FieldError::new("columns", "unknown", format!("{field} is not a field of {kind}")));
            }
            if field != META
                && let Some(other) = seen.insert(field, head)
            {
                errors.push(FieldError::invalid("columns", format!("{other:?} and {head:?} are both {field}")));
            }
        }
        if self.currency.as_deref().is_some_and(|code| !crate::base::money::is_currency(code)) {
            errors.push(FieldError::invalid("currency", "must be an ISO 4217 code such as USD"));
        }
        match kind {
            Kind::Statuses => {
                if !(self.has("lead") || has_network && self.has("external_id")) {
                    let what = if has_network { "our lead, or the network’s id of it" } else { "our lead" };
                    errors.push(FieldError::new("columns", "required", format!("a column must be {what}")));
                }
                if !self.has("status") && self.status.is_none() {
                    errors.push(FieldError::new(
                        "status",
                        "required",
                        "a column must be the status, or one is chosen for all rows",
                    ));
                }
                if self.status == Some(Status::New) {
                    errors.push(FieldError::invalid("status", "a lead cannot be made new again"));
                }
            }
            Kind::Leads if self.columns.is_empty() => {
                errors.push(FieldError::required("columns"));
            }
            Kind::Leads => {}
        }
        errors
    }

    /// The cells of a row by their fields; empty ones are left out. Columns of one's own are `meta[heading]`.
    pub fn read<'a>(&'a self, heads: &'a [String], cells: &'a [String]) -> Vec<(String, &'a str)> {
        let given = heads.iter().zip(cells).filter(|(_, cell)| !cell.is_empty());
        let named = given.filter_map(|(head, cell)| {
            let name = match self.field(head)? {
                META => format!("{META}[{head}]"),
                field => field.to_owned(),
            };
            Some((name, cell.as_str()))
        });
        named.collect()
    }
}

#[cfg(test)]
mod tests;
