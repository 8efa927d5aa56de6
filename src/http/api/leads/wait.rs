//! Waiting for the verdict of a lead (`?wait`). Woken by this process, and looking now and then by itself, because
//! another node may deliver.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::view::{DeliveryAnswer, LeadAnswer};
use crate::app::App;
use crate::db;
use crate::domain::status::Status;
use crate::flow::waiters::Waiter;
use crate::http::error::Error;

/// Between looks without a wake-up.
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// Fills in what has become of the lead when a network has accepted it or all have refused, or at the deadline.
pub async fn for_verdict(
    app: &App,
    waiter: &Waiter<'_>,
    lead: &mut LeadAnswer,
    patience: Duration,
) -> Result<(), Error> {
    let deadline = Instant::now() + patience;
    loop {
        let is_decided = look(app, lead).await?;
        if is_decided || Instant::now() >= deadline {
            return Ok(());
        }
        let next_look = deadline.min(Instant::now() + LOOK_EVERY);
        // Woken or not: it is time to look.
        let _ = timeout_at(next_look, waiter.woken()).await;
    }
}

async fn look(app: &App, answer: &mut LeadAnswer) -> Result<bool, Error> {
    let mut conn = app.db.acquire().await?;
    let Some(lead) = db::lead::find_many(&mut conn, &[answer.id]).await?.into_iter().next() else { return Ok(true) };
    let deliveries = db::delivery::of_leads(&mut conn, &[answer.id]).await?;
    drop(conn);
    let sales: Vec<_> = deliveries.iter().filter(|delivery| delivery.purpose == "sale").collect();
    let accepted = sales.iter().find(|delivery| delivery.accepted_at.is_some() && delivery.state == "accepted");
    let shown = accepted.or(sales.last());
    answer.status = lead.status;
    answer.delivery = shown.map(|delivery| DeliveryAnswer::from(*delivery));
    answer.redirect_url = accepted.and_then(|delivery| delivery.redirect_url.clone());
    let all_refused = matches!(lead.status, Status::Rejected | Status::Trash);
    // Without a route there is nobody to wait for.
    let has_nobody = sales.is_empty() && lead.unrouted;
    Ok(accepted.is_some() || all_refused || has_nobody)
}
