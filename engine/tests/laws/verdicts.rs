//! What may change a verdict, and what may not.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use triagem_engine::evidence::Gap;
use triagem_engine::verdict::{Finding, Report, Role, Truth, Verdict};
use triagem_engine::words::{Words, finding, locales};

use super::book::{Book, book, book_without_about, minimal};
use super::sources::vocabulary;
use super::strategies::{Key, NOW, Told, config, dice, told};
use super::world::{Seen, World, live, paste, piece, world};

/// The table of verdicts, read off the language reference.
fn table(finding: &Finding) -> Verdict {
    use Truth::{No, Unknown, Yes};
    let of = |role: Role| finding.signs.iter().filter(move |it| it.role == role);
    let requires = |weak_counts: bool| {
        let truth = |it: &triagem_engine::verdict::SignSeen| {
            if it.weak && !weak_counts { Unknown } else { it.truth }
        };
        let mut required: Truth = of(Role::Requires).map(truth).min().unwrap_or(Yes);
        if let Some(any) = of(Role::RequiresAny).map(truth).max() {
            required = required.min(any);
        }
        required
    };
    let refuted = of(Role::Refutes).map(|it| it.truth).max().unwrap_or(No);
    let some = of(Role::Requires)
        .chain(of(Role::RequiresAny))
        .any(|it| it.truth == Yes || it.unattributed)
        || of(Role::Supports).any(|it| it.truth == Yes);
    match (requires(true), refuted) {
        (No, _) => Verdict::NotIndicated,
        (_, Yes) => Verdict::RuledOut,
        // What was only seen in words that prove less is at most likely.
        (Yes, No) if requires(false) == Yes => Verdict::Confirmed,
        (Yes, No | Unknown) => Verdict::Likely,
        (Unknown, No | Unknown) if some => Verdict::Possible,
        (Unknown, No | Unknown) => Verdict::Undetermined,
    }
}

/// Possible and undetermined are one: both say that nobody could look.
fn open(verdict: Verdict) -> Verdict {
    if verdict == Verdict::Undetermined { Verdict::Possible } else { verdict }
}

/// What each cause comes to, for whom it comes to most.
fn best(report: &Report) -> BTreeMap<String, Verdict> {
    let mut all = BTreeMap::new();
    for finding in &report.findings {
        let known = all.entry(finding.cause.clone()).or_insert(finding.verdict);
        *known = (*known).min(finding.verdict);
    }
    all
}

/// Equal findings are shown as one, with the counts and quotes of the first.
fn uncounted(report: &Report) -> BTreeMap<Key, BTreeSet<Told>> {
    let uncount = |mut told: Told| {
        told.signs.iter_mut().for_each(|it| it.3 = 0);
        told
    };
    told(report)
        .into_iter()
        .map(|(key, all)| (key, all.into_iter().map(uncount).collect()))
        .collect()
}

/// What both reports say, but for when of a cause that one of them folds (below a trouble of now it is of now),
/// and for whose signs are shown of a possible cause that is told once, of one subject, and named of the others.
fn told_alike(left: &Report, right: &Report) -> [BTreeMap<Key, BTreeSet<Told>>; 2] {
    let causes = |which: fn(&Finding) -> bool| -> BTreeSet<&String> {
        let findings = [left, right].into_iter().flat_map(|it| &it.findings);
        findings.filter(|it| which(it)).map(|it| &it.cause).collect()
    };
    let folded = causes(|it| it.under.is_some());
    let told_once = causes(|it| !it.others.is_empty());
    [left, right].map(|report| {
        let mut all = told(report);
        for ((cause, _), said) in &mut all {
            let alike = |mut told: Told| {
                told.past &= !folded.contains(cause);
                if told.verdict == Verdict::Possible && told_once.contains(cause) {
                    told.signs.clear();
                }
                told
            };
            *said = std::mem::take(said).into_iter().map(alike).collect();
        }
        all
    })
}

/// The verdict of each cause for each subject, also of those of whom it is only said that it is possible, too.
fn standings(report: &Report) -> BTreeMap<Key, BTreeSet<(Verdict, bool)>> {
    let mut all: BTreeMap<Key, BTreeSet<(Verdict, bool)>> = BTreeMap::new();
    for it in &report.findings {
        let nobody = it.subjects.is_empty().then(BTreeMap::new);
        for subject in it.subjects.iter().chain(&it.others).cloned().chain(nobody) {
            all.entry((it.cause.clone(), subject)).or_default().insert((it.verdict, it.past));
        }
    }
    all
}

fn dismissed(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::RuledOut | Verdict::NotIndicated)
}

