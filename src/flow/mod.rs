//! Business acts: one file each.

pub mod settings;
