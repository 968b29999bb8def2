//! A lexer for Rust that keeps comments, because rules read them too, and looks inside macro bodies, because
//! queries live there: a syntax tree gives neither.
//!
//! It never fails: what it does not know is a mark of one character. Lines are counted from one.

use std::iter;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An identifier or keyword.
    Word,
    /// A number literal.
    Number,
    /// A string or character literal, with its prefix and quotes.
    Text,
    /// A comment with its slashes; several lines when it is a block.
    Comment,
    /// Any other single character.
    Mark,
}

/// A piece of source text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    /// What it is.
    pub(crate) kind: Kind,
    /// As it stands in the source.
    pub(crate) text: &'a str,
    /// The line it begins on.
    pub(crate) line: usize,
}

impl<'a> Token<'a> {
    /// The line it ends on.
    pub(crate) fn last_line(&self) -> usize {
        self.line.saturating_add(newlines(self.text))
    }

    /// A string literal without prefix and quotes, escapes as written.
    pub(crate) fn string(&self) -> Option<&'a str> {
        let inner = self.text.trim_start_matches(['b', 'c', 'r']).trim_matches('#');
        let inner = inner.strip_prefix('"').and_then(|inner| inner.strip_suffix('"'));
        inner.filter(|_| self.kind == Kind::Text)
    }
}

/// All tokens of a source text, spaces left out.
pub(crate) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut rest = source;
    let mut line: usize = 1;
    iter::from_fn(|| {
        let (spaces, trimmed) = split(rest, rest.len().saturating_sub(rest.trim_start().len()));
        line = line.saturating_add(newlines(spaces));
        let (kind, length) = measure(trimmed)?;
        let (text, after) = split(trimmed, length);
        let token = Token { kind, text, line };
        line = token.last_line();
        rest = after;
        Some(token)
    })
    .collect()
}

