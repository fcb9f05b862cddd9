//! Label selectors, as Kubernetes writes them: `a=b`, `a!=b`, `a in (x, y)`, `a notin (x)`, `a`, `!a`.

use serde_json::Value as Json;

/// Whether labels satisfy a selector; `None` where the selector cannot be read.
pub(crate) fn matches(selector: &str, labels: &Json) -> Option<bool> {
    let mut all = true;
    for part in requirements(selector) {
        all &= one(part.trim(), labels)?;
    }
    Some(all)
}

/// Splits at commas outside brackets.
fn requirements(selector: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_i32, 0);
    for (at, letter) in selector.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.extend(selector.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.extend(selector.get(start..));
    parts
}

fn one(part: &str, labels: &Json) -> Option<bool> {
    let label = |key: &str| labels.get(key.trim()).and_then(Json::as_str);
    if let Some((key, values)) = part.split_once(" notin ") {
        return Some(!among(values, label(key))?);
    }
    if let Some((key, values)) = part.split_once(" in ") {
        return among(values, label(key));
    }
    if let Some((key, value)) = part.split_once("!=") {
        return Some(label(key) != Some(value.trim()));
    }
    if let Some((key, value)) = part.split_once('=') {
        return Some(label(key) == Some(value.trim_start_matches('=').trim()));
    }
    if let Some(key) = part.strip_prefix('!') {
        return Some(label(key).is_none());
    }
    (!part.is_empty() && !part.contains(' ')).then(|| label(part).is_some())
}

fn among(values: &str, value: Option<&str>) -> Option<bool> {
    let list = values.trim().strip_prefix('(')?.strip_suffix(')')?;
    Some(value.is_some_and(|value| list.split(',').any(|it| it.trim() == value)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn set_and_equality_requirements_are_read() {
        let labels = json!({"app": "secrets-store-csi-driver", "tier": "node"});
        for (selector, want) in [
            ("app in (secrets-store-csi-driver, csi-secrets-store)", Some(true)),
            ("app in (other),tier=node", Some(false)),
            ("app notin (other), tier", Some(true)),
            ("!app", Some(false)),
            ("app!=other", Some(true)),
            ("app in other", None),
            ("app is it", None),
        ] {
            assert_eq!(matches(selector, &labels), want, "{selector}");
        }
    }
}
