//! leadrelay: a self-hosted lead-routing and postback server. docs/ARCHITECTURE.md draws the house.

pub mod adapters;
pub mod app;
pub mod base;
pub mod config;
pub mod db;
pub mod domain;
pub mod flow;
pub mod http;
pub mod lifecycle;
pub mod net;
pub mod postgres;
pub mod queue;
pub mod telemetry;
