//! What each word means: the one table, and the words that mean nothing here.
//!
//! A row is `names, meanings`. Names are separated by `|`; a hyphen or space inside a name matches a hyphen, a space or
//! nothing, so that `lo-fi` is also found as "lo fi" and "lofi". Endings (`-er`, `-est`, `-ly`, `-ness`, `-s`) are
//! understood without a row of their own.
//!
//! # Source
//!
//! Mood words stand where they do on the circumplex of J. A. Russell, "A circumplex model of affect", Journal of
//! Personality and Social Psychology 39(6), 1980; the numbers are ours.

use crate::music::measure::PartControl::{
    self, Density, Leaps, Polyphony, Range, Register, Rests, Syncopation,
};
use crate::music::{Mode, Part};
use crate::token::Style;

/// One meaning of a word.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Sense {
    /// A style.
    Style(Style),
    /// A style in passing, which any [`Self::Style`] overrules.
    Flavour(Style),
    /// Valence and arousal, each `0.0..=1.0`.
    Mood(f32, f32),
    /// A mode.
    Mode(Mode),
    /// A tempo word, in beats per minute.
    Pace(f32),
    /// A meter: numerator and denominator.
    Meter(u8, u8),
    /// A length in bars.
    Bars(u32),
    /// Parts, with a stance for where the text before gives none.
    Parts(Stance, &'static [Part]),
    /// A level of a control, `0.0..=1.0`.
    Level(PartControl, f32),
    /// The name of a control; a word or number beside it says how much.
    Dial(PartControl),
    /// Scales the distance from the middle of the next word that has one.
    Degree(f32),
    /// Takes away the next word; a degree where that is a matter of degree.
    Not(f32),
    /// How the parts that follow in the clause are meant.
    Stance(Stance),
}

/// How a part is mentioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stance {
    /// It is what is asked for.
    Named,
    /// It is wanted beside others.
    With,
    /// It is not wanted.
    Without,
    /// Nothing else is wanted.
    Only,
}

/// Names separated by `|`, and what they mean.
pub(super) type Row = (&'static str, &'static [Sense]);

use Sense::{Bars, Degree, Dial, Flavour, Level, Meter, Mood, Not, Pace, Parts};
use Stance::{Named, Only, With, Without};

