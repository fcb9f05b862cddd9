//! How it connects, and how it ends when somebody does not want to wait.

#![cfg(unix)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use super::served::Served;
use super::served::front::Fault;
use super::{CAUSE, NAMESPACE, POD, capture_onto_a_full_disk, triagem};

/// A kubeconfig whose user is somebody else's affair, and whose cluster may have more to say.
fn kubeconfig(folder: &Path, port: u16, user: &str, cluster: &str) -> String {
    let path = folder.join("config");
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{{name: c, cluster: {{server: \"http://127.0.0.1:{port}\"{cluster}}}}}]\nusers: [{{name: u, user: {user}}}]\ncontexts: [{{name: c, context: {{cluster: c, user: u, namespace: {NAMESPACE}}}}}]\n"
    );
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn script(folder: &Path, text: &str) -> String {
    let path = folder.join("plugin");
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

fn exec(command: &str) -> String {
    format!(
        "{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: \"{command}\", args: [get-token], env: [{{name: WHO, value: me}}], interactiveMode: IfAvailable, provideClusterInfo: true, installHint: get it somewhere}}}}"
    )
}

#[test]
fn a_credential_plugin_is_run_as_kubectl_runs_it() {
    let served = Served::start();
    let folder = tempfile::tempdir().unwrap();
    let answer = r#"{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "made-up-token"}}"#;
    let told = folder.path().join("told");
    // It reads all there is to read, which is nothing.
    let plugin = script(
        folder.path(),
        &format!(
            "/bin/cat > {0}.in; echo \"$1 $WHO $KUBERNETES_EXEC_INFO\" > {0}; echo '{answer}'",
            told.display()
        ),
    );
    let config = kubeconfig(folder.path(), served.port, &exec(&plugin), "");
    let output = triagem(
        folder.path(),
        &["diagnose", POD, "--kubeconfig", &config, "--as", "auditor", "--as-group", "readers"],
    );
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let told = fs::read_to_string(told).unwrap();
    assert!(
        told.starts_with("get-token me {")
            && told.contains("ExecCredential")
            && told.contains("\"server\""),
        "{told}"
    );
    assert!(!told.contains("\"interactive\":true"), "{told}");
    let heads = served.heads();
    assert!(!heads.is_empty());
    for head in heads {
        let head = head.to_lowercase();
        for line in [
            "authorization: bearer made-up-token",
            "impersonate-user: auditor",
            "impersonate-group: readers",
            concat!("user-agent: triagem/", env!("CARGO_PKG_VERSION")),
        ] {
            assert!(head.contains(line), "no {line} in {head}");
        }
    }
    // Nobody sees a progress line where there is no terminal.
    assert!(!output.stderr.contains(&0x1b), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_credential_plugin_that_fails_is_named_and_waited_for_no_longer_than_the_run() {
    let served = Served::start();
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("alive");
    let hangs = format!("(/bin/sleep 4; /usr/bin/touch {}) & /bin/sleep 60", mark.display());
    for (text, want) in [
        (hangs.as_str(), "did not answer in time"),
        ("exit 3", "failed"),
        ("echo '{\"status\": {}}'", "gave no credentials"),
        ("echo hunter2", "gave no credentials"),
    ] {
        let plugin = script(folder.path(), text);
        let config = kubeconfig(folder.path(), served.port, &exec(&plugin), "");
        let begun = Instant::now();
        let output =
            triagem(folder.path(), &["diagnose", POD, "--kubeconfig", &config, "--timeout", "2"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{text}: {said}");
        assert!(
            said.contains(want) && said.contains("plugin") && !said.contains("hunter2"),
            "{text}: {said}"
        );
        assert!(begun.elapsed() < Duration::from_mins(1), "{text}: {:?}", begun.elapsed());
    }
    let config = kubeconfig(folder.path(), served.port, &exec("/nowhere/kubelogin"), "");
    let output = triagem(folder.path(), &["diagnose", POD, "--kubeconfig", &config]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("is not installed. get it somewhere"));
    std::thread::sleep(Duration::from_secs(4));
    assert!(!mark.exists(), "what the plugin had started went on");
    assert!(served.asked().is_empty());
}

#[test]
fn on_a_terminal_it_tells_what_it_asks_and_clears_the_line() {
    let served = Served::start();
    let folder = tempfile::tempdir().unwrap();
    let config = served.kubeconfig(folder.path());
    let script = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";
    let run = |more: &[&str]| {
        let output = Command::new("python3")
            .args(["-c", script, env!("CARGO_BIN_EXE_triagem"), "diagnose", POD, "-n", NAMESPACE])
            .args(["--kubeconfig", config.to_str().unwrap()])
            .args(more)
            .stdin(Stdio::null())
            .output();
        output.ok().map(|it| (it.status.code(), String::from_utf8_lossy(&it.stdout).into_owned()))
    };
    let Some((code, said)) = run(&[]) else {
        eprintln!("skipped: there is no python3 to make a terminal");
        return;
    };
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("\r\u{1b}[2Kquestion 1: kubernetes."), "{said}");
    // The report begins on a clean line.
    let report = said.rsplit("\r\u{1b}[2K").next().unwrap();
    assert!(report.contains(CAUSE) && !report.contains("kubernetes.get\r"), "{said}");
    let (_, quiet) = run(&["-q"]).unwrap();
    assert!(!quiet.contains("\u{1b}[2K"), "{quiet}");
}

/// An HTTP proxy that makes tunnels; counts them.
fn proxy() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let tunnels = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&tunnels);
    std::thread::spawn(move || {
        for near in listener.incoming().flatten() {
            let count = Arc::clone(&count);
            std::thread::spawn(move || {
                let mut reader = BufReader::new(near.try_clone().unwrap());
                let mut first = String::new();
                reader.read_line(&mut first).unwrap();
                let mut line = String::new();
                while reader.read_line(&mut line).unwrap() > 2 {
                    line.clear();
                }
                let Some(to) = first.strip_prefix("CONNECT ").and_then(|it| it.split(' ').next())
                else {
                    return;
                };
                let mut far = TcpStream::connect(to).unwrap();
                count.fetch_add(1, Ordering::Relaxed);
                let mut back = near.try_clone().unwrap();
                back.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
                let mut from = far.try_clone().unwrap();
                std::thread::spawn(move || std::io::copy(&mut from, &mut back));
                let _gone = std::io::copy(&mut reader, &mut far);
            });
        }
    });
    (port, tunnels)
}

#[test]
fn it_goes_through_the_proxy_of_the_kubeconfig() {
    let served = Served::start();
    let folder = tempfile::tempdir().unwrap();
    let (port, tunnels) = proxy();
    let through = format!(", proxy-url: \"http://127.0.0.1:{port}\"");
    let config = kubeconfig(folder.path(), served.port, "{token: t}", &through);
    let output = triagem(folder.path(), &["diagnose", POD, "--kubeconfig", &config]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(tunnels.load(Ordering::Relaxed) > 0);
}

/// The program, and a server that never answers one of its questions.
fn hanging(folder: &Path, served: &Served, args: &[&str]) -> Child {
    stuck(folder, served, Fault::Hang, args)
}

fn stuck(folder: &Path, served: &Served, fault: Fault, args: &[&str]) -> Child {
    let log = "container=provider-azure-installer";
    let clean = Served::start();
    let config = clean.kubeconfig(folder);
    triagem(folder, &["diagnose", POD, "-n", NAMESPACE, "--kubeconfig", config.to_str().unwrap()]);
    let path = clean.asked().into_iter().find(|it| it.contains(log)).unwrap();
    served.fail(&path, fault);
    let config = served.kubeconfig(folder);
    let child = Command::new(env!("CARGO_BIN_EXE_triagem"))
        .args(args)
        .args([
            POD,
            "-n",
            NAMESPACE,
            "--kubeconfig",
            config.to_str().unwrap(),
            "--timeout",
            "60",
            "--output",
            "json",
            "--all",
        ])
        .current_dir(folder)
        .env_clear()
        .env("PATH", folder)
        .env("HOME", folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while !served.asked().contains(&path) {
        assert!(begun.elapsed() < Duration::from_secs(30), "the log is never asked for");
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_millis(1000));
    child
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("/bin/kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

#[test]
fn the_first_interrupt_gives_what_is_known() {
    let served = Served::start();
    let folder = tempfile::tempdir().unwrap();
    let child = hanging(folder.path(), &served, &["diagnose"]);
    let begun = Instant::now();
    signal(&child, "-INT");
    let output = child.wait_with_output().unwrap();
    assert!(begun.elapsed() < Duration::from_mins(1));
    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["interrupted"], true, "{report:#}");
    assert!(report.to_string().contains("\"interrupted\""));
    // The events alone prove it.
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(report["findings"][0]["cause"], CAUSE);

    // Half of the log has come: what it says is there, and that there may be more.
    for to in ["half", "half.tar.gz"] {
        let served = Served::start();
        let child = stuck(folder.path(), &served, Fault::Stall, &["capture", "--to", to]);
        signal(&child, "-INT");
        let live = child.wait_with_output().unwrap();
        let report: Json = serde_json::from_slice(&live.stdout).unwrap();
        let seen = report["findings"][0]["signs"].to_string();
        assert!(seen.contains("(provider-azure-installer)"), "{report:#}");
        let again = triagem(folder.path(), &["diagnose", to, "--output", "json", "--all"]);
        assert!(live.stdout == again.stdout, "the recording gives another report");
    }
}

#[test]
fn the_second_interrupt_ends_it() {
    let served = Served::start();
    let folder = tempfile::tempdir().unwrap();
    let mut child = hanging(folder.path(), &served, &["diagnose"]);
    signal(&child, "-INT");
    // Nobody reads the report, so that it cannot be written to its end.
    std::thread::sleep(Duration::from_secs(3));
    assert!(child.try_wait().unwrap().is_none(), "the report fits into a pipe");
    signal(&child, "-INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));

    // And the first one, where there is nothing to tell yet.
    let silent = Served::start();
    silent.fail("/version", Fault::Hang);
    let config = silent.kubeconfig(folder.path());
    let child = Command::new(env!("CARGO_BIN_EXE_triagem"))
        .args(["diagnose", POD, "-n", NAMESPACE, "--kubeconfig", config.to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while silent.asked().is_empty() {
        std::thread::sleep(Duration::from_millis(50));
    }
    signal(&child, "-INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(130), 0));
}

#[test]
fn a_killed_capture_is_no_recording() {
    let folder = tempfile::tempdir().unwrap();
    for to in ["case", "case.tar.gz"] {
        let served = Served::start();
        let mut child = hanging(folder.path(), &served, &["capture", "--to", to]);
        signal(&child, "-KILL");
        child.wait().unwrap();
        let mut rest = Vec::new();
        child.stdout.take().unwrap().read_to_end(&mut rest).unwrap();
        assert!(rest.is_empty());
    }
    let again = triagem(folder.path(), &["diagnose", "case"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&again.stderr).contains("killed"),
        "{}",
        String::from_utf8_lossy(&again.stderr)
    );
    assert!(!folder.path().join("case.tar.gz").exists());
    let left: Vec<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|it| it.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|it| it.starts_with(".triagem"))
        .collect();
    assert!(left.is_empty(), "{left:?}");

    // One that was interrupted is whole, and says so.
    let served = Served::start();
    let child = hanging(folder.path(), &served, &["capture", "--to", "stopped"]);
    signal(&child, "-INT");
    let live = child.wait_with_output().unwrap();
    let again = triagem(folder.path(), &["diagnose", "stopped", "--output", "json", "--all"]);
    assert!(live.stdout == again.stdout, "the recording gives another report");
    assert!(String::from_utf8_lossy(&again.stdout).contains("\"interrupted\": true"));
}

#[test]
fn a_hostile_kubeconfig_is_a_clear_error_and_soon() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("/usr/bin/mkfifo").arg(&pipe).status().unwrap().success());
    let large = folder.path().join("large");
    fs::File::create(&large).unwrap().set_len(64 * 1024 * 1024).unwrap();
    let written = |name: &str, user: &str, server: &str, cluster: &str| {
        let path = folder.path().join(name);
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{{name: c, cluster: {{server: \"{server}\"{cluster}}}}}]\nusers: [{{name: u, user: {user}}}]\ncontexts: [{{name: c, context: {{cluster: c, user: u, namespace: {NAMESPACE}}}}}]\n"
        );
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let here = format!("http://127.0.0.1:{}", served.port);
    let answer = r#"{"status": {"token": "made-up\ntoken"}}"#;
    let plugin = script(folder.path(), &format!("printf '%s' '{answer}'"));
    for (config, want) in [
        ("/dev/zero".to_owned(), "too large"),
        (large.to_str().unwrap().to_owned(), "too large"),
        (pipe.to_str().unwrap().to_owned(), "in time"),
        (written("bare", "{}", "x", ""), "no http:// or https:// address"),
        (written("other", "{}", "ftp://x", ""), "no http:// or https:// address"),
        (written("token", "{token: \"a\\nb\"}", &here, ""), "cannot be sent"),
        (written("exec", &exec(&plugin), &here, ""), "cannot be sent"),
        (
            written("ca", "{}", "https://127.0.0.1:1", ", certificate-authority: /dev/zero"),
            "/dev/zero",
        ),
        (written("file", "{tokenFile: /dev/zero}", &here, ""), "/dev/zero"),
    ] {
        let begun = Instant::now();
        let output =
            triagem(folder.path(), &["diagnose", POD, "--kubeconfig", &config, "--timeout", "3"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{config}: {said}");
        assert!(said.contains(want) && !said.contains("panicked"), "{config}: {said}");
        assert!(!said.contains("made-up"), "{config}: {said}");
        assert!(begun.elapsed() < Duration::from_mins(1), "{config}: {:?}", begun.elapsed());
    }
    assert!(served.asked().is_empty());
}

#[test]
fn a_plugin_is_told_before_it_runs_and_figures_are_in_the_readers_language() {
    let served = Served::start();
    let folder = tempfile::tempdir().unwrap();
    let answer = r#"{"status": {"token": "made-up-token"}}"#;
    let plugin = script(folder.path(), &format!("echo ran >&2; echo '{answer}'"));
    let config = kubeconfig(folder.path(), served.port, &exec(&plugin), "");
    let said = |args: &[&str]| {
        let output = triagem(folder.path(), &[args, &[POD, "--kubeconfig", &config]].concat());
        let (out, err) = (output.stdout, output.stderr);
        (String::from_utf8_lossy(&out).into_owned(), String::from_utf8_lossy(&err).into_owned())
    };
    let (_, err) = said(&["diagnose"]);
    let told = err.find(&format!("running the credential plugin `{plugin}`")).unwrap();
    assert!(told < err.find("ran").unwrap() && err.contains("API requests"), "{err}");
    // Its arguments may be secrets.
    assert!(!err.contains("get-token"), "{err}");
    let (_, err) = said(&["diagnose", "--lang", "pt-BR"]);
    assert!(err.contains("executando o plugin") && err.contains("requisições à API"), "{err}");
    let (_, err) = said(&["diagnose", "-q"]);
    assert!(!err.contains("running the credential plugin"), "{err}");
    let (out, err) = said(&["plan"]);
    assert!(out.contains(&format!("`{plugin}`")) && !err.contains("ran"), "{out}{err}");
    assert!(out.contains(&format!("/namespaces/{NAMESPACE}/pods/notify-43")), "{out}");
}

#[test]
fn a_full_disk_takes_the_recording_and_not_the_report() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start();
    let config = served.kubeconfig(folder.path());
    for to in ["case", "case.tar.gz"] {
        let output = capture_onto_a_full_disk(folder.path(), &config, &format!("--to {to}"));
        let (out, err) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(2), "{err}");
        assert!(out.contains(CAUSE), "{out}");
        assert!(err.contains("cannot write the recording"), "{err}");
        let again = triagem(folder.path(), &["diagnose", to]);
        assert_eq!(again.status.code(), Some(2));
    }
}
