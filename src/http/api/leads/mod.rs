//! Leads: taken, read, listed in the order of their changes, changed, and acted on.

mod actions;
mod batch;
mod change;
mod intake;
mod read;
mod view;
mod wait;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub use intake::{Answered, Asked, take};
pub use view::{LeadAnswer, LeadView};

/// The operations on leads.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(read::index, intake::create))
        .routes(routes!(batch::create_batch))
        .routes(routes!(read::show, change::update))
        .routes(routes!(actions::timeline))
        .routes(routes!(actions::set_status))
        .routes(routes!(actions::redeliver))
        .routes(routes!(actions::resend_postbacks))
        .routes(routes!(actions::erase))
}
