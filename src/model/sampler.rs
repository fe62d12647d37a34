//! Draws an id from a slot's logits: mask, temperature, top-k, nucleus, draw — in that order.
//!
//! A draw is a function of its [`DrawKey`] and the logits alone. The random generator has no state, so neither the
//! batch nor the draws of other candidates can change it.

use super::kernel;

/// Temperatures below this count as 0: the likeliest id is drawn.
const COLDEST: f32 = 1e-3;

/// Temperature and truncation of draws. Any value is valid; one out of range counts as the nearest in range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SamplingParams {
    /// Divisor of the logits: below 1 favours likely ids, above 1 unlikely ones, 0 or less draws the likeliest.
    pub temperature: f32,
    /// Only this many of the likeliest ids are drawn from; 0 is no limit.
    pub top_k: usize,
    /// Only the likeliest ids that together reach this probability are drawn from, `0..=1`; 1 is no limit.
    pub top_p: f32,
}

impl Default for SamplingParams {
    fn default() -> Self {
        Self { temperature: 1.0, top_k: 0, top_p: 1.0 }
    }
}

/// The inputs of one draw apart from the logits. Equal keys draw equally.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrawKey {
    /// The user's seed.
    pub seed: u64,
    /// Index of the take.
    pub take: u32,
    /// Decode step, counted from the end of the prompt.
    pub step: u64,
    /// Index of the slot.
    pub slot: u32,
}

impl DrawKey {
    /// A number in `0.0..1.0`, in steps of 2^-32.
    ///
    /// # Source
    ///
    /// The finaliser and increment of splitmix64: Steele, Lea and Flood, *Fast Splittable Pseudorandom Number
    /// Generators* (OOPSLA 2014); public-domain code by Vigna, <https://prng.di.unimi.it/splitmix64.c>. Used as a
    /// hash of the key, one round a field.
    pub fn uniform(self) -> f64 {
        let high = u32::try_from(self.hash() >> 32).expect("a u64 shifted by 32 bits fits");
        f64::from(high) / 4_294_967_296.0
    }

    /// 64 bits that look random: a seed for what is drawn apart.
    pub fn hash(self) -> u64 {
        let fields = [self.seed, self.take.into(), self.step, self.slot.into()];
        fields.into_iter().fold(0, |hash, field| mix(hash ^ field))
    }
}

fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Draws ids. Its only state is working memory that is reused.
#[derive(Debug, Default)]
pub struct Sampler {
    /// (probability, not yet normed; id), the likeliest first.
    kept: Vec<(f32, u32)>,
}

impl Sampler {
    /// A sampler without working memory.
    pub fn new() -> Self {
        Self::default()
    }

    /// Draws an id.
    ///
    /// `logits` — indexed by `[id]`. `disallowed` — indexed by `[id]`, true for ids that must not be drawn; empty allows
    /// all. `None` if no id is allowed, or the logits are not numbers: relax the mask or do without an id.
    pub fn draw(
        &mut self,
        logits: &[f32],
        disallowed: &[bool],
        params: &SamplingParams,
        key: DrawKey,
    ) -> Option<u32> {
        let kept = &mut self.kept;
        kept.clear();
        for (idx, (logit, id)) in logits.iter().zip(0..).enumerate() {
            if !disallowed.get(idx).copied().unwrap_or(false) {
                kept.push((*logit, id));
            }
        }
        if kept.iter().any(|(logit, _)| logit.is_nan() || *logit == f32::INFINITY) {
            return None;
        }
        // Ties go to the smaller id, so that the order is the same on every machine.
        kept.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let (top, likeliest) = *kept.first().filter(|(logit, _)| logit.is_finite())?;
        if params.temperature.is_nan() || params.temperature < COLDEST {
            return Some(likeliest);
        }
        if params.top_k > 0 {
            kept.truncate(params.top_k);
        }
        for (weight, _) in kept.iter_mut() {
            *weight =
                if weight.is_finite() { kernel::exp((*weight - top) / params.temperature) } else { 0.0 };
        }
        let total = sum(kept);
        if params.top_p < 1.0 {
            let wanted = f64::from(params.top_p) * total;
            let mut reached = 0.0;
            let n = kept.iter().take_while(|(weight, _)| {
                let more = reached < wanted;
                reached += f64::from(*weight);
                more
            });
            let n = n.count().max(1);
            kept.truncate(n);
        }
        let mut left = key.uniform() * sum(kept);
        for (weight, id) in kept.iter() {
            left -= f64::from(*weight);
            if left < 0.0 {
                return Some(*id);
            }
        }
        Some(likeliest) // Rounding errors left no id.
    }
}

