//! Where a message ends, in text that somebody handed over: which of the lines below it are still its own.
//!
//! Programs print errors over several lines, terminals and mails wrap them, and people write below them. What
//! programs print below a message is known by its shape; what a wrap breaks off, by what is left open.

use super::prose::is_said_by_a_person;

/// Characters of a line that may have been wrapped.
const WRAPPED: usize = 40;
/// Characters of a line that was wrapped where nothing but the line itself tells.
const WRAPPED_AT_A_WORD: usize = 50;
/// Characters of two lines of one length, which a terminal's width explains.
const TERMINAL: usize = 60;
/// Dashes of a ruler that an SDK draws (Azure SDK for Go, `runtime.NewResponseError`: 80), also where it is wrapped.
const RULER: usize = 8;
/// What programs print at the beginning of a line below a message.
const LABELS: &[&str] = &[
    "RESPONSE ",
    "ERROR CODE",
    "GET http",
    "POST http",
    "PUT http",
    "HEAD http",
    "PATCH http",
    "Mounting command:",
    "Mounting arguments:",
    "Output:",
    "Client address:",
    "Caller:",
    "Action:",
    "Resource:",
    "Assignment:",
    "DenyAssignmentId:",
    "DecisionReason:",
    "Vault:",
    "Trace ID:",
    "Correlation ID:",
    "Timestamp:",
    "Original Error:",
    "Response body:",
    "To troubleshoot, visit https://",
];

/// The end of a message, and what it leaves open.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extent {
    /// A quotation is open.
    quote: bool,
    /// Braces that are open.
    depth: usize,
    /// Characters of the last line.
    width: usize,
    /// Characters of a line, where the text is known to be wrapped.
    wrap: Option<usize>,
    /// The last line cannot be the last of its message.
    open: bool,
    ruler: bool,
    /// Empty lines stand below it.
    blank: bool,
    /// It is of one line, unless it was wrapped.
    short: bool,
    /// It is known to be wrapped, at whatever width.
    narrow: bool,
    /// It has several lines.
    several: bool,
    answer: Answer,
}

/// How much of an answer an SDK has printed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Answer {
    /// None, or all of it.
    #[default]
    None,
    Status,
    /// What stands between two rulers.
    Body,
}

impl Extent {
    /// Begins a message that stands at the end of `line`. `short`: its program prints it on one line.
    pub(crate) fn new(line: &str, message: &str, wrap: Option<usize>, short: bool) -> Self {
        let mut extent = Self { wrap, short, ..Self::default() };
        extent.add(line, message);
        // Nothing but a terminal's edge leaves a space at the end.
        let edge = line.ends_with(' ') && line.trim_end().ends_with(message.trim_end());
        extent.open |= edge && extent.width >= TERMINAL;
        extent
    }

    /// Begins a message that stands below what heads it.
    pub(crate) fn wrapped(line: &str) -> Self {
        Self { narrow: true, ..Self::new(line, line, None, false) }
    }

    /// Goes on with a line of the message.
    pub(crate) fn push(&mut self, line: &str) {
        let width = self.width;
        self.several = true;
        self.add(line, line);
        // Lines of one length, or one that breaks off where more must follow: it was wrapped there.
        if width >= TERMINAL && width == self.width {
            self.wrap = Some(width);
        }
    }

