//! Where one is signed in, and ending it there.

use super::{person, signs_in, target, told};
use crate::kit::app::{TestApp, read};

const PASSWORD: &str = "a password of tests";

#[tokio::test]
async fn one_sees_where_one_is_signed_in_and_ends_it_there() {
    let app = TestApp::idle().await;
    let ann = person(&app, "manager").await;
    let phone = signs_in(&app, "manager@example.com", PASSWORD).await;
    let agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1";
    let request = app.http.get(format!("{}/", app.base)).header("cookie", phone.cookie()).header("user-agent", agent);
    assert_eq!(read(request).await.status, 200);
    let page = ann.sees("/account").await;
    assert!(page.contains("Safari, iPhone") && page.contains("127.0.0.1"), "{page}");
    assert_eq!(page.matches("class=\"badge\">this one<").count(), 1);
    assert_eq!(page.matches("class=\"things__item\"").count(), 2);
    let end = target(&page, "/account/sessions/").to_owned();
    assert!(told(&ann.does(&end, &[]).await).contains("ended"));
    assert_eq!((phone.opens("/").await.status, ann.opens("/").await.status), (303, 200));

    let bob = person(&app, "support").await;
    let other = signs_in(&app, "support@example.com", PASSWORD).await;
    other.sees("/").await;
    let of_bob = target(&bob.sees("/account").await, "/account/sessions/").to_owned();
    ann.does(&of_bob, &[]).await;
    assert_eq!(other.opens("/").await.status, 200, "nobody ends another's session here");
    let left = bob.sends("/account/sessions/end", &[]).await;
    assert_eq!(left.headers["location"], "/login");
    assert_eq!((bob.opens("/").await.status, other.opens("/").await.status), (303, 303));
}

#[tokio::test]
async fn a_session_that_was_ended_is_not_written_again() {
    let app = TestApp::idle().await;
    let ann = person(&app, "admin").await;
    // Ended after the request had read it and before it is written: what a slow page does.
    let mut tx = app.app.db.begin().await.unwrap();
    let sql = "select count(*) from (select from web_session for update) held";
    let held: i64 = sqlx::query_scalar(sql).fetch_one(&mut *tx).await.unwrap();
    assert_eq!(held, 1);
    let (page, ()) = tokio::join!(ann.opens("/account"), async {
        app.until_blocked().await;
        sqlx::query("delete from web_session").execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    });
    assert_eq!(page.status, 200);
    assert_eq!(app.count("select count(*) from web_session").await, 0);
    assert_eq!(ann.opens("/account").await.status, 303);
}