/// The lexicon.
pub(super) const LEXICON: &[Row] = &[
    // Styles.
    ("pop|k-pop|j-pop", &[Sense::Style(Style::Pop)]),
    ("ballad|power ballad", &[Flavour(Style::Pop), Pace(72.0)]),
    ("rock|metal|punk|grunge|indie|rock-n-roll|rock-and-roll", &[Sense::Style(Style::Rock)]),
    ("rocky|rocking", &[Flavour(Style::Rock)]),
    ("jazz|bebop|big band|dixieland|fusion", &[Sense::Style(Style::Jazz)]),
    ("jazzy|swing|swinging", &[Flavour(Style::Jazz)]),
    ("blues", &[Sense::Style(Style::Blues)]),
    ("12-bar blues|twelve-bar blues", &[Sense::Style(Style::Blues), Bars(12)]),
    ("bluesy", &[Flavour(Style::Blues)]),
    ("folk|acoustic|singer-songwriter", &[Sense::Style(Style::Folk)]),
    ("folky", &[Flavour(Style::Folk)]),
    ("celtic|irish|scottish|gaelic", &[Sense::Style(Style::Celtic)]),
    ("jig", &[Sense::Style(Style::Celtic), Meter(6, 8)]),
    ("reel", &[Sense::Style(Style::Celtic), Meter(4, 4)]),
    ("hymn|choral|chorale|church|carol|sacred", &[Sense::Style(Style::Hymn)]),
    ("classical|sonata|minuet|symphony|symphonic", &[Sense::Style(Style::Classical)]),
    ("baroque|fugue|invention|counterpoint", &[Sense::Style(Style::Baroque)]),
    ("romantic era|romantic period|romantic style|nocturne", &[Sense::Style(Style::Romantic)]),
    (
        "electronic|electronica|edm|electro|synth-wave|retro-wave|vapor-wave",
        &[Sense::Style(Style::Electronic)],
    ),
    ("synth-pop|trance|dub-step|garage|idm|future bass", &[Sense::Style(Style::Electronic)]),
    ("drum-and-bass|drum-n-bass|dnb|d&b|jungle", &[Sense::Style(Style::Electronic), Pace(174.0)]),
    ("house|deep house|tech house", &[Sense::Style(Style::House)]),
    ("four on the floor|4 on the floor", &[Flavour(Style::House), Level(Syncopation, 0.15)]),
    ("techno|acid|minimal techno", &[Sense::Style(Style::Techno)]),
    ("hip-hop|rap|trap|boom-bap|drill|phonk", &[Sense::Style(Style::HipHop)]),
    ("lo-fi|low-fi|chill-hop|jazz-hop|study beats", &[Sense::Style(Style::LoFi)]),
    ("latin|bossa|bossa nova|salsa|samba|tango|rumba|mambo|cha-cha", &[Sense::Style(Style::Latin)]),
    ("reggaeton|cumbia|bachata|montuno", &[Sense::Style(Style::Latin)]),
    ("afro|afro-beat|amapiano|african|highlife", &[Sense::Style(Style::Afro)]),
    ("funk|disco|boogie", &[Sense::Style(Style::Funk)]),
    ("funky", &[Flavour(Style::Funk), Level(Syncopation, 0.75)]),
    ("soul|neo-soul|gospel|motown|r&b|rnb", &[Sense::Style(Style::Soul)]),
    ("soulful", &[Flavour(Style::Soul)]),
    ("reggae|dub|ska|dancehall", &[Sense::Style(Style::Reggae)]),
    ("chip-tune|8-bit|16-bit|chip music|gameboy", &[Sense::Style(Style::Chiptune)]),
    ("game|video game|vgm|rpg|boss battle", &[Sense::Style(Style::Game)]),
    ("ambient|drone|new-age|soundscape|meditation", &[Sense::Style(Style::Ambient)]),
    ("cinematic|soundtrack|film|film score|movie|trailer|orchestral", &[Sense::Style(Style::Cinematic)]),
    ("country|bluegrass|americana|honky-tonk", &[Sense::Style(Style::Country)]),
    ("ragtime|rag|stride", &[Sense::Style(Style::Ragtime)]),
    // Moods: dark and calm.
    ("sad|sorrowful|mournful|tearful", &[Mood(0.15, 0.3)]),
    ("melancholic|melancholy|wistful|blue", &[Mood(0.25, 0.25)]),
    ("gloomy|bleak|dreary|grey|gray", &[Mood(0.15, 0.25)]),
    ("dark|moody|shadowy|noir", &[Mood(0.2, 0.4)]),
    ("depressed|depressing|hopeless|despairing", &[Mood(0.1, 0.2)]),
    ("lonely|lonesome|desolate|empty", &[Mood(0.25, 0.2)]),
    ("sombre|somber|solemn|funereal|grave", &[Mood(0.3, 0.2)]),
    ("tired|sleepy|drowsy|lazy", &[Mood(0.45, 0.1)]),
    ("bittersweet|longing|yearning", &[Mood(0.4, 0.35)]),
    ("cold|icy|wintry", &[Mood(0.3, 0.3)]),
    // Dark and excited.
    ("tense|suspense|suspenseful|tension", &[Mood(0.3, 0.75)]),
    ("anxious|nervous|uneasy|restless|worried", &[Mood(0.25, 0.75)]),
    ("angry|furious|rage|raging", &[Mood(0.1, 0.9)]),
    ("aggressive|brutal|violent|hostile", &[Mood(0.15, 0.95)]),
    ("scary|creepy|horror|eerie|spooky|haunting", &[Mood(0.15, 0.6)]),
    ("ominous|sinister|menacing|evil|brooding", &[Mood(0.15, 0.55)]),
    ("mysterious|mystery|enigmatic|mystic|mystical", &[Mood(0.35, 0.45)]),
    ("dramatic|drama|tragic", &[Mood(0.3, 0.7)]),
    ("heavy|gritty", &[Mood(0.3, 0.75)]),
    ("frantic|chaotic|frenetic|panicked", &[Mood(0.35, 0.95)]),
    ("urgent|driving|pounding|relentless", &[Mood(0.5, 0.8)]),
    // Bright and excited.
    ("happy|cheerful|merry|glad", &[Mood(0.85, 0.65)]),
    ("joyful|joyous|joy|jubilant|elated", &[Mood(0.95, 0.75)]),
    ("uplifting|inspiring|inspirational", &[Mood(0.85, 0.65)]),
    ("epic|heroic|majestic|grand", &[Mood(0.65, 0.85)]),
    ("triumphant|victorious|proud", &[Mood(0.85, 0.8)]),
    ("excited|exciting|ecstatic|euphoric|thrilling", &[Mood(0.85, 0.9)]),
    ("energetic|energy|high energy|powerful|intense|lively", &[Mood(0.6, 0.85)]),
    ("playful|quirky|cute|bouncy|whimsical", &[Mood(0.8, 0.65)]),
    ("funny|silly|comic|goofy", &[Mood(0.75, 0.65)]),
    ("up-beat|sunny|summery|festive|party", &[Mood(0.85, 0.75)]),
    ("bright|radiant|shiny", &[Mood(0.8, 0.55)]),
    ("confident|bold|sassy|swagger", &[Mood(0.65, 0.65)]),
    ("hopeful|optimistic|hope", &[Mood(0.75, 0.5)]),
    // Bright and calm.
    ("calm|serene|tranquil|low energy", &[Mood(0.65, 0.15)]),
    ("peaceful|peace|soothing|zen", &[Mood(0.75, 0.15)]),
    ("relaxed|relaxing|chill|chilled|chilled out|laid-back|mellow|low-key", &[Mood(0.65, 0.2)]),
    ("gentle|soft|tender|delicate|quiet", &[Mood(0.65, 0.25)]),
    ("dreamy|ethereal|floating|hazy|dream", &[Mood(0.6, 0.25)]),
    ("nostalgic|nostalgia|sentimental|reminiscent", &[Mood(0.5, 0.3)]),
    ("romantic", &[Flavour(Style::Romantic), Mood(0.75, 0.4)]),
    ("warm|cosy|cozy|comforting|intimate|loving", &[Mood(0.7, 0.3)]),
    ("sweet|innocent|lovely|beautiful|pretty", &[Mood(0.75, 0.35)]),
    ("light|carefree|easy-going", &[Mood(0.7, 0.45)]),
    ("content|satisfied|pleasant", &[Mood(0.75, 0.35)]),
    ("magical|enchanted|wondrous|fairytale", &[Mood(0.65, 0.45)]),
    ("neutral", &[Mood(0.5, 0.5)]),
    // Tempo.
    ("larghissimo", &[Pace(38.0)]),
    ("largo|lento", &[Pace(50.0)]),
    ("larghetto", &[Pace(63.0)]),
    ("adagio", &[Pace(70.0)]),
    ("slow|low tempo|down-tempo", &[Pace(70.0)]),
    ("andante|leisurely|walking pace", &[Pace(88.0)]),
    ("andantino", &[Pace(94.0)]),
    ("mid-tempo|medium tempo|moderate|moderately", &[Pace(104.0)]),
    ("moderato", &[Pace(108.0)]),
    ("allegretto", &[Pace(116.0)]),
    ("up-tempo|brisk", &[Pace(128.0)]),
    ("allegro", &[Pace(136.0)]),
    ("fast|quick|speedy|high tempo", &[Pace(144.0)]),
    ("vivace", &[Pace(160.0)]),
    ("presto", &[Pace(184.0)]),
    ("prestissimo", &[Pace(208.0)]),
    // Modes and meters.
    ("major|ionian|maj", &[Sense::Mode(Mode::Major)]),
    ("minor|aeolian|natural minor|melodic minor|min", &[Sense::Mode(Mode::Minor)]),
    ("dorian", &[Sense::Mode(Mode::Dorian)]),
    ("phrygian", &[Sense::Mode(Mode::Phrygian)]),
    ("lydian", &[Sense::Mode(Mode::Lydian)]),
    ("mixolydian", &[Sense::Mode(Mode::Mixolydian)]),
    ("locrian", &[Sense::Mode(Mode::Locrian)]),
    ("harmonic minor", &[Sense::Mode(Mode::HarmonicMinor)]),
    ("waltz|three four", &[Meter(3, 4)]),
    ("common time|four four", &[Meter(4, 4)]),
    ("cut time|alla breve", &[Meter(2, 2)]),
    ("polka|two four", &[Meter(2, 4)]),
    ("six eight", &[Meter(6, 8)]),
    ("twelve eight", &[Meter(12, 8)]),
    ("five four", &[Meter(5, 4)]),
    ("seven eight", &[Meter(7, 8)]),
    // Length.
    ("short", &[Bars(4)]),
    ("long", &[Bars(16)]),
    // Parts.
    (
        "melody|melodies|melodic line|lead|lead line|top-line|hook|riff|solo line",
        &[Parts(Named, &[Part::Melody])],
    ),
    ("chord|chords|chord progression|progression|harmony|harmonies", &[Parts(Named, &[Part::Chords])]),
    ("accompaniment|comping|pad|pads|keys", &[Parts(Named, &[Part::Chords])]),
    ("bass|bass-line|sub-bass", &[Parts(Named, &[Part::Bass])]),
    ("arpeggio|arpeggios|arpeggiated|arp|broken chords", &[Parts(Named, &[Part::Arpeggio])]),
    ("drum|drums|drum machine|percussion|drum-beat|drum pattern", &[Parts(Named, &[Part::Drums])]),
    // A producer's beat is often the whole track.
    ("beat|beats|hi-hats|hats|kick|snare", &[Parts(With, &[Part::Drums])]),
    ("beatless|drumless", &[Parts(Without, &[Part::Drums])]),
    ("rhythm section", &[Parts(Named, &[Part::Drums, Part::Bass])]),
    ("solo piano|piano solo", &[Parts(Only, &[Part::Chords, Part::Melody])]),
    ("full band|all parts|whole band|full arrangement|everything", &[Parts(Named, &Part::ALL)]),
    ("with|plus|add|featuring|including|include|has", &[Sense::Stance(With)]),
    ("only|just|solo|alone|nothing but", &[Sense::Stance(Only)]),
    ("but", &[Sense::Stance(Named)]),
    // How many notes, and where.
    ("sparse|thin|bare|spare|few notes|fewer notes|less notes", &[Level(Density, 0.2)]),
    ("minimal|minimalist|minimalistic", &[Level(Density, 0.15), Level(Polyphony, 0.3)]),
    ("busy|dense|full|frenzied|rolling|many notes|lots of notes|more notes", &[Level(Density, 0.8)]),
    ("long notes|sustained|held notes", &[Level(Density, 0.15), Level(Rests, 0.1)]),
    ("short notes|staccato|choppy|stabs", &[Level(Rests, 0.75)]),
    ("legato|continuous|gapless", &[Level(Rests, 0.1)]),
    ("airy|spacious|breathing|with space|open space|room to breathe", &[Level(Rests, 0.8)]),
    (
        "complex|complicated|intricate|elaborate",
        &[Level(Syncopation, 0.75), Level(Polyphony, 0.75), Level(Leaps, 0.7)],
    ),
    ("simple|easy|plain|basic", &[Level(Syncopation, 0.25), Level(Polyphony, 0.3), Level(Leaps, 0.3)]),
    ("syncopated|off-beat|groovy|broken", &[Level(Syncopation, 0.8)]),
    ("straight|on the beat|square", &[Level(Syncopation, 0.15)]),
    ("walking", &[Level(Density, 0.65), Level(Syncopation, 0.15), Level(Rests, 0.1)]),
    ("thick|lush|rich|polyphonic|harmonised|harmonized", &[Level(Polyphony, 0.8)]),
    ("monophonic|mono|single notes|one note at a time", &[Level(Polyphony, 0.1)]),
    ("high|soaring|high-pitched", &[Level(Register, 0.8)]),
    ("low|deep|low-pitched|rumbling", &[Level(Register, 0.2)]),
    ("wide|wide-ranging|sweeping", &[Level(Range, 0.8)]),
    ("narrow|small-ranged", &[Level(Range, 0.2)]),
    ("leaping|jumpy|jumping|angular|disjunct", &[Level(Leaps, 0.8)]),
    ("stepwise|step-by-step|smooth|flowing|conjunct|lyrical|singable", &[Level(Leaps, 0.2)]),
    ("density", &[Dial(Density)]),
    ("syncopation", &[Dial(Syncopation)]),
    ("polyphony", &[Dial(Polyphony)]),
    ("register", &[Dial(Register)]),
    ("range", &[Dial(Range)]),
    ("leaps|jumps", &[Dial(Leaps)]),
    ("rests|space|pauses|gaps|silence", &[Dial(Rests)]),
    // Degrees: factors of the distance from the middle.
    ("very|really|super|so|pretty much", &[Degree(1.4)]),
    ("extremely|ultra|insanely|incredibly|as possible", &[Degree(1.7)]),
    ("more|many|lots of|a lot of|plenty of|quite|much", &[Degree(1.2)]),
    ("slightly|a bit|a little|a touch|a little bit|a hint of|kind of|sort of", &[Degree(0.5)]),
    ("somewhat|fairly|rather", &[Degree(0.75)]),
    ("medium|average|normal", &[Degree(0.0)]),
    ("less|fewer|few|little", &[Degree(-0.6)]),
    ("not too|not very|not so|not that", &[Degree(-0.25)]),
    ("not|isnt|dont|never", &[Not(-0.6)]),
    ("no|without|minus|zero|skip|drop the", &[Not(-1.4)]),
];

