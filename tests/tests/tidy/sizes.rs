//! Files and functions stay short; the few that are not are listed with their size, which may only shrink.
//!
//! Size is lines of code: lines with at least one token that is not a comment.

use crate::lexer::{Kind, Token};
use crate::tree::{File, Tree};
use crate::{Violation, assert_finds, assert_kept};

const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;

/// Files above the limit: path and lines of code.
const LONG_FILES: [(&str, usize); 0] = [];

/// Functions above the limit: path and name as `path::name`, and lines of code of the body.
const LONG_FUNCTIONS: [(&str, usize); 0] = [];

/// Something with a size.
struct Sized<'a> {
    file: &'a File,
    line: usize,
    name: String,
    lines: usize,
}

fn file_sizes(tree: &Tree) -> Vec<Violation> {
    let measure = |file| Sized { file, line: 1, name: file.path.clone(), lines: code_lines(&file.code()) };
    let sizes: Vec<_> = tree.rust().map(measure).collect();
    ratchet("file length", &sizes, FILE_LINES_MAX, &LONG_FILES)
}

fn function_sizes(tree: &Tree) -> Vec<Violation> {
    let sizes: Vec<_> = tree.rust().flat_map(functions).collect();
    ratchet("function length", &sizes, FUNCTION_LINES_MAX, &LONG_FUNCTIONS)
}

/// What is above `limit` must be listed with exactly its size, and what is listed must be above it.
fn ratchet(
    rule: &'static str,
    sizes: &[Sized<'_>],
    limit: usize,
    listed: &[(&str, usize)],
) -> Vec<Violation> {
    let mut violations = Vec::new();
    for Sized { file, line, name, lines } in sizes {
        let known = listed.iter().find(|(listed_name, _)| listed_name == name).map(|(_, known)| *known);
        let advice = match known {
            None if *lines > limit => {
                format!("{lines} lines of code, at most {limit}: one concept per piece, split it")
            }
            Some(known) if *lines > known => format!("grew from {known} to {lines} lines: split it"),
            Some(_) if *lines <= limit => "short enough now: take it off the list in sizes.rs".to_owned(),
            Some(known) if *lines < known => format!("shrank from {known}: write {lines} in sizes.rs"),
            _ => continue,
        };
        violations.push(file.violation(*line, rule, advice));
    }
    for (gone, _) in
        listed.iter().filter(|(listed_name, _)| !sizes.iter().any(|sized| sized.name == *listed_name))
    {
        let advice = "is gone: take it off the list in sizes.rs".to_owned();
        violations.push(Violation { path: (*gone).to_owned(), line: 1, rule, advice });
    }
    violations
}

/// How many lines these tokens stand on.
fn code_lines(code: &[Token<'_>]) -> usize {
    let mut counted: usize = 0;
    let mut total: usize = 0;
    for token in code {
        let first = token.line.max(counted.saturating_add(1));
        let last = token.last_line();
        total = total.saturating_add(last.saturating_add(1).saturating_sub(first));
        counted = counted.max(last);
    }
    total
}

/// Every function with a body, by its name and the lines between its braces.
fn functions(file: &File) -> Vec<Sized<'_>> {
    let code = file.code();
    let named = code.windows(2).enumerate().filter_map(|(index, pair)| match pair {
        [keyword, name] if keyword.text == "fn" && name.kind == Kind::Word => Some((index, *name)),
        _ => None,
    });
    let sized = named.filter_map(|(index, name)| {
        let lines = code_lines(body(code.get(index..)?)?);
        Some(Sized { file, line: name.line, name: format!("{}::{}", file.path, name.text), lines })
    });
    sized.collect()
}

/// The tokens between the braces of the function that begins here; none for a declaration.
fn body<'a, 'b>(code: &'b [Token<'a>]) -> Option<&'b [Token<'a>]> {
    let mut nesting: usize = 0;
    let mut open = None;
    for (index, token) in code.iter().enumerate() {
        match (token.kind, token.text) {
            (Kind::Mark, "(" | "[" | "{") => {
                if nesting == 0 && token.text == "{" {
                    open = Some(index.saturating_add(1));
                }
                nesting = nesting.saturating_add(1);
            }
            (Kind::Mark, ")" | "]" | "}") => nesting = nesting.saturating_sub(1),
            (Kind::Mark, ";") if nesting == 0 => return None,
            _ => {}
        }
        if let Some(open) = open.filter(|_| nesting == 0) {
            return code.get(open..index);
        }
    }
    None
}

#[test]
fn this_tree_keeps_its_files_short() {
    assert_kept(file_sizes);
}

#[test]
fn this_tree_keeps_its_functions_short() {
    assert_kept(function_sizes);
}

#[test]
fn long_files_and_functions_are_found() {
    let long_file = "//! Doc.\n".to_owned() + &"let a = \"{\";\n\n// why\n".repeat(FILE_LINES_MAX);
    let longer_file = format!("{long_file}let b = 1;");
    assert_finds(file_sizes, &[("a.rs", &long_file), ("b.rs", &longer_file)], &["b.rs:1"]);

    let body = "    let a = [1; 2];\n".repeat(FUNCTION_LINES_MAX);
    let long = format!("trait T {{ fn a(&self) -> [u8; 2]; }}\nfn b() -> [u8; 2] {{\n{body}}}\n");
    let longer = format!("{long}\nfn c() {{\n{body}let b = '}}';\n}}");
    let line = longer.lines().position(|line| line.starts_with("fn c")).map_or(0, |index| index + 1);
    assert_finds(function_sizes, &[("a.rs", &long), ("b.rs", &longer)], &[&format!("b.rs:{line}")]);
}

#[test]
fn a_listed_size_may_only_shrink() {
    let tree = Tree::of(&[("a.rs", "")]);
    let advice = |lines, listed: &[(&str, usize)]| {
        let sizes = tree
            .files()
            .map(|file| Sized { file, line: 1, name: "a.rs".to_owned(), lines })
            .collect::<Vec<_>>();
        ratchet("test", &sizes, 10, listed).first().map(|violation| violation.advice.clone())
    };
    assert_eq!(advice(11, &[("a.rs", 11)]), None);
    assert_eq!(advice(10, &[]), None);
    assert!(advice(11, &[]).is_some_and(|advice| advice.contains("at most 10")));
    assert!(advice(12, &[("a.rs", 11)]).is_some_and(|advice| advice.contains("grew from 11")));
    assert!(advice(11, &[("a.rs", 12)]).is_some_and(|advice| advice.contains("write 11")));
    assert!(advice(10, &[("a.rs", 12)]).is_some_and(|advice| advice.contains("short enough")));
    assert!(advice(10, &[("b.rs", 12)]).is_some_and(|advice| advice.contains("is gone")));
}
