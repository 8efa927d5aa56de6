//! Running it: settings, the private cluster, the schema.

mod cluster;
mod config;
mod crash;
mod house;
mod listener;
mod schema;
