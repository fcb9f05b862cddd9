//! The paths of requests: `plan` shows them letter for letter as they are sent.

use triagem_engine::evidence::Gap;

use super::kinds::Resource;

/// Objects of a page.
const PAGE: usize = 500;

/// Who reads a path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum For {
    /// The API server: everything is known.
    Server,
    /// Whoever asked for a plan: `<what>` stands for what is not known yet.
    Reader,
}

impl For {
    /// A part of a path. Names come from a hostile place: none may lead elsewhere.
    pub(super) fn segment(self, name: &str) -> Result<String, Gap> {
        if matches!(name, "" | "." | "..") || name.len() > 253 {
            return Err(Gap::Failed(format!("{name:?} is no name of an object")));
        }
        Ok(self.value(name))
    }

    /// A value of a query.
    pub(super) fn value(self, value: &str) -> String {
        if self == Self::Server {
            return encode(value);
        }
        let mut shown = String::new();
        let mut rest = value;
        while let Some((before, blank, after)) = next_blank(rest) {
            shown.push_str(&encode(before));
            shown.push_str(blank);
            rest = after;
        }
        shown + &encode(rest)
    }

    /// Where the objects of a kind are: of one namespace, or of all.
    pub(super) fn objects(self, resource: &Resource, namespace: &str) -> Result<String, Gap> {
        let root = if resource.group.is_empty() {
            format!("/api/{}", self.value(&resource.version))
        } else {
            format!("/apis/{}/{}", self.value(&resource.group), self.value(&resource.version))
        };
        let plural = self.value(&resource.plural);
        if namespace.is_empty() || !resource.namespaced {
            return Ok(format!("{root}/{plural}"));
        }
        Ok(format!("{root}/namespaces/{}/{plural}", self.segment(namespace)?))
    }

    /// One object.
    pub(super) fn object(
        self,
        resource: &Resource,
        namespace: &str,
        name: &str,
    ) -> Result<String, Gap> {
        Ok(format!("{}/{}", self.objects(resource, namespace)?, self.segment(name)?))
    }

    /// The events of a namespace, or of all, under one of their names.
    pub(super) fn events(self, root: &str, namespace: &str) -> Result<String, Gap> {
        if namespace.is_empty() {
            return Ok(format!("{root}/events"));
        }
        Ok(format!("{root}/namespaces/{}/events", self.segment(namespace)?))
    }

    /// A page of a list.
    pub(super) fn page(
        self,
        list: &str,
        selector: Option<&str>,
        fields: Option<&str>,
        more: Option<&str>,
    ) -> String {
        let queries = [("labelSelector", selector), ("fieldSelector", fields), ("continue", more)];
        let known = queries.into_iter().filter_map(|(key, value)| Some((key, value?)));
        known.fold(format!("{list}?limit={PAGE}"), |path, (key, value)| {
            format!("{path}&{key}={}", self.value(value))
        })
    }

    /// The log of a container.
    pub(super) fn log(self, asked: &AskedLog<'_>) -> Result<String, Gap> {
        let AskedLog { namespace, pod, container, since, previous, limit } = asked;
        let mut path = format!(
            "/api/v1/namespaces/{}/pods/{}/log?timestamps=true&limitBytes={limit}",
            self.segment(namespace)?,
            self.segment(pod)?
        );
        if !container.is_empty() {
            path = format!("{path}&container={}", self.value(container));
        }
        if let Some(since) = since {
            path = format!("{path}&sinceSeconds={since}");
        }
        if *previous {
            path.push_str("&previous=true");
        }
        Ok(path)
    }
}

/// Which log is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct AskedLog<'a> {
    pub(super) namespace: &'a str,
    pub(super) pod: &'a str,
    /// Empty: the only one.
    pub(super) container: &'a str,
    /// Seconds.
    pub(super) since: Option<i64>,
    pub(super) previous: bool,
    /// Bytes.
    pub(super) limit: u64,
}

/// The next `<what>`: words with nothing else between the brackets.
fn next_blank(text: &str) -> Option<(&str, &str, &str)> {
    let plain = |it: char| it.is_alphanumeric() || " -_./".contains(it);
    for (at, _) in text.match_indices('<') {
        let (before, rest) = text.split_at(at);
        let Some(end) = rest.find('>') else { continue };
        let (blank, after) = rest.split_at(end + 1);
        let inner = blank.trim_start_matches('<').trim_end_matches('>');
        if blank.len() == inner.len() + 2 && !inner.is_empty() && inner.chars().all(plain) {
            return Some((before, blank, after));
        }
    }
    None
}

fn encode(value: &str) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_leads_nowhere_else() {
        for of in [For::Server, For::Reader] {
            assert_eq!(of.segment("../secrets").unwrap(), "..%2Fsecrets");
            assert!(of.segment("..").is_err());
            assert_eq!(of.value("a in (b)"), "a%20in%20%28b%29");
        }
    }

    #[test]
    fn what_is_not_known_is_shown_and_never_sent() {
        assert_eq!(For::Reader.value("spec.nodeName=<node>"), "spec.nodeName%3D<node>");
        assert_eq!(For::Server.value("<node>"), "%3Cnode%3E");
        assert_eq!(For::Reader.value("<a&b=c>"), "%3Ca%26b%3Dc%3E");
        assert_eq!(For::Reader.value("a<b"), "a%3Cb");
    }
}
