//! The JSON API under `/api/v1`.

pub mod deliveries;
pub mod filters;
pub mod inbound_postbacks;
pub mod input;
pub mod integrations;
pub mod networks;
pub mod postback_deliveries;
pub mod postbacks;
pub mod resource;
#[cfg(test)]
mod test_app;
pub mod unmapped_statuses;
