//! The listener's own limits: slow heads, too many connections, open requests at the end.

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use leadrelay::http::listener::{Limits, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(10);

async fn start(limits: Limits, router: Router) -> (String, CancellationToken, tokio::task::JoinHandle<()>) {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let stop = CancellationToken::new();
    let until = stop.clone();
    let task = tokio::spawn(async move { serve(socket, router, limits, until).await.unwrap() });
    (address, stop, task)
}

fn hello() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

async fn ask(stream: &mut TcpStream) -> String {
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut block = [0; 4096];
    let count = timeout(PATIENCE, stream.read(&mut block)).await.unwrap().unwrap();
    String::from_utf8_lossy(&block[..count]).into_owned()
}

#[tokio::test]
async fn a_head_that_drips_is_cut_off() {
    let limits = Limits { max_connections: 10, header_timeout: Duration::from_millis(200) };
    let (address, _stop, _task) = start(limits, hello()).await;
    let mut slow = TcpStream::connect(&address).await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nx-drip: ").await.unwrap();
    let mut rest = Vec::new();
    timeout(PATIENCE, slow.read_to_end(&mut rest)).await.expect("it is closed").unwrap();
    assert!(!String::from_utf8_lossy(&rest).contains("hello"));
}

#[tokio::test]
async fn connections_over_the_limit_wait_for_a_place() {
    let limits = Limits { max_connections: 1, header_timeout: PATIENCE };
    let (address, _stop, _task) = start(limits, hello()).await;
    let mut first = TcpStream::connect(&address).await.unwrap();
    assert!(ask(&mut first).await.contains("hello"));
    let mut second = TcpStream::connect(&address).await.unwrap();
    second.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut block = [0; 4096];
    assert!(timeout(Duration::from_millis(200), second.read(&mut block)).await.is_err(), "the only place is taken");
    drop(first);
    let count = timeout(PATIENCE, second.read(&mut block)).await.expect("a place is free").unwrap();
    assert!(String::from_utf8_lossy(&block[..count]).contains("hello"));
}

#[tokio::test]
async fn an_open_request_is_answered_before_the_end() {
    let (entered, mut has_entered) = tokio::sync::mpsc::channel::<()>(1);
    let (go, may_go) = tokio::sync::watch::channel(false);
    let router = Router::new().route(
        "/",
        get(move || {
            let (entered, mut may_go) = (entered.clone(), may_go.clone());
            async move {
                entered.send(()).await.unwrap();
                may_go.wait_for(|go| *go).await.unwrap();
                "finished"
            }
        }),
    );
    let (address, stop, task) = start(Limits { max_connections: 10, header_timeout: PATIENCE }, router).await;
    let asked = tokio::spawn(async move {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        ask(&mut stream).await
    });
    has_entered.recv().await.unwrap();
    stop.cancel();
    go.send(true).unwrap();
    assert!(asked.await.unwrap().contains("finished"));
    timeout(PATIENCE, task).await.expect("it ends").unwrap();
}
