//! The pages for people: rendered here, enhanced by a small script, whole without it. Forms post and are answered
//! with a redirect, so that reloading a page never repeats what it did.

mod attention;
mod contact;
pub mod error_pages;
pub mod form;
pub mod format;
#[cfg(test)]
mod html;
pub mod layout;
pub mod lead;
pub mod lead_actions;
pub mod leads;
mod leads_query;
pub mod login;
pub mod networks;
pub mod overview;
#[cfg(test)]
mod pages_tests;
mod redact;
pub mod setup;
mod steps;
mod story;
mod timeline;
mod told;
mod words;

use axum::Router;
use axum::routing::{get, post};

pub use error_pages::error_page;

use crate::app::App;

/// All pages; who may see which stands in `routes::TABLE`.
pub fn router() -> Router<App> {
    Router::new()
        .route("/setup/{token}", get(setup::show).post(setup::create))
        .route("/login", get(login::show).post(login::enter))
        .route("/logout", post(login::leave))
        .route("/", get(overview::show))
        .route("/leads", get(leads::list))
        .route("/leads/{id}", get(lead::show))
        .route("/leads/{id}/redeliver", post(lead_actions::redeliver))
        .route("/leads/{id}/resend-postbacks", post(lead_actions::resend_postbacks))
        .route("/leads/{id}/status", post(lead_actions::set_status))
        .route("/networks", get(networks::list::show))
        .route("/networks/new", get(networks::new::show).post(networks::new::create))
        .route("/networks/{id}", get(networks::show::show).post(networks::show::update))
        .route("/networks/{id}/test", post(networks::test::run))
        .route("/networks/{id}/map", post(networks::act::map))
        .route("/networks/{id}/poll", post(networks::act::poll))
        .route("/networks/{id}/pause", post(networks::act::pause))
        .route("/networks/{id}/resume", post(networks::act::resume))
}
