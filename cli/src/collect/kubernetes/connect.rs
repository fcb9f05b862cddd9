//! Where the cluster is and who asks: kubeconfig as kubectl reads it, or the service account of the pod we run in.

use std::path::PathBuf;
use std::time::Duration;

use http::HeaderValue;
use http::header::USER_AGENT;
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::{Client, Config};
use tokio::time::{Instant, timeout_at};

use super::credentials;

/// Waiting for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Waiting for bytes within an answer.
const SILENCE: Duration = Duration::from_secs(30);

/// What a person said about the cluster; the rest stands in the kubeconfig.
#[derive(Clone, Debug, Default)]
pub struct Connect {
    /// Path of a kubeconfig; else `KUBECONFIG`, else the default one, else the pod we run in.
    pub kubeconfig: Option<PathBuf>,
    /// Its context.
    pub context: Option<String>,
    /// Its cluster, in place of the context's.
    pub cluster: Option<String>,
    /// Its user, in place of the context's.
    pub user: Option<String>,
    /// Whom to impersonate.
    pub impersonate: Option<String>,
    /// With which groups.
    pub groups: Vec<String>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The kubeconfig.
    #[error("the kubeconfig cannot be used: {0}")]
    Kubeconfig(#[from] KubeconfigError),
    /// Neither a kubeconfig nor a service account.
    #[error("there is no kubeconfig, and this is no pod of a cluster: {0}")]
    NoCluster(String),
    /// TLS or credentials.
    #[error("cannot connect: {0}")]
    Client(String),
    /// The credential plugin.
    #[error("the credential plugin `{name}` of the kubeconfig {what}")]
    Credentials {
        /// The command.
        name: String,
        /// What is wrong.
        what: String,
    },
    /// All of it took too long.
    #[error("there was no connection in time")]
    Deadline,
}

/// A client, and the namespace of the context.
pub(super) async fn connect(
    how: &Connect,
    until: Instant,
) -> Result<(Client, String), ConnectError> {
    let mut config = config(how).await?;
    credentials::fetch(&mut config.auth_info, until).await?;
    // The defaults suit a controller: no end of retries, and no end of waiting.
    config.default_retry = false;
    config.connect_timeout = Some(CONNECT);
    config.read_timeout = Some(SILENCE);
    config.write_timeout = Some(CONNECT);
    config.reset_reader_on_write = true;
    config.headers.push((
        USER_AGENT,
        HeaderValue::from_static(concat!("triagem/", env!("CARGO_PKG_VERSION"))),
    ));
    if let Some(user) = &how.impersonate {
        config.auth_info.impersonate = Some(user.clone());
    }
    if !how.groups.is_empty() {
        config.auth_info.impersonate_groups = Some(how.groups.clone());
    }
    let namespace = config.default_namespace.clone();
    // Certificates are read here, and the providers of credentials that came before plugins run here.
    let made = tokio::task::spawn_blocking(move || {
        let _entered = tokio::runtime::Handle::try_current();
        Client::try_from(config).map_err(|error| ConnectError::Client(chain(&error)))
    });
    match timeout_at(until, made).await {
        Ok(Ok(client)) => Ok((client?, namespace)),
        Ok(Err(error)) => Err(ConnectError::Client(error.to_string())),
        Err(_) => Err(ConnectError::Deadline),
    }
}

async fn config(how: &Connect) -> Result<Config, ConnectError> {
    let options = KubeConfigOptions {
        context: how.context.clone(),
        cluster: how.cluster.clone(),
        user: how.user.clone(),
    };
    if let Some(path) = &how.kubeconfig {
        let read = Kubeconfig::read_from(path)?;
        return Ok(Config::from_custom_kubeconfig(read, &options).await?);
    }
    match Config::from_kubeconfig(&options).await {
        Ok(config) => Ok(config),
        Err(KubeconfigError::ReadConfig(error, _))
            if error.kind() == std::io::ErrorKind::NotFound =>
        {
            Config::incluster().map_err(|error| ConnectError::NoCluster(error.to_string()))
        }
        Err(error) => Err(error.into()),
    }
}

/// An error with what caused it, on one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        next = error.source();
    }
    text
}
