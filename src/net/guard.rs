//! Which targets may be called. The rules:
//!
//! - `http` and `https` only, on any port but 0; no user name or password in the URL;
//! - public addresses may always be called;
//! - private ones (loopback, 10/8, ULA …) only with `allow_private`, or when the target is listed;
//! - reserved ones (multicast, documentation, 6to4 …) only when their address is listed;
//! - the metadata addresses of clouds only when listed by themselves, neither by name nor by a wider range.
//!
//! The same rules judge a literal address in a URL and every address that a name resolves to.

use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use ipnet::IpNet;
use url::{Host, Url};

use super::address::{self, Class};

/// What the operator allows beyond public addresses.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Whether private addresses may be called, plain `http` included.
    pub allow_private: bool,
    /// Targets that may be called all the same.
    pub allowed: Vec<AllowedTarget>,
}

/// One target from the operator's list: `crm.lan`, `crm.lan:8080`, `10.1.2.3`, `[fd00::1]:8080` or `10.0.0.0/8`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedTarget {
    what: What,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Name(String),
    Net(IpNet),
}

/// A line of the operator's list cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a host, host:port, address or network")]
pub struct BadTarget(pub String);

/// Why a target is refused. The text may be shown to the webmaster who wrote the URL: it tells nothing about
/// the network we run in. [`Refusal::detail`] is for the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Neither `http` nor `https`.
    #[error("the address must begin with http:// or https://")]
    Scheme,
    /// There is no host.
    #[error("the address has no host")]
    NoHost,
    /// User name or password in the URL.
    #[error("the address must not hold a user name or password")]
    UserInfo,
    /// Port 0.
    #[error("the port is not usable")]
    Port,
    /// The address, or one that the name resolves to, may not be called.
    #[error("the address does not lead to a public server")]
    Address(&'static str),
}

impl Refusal {
    /// One sentence for the operator: which rule it was.
    pub fn detail(&self) -> String {
        match self {
            Self::Address(rule) => format!("target refused: {rule}; allow it in the configuration if it is meant"),
            other => format!("target refused: {other}"),
        }
    }
}

impl Policy {
    /// A policy from the words of the configuration.
    pub fn parse<S: AsRef<str>>(allow_private: bool, allowed: &[S]) -> Result<Self, BadTarget> {
        let allowed = allowed.iter().map(|text| text.as_ref().parse()).collect::<Result<_, _>>()?;
        Ok(Self { allow_private, allowed })
    }

    /// Judges one address. `host` is the name that resolved to it; `port` the one to be called, if it is known.
    pub fn check_ip(&self, ip: IpAddr, host: Option<&str>, port: Option<u16>) -> Result<(), Refusal> {
        let class = address::classify(ip);
        let inner = address::inner(ip);
        let is_listed = self.allowed.iter().filter(|target| target.takes_port(port)).any(|target| match &target.what {
            What::Net(net) if class == Class::Metadata => {
                net.prefix_len() == net.max_prefix_len() && net.contains(&inner)
            }
            What::Net(net) => net.contains(&inner) || net.contains(&ip),
            What::Name(name) => matches!(class, Class::Private(_)) && host.is_some_and(|host| same_name(host, name)),
        });
        match class {
            _ if is_listed => Ok(()),
            Class::Public => Ok(()),
            Class::Private(_) if self.allow_private => Ok(()),
            Class::Private(rule) | Class::Reserved(rule) => Err(Refusal::Address(rule)),
            Class::Metadata => Err(Refusal::Address("cloud metadata address")),
        }
    }
}

