//! Licence expressions, as packages state them: `(MIT OR Apache-2.0) AND Unicode-3.0`.

use std::iter::Peekable;
use std::slice::Iter;

/// Whether a package under `expression` may be used when only the licences in `allowed` may. What is not an
/// expression is not allowed.
pub(crate) fn is_allowed(expression: &str, allowed: &[&str]) -> bool {
    // Older packages write `MIT/Apache-2.0` for a choice.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser { words: words.iter().peekable(), allowed };
    parser.any_of() == Some(true) && parser.words.next().is_none()
}

/// Each part answers whether it is allowed, or nothing when it cannot be read. `AND` binds tighter than `OR`.
struct Parser<'a> {
    words: Peekable<Iter<'a, &'a str>>,
    allowed: &'a [&'a str],
}

impl Parser<'_> {
    fn any_of(&mut self) -> Option<bool> {
        let mut result = self.all_of()?;
        while self.takes("OR") {
            result |= self.all_of()?;
        }
        Some(result)
    }

    fn all_of(&mut self) -> Option<bool> {
        let mut result = self.one()?;
        while self.takes("AND") {
            result &= self.one()?;
        }
        Some(result)
    }

    fn one(&mut self) -> Option<bool> {
        if self.takes("(") {
            let result = self.any_of()?;
            return self.takes(")").then_some(result);
        }
        let mut licence =
            (*self.words.next().filter(|word| !matches!(**word, "AND" | "OR" | "WITH" | ")"))?).to_owned();
        if self.takes("WITH") {
            licence = format!("{licence} WITH {}", self.words.next()?);
        }
        Some(self.allowed.contains(&licence.as_str()))
    }

    fn takes(&mut self, word: &str) -> bool {
        self.words.next_if(|next| **next == word).is_some()
    }
}

#[test]
fn expressions_mean_what_they_say() {
    let cases = [
        ("MIT", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0/MIT", true),
        ("GPL-3.0 AND MIT", false),
        ("MIT AND Apache-2.0", true),
        ("GPL-3.0 OR MIT AND Apache-2.0", true),
        ("(GPL-3.0 OR MIT) AND GPL-3.0", false),
        ("(GPL-3.0 OR MIT) AND (Apache-2.0)", true),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("MIT WITH LLVM-exception", false),
        ("", false),
        ("MIT OR", false),
        ("(MIT", false),
        ("MIT)", false),
        ("MIT MIT", false),
        ("AND", false),
    ];
    for (expression, expected) in cases {
        let allowed = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"];
        assert_eq!(is_allowed(expression, &allowed), expected, "{expression}");
    }
}
