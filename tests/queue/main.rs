//! The laws of the queue, on a real PostgreSQL.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "the words around the tests are tests too")]

mod claim;
mod database;
mod lanes;
mod runner;
mod schedule;
mod settle;
mod wake;