fn sum(kept: &[(f32, u32)]) -> f64 {
    kept.iter().map(|(weight, _)| f64::from(*weight)).sum()
}

/// Nats of `id`: minus the logarithm of its probability under the softmax of `logits`; with a `disallowed` mask (true
/// for ids that cannot come) the softmax is over the allowed ids only.
///
/// Infinity if `id` is disallowed or outside the logits; not-a-number if the logits are not numbers.
pub fn nats(logits: &[f32], disallowed: Option<&[bool]>, id: u32) -> f32 {
    let allowed = |idx: usize| !disallowed.is_some_and(|mask| mask.get(idx).copied().unwrap_or(false));
    let Some(idx) = usize::try_from(id).ok().filter(|idx| *idx < logits.len() && allowed(*idx)) else {
        return f32::INFINITY;
    };
    let among =
        || logits.iter().enumerate().filter(|(idx, _)| allowed(*idx)).map(|(_, logit)| f64::from(*logit));
    let top = among().fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = among().map(|logit| (logit - top).exp()).sum();
    narrow(total.ln() + top - f64::from(logits[idx]))
}

#[expect(clippy::cast_possible_truncation, reason = "a loss is reported in single precision")]
fn narrow(x: f64) -> f32 {
    x as f32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(step: u64) -> DrawKey {
        DrawKey { seed: 1, take: 2, step, slot: 3 }
    }

    fn draw(logits: &[f32], disallowed: &[bool], params: SamplingParams, step: u64) -> Option<u32> {
        Sampler::new().draw(logits, disallowed, &params, key(step))
    }

    fn argmax(logits: &[f32], disallowed: &[bool]) -> Option<u32> {
        let allowed = logits.iter().zip(disallowed).zip(0..).filter(|((_, no), _)| !**no);
        allowed.min_by(|((a, _), _), ((b, _), _)| b.total_cmp(a)).map(|(_, id)| id)
    }

    fn counts(logits: &[f32], params: SamplingParams, n: u64) -> Vec<f64> {
        let mut counts = vec![0.0; logits.len()];
        for step in 0..n {
            counts[usize::try_from(draw(logits, &[], params, step).unwrap()).unwrap()] += 1.0;
        }
        counts
    }

    proptest! {
        #[test]
        fn never_draws_what_is_masked(
            slots in prop::collection::vec((-30f32..30.0, any::<bool>()), 1..300),
            temperature in -1f32..3.0, top_k in 0usize..9, top_p in -0.5f32..1.5, step: u64,
        ) {
            let (logits, disallowed): (Vec<_>, Vec<_>) = slots.into_iter().unzip();
            let id = draw(&logits, &disallowed, SamplingParams { temperature, top_k, top_p }, step);
            match id {
                Some(id) => prop_assert!(!disallowed[usize::try_from(id).unwrap()]),
                None => prop_assert!(disallowed.iter().all(|no| *no)),
            }
        }

        #[test]
        fn limits_are_the_likeliest(
            slots in prop::collection::vec((-30f32..30.0, any::<bool>()), 1..300), step: u64, temperature in 0.1f32..3.0,
        ) {
            let (logits, disallowed): (Vec<_>, Vec<_>) = slots.into_iter().unzip();
            let expect = argmax(&logits, &disallowed);
            let all = SamplingParams::default();
            for params in [
                SamplingParams { top_k: 1, temperature, ..all },
                SamplingParams { top_p: 0.0, temperature, ..all },
                SamplingParams { temperature: 0.0, ..all },
                SamplingParams { temperature: f32::NAN, ..all },
            ] {
                prop_assert_eq!(draw(&logits, &disallowed, params, step), expect, "{:?}", params);
            }
        }

        #[test]
        fn any_numbers_are_survived(
            logits in prop::collection::vec(any::<f32>(), 0..40), disallowed in prop::collection::vec(any::<bool>(), 0..40),
            temperature: f32, top_k: usize, top_p: f32, step: u64, id: u32,
        ) {
            draw(&logits, &disallowed, SamplingParams { temperature, top_k, top_p }, step);
            nats(&logits, Some(&disallowed), id);
        }

        #[test]
        fn nats_are_those_of_a_distribution(logits in prop::collection::vec(-20f32..20.0, 1..100), shift in -50f32..50.0) {
            let ids = || 0..u32::try_from(logits.len()).unwrap();
            let total: f32 = ids().map(|id| (-nats(&logits, None, id)).exp()).sum();
            prop_assert!((total - 1.0).abs() < 1e-4, "{}", total);
            let shifted: Vec<_> = logits.iter().map(|x| x + shift).collect();
            prop_assert!(ids().all(|id| (nats(&logits, None, id) - nats(&shifted, None, id)).abs() < 1e-3));
        }
    }

    #[test]
    fn draws_follow_the_probabilities() {
        let logits: Vec<f32> = [0.5f32, 0.25, 0.125, 0.125].iter().map(|p| p.ln()).collect();
        let all = SamplingParams::default();
        for (params, expect) in [
            (all, [0.5, 0.25, 0.125, 0.125]),
            (SamplingParams { temperature: 0.5, ..all }, [0.7273, 0.1818, 0.0455, 0.0455]),
            (SamplingParams { top_k: 2, ..all }, [0.6667, 0.3333, 0.0, 0.0]),
            (SamplingParams { top_p: 0.7, ..all }, [0.6667, 0.3333, 0.0, 0.0]),
            (SamplingParams { top_p: 0.8, ..all }, [0.5714, 0.2857, 0.1429, 0.0]),
            // Top-k comes first: the nucleus is taken of the ids that it leaves.
            (SamplingParams { top_k: 2, top_p: 0.6, ..all }, [1.0, 0.0, 0.0, 0.0]),
        ] {
            for (count, expect) in counts(&logits, params, 20_000).into_iter().zip(expect) {
                assert!((count / 20_000.0 - expect).abs() < 0.015, "{params:?}: {count} {expect}");
            }
        }
    }

    #[test]
    fn a_draw_depends_on_every_field_of_its_key_and_on_nothing_else() {
        let logits = vec![0.0; 200];
        let all = SamplingParams::default();
        let mut used = Sampler::new();
        let base = DrawKey { seed: 5, take: 0, step: 0, slot: 0 };
        let draws = |change: &dyn Fn(u32) -> DrawKey| {
            (0..64).map(|n| Sampler::new().draw(&logits, &[], &all, change(n)).unwrap()).collect::<Vec<_>>()
        };
        let series = [
            draws(&|n| DrawKey { seed: n.into(), ..base }),
            draws(&|n| DrawKey { take: n, ..base }),
            draws(&|n| DrawKey { step: n.into(), ..base }),
            draws(&|n| DrawKey { slot: n, ..base }),
        ];
        for (i, a) in series.iter().enumerate() {
            let mut distinct = a.clone();
            distinct.sort_unstable();
            distinct.dedup();
            assert!(distinct.len() > 40, "{distinct:?}");
            for b in &series[..i] {
                assert!(a.iter().zip(b).filter(|(a, b)| a == b).count() < 8);
            }
        }
        for n in (0..64).rev() {
            let again = used.draw(&logits, &[], &all, DrawKey { step: n, ..base });
            assert_eq!(again, Some(series[2][usize::try_from(n).unwrap()]));
        }
    }

    #[test]
    fn what_cannot_be_drawn_from_is_none() {
        let all = SamplingParams::default();
        for (logits, disallowed) in [
            (&[][..], &[][..]),
            (&[1.0, 2.0], &[true, true]),
            (&[1.0, f32::NAN], &[]),
            (&[1.0, f32::INFINITY], &[]),
            (&[f32::NEG_INFINITY; 2], &[]),
        ] {
            assert_eq!(draw(logits, disallowed, all, 0), None, "{logits:?}");
        }
        assert_eq!(draw(&[f32::NAN, 1.0], &[true, false], all, 0), Some(1));
        assert_eq!(draw(&[f32::NEG_INFINITY, 1.0], &[], all, 0), Some(1));
        assert_eq!(nats(&[1.0, 1.0], Some(&[false, true]), 1), f32::INFINITY);
        assert!((nats(&[1.0, 1.0, 1.0], Some(&[false, true]), 0) - 2f32.ln()).abs() < 1e-6);
    }
}
