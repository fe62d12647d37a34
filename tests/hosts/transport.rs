//! The host's time, as a test scripts it.

/// Where the host is and how it moves on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transport {
    /// Whether time runs.
    pub is_playing: bool,
    /// Beats (quarter notes) per minute.
    pub tempo: f64,
    /// Position of the next sample, in beats.
    pub beat: f64,
    /// Start and end in beats.
    pub loop_range: Option<(f64, f64)>,
}

impl Default for Transport {
    /// At rest at the start.
    fn default() -> Self {
        Self { is_playing: false, tempo: 120.0, beat: 0.0, loop_range: None }
    }
}

impl Transport {
    /// Where the bar began, in beats; bars have four.
    pub fn bar_start(&self) -> f64 {
        (self.beat / 4.0).floor() * 4.0
    }

    /// Goes on by `n_samples` at `rate` hertz; goes round the loop, as hosts do that do not cut blocks at its end.
    pub fn advance(&mut self, n_samples: u32, rate: f64) {
        if !self.is_playing {
            return;
        }
        let before = self.beat;
        self.beat += f64::from(n_samples) * self.tempo / 60.0 / rate;
        if let Some((start, end)) = self.loop_range
            && before < end
            && self.beat >= end
        {
            self.beat = start + (self.beat - end) % (end - start);
        }
    }
}
