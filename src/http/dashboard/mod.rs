//! The pages for people: rendered here, enhanced by a small script, whole without it. Forms post and are answered
//! with a redirect, so that reloading a page never repeats what it did.

mod attention;
mod contact;
pub mod error_pages;
pub mod format;
#[cfg(test)]
mod html;
pub mod layout;
pub mod lead;
pub mod lead_actions;
pub mod leads;
mod leads_query;
pub mod overview;
mod redact;
mod steps;
mod story;
mod timeline;
mod words;

pub use error_pages::error_page;
