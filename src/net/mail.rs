//! The only way out for e-mail: one message over one connection to the server of the operator, judged by the same
//! address guard as every other call, ended by one deadline.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;

use super::client::Client;
use super::resolve::{self, ResolveError};

/// For everything, from the look-up of the name to the server's last word.
const DEADLINE: Duration = Duration::from_secs(30);

crate::text_enum! {
    /// How the connection to a mail server is protected.
    pub enum Security {
        /// Opened in the clear, made secure before anything is said.
        StartTls = "starttls",
        /// Secure from the beginning.
        Tls = "tls",
        /// In the clear: for a server on the same machine.
        None = "none",
    }
}

/// A mail server and how to enter it.
#[derive(Clone)]
pub struct MailServer {
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// User and password.
    pub login: Option<(String, String)>,
}

impl std::fmt::Debug for MailServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{} ({})", self.host, self.port, self.security)
    }
}

/// A plain text for people.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The part of the message id before the @: the same over retries, so that a repeat can be told.
    pub id: String,
    pub from: Mailbox,
    pub to: Vec<Mailbox>,
    pub subject: String,
    pub text: String,
    pub at: DateTime<Utc>,
}

/// A mail was not taken. The text is for the operator and holds no password.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct MailError(String);

impl From<lettre::transport::smtp::Error> for MailError {
    fn from(error: lettre::transport::smtp::Error) -> Self {
        let mut text = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(inner) = source {
            let inner_text = inner.to_string();
            if !text.contains(&inner_text) {
                text.push_str(": ");
                text.push_str(&inner_text);
            }
            source = inner.source();
        }
        Self(crate::base::text::cut(&text, 500).to_owned())
    }
}

/// Reads `Name <name@example.com>` or an address alone.
pub fn mailbox(text: &str) -> Option<Mailbox> {
    text.trim().parse().ok()
}

impl Client {
    /// Hands a mail to a server; gives what the server said.
    pub async fn mail(&self, server: &MailServer, mail: &Mail) -> Result<String, MailError> {
        let sent = tokio::time::timeout(DEADLINE, Box::pin(self.hand_over(server, mail)));
        sent.await.map_err(|_| MailError("no whole answer in time".to_owned()))?
    }

    async fn hand_over(&self, server: &MailServer, mail: &Mail) -> Result<String, MailError> {
        let message = compose(mail)?;
        let addresses = self.addresses(&server.host, server.port).await?;
        let hello = ClientId::Domain(mail.from.email.domain().to_owned());
        let tls = || TlsParameters::new(server.host.clone());
        let at_once = if server.security == Security::Tls { Some(tls()?) } else { None };
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(addresses.as_slice(), Some(DEADLINE), &hello, at_once, None).await?;
        if server.security == Security::StartTls {
            if !connection.can_starttls() {
                return Err(MailError("the server offers no STARTTLS".to_owned()));
            }
            connection.starttls(tls()?, &hello).await?;
        }
        if let Some((user, password)) = &server.login {
            let credentials = Credentials::new(user.clone(), password.clone());
            connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await?;
        }
        let answer = connection.send(message.envelope(), &message.formatted()).await?;
        // It has the mail: how it says good-bye does not matter.
        let _ = connection.quit().await;
        Ok(said(&answer))
    }

    /// The addresses of a server, all of which the guard allows.
    async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, MailError> {
        let refused = |refusal: super::Refusal| MailError(refusal.detail());
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let found = match bare.parse::<IpAddr>() {
            Ok(ip) => {
                self.policy.check_ip(ip, None, Some(port)).map_err(refused)?;
                vec![ip]
            }
            Err(_) => match resolve::vetted(&self.lookup, &self.policy, host, Some(port)).await {
                Ok(found) => found,
                Err(ResolveError::Refused(refusal)) => return Err(refused(refusal)),
                Err(error) => return Err(MailError(error.to_string())),
            },
        };
        Ok(found.into_iter().map(|ip| SocketAddr::new(ip, port)).collect())
    }
}

fn compose(mail: &Mail) -> Result<Message, MailError> {
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(mail.at.timestamp()).unwrap_or_default());
    let mut builder = Message::builder()
        .from(mail.from.clone())
        .subject(mail.subject.clone())
        .date(at)
        .message_id(Some(format!("<{}@{}>", mail.id, mail.from.email.domain())))
        .header(ContentType::TEXT_PLAIN);
    for to in &mail.to {
        builder = builder.to(to.clone());
    }
    builder.body(mail.text.clone()).map_err(|error| MailError(error.to_string()))
}

fn said(answer: &Response) -> String {
    let lines: Vec<&str> = answer.message().collect();
    format!("{} {}", answer.code(), lines.join(" ")).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{Limits, Policy};

    fn mail() -> Mail {
        Mail {
            id: "m-1".into(),
            from: mailbox("leadrelay <alerts@example.com>").unwrap(),
            to: vec![mailbox("ann@example.com").unwrap(), mailbox("Bob <bob@example.com>").unwrap()],
            subject: "Сеть не отвечает\r\nBcc: x@example.com".into(),
            text: "Её лиды ждут.".into(),
            at: DateTime::from_timestamp(1_790_000_000, 0).unwrap(),
        }
    }

    #[test]
    fn a_subject_cannot_bring_headers() {
        let text = String::from_utf8(compose(&mail()).unwrap().formatted()).unwrap();
        assert!(text.contains("Message-ID: <m-1@example.com>\r\n") && text.contains("Mon, 21 Sep 2026"), "{text}");
        let head = text.split("\r\n\r\n").next().unwrap();
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
    }

    #[tokio::test]
    async fn servers_are_judged_like_every_other_target() {
        let client = Client::new(Policy::default(), Limits::default()).unwrap();
        for host in ["127.0.0.1", "[::1]", "169.254.169.254", "10.0.0.1", "localhost"] {
            let server = MailServer { host: host.into(), port: 25, security: Security::None, login: None };
            let error = client.mail(&server, &mail()).await.unwrap_err().to_string();
            assert!(error.contains("refused"), "{host}: {error}");
        }
        let open = Client::new(Policy { allow_private: true, ..Policy::default() }, Limits::default()).unwrap();
        let server = MailServer { host: "169.254.169.254".into(), port: 25, security: Security::None, login: None };
        assert!(open.mail(&server, &mail()).await.is_err());
    }

    #[test]
    fn tls_finds_its_provider_and_certificates() {
        // The client installs the provider; servers are checked against what the system trusts.
        let _client = Client::new(Policy::default(), Limits::default()).unwrap();
        assert!(TlsParameters::new("mail.example.com".to_owned()).is_ok());
    }

    #[test]
    fn a_password_is_not_shown() {
        let login = Some(("ann".to_owned(), "secret".to_owned()));
        let server = MailServer { host: "mail.example".into(), port: 465, security: Security::Tls, login };
        assert_eq!(format!("{server:?}"), "mail.example:465 (tls)");
    }
}
