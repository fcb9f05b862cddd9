//! What another tool found: k8sgpt prints each object (`0: Pod shop/web-0(Deployment/web)`), and below it what it took from the
//! object's events and status (`- Error: …`).

/// The object that lines below speak of.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Object {
    /// `Pod/web-0`
    pub(super) name: String,
    pub(super) namespace: String,
}

/// The object that a line begins to speak of.
pub(super) fn object(line: &str) -> Option<Object> {
    let (number, rest) = line.trim().split_once(": ")?;
    let (kind, rest) = rest.split_once(' ')?;
    let (object, _) = rest.split_once('(').filter(|_| rest.ends_with(')'))?;
    let (namespace, name) = object.split_once('/').unwrap_or(("", object));
    let plain = |it: &str| {
        it.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || b"-.".contains(&it))
    };
    let told = number.len() < 6
        && number.parse::<u32>().is_ok()
        && kind.starts_with(|it: char| it.is_ascii_uppercase())
        && kind.bytes().all(|it| it.is_ascii_alphanumeric());
    (told && plain(namespace) && !name.is_empty() && plain(name))
        .then(|| Object { name: format!("{kind}/{name}"), namespace: namespace.to_owned() })
}

/// What is said of it.
pub(super) fn message(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix("- Error: ").filter(|it| !it.trim().is_empty())
}
