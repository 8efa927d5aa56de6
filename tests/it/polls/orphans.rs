use serde_json::json;

use super::world;
use crate::kit::fake::Play;

#[tokio::test]
async fn a_report_without_a_lead_is_kept_once_and_can_be_given_to_its_lead() {
    let world = world().await;
    let leads = world.accepted(1).await;
    let foreign = json!([{"id": "somebody-elses", "external_id": "f-1", "status": "approved", "payout": "3"}]);
    world.status.answers_by(move |_| Play::Json(200, foreign.clone()));
    for expected in [1, 1] {
        let poll = world.poll(json!({"feed": "open"})).await;
        assert_eq!((&poll["unmatched"], &poll["applied"]), (&json!(expected), &json!(0)), "{poll:#}");
    }
    let orphans = world.app.get("/api/v1/orphan-reports?network=n1").await.expect(200);
    assert_eq!(orphans["items"].as_array().unwrap().len(), 1, "{orphans:#}");
    let orphan = &orphans["items"][0];
    assert_eq!((&orphan["key"], &orphan["our_ref"]), (&json!("f-1"), &json!("somebody-elses")));
    let path = format!("/api/v1/orphan-reports/{}/assign", orphan["id"].as_str().unwrap());
    assert_eq!(world.app.post(&path, json!({"lead": "999999"})).await.fields(), ["lead"]);
    let given = world.app.post(&path, json!({"lead": leads[0]})).await.expect(200);
    assert_eq!(given["result"], "applied", "{given:#}");
    assert_eq!(world.status_of(&leads[0]).await, "approved");
    assert_eq!(world.app.post(&path, json!({"lead": leads[0]})).await.status, 409);
    let left = world.app.get("/api/v1/orphan-reports?network=n1").await.expect(200);
    assert_eq!(left["items"], json!([]));
}
