//! The steps in each host to route Descant's notes to another instrument, read from the manual's page about routing.
//!
//! # Format
//!
//! A heading of the second level for each host, below it a numbered line for each step and one that begins with
//! [`IF_BACK`]. Text between asterisks is a label on the host's screen. All other lines are for readers of the manual only.

use super::daw::Daw;

const PAGE: &str = include_str!("../../../assets/manual/routing.md");

/// The heading for any other host.
const ANY_HOST: &str = "Any other host";

/// The beginning of the line on what to do if the notes come back to Descant's own input.
const IF_BACK: &str = "**If the notes come back:** ";

/// The steps to route Descant's notes to another instrument in `daw`; `None` is any other host.
pub fn steps(daw: Option<Daw>) -> impl Iterator<Item = &'static str> {
    lines_of(daw).filter_map(|line| {
        let (number, step) = line.split_once(". ")?;
        number.parse::<u8>().ok().map(|_| step)
    })
}

/// What to do in `daw` if the notes come back to Descant's own input; `None` is any other host.
pub fn unloop(daw: Option<Daw>) -> &'static str {
    lines_of(daw).find_map(|line| line.strip_prefix(IF_BACK)).unwrap_or_default()
}

/// The lines below the heading of `daw`.
fn lines_of(daw: Option<Daw>) -> impl Iterator<Item = &'static str> {
    let title = daw.map_or(ANY_HOST, Daw::title);
    let from_heading = PAGE.lines().skip_while(move |line| line.strip_prefix("## ") != Some(title));
    from_heading.skip(1).take_while(|line| !line.starts_with("## "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts() -> impl Iterator<Item = Option<Daw>> {
        Daw::ALL.into_iter().map(Some).chain([None])
    }

    #[test]
    fn every_host_has_its_steps_in_order_and_a_way_out_of_a_loop() {
        for daw in hosts() {
            let numbers = lines_of(daw).filter_map(|line| line.split_once(". ")?.0.parse::<usize>().ok());
            assert!(numbers.eq(1..=steps(daw).count()), "{daw:?}");
            assert!((2..=4).contains(&steps(daw).count()), "{daw:?}");
            assert!(!unloop(daw).is_empty(), "{daw:?}");
        }
        assert_eq!(PAGE.lines().filter(|line| line.starts_with("## ")).count(), hosts().count());
    }

    #[test]
    fn texts_are_sentences_and_emphasis_is_closed() {
        for text in hosts().flat_map(|daw| steps(daw).chain([unloop(daw)])) {
            assert_eq!(text.matches('*').count() % 2, 0, "{text}");
            assert!(text.ends_with('.') && !text.contains("  "), "{text}");
        }
    }
}
