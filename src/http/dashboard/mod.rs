//! The pages for people: rendered here, enhanced by a small script, whole without it. Forms post and are answered
//! with a redirect, so that reloading a page never repeats what it did.

pub mod account;
pub mod alerts;
mod attention;
pub mod audit_log;
pub mod chart;
pub mod contact;
mod curl;
pub mod deliveries;
mod erase;
pub mod error_pages;
pub mod fields;
pub mod form;
pub mod format;
mod health;
#[cfg(test)]
pub mod html;
mod imports;
mod in_use;
pub mod inbound;
mod integrations;
pub mod layout;
pub mod lead;
pub mod lead_actions;
mod lead_search;
pub mod leads;
pub mod lines;
pub mod list;
mod live;
pub mod login;
mod login_code;
pub mod networks;
pub mod new_password;
mod offers;
mod once;
mod orphans;
pub mod overview;
#[cfg(test)]
mod pages_tests;
pub mod places;
pub mod postback_calls;
pub mod reader;
mod redact;
pub mod replays;
mod reports;
mod routing;
mod search;
mod settings;
pub mod setup;
mod steps;
mod story;
pub mod texts;
pub mod timeline;
mod today;
mod tokens;
mod told;
pub mod unmapped;
mod users;
mod webmasters;
pub mod words;

use axum::Router;
use axum::routing::{get, post};

use account::{second_factor, sessions};
pub use error_pages::error_page;

use crate::app::App;

/// All pages; who may see which stands in `routes::TABLE`.
pub fn router() -> Router<App> {
    Router::new()
        .route("/setup/{token}", get(setup::show).post(setup::create))
        .route("/login", get(login::show).post(login::enter))
        .route("/login/code", get(login_code::show).post(login_code::enter))
        .route("/logout", post(login::leave))
        .route("/", get(overview::show))
        .route("/search", get(search::show))
        .route("/live", get(live::stream))
        .route("/account", get(account::show))
        .route("/account/reading", post(account::set_reading))
        .route("/account/password", post(account::set_password))
        .route("/account/second-factor", get(second_factor::show).post(second_factor::switch_on))
        .route("/account/second-factor/codes", post(second_factor::new_codes))
        .route("/account/second-factor/off", post(second_factor::switch_off))
        .route("/account/sessions/end", post(sessions::end_all))
        .route("/account/sessions/{id}/end", post(sessions::end_one))
        .route("/language", post(account::set_language))
        .merge(list::router::<leads::Leads>())
        .merge(list::router::<deliveries::Deliveries>())
        .merge(list::router::<inbound::Inbound>())
        .merge(list::router::<postback_calls::PostbackCalls>())
        .merge(list::router::<unmapped::UnmappedWords>())
        .merge(list::router::<audit_log::AuditLog>())
        .merge(imports::router())
        .merge(offers::router())
        .merge(reports::router())
        .merge(routing::router())
        .merge(webmasters::router())
        .merge(alerts::router())
        .route("/health", get(health::show))
        .route("/settings", get(settings::show))
        .merge(users::router())
        .merge(tokens::router())
        .route("/views", post(list::views::keep))
        .route("/views/{id}/forget", post(list::views::forget))
        .route("/deliveries/{id}/retry", post(deliveries::retry))
        .route("/deliveries/{id}/resolve", post(deliveries::decide))
        .route("/inbound/{id}/reprocess", post(inbound::reprocess))
        .route("/postbacks/{id}/resend", post(postback_calls::resend))
        .route("/unmapped/{id}/map", post(unmapped::map))
        .route("/replays/{id}", get(replays::show).post(replays::run))
        .route("/leads/{id}", get(lead::show))
        .route("/leads/{id}/redeliver", post(lead_actions::redeliver))
        .route("/leads/{id}/resend-postbacks", post(lead_actions::resend_postbacks))
        .route("/leads/{id}/status", post(lead_actions::set_status))
        .route("/leads/{id}/erase", get(erase::show).post(erase::run))
        .merge(networks::router())
        .merge(integrations::router())
        .merge(orphans::router())
}
