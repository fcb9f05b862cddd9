//! Compiles the languages into the engine: a table of the files of `locales/`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let mut table = String::from("&[\n");
    for locale in sorted(&root.join("locales"))?.iter().filter(|it| it.is_dir()) {
        for file in sorted(locale)? {
            let name = |path: &Path| {
                path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default()
            };
            let (locale, file, path) =
                (name(locale), name(&file), file.canonicalize()?.display().to_string());
            writeln!(table, "    ({locale:?}, {file:?}, include_str!({path:?})),")
                .map_err(io::Error::other)?;
        }
    }
    table.push_str("]\n");
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?).join("locales.rs");
    fs::write(out, table)
}

/// What a folder holds, in an order that is the same everywhere.
fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut paths =
        fs::read_dir(folder)?.map(|it| it.map(|it| it.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}
