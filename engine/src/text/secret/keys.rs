//! Which names tell that their value is a secret: the one table, for texts and for data alike.

use std::sync::LazyLock;

/// How sure a name is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Tells {
    /// Whatever stands there is a secret.
    Always,
    /// Of it there is much talk: in a sentence only what looks like a secret is one.
    Talk,
    /// Only what looks like a secret is one.
    Looks,
    /// A thing may be named there, too: only what is neither a word nor a name is a secret.
    Named,
    /// A header that proves who asks: the whole of it.
    Header,
    /// A list of pairs that prove who asks.
    Cookie,
    /// After `=` only.
    Form,
    /// In an address or a form only: behind `?` or `&`.
    Query,
}

/// Ends of names, in lower case, of letters and digits only; what stands before them does not matter (`db-password`).
const ENDS: &[(&str, Tells)] = &[
    ("accesskey", Tells::Always),
    ("accesssecret", Tells::Always),
    ("accountkey", Tells::Always),
    ("adminkey", Tells::Always),
    ("apikey", Tells::Always),
    ("apisecret", Tells::Always),
    ("appkey", Tells::Always),
    ("applicationkey", Tells::Always),
    ("appsecret", Tells::Always),
    ("authkey", Tells::Always),
    ("bindpw", Tells::Always),
    ("becomepass", Tells::Always),
    ("certificatekey", Tells::Talk),
    ("clientassertion", Tells::Always),
    ("clientcertificatedata", Tells::Always),
    ("clientkeydata", Tells::Always),
    ("clientsecret", Tells::Always),
    ("codeverifier", Tells::Always),
    ("connectionstring", Tells::Always),
    ("connstr", Tells::Always),
    ("consumersecret", Tells::Always),
    ("cookiesecret", Tells::Always),
    ("deploykey", Tells::Always),
    ("dockercfg", Tells::Always),
    ("dockerconfigjson", Tells::Always),
    ("encryptionkey", Tells::Always),
    ("functionskey", Tells::Always),
    ("hmackey", Tells::Always),
    ("hmacsecret", Tells::Always),
    ("hostkey", Tells::Talk),
    ("identityheader", Tells::Always),
    ("idtokenhint", Tells::Always),
    ("instrumentationkey", Tells::Talk),
    ("jsessionid", Tells::Always),
    ("jwtsecret", Tells::Always),
    ("keypass", Tells::Always),
    ("licensekey", Tells::Talk),
    ("masterkey", Tells::Always),
    ("oauthsecret", Tells::Always),
    ("passcode", Tells::Always),
    ("passphrase", Tells::Always),
    ("passwd", Tells::Always),
    ("password", Tells::Always),
    ("passwordhash", Tells::Always),
    ("passwordtext", Tells::Always),
    ("passwordvalue", Tells::Always),
    ("phpsessid", Tells::Always),
    ("pincode", Tells::Always),
    ("primarykey", Tells::Talk),
    ("privatekey", Tells::Always),
    ("pwd", Tells::Always),
    ("redisauth", Tells::Always),
    ("rediscliauth", Tells::Always),
    ("rootpw", Tells::Always),
    ("sassignature", Tells::Always),
    ("signingpin", Tells::Always),
    ("sastoken", Tells::Always),
    ("secondarykey", Tells::Talk),
    ("secretkey", Tells::Always),
    ("secretkeybase", Tells::Always),
    ("secretaccess", Tells::Always),
    ("secrettext", Tells::Always),
    ("secretvalue", Tells::Always),
    ("servicekey", Tells::Talk),
    ("serviceskey", Tells::Talk),
    ("sessionsecret", Tells::Always),
    ("sharedaccesskey", Tells::Always),
    ("sharedaccesssignature", Tells::Always),
    ("sharedkey", Tells::Always),
    ("sharedsecret", Tells::Always),
    ("signingkey", Tells::Always),
    ("signingsecret", Tells::Always),
    ("sshpass", Tells::Always),
    ("sshkey", Tells::Talk),
    ("storagekey", Tells::Always),
    ("storepass", Tells::Always),
    ("subscriptionkey", Tells::Always),
    ("userpw", Tells::Always),
    ("webhooksecret", Tells::Always),
    ("amzsignature", Tells::Always),
    ("amzcredential", Tells::Talk),
    ("googsignature", Tells::Always),
    ("token", Tells::Talk),
    ("tokendata", Tells::Always),
    ("tokensecret", Tells::Always),
    ("authorization", Tells::Header),
    ("cookie", Tells::Cookie),
    // Portuguese, Spanish, French, Italian.
    ("senha", Tells::Always),
    ("chavedeacesso", Tells::Always),
    ("chavedeapi", Tells::Always),
    ("chaveprivada", Tells::Always),
    ("chavesecreta", Tells::Always),
    ("palavrapasse", Tells::Always),
    ("frasesecreta", Tells::Always),
    ("códigodeacesso", Tells::Always),
    ("codigodeacesso", Tells::Always),
    ("credencial", Tells::Talk),
    ("segredo", Tells::Named),
    ("segredodocliente", Tells::Always),
    ("segredodoaplicativo", Tells::Always),
    ("contrasena", Tells::Always),
    ("contraseña", Tells::Always),
    ("clavedeacceso", Tells::Always),
    ("clavedeapi", Tells::Always),
    ("claveprivada", Tells::Always),
    ("clavesecreta", Tells::Always),
    ("códigodeacceso", Tells::Always),
    ("codigodeacceso", Tells::Always),
    ("secretodelcliente", Tells::Always),
    ("motdepasse", Tells::Always),
    ("clésecrète", Tells::Always),
    ("clesecrete", Tells::Always),
    ("cléprivée", Tells::Always),
    ("cléapi", Tells::Always),
    ("cledapi", Tells::Always),
    ("clédapi", Tells::Always),
    ("parolachiave", Tells::Always),
    // German, Dutch, the Nordic languages.
    ("passwort", Tells::Always),
    ("kennwort", Tells::Always),
    ("geheimerschlüssel", Tells::Always),
    ("clientgeheimnis", Tells::Always),
    ("zugriffsschlüssel", Tells::Always),
    ("wachtwoord", Tells::Always),
    ("lösenord", Tells::Always),
    ("losenord", Tells::Always),
    ("adgangskode", Tells::Always),
    ("passord", Tells::Always),
    ("salasana", Tells::Always),
    // Slavic languages, Hungarian, Turkish, Romanian, Greek.
    ("haslo", Tells::Always),
    ("hasło", Tells::Always),
    ("heslo", Tells::Always),
    ("lozinka", Tells::Always),
    ("пароль", Tells::Always),
    ("парола", Tells::Always),
    ("лозинка", Tells::Always),
    ("jelszo", Tells::Always),
    ("jelszó", Tells::Always),
    ("sifre", Tells::Always),
    ("şifre", Tells::Always),
    ("parola", Tells::Always),
    ("κωδικός", Tells::Always),
    // Asia, the Near East.
    ("密码", Tells::Always),
    ("密碼", Tells::Always),
    ("口令", Tells::Always),
    ("密钥", Tells::Always),
    ("パスワード", Tells::Always),
    ("暗証番号", Tells::Always),
    ("비밀번호", Tells::Always),
    ("암호", Tells::Always),
    ("katasandi", Tells::Always),
    ("matkhau", Tells::Always),
    ("mậtkhẩu", Tells::Always),
    ("รหัสผ่าน", Tells::Always),
    ("पासवर्ड", Tells::Always),
    ("סיסמה", Tells::Always),
    ("كلمةالمرور", Tells::Always),
    ("كلمةالسر", Tells::Always),
];

