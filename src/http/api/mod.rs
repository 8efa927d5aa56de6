//! The JSON API under `/api/v1`.

pub mod amount;
pub mod docs;
pub mod flows;
pub mod health;
pub mod input;
pub mod list;
pub mod offers;
pub mod openapi;
mod openapi_patches;
pub mod problems;
pub mod resource;
pub mod route_input;
pub mod routes;
pub mod token_issue;
pub mod tokens;
pub mod users;
pub mod webmasters;
