//! What people say around what programs print: of another time or place, of what is over, denied, or might only be.
//! It proves nothing of what goes on.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use serde::Deserialize;

/// The phrases and words, in every language (`prose.yaml`).
static PROSE: LazyLock<Prose> = LazyLock::new(|| {
    let said: Said = serde_yaml::from_str(include_str!("prose.yaml")).unwrap_or_default();
    Prose::of(said)
});

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Said {
    told: BTreeSet<String>,
    elsewhere: Vec<String>,
    then: Vec<String>,
    rules_out: Vec<String>,
    does_not_go: BTreeSet<String>,
    seen: Vec<String>,
    asks: Vec<String>,
    whether: Vec<String>,
    units: BTreeSet<String>,
    still: BTreeSet<String>,
    over: Vec<String>,
    supposed: Vec<String>,
    denied: Vec<String>,
    but: BTreeSet<String>,
    was: BTreeSet<String>,
    is: BTreeSet<String>,
    shown: Vec<String>,
    small: BTreeSet<String>,
    programs: Vec<String>,
    presents: BTreeSet<String>,
    negates: BTreeSet<String>,
    takes_back: Vec<String>,
    places: BTreeSet<String>,
    both: BTreeSet<String>,
}

/// What a phrase says of what stands beside it.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Phrase {
    Elsewhere,
    Over,
    Supposed,
    Denied,
}

#[derive(Default)]
struct Prose {
    said: Said,
    phrases: Option<AhoCorasick>,
    kinds: Vec<Phrase>,
}

impl Prose {
    fn of(said: Said) -> Self {
        let lists = [
            (&said.elsewhere, Phrase::Elsewhere),
            (&said.over, Phrase::Over),
            (&said.supposed, Phrase::Supposed),
            (&said.denied, Phrase::Denied),
        ];
        let kinds =
            lists.iter().flat_map(|(list, kind)| std::iter::repeat_n(*kind, list.len())).collect();
        let all = lists.iter().flat_map(|(list, _)| list.iter());
        let phrases = AhoCorasick::builder().ascii_case_insensitive(true).build(all).ok();
        Self { said, phrases, kinds }
    }

    fn phrases<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Phrase> + 't {
        let found = self.phrases.iter().flat_map(move |it| it.find_overlapping_iter(text));
        found.filter_map(|it| self.kinds.get(it.pattern().as_usize()).copied())
    }
}

fn has(text: &str, list: &BTreeSet<String>) -> bool {
    words(text).any(|it| list.contains(&it))
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|it: char| it.is_whitespace() || ".,;:!?()".contains(it))
        .filter(|it| !it.is_empty())
        .map(str::to_lowercase)
}

/// Whether a person says it, of whatever time.
pub(super) fn is_said_by_a_person(text: &str) -> bool {
    has(text, &PROSE.said.told) || is_not_of_now(text)
}

/// Whether a person tells of another time or place, of what is over, denied or supposed, and not of what goes on.
pub(crate) fn is_not_of_now(text: &str) -> bool {
    // Each kind once: a line may hold a phrase very often.
    let kinds: BTreeSet<Phrase> = PROSE.phrases(text).collect();
    kinds.iter().any(|it| match it {
        Phrase::Supposed => true,
        Phrase::Elsewhere => !has(text, &PROSE.said.still),
        Phrase::Over | Phrase::Denied => !has(text, &PROSE.said.but),
    })
}

/// The sentences of a line, as far as marks tell.
pub(crate) fn sentences(line: &str) -> impl Iterator<Item = &str> {
    [". ", "! ", "? ", "; "]
        .iter()
        .fold(vec![line], |all, mark| {
            all.into_iter().flat_map(|it| it.split_inclusive(mark)).collect()
        })
        .into_iter()
}

