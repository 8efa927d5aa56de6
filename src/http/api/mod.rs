//! The JSON API under `/api/v1`, one file per resource.

pub mod again;
pub mod amount;
pub mod deliveries;
pub mod docs;
pub mod filters;
pub mod flows;
pub mod health;
pub mod imports;
pub mod inbound_postbacks;
pub mod input;
pub mod integrations;
pub mod lead_schema;
pub mod leads;
pub mod list;
pub mod network_test;
pub mod networks;
pub mod offers;
pub mod openapi;
mod openapi_patches;
pub mod plans;
pub mod polls;
pub mod postback_deliveries;
pub mod postbacks;
pub mod problems;
pub mod records;
pub mod resource;
pub mod route_input;
pub mod routes;
pub mod stats;
#[cfg(test)]
pub mod test_app;
pub mod token_issue;
pub mod tokens;
pub mod unmapped_statuses;
pub mod users;
pub mod webmasters;
