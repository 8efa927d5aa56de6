//! Alerts without I/O: which kinds there are, when one opens and is over, and when what is to be told may be told.

pub mod facts;
pub mod kind;
#[cfg(test)]
mod law_tests;
pub mod pace;
pub mod quiet;
pub mod rule;
pub mod tell;
pub mod watch;

pub use facts::{Facts, Named};
pub use kind::{Kind, Threshold, What};
pub use rule::{Rule, Rules};
