//! The tree the rules look at: every text file of the project, by its path from the root.
//!
//! Paths use `/`, files are in path order, so violations come in the same order on every machine.

use crate::Violation;
use crate::lexer::{self, Kind, Token};
use std::path::Path;
use std::{fs, io};
use toml::Table;

/// Folders that hold nothing of ours. A folder with a cache tag (a Cargo target folder by any name) is another.
const FOREIGN_FOLDERS: [&str; 4] = [".git", "node_modules", "target", ".venv"];
const CACHE_TAG: &str = "CACHEDIR.TAG";

/// Written by package managers, not by us.
const LOCK_FILES: [&str; 2] = ["Cargo.lock", "package-lock.json"];

/// Every text file of the project.
pub(crate) struct Tree {
    files: Vec<File>,
}

impl Tree {
    /// Reads all text files below `root`; a file that is not UTF-8 is not text.
    pub(crate) fn load(root: &Path) -> io::Result<Self> {
        let mut files = Vec::new();
        let mut folders = vec![root.to_path_buf()];
        while let Some(folder) = folders.pop() {
            if folder.join(CACHE_TAG).exists() {
                continue;
            }
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                let kind = entry.file_type()?;
                let foreign = FOREIGN_FOLDERS.iter().any(|name| entry.file_name() == *name);
                if kind.is_dir() && !foreign {
                    folders.push(entry.path());
                } else if kind.is_file() {
                    files.extend(File::load(root, &entry.path())?);
                }
            }
        }
        files.sort_by(|left, right| left.path.cmp(&right.path));
        Ok(Self { files })
    }

    /// A tree of these `(path, text)` files.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let file = |&(path, text): &(&str, &str)| File { path: path.to_owned(), text: text.to_owned() };
        Self { files: files.iter().map(file).collect() }
    }

    /// All files that people write, lock files left out.
    pub(crate) fn files(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| !LOCK_FILES.contains(&file.name()))
    }

    /// All Rust files.
    pub(crate) fn rust(&self) -> impl Iterator<Item = &File> {
        self.files().filter(|file| file.path.ends_with(".rs"))
    }

    /// The file at exactly this path.
    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }
}

/// One text file.
pub(crate) struct File {
    /// Path from the root of the tree.
    pub(crate) path: String,
    /// The whole text.
    pub(crate) text: String,
}

impl File {
    fn load(root: &Path, path: &Path) -> io::Result<Option<Self>> {
        let Ok(text) = String::from_utf8(fs::read(path)?) else { return Ok(None) };
        let path = path.strip_prefix(root).map_err(io::Error::other)?.to_string_lossy().replace('\\', "/");
        Ok(Some(Self { path, text }))
    }

    /// The last part of the path.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The crate folder, or another first part of the path.
    pub(crate) fn folder(&self) -> &str {
        self.path.split('/').next().unwrap_or(&self.path)
    }

    /// Whether this tests a crate from outside: a file below a `tests` folder.
    pub(crate) fn is_test(&self) -> bool {
        self.path.split('/').any(|part| part == "tests")
    }

    /// The Rust tokens, comments left out.
    pub(crate) fn code(&self) -> Vec<Token<'_>> {
        let mut tokens = lexer::tokens(&self.text);
        tokens.retain(|token| token.kind != Kind::Comment);
        tokens
    }

    /// The TOML in it; empty when it cannot be read, which allows nothing.
    pub(crate) fn toml(&self) -> Table {
        self.text.parse().unwrap_or_default()
    }

    /// The first line with this text in it, or the first line of the file.
    pub(crate) fn line_of(&self, text: &str) -> usize {
        self.text.lines().position(|line| line.contains(text)).map_or(1, |index| index.saturating_add(1))
    }

    /// A violation in this file.
    pub(crate) fn violation(&self, line: usize, rule: &'static str, advice: impl Into<String>) -> Violation {
        Violation { path: self.path.clone(), line, rule, advice: advice.into() }
    }
}
