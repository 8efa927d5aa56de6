//! Everything that leaves the house, over HTTP or by e-mail: one client behind one address guard, signatures for
//! postbacks, and the masked record of each exchange. Nothing else in the project may open an outgoing connection.
//!
//! What must stay true: an address is judged after its name is resolved and the very address judged is the one
//! connected to; a request leaves at most once per call; an answer never costs more memory than its limit.

pub mod address;
pub mod client;
mod failure;
mod flight;
pub mod guard;
pub mod mail;
mod mask;
pub mod record;
pub mod resolve;
pub mod sign;

#[cfg(test)]
mod tests;

pub use client::{CallOptions, Client, Limits, Reuse};
pub use guard::{Policy, Refusal, check_url};
