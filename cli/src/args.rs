//! The arguments: commands and flags people already know.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as Arguments, Parser, Subcommand, ValueEnum};

/// Says why a pod is stuck: which cause is confirmed, with the proof; which are ruled out, and why; what could
/// not be looked at; and what to type.
#[derive(Debug, Parser)]
#[command(name = "triagem", version, propagate_version = true)]
pub(crate) struct Args {
    /// Language, one of {locales}; else from `LC_ALL`, `LC_MESSAGES`, LANG.
    #[arg(long, value_name = "LOCALE", global = true)]
    pub(crate) lang: Option<String>,
    /// Shell that commands to copy are written for; posix is also bash, zsh and fish.
    #[arg(long, value_enum, global = true, default_value_t = Shell::default())]
    pub(crate) shell: Shell,
    /// A folder of systems that adds to, or overrides, the built-in ones. They say which programs may be run: trust them.
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) systems: Option<PathBuf>,
    /// Programs of systems that may be run besides az, such as psql.
    #[arg(long, value_name = "NAME", value_delimiter = ',', global = true)]
    pub(crate) allow_commands: Vec<String>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// A shell to type commands into.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Shell {
    Posix,
    Powershell,
    Cmd,
}

impl Default for Shell {
    fn default() -> Self {
        if cfg!(windows) { Self::Powershell } else { Self::Posix }
    }
}

