//! The laws of the queue, on a real PostgreSQL.

mod claim;
mod database;
mod express;
mod lanes;
mod runner;
mod schedule;
mod settle;
mod wake;