/// Names that tell only where nothing stands before them but a domain, or words that are set apart (`DB_PASS`).
const WHOLE: &[(&str, Tells)] = &[
    ("apw", Tells::Looks),
    ("assertion", Tells::Form),
    ("auth", Tells::Looks),
    ("clave", Tells::Looks),
    ("code", Tells::Query),
    ("creds", Tells::Looks),
    ("jeton", Tells::Looks),
    ("key", Tells::Query),
    ("mdp", Tells::Always),
    ("otp", Tells::Looks),
    ("pass", Tells::Talk),
    ("passe", Tells::Looks),
    ("passw", Tells::Always),
    ("pat", Tells::Looks),
    ("psk", Tells::Talk),
    ("psw", Tells::Always),
    ("pswd", Tells::Always),
    ("pw", Tells::Talk),
    ("pword", Tells::Always),
    ("samlresponse", Tells::Form),
    ("sas", Tells::Looks),
    ("secret", Tells::Named),
    ("sig", Tells::Form),
    ("signature", Tells::Form),
];

/// What variables end with that hold secrets; so written they are no words of a sentence.
const VARIABLES: &[&str] = &["_SECRET", "_KEY", "_PASS", "_PW", "_CREDENTIALS", "_CREDS", "_PAT"];

/// Words that tell whatever more a name says behind them (`PASSWORD_DB`, `senhaBanco`).
const STEMS: &[&str] = &[
    "contraseña",
    "contrasena",
    "kennwort",
    "passphrase",
    "passwd",
    "password",
    "passwort",
    "senha",
];

