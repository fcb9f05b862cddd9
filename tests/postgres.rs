//! A system of which this program knows nothing: `PostgreSQL`, by YAML alone. Its playbook judges what a real server
//! says when it is asked live, and the same out of a recording, a folder and pasted text.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a failed test may panic"
)]

use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

/// Whom the server runs as: it refuses to run as root.
const NOBODY: u32 = 65_534;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/postgres").join(path)
}

/// The newest server of Debian's packages; `None`, saying so, where there is none.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut found: Vec<PathBuf> = versions.map(|it| it.unwrap().path().join("bin")).collect();
    found.retain(|it| it.join("postgres").exists());
    found.sort();
    let Some(programs) = found.pop() else {
        assert!(std::env::var_os("TRIAGEM_POSTGRES").is_none(), "there is no PostgreSQL here");
        eprintln!("skipped: there is no PostgreSQL in /usr/lib/postgresql");
        return None;
    };
    Some(programs)
}

struct Server {
    folder: tempfile::TempDir,
    programs: PathBuf,
    port: u16,
    running: Option<Child>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
        if self.data().join("lost+found").exists() || self.is_mounted() {
            let _gone = Command::new("umount").arg(self.data()).status();
        }
    }
}

impl Server {
    /// A new server that is not started, on a port of its own.
    fn new(programs: &Path, mount: Option<&str>) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Self { folder, programs: programs.to_owned(), port, running: None };
        std::fs::create_dir(server.data()).unwrap();
        if let Some(size) = mount {
            let size = format!("size={size}");
            let mount = ["-t", "tmpfs", "-o", &size, "tmpfs"];
            let done = Command::new("mount").args(mount).arg(server.data()).status().unwrap();
            if !done.success() {
                eprintln!("skipped: no file system of its own can be mounted here");
                return None;
            }
        }
        for path in [server.folder.path().to_owned(), server.data()] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
            if is_root() {
                chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
            }
        }
        let made = server
            .program("initdb")
            .args(["-A", "scram-sha-256", "-U", "admin", "--no-sync", "--pwfile=/dev/fd/0", "-D"])
            .arg(server.data())
            .stdin(password())
            .stdout(Stdio::null())
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        server.write("pg_hba.conf", "local all all trust\nhost all admin 127.0.0.1/32 scram-sha-256\nhost shop locked 127.0.0.1/32 reject\nhost all named 127.0.0.1/32 trust\n");
        Some(server)
    }

    fn is_mounted(&self) -> bool {
        let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
        mounts.contains(&*self.data().to_string_lossy())
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.data().join(file);
        std::fs::write(&path, text).unwrap();
        if is_root() {
            chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command.env_clear().env("PATH", "/usr/bin:/bin").env("TZ", "UTC").current_dir("/");
        command
    }

    fn start(&mut self, settings: &[&str]) {
        let log = std::fs::File::create(self.log()).unwrap();
        let mut command = self.program("postgres");
        command.arg("-D").arg(self.data()).arg("-p").arg(self.port.to_string()).arg("-k");
        command.arg(self.folder.path());
        for setting in ["fsync=off", "listen_addresses=127.0.0.1", "log_timezone=UTC"] {
            command.args(["-c", setting]);
        }
        for setting in settings {
            command.args(["-c", setting]);
        }
        self.running = Some(command.stderr(log).stdout(Stdio::null()).spawn().unwrap());
    }

    /// Waits until its log holds something.
    fn says(&self, what: &str) {
        let begun = Instant::now();
        loop {
            let log = std::fs::read_to_string(self.log()).unwrap_or_default();
            if log.contains(what) {
                return;
            }
            assert!(begun.elapsed() < Duration::from_mins(1), "{what}: {log}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn ready(&self) {
        self.says("database system is ready to accept connections");
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.running.take() {
            let stopped = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
            assert!(stopped.is_ok());
            child.wait().unwrap();
        }
    }

    /// What psql does over the socket, as who may do everything.
    fn sql(&self, sql: &str) -> Output {
        let port = self.port.to_string();
        Command::new("psql")
            .args(["-X", "-U", "admin", "-d", "postgres", "-p", &port, "-c", sql, "-h"])
            .arg(self.folder.path())
            .output()
            .unwrap()
    }

    /// Diagnoses it, with these inputs; then its recording, which must say the same.
    fn asked(&self, inputs: &[(&str, &str)], env: &[(&str, &str)]) -> Json {
        let case = self.folder.path().join("case");
        let _gone = std::fs::remove_dir_all(&case);
        let mut command = triagem(&["capture", "-o", "json", "--all", "--allow-commands", "psql"]);
        command.arg("--to").arg(&case).envs(env.iter().copied());
        for (name, value) in inputs {
            command.args(["--input", &format!("{name}={value}")]);
        }
        let live = command.output().unwrap();
        let again = triagem(&["diagnose", "-o", "json", "--all"]).arg(&case).output().unwrap();
        let said = String::from_utf8_lossy(&live.stderr);
        assert!(live.stdout == again.stdout, "{said}: the recording gives another report");
        serde_json::from_slice(&live.stdout).unwrap_or_else(|_| panic!("{said}"))
    }

    fn at(&self, inputs: &[(&str, &str)]) -> Json {
        let port = self.port.to_string();
        let all = [&[("server", "127.0.0.1"), ("port", &*port)], inputs].concat();
        self.asked(&all, &[])
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|it| {
        use std::os::unix::fs::MetadataExt;
        it.uid() == 0
    })
}

fn password() -> Stdio {
    let mut file = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut file, b"right\n").unwrap();
    std::io::Seek::rewind(&mut file).unwrap();
    file.into()
}

fn triagem(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_triagem"));
    command
        .args(args)
        .args(["--playbook", "postgres-connection", "--systems"])
        .arg(here("systems"))
        .arg("--playbooks")
        .arg(here("playbooks"))
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", "/nonexistent");
    command
}

/// The causes that are confirmed.
fn confirmed(report: &Json) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .filter(|it| it["verdict"] == "confirmed")
        .map(|it| it["cause"].as_str().unwrap())
        .collect()
}

