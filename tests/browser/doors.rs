//! What lets somebody in beside a password: links into the portal, the codes of a second factor.

use super::forms::Forms;
use super::kit::app::TestApp;

/// The path of a new link into the portal of a webmaster, which needs no password.
pub async fn portal_link(forms: &Forms<'_>, webmaster: &str) -> String {
    let made = forms.sends(&format!("/webmasters/{webmaster}/portal-links"), &[("name", "the lead buyer")]).await;
    path(&between(&made.text, "id=\"issued-link\">"))
}

/// The path of the link by which somebody with a new login chooses his password.
pub async fn join_link(forms: &Forms<'_>, webmaster: &str, email: &str) -> String {
    let made = forms.sends(&format!("/webmasters/{webmaster}/logins"), &[("email", email)]).await;
    path(&between(&made.text, "id=\"issued-link\">"))
}

/// Switches the second factor on; gives its secret.
pub async fn second_factor(app: &TestApp, forms: &Forms<'_>) -> String {
    let secret = between(&forms.sees("/account/second-factor").await, "id=\"factor-secret\">");
    forms.sends("/account/second-factor", &[("code", &code(app, &secret, 0))]).await;
    secret
}

/// The code of a secret as a page shows it: now, or `steps` of thirty seconds later.
pub fn code(app: &TestApp, secret: &str, steps: i64) -> String {
    let at = u64::try_from(app.app.clock.now().timestamp() + 30 * steps).expect("a time after 1970");
    let secret = totp_rs::Secret::try_from_base32(secret.replace(' ', "")).expect("a secret");
    totp_rs::Builder::new().with_secret(secret).build().expect("a second factor").generate(at).to_string()
}

/// The text of the element that begins so.
fn between(page: &str, begin: &str) -> String {
    let rest = page.split(begin).nth(1).unwrap_or_else(|| panic!("the page has no {begin}"));
    rest.split('<').next().unwrap_or_default().to_owned()
}

fn path(url: &str) -> String {
    url::Url::parse(url).expect("a URL").path().to_owned()
}
