//! Running it: settings, the private cluster, the schema.

mod cluster;
mod config;
mod crash;
mod docs;
mod house;
mod listener;
mod plans;
mod schema;
