//! Deserialises lists with a bound on their memory, however long they are in the file.

use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// The first `N` elements of a list.
pub(super) fn first<'de, const N: usize, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let mut kept = Vec::new();
    let keep = |element| {
        if kept.len() < N {
            kept.push(element);
        }
    };
    deserializer.deserialize_seq(Each { keep, elements: PhantomData })?;
    Ok(kept)
}

/// The last `N` elements of a list.
pub(super) fn last<'de, const N: usize, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let mut kept = VecDeque::new();
    let keep = |element| {
        if kept.len() == N {
            kept.pop_front();
        }
        kept.push_back(element);
    };
    deserializer.deserialize_seq(Each { keep, elements: PhantomData })?;
    Ok(kept.into())
}

/// Passes every element to `keep`, one by one.
struct Each<F, T> {
    keep: F,
    elements: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>, F: FnMut(T)> Visitor<'de> for Each<F, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(element) = list.next_element()? {
            (self.keep)(element);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Lists {
        #[serde(deserialize_with = "first::<3, _, _>")]
        first: Vec<u8>,
        #[serde(deserialize_with = "last::<3, _, _>")]
        last: Vec<u8>,
    }

    #[test]
    fn of_long_lists_the_ends_are_kept() {
        for (text, first, last) in [
            ("[]", &[][..], &[][..]),
            ("[1,2,3]", &[1, 2, 3], &[1, 2, 3]),
            ("[1,2,3,4,5]", &[1, 2, 3], &[3, 4, 5]),
        ] {
            let lists: Lists = serde_json::from_str(&format!(r#"{{"first":{text},"last":{text}}}"#)).unwrap();
            assert_eq!((&lists.first[..], &lists.last[..]), (first, last));
        }
        assert!(serde_json::from_str::<Lists>(r#"{"first":7,"last":[]}"#).is_err());
    }
}
