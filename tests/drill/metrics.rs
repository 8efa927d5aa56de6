//! The metrics after the trouble: they add up to the balance and hold nothing personal.

use crate::rig::balance::Balance;

/// Sum of a figure over all processes, with these labels.
pub fn sum(figures: &[String], name: &str, label: &str) -> f64 {
    figures
        .iter()
        .flat_map(|text| text.lines())
        .filter(|line| line.split(['{', ' ']).next() == Some(name) && line.contains(label))
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .sum()
}

/// Gives what does not fit. `has_losses`: a process died, or a commit's answer was lost.
pub fn read(figures: &[String], balance: &Balance, secrets: &[String], has_losses: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut fits = |what: &str, told: f64, is: usize, may_be_more: bool| {
        #[expect(clippy::cast_precision_loss, reason = "counts")]
        let is = is as f64;
        if (told > is && !may_be_more) || (told < is && !has_losses) {
            wrong.push(format!("the metrics say {told} {what}, it is {is}"));
        }
    };
    fits("leads", sum(figures, "leadrelay_leads_total", ""), balance.received, false);
    fits("inbound calls", sum(figures, "leadrelay_inbound_total", ""), balance.inbound, true);
    fits("postbacks told", sum(figures, "leadrelay_postbacks_total", "state=\"delivered\""), balance.told, true);
    let judged = sum(figures, "leadrelay_deliveries_total", "");
    if judged < 1.0 && balance.delivered > 0 && !has_losses {
        wrong.push("the metrics tell of no delivery".to_owned());
    }
    for line in figures.iter().flat_map(|text| text.lines()) {
        if ["@example.com", "+346", "token-of-the-network"].iter().any(|word| line.contains(word))
            || secrets.iter().any(|secret| line.contains(secret))
        {
            wrong.push(format!("the metrics hold what they must not: {line}"));
        }
    }
    wrong
}