/// The lines on which a piece of Rust occurs in `code`, whatever the spaces between its tokens.
pub(crate) fn lines_with(code: &[Token<'_>], piece: &str) -> Vec<usize> {
    let wanted = tokens(piece);
    let same =
        |window: &&[Token<'_>]| window.iter().zip(&wanted).all(|(left, right)| left.text == right.text);
    code.windows(wanted.len()).filter(same).filter_map(<[_]>::first).map(|token| token.line).collect()
}

/// Kind and length in bytes of the first token.
fn measure(rest: &str) -> Option<(Kind, usize)> {
    let first = rest.chars().next()?;
    if rest.starts_with("//") {
        return Some((Kind::Comment, rest.find('\n').unwrap_or(rest.len())));
    }
    if rest.starts_with("/*") {
        return Some((Kind::Comment, block_comment_length(rest)));
    }
    if let Some(length) = string_length(rest).or_else(|| character_length(rest)) {
        return Some((Kind::Text, length));
    }
    if first.is_ascii_digit() {
        return Some((Kind::Number, number_length(rest)));
    }
    if is_word(first) {
        return Some((Kind::Word, rest.find(|next| !is_word(next)).unwrap_or(rest.len())));
    }
    Some((Kind::Mark, first.len_utf8()))
}

/// Block comments nest.
fn block_comment_length(rest: &str) -> usize {
    let mut depth: usize = 0;
    let mut length: usize = 0;
    loop {
        let after = split(rest, length).1;
        let step = if after.starts_with("/*") {
            depth = depth.saturating_add(1);
            2
        } else if after.starts_with("*/") {
            depth = depth.saturating_sub(1);
            2
        } else {
            after.chars().next().map_or(0, char::len_utf8)
        };
        length = length.saturating_add(step);
        if depth == 0 || step == 0 {
            return length;
        }
    }
}

/// Length of `"..."`, `r"..."`, `r#"..."#` and the same with `b` or `c` before them.
fn string_length(rest: &str) -> Option<usize> {
    let unprefixed = rest.strip_prefix(['b', 'c']).unwrap_or(rest);
    let body = match unprefixed.strip_prefix('r') {
        Some(raw) => {
            let hashes = raw.len().saturating_sub(raw.trim_start_matches('#').len());
            let body = raw.trim_start_matches('#').strip_prefix('"')?;
            let close = format!("\"{}", "#".repeat(hashes));
            body.split_once(&close).map_or("", |(_, after)| after)
        }
        None => after_quote(unprefixed.strip_prefix('"')?, '"'),
    };
    Some(rest.len().saturating_sub(body.len()))
}

/// Length of a character literal; a lifetime is not one.
fn character_length(rest: &str) -> Option<usize> {
    let body = rest.strip_prefix('\'')?;
    let mut characters = body.chars();
    let escaped = characters.next()? == '\\';
    let closed = characters.next() == Some('\'');
    (escaped || closed).then(|| rest.len().saturating_sub(after_quote(body, '\'').len()))
}

/// What follows the closing quote; a backslash hides the character after it.
fn after_quote(body: &str, quote: char) -> &str {
    let mut characters = body.chars();
    while let Some(next) = characters.next() {
        if next == '\\' {
            characters.next();
        } else if next == quote {
            break;
        }
    }
    characters.as_str()
}

/// Digits, underscores, suffix; a point only when a digit follows, so that `0..9` is three tokens.
fn number_length(rest: &str) -> usize {
    let whole = rest.find(|next| !is_word(next)).unwrap_or(rest.len());
    let fraction = split(rest, whole)
        .1
        .strip_prefix('.')
        .filter(|after| after.starts_with(|next: char| next.is_ascii_digit()));
    match fraction {
        Some(after) => {
            whole.saturating_add(1).saturating_add(after.find(|next| !is_word(next)).unwrap_or(after.len()))
        }
        None => whole,
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn newlines(text: &str) -> usize {
    text.matches('\n').count()
}

/// Splits at `length` bytes, which is always at the edge of a character here.
fn split(text: &str, length: usize) -> (&str, &str) {
    text.split_at_checked(length).unwrap_or((text, ""))
}

#[test]
fn every_kind_of_token_is_told_apart() {
    let texts = |source| tokens(source).into_iter().map(|token| (token.kind, token.text)).collect::<Vec<_>>();
    let cases: [(&str, &[(Kind, &str)]); 12] = [
        ("a_1", &[(Kind::Word, "a_1")]),
        ("1_000u64", &[(Kind::Number, "1_000u64")]),
        ("0..2.5", &[(Kind::Number, "0"), (Kind::Mark, "."), (Kind::Mark, "."), (Kind::Number, "2.5")]),
        (r#""a \" b" c"#, &[(Kind::Text, r#""a \" b""#), (Kind::Word, "c")]),
        (r###"br##"a "# b"## c"###, &[(Kind::Text, r###"br##"a "# b"##"###), (Kind::Word, "c")]),
        (r"'\'' '{' 'é'", &[(Kind::Text, r"'\''"), (Kind::Text, "'{'"), (Kind::Text, "'é'")]),
        ("&'a str", &[(Kind::Mark, "&"), (Kind::Mark, "'"), (Kind::Word, "a"), (Kind::Word, "str")]),
        ("a// b\nc", &[(Kind::Word, "a"), (Kind::Comment, "// b"), (Kind::Word, "c")]),
        ("/* a /* b */ c */ d", &[(Kind::Comment, "/* a /* b */ c */"), (Kind::Word, "d")]),
        ("r#type", &[(Kind::Word, "r"), (Kind::Mark, "#"), (Kind::Word, "type")]),
        ("\"open", &[(Kind::Text, "\"open")]),
        ("/* open", &[(Kind::Comment, "/* open")]),
    ];
    for (source, expected) in cases {
        assert_eq!(texts(source), expected, "{source}");
    }
}

#[test]
fn a_token_knows_its_lines_and_a_string_its_inside() {
    let source = "a\n\"b\nc\"\nd r#\"e\"# 'f'";
    let lines: Vec<_> = tokens(source).iter().map(|token| (token.line, token.last_line())).collect();
    assert_eq!(lines, [(1, 1), (2, 3), (4, 4), (4, 4), (4, 4)]);
    let strings: Vec<_> = tokens(source).iter().filter_map(Token::string).collect();
    assert_eq!(strings, ["b\nc", "e"]);
}

#[test]
fn a_piece_of_rust_is_found_whatever_its_spaces() {
    let code = tokens("let a = Instant\n  :: now();\nlet b = \"Instant::now\";\nInstant::now()");
    assert_eq!(lines_with(&code, "Instant::now"), [1, 4]);
}
