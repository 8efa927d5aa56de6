//! The HTTP room.

pub mod error;
