//! A mail server on loopback that speaks as much SMTP as a client needs, keeps what it was given, and can refuse.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A mail as it came.
#[derive(Clone, Debug, Default)]
pub struct Mail {
    /// User and password, when it was asked for them.
    pub login: Option<(String, String)>,
    pub from: String,
    pub to: Vec<String>,
    /// Headers and text, as they were sent.
    pub data: String,
}

impl Mail {
    /// A header; none is folded here that is asked for.
    pub fn header(&self, name: &str) -> &str {
        let head = self.data.split("\r\n\r\n").next().unwrap_or_default();
        let line = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_default()
    }
}

/// The server. Ends with the test's runtime.
#[derive(Clone)]
pub struct Smtp {
    pub port: u16,
    got: Arc<Mutex<Vec<Mail>>>,
    /// What it says to a recipient instead of yes.
    refusal: Arc<Mutex<Option<String>>>,
}

impl Smtp {
    /// Takes every mail.
    pub async fn start() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = socket.local_addr().expect("an address").port();
        let smtp = Self { port, got: Arc::default(), refusal: Arc::default() };
        let own = smtp.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = socket.accept().await {
                let own = own.clone();
                // A client that goes away ends its own talk.
                tokio::spawn(async move { drop(own.talk(stream).await) });
            }
        });
        smtp
    }

    /// Refuses recipients with this line, or takes them again.
    pub fn refuses(&self, line: Option<&str>) {
        *self.refusal.lock().expect("refusal") = line.map(str::to_owned);
    }

    /// Every mail that came so far.
    pub fn got(&self) -> Vec<Mail> {
        self.got.lock().expect("mails").clone()
    }

    async fn talk(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        let mut mail = Mail::default();
        stream.write_all(b"220 mail.example ESMTP\r\n").await?;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let line = line.trim_end();
            let word = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
            let answer = match word.as_str() {
                "EHLO" => "250-mail.example\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME".to_owned(),
                "AUTH" => {
                    mail.login = line.strip_prefix("AUTH PLAIN ").and_then(login);
                    if mail.login.is_some() { "235 2.7.0 welcome".to_owned() } else { "535 5.7.8 no".to_owned() }
                }
                "MAIL" => {
                    mail.from = line.to_owned();
                    "250 2.1.0 ok".to_owned()
                }
                "RCPT" => match self.refusal.lock().expect("refusal").clone() {
                    Some(refusal) => refusal,
                    None => {
                        mail.to.push(line.to_owned());
                        "250 2.1.5 ok".to_owned()
                    }
                },
                "DATA" => {
                    stream.write_all(b"354 go on\r\n").await?;
                    mail.data = data(&mut stream).await?;
                    self.got.lock().expect("mails").push(mail.clone());
                    "250 2.0.0 queued as 4711".to_owned()
                }
                "QUIT" => {
                    stream.write_all(b"221 bye\r\n").await?;
                    return Ok(());
                }
                _ => "250 ok".to_owned(),
            };
            stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
    }
}

/// Up to the line that is a dot.
async fn data(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 || line == ".\r\n" {
            return Ok(text);
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

/// `\0user\0password` in base64.
fn login(given: &str) -> Option<(String, String)> {
    let plain = String::from_utf8(STANDARD.decode(given).ok()?).ok()?;
    let mut parts = plain.split('\0').skip(1);
    Some((parts.next()?.to_owned(), parts.next()?.to_owned()))
}