/// Judges a URL before anything is resolved: used when a URL is saved and before each call. A name may still be
/// refused later for the addresses it resolves to.
pub fn check_url(url: &Url, policy: &Policy) -> Result<(), Refusal> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Refusal::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal::UserInfo);
    }
    let port = url.port_or_known_default();
    if port == Some(0) {
        return Err(Refusal::Port);
    }
    match url.host() {
        None => Err(Refusal::NoHost),
        Some(Host::Ipv4(ip)) => policy.check_ip(IpAddr::V4(ip), None, port),
        Some(Host::Ipv6(ip)) => policy.check_ip(IpAddr::V6(ip), None, port),
        Some(Host::Domain(name)) if is_localhost(name) => {
            policy.check_ip(IpAddr::V4(Ipv4Addr::LOCALHOST), Some(name), port)
        }
        Some(Host::Domain(name)) if name.trim_matches('.').is_empty() => Err(Refusal::NoHost),
        Some(Host::Domain(_)) => Ok(()),
    }
}

fn is_localhost(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

fn same_name(a: &str, b: &str) -> bool {
    a.trim_end_matches('.').eq_ignore_ascii_case(b)
}

impl AllowedTarget {
    fn takes_port(&self, port: Option<u16>) -> bool {
        self.port.is_none() || self.port == port
    }
}

impl FromStr for AllowedTarget {
    type Err = BadTarget;

    fn from_str(text: &str) -> Result<Self, BadTarget> {
        let text = text.trim();
        let bad = || BadTarget(text.chars().take(80).collect());
        if let Ok(net) = text.parse::<IpNet>() {
            return Ok(Self { what: What::Net(net.trunc()), port: None });
        }
        if let Ok(ip) = text.parse::<IpAddr>() {
            return Ok(Self { what: What::Net(address::inner(ip).into()), port: None });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse::<u16>().map_err(|_| bad())?)),
            None => (text, None),
        };
        let what = match Host::parse(host).map_err(|_| bad())? {
            Host::Ipv4(ip) => What::Net(IpAddr::V4(ip).into()),
            Host::Ipv6(ip) => What::Net(address::inner(IpAddr::V6(ip)).into()),
            Host::Domain(name) => {
                let name = name.trim_end_matches('.').to_ascii_lowercase();
                if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c)) {
                    return Err(bad());
                }
                What::Name(name)
            }
        };
        Ok(Self { what, port })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn policy(allow_private: bool, allowed: &[&str]) -> Policy {
        Policy::parse(allow_private, allowed).unwrap()
    }

    fn check(url: &str, policy: &Policy) -> Result<(), Refusal> {
        check_url(&url.parse().unwrap(), policy)
    }

    #[test]
    fn public_targets_may_be_called_on_any_port() {
        for url in
            ["https://example.com/x?y=1", "http://example.com", "http://example.com:8080", "https://8.8.8.8:8443/"]
        {
            assert_eq!(check(url, &policy(false, &[])), Ok(()), "{url}");
        }
    }

    #[test]
    fn shapes_that_are_refused() {
        let open = policy(true, &["0.0.0.0/0"]);
        assert_eq!(check("ftp://example.com", &open), Err(Refusal::Scheme));
        assert_eq!(check("sandbox://x", &open), Err(Refusal::Scheme));
        assert_eq!(check("file:///etc/passwd", &open), Err(Refusal::Scheme));
        assert_eq!(check("https://user@example.com", &open), Err(Refusal::UserInfo));
        assert_eq!(check("https://:pw@example.com", &open), Err(Refusal::UserInfo));
        assert_eq!(check("http://example.com:0", &open), Err(Refusal::Port));
    }

    #[test]
    fn every_spelling_of_loopback_is_refused() {
        for url in [
            "http://127.0.0.1",
            "http://127.1",
            "http://2130706433",
            "http://0x7f000001",
            "http://0177.0.0.1",
            "http://0x7f.1",
            "http://127.0.0.1.",
            "http://[::1]",
            "http://[::ffff:127.0.0.1]",
            "http://[::ffff:7f00:1]",
            "http://localhost",
            "http://LOCALHOST.",
            "http://a.localhost",
            "http://①②⑦.0.0.1",
            "http://0",
            "http://0.0.0.0",
            "http://%31%32%37.0.0.1",
        ] {
            assert!(matches!(check(url, &policy(false, &[])), Err(Refusal::Address(_))), "{url}");
        }
    }

    #[test]
    fn private_targets_need_leave() {
        let url = "http://10.1.2.3:8080/in";
        assert!(check(url, &policy(false, &[])).is_err());
        assert!(check(url, &policy(true, &[])).is_ok());
        assert!(check(url, &policy(false, &["10.1.0.0/16"])).is_ok());
        assert!(check(url, &policy(false, &["10.1.2.3"])).is_ok());
        assert!(check(url, &policy(false, &["10.1.2.3:8080"])).is_ok());
        assert!(check(url, &policy(false, &["10.1.2.3:80"])).is_err());
        assert!(check(url, &policy(false, &["10.2.0.0/16"])).is_err());
        assert!(check("http://[::ffff:10.1.2.3]/", &policy(false, &["10.1.2.3"])).is_ok());
        assert!(check("http://[fd00::5]:81/", &policy(false, &["[fd00::5]:81"])).is_ok());
        assert!(check("http://localhost:81/", &policy(false, &["localhost:81"])).is_ok());
        assert!(check("http://localhost:82/", &policy(false, &["localhost:81"])).is_err());
    }

    #[test]
    fn a_listed_name_opens_private_addresses_of_that_name_only() {
        let policy = policy(false, &["crm.lan:8080"]);
        let ip = "10.0.0.9".parse().unwrap();
        assert!(policy.check_ip(ip, Some("CRM.lan."), Some(8080)).is_ok());
        assert!(policy.check_ip(ip, Some("crm.lan"), Some(80)).is_err());
        assert!(policy.check_ip(ip, Some("crm.lan"), None).is_err());
        assert!(policy.check_ip(ip, Some("evil.lan"), Some(8080)).is_err());
        assert!(policy.check_ip("0.0.0.0".parse().unwrap(), Some("crm.lan"), Some(8080)).is_err());
    }

    #[test]
    fn metadata_stays_shut_unless_listed_by_itself() {
        let url = "http://169.254.169.254/latest/meta-data/";
        assert!(check(url, &policy(true, &[])).is_err());
        assert!(check(url, &policy(true, &["169.254.0.0/16"])).is_err());
        assert!(check(url, &policy(true, &["169.254.169.254"])).is_ok());
        assert!(check("http://169.254.1.1/", &policy(true, &[])).is_ok());
        let named = policy(true, &["metadata.lan"]);
        assert!(named.check_ip("169.254.169.254".parse().unwrap(), Some("metadata.lan"), Some(80)).is_err());
    }

    #[test]
    fn lines_that_are_no_target() {
        for bad in ["", "a b", "crm:port", "10.0.0.0/64", "http://crm.lan", "crm.lan:99999", ":80", "*"] {
            assert!(bad.parse::<AllowedTarget>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_host_number_is_judged_as_its_address(v4 in any::<u32>()) {
            let ip = Ipv4Addr::from(v4);
            let [a, b, c, d] = ip.octets();
            let policy = policy(false, &[]);
            let plain = policy.check_ip(IpAddr::V4(ip), None, Some(80));
            for host in [
                format!("{v4}"), format!("{v4:#x}"), format!("0{v4:o}"), format!("{a:#x}.0{b:o}.{c}.{d}"),
                format!("{a}.{}", v4 & 0x00ff_ffff), format!("[::ffff:{ip}]"),
            ] {
                prop_assert_eq!(check(&format!("http://{host}/"), &policy), plain, "{}", host);
            }
        }

        #[test]
        fn a_refusal_never_tells_the_address(v4 in any::<u32>()) {
            let ip = Ipv4Addr::from(v4);
            if let Err(refusal) = policy(false, &[]).check_ip(IpAddr::V4(ip), None, None) {
                prop_assert!(!refusal.to_string().contains(&ip.to_string()));
                prop_assert!(!refusal.to_string().contains('/'));
            }
        }

        #[test]
        fn reading_a_target_never_panics(text in ".{0,40}") {
            let _ = text.parse::<AllowedTarget>();
        }
    }
}