/// Whether a sentence that names an error tells of another time, rules it out, or only asks for it. What other sentences say of now is of
/// something else: `Last week it said X, and we fixed it. Today the pod hangs.`
pub(crate) fn is_told_aside(sentence: &str) -> bool {
    let said = &PROSE.said;
    let plain = sentence.trim_start_matches([' ', '\t', '>', '*', '-', '"', '\'', '`']);
    let plain = plain.to_lowercase().replace('\u{2019}', "'");
    let holds = |all: &[String]| all.iter().any(|it| plain.contains(it.as_str()));
    let asked = plain.trim_end().ends_with('?')
        && said.asks.iter().any(|it| plain.starts_with(it.as_str()))
        && holds(&said.whether);
    let long_ago = has(&plain, &said.units)
        && words(&plain).any(|it| it == "há")
        && has(&plain, &said.was)
        && !has(&plain, &said.is)
        && !has(&plain, &said.still);
    is_not_of_now(sentence)
        || holds(&said.then)
        || asked
        || rules_out(&plain)
        || denies(&plain)
        || long_ago
}

/// Whether a sentence, in small letters, says right before what a program says that nobody sees it: `We do not see failed to …
/// anywhere`, `There is no rpc error … in the events`. Who does not see a file (`We do not see it: failed to …`) may well have an error.
fn denies(plain: &str) -> bool {
    let said = &PROSE.said;
    let begins = said.programs.iter().filter_map(|it| plain.find(it.trim_start())).min();
    let Some(head) = begins.and_then(|at| plain.get(..at)) else { return false };
    let bare = head.trim_end().trim_end_matches(['"', '\'', '`', '\u{201c}', '\u{2018}', '«', ' ']);
    let near: Vec<String> = words(bare).collect();
    let near = near.get(near.len().saturating_sub(NEAR)..).unwrap_or_default();
    let sees = |it: &String| said.presents.contains(it) || said.small.contains(it);
    // `does not see`, `there is no`; but not `does not start with`.
    let negated = near.iter().rposition(|it| said.negates.contains(it));
    negated.is_some_and(|at| near.iter().skip(at + 1).all(sees))
        && near.last().is_none_or(|it| it != "with" && it != "com")
        && !bare.ends_with([':', '=', ',', '>', ']', '.', ';', ')'])
        && !has(plain, &said.but)
}

/// Small words around what is quoted, at least, that make it a person's sentence.
const SMALL: usize = 2;
/// Words before a quotation that can take back that it is shown.
const NEAR: usize = 4;
/// Bytes behind a quotation that can say that it is so no more.
const BEHIND: usize = 40;

/// Whether somebody quotes an error and does not say that it is what they see: `It was not "X"`, `Unlike the other ticket ("X")`,
/// `On dev we get "X", on prod it mounts`. `is_error`: whether a text is one.
pub(crate) fn quotes_aside(line: &str, is_error: impl Fn(&str) -> bool) -> bool {
    let said = &PROSE.said;
    let quoted: Vec<Quoted<'_>> = quotations(line).filter(|it| is_error(it.text)).collect();
    let is_a_sentence = |it: &Quoted<'_>| {
        let around = words(it.before).chain(words(it.behind));
        let before = it.before.to_lowercase();
        let is_a_programs = said.programs.iter().any(|it| before.contains(it.as_str()));
        !is_a_programs
            && around.filter(|it| said.small.contains(it)).collect::<BTreeSet<_>>().len() >= SMALL
    };
    let presented = |it: &Quoted<'_>| {
        let before = it.before.trim_end();
        let bare = before.trim_end_matches(['(', '[', '*', ' ']);
        let near: Vec<String> = words(bare).collect();
        let near = near.get(near.len().saturating_sub(NEAR)..).unwrap_or_default();
        let shown = bare.is_empty()
            || before.ends_with([':', '=', ',', '>', ']'])
            || near.last().is_some_and(|it| said.presents.contains(it));
        let end = it.behind.floor_char_boundary(BEHIND.min(it.behind.len()));
        let behind = it.behind.get(..end).unwrap_or_default().to_lowercase();
        shown
            && !near.iter().any(|it| said.negates.contains(it))
            && !said.takes_back.iter().any(|it| behind.contains(it.as_str()))
    };
    quoted.iter().any(|it| is_a_sentence(it) && !presented(it)) || compares_places(line)
}