/// What of a name behind such a word says that it is something about a secret, and none.
const ABOUT: &[&str] = &[
    "age",
    "attempts",
    "auth",
    "authentication",
    "change",
    "changed",
    "check",
    "command",
    "config",
    "count",
    "credential",
    "credentials",
    "days",
    "empty",
    "enabled",
    "encoder",
    "error",
    "expiration",
    "expired",
    "expires",
    "expiry",
    "field",
    "file",
    "flow",
    "for",
    "format",
    "from",
    "generator",
    "grant",
    "hint",
    "history",
    "id",
    "incorrect",
    "input",
    "invalid",
    "is",
    "key",
    "keys",
    "last",
    "length",
    "less",
    "location",
    "manager",
    "max",
    "method",
    "min",
    "mismatch",
    "missing",
    "mode",
    "must",
    "name",
    "never",
    "not",
    "object",
    "only",
    "option",
    "options",
    "path",
    "plugin",
    "policies",
    "policy",
    "profile",
    "prompt",
    "property",
    "protected",
    "protection",
    "provider",
    "ref",
    "reference",
    "refs",
    "required",
    "reset",
    "resource",
    "rotation",
    "rule",
    "rules",
    "salt",
    "secret",
    "selector",
    "set",
    "settings",
    "source",
    "state",
    "status",
    "stdin",
    "store",
    "strength",
    "sync",
    "type",
    "uri",
    "url",
    "use",
    "username",
    "validator",
    "validity",
    "var",
    "variable",
    "vault",
    "version",
    "was",
    "with",
    "wrong",
];

/// Letters of a name that matter.
pub(super) const LONGEST: usize = 64;

/// The last letters of all names: most words have another.
static LAST: LazyLock<Vec<char>> = LazyLock::new(|| {
    let mut last: Vec<char> =
        ENDS.iter().chain(WHOLE).filter_map(|(name, _)| name.chars().next_back()).collect();
    last.sort_unstable();
    last.dedup();
    last
});

/// Whether the value of a name is a secret. Case, `-`, `_` and `.` do not matter; names of annotations have somebody's domain before
/// them; one plural `s` is left away.
pub(crate) fn tells(name: &str) -> Option<Tells> {
    let name = name
        .trim_end_matches(|it: char| it.is_ascii_digit() || matches!(it, '-' | '_' | '.' | ' '));
    let last = name.chars().next_back()?.to_lowercase().next()?;
    let plural = last == 's' && !name.ends_with("ss");
    let variable = last.is_ascii() && VARIABLES.iter().any(|it| name.ends_with(it));
    let from = name.ceil_char_boundary(name.len().saturating_sub(LONGEST));
    let own = name.get(from..)?;
    if !plural && !variable && LAST.binary_search(&last).is_err() {
        return is_qualified(own).then_some(Tells::Talk);
    }
    // In some scripts the marks of a letter count as none: what is no mark of a name's parts is a letter.
    let plain: String = own
        .chars()
        .filter(|it| !it.is_ascii() && !it.is_whitespace() || it.is_ascii_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    let of = |plain: &str| ENDS.iter().find(|(it, _)| plain.ends_with(it)).map(|(_, tells)| *tells);
    let word = own.rsplit(['/', '.', '_', '-', ' ']).next().unwrap_or(own).to_lowercase();
    let one = plain.strip_suffix('s').filter(|_| plural);
    of(&plain)
        .or_else(|| one.and_then(of).filter(|it| *it == Tells::Always))
        .or(variable.then_some(Tells::Talk))
        .or_else(|| WHOLE.iter().find(|(it, _)| *it == word).map(|(_, tells)| *tells))
        .or_else(|| is_qualified(own).then_some(Tells::Talk))
}

/// Whether a telling word stands in a name, and behind it nothing that makes it another thing.
fn is_qualified(name: &str) -> bool {
    let mut words: Vec<String> = Vec::new();
    let mut small = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() {
            small = false;
            words.push(String::new());
            continue;
        }
        if letter.is_uppercase() && small || words.is_empty() {
            words.push(String::new());
        }
        small = letter.is_lowercase() || letter.is_numeric();
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|it| !it.is_empty());
    words.iter().rposition(|it| STEMS.contains(&it.as_str())).is_some_and(|at| {
        words.len() > at + 1 && words.iter().skip(at + 1).all(|it| !ABOUT.contains(&it.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_whatever_stands_before_it() {
        for name in [
            "db-password",
            "spring.datasource.password",
            "X-Api-Key",
            "clientSecret",
            "AZURE_CLIENT_SECRET",
            "passwords",
            "Contraseña",
            "chave de acesso",
            "パスワード",
        ] {
            assert_eq!(tells(name), Some(Tells::Always), "{name}");
        }
        for name in [
            "token",
            "X-Vault-Token",
            "web/token",
            "ARM_KEY",
            "PASSWORD_DB",
            "senhaBanco",
            "password_old",
        ] {
            assert_eq!(tells(name), Some(Tells::Talk), "{name}");
        }
        for name in [
            "",
            "tokens",
            "objectName",
            "tokenFile",
            "secretName",
            "monkey",
            "keyvaultName",
            "clientID",
            "bypass",
            "decode",
            "PATH",
            "passwordPolicy",
            "passwordSecretRef",
            "password_file",
            "existingSecretPasswordKey",
            "passwordless",
        ] {
            assert_eq!(tells(name), None, "{name}");
        }
    }
}
