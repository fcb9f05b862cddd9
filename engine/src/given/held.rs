//! Objects in a text: lines are held until one is whole, then taken, or given back as the text that they are.

use std::collections::BTreeMap;

use super::lines::TREE_BYTES;
use super::scan::Progress;
use super::{Sorter, State, documents, objects};
use crate::budget::Bounded;
use crate::evidence::{Gap, Given, GivenKind};

impl Sorter<'_> {
    /// A bracket at the beginning of a line. What stands in a description or a message of an event
    /// is given back if it is no object.
    pub(super) fn begins_json(&self, line: &str) -> bool {
        line.trim_start().starts_with(['{', '[']) && !self.found.texts.is_log(line)
    }

    pub(super) fn is_holding_json(&self) -> bool {
        self.held.from > 0 && self.state != State::Yaml
    }

    pub(super) fn more_json(&mut self, line: &str) {
        let progress = self.held.scan.line(line);
        self.hold(line);
        match progress {
            Progress::Open => {}
            Progress::Done | Progress::Broken => self.end_of_json(progress),
        }
    }

    /// Takes what was held as JSON, or gives it back as the text that it is.
    pub(super) fn end_of_json(&mut self, progress: Progress) {
        let held = std::mem::take(&mut self.held);
        if held.too_large {
            self.close();
            return self.gap(Gap::TooLarge, held.from, &held.text);
        }
        let before = self.found.budget.room();
        let done = progress == Progress::Done;
        let kept_free = self.found.reserve();
        let found = if done { objects::json(&held.text, &self.found.budget) } else { Vec::new() };
        self.found.budget.grow(kept_free);
        let is_taken = |it: &Bounded| it.tree.as_ref().is_none_or(objects::is_taken);
        // What is taken ends what stands before it; what is given back does not.
        if found.iter().any(is_taken) {
            self.close();
            let only = found.len() == 1;
            let kept = self.found.pieces.len();
            for bounded in found {
                let (mut read, mut left) = (bounded.read, bounded.left_out);
                self.take(bounded, held.from, &held.text);
                // Rows and events are not kept as they came: they make room for the others.
                while only && left > 0 && self.found.pieces.len() == kept {
                    self.found.budget.reset(before);
                    match self.found.budget.json_from(held.text.as_bytes(), read) {
                        Ok(more) if more.read > 0 => {
                            read += more.read;
                            left = more.left_out;
                            self.take(more, held.from, &held.text);
                        }
                        Ok(_) | Err(_) => break,
                    }
                }
                if left > 0 {
                    self.left_out(&held.text, left);
                }
            }
            return;
        }
        self.found.budget.reset(before);
        let lines: Vec<&str> = held.text.lines().collect();
        let broken = progress == Progress::Broken;
        let mut given_back = 0;
        if progress != Progress::Done && objects::looks_like_json(&held.text) {
            self.close();
            let gap = if broken { Gap::Malformed } else { Gap::CutOff };
            self.gap(gap, held.from, &held.text);
            // The line that broke it is of something else.
            given_back = if broken && lines.len() > 1 { lines.len() - 1 } else { lines.len() };
        }
        for (at, line) in lines.iter().enumerate().skip(given_back) {
            self.number = held.from + at as u64;
            self.next(line, broken && at > 0 && at + 1 == lines.len());
        }
    }

    fn take(&mut self, bounded: Bounded, line: u64, text: &str) {
        match bounded.tree {
            Some(tree) => objects::take(tree, line, &mut self.found),
            None => self.gap(Gap::TooLarge, line, text),
        }
    }

    fn left_out(&mut self, text: &str, count: u64) {
        let kind = objects::kind_in(text).map(|kind| ("kind".to_owned(), kind));
        self.found.leave_out(kind.into_iter().collect(), count);
    }

    pub(super) fn hold(&mut self, line: &str) {
        if self.held.text.len() + line.len() > TREE_BYTES {
            self.held.too_large = true;
            return;
        }
        self.held.text.push_str(line);
        self.held.text.push('\n');
    }

    /// An object that cannot be read. One that does not say its kind answers no question.
    pub(super) fn gap(&mut self, gap: Gap, line: u64, text: &str) {
        let names: BTreeMap<String, String> =
            objects::kind_in(text).map(|kind| ("kind".to_owned(), kind)).into_iter().collect();
        let piece = Given {
            kind: if names.is_empty() { GivenKind::Unread } else { GivenKind::Object },
            names,
            answer: Err(gap),
            origin: self.found.origin.clone(),
            line,
        };
        // Of very many the number is told.
        self.found.add(piece);
    }

    pub(super) fn end_of_yaml(&mut self) {
        let held = std::mem::take(&mut self.held);
        if held.too_large {
            return self.gap(Gap::TooLarge, held.from, &held.text);
        }
        let before = self.found.budget.room();
        let kept_free = self.found.reserve();
        let parts = documents::yaml(&held.text, &self.found.budget);
        self.found.budget.grow(kept_free);
        let is_object = |it: &documents::Part<'_>| match &it.tree {
            Ok(Bounded { tree: Some(tree), .. }) => objects::is_taken(tree),
            Ok(_) | Err(_) => true,
        };
        if parts.iter().any(is_object) {
            self.found.may_be_cut = true;
            for part in parts {
                let line = held.from + part.skipped;
                match part.tree {
                    Ok(bounded) => {
                        let left = bounded.left_out;
                        self.take(bounded, line, part.text);
                        if left > 0 {
                            self.left_out(part.text, left);
                        }
                    }
                    Err(gap) => self.gap(gap, line, part.text),
                }
                if part.broken > 0 {
                    self.gap(Gap::Malformed, line, part.text);
                }
            }
            self.found.may_be_cut = false;
            return;
        }
        self.found.budget.reset(before);
        // It only looked like an object: it is text after all.
        for (number, line) in (held.from..).zip(held.text.lines()) {
            self.found.texts.plain(line, number, self.found.texts.is_log(line));
        }
        self.found.texts.interrupt();
    }
}
