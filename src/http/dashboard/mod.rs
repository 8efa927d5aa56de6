//! The pages for people: rendered here, enhanced by a small script, whole without it. Forms post and are answered
//! with a redirect, so that reloading a page never repeats what it did.

pub mod format;
pub mod layout;
pub mod error_pages;

pub use error_pages::error_page;
