//! The HTTP room: routes, who may call them, and how errors are answered.

pub mod api;
pub mod client_ip;
pub mod error;
pub mod extract;
pub mod principal;
pub mod rights;
pub mod routes;
pub mod session;
pub mod token_use;
