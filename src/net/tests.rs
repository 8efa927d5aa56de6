//! The client against hand-made servers on loopback: what is said of each way to fail, and how often a request
//! really leaves.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::base::exchange::{Exchange, Method, Request, Response, TransportError, TransportKind};

use super::resolve::Lookup;
use super::{CallOptions, Client, Limits, Policy, Reuse};

/// A server that does `act` with each connection, counting from 0.
async fn serve<F, W>(act: F) -> SocketAddr
where
    F: Fn(usize, TcpStream) -> W + Send + 'static,
    W: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut no = 0;
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(act(no, stream));
            no += 1;
        }
    });
    address
}

/// Reads one request, head and body.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let (mut seen, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&seen).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
            if body.len() >= length {
                return Some(text);
            }
        }
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => seen.extend_from_slice(&chunk[..read]),
        }
    }
}

/// A server that reads each request and writes these bytes, then closes.
async fn answering(bytes: impl Into<Vec<u8>>) -> SocketAddr {
    let bytes: Arc<Vec<u8>> = Arc::new(bytes.into());
    serve(move |_, mut stream| {
        let bytes = Arc::clone(&bytes);
        async move {
            read_request(&mut stream).await;
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
    })
    .await
}

fn open() -> Client {
    Client::new(Policy { allow_private: true, ..Policy::default() }, Limits::default()).unwrap()
}

fn named(policy: Policy, ips: &[&str]) -> Client {
    let ips: Vec<IpAddr> = ips.iter().map(|ip| ip.parse().unwrap()).collect();
    let lookup: Lookup = Arc::new(move |_| {
        let ips = ips.clone();
        Box::pin(async move { Ok(ips) })
    });
    Client::with_lookup(policy, Limits::default(), lookup).unwrap()
}

fn post(url: &str) -> Request {
    let headers = vec![("content-type".to_owned(), "text/plain".to_owned())];
    Request { method: Method::Post, url: url.parse().unwrap(), headers, body: b"lead".to_vec(), secrets: vec![] }
}

fn options(reuse: Reuse) -> CallOptions {
    CallOptions { deadline: Duration::from_secs(10), connect_timeout: Duration::from_secs(5), reuse, is_list: false }
}

async fn call(client: &Client, url: &str) -> Exchange {
    client.call(post(url), options(Reuse::No)).await
}

async fn answer(address: SocketAddr) -> Response {
    call(&open(), &format!("http://{address}/in")).await.answer.unwrap()
}

fn failed(exchange: &Exchange) -> (TransportKind, bool) {
    let TransportError { kind, may_have_arrived, .. } = exchange.answer.as_ref().unwrap_err();
    (*kind, *may_have_arrived)
}

#[tokio::test]
async fn an_answer_comes_back_whole() {
    let address = serve(|_, mut stream| async move {
        let request = read_request(&mut stream).await.unwrap();
        let text = format!("HTTP/1.1 201 Created\r\nX-One: 1\r\ncontent-length: {}\r\n\r\n{request}", request.len());
        let _ = stream.write_all(text.as_bytes()).await;
    })
    .await;
    let exchange = call(&open(), &format!("http://{address}/in?a=1")).await;
    assert_eq!(exchange.remote_ip, Some(address.ip()));
    let answer = exchange.answer.unwrap();
    assert_eq!((answer.status, answer.header("x-one"), answer.is_cut), (201, Some("1"), false));
    let seen = answer.text().into_owned();
    assert!(seen.starts_with("POST /in?a=1 HTTP/1.1\r\n") && seen.ends_with("\r\n\r\nlead"), "{seen}");
    assert!(seen.contains(&format!("user-agent: leadrelay/{}\r\n", env!("CARGO_PKG_VERSION"))), "{seen}");
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let address = answering("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n").await;
    let answer = answer(address).await;
    assert_eq!((answer.status, answer.header("location")), (302, Some("http://127.0.0.1:1/")));
}

#[tokio::test]
async fn a_long_body_is_cut_at_the_limit() {
    let limit = Limits::default().max_answer_bytes;
    let endless = serve(|_, mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(&[b'x'; 8192]).await.is_ok() {}
    })
    .await;
    let answer = answer(endless).await;
    assert_eq!((answer.body.len(), answer.is_cut), (limit, true));
    let exact = [b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &vec![b'x'; limit]].concat();
    let answer = super::tests::answer(answering(exact).await).await;
    assert_eq!((answer.body.len(), answer.is_cut), (limit, false));
}

#[tokio::test]
async fn the_limit_counts_decoded_bytes() {
    // Less than the limit as it travels, far more when it is decoded.
    let bomb = gzip_of_zeros(4 << 20);
    assert!(bomb.len() < Limits::default().max_answer_bytes);
    let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", bomb.len());
    let answer = answer(answering([head.into_bytes(), bomb].concat()).await).await;
    assert_eq!((answer.body.len(), answer.is_cut), (Limits::default().max_answer_bytes, true));
    assert!(answer.body.iter().all(|byte| *byte == 0));
}