/// Whether a sentence of a person names two places, such as dev and prod.
fn compares_places(line: &str) -> bool {
    let said = &PROSE.said;
    let all: Vec<String> = words(line).collect();
    let named: BTreeSet<&String> = all.iter().filter(|it| said.places.contains(*it)).collect();
    // `in dev and prod`: a word between the two joins them.
    let joined = all.windows(3).any(|it| match it {
        [first, between, last] => {
            said.places.contains(first) && said.both.contains(between) && said.places.contains(last)
        }
        _ => false,
    });
    named.len() > 1 && !joined && !all.iter().any(|it| it == "both" || it == "ambos")
}

/// What stands between marks of quotation, and around it.
struct Quoted<'t> {
    before: &'t str,
    text: &'t str,
    behind: &'t str,
}

/// Quotations of a line; an apostrophe within a word is none.
fn quotations(line: &str) -> impl Iterator<Item = Quoted<'_>> {
    const MARKS: [(char, char); 6] = [
        ('"', '"'),
        ('`', '`'),
        ('\'', '\''),
        ('\u{201c}', '\u{201d}'),
        ('\u{2018}', '\u{2019}'),
        ('«', '»'),
    ];
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = line.get(from..)?;
            let (at, open) =
                rest.char_indices().find(|(_, it)| MARKS.iter().any(|(open, _)| open == it))?;
            let start = from + at + open.len_utf8();
            let within = line.get(..from + at)?.ends_with(char::is_alphanumeric);
            from = start;
            let close = MARKS.iter().find(|(it, _)| *it == open)?.1;
            let Some(end) = line.get(start..)?.find(close).filter(|_| !within) else { continue };
            from = start + end + close.len_utf8();
            return Some(Quoted {
                before: line.get(..start - open.len_utf8())?,
                text: line.get(start..start + end)?,
                behind: line.get(from..)?,
            });
        }
    })
}

/// Words before a colon that only announce what follows: `It is not working: …`
const ANNOUNCED: usize = 4;

/// Whether a sentence, in small letters, begins by ruling out what it names: `This is not X, I checked.` What does not go (`It is not
/// mounting`), and what is seen all the same, is none of that.
fn rules_out(plain: &str) -> bool {
    let said = &PROSE.said;
    let Some(rest) = said.rules_out.iter().find_map(|it| plain.strip_prefix(it.as_str())) else {
        return false;
    };
    let next = words(rest).next().unwrap_or_default();
    // `It is not working: X`, but not `It is not X123: Y`.
    let announces =
        |it: &str| words(it).count() <= ANNOUNCED && !it.contains(|it: char| it.is_ascii_digit());
    let announced = plain.split_once(": ").is_some_and(|(it, _)| announces(it));
    rest.starts_with(|it: char| !it.is_alphanumeric())
        && !next.ends_with("ing")
        && !said.does_not_go.contains(&next)
        && !said.seen.iter().any(|it| plain.contains(it.as_str()))
        && !announced
}

/// Whether a person says that what was told before is over.
pub(crate) fn is_over(text: &str) -> bool {
    PROSE.phrases(text).any(|it| it == Phrase::Over) && !has(text, &PROSE.said.but)
}

