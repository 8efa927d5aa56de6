//! The rules of the trade as functions without I/O, clock or randomness.

pub mod alert;
pub mod cap;
pub mod dedupe;
pub mod import;
pub mod lead;
pub mod macros;
pub mod outcome;
pub mod params;
pub mod polling;
pub mod report;
pub mod retry;
pub mod routing;
pub mod rules;
pub mod stats;
pub mod status;