    fn add(&mut self, line: &str, text: &str) {
        self.width = line.chars().count();
        self.blank = false;
        self.ruler = is_ruler(text);
        self.answer = match self.answer {
            _ if text.trim_start().starts_with("RESPONSE ") => Answer::Status,
            Answer::Body if is_drawn(text) => Answer::Status,
            Answer::Status if self.ruler => Answer::Body,
            Answer::Body if self.ruler => Answer::None,
            so_far => so_far,
        };
        for byte in text.bytes() {
            match byte {
                b'"' => self.quote = !self.quote,
                b'{' => self.depth += 1,
                b'}' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        let end = text.trim_end();
        self.open = self.quote || end.ends_with([':', ',', '=', '(', '[', '/', '-']) && !self.ruler;
    }

    /// Goes on with an empty line.
    pub(crate) fn blank(&mut self) {
        self.blank = true;
    }

    /// Says that something is missing at its end.
    pub(crate) fn leave_open(&mut self) {
        self.open = true;
    }

    /// Whether an empty line stands below it.
    pub(crate) fn is_blank(&self) -> bool {
        self.blank
    }

    /// The width that its lines are wrapped at, if they are.
    pub(crate) fn wrap(&self) -> Option<usize> {
        self.wrap
    }

    /// Whether the next line, which is not empty, still belongs to the message. `indent`: columns that the message itself stands at.
    pub(crate) fn holds(&self, line: &str, indent: usize) -> bool {
        let text = line.trim_start();
        if self.blank {
            // Only what no person writes goes on below an empty line.
            let of_body = (self.depth > 0 || self.ruler) && is_of_json(text);
            return !self.short
                && (of_body || is_drawn(text) || is_ruler(text) && text.len() >= 40);
        }
        if self.wrap == Some(self.width) || self.breaks_off(line) {
            return true;
        }
        let words = text.split_whitespace().take(3).count();
        if self.short {
            return words < 3 && self.width >= WRAPPED && !text.ends_with(':') && is_rest(text);
        }
        let own = line.len() - text.len();
        let of_body = self.answer == Answer::Body
            && (self.ruler || self.depth == 0 && text.starts_with('<'))
            && !is_said_by_a_person(text);
        is_ruler(text)
            || of_body
            || LABELS.iter().any(|it| text.starts_with(it))
            || (self.depth > 0 || self.ruler || words < 3 || text.starts_with("{\""))
                && is_of_json(text)
            || own > 0 && own >= indent && !is_said_by_a_person(text)
            || (self.narrow || self.width >= WRAPPED_AT_A_WORD)
                && is_rest(text)
                && !heads_an_error(text)
                && !is_said_by_a_person(text)
    }

    /// Whether the last line was broken off where this one goes on.
    fn breaks_off(&self, line: &str) -> bool {
        let width = line.chars().count();
        let told = self.width >= TERMINAL && width == self.width;
        told || self.open && (self.several || self.width >= WRAPPED)
    }
}

/// A message of several lines, with those put together that a terminal broke: `first` characters has the line that it begins
/// on. A terminal breaks at one width, wherever that falls.
pub(crate) fn unwrapped(message: &str, first: usize, wrap: Option<usize>) -> Option<String> {
    let wide = |line: &str| if is_ruler(line) { 0 } else { line.chars().count() };
    let mut widths: Vec<usize> = message.lines().map(wide).collect();
    *widths.first_mut()? = first;
    let widest = widths.iter().copied().max()?;
    let full = widths.iter().filter(|it| **it == widest).count();
    if widths.len() < 2 || widest < WRAPPED || full < 2 && wrap != Some(widest) {
        return None;
    }
    let mut whole = String::with_capacity(message.len());
    for (line, width) in message.lines().zip(widths) {
        whole.push_str(line);
        if width < widest {
            whole.push('\n');
        }
    }
    Some(whole)
}

/// What an SDK prints between its rulers, and no person.
fn is_drawn(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with("RESPONSE ") || text.starts_with("ERROR CODE")
}

fn is_ruler(text: &str) -> bool {
    let text = text.trim();
    text.len() >= RULER && text.bytes().all(|it| it == b'-')
}

/// A line of a JSON body.
fn is_of_json(text: &str) -> bool {
    let text = text.trim_end().trim_end_matches(',');
    text.starts_with(['{', '}', '[', ']', '"'])
        || matches!(text, "true" | "false" | "null")
        || !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit())
}

/// An error begins so. Inside a message it stands behind a colon: a line that ends without one does not go on with it.
fn heads_an_error(text: &str) -> bool {
    text.starts_with("rpc error: code = ")
}

/// No sentence begins so: what was broken off at a word.
fn is_rest(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    let plain = |it: &str| it.chars().skip(1).all(|it| it.is_lowercase() || "',:-".contains(it));
    !first.starts_with(char::is_uppercase) || !plain(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of the lines below the first are of its message.
    fn own(lines: &[&str], short: bool) -> usize {
        let mut extent = Extent::new(lines[0], lines[0], None, short);
        let mut count = 0;
        for line in &lines[1..] {
            if line.trim().is_empty() {
                extent.blank();
            } else if extent.holds(line, 2) {
                extent.push(line);
            } else {
                break;
            }
            count += 1;
        }
        count
    }

    const ROW: &str = "  Warning  FailedMount  9s  kubelet  MountVolume.SetUp failed for volume \"a\" : rpc error";

    #[test]
    fn what_an_sdk_prints_below_a_message_is_of_it() {
        let dashes = "-".repeat(80);
        let error = [
            ROW,
            &dashes,
            "RESPONSE 403: 403 Forbidden",
            "ERROR CODE: Forbidden",
            &dashes,
            "{",
            "  \"error\": {",
            "    \"code\": \"Forbidden\",",
            "    \"codes\": [",
            "      7002",
            "    ]",
            "  }",
            "}",
            &dashes,
        ];
        assert_eq!(own(&error, false), error.len() - 1);
        let apart: Vec<&str> = error.iter().flat_map(|it| [*it, ""]).collect();
        assert_eq!(own(&apart, false), apart.len() - 1, "each line stands apart");
        let mount = [
            ROW,
            "Mounting command: mount",
            "Mounting arguments: -t tmpfs",
            "Output: mount: /x: no.",
        ];
        assert_eq!(own(&mount, false), 3);
    }

    #[test]
    fn what_somebody_writes_below_a_message_is_not_of_it() {
        for line in [
            "Another cluster had ForbiddenByRbac in the spring, so I checked the roles.",
            "last month we had AADSTS7000222 and solved it",
            "What the driver says: failed to get objectType:secret",
            "Error I see: failed to get keyvault client",
            "  and our pipeline said ForbiddenByRbac",
            "Depois disso o nosso pipeline falhou",
            "rpc error: code = Unknown desc = failed to get secretproviderclass shop/kv",
        ] {
            assert_eq!(own(&[ROW, line], false), 0, "{line}");
            assert_eq!(own(&[ROW, "", line], false), 1, "{line}");
            let done = "  Normal  Scheduled  36s  default-scheduler  Successfully assigned web/api-0 to node-1";
            assert_eq!(own(&[done, line], true), 0, "{line}");
        }
    }

    #[test]
    fn what_was_wrapped_is_whole() {
        for lines in [
            // At a terminal's width, in mid-word and behind a space.
            vec![
                "  Warning  FailedMount  11s  kubelet  MountVolume.SetUp failed for volume \"s",
                "ecrets-store-inline\" : rpc error: code = Unknown desc = failed to mount se",
                "crets store objects for pod shop/web-0, err: rpc error: code = Unknown des",
                "C = failed to mount objects",
            ],
            vec![
                "  Warning  FailedMount  11s  kubelet  MountVolume.SetUp failed: ",
                "Unknown desc",
            ],
            // At a word.
            vec![ROW, "code = Unknown desc = failed to mount objects, error: failed to get"],
            vec![ROW, "Status=403 Code=\"Forbidden\""],
        ] {
            assert_eq!(own(&lines, false), lines.len() - 1, "{lines:?}");
        }
        let normal = "  Normal   Scheduled    75s  default-scheduler  Successfully assigned shop/ledger-401 ";
        assert_eq!(own(&[normal, "to aks-nodepool1-12345678-vmss000000"], true), 1);
        assert_eq!(own(&[normal.trim_end(), "aks-nodepool1-12345678-vmss000000"], true), 1);
    }

    #[test]
    fn what_a_terminal_broke_is_put_together() {
        let message = "MountVolume.SetUp failed for volume \"secr\nets\" : rpc error: code = Unknown desc = fail\ned to mount\n--------\nRESPONSE 403";
        let whole = unwrapped(message, 44, None).unwrap();
        assert!(
            whole.contains("\"secrets\"") && whole.contains("failed to mount\n--------\nRESPONSE"),
            "{whole}"
        );
        assert_eq!(unwrapped("a\nb", 300, None), None);
    }
}
