//! Files do not import each other in a circle, so that the imports of a file can be read before it.
//!
//! A file imports another if it names an item that is defined there, in a `use` or in a path. The source is scanned as
//! text, as in `layering`, by these rules:
//!
//! - A name is defined in the file of a module if it is neither a module below that one nor imported there; so the
//!   re-exports of a module are followed to the file that defines the item, and what a macro defines is found too.
//! - A module that only declares others, or re-exports them and uses none itself, imports none of them.
//! - Methods are not seen: a file that has methods of a type names the type, but a call of them names no file.
//! - Attributes, and what only tests are built from, are left out.

use std::collections::{BTreeMap, BTreeSet};

use super::read;
use super::source::{Token, code_only, is_word, rust_files, tokens};

#[test]
fn no_file_imports_in_a_circle() {
    let files: Vec<(String, String)> =
        rust_files().into_iter().map(|path| (path.clone(), read(&format!("src/{path}")))).collect();
    let found = circles(&files);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A module or an item, by the words that lead there from the root of `src`: `["music", "pitch", "Pitch"]`.
type Path = Vec<String>;

/// The items that one file names of another, by both files.
type Imports = BTreeMap<(String, String), BTreeSet<String>>;

/// The circles of imports among `files`, which are paths from `src` and sources: one message each.
fn circles(files: &[(String, String)]) -> Vec<String> {
    let imports = without_ends(Modules::read(files).imports());
    let mut found = Vec::new();
    let mut known = BTreeSet::new();
    for (path, _) in files {
        let around = circle(path, &imports);
        if known.contains(path) || around.is_empty() {
            continue;
        }
        let mut lines = vec![format!("{} files import in a circle:", around.len())];
        for ((from, to), items) in &imports {
            if around.contains(from) && around.contains(to) {
                let items: Vec<&str> = items.iter().map(String::as_str).collect();
                lines.push(format!("  src/{from} imports {} of src/{to}", items.join(", ")));
            }
        }
        found.push(lines.join("\n"));
        known.extend(around);
    }
    found
}

/// `imports` without those of files that import none which leads on: no circle goes through these.
fn without_ends(mut imports: Imports) -> Imports {
    loop {
        let n_before = imports.len();
        let leading: BTreeSet<String> = imports.keys().map(|(from, _)| from.clone()).collect();
        imports.retain(|(_, to), _| leading.contains(to));
        if imports.len() == n_before {
            return imports;
        }
    }
}

/// The files that `path` imports, at whatever distance, and that import `path`, itself among them; none without a circle.
fn circle(path: &str, imports: &Imports) -> BTreeSet<String> {
    let ahead = reached(path, imports, |(from, to)| (from, to));
    let back = reached(path, imports, |(from, to)| (to, from));
    ahead.intersection(&back).cloned().collect()
}

/// The files that a walk along the imports reaches from `start`, in the direction that `turn` gives each.
fn reached(
    start: &str,
    imports: &Imports,
    turn: impl Fn(&(String, String)) -> (&String, &String),
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![start.to_owned()];
    while let Some(here) = open.pop() {
        for (from, to) in imports.keys().map(&turn) {
            if *from == here && found.insert(to.clone()) {
                open.push(to.clone());
            }
        }
    }
    found
}

/// The modules of all files.
#[derive(Default)]
struct Modules {
    by_path: BTreeMap<Path, Module>,
    /// Those that only tests are built from.
    of_tests: BTreeSet<Path>,
}

#[derive(Default)]
struct Module {
    /// From `src`.
    file: String,
    imports: Vec<Import>,
    /// The paths of two words and more outside `use`.
    paths: Vec<Path>,
    /// The words outside `use`, but for fields and methods.
    words: BTreeSet<String>,
}

struct Import {
    /// What it is called here.
    name: String,
    path: Path,
    is_re_export: bool,
}

/// What a path leads to.
enum Place {
    Module(Path),
    Item { file: String, name: String },
}

impl Modules {
    fn read(files: &[(String, String)]) -> Self {
        let mut modules = Self::default();
        for (file, source) in files {
            let code = code_only(source);
            modules.read_module(file, &path_of(file), &mut Cursor { tokens: tokens(&code), idx: 0 });
        }
        let Self { by_path, of_tests } = &mut modules;
        by_path.retain(|path, _| !of_tests.iter().any(|of_test| path.starts_with(of_test)));
        modules
    }

    /// Reads the module at `path` up to its closing brace or the end of its file.
    fn read_module(&mut self, file: &str, path: &[String], code: &mut Cursor) {
        let mut module = Module { file: file.to_owned(), ..Module::default() };
        let mut depth = 0_usize;
        let mut is_of_tests = false;
        while let Some(word) = code.next() {
            match word {
                "#" if ["[", "!"].contains(&code.text(0)) => {
                    is_of_tests |= code.attribute_of_tests();
                    continue;
                }
                "mod" if code.text(1) == ";" => {
                    if is_of_tests {
                        self.of_tests.insert(joined(path, code.text(0)));
                    }
                    code.idx += 2;
                }
                _ if is_of_tests => code.skip_item(),
                "mod" if code.text(1) == "{" => {
                    let inside = joined(path, code.text(0));
                    code.idx += 2;
                    self.read_module(file, &inside, code);
                }
                "use" if code.text(0) != "<" => {
                    let is_re_export = ["pub", ")"].contains(&code.before(2));
                    code.read_use(&[], is_re_export, &mut module.imports);
                }
                "{" => depth += 1,
                "}" if depth == 0 => break,
                "}" => depth -= 1,
                word if word.starts_with(is_word) && !code.follows_path_or_dot() => {
                    module.words.insert(word.to_owned());
                    let rest = code.read_path();
                    if !rest.is_empty() {
                        module.paths.push([vec![word.to_owned()], rest].concat());
                    }
                }
                _ => {}
            }
            is_of_tests = false;
        }
        self.by_path.insert(path.to_vec(), module);
    }

    fn imports(&self) -> Imports {
        let mut found = Imports::new();
        for (here, module) in &self.by_path {
            let used = module.imports.iter();
            let used = used.filter(|import| !import.is_re_export || module.words.contains(&import.name));
            let places = used.filter_map(|import| self.imported(here, &import.path));
            let places = places.chain(module.paths.iter().filter_map(|path| self.named(here, path)));
            for place in places {
                if let Place::Item { file, name } = place
                    && file != module.file
                {
                    found.entry((module.file.clone(), file)).or_default().insert(name);
                }
            }
        }
        found
    }

    /// What a path in a `use` of the module `here` leads to, if it stays in this crate.
    fn imported(&self, here: &[String], path: &[String]) -> Option<Place> {
        let mut start = here.to_vec();
        let mut rest = path;
        while let [first, after @ ..] = rest {
            match first.as_str() {
                "crate" => start.truncate(if here.first().is_some_and(|name| name == "bin") { 2 } else { 0 }),
                "self" => {}
                "super" => drop(start.pop()),
                _ => break,
            }
            rest = after;
        }
        let is_here = rest.len() < path.len() || self.by_path.contains_key(&joined(here, rest.first()?));
        if is_here { self.walk(start, rest) } else { None }
    }

    /// What a path in the code of the module `here` leads to, if it stays in this crate.
    fn named(&self, here: &[String], path: &[String]) -> Option<Place> {
        let (first, rest) = path.split_first()?;
        let module = self.by_path.get(here)?;
        match module.imports.iter().find(|import| import.name == *first) {
            Some(import) => match self.imported(here, &import.path)? {
                Place::Module(path) => self.walk(path, rest),
                // What follows belongs to the item.
                item => Some(item),
            },
            None => self.imported(here, path),
        }
    }

    /// Where `path` leads from the module `start`.
    fn walk(&self, start: Path, path: &[String]) -> Option<Place> {
        let mut here = start;
        for (idx, name) in path.iter().enumerate() {
            let below = joined(&here, name);
            if self.by_path.contains_key(&below) {
                here = below;
                continue;
            }
            let module = self.by_path.get(&here)?;
            let Some(import) = module.imports.iter().find(|import| import.name == *name) else {
                return Some(Place::Item { file: module.file.clone(), name: name.clone() });
            };
            return match self.imported(&here, &import.path)? {
                Place::Module(there) => self.walk(there, &path[idx + 1..]),
                item => Some(item),
            };
        }
        Some(Place::Module(here))
    }
}

/// The module that a file of `src` holds. A program is a crate of its own, with its modules below it.
fn path_of(file: &str) -> Path {
    let stem = file.strip_suffix(".rs").unwrap_or(file);
    if stem == "lib" { Path::new() } else { stem.split('/').map(str::to_owned).collect() }
}

fn joined(path: &[String], name: &str) -> Path {
    [path, &[name.to_owned()]].concat()
}

/// A place in the code of a file.
struct Cursor<'a> {
    tokens: Vec<Token<'a>>,
    /// Of the next token.
    idx: usize,
}

