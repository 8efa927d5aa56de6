//! The webmaster's portal: what he sent, what came of it, what he is owed, and how he connects. Every page shows his own
//! things only; the network that has a lead, and what it pays, are nowhere.

mod account;
mod api;
mod calls;
mod enter;
mod join;
mod lead;
mod leads;
mod macros;
mod offers;
mod pace;
#[cfg(test)]
mod pages_tests;
pub mod places;
mod postback;
mod postback_form;
mod postbacks;
mod samples;
mod stats;
mod today;
mod tokens;
mod try_it;

use axum::Router;
use axum::routing::{get, post};
use uuid::Uuid;

use super::dashboard::account::{second_factor, sessions};
use super::dashboard::list;
use super::error::Error;
use super::principal::Principal;
use crate::app::App;

/// The pages.
pub fn router() -> Router<App> {
    Router::new()
        .route("/portal/enter/{token}", get(enter::enter))
        .route("/portal/join/{token}", get(join::show).post(join::join))
        .route("/portal", get(today::show))
        .merge(list::router::<leads::Leads>())
        .route("/portal/leads/{id}", get(lead::show))
        .route("/portal/leads/{id}/resend", post(lead::resend))
        .route("/portal/stats", get(stats::show))
        .route("/portal/offers", get(offers::show))
        .route("/portal/flows", post(offers::add_flow))
        .route("/portal/postbacks", get(postbacks::show).post(postbacks::create))
        .route("/portal/postbacks/{id}", get(postback::show).post(postback::update))
        .route("/portal/postbacks/{id}/test", post(postback::test))
        .route("/portal/postbacks/{id}/archive", post(postback::archive))
        .merge(list::router::<calls::Calls>())
        .route("/portal/calls/{id}/resend", post(calls::resend))
        .route("/portal/api", get(api::show))
        .route("/portal/api/token", post(api::issue))
        .route("/portal/api/try", post(try_it::run))
        .route("/portal/tokens", get(tokens::show).post(tokens::issue))
        .route("/portal/tokens/{id}/revoke", post(tokens::revoke))
        .route("/portal/account", get(account::show))
        .route("/portal/account/reading", post(account::set_reading))
        .route("/portal/account/password", post(account::set_password))
        .route("/portal/account/second-factor", get(second_factor::show).post(second_factor::switch_on))
        .route("/portal/account/second-factor/codes", post(second_factor::new_codes))
        .route("/portal/account/second-factor/off", post(second_factor::switch_off))
        .route("/portal/account/sessions/end", post(sessions::end_all))
        .route("/portal/account/sessions/{id}/end", post(sessions::end_one))
}

/// Whose portal this is.
fn owner(principal: &Principal) -> Result<Uuid, Error> {
    match principal {
        Principal::Partner { webmaster_id, .. } => Ok(*webmaster_id),
        _ => Err(Error::Unauthorized),
    }
}