#[track_caller]
fn found(report: &Json, cause: &str) {
    assert_eq!(confirmed(report), [cause], "{report:#}");
}

#[test]
fn the_system_and_its_playbook_are_in_order() {
    for (command, folder) in
        [("lint", here("systems")), ("lint", here("playbooks")), ("test", here("playbooks"))]
    {
        let run = Command::new(env!("CARGO_BIN_EXE_triagem"))
            .args(["playbook", command])
            .arg(folder)
            .arg("--systems")
            .arg(here("systems"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stdout);
        assert_eq!(run.status.code(), Some(0), "{said}");
        assert!(!said.contains("warning["), "{said}");
    }
}

#[test]
fn each_failure_of_a_real_server_is_found_live_and_again() {
    let Some(programs) = programs() else { return };
    let Some(mut server) = Server::new(&programs, None) else { return };
    found(&server.at(&[]), "pg-refused");
    let folder = server.folder.path().to_str().unwrap().to_owned();
    let port = server.port.to_string();
    let socket = server.asked(&[("server", &folder), ("port", &port)], &[]);
    found(&socket, "pg-socket-missing");
    found(&server.asked(&[("server", "db.invalid")], &[]), "pg-host-unknown");

    server.start(&["max_connections=5", "superuser_reserved_connections=3"]);
    server.ready();
    assert!(server.sql("create database shop").status.success());
    for role in ["named", "locked"] {
        assert!(server.sql(&format!("create role {role} login")).status.success());
    }
    let to = |user: &str, database: &str| server.at(&[("user", user), ("database", database)]);
    found(&to("named", "nowhere"), "pg-database-unknown");
    found(&to("locked", "shop"), "pg-hba-rejects");
    found(&to("nobody", "shop"), "pg-hba-rejects");
    found(&to("admin", "shop"), "pg-password-wrong");
    let passwords = server.folder.path().join("passwords");
    std::fs::write(&passwords, "*:*:*:admin:wrong\n").unwrap();
    std::fs::set_permissions(&passwords, std::fs::Permissions::from_mode(0o600)).unwrap();
    let admin =
        [("server", "127.0.0.1"), ("port", &*port), ("user", "admin"), ("database", "shop")];
    let wrong = server.asked(&admin, &[("PGPASSFILE", passwords.to_str().unwrap())]);
    found(&wrong, "pg-password-wrong");
    let well = to("named", "shop");
    assert_eq!(confirmed(&well), Vec::<&str>::new(), "{well:#}");
    let named =
        [("server", "127.0.0.1"), ("port", &*port), ("user", "named"), ("database", "shop")];
    found(&server.asked(&named, &[("PGSSLMODE", "require")]), "pg-ssl-unsupported");
    let unknown = server.asked(&[("server", &folder), ("port", &port), ("user", "ghost")], &[]);
    found(&unknown, "pg-role-unknown");

    // Whoever holds the others. One that came before the last had gone is refused, and comes again.
    let hold = || {
        Command::new("psql")
            .args(["-X", "-w", "-h", "127.0.0.1", "-p", &port, "-U", "named", "-d", "shop"])
            .args(["-c", "select pg_sleep(60)"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let begun = Instant::now();
    let holding = "select 'held ' || count(*) from pg_stat_activity where usename = 'named'";
    let mut held = vec![hold(), hold()];
    while !String::from_utf8_lossy(&server.sql(holding).stdout).contains("held 2") {
        assert!(begun.elapsed() < Duration::from_secs(20), "nobody holds the connections");
        for child in &mut held {
            if child.try_wait().unwrap().is_some() {
                *child = hold();
            }
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let full = to("named", "shop");
    for child in &mut held {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    found(&full, "pg-too-many");

    // The server's own log, handed over as a file, tells them all.
    let log = server.folder.path().join("handed-over");
    std::fs::create_dir(&log).unwrap();
    std::fs::copy(server.log(), log.join("postgresql.log")).unwrap();
    let report = triagem(&["diagnose", "-o", "json"]).arg(&log).output().unwrap();
    let report: Json = serde_json::from_slice(&report.stdout).unwrap();
    let all: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["cause"].as_str().unwrap())
        .collect();
    for cause in ["pg-database-unknown", "pg-hba-rejects", "pg-password-wrong", "pg-too-many"] {
        assert!(all.contains(&cause), "{cause}: {all:?}");
    }

    // A standby that lets nobody in yet.
    server.stop();
    server.write("standby.signal", "");
    server.start(&["hot_standby=off"]);
    server.says("starting PostgreSQL");
    std::thread::sleep(Duration::from_secs(1));
    found(&server.at(&[("user", "named"), ("database", "shop")]), "pg-starting");
}

#[test]
fn a_full_disk_is_found_in_the_servers_log() {
    let Some(programs) = programs() else { return };
    if !is_root() {
        eprintln!("skipped: only root can make a small disk");
        return;
    }
    let Some(mut server) = Server::new(&programs, Some("64m")) else { return };
    server.start(&["max_wal_size=32MB", "min_wal_size=32MB"]);
    server.ready();
    let filled =
        server.sql("create table t as select repeat('x', 1000) from generate_series(1, 100000)");
    assert!(!filled.status.success(), "the disk was larger than it should be");
    server.says("No space left on device");
    let log = std::fs::read_to_string(server.log()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("server.log"), &log).unwrap();
    let report = triagem(&["diagnose", "-o", "json"]).arg(folder.path()).output().unwrap();
    let report: Json = serde_json::from_slice(&report.stdout).unwrap();
    assert!(confirmed(&report).contains(&"pg-disk-full"), "{log}\n{report:#}");
}