/// Confirmed never becomes ruled out or not indicated, nor the other way round; and no sign that
/// was seen is looked for and not seen later, nor the other way round.
fn monotone(before: &Report, after: &Report) -> Result<(), TestCaseError> {
    let after = told(after);
    for (key, before) in told(before) {
        let (Some(before), Some(after)) = (only(&before), after.get(&key).and_then(only)) else {
            continue;
        };
        let flipped = before.verdict == Verdict::Confirmed && dismissed(after.verdict)
            || dismissed(before.verdict) && after.verdict == Verdict::Confirmed;
        prop_assert!(!flipped, "{key:?}\n{before:#?}\n{after:#?}");
        for (mine, theirs) in before.signs.iter().zip(&after.signs) {
            prop_assert_eq!(&mine.0, &theirs.0);
            let ended = mine.0.starts_with("OverWhen");
            let flipped = mine.1.min(theirs.1) == Truth::No && mine.1.max(theirs.1) == Truth::Yes;
            prop_assert!(ended || !flipped, "{key:?} {mine:?} {theirs:?}");
        }
    }
    Ok(())
}

fn only(told: &BTreeSet<Told>) -> Option<&Told> {
    told.first().filter(|_| told.len() == 1)
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn every_verdict_is_the_tables(book in book(), world in world()) {
        for finding in world.report(&book.load()).findings {
            let said = table(&finding);
            if finding.rivals.is_empty() {
                prop_assert_eq!(finding.verdict, said, "{:#?}", finding);
            } else {
                // As sure as another that it excludes.
                prop_assert!(said <= Verdict::Likely, "{:#?}", finding);
                prop_assert_eq!(finding.verdict, Verdict::Possible, "{:#?}", finding);
            }
        }
    }

    #[test]
    fn the_order_of_parts_changes_nothing(book in book(), world in world(), mut dice in dice(60)) {
        let mine = world.report(&book.load());
        let theirs = world.report(&book.shuffled(&mut dice).load());
        prop_assert_eq!(told(&mine), told(&theirs));
        let order = |report: &Report| {
            report.findings.iter().map(|it| (it.cause.clone(), it.verdict, it.under.clone())).collect::<Vec<_>>()
        };
        prop_assert_eq!(order(&mine), order(&theirs));
        prop_assert_eq!(&mine.unchecked, &theirs.unchecked);
    }

    #[test]
    fn the_order_of_what_was_handed_over_changes_nothing(book in book(), world in paste(), mut dice in dice(8)) {
        let playbook = book.load();
        let other = World { given: dice.shuffled(&world.given), ..world.clone() };
        prop_assert_eq!(uncounted(&world.report(&playbook)), uncounted(&other.report(&playbook)));
    }

    #[test]
    fn evidence_that_grows_never_turns_a_verdict_round(book in book(), world in live(), mut dice in dice(300)) {
        let playbook = book.load();
        let grown = world.grown(&mut dice);
        monotone(&world.report(&playbook), &grown.report(&playbook))?;
    }

    #[test]
    fn a_dear_question_that_is_not_asked_turns_no_verdict_round(book in book(), world in live()) {
        let playbook = book.load();
        monotone(&world.report_with(&playbook, vocabulary()), &world.report(&playbook))?;
    }

    #[test]
    fn a_paste_that_grows_never_turns_a_verdict_round(book in book_without_about(), world in paste(), mut dice in dice(120)) {
        let playbook = book.load();
        let mut grown = world.clone();
        grown.given.extend([piece(&mut dice), piece(&mut dice)]);
        // An object that was not there when somebody asked, or whole and otherwise too, is no evidence
        // that grows.
        let many = |what: &str| grown.given.iter().filter(|it| it.contains(what)).count();
        let twice = |name: &str| {
            many(&format!("uid-{name}")) > 0 && many(&format!("\"name\":\"{name}\"")) > 1
        };
        if many("(NotFound)") == 0 && !twice("w-0") && !twice("w-1") {
            monotone(&world.report(&playbook), &grown.report(&playbook))?;
        }
    }

    #[test]
    fn gaps_alone_say_nothing(book in book(), world in world()) {
        let mut blind = World { given: Vec::new(), ..world };
        for seen in blind.answers.values_mut() {
            *seen = Seen::Gap(match seen {
                Seen::Gap(gap) if *gap != Gap::Absent => gap.clone(),
                _ => Gap::Timeout,
            });
        }
        let report = blind.report(&book.load());
        prop_assert!(report.findings.iter().all(|it| it.verdict == Verdict::Undetermined), "{report:#?}");
        for playbook in &report.playbooks {
            prop_assert!(playbook.symptoms.iter().all(|it| it.truth == Truth::Unknown));
        }
    }

    #[test]
    fn what_a_part_does_not_show_is_unknown(book in book(), world in live()) {
        let mut part = world;
        for seen in part.answers.values_mut() {
            match seen {
                Seen::Gap(Gap::Absent) => *seen = Seen::Gap(Gap::NotCaptured),
                Seen::Gap(_) => {}
                Seen::Tree { complete, .. } | Seen::Text { complete, .. } => *complete = false,
            }
        }
        for finding in part.report(&book.load()).findings {
            for sign in finding.signs {
                prop_assert!(
                    sign.truth != Truth::No || book.negative.contains(&sign.sign),
                    "{:#?}", sign
                );
            }
        }
    }

    #[test]
    fn a_record_twice_is_a_record_once(book in book(), world in world()) {
        let playbook = book.load();
        let mut twice = world.clone();
        for seen in twice.answers.values_mut() {
            if let Seen::Text { records, .. } = seen {
                *records = records.iter().flat_map(|it| [it.clone(), it.clone()]).collect();
            }
        }
        twice.given.extend(world.given.iter().cloned());
        prop_assert_eq!(told(&world.report(&playbook)), told(&twice.report(&playbook)));
    }

    #[test]
    fn one_cause_more_changes_no_other(book in book(), world in world()) {
        let mut fewer = book.clone();
        let last = fewer.causes.pop().unwrap();
        let before = world.report(&fewer.load());
        let report = world.report(&book.load());
        let [mut told_before, mut after] = told_alike(&before, &report);
        after.retain(|(cause, _), _| *cause != last.id);
        // Of several causes that only a log tells of, none is sure.
        let rivals = report.findings.iter().filter(|it| !it.rivals.is_empty());
        let rivals: BTreeSet<&String> = rivals.map(|it| &it.cause).collect();
        for told in [&mut told_before, &mut after] {
            told.retain(|(cause, _), _| !rivals.contains(cause));
        }
        if before.findings.is_empty() {
            // It had nothing to say, and may have now.
            prop_assert!(after.values().flatten().all(|it| it.verdict > Verdict::Possible));
        } else {
            prop_assert_eq!(told_before, after);
        }
    }

    #[test]
    fn support_only_ranks_and_folding_only_folds(book in book_without_about(), world in world()) {
        let mut bare = book.clone();
        for cause in &mut bare.causes {
            cause.lists[2].clear();
            cause.hides.clear();
        }
        let all = |told: BTreeMap<Key, BTreeSet<Told>>| -> BTreeMap<Key, BTreeSet<(Verdict, bool)>> {
            told.into_iter()
                .map(|(key, all)| (key, all.into_iter().map(|it| (open(it.verdict), it.past && !matches!(open(it.verdict), Verdict::Possible))).collect()))
                .collect()
        };
        let [mine, theirs] =
            told_alike(&world.report(&book.load()), &world.report(&bare.load())).map(all);
        // A sign that only supports may be what makes a playbook fit.
        for (key, verdicts) in &theirs {
            if let Some(mine) = mine.get(key) {
                prop_assert_eq!(mine, verdicts, "{:?}", key);
            }
        }
    }

    #[test]
    fn what_excludes_yields_to_what_proves(book in book(), world in world(), at in 0_usize..64) {
        let mut more = book.clone();
        let signs: Vec<String> = more.causes.iter().flat_map(|it| it.lists[..4].concat()).collect();
        for cause in &mut more.causes {
            cause.lists[5] = vec![signs[at % signs.len()].clone()];
        }
        let before: BTreeMap<String, Verdict> = best(&world.report(&book.load()));
        for (cause, verdict) in best(&world.report(&more.load())) {
            let Some(before) = before.get(&cause) else { continue };
            // Ruled out of one subject, it may be undetermined of another still.
            let narrowed = verdict > *before && open(*before) == Verdict::Possible;
            prop_assert!(verdict == *before || narrowed, "{cause}: {before:?} became {verdict:?}");
        }
    }

    #[test]
    fn words_change_no_verdict(book in book(), world in world()) {
        let mut mute = book.clone();
        for cause in &mut mute.causes {
            cause.words = ["x".to_owned(), "y".to_owned()];
        }
        let playbook = book.load();
        let report = world.report(&playbook);
        prop_assert_eq!(standings(&report), standings(&world.report(&mute.load())));
        let before = format!("{report:?}");
        for locale in locales() {
            let words = Words::new(locale).unwrap();
            for it in &report.findings {
                prop_assert!(!finding(&words, &playbook, it).title.is_empty());
            }
        }
        prop_assert_eq!(before, format!("{report:?}"));
    }

    #[test]
    fn same_evidence_same_bytes(book in book(), world in world()) {
        let mine = format!("{:?}", world.report(&book.load()));
        prop_assert_eq!(mine, format!("{:?}", world.report(&book.load())));
    }

    #[test]
    fn the_best_stands_first(book in book(), world in world()) {
        let report = world.report(&book.load());
        let tier = |it: &Finding| match it.verdict {
            Verdict::Confirmed | Verdict::Likely => (it.past, it.elsewhere, 0),
            Verdict::Possible => (it.past, it.elsewhere, 1),
            Verdict::Undetermined => (true, it.elsewhere, 2),
            Verdict::RuledOut => (true, it.elsewhere, 3),
            Verdict::NotIndicated => (true, it.elsewhere, 4),
        };
        prop_assert!(report.findings.is_sorted_by_key(tier));
    }
}
/// Broken laws that were found, in their smallest form.
mod found {
    use super::*;

