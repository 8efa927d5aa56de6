//! Forms as a page sends them, without a browser: for what a sample needs and the API does not do.

use super::kit::app::{Answer, TestApp, read};

/// Somebody who is signed in.
pub struct Forms<'a> {
    app: &'a TestApp,
    cookie: String,
}

impl<'a> Forms<'a> {
    /// Signs in.
    pub async fn of(app: &'a TestApp, email: &str, password: &str) -> Self {
        let form = [("email", email), ("password", password)];
        let answer = read(app.http.post(format!("{}/login", app.base)).form(&form)).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        let cookie = answer.headers["set-cookie"].to_str().expect("a cookie").split(';').next().expect("a cookie");
        Self { app, cookie: cookie.to_owned() }
    }

    /// Reads a page.
    pub async fn sees(&self, path: &str) -> String {
        let request = self.app.http.get(format!("{}{path}", self.app.base)).header("cookie", &self.cookie);
        let answer = read(request).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.text
    }

    /// Sends a form that is taken.
    pub async fn sends(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let request = self.app.http.post(format!("{}{path}", self.app.base)).header("cookie", &self.cookie);
        let answer = read(request.form(form)).await;
        assert!(matches!(answer.status, 200 | 303), "{path}: {} {}", answer.status, answer.text);
        answer
    }
}
