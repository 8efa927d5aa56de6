//! HTTP/1.1 by hand over kept-alive connections, as cheap as it can be: on a machine of two cores the load must not
//! take what it measures.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Reads messages from one side of a connection.
pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
    start: usize,
}

/// One request or answer.
pub struct Message {
    /// The first line and the headers.
    pub head: String,
    pub body: Vec<u8>,
}

impl Message {
    /// The status of an answer.
    pub fn status(&self) -> u16 {
        self.head.get(9..12).and_then(|digits| digits.parse().ok()).unwrap_or(0)
    }

    /// The path of a request, with its query.
    pub fn path(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or("")
    }

    /// A header; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.split("\r\n").filter_map(|line| line.split_once(':'));
        lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
    }
}

impl Wire {
    pub fn new(stream: TcpStream) -> Self {
        let _ = stream.set_nodelay(true);
        Self { stream, buffer: Vec::with_capacity(8192), start: 0 }
    }

    pub async fn connect(port: u16) -> io::Result<Self> {
        Ok(Self::new(TcpStream::connect(("127.0.0.1", port)).await?))
    }

    pub fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// The next message; `None` when the other side has closed in order.
    pub async fn read(&mut self) -> io::Result<Option<Message>> {
        let end = loop {
            let seen = self.buffer.get(self.start..).unwrap_or_default();
            if let Some(at) = find_end(seen) {
                break at;
            }
            if self.fill().await? == 0 {
                return if seen_nothing(&self.buffer, self.start) {
                    Ok(None)
                } else {
                    Err(io::ErrorKind::UnexpectedEof.into())
                };
            }
        };
        let head =
            String::from_utf8_lossy(self.buffer.get(self.start..self.start + end).unwrap_or_default()).into_owned();
        let mut message = Message { head, body: Vec::new() };
        let length: usize = message.header("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
        let from = self.start + end + 4;
        while self.buffer.len() < from + length {
            if self.fill().await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        message.body = self.buffer.get(from..from + length).unwrap_or_default().to_vec();
        self.start = from + length;
        if self.start == self.buffer.len() {
            self.buffer.clear();
            self.start = 0;
        }
        Ok(Some(message))
    }

    async fn fill(&mut self) -> io::Result<usize> {
        self.stream.read_buf(&mut self.buffer).await
    }
}

fn seen_nothing(buffer: &[u8], start: usize) -> bool {
    buffer.len() <= start
}

fn find_end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n")
}
