//! The pages, as a browser without JavaScript meets them: links and forms over HTTP.

mod alerts;
mod erase;
mod imports;
mod lists;
mod networks;
mod overview;
mod people;
mod portal;
mod reports;
mod routing;
mod second_factor;
mod sessions;
mod set_up;
mod users;

use serde_json::json;

use crate::kit::app::{Answer, TestApp, read};

/// Somebody who is signed in.
pub struct Person<'a> {
    app: &'a TestApp,
    cookie: String,
}

/// A person with this role.
pub async fn person<'a>(app: &'a TestApp, role: &str) -> Person<'a> {
    let (email, password) = (format!("{role}@example.com"), "a password of tests");
    let user = json!({"email": email, "name": role, "role": role, "password": password});
    app.post("/api/v1/users", user).await.expect(201);
    signs_in(app, &email, password).await
}

/// Somebody who signs in.
pub async fn signs_in<'a>(app: &'a TestApp, email: &str, password: &str) -> Person<'a> {
    let form = [("email", email), ("password", password)];
    let answer = read(app.http.post(format!("{}/login", app.base)).form(&form)).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    Person { app, cookie: cookie(&answer) }
}

/// The cookie of a session that has just begun.
pub fn cookie(answer: &Answer) -> String {
    answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

impl Person<'_> {
    /// What the browser sends.
    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    /// Sends a form that works once, as it stands on a page.
    pub async fn sends_once(&self, page: &str, path: &str, form: &[(&str, &str)]) -> Answer {
        let key = once(&self.sees(page).await);
        let mut form = form.to_vec();
        form.push(("once", &key));
        self.sends(path, &form).await
    }

    /// Opens a page.
    pub async fn opens(&self, path: &str) -> Answer {
        read(self.app.http.get(format!("{}{path}", self.app.base)).header("cookie", &self.cookie)).await
    }

    /// A page that is there.
    pub async fn sees(&self, path: &str) -> String {
        let answer = self.opens(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.text
    }

    /// Sends a form.
    pub async fn sends(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let request = self.app.http.post(format!("{}{path}", self.app.base)).header("cookie", &self.cookie);
        read(request.form(form)).await
    }

    /// Sends a form that is taken, and follows to the page that says so.
    pub async fn does(&self, path: &str, form: &[(&str, &str)]) -> String {
        let answer = self.sends(path, form).await;
        assert_eq!(answer.status, 303, "{path}: {}", answer.text);
        let to = answer.headers["location"].to_str().unwrap();
        self.sees(to.split('#').next().unwrap()).await
    }
}

/// What the last form came to, as the page says it.
pub fn told(page: &str) -> &str {
    let flash = page.split("class=\"flash").nth(1).expect("a sentence about the last form");
    flash.split('>').nth(1).unwrap().split('<').next().unwrap()
}

/// The key of the form of a page that works once.
pub fn once(page: &str) -> String {
    let field = page.split("name=\"once\" value=\"").nth(1).expect("a form that works once");
    field.split('"').next().unwrap().to_owned()
}

/// The first link or form target of a page that begins so.
pub fn target<'a>(page: &'a str, begin: &str) -> &'a str {
    let at = page.find(&format!("\"{begin}")).unwrap_or_else(|| panic!("nothing leads to {begin}"));
    page[at + 1..].split('"').next().unwrap()
}
