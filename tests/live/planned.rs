//! `plan` shows the very requests that a run sends.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Output;

use super::served::Served;
use super::{NAMESPACE, POD, triagem};

fn run(served: &Served, folder: &Path, args: &[&str]) -> Output {
    let config = served.kubeconfig(folder);
    triagem(folder, &[args, &["--kubeconfig", config.to_str().unwrap()][..]].concat())
}

/// What is planned, each request once; those that depend on an answer as a beginning.
fn planned(served: &Served, folder: &Path, args: &[&str]) -> BTreeSet<String> {
    let output = run(served, folder, &[&["plan"], args].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    said.lines().filter_map(|it| it.trim().strip_prefix("GET ")).map(str::to_owned).collect()
}

/// Whether a request is one that was planned: what stands in `<…>` is anything.
fn is_planned(asked: &str, planned: &BTreeSet<String>) -> bool {
    planned.iter().any(|plan| {
        let mut parts = plan.split('<');
        let mut rest = match asked.strip_prefix(parts.next().unwrap()) {
            Some(rest) => rest,
            None => return false,
        };
        for part in parts {
            let after = part.split_once('>').map_or("", |it| it.1);
            match rest.find(after).filter(|_| !after.is_empty()) {
                Some(at) => rest = &rest[at + after.len()..],
                None if after.is_empty() => rest = "",
                None => return false,
            }
        }
        rest.is_empty()
    })
}

#[test]
fn what_is_sent_was_planned_letter_for_letter() {
    let served = Served::start();
    served.page(500);
    let folder = tempfile::tempdir().unwrap();
    for target in [
        &[POD, "-n", NAMESPACE][..],
        &["-n", NAMESPACE],
        &["-A"],
        &["-l", "a in (b,c),d!=e", "-n", NAMESPACE],
    ] {
        let planned = planned(&served, folder.path(), target);
        let before = served.asked_each_time().len();
        run(&served, folder.path(), &[&["diagnose"], target].concat());
        let asked: BTreeSet<String> = served.asked_each_time().into_iter().skip(before).collect();
        assert!(!asked.is_empty());
        for path in &asked {
            assert!(is_planned(path, &planned), "{target:?}: {path} is not in {planned:#?}");
        }
    }
    assert!(!is_planned("/api/v1/secrets", &planned(&served, folder.path(), &["-A"])));
}

/// A playbook whose steps ask for objects of these names.
fn playbook(folder: &Path, names: &[&str]) {
    let steps: String = names
        .iter()
        .enumerate()
        .map(|(at, name)| {
            format!("  - {{id: s{at}, says: Read it, uses: kubernetes.get, with: {{kind: ConfigMap, namespace: shop, name: {}}}}}\n", serde_json::json!(name))
        })
        .collect();
    let of = |text: &dyn Fn(usize) -> String| (0..names.len()).map(text).collect::<String>();
    let facts = of(&|at| format!("  f{at}: {{from: s{at}, type: string, path: $.data.a}}\n"));
    let signs = of(&|at| format!("  g{at}: {{says: It is there, fact: f{at}, exists: true}}\n"));
    let all: Vec<String> = (0..names.len()).map(|at| format!("g{at}")).collect();
    let text = format!(
        "apiVersion: triagem/v1\nkind: Playbook\nmetadata: {{id: odd, version: 1.0.0, title: Odd names}}\nsteps:\n{steps}facts:\n{facts}signs:\n{signs}symptoms: [{}]\n",
        all.join(", ")
    );
    fs::create_dir_all(folder.join("books/odd/causes")).unwrap();
    fs::write(folder.join("books/odd/playbook.yaml"), text).unwrap();
    fs::write(folder.join("books/odd/causes/any.yaml"), "apiVersion: triagem/v1\nkind: Cause\nid: any\ntitle: Any\nseverity: low\nrequires: [g0]\nexplains: It is so.\nremedy: [{do: Look., changes: nothing, owner: cluster}]\ntests: [{name: t, paste: x, expect: {any: undetermined}}]\n").unwrap();
}

#[test]
fn no_name_leads_elsewhere_and_plan_shows_what_is_sent() {
    let names = [
        &["../../secrets/x", "a b", "a%2fb", "x?limit=1&watch=true#"][..],
        &["..", "é", "a/../../../../api/v1/secrets"],
    ];
    let mut never = 0;
    for names in names {
        let served = Served::start();
        let folder = tempfile::tempdir().unwrap();
        playbook(folder.path(), names);
        let which = ["--playbooks", "books", "--playbook", "odd", POD, "-n", NAMESPACE];
        let planned = planned(&served, folder.path(), &which);
        run(&served, folder.path(), &[&["diagnose"], &which[..]].concat());
        let asked: Vec<String> =
            served.asked().into_iter().filter(|it| it.contains("/configmaps/")).collect();
        let wanted = names.iter().filter(|it| **it != "..").count();
        assert_eq!(asked.len(), wanted, "{asked:?}");
        for path in &asked {
            assert!(planned.contains(path), "{path} is not in {planned:#?}");
            let name = path.strip_prefix("/api/v1/namespaces/shop/configmaps/").unwrap();
            assert!(!name.contains(['/', '?', '&', '#', ' ']), "{path}");
        }
        // What is never asked is told, too.
        let said = run(&served, folder.path(), &[&["plan"], &which[..]].concat());
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        never += said.matches("(not asked - ").count();
    }
    assert_eq!(never, 1);
}
