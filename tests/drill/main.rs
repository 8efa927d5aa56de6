//! Drills: the real program under trouble, with counting networks that drop no repeats, a webmaster who is told, and a
//! real load. After each the balance must balance: received = delivered + refused + waiting + in review.
//!
//! The short form runs with all tests; `make drill` runs the long one. See docs/RELIABILITY.md.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a drill may stop where it is, and prints its balance"
)]
// The rig is made for the benchmarks as well.
#![expect(dead_code, reason = "the drills use a part of the rig")]

#[path = "../rig/mod.rs"]
mod rig;

mod clock;
mod crowd;
mod database_way;
mod flood;
mod form;
mod inside;
mod kills;
mod log;
mod metrics;
mod partner;
mod scene;
mod several;
mod starved;
mod stop;
