//! What tests are made with.

pub mod cluster;
pub mod database;
