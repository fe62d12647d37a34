//! Words for tempi, each with its usual range in beats per minute; the middle of the range is set.
//!
//! # Source
//!
//! The Italian terms in the order in which metronomes print them; where makers and textbooks differ the range is theirs
//! taken together.

/// Names separated by `|`, slowest and fastest, in beats per minute.
pub(super) type TempoRow = (&'static str, f32, f32);

pub(super) const TEMPI: &[TempoRow] = &[
    ("larghissimo", 32.0, 44.0),
    ("adagissimo", 40.0, 48.0),
    ("grave tempo|tempo grave", 36.0, 48.0),
    ("lentissimo", 36.0, 44.0),
    ("largo", 42.0, 58.0),
    ("lento", 45.0, 60.0),
    ("larghetto", 60.0, 66.0),
    ("adagio", 62.0, 78.0),
    ("adagietto", 68.0, 80.0),
    ("tranquillo", 68.0, 80.0),
    ("sostenuto", 66.0, 78.0),
    ("maestoso", 76.0, 92.0),
    ("andante moderato", 90.0, 102.0),
    ("andante", 76.0, 100.0),
    ("andantino", 80.0, 108.0),
    ("marcia moderato", 82.0, 88.0),
    ("moderato", 98.0, 118.0),
    ("allegretto", 108.0, 124.0),
    ("allegro moderato", 116.0, 124.0),
    ("allegro ma non troppo|allegro non troppo", 112.0, 128.0),
    ("allegro", 120.0, 152.0),
    ("con moto", 108.0, 124.0),
    ("con brio|allegro con brio", 132.0, 160.0),
    ("con fuoco", 144.0, 168.0),
    ("animato", 120.0, 140.0),
    ("agitato", 138.0, 162.0),
    ("vivace", 152.0, 168.0),
    ("vivo", 150.0, 166.0),
    ("vivacissimo", 168.0, 178.0),
    ("allegrissimo|allegro vivace", 162.0, 176.0),
    ("presto", 168.0, 200.0),
    ("prestissimo", 196.0, 220.0),
    ("crawling|glacial|very slow tempo", 40.0, 56.0),
    ("slow|low tempo|slow tempo", 60.0, 80.0),
    ("down-tempo", 64.0, 96.0),
    ("unhurried|leisurely", 76.0, 96.0),
    ("walking pace|walking tempo", 80.0, 100.0),
    ("mid-tempo|medium tempo|moderate|moderately|medium pace", 96.0, 112.0),
    ("marching|march|marching pace", 108.0, 124.0),
    ("brisk", 120.0, 136.0),
    ("up-tempo", 120.0, 136.0),
    ("danceable", 116.0, 128.0),
    ("fast|quick|high tempo|fast tempo|fast-paced", 132.0, 156.0),
    ("speedy|rapid|swift", 140.0, 164.0),
    ("racing|hurried", 156.0, 180.0),
    ("breakneck|blazing|lightning fast", 180.0, 220.0),
];
