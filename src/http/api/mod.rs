//! The JSON API under `/api/v1`.

pub mod deliveries;
pub mod filters;
pub mod inbound_postbacks;
pub mod integrations;
pub mod networks;
pub mod postback_deliveries;
pub mod postbacks;
pub mod resource;
pub mod unmapped_statuses;
#[cfg(test)]
mod test_app;
