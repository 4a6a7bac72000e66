//! A TCP proxy before each broker, so that the way to Kafka can be cut while Kafka runs.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What becomes of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Bytes go to and fro.
    Open,
    /// All connections end, new ones too.
    Cut,
    /// Connections stand, new ones too, and no byte arrives: a firewall that drops packets.
    Hole,
}

struct State {
    way: Way,
    /// Both ends of all connections.
    open: Vec<TcpStream>,
}

/// Proxies that share one way. Their threads end with the process.
#[derive(Clone)]
pub(crate) struct Proxy(Arc<Mutex<State>>);

impl Proxy {
    /// Listens on the first port of each pair and leads to the second.
    pub(crate) fn start(ports: &[(u16, u16)]) -> Self {
        let proxy = Self(Arc::new(Mutex::new(State { way: Way::Open, open: Vec::new() })));
        for (from, to) in ports.iter().copied() {
            let listener =
                TcpListener::bind(("127.0.0.1", from)).expect("the proxy's port is free");
            let proxy = proxy.clone();
            std::thread::spawn(move || {
                for client in listener.incoming().flatten() {
                    proxy.lead(client, to);
                }
            });
        }
        proxy
    }

    /// From now on connections fare so. What went into a hole is gone, and its connections with it.
    pub(crate) fn set(&self, way: Way) {
        let mut state = self.0.lock().expect("no panic under the lock");
        if way == Way::Cut || state.way == Way::Hole {
            for stream in state.open.drain(..) {
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
        state.way = way;
    }

    fn way(&self) -> Way {
        self.0.lock().expect("no panic under the lock").way
    }

    fn lead(&self, client: TcpStream, to: u16) {
        let Ok(broker) = TcpStream::connect(("127.0.0.1", to)) else { return };
        for (from, to) in [(&client, &broker), (&broker, &client)] {
            let (Ok(from), Ok(to), Ok(kept)) = (from.try_clone(), to.try_clone(), from.try_clone())
            else {
                return;
            };
            let mut state = self.0.lock().expect("no panic under the lock");
            if state.way == Way::Cut {
                return;
            }
            state.open.push(kept);
            drop(state);
            let proxy = self.clone();
            std::thread::spawn(move || proxy.copy(from, to));
        }
    }

    fn copy(&self, mut from: TcpStream, mut to: TcpStream) {
        let mut bytes = [0; 16 * 1024];
        while let Ok(count) = from.read(&mut bytes) {
            while self.way() == Way::Hole {
                std::thread::sleep(Duration::from_millis(20));
            }
            if count == 0 || to.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    }
}
