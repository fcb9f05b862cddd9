//! The real `az`, signed in to a stand-in for Azure on loopback, with a folder of its own.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value as Json, json};
use triagem::collect::command::Program;

pub const SUBSCRIPTION: &str = "00000000-0000-4000-8000-00000000bbbb";
pub const TENANT: &str = "00000000-0000-4000-8000-00000000aaaa";

/// The stand-in, until the test ends.
pub struct Arm {
    server: Child,
    folder: tempfile::TempDir,
    bin: PathBuf,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Drop for Arm {
    fn drop(&mut self) {
        let _gone = self.server.kill();
        let _gone = self.server.wait();
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

impl Arm {
    /// Starts it and signs in; `None`, saying so, where `TRIAGEM_AZ` does not tell where `az` is.
    pub fn start() -> Option<Self> {
        let Some(home) = std::env::var_os("TRIAGEM_AZ").map(PathBuf::from) else {
            eprintln!("skipped: TRIAGEM_AZ is not set; tests/azure/build DIR makes what it needs");
            return None;
        };
        let home = if home.is_relative() { root().join(home) } else { home };
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        run(Command::new("openssl").args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
            "-keyout",
            &at("key.pem"),
            "-out",
            &at("cert.pem"),
        ]));
        fs::copy(root().join("tests/azure/state.json"), at("state.json")).unwrap();
        let mut server = Command::new("python3")
            .arg(root().join("tests/azure/arm.py"))
            .args([at("cert.pem"), at("key.pem"), at("state.json")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
        let port: u16 = lines.next().unwrap().unwrap().parse().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                seen.lock().unwrap().push(line);
            }
        });
        let arm = Self { server, folder, bin: home.join("bin"), asked };
        let base = format!("https://localhost:{port}");
        arm.run(&["cloud", "register", "-n", "here", "--endpoint-resource-manager", &base]);
        arm.run(&["cloud", "set", "-n", "here"]);
        arm.run(&[
            "login",
            "--service-principal",
            "-u",
            TENANT,
            "-p",
            "made-up",
            "--tenant",
            TENANT,
        ]);
        arm.asked.lock().unwrap().clear();
        Some(arm)
    }

    /// The signed-in `az`.
    pub fn az(&self) -> Program {
        self.with_folder("azure")
    }

    /// An `az` that knows the cloud, and nobody.
    pub fn signed_out(&self) -> Program {
        let (from, to) = (self.folder.path().join("azure"), self.folder.path().join("nobody"));
        fs::create_dir_all(&to).unwrap();
        for name in ["clouds.config", "config"] {
            fs::copy(from.join(name), to.join(name)).unwrap();
        }
        self.with_folder("nobody")
    }

    fn with_folder(&self, name: &str) -> Program {
        let home = self.folder.path().join(name);
        let certificate = self.folder.path().join("cert.pem");
        let env: Vec<(OsString, OsString)> = [
            ("AZURE_CONFIG_DIR", home.as_os_str()),
            ("REQUESTS_CA_BUNDLE", certificate.as_os_str()),
            ("AZURE_CORE_INSTANCE_DISCOVERY", "false".as_ref()),
            ("AZURE_CORE_COLLECT_TELEMETRY", "false".as_ref()),
            // Nothing leaves this machine, whatever proxy is set.
            ("HTTPS_PROXY", "http://127.0.0.1:9".as_ref()),
            ("HTTP_PROXY", "http://127.0.0.1:9".as_ref()),
            ("NO_PROXY", "localhost,127.0.0.1".as_ref()),
            ("no_proxy", "localhost,127.0.0.1".as_ref()),
        ]
        .into_iter()
        .map(|(name, value)| (name.into(), value.to_owned()))
        .collect();
        let patience = Some(Duration::from_secs(60));
        Program { program: self.bin.join("az").into(), env, patience }
    }

    /// A PATH with `az` on it.
    pub fn path(&self) -> OsString {
        let mut path = self.bin.clone().into_os_string();
        path.push(":/usr/bin:/bin");
        path
    }

    /// From now on paths that hold a text are answered with a fault.
    pub fn fail(&self, faults: &[(&str, &str)]) {
        let path = self.folder.path().join("state.json");
        let mut state: Json = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        state["faults"] =
            faults.iter().map(|(part, fault)| ((*part).to_owned(), json!(fault))).collect();
        fs::write(path, state.to_string()).unwrap();
    }

    /// The tokens that `az` keeps are gone.
    pub fn forget_tokens(&self) {
        for entry in fs::read_dir(self.folder.path().join("azure")).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap().to_string_lossy().starts_with("msal_token_cache") {
                fs::remove_file(path).unwrap();
            }
        }
    }

    /// What was asked of Azure since it was signed in.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn run(&self, args: &[&str]) {
        let az = self.az();
        run(Command::new(&az.program).args(args).args(["-o", "none"]).envs(az.env));
    }
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
