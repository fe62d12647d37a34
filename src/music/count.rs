//! Counts as texts for the user: "1 note", "3 notes". Every text of ours with a count is made here.

use std::fmt::Display;

/// `what` in the singular or plural that follows the number `n`: "note" after 1, else "notes".
pub fn noun(n: impl Display, what: &str) -> String {
    if n.to_string() == "1" { what.to_owned() } else { format!("{what}s") }
}

/// "1 note", "3 notes", "2.5 beats".
pub fn counted(n: impl Display, what: &str) -> String {
    let n = n.to_string();
    format!("{n} {}", noun(&n, what))
}

/// "bar 3" or "bars 3-5".
pub fn numbered(what: &str, first: u32, last: u32) -> String {
    if first == last { format!("{what} {first}") } else { format!("{what}s {first}-{last}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one() {
        assert_eq!(counted(1, "note"), "1 note");
        assert_eq!(counted(0_usize, "note"), "0 notes");
        assert_eq!(counted("2.5", "beat"), "2.5 beats");
        assert_eq!(counted("1", "beat"), "1 beat");
        assert_eq!(noun(7, "bar"), "bars");
        assert_eq!([numbered("bar", 3, 3), numbered("bar", 3, 5)], ["bar 3", "bars 3-5"]);
    }
}
