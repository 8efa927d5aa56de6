//! The pages in a real browser: what a person sees, types and is told. The server runs in the test's own process, on a
//! real PostgreSQL, with the sandbox as its network; Chromium is driven through `chromedriver`.
//!
//! Each test costs a browser, so each is a whole scenario. docs/DASHBOARD.md says how a screen comes under them.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop where it is; clippy.toml allows it in test functions only, and the kit is more than those"
)]
// The kit is made for more tests than these.
#![expect(dead_code, reason = "the browser uses a part of the kit")]

#[path = "../it/kit/mod.rs"]
mod kit;

mod access;
mod age;
mod axe;
mod browser;
mod doors;
mod driver;
mod first_run;
mod forms;
mod imports;
mod keyboard;
mod leads;
mod lists;
mod live;
mod networks;
mod page;
mod portal;
mod process;
mod program;
mod reports;
mod routing;
mod sample;
mod screens;
mod screenshots;
mod strangers;
mod walk;
mod without_script;
