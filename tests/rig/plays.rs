//! How a server can misbehave, as data. Played by the fake of the tests and by the network of the drills.

use std::time::Duration;

use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// How one request is answered.
#[derive(Clone, Debug)]
pub enum Play {
    /// Status and a JSON body.
    Json(u16, Value),
    /// Status, further header lines (`name: value`), and a body.
    Raw(u16, Vec<String>, Vec<u8>),
    /// Reads the request and never answers.
    Silence,
    /// Reads the request and closes the connection.
    Close,
    /// Reads the request and resets the connection.
    Reset,
    /// Answers one byte at a time, for ever.
    Drip,
    /// Answers bytes that are no HTTP.
    Garbage,
    /// Answers 200 with a body of so many bytes.
    Huge(usize),
    /// Answers after this time.
    Slow(Duration, u16, Value),
}

/// Plays one answer. Says whether the connection may be used again.
pub async fn answer(stream: &mut TcpStream, play: Play) -> bool {
    match play {
        Play::Json(status, body) => {
            respond(stream, status, &["content-type: application/json".into()], body.to_string().as_bytes()).await
        }
        Play::Raw(status, headers, body) => respond(stream, status, &headers, &body).await,
        Play::Slow(wait, status, body) => {
            tokio::time::sleep(wait).await;
            respond(stream, status, &["content-type: application/json".into()], body.to_string().as_bytes()).await
        }
        Play::Silence => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            false
        }
        Play::Close => false,
        Play::Reset => {
            #[expect(deprecated, reason = "the one way to send a reset")]
            stream.set_linger(Some(Duration::ZERO)).ok();
            false
        }
        Play::Drip => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n").await;
            while stream.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            false
        }
        Play::Garbage => {
            let _ = stream.write_all(b"\x00\x01nonsense\r\n\r\n").await;
            false
        }
        Play::Huge(bytes) => {
            let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {bytes}\r\n\r\n");
            if stream.write_all(head.as_bytes()).await.is_err() {
                return false;
            }
            let block = vec![b'x'; 65_536];
            let mut left = bytes;
            while left > 0 {
                let part = block.get(..left.min(block.len())).unwrap_or(&block);
                if stream.write_all(part).await.is_err() {
                    return false;
                }
                left -= part.len();
            }
            true
        }
    }
}

async fn respond(stream: &mut TcpStream, status: u16, headers: &[String], body: &[u8]) -> bool {
    let mut head = format!("HTTP/1.1 {status} Played\r\ncontent-length: {}\r\n", body.len());
    for line in headers {
        head.push_str(line);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await.is_ok() && stream.write_all(body).await.is_ok()
}
