//! Takes off what collectors of logs put around a line, and says whose line it is.
//!
//! `kubectl logs --prefix`, stern, `docker compose`, journald, Docker's json-file, and rows of JSON
//! as log stores export them. What only tells the time stays: the text's own reading takes it off.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::rows;
use super::texts::Names;
use crate::budget::Budget;
use crate::text::is_header;

/// Prefixes that are remembered.
const PREFIXES: usize = 256;
/// Services of a node: their journal is no container's log.
pub(super) const UNITS: &[&str] =
    &["kubelet", "containerd", "dockerd", "crio", "systemd", "kernel"];

/// Prefixes that stood before a log record: lines that go on with it have them, too.
#[derive(Debug, Default)]
pub(super) struct Peeler {
    known: BTreeMap<String, Names>,
}

/// Names from pairs, without empty ones.
pub(super) fn names(pairs: &[(&str, &str)]) -> Names {
    pairs
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// The names of a pod's log.
pub(super) fn of_pod(namespace: &str, pod: &str, container: &str) -> Names {
    let kind = if pod.is_empty() { "" } else { "Pod" };
    names(&[("kind", kind), ("namespace", namespace), ("name", pod), ("container", container)])
}

impl Peeler {
    /// Whose line it is and what it says, if it came through a collector.
    pub(super) fn peel<'l>(&mut self, line: &'l str) -> Option<(Names, Cow<'l, str>)> {
        if line.trim_start().starts_with("{\"") {
            return row(line.trim());
        }
        if let Some(found) = kubectl(line).or_else(|| journal(line)) {
            return Some(found);
        }
        self.worded(line)
    }

    /// `pod container text` (stern), `namespace pod container text` (stern of all namespaces),
    /// `name | text` (compose): only what once stood before a record is a prefix.
    fn worded<'l>(&mut self, line: &'l str) -> Option<(Names, Cow<'l, str>)> {
        let mut ends = line.match_indices(' ').map(|(at, _)| at).take(4);
        let first = ends.next().filter(|at| *at > 0 && line.starts_with(word_start))?;
        let (mut words, mut end) = (vec![line.get(..first)?], first + 1);
        let bar = line.get(first..)?.trim_start();
        if let Some(text) = bar.strip_prefix("| ").or_else(|| (bar == "|").then_some("")) {
            let from = line.len() - text.len();
            let found = names(&[("container", words.first()?)]);
            return self.if_known(line, from, || found);
        }
        // `container {"level":…}`: what stands before a record of JSON is its container.
        if line.get(first + 1..).is_some_and(|it| it.starts_with("{\""))
            && words.iter().all(|it| is_name(it))
        {
            let found = of_pod("", "", words.first()?);
            return self.if_known(line, first + 1, || found);
        }
        for next in ends {
            let word = line.get(end..next)?;
            if !is_name(word) || !words.iter().all(|it| is_name(it)) {
                return None;
            }
            words.push(word);
            end = next + 1;
            let found = match words.as_slice() {
                [pod, container] => of_pod("", pod, container),
                [namespace, pod, container] => of_pod(namespace, pod, container),
                _ => return None,
            };
            if let Some(peeled) = self.if_known(line, end, || found) {
                return Some(peeled);
            }
        }
        None
    }

    fn if_known<'l>(
        &mut self,
        line: &'l str,
        from: usize,
        names: impl FnOnce() -> Names,
    ) -> Option<(Names, Cow<'l, str>)> {
        let (prefix, text) = line.split_at_checked(from)?;
        if let Some(names) = self.known.get(prefix) {
            return Some((names.clone(), text.into()));
        }
        if !is_header(text) || self.known.len() >= PREFIXES {
            return None;
        }
        let names = names();
        self.known.insert(prefix.to_owned(), names.clone());
        Some((names, text.into()))
    }
}

fn word_start(it: char) -> bool {
    it.is_ascii_lowercase() || it.is_ascii_digit()
}

fn is_name(word: &str) -> bool {
    !word.is_empty()
        && word
            .bytes()
            .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || b"-.".contains(&it))
}

