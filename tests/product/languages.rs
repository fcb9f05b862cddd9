//! Languages are folders of YAML: one that has a part of the words tells that part, and the rest in English.

use std::process::Command;

use super::{NOT_FOUND, triagem};

/// An event of a cause that nobody has put into Spanish.
const UNTOLD: &str = "Warning  Failed  4s  kubelet  Failed to pull image \"r.example.com/a:1\": failed to authorize: 401 Unauthorized";

fn said(args: &[&str], input: &str) -> String {
    let run = triagem(args, input);
    String::from_utf8(run.stdout).unwrap() + &String::from_utf8(run.stderr).unwrap()
}

#[test]
fn what_spanish_has_is_spanish() {
    let report = said(&["diagnose", "-", "--lang", "es", "--color", "never"], NOT_FOUND);
    for words in [
        "El SecretProviderClass no existe en el namespace del pod",
        "confirmada · alta",
        "\n  Visto\n",
        "\n  Qué hacer\n",
        "Vea qué clases hay y en qué namespaces.",
        "equipo de la aplicación",
        "<archivo con la clase>",
        "en el próximo intento de montaje",
        "Leer más: ",
    ] {
        assert!(report.contains(words), "no {words:?} in {report}");
    }
    assert!(!report.contains("Aún sin traducir"), "{report}");
    let why = said(&["diagnose", "-", "--lang", "es", "--why", "spc-not-found"], NOT_FOUND);
    assert!(why.contains("El driver no encuentra el SecretProviderClass: visto"), "{why}");
    let cause = said(&["explain", "kv-throttled-429", "--lang", "es"], "");
    assert!(cause.contains("Demasiadas solicitudes llegaron al almacén"), "{cause}");
    assert!(cause.contains("\nNecesario\n"), "{cause}");
    let shown = said(&["playbook", "show", "aks-keyvault", "--lang", "es"], "");
    assert!(shown.contains("spc-not-found  El SecretProviderClass no existe"), "{shown}");
    assert!(said(&["playbook", "list", "--lang", "es"], "").contains(" causas)\n"));
    assert!(said(&["--help", "--lang", "es"], "").contains("Uso: triagem"));
    let missing = said(&["diagnose", "/does/not/exist", "--lang", "es"], "");
    assert!(missing.contains("el archivo o la carpeta no existe"), "{missing}");
}

#[test]
fn what_spanish_has_not_is_english_and_says_so() {
    let report = said(&["diagnose", "-", "--lang", "es", "--color", "never"], UNTOLD);
    assert!(report.contains("The registry"), "{report}");
    assert!(report.contains("confirmada · ") || report.contains("probable · "), "{report}");
    assert!(report.contains("Aún sin traducir: en inglés."), "{report}");
    let english = said(&["diagnose", "-", "--color", "never"], UNTOLD);
    assert!(!english.contains("Not translated yet"), "{english}");
    let json = said(&["diagnose", "-", "--lang", "es", "-o", "json"], UNTOLD);
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["lang"], "es");
}

#[test]
fn an_environment_names_a_language_as_it_does() {
    for (value, words) in [
        ("es_MX.UTF-8", "causas)"),
        ("es", "causas)"),
        ("pt_BR.UTF-8", "causas)"),
        ("en_GB.UTF-8", "causes)"),
        ("de_DE.UTF-8", "causes)"),
    ] {
        let run = Command::new(env!("CARGO_BIN_EXE_triagem"))
            .args(["playbook", "list"])
            .env_remove("LC_ALL")
            .env_remove("LC_MESSAGES")
            .env("LANG", value)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stdout).into_owned();
        assert!(said.contains(words), "{value}: {said}");
    }
    let unknown = said(&["playbook", "list", "--lang", "de"], "");
    assert!(unknown.contains("there is no locale `de`; there are en, es, pt-BR"), "{unknown}");
    assert!(said(&["--help"], "").contains("Language, one of en, es, pt-BR; else from"));
}
