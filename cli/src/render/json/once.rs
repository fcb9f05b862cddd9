//! Each quotation once: a record that speaks for many causes stands under the first of them.

use std::collections::BTreeMap;

use super::{FindingV1, SignV1};

/// Where a record was read: origin, line and text.
type Record = (String, u64, String);

pub(super) fn quote(findings: &mut [FindingV1]) {
    let mut told = BTreeMap::new();
    for finding in findings {
        let cause = format!("{}/{}", finding.playbook, finding.cause);
        finding.signs.iter_mut().for_each(|it| sign(it, &cause, &mut told));
    }
}

fn sign(sign: &mut SignV1, cause: &str, told: &mut BTreeMap<Record, String>) {
    let mut elsewhere = None;
    sign.quotes.retain(|it| {
        let record = (it.origin.clone(), it.line, it.text.clone());
        let first = told.entry(record).or_insert_with(|| cause.to_owned());
        // Beside each other, two signs of one cause may rest on one record.
        let own = first == cause;
        if !own && elsewhere.is_none() {
            elsewhere = Some(first.clone());
        }
        own
    });
    sign.quoted_in = elsewhere;
    sign.parts.iter_mut().for_each(|it| self::sign(it, cause, told));
}
