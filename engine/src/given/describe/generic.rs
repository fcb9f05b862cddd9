//! The description of an object that kubectl knows nothing of, such as a `SecretProviderClass`: field names as
//! words (`User Assigned Identity ID`), maps indented, lists below each other.

use serde_json::{Map, Value as Json, json};

use super::{Description, Line};

/// Fields that are maps of texts.
const MAPS: &[&str] = &["parameters"];
/// Fields that are lists of maps: kubectl prints both alike.
const LISTS: &[&str] = &["tokenRequests", "secretObjects", "data"];
/// Fields whose text spans lines, which stand as far to the left as in the text.
const LONG: &[&str] = &["objects"];

pub(super) fn read(description: &Description) -> Json {
    let mut metadata = description.metadata();
    if let Some(uid) = description.section("Metadata").find(|it| it.indent == 2 && it.key == "UID")
    {
        metadata["uid"] = uid.value.as_str().into();
    }
    let lines: Vec<&Line> = description.section("Spec").skip(1).collect();
    json!({
        "apiVersion": description.top("API Version"),
        "kind": description.kind(),
        "metadata": metadata,
        "spec": fields(&lines),
    })
}

fn fields(lines: &[&Line]) -> Map<String, Json> {
    let mut spec = Map::new();
    let mut rest = lines;
    while let Some((line, after)) = rest.split_first() {
        let inside = after.iter().take_while(|it| it.indent > 2 || !is_label(&it.key)).count();
        let (inner, next) = after.split_at(inside);
        rest = next;
        if line.indent != 2 || !is_label(&line.key) {
            continue;
        }
        let field = field(&line.key);
        let value = if !line.value.is_empty() {
            plain(&line.value)
        } else if MAPS.contains(&field.as_str()) {
            texts(inner)
        } else if LISTS.contains(&field.as_str()) {
            maps(inner, 4)
        } else if !inner.is_empty() && inner.iter().all(|it| it.key.is_empty()) {
            inner.iter().map(|it| it.value.as_str()).collect()
        } else {
            continue;
        };
        spec.insert(field, value);
    }
    spec
}

fn texts(lines: &[&Line]) -> Json {
    let mut pairs = Map::new();
    let mut rest = lines;
    while let Some((line, after)) = rest.split_first() {
        let own = |it: &Line| it.indent == 4 && is_label(&it.key);
        let is_long = own(line) && LONG.contains(&field(&line.key).as_str());
        // A key of the text may begin with a capital, too; what kubectl prints is aligned.
        let ends = |it: &Line| own(it) && (it.gap > 1 || it.key.contains(' '));
        let inside = after.iter().take_while(|it| is_long && !ends(it)).count();
        let (inner, next) = after.split_at(inside);
        rest = next;
        if is_long && !inner.is_empty() {
            let text = std::iter::once(line.value.clone()).chain(inner.iter().map(|it| it.text()));
            pairs.insert(field(&line.key), text.collect::<Vec<_>>().join("\n").into());
        } else if own(line) && !line.value.is_empty() {
            pairs.insert(field(&line.key), line.value.as_str().into());
        }
    }
    Json::Object(pairs)
}

impl Line {
    /// As it was written.
    fn text(&self) -> String {
        let (indent, key, value) = (" ".repeat(self.indent), &self.key, &self.value);
        let colon = if key.is_empty() { "" } else { ":" };
        let gap = if key.is_empty() { String::new() } else { " ".repeat(self.gap) };
        format!("{indent}{key}{colon}{gap}{value}")
    }
}

/// What stands at this column, and further to the right.
fn maps(lines: &[&Line], indent: usize) -> Json {
    let mut items: Vec<Map<String, Json>> = vec![Map::new()];
    let mut rest = lines;
    while let Some((line, after)) = rest.split_first() {
        let inside = after.iter().take_while(|it| it.indent > indent).count();
        let (inner, next) = after.split_at(inside);
        rest = next;
        if line.indent != indent || !is_label(&line.key) {
            continue;
        }
        let name = field(&line.key);
        let value = match line.value.is_empty() {
            // No list of these holds another: how deep a text is, is for whoever wrote it to say.
            true if indent == 4 && LISTS.contains(&name.as_str()) => maps(inner, indent + 2),
            true => continue,
            false => plain(&line.value),
        };
        if items.last().is_some_and(|it| it.contains_key(&name)) {
            items.push(Map::new());
        }
        items.last_mut().map(|it| it.insert(name, value));
    }
    items.into_iter().filter(|it| !it.is_empty()).map(Json::Object).collect()
}

fn plain(text: &str) -> Json {
    match text {
        "true" => true.into(),
        "false" => false.into(),
        _ => text.into(),
    }
}

/// Labels begin with a capital; the lines of a long text seldom do.
fn is_label(key: &str) -> bool {
    key.starts_with(|it: char| it.is_ascii_uppercase())
}

/// `User Assigned Identity ID` → `userAssignedIdentityID` (kubectl's `smartLabelFor`, undone).
fn field(label: &str) -> String {
    let mut words = label.split(' ');
    let first = words.next().unwrap_or_default();
    let mut name = if first.chars().all(|it| it.is_ascii_uppercase()) {
        first.to_lowercase()
    } else {
        let mut letters = first.chars();
        letters.next().map(|it| it.to_ascii_lowercase()).into_iter().chain(letters).collect()
    };
    words.for_each(|it| name.push_str(it));
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_field_names_again() {
        for (label, name) in [
            ("User Assigned Identity ID", "userAssignedIdentityID"),
            ("Use VM Managed Identity", "useVMManagedIdentity"),
            ("Keyvault Name", "keyvaultName"),
            ("API Version", "apiVersion"),
            ("Tenant Id", "tenantId"),
            ("UID", "uid"),
        ] {
            assert_eq!(field(label), name);
        }
    }
}
