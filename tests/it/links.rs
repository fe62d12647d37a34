//! Links between the pages lead somewhere, and the pages that a newcomer reads first are short.

use std::collections::BTreeSet;

use super::project::files;
use super::read;

/// The most lines of a page.
const MAX_LINES: &[(&str, usize)] = &[("README.md", 110), ("models/descant-1/MODEL.md", 250)];

#[test]
fn what_is_read_first_is_short() {
    for (page, max_lines) in MAX_LINES {
        let n_lines = read(page).lines().count();
        assert!(
            n_lines <= *max_lines,
            "{page} has {n_lines} lines, more than {max_lines}: move some to other pages"
        );
    }
}

#[test]
fn links_lead_to_files_and_headings_that_there_are() {
    let files = files();
    let pages: Vec<&String> = files.iter().filter(|path| path.ends_with(".md")).collect();
    let mut n_checked = 0;
    for page in pages {
        for link in relative_links(&read(page)) {
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if path.is_empty() { page.clone() } else { resolved(page, path) };
            let is_folder = || files.iter().any(|file| file.starts_with(&format!("{target}/")));
            assert!(files.contains(&target) || is_folder(), "{page}: {link}: there is no {target}");
            let is_heading = anchor.is_empty() || anchors(&read(&target)).contains(anchor);
            assert!(is_heading, "{page}: {link}: {target} has no heading of that name");
            n_checked += 1;
        }
    }
    assert!(n_checked >= 60, "only {n_checked} links were found");
}

#[test]
fn a_release_holds_what_its_readme_manual_and_card_link_to() {
    let workflow = read(".github/workflows/release.yml");
    let packs = workflow.lines().find_map(|line| line.trim().strip_prefix("git archive HEAD "));
    let packed = packs.expect("release.yml packs files with git archive").split(" | ").next().unwrap();
    let patterns: Vec<&str> = packed.split(' ').map(|pattern| pattern.trim_matches('"')).collect();
    let is_packed = |target: &str| {
        patterns.iter().any(|pattern| match pattern.split_once('*') {
            Some((head, tail)) => target.starts_with(head) && target.ends_with(tail),
            None => target.strip_prefix(pattern).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        })
    };
    let is_read = |path: &String| {
        ["README.md", "models/descant-1/MODEL.md"].contains(&&**path) || path.starts_with("assets/manual/")
    };
    for page in files().iter().filter(|path| is_read(path)) {
        assert!(is_packed(page), "release.yml does not pack {page}");
        for link in relative_links(&read(page)) {
            let target = resolved(page, link.split('#').next().unwrap());
            assert!(
                link.starts_with('#') || is_packed(&target),
                "{page}: release.yml does not pack {target}"
            );
        }
    }
}

/// What follows `](` up to `)` outside of code, but for links to elsewhere.
fn relative_links(page: &str) -> Vec<String> {
    let text = without_code(page);
    let targets = text.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0));
    targets.filter(|target| !target.contains("://")).map(str::to_owned).collect()
}

/// `page` without fenced and indented blocks and without what stands between backticks.
fn without_code(page: &str) -> String {
    let mut is_fenced = false;
    let mut text = String::new();
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            is_fenced = !is_fenced;
        } else if !is_fenced && !line.starts_with("    ") {
            line.split('`').step_by(2).for_each(|prose| text.push_str(prose));
            text.push('\n');
        }
    }
    text
}

/// The path from the repository's root of what `path` means in `page`.
fn resolved(page: &str, path: &str) -> String {
    let mut folders: Vec<&str> = page.split('/').collect();
    folders.pop();
    for name in path.split('/') {
        match name {
            ".." => assert!(folders.pop().is_some(), "{page}: {path} leaves the repository"),
            "." | "" => {}
            _ => folders.push(name),
        }
    }
    folders.join("/")
}

/// The headings of `page` as GitHub names them in addresses: small letters, hyphens for spaces, other signs left out.
fn anchors(page: &str) -> BTreeSet<String> {
    let headings = page.lines().filter(|line| line.starts_with('#'));
    let titles = headings.map(|line| line.trim_start_matches('#').trim().to_lowercase());
    let is_kept = |sign: char| sign.is_alphanumeric() || "-_ ".contains(sign);
    titles
        .map(|title| title.chars().filter(|sign| is_kept(*sign)).collect::<String>().replace(' ', "-"))
        .collect()
}

#[test]
fn links_and_anchors_are_found() {
    let page = "# The *first* one\n[a](b.md#c), `[no](x)` [e](https://example.org) ![f](g/h.png)\n```\n[no](y)\n```\n\n    [no](z)\n";
    assert_eq!(relative_links(page), ["b.md#c", "g/h.png"]);
    assert_eq!(resolved("a/b/c.md", "../d.md"), "a/d.md");
    assert_eq!(resolved("c.md", "d/e.md"), "d/e.md");
    assert!(anchors(page).contains("the-first-one"));
    assert!(anchors("## Descant's standalone, twice: a–b\n").contains("descants-standalone-twice-ab"));
}
