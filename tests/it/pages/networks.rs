//! The page of a network, tab by tab, and the gallery of integrations.

use serde_json::json;

use super::{person, target, told};
use crate::kit::fake::{Fake, Play};
use crate::status;

#[tokio::test]
async fn the_request_is_shown_with_the_sample_and_with_a_real_lead_whose_person_is_covered() {
    let world = status::world().await;
    world.app.patch("/api/v1/networks/n1", json!({"settings": {"token": "hush-hush-hush"}})).await.expect(200);
    let lead = world.accepted(1).await;
    let calls = world.fake.got().len();
    let ann = person(&world.app, "manager").await;
    let sample = ann.sees("/networks/n1/request").await;
    assert!(sample.contains("+34612345678") && sample.contains("<code>tea</code>"), "{sample}");
    assert!(!sample.contains("hush-hush-hush") && sample.contains("***"));
    let real = ann.sees(&format!("/networks/n1/request?lead={}", lead["number"])).await;
    assert!(real.contains(status::id(&lead)) && !real.contains(&crate::delivery::phone(1)), "{real}");
    let none = ann.opens("/networks/n1/request?lead=999999").await;
    assert!(none.status == 404 && none.text.contains("There is no such lead"), "{}", none.text);
    assert_eq!(world.fake.got().len(), calls, "nothing is sent");
}

