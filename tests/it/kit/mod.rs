//! What tests are made with.

pub mod app;
pub mod cluster;
pub mod database;
pub mod fake;
pub mod partner;
pub mod smtp;
