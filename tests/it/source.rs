//! Helpers that read the source files as text and split their code into tokens.

use super::project;

/// The Rust files of `src`, as paths from there with `/`.
pub fn rust_files() -> Vec<String> {
    let files = project::files().into_iter().filter(|path| path.ends_with(".rs"));
    files.filter_map(|path| Some(path.strip_prefix("src/")?.to_owned())).collect()
}

/// One piece of code.
pub struct Token<'a> {
    /// Counted from 1.
    pub line: usize,
    /// A word, `::`, or one other character.
    pub text: &'a str,
}

/// The pieces of `code`, in order, without white space.
pub fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    for (line_idx, mut rest) in code.lines().enumerate() {
        while let Some(first) = rest.chars().next() {
            let n_bytes = if is_word(first) {
                rest.find(|character| !is_word(character)).unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            let (text, after) = rest.split_at(n_bytes);
            if !first.is_whitespace() {
                found.push(Token { line: line_idx + 1, text });
            }
            rest = after;
        }
    }
    found
}

/// Whether `character` may be part of a word.
pub fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// `source` without comments, strings and character literals; lines stay where they are.
pub fn code_only(source: &str) -> String {
    let mut code = String::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let n_bytes = n_bytes_of_no_code(rest);
        if n_bytes > 0 {
            code.push(' ');
            code.extend(rest[..n_bytes].chars().filter(|character| *character == '\n'));
            rest = &rest[n_bytes..];
        } else {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    code
}

/// The length of the comment, string or character literal that `rest` begins with, in bytes; 0 if it begins with code.
fn n_bytes_of_no_code(rest: &str) -> usize {
    let up_to =
        |end: &str, from: usize| rest[from..].find(end).map_or(rest.len(), |idx| from + idx + end.len());
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        let mut depth = 0_usize;
        for (idx, pair) in rest.as_bytes().windows(2).enumerate() {
            match pair {
                b"/*" => depth += 1,
                b"*/" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return idx + 2;
            }
        }
        return rest.len();
    }
    if let Some(raw) = rest.strip_prefix('r') {
        let n_hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[n_hashes..].starts_with('"') {
            return up_to(&format!("\"{}", "#".repeat(n_hashes)), n_hashes + 2);
        }
    }
    if rest.starts_with('"') {
        let mut is_escaped = false;
        for (idx, byte) in rest.bytes().enumerate().skip(1) {
            if byte == b'"' && !is_escaped {
                return idx + 1;
            }
            is_escaped = byte == b'\\' && !is_escaped;
        }
        return rest.len();
    }
    if let Some(inside) = rest.strip_prefix('\'') {
        if inside.starts_with('\\') {
            return up_to("'", 3);
        }
        let mut characters = inside.chars();
        if let (Some(character), Some('\'')) = (characters.next(), characters.next()) {
            return character.len_utf8() + 2;
        }
    }
    0
}
