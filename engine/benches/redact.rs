//! How the time that redaction takes grows with its text: repetitions that once took the square of it, and each mark of a rule.
//!
//! `cargo bench -p triagem-engine --bench redact` prints, for each, the time for a mebibyte, and how much longer it takes for two.
#![expect(clippy::print_stdout, reason = "a benchmark prints")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use triagem_engine::text::secret::redact;

const MIB: usize = 1024 * 1024;
/// A text twice as long may take this much longer: what is above is a square.
const GROWTH: f64 = 2.2;

const REPEATED: &[&str] = &[
    "eyJabc.",
    "eyJ",
    "token:",
    "token: ",
    "token=a&",
    "password:",
    "password=\"",
    "password='",
    "password=\\\"",
    "authorization:",
    "Authorization: Bearer ",
    "cookie:",
    "://",
    "://a:",
    "://a:b@",
    "data:{",
    "data:{a:",
    "stringData:{",
    "Secret{",
    "kind: Secret data:{",
    "-----BEGIN PRIVATE KEY-----",
    "-----END PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----x---- END",
    "--token ",
    "-u a:",
    "mysql -p",
    "8Q~a",
    "bearer ",
    "secrets(",
    "secrets(map[",
    "ghp_",
    "a:b@tcp(",
    ",Value:nil",
    ",Value:x",
    "<password>",
    "[104 ",
    "[",
    "]",
    "{",
    "\\",
    "\\\"",
    "\\n",
    "\\u0022",
    " ",
    "\t",
    "\n",
    " \n",
    "> ",
    "&",
    "&amp;",
    "%3D",
    "=",
    ":",
    "a=b&",
    "?code=",
    "A=1\n",
    "data:\n a: ",
    "password: |\n",
    "password:\n",
    "Environment:\n",
    "-",
    "/",
    "AbC1dE2f",
    "QUJD",
    "\"",
    "'a'",
    "密码：",
    "\u{200b}",
    "\x1b[",
    "chave de acesso ",
    "the password is: ",
    "[redacted]",
    "E1123 22:05:51.978325       1 a.go:1] ",
];

fn time(unit: &str, size: usize) -> Duration {
    let text = unit.repeat(size / unit.len());
    let best = (0..3).map(|_| {
        let start = Instant::now();
        black_box(redact(black_box(&text)));
        start.elapsed()
    });
    best.min().unwrap_or_default()
}

fn main() {
    // `cargo test --all-targets` runs this too, and wants to know only that it builds.
    if !std::env::args().any(|it| it == "--bench") {
        return;
    }
    let mut worst = 0.0_f64;
    for unit in REPEATED {
        // A mebibyte is all that is looked at in every way.
        let (once, twice) = (time(unit, MIB / 2), time(unit, MIB));
        let growth = twice.as_secs_f64() / once.as_secs_f64().max(1e-4);
        worst = worst.max(growth);
        let mark = if growth > GROWTH { "  more than twice" } else { "" };
        println!("{:>9.1} ms/MiB  ×{growth:.2}  {unit:?}{mark}", twice.as_secs_f64() * 1e3);
    }
    println!("the worst growth is ×{worst:.2}");
}