/// Whether what follows is told of another time or place: `Last month, in the old cluster, we had:`
pub(crate) fn announces_another_time(text: &str) -> bool {
    let Some(head) = text.trim_end().strip_suffix(':') else { return false };
    let mut last = head.rsplit(['.', '!', '?']).next().unwrap_or_default().to_lowercase();
    for shown in &PROSE.said.shown {
        last = last.replace(shown.as_str(), "");
    }
    is_not_of_now(&last) && has(&last, &PROSE.said.was) && !has(&last, &PROSE.said.is)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_on_is_not_of_another_time() {
        assert!(is_not_of_now("Last month our pipeline said AADSTS7000222"));
        assert!(is_not_of_now("Em outro cluster o erro foi ForbiddenByRbac"));
        assert!(!is_not_of_now("Since last week we see: failed to mount objects"));
        assert!(!is_not_of_now("We upgraded last week and now it says: failed to mount"));
        assert!(!is_not_of_now("failed to get keyvault client"));
        assert!(is_not_of_now("In the old cluster we had: failed to get keyvault client"));
    }

    #[test]
    fn who_tells_of_another_time_may_show_what_was_said_then() {
        for line in [
            "Last month we had this:",
            "It is another story. In the old cluster the pods failed with:",
            "No cluster antigo tivemos:",
        ] {
            assert!(announces_another_time(line), "{line}");
        }
        for line in [
            "It worked until last week. Here is what it says:",
            "We changed the role last week, and this is the pod:",
            "Since last week we have:",
            "Last month we had this.",
            "  Normal  Scheduled  61s  default-scheduler  assigned:",
            "Até a semana passada funcionava. Segue o describe:",
        ] {
            assert!(!announces_another_time(line), "{line}");
        }
    }

    #[test]
    fn every_phrase_is_read_and_every_word_is_one() {
        let said = &PROSE.said;
        assert!(PROSE.phrases.is_some() && PROSE.kinds.len() > 100);
        let lists = [&said.elsewhere, &said.over, &said.supposed, &said.denied, &said.shown];
        let more = [&said.then, &said.rules_out, &said.asks, &said.whether, &said.seen];
        let more = more.into_iter().chain([&said.takes_back, &said.programs]);
        for list in lists.into_iter().chain(more) {
            assert!(!list.is_empty());
            for phrase in list {
                assert_eq!(*phrase, phrase.to_lowercase(), "small letters");
            }
        }
        let lists = [&said.told, &said.still, &said.but, &said.was, &said.is, &said.both];
        for list in lists.into_iter().chain([
            &said.does_not_go,
            &said.units,
            &said.presents,
            &said.negates,
            &said.places,
        ]) {
            assert!(list.iter().all(|it| words(it).count() == 1), "{list:?}");
        }
    }

    #[test]
    fn a_sentence_may_tell_of_what_is_not() {
        let aside = |line: &str| sentences(line).any(|it| it.contains("X1") && is_told_aside(it));
        for line in [
            "I already ruled out X1.",
            "This is not X1, I checked.",
            "Last week the provider said X1 and we fixed it. Today the pod hangs again.",
            "Two months ago we got X1 from the provider; since then all was fine.",
            "It used to say X1, now it says nothing and just waits.",
            "X1 - that was in January, not now.",
            "Há seis meses o erro era X1.",
            "Há duas semanas tivemos X1 no provedor, já foi resolvido. O pod segue parado.",
            "Antigamente aparecia X1, hoje não aparece nada.",
            "We fixed X1 already, still no luck.",
            "If it said X1, I would know what to do.",
            "Is X1 possible here?",
            "Não é X1 nem nada parecido.",
            "Já verifiquei que não é X1.",
            "O chamado antigo falava de X1, mas já foi fechado.",
            "In July an outage with X1 hit us. Now the mount of the pod hangs again.",
            "According to the docs, X1 means that the add-on is off. Is that what happens?",
        ] {
            assert!(aside(line), "{line}");
        }
        for line in [
            "We changed the role last week. Now it says: X1",
            "I already fixed the role, and still get: X1",
            "It used to work, and now it says: X1",
            "Há três dias o pod não sobe: X1",
            "Is there anybody who knows this? X1",
            "It is not clear to me. The event says X1",
            "It worked yesterday. X1",
            "Since last week: X1",
            "It is not working: X1",
            "It\u{2019}s not mounting, X1",
            "It is not starting in the new pod of the shop namespace since noon: X1",
            "Não foi possível montar o volume: X1",
            "Não é só isso: X1",
            "The docs say to create the class, but I get X1",
            "According to the docs I set clientID, and now it says X1",
            "We fixed the firewall and now X1",
            "Can somebody tell me the cause of X1?",
            "The identity used to get it was moved, now it says X1",
            "Há dois dias o pod não sobe e apareceu X1",
            "The vault that was in another group was moved: X1",
            "X1",
        ] {
            assert!(!aside(line), "{line}");
        }
    }

    #[test]
    fn who_denies_an_error_says_so_right_before_it() {
        for line in [
            "We do not see failed to get X1 anywhere.",
            "I don't get failed to get X1.",
            "There is no failed to get X1 in the events.",
            "Nobody has seen rpc error: code = Unknown desc = X1 here.",
            "We never saw failed to get X1 in this cluster.",
            "Não vemos failed to get X1 em lugar nenhum.",
            "Ninguém viu o erro failed to get X1.",
            "Is \"failed to get X1\" something that could come up here?",
            "Would failed to get X1 be the message then?",
        ] {
            assert!(is_told_aside(line), "{line}");
        }
        for line in [
            "failed to get X1",
            "The pod does not start with failed to get X1",
            "I do not see the file: failed to get X1",
            "It does not mount and says failed to get X1",
            "We have no idea why: failed to get X1",
            "There is no class in the namespace, failed to get X1",
            "No pod starts any more, they all show failed to get X1",
            "It is not the firewall, we get failed to get X1",
            "We do not see failed to get X1 on dev, but here we do",
            "Não monta mais e mostra failed to get X1",
        ] {
            assert!(!is_told_aside(line), "{line}");
        }
    }

    #[test]
    fn what_somebody_quotes_may_be_what_they_do_not_see() {
        let aside = |line: &str| quotes_aside(line, |it| it.contains("X1"));
        for line in [
            "It was not \"X1 is not set\" (fixed on Monday); the csi volume is still stuck.",
            "We do not see `X1` anywhere, only a pod in ContainerCreating.",
            "If it were a permission problem the provider would say \"X1\"; it just hangs.",
            "Se fosse isso apareceria \u{201c}X1\u{201d} e não aparece. O volume não monta.",
            "On our DEV cluster we get \"X1\", on PROD (the one I ask about) it never rotates.",
            "Unlike the other ticket (\"X1\"), here the volume mounts fine.",
            "A colleague suggested 'X1' but the log shows nothing of the kind.",
            "\"X1\" no longer appears since we redeployed; the volume is empty though.",
            "No ambiente de homologação deu \"X1\"; em produção o volume monta normal.",
            "Depois que corrigimos \"X1\", o volume ficou vazio.",
            "On our DEV cluster: X1. On PROD, which is what I ask about, it never rotates.",
        ] {
            assert!(aside(line), "{line}");
        }
        for line in [
            "The event says \"X1\" and the pod does not start.",
            "I don't know what to do: the pod hangs and the error is \"X1\".",
            "We upgraded, and since then we get `X1` for each pod.",
            "O evento diz \"X1\" e o pod não sobe desde ontem.",
            "Error: \"X1\" was printed by the driver on each node",
            "E1126 server.go:60] \"X1 process mount request\" err=\"X1 not found\" pod=\"a/b\"",
            "On dev and prod we get \"X1\" since the upgrade of the add-on",
            "the mount fails with this error (\"X1\") on all nodes of the pool",
            "X1",
        ] {
            assert!(!aside(line), "{line}");
        }
    }

    #[test]
    fn what_is_over_denied_or_supposed_is_not_of_now() {
        for line in [
            "Update: found it! The event was: failed to get secretproviderclass",
            "No, we do not get 'failed to get secretproviderclass' here",
            "If the event says `Failed to pull image`, run this:",
            "Is it possible that my pod fails because keyvaultName is not provided?",
            "- fix: error connecting to provider after a restart",
            "Em março o evento dizia: SecretProviderClass not found. Hoje está tudo certo.",
            "In March the staging cluster had this: not found",
        ] {
            assert!(is_not_of_now(line), "{line}");
        }
        for line in [
            "We do not see anything but: failed to get secretproviderclass",
            "Since March we see: failed to mount objects",
            "It says: failed to get keyvault client",
            "I get this, and it is all I see: not found",
            "I don't see the files in the pod: failed to get secretproviderclass",
            "It was working yesterday, and today: failed to get secretproviderclass",
            "stuck in ImagePullBackOff, yesterday it worked: not found",
            "The secret used to pull the image is regcred: not found",
            "We are not getting the secret, and the event says: failed to mount objects",
        ] {
            assert!(!is_not_of_now(line), "{line}");
        }
        assert!(announces_another_time(
            "For reference, this is what the dev cluster printed in January:"
        ));
        assert!(is_over("Created the class, works now."));
    }
}
