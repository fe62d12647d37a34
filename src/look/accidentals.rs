//! Accidentals as signs, ♭ and ♯, in what people read; files, flags and words have the letters `b` and `#`.

use std::borrow::Cow;

/// What may follow the root of a chord symbol, besides digits and signs.
const QUALITIES: [&str; 8] = ["m", "maj", "min", "dim", "aug", "sus", "add", "M"];

/// `text` with the accidentals of its note names, keys and chord symbols as signs: `G#m7b5` becomes `G♯m7♭5`.
///
/// A word counts as one of these if it is one as a whole, so that other words keep their letters.
pub fn with_signs(text: &str) -> Cow<'_, str> {
    if !text.contains(['b', '#']) {
        return Cow::Borrowed(text);
    }
    let is_of_symbol = |letter: char| letter.is_alphanumeric() || ['#', '/', '♭', '♯'].contains(&letter);
    let mut signed = String::with_capacity(text.len() + 4);
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|letter| !is_of_symbol(letter)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        push_word(&mut signed, word);
        let n_other = after.find(is_of_symbol).unwrap_or(after.len());
        let (other, next) = after.split_at(n_other);
        signed.push_str(other);
        rest = next;
    }
    if signed == text { Cow::Borrowed(text) } else { Cow::Owned(signed) }
}

/// Appends `word`, with signs if all of it is a note name or chord symbol.
fn push_word(signed: &mut String, word: &str) {
    let is_symbol = word.split('/').all(|piece| after_root(piece).is_some_and(is_suffix));
    if !is_symbol {
        signed.push_str(word);
        return;
    }
    let mut letters = word.chars().peekable();
    let mut before = None;
    while let Some(letter) = letters.next() {
        let follows_root = matches!(before, Some('A'..='G' | '♭' | '♯'));
        let alters_degree = letters.peek().is_some_and(char::is_ascii_digit);
        let shown = match letter {
            'b' if follows_root || alters_degree => '♭',
            '#' => '♯',
            _ => letter,
        };
        signed.push(shown);
        before = Some(shown);
    }
}

/// What follows the root, with its accidentals, in a chord symbol; `None` if `piece` does not begin with a root.
fn after_root(piece: &str) -> Option<&str> {
    let rest = piece.strip_prefix(|letter| matches!(letter, 'A'..='G'))?;
    Some(rest.trim_start_matches(['b', '#', '♭', '♯']))
}

/// Whether `suffix` may follow a root: nothing, an octave, degrees or a quality.
fn is_suffix(suffix: &str) -> bool {
    let letters: String = suffix.chars().filter(|letter| letter.is_alphabetic() && *letter != 'b').collect();
    // What remains without degrees is a quality, or two as in "m7maj".
    let mut rest = letters.as_str();
    while let Some(next) =
        QUALITIES.iter().rev().filter_map(|quality| rest.strip_prefix(quality)).min_by_key(|next| next.len())
    {
        rest = next;
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accidentals_of_symbols_are_signs_and_words_keep_their_letters() {
        for (text, expected) in [
            ("Bbmaj7", "B♭maj7"),
            ("G#m", "G♯m"),
            ("F#m7b5/Eb", "F♯m7♭5/E♭"),
            ("A7b9", "A7♭9"),
            ("C7#11", "C7♯11"),
            ("Ab minor", "A♭ minor"),
            ("Db4 · Melody", "D♭4 · Melody"),
            ("key: Eb, 8 bars", "key: E♭, 8 bars"),
            ("Csus4 Bbadd9", "Csus4 B♭add9"),
            ("Bass above bars", "Bass above bars"),
            ("About Ebbe", "About Ebbe"),
            ("Take #7, 82 bpm", "Take #7, 82 bpm"),
            ("Dorian", "Dorian"),
            ("B", "B"),
        ] {
            assert_eq!(with_signs(text), expected, "{text}");
        }
    }
}
