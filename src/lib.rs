//! leadrelay: a self-hosted lead-routing and postback server. docs/ARCHITECTURE.md draws the house.
//!
//! The rooms, from the ground up: `base` and `domain` know no I/O; `adapters` build requests and judge answers without
//! I/O; `db` and `queue` hold all SQL; `net` is the one way out; `flow` does the business acts; `http` answers;
//! `app`, `workers` and `cli` put it together. tests/rules.rs holds who may import whom.

// The tests' kit names the library from outside, also where it is used from inside.
#[cfg(test)]
extern crate self as leadrelay;

pub mod adapters;
pub mod app;
pub mod base;
pub mod cli;
pub mod config;
pub mod db;
pub mod domain;
pub mod flow;
pub mod http;
pub mod lifecycle;
pub mod net;
pub mod postgres;
pub mod practice;
pub mod queue;
pub mod telemetry;
pub mod workers;
