//! What stands in front of an API server, a recorded or the real one: it counts what is asked, and answers any one question
//! with a fault.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value as Json, json};

/// What is answered in place of an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    Forbidden,
    NotFound,
    TooMany,
    Broken,
    Unavailable,
    Hang,
    /// It comes half, and then no more.
    Stall,
    Cut,
    Slow,
    Garbage,
    Expired,
    /// The same answer, of another kind.
    OtherKind,
    /// The same list, with texts for objects.
    Texts,
}

pub const FAULTS: &[Fault] = &[
    Fault::Forbidden,
    Fault::NotFound,
    Fault::TooMany,
    Fault::Broken,
    Fault::Unavailable,
    Fault::Hang,
    Fault::Stall,
    Fault::Cut,
    Fault::Slow,
    Fault::Garbage,
    Fault::Expired,
];

/// Who answers when there is no fault: the head of a request, and its path and query; status and body.
pub type Behind = Arc<dyn Fn(&str, &str) -> (u16, Vec<u8>) + Send + Sync>;

/// A server on loopback, until the test ends.
pub struct Front {
    pub port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    behind: Behind,
    /// How many questions are being answered, and how many were at most.
    now: AtomicUsize,
    most: AtomicUsize,
    /// How long every answer takes.
    delay: Mutex<Duration>,
    /// Bytes that are written at once; 0: all of them.
    chunk: AtomicUsize,
    /// What Status answers say of a fault.
    fault_says: Mutex<String>,
    /// Paths and queries, and the heads they came in.
    asked: Mutex<Vec<String>>,
    heads: Mutex<Vec<String>>,
    /// Questions (path and query) that are answered with a fault, from which time they are asked on.
    faults: Mutex<Vec<(String, usize, Fault)>>,
    /// What becomes of an object after so many reads: another one, or none.
    later: Mutex<Vec<(String, usize, Option<Json>)>>,
}

/// An answer that has lost its shape; what has none is no answer.
fn twisted(fault: Fault, (status, body): (u16, Vec<u8>)) -> (u16, Vec<u8>) {
    let Ok(Json::Object(mut tree)) = serde_json::from_slice(&body) else {
        return (200, b"<html>sign in to the proxy</html>".to_vec());
    };
    match (fault, tree.get_mut("items")) {
        (Fault::Texts, Some(items)) => *items = json!(["x"]),
        (_, Some(_)) => drop(tree.insert("kind".to_owned(), "ConfigMapList".into())),
        (_, None) => drop(tree.insert("kind".to_owned(), "ConfigMap".into())),
    }
    (status, Json::Object(tree).to_string().into_bytes())
}

