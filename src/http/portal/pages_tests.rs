//! Every page of the portal as a browser gets it: well made, with labels for its controls, and no link that leads nowhere.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use tower::ServiceExt as _;

use crate::db::{sample, user};
use crate::http::api::test_app;
use crate::http::dashboard::html;
use crate::http::password;
use crate::http::rights::Right;
use crate::http::router::router;
use crate::http::routes::TABLE;

const PASSWORD: &str = "correct horse battery";

#[tokio::test]
async fn every_page_stands() {
    test_app::with(async |api| {
        let mut conn = api.app.db.acquire().await.unwrap();
        sample::fill(&mut conn).await;
        for sql in [
            "update postback set url = 'sandbox://sink/x?s={status}', statuses = '{hold}'",
            "update offer set goals = '[{\"slug\": \"sale\", \"payout\": \"3\"}]', payout = 10",
            "insert into lead_event (event_id, lead_id, at, kind, source) select lead_id, lead_id, created_at, 'received', 'intake' from lead",
        ] {
            sqlx::raw_sql(sql).execute(&mut *conn).await.unwrap();
        }
        let phc = password::hash(PASSWORD.to_owned()).await.unwrap();
        let role = ("webmaster", Some(sample::id(0x01)));
        let id = api.app.ids.next();
        user::insert(&mut conn, id, "anna@example.com", "", role, Some(&phc)).await.unwrap();
        drop(conn);
        api.app.rules.refresh(&api.app.db).await.unwrap();
        let (lead, rule) = (sample::id(0x31).to_string(), sample::id(0x51).to_string());
        let router = router(api.app.clone());
        let send = async |method: &str, path: &str, cookie: &str, form: &str| {
            let request = Request::builder().method(method).uri(path).header(header::COOKIE, cookie);
            let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            let request = request.header("sec-fetch-site", "same-origin").body(Body::from(form.to_owned())).unwrap();
            let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
            let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
            (parts.status, parts.headers, String::from_utf8(bytes.to_vec()).unwrap())
        };
        let form = "email=anna@example.com&password=correct+horse+battery";
        let (_, headers, _) = send("POST", "/login", "", form).await;
        let cookie = headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        let mut seen = 0;
        for (method, path, right) in TABLE {
            if *right != Right::Portal || *method != "GET" || path.ends_with(".csv") {
                continue;
            }
            let id = if path.starts_with("/portal/leads") { &lead } else { &rule };
            let (status, _, text) = send("GET", &path.replace("{id}", id), &cookie, "").await;
            assert_eq!(status, StatusCode::OK, "{path}: {text}");
            html::check_text(&format!("portal{}", path.replace(['/', '{', '}'], "-")), &text);
            seen += 1;
        }
        assert!(seen >= 9, "{seen}");
        let test = format!("/portal/postbacks/{rule}/test");
        for (path, form, status) in [
            ("/portal/api/token", "", 200),
            ("/portal/api/try", "offer=offer-1&phone=1", 422),
            ("/portal/tokens", "name=x", 200),
            ("/portal/postbacks", "url=nonsense&kind=additional", 422),
            ("/portal/flows", "offer=offer-1&code=A+b", 422),
            ("/portal/account/password", "password=x", 422),
            (test.as_str(), "", 200),
        ] {
            let (found, _, text) = send("POST", path, &cookie, form).await;
            assert_eq!(found.as_u16(), status, "{path}: {text}");
            html::check_text(&format!("portal-answer-{status}"), &text);
        }
    })
    .await;
}
