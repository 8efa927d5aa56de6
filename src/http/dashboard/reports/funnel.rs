//! How far the leads of a report have got, from those that came to those that are approved.

use rust_decimal::Decimal;

use super::figures;
use crate::domain::stats::{Counts, rate};
use crate::http::dashboard::texts::say;

/// One step: how many leads stand or have passed there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) label: String,
    pub(super) leads: i64,
    /// Of a hundred that came.
    pub(super) share: Decimal,
    /// Of its bar: `accent`, `warn`, `ok`, `bad` or `quiet`.
    pub(super) tone: &'static str,
}

/// The steps; none where no lead came.
pub(super) fn steps(total: &Counts) -> Vec<Step> {
    let title = |name| figures::named(name).map(|figure| figure.title().to_string()).unwrap_or_default();
    let all = [
        (title("leads"), total.leads, "accent"),
        (title("delivered"), total.delivered, "accent"),
        (say("report-funnel-hold").into(), total.hold, "warn"),
        (title("approved"), total.approved, "ok"),
        (title("rejected"), total.rejected, "bad"),
        (title("trash"), total.trash, "quiet"),
    ];
    let step = |(label, leads, tone)| Some(Step { label, leads, share: rate(leads, total.leads)?, tone });
    all.into_iter().filter_map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_is_a_share_of_what_came() {
        let total = Counts { leads: 8, delivered: 6, hold: 1, approved: 3, ..Counts::default() };
        let shares: Vec<String> = steps(&total).iter().map(|step| step.share.to_string()).collect();
        assert_eq!(shares, ["100.0", "75.0", "12.5", "37.5", "0.0", "0.0"]);
        assert_eq!(steps(&Counts::default()), []);
    }
}