/// A gzip stream of `count` zeros, by hand: fixed Huffman codes, one zero and then copies of 258 bytes.
fn gzip_of_zeros(count: usize) -> Vec<u8> {
    let mut bits: Vec<bool> = vec![true, true, false];
    let code = |bits: &mut Vec<bool>, value: u32, length: u32| {
        bits.extend((0..length).rev().map(|no| value >> no & 1 == 1));
    };
    code(&mut bits, 0x30, 8);
    for _ in 0..(count - 1) / 258 {
        code(&mut bits, 0b1100_0101, 8);
        code(&mut bits, 0, 5);
    }
    code(&mut bits, 0, 7);
    let packed = bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |all, bit| all << 1 | u8::from(*bit)));
    let header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    header.into_iter().chain(packed).chain([0; 8]).collect()
}

#[tokio::test]
async fn headers_are_capped() {
    let many: String = (0..200).map(|no| format!("x-{no}: {}\r\n", "v".repeat(1500))).collect();
    let answer = answer(answering(format!("HTTP/1.1 200 OK\r\n{many}content-length: 0\r\n\r\n")).await).await;
    assert_eq!(answer.headers.len(), 64);
    assert!(answer.headers.iter().all(|(_, value)| value.len() <= 1024));
}

#[tokio::test]
async fn a_request_is_never_sent_twice() {
    for reuse in [Reuse::No, Reuse::Brief, Reuse::Normal] {
        let seen = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&seen);
        // Answers the first request of each connection, reads the next one and closes without a word.
        let address = serve(move |_, mut stream| {
            let seen = Arc::clone(&counter);
            async move {
                read_request(&mut stream).await;
                seen.fetch_add(1, Ordering::SeqCst);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
                if read_request(&mut stream).await.is_some() {
                    seen.fetch_add(1, Ordering::SeqCst);
                }
            }
        })
        .await;
        let (client, url) = (open(), format!("http://{address}/"));
        let mut failures = 0;
        for _ in 0..6 {
            let exchange = client.call(post(&url), options(reuse)).await;
            if exchange.answer.is_err() {
                failures += 1;
                assert_eq!(failed(&exchange), (TransportKind::Reset, true));
            }
        }
        assert_eq!(seen.load(Ordering::SeqCst), 6, "{reuse:?}");
        assert_eq!(failures > 0, reuse != Reuse::No, "{reuse:?} fails only if a connection is used again");
    }
}

#[tokio::test]
async fn a_connection_that_died_while_idle_costs_no_second_copy() {
    let seen = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&seen);
    let address = serve(move |_, mut stream| {
        let seen = Arc::clone(&counter);
        async move {
            // Promises to stay and goes, every second time without an answer.
            if read_request(&mut stream).await.is_some() && seen.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
            }
        }
    })
    .await;
    let (client, url) = (open(), format!("http://{address}/"));
    for no in 1..=20 {
        let exchange = client.call(post(&url), options(Reuse::Normal)).await;
        // A copy that was written and lost is reported and not sent again: never more copies than calls.
        assert!(seen.load(Ordering::SeqCst) <= no);
        assert!(exchange.answer.is_ok() || failed(&exchange) == (TransportKind::Reset, true));
    }
}

#[tokio::test]
async fn each_failure_says_whether_anything_may_have_arrived() {
    let client = open();
    let of = async |bytes: &str| failed(&call(&client, &format!("http://{}/", answering(bytes).await)).await);
    assert_eq!(of("").await, (TransportKind::Reset, true));
    assert_eq!(of("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf").await, (TransportKind::Reset, true));
    assert_eq!(of("220 ready for mail\r\n").await, (TransportKind::Protocol, true));
    let broken = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 12\r\n\r\nnot gzip at!";
    assert_eq!(of(broken).await, (TransportKind::Protocol, true));

    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(failed(&call(&client, &format!("http://{closed}/")).await), (TransportKind::Connect, false));

    let plain = serve(|_, mut stream| async move {
        let _ = stream.read(&mut [0; 4096]).await;
        let _ = stream.write_all(b"HTTP/1.1 400 this is no TLS\r\n\r\n").await;
    })
    .await;
    let silent = serve(|_, mut stream| async move {
        let _ = stream.read(&mut [0; 16]).await;
    })
    .await;
    for address in [plain, silent] {
        assert_eq!(failed(&call(&client, &format!("https://{address}/")).await), (TransportKind::Tls, false));
    }
}

