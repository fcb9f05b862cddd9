//! Where the cluster is and who asks: kubeconfig as kubectl reads it, or the service account of the pod we run in.

use std::path::PathBuf;
use std::time::Duration;

use http::HeaderValue;
use http::header::USER_AGENT;
use kube::config::{KubeConfigOptions, KubeconfigError};
use kube::{Client, Config};
use tokio::time::{Instant, timeout_at};

use super::{credentials, kubeconfig};

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
    /// What to say on standard error before a credential plugin runs, with `{name}` for the plugin; none: nothing.
    pub before_plugin: Option<String>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The kubeconfig.
    #[error("the kubeconfig cannot be used: {0}")]
    Kubeconfig(#[from] KubeconfigError),
    /// The file, or one that it names.
    #[error("the kubeconfig cannot be used: {0}")]
    File(String),
    /// Where it says that the cluster is.
    #[error("the kubeconfig cannot be used: `server: {0}` is no http:// or https:// address")]
    Server(String),
    /// Neither a kubeconfig nor a service account.
    #[error("there is no kubeconfig, and this is no pod of a cluster: {0}")]
    NoCluster(String),
    /// A line end, or another letter that no header may hold.
    #[error("the token for the cluster holds a letter that cannot be sent, such as a line end")]
    Token,
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
    let mut config = config(how, until).await?;
    let server = &config.cluster_url;
    let scheme = server.scheme_str().unwrap_or_default();
    if !matches!(scheme, "http" | "https") || server.host().is_none_or(str::is_empty) {
        return Err(ConnectError::Server(server.to_string()));
    }
    credentials::fetch(&mut config.auth_info, how.before_plugin.as_deref(), until).await?;
    credentials::check(&config.auth_info)?;
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

/// The plugin that would be run for credentials, and the namespace of the context, as far as a kubeconfig tells.
pub async fn told(how: &Connect, until: Instant) -> (Option<String>, Option<String>) {
    match config(how, until).await {
        Ok(config) => {
            let plugin = config.auth_info.exec.and_then(|it| it.command);
            (plugin, Some(config.default_namespace))
        }
        Err(_) => (None, None),
    }
}

async fn config(how: &Connect, until: Instant) -> Result<Config, ConnectError> {
    let options = KubeConfigOptions {
        context: how.context.clone(),
        cluster: how.cluster.clone(),
        user: how.user.clone(),
    };
    match kubeconfig::read(how.kubeconfig.as_deref(), &options, until).await? {
        Some(read) => Ok(Config::from_custom_kubeconfig(read, &options).await?),
        None => Config::incluster().map_err(|error| ConnectError::NoCluster(error.to_string())),
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