impl From<Shell> for triagem_engine::words::shell::Shell {
    fn from(shell: Shell) -> Self {
        match shell {
            Shell::Posix => Self::Posix,
            Shell::Powershell => Self::PowerShell,
            Shell::Cmd => Self::Cmd,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find the cause: of a pod of a live cluster, in pasted text (`-`), files, a folder, an archive or a recording.
    Diagnose(Diagnose),
    /// Diagnose a live pod, and write down (without secrets) what was looked at.
    Capture(Capture),
    /// Print every request and `az` command that diagnosing a pod would send; sends nothing.
    Plan(Plan),
    /// Print the smallest Kubernetes roles and Azure role that playbooks need.
    Access(Access),
    /// Show what a text was taken for, and what each playbook sees of it: facts, records and whose they are.
    Read(Read),
    /// Diagnose a recorded failure; no cluster needed.
    Demo(Demo),
    /// List, show, lint and test playbooks.
    Playbook(Playbook),
    /// Explain a fault code (`P101`) or a cause, in full.
    Explain(Explain),
    /// Print a JSON Schema: playbook.v1, cause.v1, translation.v1 or report.v1.
    Schema {
        /// Its name.
        name: String,
    },
    /// Print a completion script.
    Completions {
        /// The shell.
        #[arg(id = "completed", value_name = "SHELL")]
        shell: clap_complete::Shell,
    },
}

/// How a report is shown.
#[derive(Debug, Arguments)]
pub(crate) struct Show {
    /// Form of the report.
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
    /// When to use colour.
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
    /// Show every cause, also those that are not indicated.
    #[arg(long)]
    pub(crate) all: bool,
    /// Show every line of what is quoted; else the one that decides.
    #[arg(long)]
    pub(crate) verbose: bool,
    /// Show every sign of one cause: what it looked at, what it saw.
    #[arg(long, value_name = "CAUSE")]
    pub(crate) why: Option<String>,
    /// The least severity of a cause that makes the exit code 1.
    #[arg(long, value_enum, default_value_t = Severity::Low)]
    pub(crate) fail_on: Severity,
    /// Exit with 0 whatever was found.
    #[arg(long)]
    pub(crate) exit_zero: bool,
}

/// Which playbooks are used.
#[derive(Debug, Arguments)]
pub(crate) struct Which {
    /// Use only this playbook.
    #[arg(long, value_name = "ID")]
    pub(crate) playbook: Option<String>,
    /// A folder of playbooks that adds to, or overrides, the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub(crate) playbooks: Option<PathBuf>,
}

/// Which cluster, and which pods; as kubectl takes it.
#[derive(Debug, Arguments)]
#[command(next_help_heading = "Live cluster")]
pub(crate) struct Live {
    /// Namespace; else the context's.
    #[arg(short, long, value_name = "NAME")]
    pub(crate) namespace: Option<String>,
    /// All namespaces.
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    pub(crate) all_namespaces: bool,
    /// Label selector: every pod it selects.
    #[arg(short = 'l', long, value_name = "LABELS")]
    pub(crate) selector: Option<String>,
    /// Path of the kubeconfig; else `KUBECONFIG`, else the default one, else the pod we run in.
    #[arg(long, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// Context of the kubeconfig.
    #[arg(long, value_name = "NAME")]
    pub(crate) context: Option<String>,
    /// Cluster of the kubeconfig.
    #[arg(long, value_name = "NAME")]
    pub(crate) cluster: Option<String>,
    /// User of the kubeconfig.
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// Whom to impersonate.
    #[arg(long = "as", value_name = "USER")]
    pub(crate) impersonate: Option<String>,
    /// With which group; may be given several times.
    #[arg(long = "as-group", value_name = "GROUP")]
    pub(crate) groups: Vec<String>,
    /// The whole run ends within this many seconds; what was not answered by then is unknown.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: u64,
    /// One request to the cluster ends within this time (`30`, `30s`, `2m`); 0: only the whole run ends.
    #[arg(long, value_name = "DURATION", default_value = "0", value_parser = duration)]
    pub(crate) request_timeout: Duration,
    /// No progress and no figures on standard error.
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// A duration as kubectl takes it: seconds, or numbers with units.
fn duration(text: &str) -> Result<Duration, String> {
    let seconds = match text.parse() {
        Ok(seconds) => Some(seconds),
        Err(_) => triagem_engine::text::parse_age(text).and_then(|it| u64::try_from(it).ok()),
    };
    let seconds = seconds.filter(|it| *it <= 24 * 3_600);
    seconds.map(Duration::from_secs).ok_or_else(|| "it is no duration up to a day".to_owned())
}

#[derive(Debug, Arguments)]
pub(crate) struct Diagnose {
    /// `pod/NAME`, `deploy/NAME`, `ds/…`, `sts/…`, `job/…`; or `-` for standard input, files, a folder or archive of
    /// loose files, a recording (folder or .tar.gz). Without it, the pods that `-l`, `-n` or `-A` name.
    #[arg(value_name = "TARGET")]
    pub(crate) targets: Vec<String>,
    #[command(flatten)]
    pub(crate) live: Live,
    /// Fills an input of a playbook: `name=value`; an object is written kind/namespace/name.
    #[arg(long = "input", value_name = "NAME=VALUE")]
    pub(crate) inputs: Vec<String>,
    #[command(flatten)]
    pub(crate) which: Which,
    #[command(flatten)]
    pub(crate) show: Show,
}

#[derive(Debug, Arguments)]
pub(crate) struct Capture {
    /// `pod/NAME`, `deploy/NAME`, …; without it, the pods that `-l`, `-n` or `-A` name.
    #[arg(value_name = "TARGET")]
    pub(crate) target: Option<String>,
    /// Where to: a new folder, or a file that ends in .tar.gz.
    #[arg(long = "to", value_name = "PATH")]
    pub(crate) to: PathBuf,
    #[command(flatten)]
    pub(crate) live: Live,
    /// Fills an input of a playbook: `name=value`.
    #[arg(long = "input", value_name = "NAME=VALUE")]
    pub(crate) inputs: Vec<String>,
    #[command(flatten)]
    pub(crate) which: Which,
    #[command(flatten)]
    pub(crate) show: Show,
}

#[derive(Debug, Arguments)]
pub(crate) struct Plan {
    /// `pod/NAME`, `deploy/NAME`, …; without it, the pods that `-l`, `-n` or `-A` name.
    #[arg(value_name = "TARGET")]
    pub(crate) target: Option<String>,
    #[command(flatten)]
    pub(crate) live: Live,
    /// Fills an input of a playbook: `name=value`.
    #[arg(long = "input", value_name = "NAME=VALUE")]
    pub(crate) inputs: Vec<String>,
    #[command(flatten)]
    pub(crate) which: Which,
}

#[derive(Debug, Arguments)]
pub(crate) struct Access {
    /// Ids of playbooks: one set of roles for all of them.
    #[arg(value_name = "PLAYBOOK", required_unless_present = "all")]
    pub(crate) ids: Vec<String>,
    /// For every playbook.
    #[arg(long, conflicts_with = "ids")]
    pub(crate) all: bool,
    /// The namespace of the pods to diagnose: what is needed there becomes a Role of that namespace; else, as for `-A`,
    /// a `ClusterRole`.
    #[arg(short, long, value_name = "NAME")]
    pub(crate) namespace: Option<String>,
    /// Only what `pod/NAME` needs, and not what finds the pods of `deploy/NAME`, of labels or of a namespace.
    #[arg(long)]
    pub(crate) only_pods: bool,
    /// The namespace of the components whose logs are read.
    #[arg(long, value_name = "NAME", default_value = "kube-system")]
    pub(crate) components: String,
    /// The user, group or service account (`namespace:name`) that the roles are bound to.
    #[arg(long, value_name = "NAME")]
    pub(crate) bind: Option<String>,
    /// A folder of playbooks that adds to, or overrides, the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub(crate) playbooks: Option<PathBuf>,
}

#[derive(Debug, Arguments)]
pub(crate) struct Read {
    /// `-` for standard input, files, a folder or archive of loose files, or a recording.
    #[arg(value_name = "FILE", required = true)]
    pub(crate) targets: Vec<String>,
    /// Fills an input of a playbook: `name=value`; an object is written kind/namespace/name.
    #[arg(long = "input", value_name = "NAME=VALUE")]
    pub(crate) inputs: Vec<String>,
    #[command(flatten)]
    pub(crate) which: Which,
    /// Text for people, or JSON for programs.
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
}

#[derive(Debug, Arguments)]
pub(crate) struct Demo {
    #[command(flatten)]
    pub(crate) show: Show,
}

#[derive(Debug, Arguments)]
pub(crate) struct Playbook {
    #[command(subcommand)]
    pub(crate) command: PlaybookCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PlaybookCommand {
    /// List the playbooks.
    List {
        #[command(flatten)]
        which: Which,
    },
    /// Show the steps and causes of a playbook.
    Show {
        /// Its id.
        id: String,
        #[command(flatten)]
        which: Which,
    },
    /// Check playbooks: every fault at once, with its place.
    Lint {
        /// A folder of playbooks, or of one; without it the built-in ones.
        folder: Option<PathBuf>,
    },
    /// Run the tests that stand in the causes.
    Test {
        /// A folder of playbooks, or of one; without it the built-in ones.
        folder: Option<PathBuf>,
    },
}

#[derive(Debug, Arguments)]
pub(crate) struct Explain {
    /// A fault code or a cause's id.
    pub(crate) what: String,
    #[command(flatten)]
    pub(crate) which: Which,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Output {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_duration_is_written_as_kubectl_takes_it() {
        for (text, want) in [("0", 0), ("7", 7), ("30s", 30), ("1m30s", 90), ("1h", 3_600)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(want)), "{text}");
        }
        for text in ["", "s", "-1", "1.5s", "soon", "25h", "99999999999999999999"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