/// Words that carry no wish of their own. Those of [`BOUNDARIES`] are not repeated.
pub(super) const FILLERS: &[&str] = &[
    "a",
    "about",
    "am",
    "an",
    "and",
    "any",
    "are",
    "around",
    "as",
    "bar",
    "bars",
    "be",
    "beginning",
    "bpm",
    "by",
    "can",
    "compose",
    "create",
    "feel",
    "feeling",
    "generate",
    "give",
    "good",
    "groove",
    "have",
    "i",
    "id",
    "idea",
    "im",
    "is",
    "it",
    "its",
    "keep",
    "key",
    "kind",
    "let",
    "lets",
    "line",
    "lines",
    "loop",
    "loops",
    "made",
    "make",
    "maybe",
    "me",
    "measure",
    "measures",
    "mood",
    "music",
    "musical",
    "my",
    "need",
    "new",
    "nice",
    "note",
    "notes",
    "octave",
    "one",
    "ones",
    "or",
    "our",
    "part",
    "parts",
    "pattern",
    "phrase",
    "phrases",
    "piece",
    "play",
    "playing",
    "please",
    "section",
    "should",
    "some",
    "something",
    "song",
    "songs",
    "sort",
    "sound",
    "sounding",
    "sounds",
    "stay",
    "style",
    "tempo",
    "than",
    "that",
    "the",
    "them",
    "theme",
    "then",
    "there",
    "these",
    "they",
    "this",
    "time",
    "too",
    "track",
    "tracks",
    "tune",
    "tunes",
    "type",
    "vibe",
    "vibes",
    "want",
    "way",
    "we",
    "would",
    "write",
    "you",
];