    fn truth(book: &Book, answers: &[(&'static str, Seen)]) -> Truth {
        let world =
            World { answers: answers.iter().cloned().collect(), given: Vec::new(), now: Some(NOW) };
        world.report(&book.load()).findings[0].signs[0].truth
    }

    fn tree(spec: serde_json::Value, complete: bool) -> Seen {
        Seen::Tree { tree: serde_json::json!({ "spec": spec }), complete }
    }

    fn text(records: &[&str], complete: bool) -> Seen {
        Seen::Text { records: records.iter().map(|it| format!("{it}\n")).collect(), complete }
    }

    #[test]
    fn what_is_joined_of_a_part_is_not_all_there_is() {
        let book =
            minimal(&["joined: {type: string, join: [$node, '-x']}"], "fact: joined, is: n-x");
        let other = serde_json::json!({"node": "m"});
        assert_eq!(truth(&book, &[("tree", tree(other.clone(), false))]), Truth::Unknown);
        assert_eq!(truth(&book, &[("tree", tree(other, true))]), Truth::No);
    }

    #[test]
    fn a_part_of_a_text_does_not_say_that_it_was_long_ago() {
        let book = minimal(
            &["said: {type: text, from: log}"],
            "fact: said, contains: mount failed, older-than: 90m",
        );
        let old = "2026-11-23T07:30:00.000000Z E1123 07:30:00.000000 1 x.go:1] \"mount failed\"";
        assert_eq!(truth(&book, &[("log", text(&[old], false))]), Truth::Unknown);
        assert_eq!(truth(&book, &[("log", text(&[old], true))]), Truth::Yes);
    }

    #[test]
    fn for_records_that_may_be_anybodys_nobody_is_asked_what_takes_long() {
        let mut book = minimal(
            &[
                "said: {type: text, from: log, holds-any: [ours]}",
                "far: {type: string, from: tree, path: $.spec.x}",
            ],
            "fact: said, contains: kv-a",
        );
        book.signs("far-off", "fact: far, exists: true");
        book.causes[0].lists[0].push("far-off".to_owned());
        let asked = |said: &str| {
            let record = format!("E1123 08:00:00.000000 1 x.go:1] \"{said}\"\n");
            let log = text(&[record.as_str()], true);
            let answers = [("log", log), ("tree", tree(serde_json::json!({ "x": "y" }), true))];
            let answers = answers.into_iter().collect();
            let world = World { answers, given: Vec::new(), now: Some(NOW) };
            let report = world.report_with(&book.load(), vocabulary());
            report.looked.iter().any(|it| it.step == "tree")
        };
        assert!(asked("ours: kv-a"));
        assert!(!asked("kv-a"));
    }

    #[test]
    fn what_is_caught_from_nobodys_records_is_unknown_not_absent() {
        let book = minimal(
            &[
                "said: {type: text, from: log, about: {capture: 'about (?<value>[a-z0-9-]+)', is: $node}}",
                "caught: {type: string, many: true, from: said, capture: 'vault (?<value>kv-[a-z])'}",
            ],
            "fact: caught, missing: true",
        );
        let log = || text(&["E1123 07:30:00.000000 1 x.go:1] \"vault kv-a about n-0\""], true);
        let known = |node: &str| tree(serde_json::json!({ "node": node }), true);
        assert_eq!(truth(&book, &[("log", log())]), Truth::Unknown);
        assert_eq!(truth(&book, &[("log", log()), ("tree", known("n-0"))]), Truth::No);
        assert_eq!(truth(&book, &[("log", log()), ("tree", known("n-1"))]), Truth::Yes);
    }
}
