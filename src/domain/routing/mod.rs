//! Where a lead goes: the routes of its offer are judged in order, and every one of them gets a line in the trace
//! that says why it was or was not taken. Equal input gives an equal decision, on every node and after every crash.

mod choose;
pub mod plan;
mod rule;
mod schedule;
pub mod simulate;
mod trace;

pub use choose::{Decision, Subject, Tried, Why, choose};
pub use schedule::{is_open, next_opening};
pub use trace::{Line, Trace, Verdict};

#[cfg(test)]
mod tests;