/// Fillers that end what an adjective may belong to.
pub(super) const BOUNDARIES: &[&str] = &[
    "in", "at", "for", "on", "of", "from", "over", "under", "like", "to", "into", "between", "while",
    "against",
];

/// Fillers that may stand between a part and what is said of it.
pub(super) const COPULAS: &[&str] = &["is", "are", "be", "should", "stay", "and", "sounds", "sounding"];

/// Numbers as words, from one.
pub(super) const NUMERALS: [&str; 16] = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen",
];

/// The row that has the words of `run`, in lower case, as one of its names.
pub(super) fn row_of(run: &[&str]) -> Option<&'static Row> {
    let wanted: String = run.concat();
    LEXICON.iter().find(|(names, _)| {
        names
            .split('|')
            .any(|name| (run.len() == 1 || name.contains(SEPARATORS)) && compact(name).eq(wanted.chars()))
    })
}

/// The row of `word`, in lower case, as it stands or, unless it is a filler, with an ending taken off.
pub(super) fn row_of_word(word: &str) -> Option<&'static Row> {
    row_of(&[word]).or_else(|| {
        let mut stems = stems(word).filter(|_| !is_filler(word));
        stems.find_map(|stem| row_of(&[&stem]))
    })
}

/// Whether `word`, in lower case, carries no wish of its own.
pub(super) fn is_filler(word: &str) -> bool {
    FILLERS.contains(&word) || BOUNDARIES.contains(&word)
}