impl Front {
    pub fn start(behind: Behind) -> Self {
        let shared = Arc::new(Shared {
            behind,
            now: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            delay: Mutex::default(),
            chunk: AtomicUsize::new(0),
            fault_says: Mutex::new("a fault of this test".to_owned()),
            asked: Mutex::default(),
            heads: Mutex::default(),
            faults: Mutex::default(),
            later: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let for_all = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&for_all);
                thread::spawn(move || shared.converse(stream));
            }
        });
        Self { port, shared }
    }

    /// A kubeconfig for it, of whom this token is.
    pub fn kubeconfig_of(&self, token: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: served\nclusters: [{{name: served, cluster: {{server: \"http://127.0.0.1:{}\"}}}}]\nusers: [{{name: reader, user: {{token: {token}}}}}]\ncontexts: [{{name: served, context: {{cluster: served, user: reader}}}}]\n",
            self.port
        )
    }

    /// What was asked so far, each question once, in order.
    pub fn asked(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for path in self.shared.asked.lock().unwrap().iter() {
            if !all.contains(path) {
                all.push(path.clone());
            }
        }
        all
    }

    /// What was asked, every time.
    pub fn asked_each_time(&self) -> Vec<String> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// The headers that came with the questions.
    pub fn heads(&self) -> Vec<String> {
        self.shared.heads.lock().unwrap().clone()
    }

    /// From now on this question is answered with a fault.
    pub fn fail(&self, path: &str, fault: Fault) {
        self.fail_from(path, 0, fault);
    }

    /// This question is answered with a fault once it was answered so many times.
    pub fn fail_from(&self, path: &str, times: usize, fault: Fault) {
        self.shared.faults.lock().unwrap().push((path.to_owned(), times, fault));
    }

    /// This object is gone once it was read so many times.
    pub fn vanish(&self, path: &str, times: usize) {
        self.shared.later.lock().unwrap().push((path.to_owned(), times, None));
    }

    /// This object is another one once it was read so many times.
    pub fn replace(&self, path: &str, times: usize, with: impl FnOnce(&mut Json)) {
        let (_, body) = (self.shared.behind)("", path);
        let mut object = serde_json::from_slice(&body).unwrap();
        with(&mut object);
        self.shared.later.lock().unwrap().push((path.to_owned(), times, Some(object)));
    }

    /// Every answer takes this long.
    pub fn delay(&self, long: Duration) {
        *self.shared.delay.lock().unwrap() = long;
    }

    /// How many questions were in flight at once, at most.
    pub fn most_at_once(&self) -> usize {
        self.shared.most.load(Ordering::SeqCst)
    }

    /// Writes answers in pieces of this many bytes.
    pub fn chunk(&self, size: usize) {
        self.shared.chunk.store(size, Ordering::Relaxed);
    }

    /// What faults say.
    pub fn fault_says(&self, text: &str) {
        *self.shared.fault_says.lock().unwrap() = text.to_owned();
    }
}

impl Shared {
    fn converse(&self, mut stream: TcpStream) {
        let _at_once = stream.set_nodelay(true);
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        loop {
            let mut head = String::new();
            loop {
                match reader.read_line(&mut head) {
                    Ok(0) | Err(_) => return,
                    Ok(2) => break,
                    Ok(_) => {}
                }
            }
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let before = {
                let mut asked = self.asked.lock().unwrap();
                asked.push(path.clone());
                asked.iter().filter(|it| **it == path).count() - 1
            };
            self.heads.lock().unwrap().push(head.clone());
            let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            let delay = *self.delay.lock().unwrap();
            thread::sleep(delay);
            self.now.fetch_sub(1, Ordering::SeqCst);
            let due = |it: &str, times: usize| it == path && before >= times;
            let faults = self.faults.lock().unwrap();
            let fault = faults.iter().find(|it| due(&it.0, it.1)).map(|it| it.2);
            drop(faults);
            let later = self.later.lock().unwrap();
            let changed = later.iter().find(|it| due(&it.0, it.1)).map(|it| it.2.clone());
            drop(later);
            let (status, body) = match (fault, changed) {
                (Some(Fault::Hang), _) => {
                    thread::sleep(Duration::from_mins(10));
                    return;
                }
                (Some(fault @ (Fault::OtherKind | Fault::Texts)), _) => {
                    twisted(fault, (self.behind)(&head, &path))
                }
                (Some(fault), _) if fault.replaces() => self.instead(fault),
                (_, Some(Some(object))) => (200, object.to_string().into_bytes()),
                (_, Some(None)) => gone("pods", path.rsplit('/').next().unwrap()),
                _ => (self.behind)(&head, &path),
            };
            if self.respond(&mut stream, status, &body, fault).is_none() {
                return;
            }
        }
    }

    /// What a fault answers.
    fn instead(&self, fault: Fault) -> (u16, Vec<u8>) {
        let code = |code: u16, reason: &str| {
            let says = self.fault_says.lock().unwrap().clone();
            (code, json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "message": says, "code": code}).to_string().into_bytes())
        };
        match fault {
            Fault::Forbidden => code(403, "Forbidden"),
            Fault::NotFound => (404, b"<html>404 page not found</html>".to_vec()),
            Fault::TooMany => code(429, "TooManyRequests"),
            Fault::Broken => code(500, "InternalError"),
            Fault::Unavailable => code(503, "ServiceUnavailable"),
            Fault::Expired => code(401, "Unauthorized"),
            Fault::Garbage => (200, b"<html>sign in to the proxy</html>".to_vec()),
            Fault::Hang
            | Fault::Stall
            | Fault::Cut
            | Fault::Slow
            | Fault::OtherKind
            | Fault::Texts => {
                panic!("{fault:?} has no answer of its own")
            }
        }
    }

    /// `None`: the connection is at its end.
    fn respond(
        &self,
        stream: &mut TcpStream,
        status: u16,
        body: &[u8],
        fault: Option<Fault>,
    ) -> Option<()> {
        let retry = if fault == Some(Fault::TooMany) { "Retry-After: 1\r\n" } else { "" };
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{retry}Content-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        match fault {
            Some(Fault::Cut | Fault::Stall) => {
                stream.write_all(body.get(..body.len() / 2)?).ok()?;
                if fault == Some(Fault::Stall) {
                    thread::sleep(Duration::from_mins(10));
                }
                None
            }
            Some(Fault::Slow) => {
                for part in body.chunks(body.len() / 4 + 1) {
                    stream.write_all(part).ok()?;
                    thread::sleep(Duration::from_millis(100));
                }
                Some(())
            }
            _ => {
                let size = match self.chunk.load(Ordering::Relaxed) {
                    0 => body.len().max(1),
                    size => size,
                };
                for part in body.chunks(size) {
                    stream.write_all(part).ok()?;
                    stream.flush().ok()?;
                }
                Some(())
            }
        }
    }
}

impl Fault {
    /// It has an answer of its own.
    fn replaces(self) -> bool {
        !matches!(self, Self::Hang | Self::Stall | Self::Cut | Self::Slow)
    }
}

/// What an API server says where there is no such object.
pub fn gone(plural: &str, name: &str) -> (u16, Vec<u8>) {
    (404, json!({"kind": "Status", "reason": "NotFound", "message": format!("{plural} {name:?} not found"), "details": {"name": name, "kind": plural}, "code": 404}).to_string().into_bytes())
}