impl<'a> Cursor<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let text = self.tokens.get(self.idx)?.text;
        self.idx += 1;
        Some(text)
    }

    /// The text of the token `ahead` of the next one.
    fn text(&self, ahead: usize) -> &'a str {
        self.tokens.get(self.idx + ahead).map_or("", |token| token.text)
    }

    /// The text of the token `back` before the next one.
    fn before(&self, back: usize) -> &'a str {
        self.idx.checked_sub(back).map_or("", |idx| self.tokens[idx].text)
    }

    /// Whether the word that was read last goes on a path, or is a field or a method.
    fn follows_path_or_dot(&self) -> bool {
        self.before(2) == "::" || (self.before(2) == "." && self.before(3) != ".")
    }

    /// Reads the attribute whose `#` was read, and tells whether it leaves its item to tests.
    fn attribute_of_tests(&mut self) -> bool {
        let start = self.idx;
        self.skip_to(&["]"]);
        let words: Vec<&str> = self.tokens[start..self.idx].iter().map(|token| token.text).collect();
        words.contains(&"cfg") && words.contains(&"test") && !words.contains(&"not")
    }

    /// Passes over the rest of an item of which at least one word was read.
    fn skip_item(&mut self) {
        let is_use = self.before(1) == "use";
        self.skip_to(if is_use { &[";"] } else { &[";", "}"] });
    }

    /// Passes over what comes up to one of `ends` that stands in no bracket, or closes the outermost, and over that one.
    fn skip_to(&mut self, ends: &[&str]) {
        let mut depth = 0_usize;
        while let Some(text) = self.next() {
            match text {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 && ends.contains(&text) {
                return;
            }
        }
    }

    /// Reads `::a::b` after a word: the words.
    fn read_path(&mut self) -> Path {
        let mut path = Path::new();
        while self.text(0) == "::" && self.text(1).starts_with(is_word) {
            path.push(self.text(1).to_owned());
            self.idx += 2;
        }
        path
    }

    /// Reads one tree of a `use`, below `prefix`, and what ends it.
    fn read_use(&mut self, prefix: &[String], is_re_export: bool, imports: &mut Vec<Import>) {
        let mut path = prefix.to_vec();
        let mut alias = None;
        let mut is_empty = true;
        while let Some(text) = self.next() {
            match text {
                "::" => {}
                "{" => {
                    while self.before(1) != "}" {
                        self.read_use(&path, is_re_export, imports);
                    }
                    self.idx += 1;
                    return;
                }
                "," | ";" | "}" => break,
                "as" => {
                    alias = Some(self.text(0).to_owned());
                    self.idx += 1;
                }
                // At the end of a path: the module itself.
                "self" if !path.is_empty() => is_empty = false,
                word => {
                    path.push(word.to_owned());
                    is_empty = false;
                }
            }
        }
        if let Some(name) = alias.or(path.last().cloned()).filter(|_| !is_empty) {
            imports.push(Import { name, path, is_re_export });
        }
    }
}

