//! A whole run over texts that were handed over: the same in any chunks, no secret in what it says, and no trouble called well.

use std::io::Cursor;

use triagem::case::{Case, HEALTHY, code as code_of};
use triagem::collect::live::Stop;
use triagem_engine::verdict::Report;

use super::parts::{Slow, parts};
use super::redact::planted;
use super::report::{LIST, PLAYBOOKS, said, told};

/// What makes a run find something, whatever else was handed over.
const TROUBLE: &str = "Name:         triagem-probe-0
Namespace:    triagem-probe
Status:       Pending
Events:
  Type     Reason       Age              From     Message
  ----     ------       ----             ----     -------
  Warning  FailedMount  2s (x5 over 10s)  kubelet  MountVolume.SetUp failed for volume \"x\" : rpc error: code = Unknown desc = failed to get secretproviderclass triagem-probe/kv, error: SecretProviderClass.secrets-store.csi.x-k8s.io \"kv\" not found
";

pub(crate) fn run(bytes: &[u8]) {
    let (head, files) = parts(bytes);
    let mut texts: Vec<Vec<u8>> = vec![head.to_vec()];
    texts.extend(files.into_iter().map(|(_, it)| it.to_vec()));
    // Bytes that are no UTF-8 are read as they are; a secret goes into the others.
    if let Some(text) = texts.first_mut()
        && let Ok(plain) = str::from_utf8(text)
    {
        *text = planted(plain, bytes.len()).into_bytes();
    }
    let Some(report) = report(&texts, 0) else { return };
    let (told, code) = told(&report, &PLAYBOOKS);
    let slowly = self::report(&texts, 5).map(|it| said(&it, &PLAYBOOKS));
    assert_eq!(slowly.as_ref(), Some(&told), "chunks matter");
    if code == HEALTHY {
        texts.push(TROUBLE.as_bytes().to_vec());
        let code = self::report(&texts, 0).map(|it| code_of(&it));
        assert_ne!(code, Some(HEALTHY), "trouble is called well beside\n{told}");
    }
}

/// The report of texts, read so many bytes at a time; 0: as many as fit.
fn report(texts: &[Vec<u8>], length: usize) -> Option<Report> {
    let stop = Stop::default();
    let mut case = Case::new(&PLAYBOOKS, &LIST);
    for (at, text) in texts.iter().enumerate() {
        let origin = format!("{at}.txt");
        match length {
            0 => case.read(&mut Cursor::new(text), &origin, &stop),
            _ => case.read(&mut Slow(text, length), &origin, &stop),
        }
    }
    case.report(&stop).ok()
}
