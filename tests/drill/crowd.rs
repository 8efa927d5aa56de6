//! A crowd at the door: thousands of idle connections, and clients that send their head and body a byte at a time.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::scene::{Scene, Wishes};

const HEADER_SECONDS: u64 = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_and_slow_connections_do_not_keep_others_out() {
    let settings = vec![("SERVER__HEADER_TIMEOUT_SECONDS", HEADER_SECONDS.to_string())];
    let mut scene = Scene::set("crowd", Wishes { settings, ..Wishes::default() }).await;
    let idle = scene.form.pick(500, 5_000);
    let port = scene.port();
    let mut idlers = Vec::with_capacity(idle);
    for _ in 0..idle {
        idlers.push(TcpStream::connect(("127.0.0.1", port)).await.expect("room for an idle connection"));
    }
    let slow: Vec<_> = (0..scene.form.pick(50, 500)).map(|number| tokio::spawn(loris(port, number % 2 == 0))).collect();
    let began = Instant::now();
    let posting = scene.post_to(vec![port], 2, Duration::ZERO, 100);
    let answers = posting.all().await;
    let took = began.elapsed();
    println!("crowd: 100 leads beside {idle} idle and {} slow connections in {took:?}", slow.len());
    assert!(took < Duration::from_secs(20), "others were kept out for {took:?}");
    assert_eq!(answers.broken() + answers.unavailable(), 0, "nobody else was turned away");
    for one in slow {
        let (is_head, held) = one.await.expect("a slow client");
        if is_head {
            let most = Duration::from_secs(HEADER_SECONDS + 5);
            assert!(held < most, "a client that drips its head was borne for {held:?}");
        }
    }
    drop(idlers);
    scene.end(answers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_idle_connections_than_places_only_cost_the_time_of_a_head() {
    let settings = vec![
        ("SERVER__HEADER_TIMEOUT_SECONDS", HEADER_SECONDS.to_string()),
        ("SERVER__MAX_CONNECTIONS", "50".to_owned()),
    ];
    let mut scene = Scene::set("crowded_out", Wishes { settings, ..Wishes::default() }).await;
    let port = scene.port();
    let mut idlers = Vec::new();
    for _ in 0..100 {
        idlers.push(TcpStream::connect(("127.0.0.1", port)).await.expect("a place in the backlog"));
    }
    let answers = scene.post_to(vec![port], 2, Duration::ZERO, 20).all().await;
    drop(idlers);
    scene.end(answers).await;
}

/// Sends a head, or a body, one byte at a time. Gives which, and how long that was borne.
async fn loris(port: u16, is_head: bool) -> (bool, Duration) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
    let began = Instant::now();
    if !is_head {
        let head = "POST /api/v1/leads HTTP/1.1\r\nhost: rig\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n";
        if stream.write_all(head.as_bytes()).await.is_err() {
            return (is_head, began.elapsed());
        }
    }
    let line: &[u8] = if is_head { b"GET /healthz HTTP/1.1\r\nx-slow: " } else { b"{" };
    let mut answer = [0; 64];
    for byte in line.iter().chain(std::iter::repeat(&b'x')) {
        // An answer or the end: it was turned away. The slow body only has to be no harm, so it is not waited for.
        let told = tokio::time::timeout(Duration::from_millis(200), stream.read(&mut answer)).await;
        let is_over = told.is_ok() || stream.write_all(&[*byte]).await.is_err();
        if is_over || began.elapsed() > Duration::from_secs(HEADER_SECONDS + 10) {
            break;
        }
    }
    (is_head, began.elapsed())
}