/// Holds the circles among `files`, paths from `src` and sources, to the lines of their messages.
fn check(files: &[(&str, &str)], expected: &[&[&str]]) {
    let owned: Vec<(String, String)> =
        files.iter().map(|(path, source)| ((*path).to_owned(), (*source).to_owned())).collect();
    let found = circles(&owned);
    let lines: Vec<Vec<&str>> =
        found.iter().map(|message| message.lines().skip(1).map(str::trim).collect()).collect();
    assert_eq!(lines, expected, "{files:#?}");
}

#[test]
fn circles_are_found() {
    let both = ["src/a/x.rs imports Y of src/a/y.rs", "src/a/y.rs imports X of src/a/x.rs"];
    let parent = ("a.rs", "mod x;\nmod y;\npub use x::X;\npub use self::y::{Y, other};");
    for (x, y) in [
        ("use super::y::Y;\npub struct X;", "use super::x::X;\npub struct Y;"),
        ("use crate::a::Y;", "use super::{X, super::b};"),
        ("use std::{fmt, io};\nfn f() -> super::y::Y { 0 }", "use crate::a::{self, b};\nfn f(x: a::X) {}"),
        ("use super::y as other;\nfn f() { other::Y::new() }", "impl crate::a::x::X {}"),
        ("pub use super::y::Y;\nfn f(y: Y) {}", "mod inner { use super::super::X; }"),
        ("#[cfg(not(test))]\nuse super::Y;", "#[cfg(test)]\nmod tests { fn f() {} }\nuse super::X;"),
    ] {
        check(&[parent, ("a/x.rs", x), ("a/y.rs", y)], &[&both]);
    }
    check(
        &[
            ("a.rs", "mod x;\nuse x::{f, g};\nstruct A;"),
            ("a/x.rs", "use super::A;"),
            ("b.rs", "use crate::a::A;"),
        ],
        &[&["src/a.rs imports f, g of src/a/x.rs", "src/a/x.rs imports A of src/a.rs"]],
    );
    check(
        &[("a.rs", "use crate::b::B;"), ("b.rs", "use crate::c::C;"), ("c.rs", "use crate::a::A;")],
        &[&[
            "src/a.rs imports B of src/b.rs",
            "src/b.rs imports C of src/c.rs",
            "src/c.rs imports A of src/a.rs",
        ]],
    );
    check(
        &[
            ("lib.rs", "pub mod x;"),
            ("x.rs", ""),
            ("bin/cli.rs", "mod x;\nfn main() { x::run() }\nfn print() {}"),
            ("bin/cli/x.rs", "use crate::print;"),
        ],
        &[&[
            "src/bin/cli.rs imports run of src/bin/cli/x.rs",
            "src/bin/cli/x.rs imports print of src/bin/cli.rs",
        ]],
    );
}