/// `[pod/name/container] text`
fn kubectl(line: &str) -> Option<(Names, Cow<'_, str>)> {
    let (pod, text) = line.strip_prefix("[pod/")?.split_once(']')?;
    let (pod, container) = pod.split_once('/')?;
    let text = text.strip_prefix(' ').unwrap_or(text);
    (is_name(pod) && is_name(container)).then(|| (of_pod("", pod, container), text.into()))
}

/// `Nov 23 21:17:46 host kubelet[123]: text`: the text's reading takes it off.
fn journal(line: &str) -> Option<(Names, Cow<'_, str>)> {
    let (unit, _) = crate::text::journal_prefix(line)?;
    let known = UNITS.contains(&unit);
    Some((names(&[("unit", if known { unit } else { "" })]), line.into()))
}

/// One row of JSON.
fn row(line: &str) -> Option<(Names, Cow<'_, str>)> {
    if !rows::may_be_row(line) {
        return None;
    }
    let Some(Json::Object(row)) = Budget::line(line) else { return None };
    let row = rows::of_json(&row)?;
    Some((row.names, Cow::Owned(row.text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = "E1123 18:32:22.978325    7088 main.go:7] \"failed\" err=<";

    fn peel(lines: &[&str]) -> Vec<Option<(String, String)>> {
        let mut peeler = Peeler::default();
        let show = |(names, text): (Names, Cow<'_, str>)| {
            (names.values().cloned().collect::<Vec<_>>().join(" "), text.into_owned())
        };
        lines.iter().map(|it| peeler.peel(it).map(show)).collect()
    }

    #[test]
    fn prefixes_tell_whose_line_it_is() {
        for (prefix, names) in [
            ("[pod/web-0/app] ", "app Pod web-0"),
            ("web-0 app ", "app Pod web-0"),
            ("shop web-0 app ", "app Pod web-0 shop"),
            ("web-1  | ", "web-1"),
        ] {
            let (record, more) = (format!("{prefix}{RECORD}"), format!("{prefix}\tmore"));
            let found = peel(&[&record, &more]);
            assert_eq!(found[0], Some((names.to_owned(), RECORD.to_owned())), "{prefix}");
            assert_eq!(found[1], Some((names.to_owned(), "\tmore".to_owned())), "{prefix}");
        }
    }

    #[test]
    fn words_that_never_stood_before_a_record_are_no_prefix() {
        let found = peel(&["could not mount the volume", "a | b", RECORD, "[pod/x] y"]);
        assert!(found.iter().all(Option::is_none), "{found:?}");
    }

    #[test]
    fn the_journal_tells_its_service() {
        for (line, unit) in [
            ("Nov 23 21:17:46 aks-np1-vmss000000 kubelet[123]: E1123 x", "kubelet"),
            ("2026-11-23T21:17:46+0000 aks-np1-vmss000000 containerd[1]: x", "containerd"),
            ("Nov 23 21:17:46 aks-np1-vmss000000 nginx[1]: x", ""),
        ] {
            assert_eq!(peel(&[line])[0], Some((unit.to_owned(), line.to_owned())));
        }
    }

    #[test]
    fn a_row_of_json_is_what_it_holds() {
        let found = peel(&[
            r#"{"log":"E1123 x\n","stream":"stderr","time":"2026-11-23T21:17:46.1Z"}"#,
            r#"{"log":"half","stream":"stdout","time":"2026-11-23T21:17:46.1Z"}"#,
            r#"{"PodName":"p-0","ContainerName":"c","LogMessage":"E1123 x","TimeGenerated":"2026-11-23T21:17:46Z"}"#,
            r#"{"level":"error","timestamp":"2022-11-21T23:37:26.953313Z","message":"m","error":"e"}"#,
        ]);
        let some = |names: &str, text: &str| Some((names.to_owned(), text.to_owned()));
        assert_eq!(found[0], some("", "2026-11-23T21:17:46.1Z stderr F E1123 x"));
        assert_eq!(found[1], some("", "2026-11-23T21:17:46.1Z stdout P half"));
        assert_eq!(found[2], some("c Pod p-0", "2026-11-23T21:17:46Z stdout F E1123 x"));
        assert_eq!(found[3], None);
    }
}
