//! A browser and what a person does with it: looks, clicks, types. Everything waits for what it needs; nothing sleeps.

use std::path::PathBuf;
use std::time::Duration;

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::Instant;
use url::{ParseError, Url};

use super::driver::Driver;

/// How long anything may take to come.
const PATIENCE: Duration = Duration::from_secs(20);
/// Chromium as root in a container, quiet on the network.
const FLAGS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
];

/// One browser with one window, at one server.
pub struct Browser {
    client: Client,
    base: String,
    has_scripts: bool,
    /// Chromium's own process, while it runs.
    chromium: Option<Pid>,
    folder: tempfile::TempDir,
    _driver: Driver,
}

impl Drop for Browser {
    /// A test that stops where it is leaves no browser behind: the driver would, when it is killed.
    fn drop(&mut self) {
        if let Some(chromium) = self.chromium.take() {
            let _ = kill(chromium, Signal::SIGKILL);
        }
    }
}

/// A command of Chromium's own.
#[derive(Debug)]
struct Vendor {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Vendor {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

impl Browser {
    /// Starts one at this server (`http://127.0.0.1:port`), at the width of a desk.
    pub async fn start(base: &str) -> Self {
        let driver = Driver::start();
        let folder = tempfile::tempdir().expect("a folder");
        let mut flags: Vec<String> = FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
        flags.push(format!("--user-data-dir={}", folder.path().join("profile").display()));
        let wanted = json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "args": flags },
            "goog:loggingPrefs": { "browser": "ALL" },
            "timeouts": { "pageLoad": PATIENCE.as_millis() as u64, "script": PATIENCE.as_millis() as u64 },
        });
        let wanted = wanted.as_object().cloned().unwrap_or_default();
        let http = hyper_util::client::legacy::connect::HttpConnector::new();
        let client = ClientBuilder::new(http).capabilities(wanted).connect(&driver.url).await.expect("Chromium starts");
        let process = client.capabilities().and_then(|all| all.get("goog:processID")?.as_i64());
        let chromium =
            Some(Pid::from_raw(process.and_then(|id| i32::try_from(id).ok()).expect("Chromium's process id")));
        let browser = Self { client, base: base.to_owned(), has_scripts: true, chromium, folder, _driver: driver };
        browser.chromium("Page.addScriptToEvaluateOnNewDocument", json!({ "source": include_str!("watch.js") })).await;
        let downloads = json!({ "behavior": "allow", "downloadPath": browser.downloads() });
        browser.chromium("Browser.setDownloadBehavior", downloads).await;
        browser.shows(1440, "light").await;
        browser
    }

    /// From here on a window this wide, in this scheme (`light`, `dark`). A page that is open is drawn anew.
    pub async fn shows(&self, width: u32, scheme: &str) {
        let height = if width < 600 { 844 } else { 900 };
        let window = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.chromium("Emulation.setDeviceMetricsOverride", window).await;
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.chromium("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// From here on no script of a page runs.
    pub async fn forbids_scripts(&mut self) {
        self.has_scripts = false;
        self.chromium("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
    }

    /// A command of Chromium's developer tools.
    pub async fn chromium(&self, command: &str, params: Value) -> Value {
        let body = json!({ "cmd": command, "params": params });
        self.client.issue_cmd(Vendor { path: "goog/cdp/execute", body }).await.expect("Chromium does it")
    }

    /// What the console said since it was last asked, errors only.
    pub async fn complaints(&self) -> Vec<String> {
        let lines = self.client.issue_cmd(Vendor { path: "se/log", body: json!({ "type": "browser" }) }).await;
        let lines = lines.expect("the console's lines");
        let errors = lines.as_array().into_iter().flatten().filter(|line| line["level"] == "SEVERE");
        errors.map(|line| line["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Opens a page and waits until it stands.
    pub async fn opens(&self, path: &str) {
        let loaded = self.client.goto(&format!("{}{path}", self.base)).await;
        loaded.unwrap_or_else(|error| panic!("{path} does not load: {error}"));
        self.settles().await;
    }

    /// Chooses a file of this name and content in the field with this label.
    pub async fn gives_file(&self, label: &str, name: &str, content: &str) {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("a file");
        self.field(label).await.send_keys(&path.display().to_string()).await.expect("it takes a file");
    }

    /// Goes on in a new tab; those there are stay open behind it.
    pub async fn opens_tab(&self) {
        let tab = self.client.new_window(true).await.expect("a new tab");
        self.client.switch_to_window(tab.handle).await.expect("the tab");
    }

    /// Waits until the page stands.
    pub async fn settles(&self) {
        if self.has_scripts {
            self.asks_later(include_str!("settle.js"), Vec::new()).await;
        } else {
            let state = async || self.asks("return document.readyState", Vec::new()).await;
            self.until("the page", async || (state().await == "complete").then_some(())).await;
        }
    }

    /// The path of the page, with query and fragment.
    pub async fn place(&self) -> String {
        let url = self.client.current_url().await.expect("an address");
        url.as_str().trim_start_matches(&self.base).to_owned()
    }

    /// Runs a function's body in the page.
    pub async fn asks(&self, script: &str, params: Vec<Value>) -> Value {
        self.client.execute(script, params).await.expect("the script runs")
    }

    /// The same for one that answers by its last parameter.
    pub async fn asks_later(&self, script: &str, params: Vec<Value>) -> Value {
        self.client.execute_async(script, params).await.expect("the script runs")
    }

    /// Waits until somebody's look finds something.
    pub async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look().await {
                return found;
            }
            if Instant::now() > deadline {
                let text = self.client.execute("return document.body?.innerText", Vec::new()).await;
                let text = text.ok().and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default();
                panic!("{what} does not come at {}; there is:\n{text}", self.place().await);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until the page is at a path.
    pub async fn arrives(&self, path: &str) {
        self.until(path, async || (self.place().await == path).then_some(())).await;
        self.settles().await;
    }

    /// Waits until a text can be read on the page.
    pub async fn sees(&self, text: &str) {
        self.until(text, async || self.text().await.contains(text).then_some(())).await;
    }

    /// What can be read on the page.
    pub async fn text(&self) -> String {
        let text = self.client.execute("return document.body?.innerText ?? ''", Vec::new()).await;
        // Between two pages there is none.
        text.ok().and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Waits for what a selector finds and can be seen.
    pub async fn find(&self, css: &str) -> Element {
        self.visible(css, Locator::Css(css)).await
    }

    async fn visible(&self, what: &str, locator: Locator<'_>) -> Element {
        self.until(what, async || {
            for element in self.client.find_all(locator).await.ok()? {
                // It may be gone again with the page it stood on.
                if element.is_displayed().await.unwrap_or(false) {
                    return Some(element);
                }
            }
            None
        })
        .await
    }

    /// Presses the button, link or heading of a fold with this name, as it is read out.
    pub async fn presses(&self, name: &str) {
        let named = format!(
            "//*[self::a or self::button or self::summary]\
             [normalize-space(.)=\"{name}\" or starts-with(normalize-space(.), \"{name}:\")]"
        );
        let element = self.visible(name, Locator::XPath(&named)).await;
        element.click().await.expect("it can be pressed");
    }

    /// The field with this label.
    pub async fn field(&self, label: &str) -> Element {
        let labelled = format!(
            "//*[@id=//label[normalize-space(text()[normalize-space()])=\"{label}\"]/@for] | //*[@aria-label=\"{label}\"]\
             | //label[normalize-space(.)=\"{label}\"]/input"
        );
        self.visible(label, Locator::XPath(&labelled)).await
    }

    /// Types into the field with this label, in place of what stands there.
    pub async fn fills(&self, label: &str, value: &str) {
        let field = self.field(label).await;
        field.clear().await.expect("it can be cleared");
        field.send_keys(value).await.expect("it can be typed into");
    }

    /// Chooses in the field with this label.
    pub async fn chooses(&self, label: &str, choice: &str) {
        self.field(label).await.select_by_label(choice).await.expect("the choice is there");
    }

    /// Presses keys, whatever has the focus.
    pub async fn keys(&self, keys: &str) {
        let mut presses = KeyActions::new("keyboard".to_owned());
        for value in keys.chars() {
            presses = presses.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        }
        self.client.perform_actions(presses).await.expect("keys can be pressed");
    }

    /// Presses a key that has no letter.
    pub async fn key(&self, key: Key) {
        self.keys(&char::from(key).to_string()).await;
    }

    /// Says yes to the question that was asked.
    pub async fn agrees(&self) {
        self.until("a question", async || self.client.accept_alert().await.ok()).await;
    }

    /// Waits for a file that is downloaded and gives its text; the folder is empty again.
    pub async fn takes_file(&self) -> String {
        String::from_utf8(self.takes("csv").await).expect("the file is text")
    }

    /// The same for a file with this ending.
    pub async fn takes(&self, ending: &str) -> Vec<u8> {
        // A file that is not whole yet has another ending.
        let file = async || {
            let mut files = std::fs::read_dir(self.downloads()).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
            files.find(|path| path.extension().is_some_and(|its| its == ending))
        };
        let path = self.until("a file", file).await;
        let bytes = std::fs::read(&path).expect("the file can be read");
        std::fs::remove_file(path).expect("the file is ours");
        bytes
    }

    /// A picture of the page, as long as it is.
    pub async fn picture(&self, width: u32) -> Vec<u8> {
        use base64::Engine as _;
        let height = self.asks("return document.documentElement.scrollHeight", Vec::new()).await;
        let clip = json!({ "x": 0, "y": 0, "width": width, "height": height, "scale": 1 });
        let wanted = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let answer = self.chromium("Page.captureScreenshot", wanted).await;
        let data = answer["data"].as_str().expect("a picture");
        base64::engine::general_purpose::STANDARD.decode(data).expect("a picture in base64")
    }

    /// The page as it is printed: a PDF.
    pub async fn print(&self) -> Vec<u8> {
        use base64::Engine as _;
        let answer = self.chromium("Page.printToPDF", json!({ "landscape": true, "preferCSSPageSize": true })).await;
        let data = answer["data"].as_str().expect("a document");
        base64::engine::general_purpose::STANDARD.decode(data).expect("a document in base64")
    }

    /// Signs in at the login page.
    pub async fn signs_in(&self, email: &str, password: &str) {
        self.opens("/login").await;
        self.gives(email, password).await;
        self.arrives("/").await;
    }

    /// Gives e-mail and password at the login page that is open.
    pub async fn gives(&self, email: &str, password: &str) {
        self.fills("E-mail", email).await;
        self.fills("Password", password).await;
        self.presses("Sign in").await;
    }

    /// Ends the browser.
    pub async fn ends(mut self) {
        self.client.clone().close().await.expect("Chromium ends");
        self.chromium = None;
    }

    fn downloads(&self) -> PathBuf {
        self.folder.path().join("downloads")
    }
}
