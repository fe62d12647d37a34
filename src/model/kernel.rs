//! The arithmetic below the network: matrix products, norms, softmax, `exp`. Plain `f32`.
//!
//! # Invariants
//!
//! A result is a function of its own inputs, to the last bit. Every output of a product is summed in the order of
//! its inputs by separate multiplications and additions (never fused), and sums over a row go through [`LANES`]
//! partial sums in a fixed order. So neither the number of rows computed together, nor the instruction set found at
//! run time, nor the place in a batch changes any bit. `exp` is implemented here for the same reason: the system's
//! differs between platforms.
//!
//! # Format
//!
//! A matrix (n_out, n_in) is packed as panels of `P` outputs: (n_out / P, n_in, P), the last filled up with zeros.
//! One broadcast input times one row of a panel then feeds `P` running sums that stay in registers.

use pulp::{Arch, Simd, WithSimd};

/// Outputs in a panel of weights, and cached positions in a panel of keys.
pub const PANEL: usize = 64;
/// Outputs in a panel of cached values; smaller, since a head is narrow.
pub const VALUE_PANEL: usize = 32;
/// Partial sums of a sum over a row.
const LANES: usize = 16;

/// A weight matrix (n_out, n_in), packed.
#[derive(Debug)]
pub struct Matrix {
    n_out: usize,
    n_in: usize,
    /// (ceil(n_out / PANEL), n_in, PANEL)
    panels: Vec<f32>,
}

impl Matrix {
    /// Packs `rows`: (n_out, n_in), row-major, with n_out the length of `rows` over `n_in`.
    pub fn pack(rows: &[f32], n_in: usize) -> Self {
        let n_out = rows.len() / n_in;
        let mut panels = vec![0.0; n_out.div_ceil(PANEL) * n_in * PANEL];
        for (o, row) in rows.chunks_exact(n_in).enumerate() {
            let panel = &mut panels[(o / PANEL) * n_in * PANEL..][..n_in * PANEL];
            for (to, from) in panel.iter_mut().skip(o % PANEL).step_by(PANEL).zip(row) {
                *to = *from;
            }
        }
        Self { n_out, n_in, panels }
    }

    /// `x`: (N, n_in) → `y`: (N, n_out).
    pub fn mul(&self, x: &[f32], y: &mut [f32]) {
        let n_rows = x.len() / self.n_in;
        Product::<PANEL> {
            panels: &self.panels,
            panel_stride: self.n_in * PANEL,
            n_in: self.n_in,
            n_out: self.n_out,
            x,
            x_stride: self.n_in,
            y,
            y_stride: self.n_out,
            n_rows,
        }
        .run();
    }
}

/// `y` = `x` times a packed matrix: (n_rows, n_in) → (n_rows, n_out).
pub struct Product<'a, const P: usize> {
    /// (ceil(n_out / P), at least n_in, P)
    pub panels: &'a [f32],
    /// From one panel to the next.
    pub panel_stride: usize,
    pub n_in: usize,
    pub n_out: usize,
    /// Rows of at least n_in numbers, `x_stride` apart.
    pub x: &'a [f32],
    pub x_stride: usize,
    /// Rows of at least n_out numbers, `y_stride` apart.
    pub y: &'a mut [f32],
    pub y_stride: usize,
    pub n_rows: usize,
}

