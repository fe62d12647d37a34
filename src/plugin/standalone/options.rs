//! The standalone program's own flags.

/// The range of scale factors of a window.
const SCALES: std::ops::RangeInclusive<f32> = 0.5..=4.0;

/// The values of the flags.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Options {
    /// Physical pixels for each logical one; `None` for the system's scale.
    pub scale: Option<f32>,
    /// The initial value of the Tempo knob, in beats per minute.
    pub tempo: Option<f32>,
    /// The name of the session to open.
    pub session: Option<String>,
}

impl Options {
    /// Reads the flags among `args`, the program's name first; returns with them what the framework is to read. It knows
    /// `--dpi-scale` and `--tempo` too, and does nothing that shows by either.
    pub fn take_from(args: impl IntoIterator<Item = String>) -> (Self, Vec<String>) {
        let mut options = Self::default();
        let mut rest: Vec<String> = Vec::new();
        let mut args = args.into_iter().peekable();
        while let Some(arg) = args.next() {
            let (name, value) = match arg.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (arg.clone(), None),
            };
            let value = match name.as_str() {
                "--dpi-scale" | "--tempo" | "--session" => value.or_else(|| args.peek().cloned()),
                _ => None,
            };
            match name.as_str() {
                "--dpi-scale" => {
                    let scale = value.and_then(|value| value.parse().ok());
                    options.scale = scale.map(|scale: f32| scale.clamp(*SCALES.start(), *SCALES.end()));
                }
                "--tempo" => options.tempo = value.and_then(|value| value.parse().ok()),
                "--session" => {
                    options.session = value;
                    if arg == name {
                        args.next();
                    }
                    continue;
                }
                _ => {}
            }
            rest.push(arg);
        }
        // Not a number is no scale, and would pass any clamp.
        options.scale = options.scale.filter(|scale| scale.is_finite());
        options.tempo = options.tempo.filter(|tempo| tempo.is_finite());
        (options, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_read_and_the_others_are_left() {
        let none = Options::default;
        for (line, expected, rest) in [
            ("descant", none(), "descant"),
            (
                "descant --dpi-scale 2 -b jack",
                Options { scale: Some(2.0), ..none() },
                "descant --dpi-scale 2 -b jack",
            ),
            ("descant --dpi-scale=1.5", Options { scale: Some(1.5), ..none() }, "descant --dpi-scale=1.5"),
            ("descant --dpi-scale 99", Options { scale: Some(4.0), ..none() }, "descant --dpi-scale 99"),
            ("descant --dpi-scale NaN", none(), "descant --dpi-scale NaN"),
            ("descant --dpi-scale", none(), "descant --dpi-scale"),
            ("descant --tempo 82 -p 64", Options { tempo: Some(82.0), ..none() }, "descant --tempo 82 -p 64"),
            (
                "descant --session a -p 64",
                Options { session: Some("a".to_owned()), ..none() },
                "descant -p 64",
            ),
            ("descant --session=a", Options { session: Some("a".to_owned()), ..none() }, "descant"),
        ] {
            let found = Options::take_from(line.split(' ').map(str::to_owned));
            assert_eq!(found, (expected, rest.split(' ').map(str::to_owned).collect()), "{line}");
        }
    }
}
