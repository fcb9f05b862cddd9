//! Credential plugins of the kubeconfig (kubelogin and the like), run as kubectl runs them, but with nothing to read and
//! a deadline.
//!
//! Format: client.authentication.k8s.io `ExecCredential`.

use std::io::{self, Write};
use std::process::Stdio;
use std::time::Duration;

use http::HeaderValue;
use k8s_openapi::ByteString;
use kube::config::{AuthInfo, ExecConfig, ExecInteractiveMode};
use serde_json::{Value as Json, json};
use tokio::process::Command;
use tokio::time::Instant;
use triagem_engine::playbook::template::visible;

use super::connect::ConnectError;
use crate::collect::process::{self, Stopped};

/// A plugin may have to ask a person, in a browser.
const PATIENCE: Duration = Duration::from_secs(90);
/// Bytes of an answer.
const ANSWER: usize = 1024 * 1024;

/// Runs the plugin of a user, if there is one, and puts what it answered in its place.
pub(super) async fn fetch(
    auth: &mut AuthInfo,
    before: Option<&str>,
    until: Instant,
) -> Result<(), ConnectError> {
    let Some(exec) = auth.exec.take() else { return Ok(()) };
    if let Some(before) = before {
        // Its arguments may be secrets.
        let name = visible(exec.command.as_deref().unwrap_or_default()).replace('\n', " ");
        let _told = writeln!(io::stderr(), "{}", before.replace("{name}", &name));
    }
    let status = run(&exec, until).await?;
    let known = serde_json::from_value::<AuthInfo>(status)
        .map_err(|_| failed(&exec, "answered with something else"))?;
    auth.token = known.token;
    auth.client_certificate_data = known.client_certificate_data;
    auth.client_key_data = known.client_key_data;
    Ok(())
}

/// Whether the token can be sent: a header holds no line ends.
pub(super) fn check(auth: &AuthInfo) -> Result<(), ConnectError> {
    let plain = serde_json::to_value(auth).unwrap_or_default();
    let fits = plain["token"].as_str().is_none_or(|it| HeaderValue::from_str(it).is_ok());
    if fits { Ok(()) } else { Err(ConnectError::Token) }
}

/// What a plugin answered, as a user of a kubeconfig has it.
async fn run(exec: &ExecConfig, until: Instant) -> Result<Json, ConnectError> {
    if exec.interactive_mode == Some(ExecInteractiveMode::Always) {
        return Err(failed(exec, "wants to talk to you, which is not possible here"));
    }
    let mut info = json!({
        "apiVersion": exec.api_version,
        "kind": "ExecCredential",
        "spec": {"interactive": false},
    });
    if let Some(cluster) = exec.cluster.as_ref().filter(|_| exec.provide_cluster_info) {
        info["spec"]["cluster"] = serde_json::to_value(cluster).unwrap_or_default();
    }
    let named =
        exec.env.iter().flatten().filter_map(|it| Some((it.get("name")?, it.get("value")?)));
    let mut command = Command::new(exec.command.as_deref().unwrap_or_default());
    command
        .args(exec.args.iter().flatten())
        .envs(named)
        .env("KUBERNETES_EXEC_INFO", info.to_string())
        // It may have to say where to sign in.
        .stderr(Stdio::inherit());
    let until = until.min(Instant::now() + PATIENCE);
    let ended = process::run(command, until, ANSWER).await.map_err(|stopped| match stopped {
        Stopped::Missing => {
            let hint = exec.install_hint.as_deref().unwrap_or_default();
            failed(exec, format!("is not installed. {hint}").trim_end())
        }
        Stopped::Start(error) => failed(exec, &format!("cannot be run: {error}")),
        Stopped::Deadline => failed(exec, "did not answer in time"),
        Stopped::TooLarge => failed(exec, "answered with something else"),
    })?;
    if !ended.status.success() {
        return Err(failed(exec, &format!("failed ({})", ended.status)));
    }
    // What it printed is a secret, and is not shown.
    let said: Json = serde_yaml::from_slice(&ended.out).unwrap_or_default();
    let status = &said["status"];
    let data = |key: &str| {
        let pem = status[key].as_str().filter(|it| !it.is_empty())?;
        serde_json::to_value(ByteString(pem.as_bytes().to_vec())).ok()
    };
    let token = status["token"].as_str().filter(|it| !it.is_empty());
    let (certificate, key) = (data("clientCertificateData"), data("clientKeyData"));
    if token.is_none() && (certificate.is_none() || key.is_none()) {
        return Err(failed(exec, "gave no credentials"));
    }
    let mut user = json!({});
    for (name, value) in [
        ("token", token.map(Json::from)),
        ("client-certificate-data", certificate),
        ("client-key-data", key),
    ] {
        if let Some(value) = value {
            user[name] = value;
        }
    }
    Ok(user)
}

fn failed(exec: &ExecConfig, what: &str) -> ConnectError {
    let name = exec.command.clone().unwrap_or_default();
    ConnectError::Credentials { name, what: what.to_owned() }
}