impl<const P: usize> Product<'_, P> {
    /// Computes it with the widest instructions this machine has.
    pub fn run(self) {
        Arch::new().dispatch(self);
    }

    /// Rows `row..row + R` of the panel that starts at output `first`, `V` vectors of outputs at a time.
    #[inline(always)]
    fn tile<S: Simd, const V: usize, const R: usize>(&mut self, simd: S, first: usize, row: usize) {
        let width = P.min(self.n_out - first);
        let panel = &self.panels[first / P * self.panel_stride..][..self.n_in * P];
        let (panel, _) = panel.as_chunks::<P>();
        let panel = &panel[..self.n_in];
        let mut x: [&[f32]; R] = [&[]; R];
        for (r, x) in x.iter_mut().enumerate() {
            *x = &self.x[(row + r) * self.x_stride..][..self.n_in];
        }
        for strip in 0..P / (V * S::F32_LANES) {
            if strip * V * S::F32_LANES >= width {
                break;
            }
            let mut sums = [[simd.splat_f32s(0.0); V]; R];
            for c in 0..self.n_in {
                let (w, _) = S::as_simd_f32s(&panel[c]);
                for r in 0..R {
                    let x = simd.splat_f32s(x[r][c]);
                    for v in 0..V {
                        // Not fused, so that every machine rounds alike.
                        sums[r][v] = simd.add_f32s(sums[r][v], simd.mul_f32s(x, w[strip * V + v]));
                    }
                }
            }
            for (r, sums) in sums.iter().enumerate() {
                let y = &mut self.y[(row + r) * self.y_stride + first..][..width];
                for (v, sums) in sums.iter().enumerate() {
                    let at = (strip * V + v) * S::F32_LANES;
                    if at < width {
                        simd.partial_store_f32s(&mut y[at..width.min(at + S::F32_LANES)], *sums);
                    }
                }
            }
        }
    }

    #[inline(always)]
    fn all<S: Simd, const V: usize>(&mut self, simd: S) {
        // As many running sums as registers hold: 32 registers, but 16 with 8 lanes (AVX2).
        let most = if S::F32_LANES == 8 { 2 } else { 4 };
        for first in (0..self.n_out).step_by(P) {
            let mut row = 0;
            while row < self.n_rows {
                let n = most.min(self.n_rows - row);
                match n {
                    1 => self.tile::<S, V, 1>(simd, first, row),
                    2 => self.tile::<S, V, 2>(simd, first, row),
                    3 => self.tile::<S, V, 3>(simd, first, row),
                    _ => self.tile::<S, V, 4>(simd, first, row),
                }
                row += n;
            }
        }
    }
}

impl<const P: usize> WithSimd for Product<'_, P> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        if P / S::F32_LANES >= 4 { self.all::<S, 4>(simd) } else { self.all::<S, 2>(simd) }
    }
}

/// `x`, `y`: (N, C), `weight`: (C). `y = x / sqrt(mean(x²) + eps) * weight`, row by row.
pub fn rms_norm(x: &[f32], weight: &[f32], eps: f32, y: &mut [f32]) {
    Arch::new().dispatch(
        #[inline(always)]
        || {
            let width = weight.len();
            let mean = 1.0 / count(width);
            for (x, y) in x.chunks_exact(width).zip(y.chunks_exact_mut(width)) {
                let scale = 1.0 / (sum_of_squares(x) * mean + eps).sqrt();
                for ((y, x), w) in y.iter_mut().zip(x).zip(weight) {
                    *y = x * scale * w;
                }
            }
        },
    );
}

/// `x += y`.
pub fn add(x: &mut [f32], y: &[f32]) {
    Arch::new().dispatch(
        #[inline(always)]
        || {
            for (x, y) in x.iter_mut().zip(y) {
                *x += y;
            }
        },
    );
}

/// `x = silu(x)`.
pub fn silu(x: &mut [f32]) {
    Arch::new().dispatch(
        #[inline(always)]
        || {
            for x in x {
                *x /= 1.0 + exp(-*x);
            }
        },
    );
}

/// `gate_up`: (N, 2F), a gate and its value a row → `y`: (N, F), `silu(gate) * value`.
pub fn swiglu(gate_up: &[f32], hidden: usize, y: &mut [f32]) {
    Arch::new().dispatch(
        #[inline(always)]
        || {
            for (gate_up, y) in gate_up.chunks_exact(2 * hidden).zip(y.chunks_exact_mut(hidden)) {
                let (gate, up) = gate_up.split_at(hidden);
                for ((y, gate), up) in y.iter_mut().zip(gate).zip(up) {
                    *y = gate / (1.0 + exp(-*gate)) * up;
                }
            }
        },
    );
}

/// `x = softmax(scale * x)`; `scale` above 0.
pub fn softmax(x: &mut [f32], scale: f32) {
    Arch::new().dispatch(
        #[inline(always)]
        || {
            let top = largest(x);
            let mut sums = [0.0; LANES];
            let (chunks, rest) = x.as_chunks_mut::<LANES>();
            for chunk in chunks {
                for lane in 0..LANES {
                    chunk[lane] = exp((chunk[lane] - top) * scale);
                    sums[lane] += chunk[lane];
                }
            }
            for (x, sum) in rest.iter_mut().zip(&mut sums) {
                *x = exp((*x - top) * scale);
                *sum += *x;
            }
            let total = 1.0 / total(sums);
            for x in x {
                *x *= total;
            }
        },
    );
}

