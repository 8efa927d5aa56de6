//! All tests that need a database, a process or a socket: one binary. `kit` is what they are made with.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop where it is; clippy.toml allows it in test functions only, and the kit is more than those"
)]

mod altercpa;
mod delivery;
mod http;
mod intake;
mod kit;
mod networks;
mod ops;
mod pages;
mod polls;
mod postbacks;
mod queue;
mod stats;
mod status;
mod tell;
