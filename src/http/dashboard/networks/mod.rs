//! `/networks`: how each is doing, pausing one, connecting one, its settings and a test lead. All of it goes
//! through the functions of the API, so that a form and a program are checked, stored and audited alike.

pub mod act;
pub mod list;
pub mod new;
mod settings;
pub mod show;
pub mod test;