#[test]
fn what_is_no_circle_is_let_be() {
    let parent = ("a.rs", "mod x;\nmod y;\npub use x::X;\npub use y::Y;");
    for (x, y) in [
        ("use super::y::Y;", "pub struct Y;"),
        ("use super::Y;", "use std::fmt;\nuse serde::X;"),
        ("use super::Y;", "//! See [`super::X`].\nconst A: &str = \"super::X\";"),
        ("use super::Y;", "#[cfg(test)]\nmod tests { use super::super::X; }"),
        ("use super::Y;", "#[cfg(test)]\n#[expect(unused)]\npub fn f(x: [u8; 2]) -> super::X {}\n"),
        ("use super::Y;", "#[cfg(all(test, unix))]\nuse super::{X};\nstruct Y;"),
        ("use super::Y;", "fn f(y: Y) { y.x() }"),
        ("use super::Y;", "use super::x;"),
    ] {
        check(&[parent, ("a/x.rs", x), ("a/y.rs", y)], &[]);
    }
    let tests = ("a/tests.rs", "use super::*;\nuse super::x::X;");
    check(&[("a.rs", "mod x;\n#[cfg(test)]\nmod tests;"), ("a/x.rs", "use super::tests::T;"), tests], &[]);
    check(
        &[("a.rs", "mod x;\npub use x::x;\nstruct A;"), ("a/x.rs", "use super::A;\nfn x() { y.x() }")],
        &[],
    );
}
