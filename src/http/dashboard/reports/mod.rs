//! `/reports`: leads and money, grouped by what one likes, as a table, a chart and a file.

mod chart;
mod export;
mod figures;
mod funnel;
mod page;
pub mod quality;
mod question;

use axum::Router;
use axum::routing::get;

use crate::app::App;

/// Where it is.
const PATH: &str = "/reports";

/// The routes.
pub fn router() -> Router<App> {
    Router::new()
        .route(PATH, get(page::show))
        .route("/reports/export.csv", get(export::csv))
        .route("/reports/export.xlsx", get(export::xlsx))
}
