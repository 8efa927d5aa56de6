//! The rules of the trade as functions without I/O, clock or randomness.

pub mod macros;
pub mod outcome;
pub mod report;
pub mod rules;
pub mod status;
