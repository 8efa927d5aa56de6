//! The HTTP room: routes, who may call them, and how errors are answered.

pub mod altercpa;
pub mod api;
pub mod assets;
pub mod client_ip;
pub mod dashboard;
pub mod error;
pub mod extract;
pub mod inbound;
pub mod layers;
pub mod listener;
pub mod password;
pub mod portal;
pub mod principal;
pub mod rights;
pub mod router;
#[cfg(test)]
mod router_tests;
pub mod routes;
pub mod second_factor;
pub mod session;
pub mod token_use;
pub mod tries;