#[tokio::test]
async fn a_pasted_answer_is_judged_and_the_last_answers_are_filtered() {
    let world = status::world().await;
    world.app.patch("/api/v1/networks/n1", json!({"status_map": {"in work": "hold"}})).await.expect(200);
    let ann = person(&world.app, "manager").await;
    let form =
        [("status", "200"), ("headers", ""), ("body", r#"{"id": "L-7", "status": "refused", "message": "a double"}"#)];
    let judged = ann.sends("/networks/n1/answers", &form).await;
    assert_eq!(judged.status, 200, "{}", judged.text);
    assert!(judged.text.contains("chip--") && judged.text.contains("of the integration decided"), "{}", judged.text);
    assert!(judged.text.contains("a double"), "what was typed stays");
    let page = ann.sends("/networks/n1/answers", &[("status", "429"), ("headers", "Retry-After: 17")]).await;
    assert!(page.text.contains("17 s"), "{}", page.text);
    let wrong = ann.sends("/networks/n1/answers", &[("status", "ok"), ("body", "<b>")]).await;
    assert!(wrong.status == 422 && wrong.text.contains("answer-f-status-error"), "{}", wrong.text);

    let lead = world.accepted(1).await;
    world.fake.always(Play::Json(409, json!({"message": "we know this phone"})));
    let refused = world.app.lead_id(&world.token, "tea", &crate::delivery::phone(2)).await;
    world.app.drain().await;
    let all = ann.sees("/networks/n1/answers").await;
    assert!(all.contains(&format!("/leads/{}", status::id(&lead))) && all.contains(&format!("/leads/{refused}")));
    let some = ann.sees("/networks/n1/answers?outcome=refused").await;
    assert!(!some.contains(&format!("/leads/{}", status::id(&lead))) && some.contains("we know this phone"), "{some}");
}

#[tokio::test]
async fn words_are_mapped_in_place_and_left_to_the_integration_again() {
    let world = status::world().await;
    let lead = world.accepted(1).await;
    let open = world.accepted(2).await;
    assert_eq!(world.says(&lead, "hold").await, "applied");
    assert_eq!(world.says(&open, "at the <b>warehouse").await, "unmapped");
    let ann = person(&world.app, "manager").await;
    let page = ann.sees("/networks/n1/statuses").await;
    let (waits, known) = (page.find("at the &#60;b&#62;warehouse").unwrap(), page.find("<code>hold</code>").unwrap());
    assert!(waits < known, "what nobody has mapped comes first");
    let map = target(&page, "/unmapped/").to_owned();
    let back = ("back", "/networks/n1/statuses");
    let page = ann.does(&map, &[back, ("status", "approved")]).await;
    assert!(told(&page).contains("approved") && page.contains("own table"), "{page}");
    assert_eq!(world.show(&open).await["status"], "approved");

    let form = [("word", "Hold"), ("status", "trash")];
    assert!(told(&ann.does("/networks/n1/statuses", &form).await).contains("trash"));
    assert_eq!(world.app.get("/api/v1/networks/n1").await.expect(200)["status_map"]["hold"], "trash");
    ann.does("/networks/n1/statuses", &[("word", "hold"), ("status", "")]).await;
    assert!(world.app.get("/api/v1/networks/n1").await.expect(200)["status_map"].get("hold").is_none());
    assert!(told(&ann.does("/networks/n1/statuses", &[("word", "hold"), ("status", "new")]).await).contains("Choose"));
    let history = ann.sees("/networks/n1/history").await;
    assert!(history.contains("network.update") && history.contains("status_map.hold"), "{history}");
    let ben = person(&world.app, "support").await;
    assert_eq!(ben.sends("/networks/n1/statuses", &form).await.status, 403);
    assert_eq!(ben.opens("/networks/n1/statuses").await.status, 403);
}

#[tokio::test]
async fn the_other_tabs_stand_and_the_postback_url_is_for_admins() {
    let world = status::world().await;
    let lead = world.accepted(1).await;
    world.says(&lead, "hold").await;
    let (ann, olga) = (person(&world.app, "manager").await, person(&world.app, "admin").await);
    let secret = world.url.rsplit('/').next().unwrap();
    for tab in ["", "/request", "/answers", "/statuses", "/polling", "/inbound", "/tests", "/parameters", "/history"] {
        let page = ann.sees(&format!("/networks/n1{tab}")).await;
        assert!(page.contains("aria-current=\"page\"") && !page.contains(secret), "{tab}");
    }
    assert!(olga.sees("/networks/n1/inbound").await.contains(&format!("{secret}?id={{id}}")));
    assert!(ann.sees("/networks/n1/inbound").await.contains(&format!("#{}", lead["number"])));
    let run = ann.sees("/networks/n1/tests?run=1").await;
    assert!(run.contains("cases passed"), "{run}");
    assert_eq!(ann.opens("/networks/n1/plans").await.status, 404, "this partner has none");
    assert_eq!(ann.opens("/networks/none/answers").await.status, 404);
}

#[tokio::test]
async fn a_network_is_asked_by_feed_and_from_a_day() {
    let world = crate::polls::world().await;
    let ann = person(&world.app, "manager").await;
    let page = ann.does("/networks/n1/poll", &[("feed", "open")]).await;
    assert!(told(&page).contains("being asked") && page.contains("<code>open</code>"), "{page}");
    let wrong = ann.does("/networks/n1/poll", &[("from", "soon")]).await;
    assert!(told(&wrong).contains("2026-11-30"), "{}", told(&wrong));
}

#[tokio::test]
async fn plans_become_offers_once_and_warnings_are_heeded() {
    let world = crate::networks::duomai::world(json!({})).await;
    let ann = person(&world.app, "manager").await;
    let page = ann.sees("/networks/duomai/plans").await;
    assert!(page.contains("name=\"plan.62\""), "{page}");
    assert!(page.contains("/offers/tea"), "the offer that stands for plan 61 is named: {page}");
    assert!(ann.sees("/networks").await.contains("/networks/duomai/plans"));
    let none = ann.does("/networks/duomai/plans", &[("q", "x")]).await;
    assert!(told(&none).contains("Tick"), "{none}");
    let refused = ann.does("/networks/duomai/plans", &[("plan.62", "1")]).await;
    assert!(told(&refused).contains("No offer was made"), "{}", told(&refused));
    let form = [("plan.62", "1"), ("anyway", "1")];
    assert!(told(&ann.does("/networks/duomai/plans", &form).await).contains("duomai-62"));
    world.app.get("/api/v1/offers/duomai-62").await.expect(200);
    let again = ann.does("/networks/duomai/plans", &form).await;
    assert!(told(&again).contains("No offer was made") && again.contains("/offers/duomai-62"), "{again}");
}

#[tokio::test]
async fn a_partner_that_does_not_answer_leaves_a_page() {
    let world = crate::networks::duomai::world(json!({})).await;
    let dead = Fake::start().await;
    dead.always(Play::Json(500, json!({})));
    world.app.patch("/api/v1/networks/duomai", json!({"settings": {"base_url": dead.base}})).await.expect(200);
    let ann = person(&world.app, "manager").await;
    let page = ann.sees("/networks/duomai/plans").await;
    assert!(page.contains("The plans cannot be read"), "{page}");
}

#[tokio::test]
async fn the_gallery_is_searched_and_an_integration_is_used() {
    let app = crate::kit::app::TestApp::idle().await;
    let (ann, olga) = (person(&app, "manager").await, person(&app, "admin").await);
    let page = ann.sees("/integrations?q=duomai").await;
    assert!(page.contains("/integrations/duomai") && !page.contains("/integrations/http-json"), "{page}");
    assert!(ann.sees("/integrations?q=%3Cb%3Ezzz").await.contains("&#60;b&#62;zzz"));
    let details = ann.sees("/integrations/http-json").await;
    assert!(!details.contains("/networks/new?") && details.contains("status_url"), "managers do not connect");
    let page = olga.sees("/integrations/http-json?run=1").await;
    assert!(page.contains("cases passed"));
    let to = target(&page, "/networks/new?integration=").to_owned();
    assert!(olga.sees(&to).await.contains("name=\"settings.url\""));
    assert_eq!(ann.opens("/integrations/none").await.status, 404);
    assert_eq!(person(&app, "support").await.opens("/integrations").await.status, 403);
}