/// `exp(x)`, within 2e-7 of its value for `x` in `-87..=88`; outside, the nearer end's.
///
/// # Source
///
/// Cody and Waite, *Software Manual for the Elementary Functions* (1980): `x = n ln 2 + r`, then the series of `exp(r)`.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    /// 1.5 × 2^23: adding it leaves the nearest integer in the low bits.
    const ROUND: f32 = 12_582_912.0;
    /// ln 2 in two parts, the first with few bits, so that `n` times it is exact.
    const LN2: (f32, f32) = (0.693_359_4, -2.121_944_4e-4);
    let x = if x > -87.0 { x } else { -87.0 };
    let x = if x < 88.0 { x } else { 88.0 };
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * LN2.0 - n * LN2.1; // |r| ≤ ln 2 / 2
    let series = 1.0 / 720.0 + r * (1.0 / 5040.0);
    let series = 1.0 / 120.0 + r * series;
    let series = 1.0 / 24.0 + r * series;
    let series = 1.0 / 6.0 + r * series;
    let series = 0.5 + r * series;
    let series = 1.0 + r * (1.0 + r * series);
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(0x3f80_0000)); // 2^n
    series * power
}

#[inline(always)]
fn largest(x: &[f32]) -> f32 {
    let mut tops = [f32::NEG_INFINITY; LANES];
    let (chunks, rest) = x.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            tops[lane] = if chunk[lane] > tops[lane] { chunk[lane] } else { tops[lane] };
        }
    }
    rest.iter().chain(&tops).fold(f32::NEG_INFINITY, |top, x| if *x > top { *x } else { top })
}

#[inline(always)]
fn sum_of_squares(x: &[f32]) -> f32 {
    let mut sums = [0.0; LANES];
    let (chunks, rest) = x.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            sums[lane] += chunk[lane] * chunk[lane];
        }
    }
    for (x, sum) in rest.iter().zip(&mut sums) {
        *sum += x * x;
    }
    total(sums)
}

/// Adds up the partial sums, always in the same order.
#[inline(always)]
fn total(sums: [f32; LANES]) -> f32 {
    let mut total = 0.0;
    for sum in sums {
        total += sum;
    }
    total
}

/// A width as `f32`.
#[expect(clippy::cast_precision_loss, reason = "widths are at most 16384")]
pub fn count(n: usize) -> f32 {
    n as f32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn exp_is_exp(x in -87f32..88.0) {
            let expect = f64::from(x).exp();
            prop_assert!((f64::from(exp(x)) / expect - 1.0).abs() < 2e-7, "{} {}", exp(x), expect);
        }

        #[test]
        fn softmax_is_a_distribution(x in prop::collection::vec(-30f32..30.0, 1..100), scale in 0.1f32..2.0) {
            let mut y = x.clone();
            softmax(&mut y, scale);
            prop_assert!((y.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            let weight = |x: f32| (f64::from(x) * f64::from(scale)).exp();
            let total: f64 = x.iter().map(|x| weight(*x)).sum();
            for (x, y) in x.iter().zip(y) {
                prop_assert!((f64::from(y) - weight(*x) / total).abs() < 1e-5, "{} {}", x, y);
            }
        }

        #[test]
        fn a_product_sums_in_order(n_out in 1usize..150, n_in in 1usize..40, n_rows in 1usize..10, seed: u32) {
            let mut state = seed;
            let mut noise = |n| {
                let next = |_| {
                    state = state.wrapping_mul(1664525).wrapping_add(1013904223);
                    f32::from(u16::try_from(state >> 16).unwrap()) / 32768.0 - 1.0
                };
                (0..n).map(next).collect::<Vec<f32>>()
            };
            let (w, x) = (noise(n_out * n_in), noise(n_rows * n_in));
            let mut y = vec![f32::NAN; n_rows * n_out];
            Matrix::pack(&w, n_in).mul(&x, &mut y);
            for (x, y) in x.chunks(n_in).zip(y.chunks(n_out)) {
                for (w, y) in w.chunks(n_in).zip(y) {
                    let expect = w.iter().zip(x).fold(0.0, |sum, (w, x)| sum + w * x);
                    prop_assert_eq!(y.to_bits(), expect.to_bits());
                }
            }
        }
    }

    #[test]
    fn exp_ends_at_its_range() {
        assert_eq!((exp(-1e9), exp(f32::NEG_INFINITY), exp(1e9)), (exp(-87.0), exp(-87.0), exp(88.0)));
        assert!(exp(-87.0) > 0.0 && exp(88.0).is_finite() && exp(0.0) == 1.0);
    }
}
