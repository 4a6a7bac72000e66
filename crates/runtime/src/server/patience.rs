//! Connections that cannot be held open for nothing: whoever sends a request's head byte by byte,
//! or nothing at all, is cut off, and only so many are served at a time.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot::{Receiver, Sender, channel};
use tokio::time::{Instant, Sleep, sleep};

/// A listener whose connections end when nothing was answered on them for `patience`: each has
/// that long for a whole request, counted from its opening and from the last byte it was sent.
/// Where `most` are open, the oldest gives way to the next one, so that a probe is answered however
/// many others say nothing.
pub(super) struct Patient {
    listener: TcpListener,
    patience: Duration,
    most: usize,
    /// What ends each open connection, the oldest first.
    open: VecDeque<Sender<()>>,
}

impl Patient {
    pub(super) fn new(listener: TcpListener, patience: Duration, most: usize) -> Self {
        Self { listener, patience, most, open: VecDeque::new() }
    }

    /// Makes room for one more; what comes when it must give way to another.
    fn make_room(&mut self) -> Receiver<()> {
        if self.open.len() >= self.most {
            self.open.retain(|connection| !connection.is_closed());
        }
        if self.open.len() >= self.most
            && let Some(oldest) = self.open.pop_front()
        {
            // Fails only where it ended meanwhile.
            let _ = oldest.send(());
        }
        let (sender, receiver) = channel();
        self.open.push_back(sender);
        receiver
    }
}

impl Listener for Patient {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        let ends = Box::pin(sleep(self.patience));
        let gives_way = Some(self.make_room());
        (Connection { stream, ends, gives_way, patience: self.patience }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that ends by itself.
pub(super) struct Connection {
    stream: TcpStream,
    ends: Pin<Box<Sleep>>,
    /// Told when another one needs its place; `None` once it was.
    gives_way: Option<Receiver<()>>,
    patience: Duration,
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // Not asked again once it has answered.
        if let Some(gives_way) = &mut self.gives_way
            && Pin::new(gives_way).poll(context).is_ready()
        {
            self.gives_way = None;
        }
        if self.gives_way.is_none() || self.ends.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(context, bytes);
        match wrote {
            Poll::Ready(Ok(_)) => {
                let patience = self.patience;
                self.ends.as_mut().reset(Instant::now() + patience);
                wrote
            }
            // Who does not read its answer is cut off, too.
            Poll::Pending if self.ends.as_mut().poll(context).is_ready() => {
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            wrote => wrote,
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream as Client;

    use axum::Router;
    use axum::routing::get;

    use super::*;

    async fn serve(patience: Duration, most: usize) -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(|| async { "here" }));
        let patient = Patient::new(listener, patience, most);
        tokio::spawn(async move { axum::serve(patient, router).await });
        address
    }

    /// Sends a head without end, line by line; whether the server cut it off.
    fn is_cut_off(address: SocketAddr) -> bool {
        let mut stream = Client::connect(address).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n").unwrap();
        // Far longer than its patience, however slow this machine is.
        (0..12_000).any(|_| {
            std::thread::sleep(Duration::from_millis(5));
            stream.write_all(b"x:\r\n").is_err()
        })
    }

    #[tokio::test]
    async fn a_head_that_never_ends_is_cut_off_although_it_goes_on() {
        let address = serve(Duration::from_millis(100), 8).await;
        assert!(tokio::task::spawn_blocking(move || is_cut_off(address)).await.unwrap());
    }

    #[tokio::test]
    async fn who_holds_all_places_and_says_nothing_makes_room() {
        let address = serve(Duration::from_hours(1), 2).await;
        let answer = tokio::task::spawn_blocking(move || {
            let _silent = [(); 2].map(|()| Client::connect(address).unwrap());
            let mut stream = Client::connect(address).unwrap();
            let request = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
            stream.write_all(request).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        });
        let answer = answer.await.unwrap();
        assert!(answer.ends_with("here"), "{answer}");
    }
}
