//! Reading a kubeconfig as kubectl does, from files that may be anything: bounded, in time, and nothing else is opened.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig};
use tokio::time::{Instant, timeout_at};

use super::connect::ConnectError;

/// Bytes of a kubeconfig.
const WHOLE: u64 = 8 * 1024 * 1024;
/// Bytes of a certificate, a key or a token that a kubeconfig names.
const NAMED: u64 = 1024 * 1024;
/// Waiting for a file: it may be a pipe that nobody writes to.
const PATIENCE: Duration = Duration::from_secs(10);

/// The kubeconfig at a path, or else those of `KUBECONFIG`, or else the default one; none: there is none.
pub(super) async fn read(
    path: Option<&Path>,
    options: &KubeConfigOptions,
    until: Instant,
) -> Result<Option<Kubeconfig>, ConnectError> {
    let paths = path.map_or_else(paths, |it| vec![it.to_owned()]);
    if path.is_none() && !paths.iter().any(|it| it.exists()) {
        return Ok(None);
    }
    let options = options.clone();
    let all = tokio::task::spawn_blocking(move || {
        let mut merged = Kubeconfig::default();
        for path in &paths {
            merged = merged.merge(one(path)?)?;
        }
        named_files(&merged, &options)?;
        Ok(merged)
    });
    match timeout_at(until.min(Instant::now() + PATIENCE), all).await {
        Ok(Ok(read)) => read.map(Some),
        Ok(Err(error)) => Err(ConnectError::File(error.to_string())),
        Err(_) => Err(ConnectError::File("it was not read in time".to_owned())),
    }
}

/// The paths that kubectl would read.
fn paths() -> Vec<PathBuf> {
    let told = std::env::var_os("KUBECONFIG").unwrap_or_default();
    let told: Vec<PathBuf> =
        std::env::split_paths(&told).filter(|it| !it.as_os_str().is_empty()).collect();
    if told.is_empty() {
        std::env::home_dir().map(|it| it.join(".kube/config")).into_iter().collect()
    } else {
        told
    }
}

fn one(path: &Path) -> Result<Kubeconfig, ConnectError> {
    let cannot = |what: String| ConnectError::File(format!("{}: {what}", path.display()));
    let is_file = path.metadata().map_err(|error| cannot(error.to_string()))?.is_file();
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|it| it.take(WHOLE + 1).read_to_end(&mut bytes))
        .map_err(|error| cannot(error.to_string()))?;
    if bytes.len() as u64 > WHOLE {
        return Err(cannot("it is too large for a kubeconfig".to_owned()));
    }
    if is_file {
        // What it names stands relative to it.
        return Ok(Kubeconfig::read_from(path)?);
    }
    Ok(Kubeconfig::from_yaml(&String::from_utf8_lossy(&bytes))?)
}

/// Files that the chosen context names are files, and no larger than such files are.
fn named_files(read: &Kubeconfig, options: &KubeConfigOptions) -> Result<(), ConnectError> {
    let context = options.context.as_ref().or(read.current_context.as_ref());
    let context = read
        .contexts
        .iter()
        .find(|it| Some(&it.name) == context)
        .and_then(|it| it.context.as_ref());
    let cluster = options.cluster.as_ref().or(context.map(|it| &it.cluster));
    let user = options.user.as_ref().or(context.and_then(|it| it.user.as_ref()));
    let clusters = read.clusters.iter().filter(|it| Some(&it.name) == cluster);
    let users = read.auth_infos.iter().filter(|it| Some(&it.name) == user);
    let of_users = users.filter_map(|it| it.auth_info.as_ref()).flat_map(|it| {
        [&it.client_certificate, &it.client_key, &it.token_file].into_iter().flatten()
    });
    let named = clusters
        .filter_map(|it| it.cluster.as_ref()?.certificate_authority.as_ref())
        .chain(of_users);
    for path in named {
        // One that is not there is told by whoever wants to read it.
        let Ok(about) = Path::new(path).metadata() else { continue };
        if !about.is_file() || about.len() > NAMED {
            let what = "which it names, is no file of a certificate, a key or a token";
            return Err(ConnectError::File(format!("{path}, {what}")));
        }
    }
    Ok(())
}
