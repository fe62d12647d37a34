//! The host's time, as a test scripts it.

/// Where the host is and how it moves on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transport {
    /// Whether time runs.
    pub is_playing: bool,
    /// Beats (quarter notes) per minute.
    pub tempo: f64,
    /// Beats per minute by which the tempo changes with every sample.
    pub tempo_step: f64,
    /// Position of the next sample, in beats.
    pub beat: f64,
    /// Beats of a bar, and which note is one: 4 for quarters.
    pub meter: (u16, u16),
    /// Start and end in beats.
    pub loop_range: Option<(f64, f64)>,
}

impl Default for Transport {
    /// At rest at the start.
    fn default() -> Self {
        Self { is_playing: false, tempo: 120.0, tempo_step: 0.0, beat: 0.0, meter: (4, 4), loop_range: None }
    }
}

impl Transport {
    /// Where the bar began, in quarter notes; the first bar begins at 0.
    pub fn bar_start(&self) -> f64 {
        let (n_beats, unit) = self.meter;
        let bar = f64::from(n_beats) * 4.0 / f64::from(unit);
        (self.beat / bar).floor() * bar
    }

    /// Goes on by `n_samples` at `rate` hertz; goes round the loop, as hosts do that do not cut blocks at its end. A tempo
    /// that changes goes no further than hosts let it.
    pub fn advance(&mut self, n_samples: u32, rate: f64) {
        if !self.is_playing {
            return;
        }
        let before = self.beat;
        let tempo = (self.tempo + self.tempo_step * f64::from(n_samples)).clamp(20.0, 400.0);
        self.beat += f64::from(n_samples) * f64::midpoint(self.tempo, tempo) / 60.0 / rate;
        self.tempo = tempo;
        if let Some((start, end)) = self.loop_range
            && before < end
            && self.beat >= end
        {
            self.beat = start + (self.beat - end) % (end - start);
        }
    }
}