/// The name nearest to `word` that a typing error could have missed: one letter off in short words, and not the first;
/// two in longer ones.
pub(super) fn nearest_name(word: &str) -> Option<&'static str> {
    let furthest = match word.chars().count() {
        0..=2 => return None,
        3..=5 => 1,
        _ => 2,
    };
    LEXICON
        .iter()
        .flat_map(|(names, _)| names.split('|'))
        .map(|name| (strsim::damerau_levenshtein(&compact(name).collect::<String>(), word), name))
        .filter(|&(distance, name)| {
            distance <= furthest && (furthest > 1 || name.chars().next() == word.chars().next())
        })
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name)
}

const SEPARATORS: [char; 2] = [' ', '-'];

fn compact(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|c| !SEPARATORS.contains(c))
}

/// What `word` may be an inflection of: "happier" → "happy", "sadder" → "sad", "looser" → "loose".
fn stems(word: &str) -> impl Iterator<Item = String> {
    ["er", "est", "ly", "ness", "s"].into_iter().filter_map(|ending| word.strip_suffix(ending)).flat_map(
        |stem| {
            let with_y = stem.strip_suffix('i').map(|short| format!("{short}y"));
            let last = stem.chars().next_back();
            let undoubled = last
                .and_then(|last| stem.strip_suffix(last))
                .filter(|short| short.ends_with(last.as_slice()));
            [Some(stem.to_owned()), with_y, Some(format!("{stem}e")), undoubled.map(str::to_owned)]
                .into_iter()
                .flatten()
                .filter(|stem| stem.len() >= 3)
        },
    )
}
