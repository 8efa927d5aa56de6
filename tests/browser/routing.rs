//! Changing where the leads of an offer go: a draft, tried on the past, published, rolled back.

use super::browser::Browser;
use super::{page, sample};

#[tokio::test]
async fn a_route_is_drafted_simulated_published_and_rolled_back() {
    let sample = sample::filled().await;
    let browser = sample::person(&sample.app.base).await;
    browser.opens("/offers/joint-balm").await;
    browser.presses("Routing").await;
    browser.arrives("/offers/joint-balm/routing").await;
    browser.presses("Change the routes").await;
    browser.sees("This draft says what is live now.").await;
    browser.presses("New route").await;
    browser.chooses("Network", "Lumen Health").await;
    browser.fills("Position", "first").await;
    browser.fills("Caps", "sometimes").await;
    browser.presses("Add to the draft").await;
    browser.sees("Not saved: some fields need another look.").await;
    for (label, typed) in [("Position", "first"), ("Caps", "sometimes")] {
        let field = browser.field(label).await;
        assert_eq!(field.prop("value").await.expect("a property").as_deref(), Some(typed), "what was typed stays");
        assert_eq!(field.attr("aria-invalid").await.expect("an attribute").as_deref(), Some("true"), "{label}");
    }
    // The answer was a refusal, which the console tells.
    browser.complaints().await;
    browser.fills("Position", "1").await;
    browser.fills("Caps", "day 5").await;
    browser.presses("Add to the draft").await;
    browser.sees("Saved in the draft.").await;
    assert_eq!(page::faults(&browser).await, [""; 0]);
    let live = "return document.querySelector('[aria-labelledby=live-title]').innerText.includes('Lumen Health')";
    assert_eq!(browser.asks(live, Vec::new()).await, false, "a draft changes nothing");

    simulates(&browser).await;
    browser.presses("Routing").await;
    browser.presses("Publish now").await;
    browser.sees("Published. New leads go by these routes.").await;
    browser.sees("Version 2").await;
    assert_eq!(browser.asks(live, Vec::new()).await, true);
    let live = sample.app.get("/api/v1/routes?offer=joint-balm&network=lumen").await.expect(200);
    assert_eq!((&live["items"][0]["position"], &live["items"][0]["caps"][0]["limit"]), (&1.into(), &5.into()));

    browser.fills("Number or id", "2").await;
    browser.presses("Explain").await;
    browser.sees("Lead 2 by the live routes").await;
    browser.presses("Roll back").await;
    browser.agrees().await;
    browser.sees("Version 1 is live again.").await;
    assert_eq!(page::faults(&browser).await, [""; 0]);
    browser.ends().await;
}

/// The days of the sample.
async fn simulates(browser: &Browser) {
    browser.presses("Simulate").await;
    browser.until("the simulation", async || browser.place().await.ends_with("/simulation").then_some(())).await;
    browser.settles().await;
    // A date is typed as the browser's own field wants it, which differs by its language.
    let days = "
        const day = (ago) => new Date(Date.now() - ago * 86400000).toISOString().slice(0, 10);
        document.getElementById('from').value = day(20);
        document.getElementById('to').value = day(0);";
    browser.asks(days, Vec::new()).await;
    browser.presses("Simulate").await;
    browser.sees("leads would go elsewhere.").await;
    browser.sees("Lumen Health").await;
    browser.settles().await;
    assert_eq!(page::all_faults(browser, 1440).await, [""; 0]);
}
