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
    ("accountkey", Tells::Always),
    ("adminkey", Tells::Always),
    ("apikey", Tells::Always),
    ("apisecret", Tells::Always),
    ("appkey", Tells::Always),
    ("applicationkey", Tells::Always),
    ("appsecret", Tells::Always),
    ("authkey", Tells::Always),
    ("bindpw", Tells::Always),
    ("clientassertion", Tells::Always),
    ("clientcertificatedata", Tells::Always),
    ("clientkeydata", Tells::Always),
    ("clientsecret", Tells::Always),
    ("connectionstring", Tells::Always),
    ("connstr", Tells::Always),
    ("consumersecret", Tells::Always),
    ("cookiesecret", Tells::Always),
    ("deploykey", Tells::Always),
    ("dockercfg", Tells::Always),
    ("dockerconfigjson", Tells::Always),
    ("encryptionkey", Tells::Always),
    ("functionskey", Tells::Always),
    ("hostkey", Tells::Talk),
    ("instrumentationkey", Tells::Talk),
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
    ("primarykey", Tells::Talk),
    ("privatekey", Tells::Always),
    ("pwd", Tells::Always),
    ("rootpw", Tells::Always),
    ("sassignature", Tells::Always),
    ("sastoken", Tells::Always),
    ("secondarykey", Tells::Talk),
    ("secretkey", Tells::Always),
    ("secretkeybase", Tells::Always),
    ("secretvalue", Tells::Always),
    ("sessionsecret", Tells::Always),
    ("sharedaccesskey", Tells::Always),
    ("sharedaccesssignature", Tells::Always),
    ("sharedkey", Tells::Always),
    ("sharedsecret", Tells::Always),
    ("signingkey", Tells::Always),
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
    ("authorization", Tells::Header),
    ("cookie", Tells::Cookie),
    // Portuguese, Spanish, French, Italian.
    ("senha", Tells::Always),
    ("chavedeacesso", Tells::Always),
    ("chavedeapi", Tells::Always),
    ("chaveprivada", Tells::Always),
    ("chavesecreta", Tells::Always),
    ("segredodocliente", Tells::Always),
    ("segredodoaplicativo", Tells::Always),
    ("contrasena", Tells::Always),
    ("contraseña", Tells::Always),
    ("clavedeacceso", Tells::Always),
    ("clavedeapi", Tells::Always),
    ("claveprivada", Tells::Always),
    ("clavesecreta", Tells::Always),
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
    ("pass", Tells::Looks),
    ("passe", Tells::Looks),
    ("pat", Tells::Looks),
    ("psk", Tells::Looks),
    ("pw", Tells::Looks),
    ("samlresponse", Tells::Form),
    ("sas", Tells::Looks),
    ("secret", Tells::Query),
    ("sig", Tells::Form),
    ("signature", Tells::Form),
];

/// What variables end with that hold secrets; so written they are no words of a sentence.
const VARIABLES: &[&str] = &["_SECRET", "_KEY", "_PASS", "_PW", "_CREDENTIALS", "_CREDS", "_PAT"];

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
    let name = name.trim_end_matches(['-', '_', '.', ' ']);
    let last = name.chars().next_back()?.to_lowercase().next()?;
    let plural = last == 's' && !name.ends_with("ss");
    let variable = last.is_ascii() && VARIABLES.iter().any(|it| name.ends_with(it));
    if !plural && !variable && LAST.binary_search(&last).is_err() {
        return None;
    }
    let from = name.ceil_char_boundary(name.len().saturating_sub(LONGEST));
    let own = name.get(from..)?;
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
        for name in ["token", "X-Vault-Token", "web/token", "ARM_KEY"] {
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
        ] {
            assert_eq!(tells(name), None, "{name}");
        }
    }
}