#[tokio::test]
async fn a_deadline_covers_connecting_waiting_and_the_body() {
    let stalled = serve(|_, mut stream| async move {
        read_request(&mut stream).await;
        std::future::pending::<()>().await;
    })
    .await;
    let half = serve(|_, mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf").await;
        std::future::pending::<()>().await;
    })
    .await;
    // A handshake that nobody answers is still connecting.
    let mute = serve(|_, stream| async move {
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    let client = open();
    let mut calls = Vec::new();
    for reuse in [Reuse::No, Reuse::Normal] {
        for (scheme, server, may_have_arrived) in
            [("http", stalled, true), ("http", half, true), ("https", mute, false)]
        {
            let short = CallOptions { deadline: Duration::from_secs(1), ..options(reuse) };
            let (client, url) = (client.clone(), format!("{scheme}://{server}/"));
            calls.push(async move {
                let exchange = client.call(post(&url), short).await;
                assert_eq!(failed(&exchange), (TransportKind::Timeout, may_have_arrived), "{url} {reuse:?}");
                assert!(exchange.took < Duration::from_secs(8));
                assert_eq!(exchange.remote_ip.is_some(), may_have_arrived);
            });
        }
    }
    futures_util::future::join_all(calls).await;
    let quick = CallOptions { connect_timeout: Duration::from_millis(100), ..options(Reuse::Normal) };
    let exchange = client.call(post(&format!("https://{mute}/")), quick).await;
    assert_eq!(failed(&exchange), (TransportKind::Timeout, false));
    let stuck: Lookup = Arc::new(|_| Box::pin(std::future::pending()));
    let client = Client::with_lookup(Policy::default(), Limits::default(), stuck).unwrap();
    let exchange = client.call(post("https://slow.example/"), quick).await;
    assert_eq!(failed(&exchange), (TransportKind::Timeout, false));
}

#[tokio::test]
async fn the_guard_judges_literals_and_names() {
    let address = answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let (closed, port) = (Client::new(Policy::default(), Limits::default()).unwrap(), address.port());
    for url in [
        format!("http://{address}/"),
        format!("http://localhost:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
    ] {
        assert_eq!(failed(&call(&closed, &url).await), (TransportKind::Blocked, false), "{url}");
    }
    let url = format!("http://crm.example:{port}/");
    for ips in [&["127.0.0.1"][..], &["8.8.8.8", "127.0.0.1"], &["::ffff:127.0.0.1"]] {
        let exchange = call(&named(Policy::default(), ips), &url).await;
        assert_eq!(failed(&exchange), (TransportKind::Blocked, false), "{ips:?}");
        assert_eq!(exchange.remote_ip, None);
    }
    let listed = |target: &str| Policy::parse(false, &[target]).unwrap();
    let target = format!("crm.example:{port}");
    assert!(call(&named(listed(&target), &["127.0.0.1"]), &url).await.answer.is_ok());
    assert_eq!(
        failed(&call(&named(listed("crm.example:1"), &["127.0.0.1"]), &url).await),
        (TransportKind::Blocked, false)
    );
    assert_eq!(failed(&call(&named(Policy::default(), &[]), &url).await), (TransportKind::Dns, false));
    let unknown: Lookup = Arc::new(|_| Box::pin(async { Err(std::io::Error::other("no such name")) }));
    let client = Client::with_lookup(Policy::default(), Limits::default(), unknown).unwrap();
    assert_eq!(failed(&call(&client, &url).await), (TransportKind::Dns, false));
}

#[tokio::test]
async fn a_name_that_changes_its_address_is_judged_each_time() {
    let address = answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    // First an address that is allowed, from then on the loopback address that was never allowed.
    let lookup: Lookup = Arc::new(move |_| {
        let no = counter.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move { Ok(vec![if no == 0 { "127.0.0.1" } else { "127.0.0.2" }.parse().unwrap()]) })
    });
    let policy = Policy::parse(false, &["127.0.0.1"]).unwrap();
    let client = Client::with_lookup(policy, Limits::default(), lookup).unwrap();
    let url = format!("http://rebind.example:{}/", address.port());
    let first = call(&client, &url).await;
    assert!(first.answer.is_ok());
    assert_eq!(
        (first.remote_ip, asked.load(Ordering::SeqCst)),
        (Some(address.ip()), 1),
        "one look-up: checked and used"
    );
    assert_eq!(failed(&call(&client, &url).await), (TransportKind::Blocked, false));
}

#[tokio::test]
async fn headers_that_frame_the_message_are_ours() {
    let address = answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    for (name, value) in
        [("content-length", "1"), ("transfer-encoding", "chunked"), ("x-a", "b\r\nx-c: d"), ("a b", "c")]
    {
        let mut request = post(&format!("http://{address}/"));
        request.headers.push((name.into(), value.into()));
        let exchange = open().call(request, options(Reuse::No)).await;
        assert_eq!(failed(&exchange), (TransportKind::Protocol, false), "{name}");
    }
}

#[tokio::test]
async fn the_sandbox_answers_inside_the_process() {
    let client = open();
    assert_eq!(failed(&call(&client, "sandbox://practice/send").await), (TransportKind::Blocked, false));
    let client = client.with_sandbox(Arc::new(|request: Request| {
        Box::pin(async move {
            if request.url.path() == "/stall" {
                std::future::pending::<()>().await;
            }
            Ok(Response { status: 200, headers: vec![], body: request.body, is_cut: false })
        })
    }));
    assert_eq!(call(&client, "sandbox://practice/send").await.answer.unwrap().body, b"lead");
    let short = CallOptions { deadline: Duration::from_millis(50), ..options(Reuse::No) };
    let exchange = client.call(post("sandbox://practice/stall"), short).await;
    assert_eq!(failed(&exchange), (TransportKind::Timeout, true));
}
