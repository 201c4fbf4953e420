//! Points, rectangles and the curves that links are drawn along. One unit is one CSS pixel.

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Rect {
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    pub fn center(&self) -> Point {
        Point { x: self.x + self.width / 2.0, y: self.y + self.height / 2.0 }
    }

    #[cfg(test)]
    pub fn overlaps(&self, other: &Rect) -> bool {
        self.x < other.right()
            && other.x < self.right()
            && self.y < other.bottom()
            && other.y < self.bottom()
    }
}

const SAMPLES: usize = 24;

/// A cubic curve that is walked at even speed.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    points: [Point; 4],
    /// Length up to each sample, as a part of the whole.
    lengths: [f64; SAMPLES + 1],
    pub length: f64,
}

impl Curve {
    pub fn new(points: [Point; 4]) -> Self {
        let mut lengths = [0.0; SAMPLES + 1];
        let mut before = points[0];
        for index in 1..=SAMPLES {
            let here = bezier(&points, index as f64 / SAMPLES as f64);
            lengths[index] = lengths[index - 1] + (here.x - before.x).hypot(here.y - before.y);
            before = here;
        }
        let whole = lengths[SAMPLES].max(1e-9);
        lengths.iter_mut().for_each(|length| *length /= whole);
        Curve { points, lengths, length: whole }
    }

    /// The point after a part of the way, 0 to 1, shifted to the side by `lane`.
    pub fn at(&self, part: f64, lane: f64) -> Point {
        let t = self.parameter(part.clamp(0.0, 1.0));
        let here = bezier(&self.points, t);
        let (a, b) =
            (bezier(&self.points, (t - 0.02).max(0.0)), bezier(&self.points, (t + 0.02).min(1.0)));
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let length = dx.hypot(dy).max(1e-9);
        Point { x: here.x - dy / length * lane, y: here.y + dx / length * lane }
    }

    fn parameter(&self, part: f64) -> f64 {
        let after = self.lengths.partition_point(|&length| length < part).clamp(1, SAMPLES);
        let (low, high) = (self.lengths[after - 1], self.lengths[after]);
        let within = if high > low { (part - low) / (high - low) } else { 0.0 };
        (after as f64 - 1.0 + within) / SAMPLES as f64
    }

    pub fn path(&self) -> String {
        let [a, b, c, d] = self.points;
        format!(
            "M{:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}",
            a.x, a.y, b.x, b.y, c.x, c.y, d.x, d.y
        )
    }

    /// The part of the curve between two parts of the way, as a path: what a cut leaves.
    pub fn piece(&self, from: f64, to: f64) -> String {
        let mut path = String::new();
        for index in 0..=8 {
            let part = from + (to - from) * f64::from(index) / 8.0;
            let point = self.at(part, 0.0);
            let command = if index == 0 { 'M' } else { 'L' };
            path.push_str(&format!("{command}{:.1} {:.1}", point.x, point.y));
        }
        path
    }
}

fn bezier(p: &[Point; 4], t: f64) -> Point {
    let u = 1.0 - t;
    let (a, b, c, d) = (u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t);
    Point {
        x: a * p[0].x + b * p[1].x + c * p[2].x + d * p[3].x,
        y: a * p[0].y + b * p[1].y + c * p[2].y + d * p[3].y,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_walked_at_even_speed_from_end_to_end() {
        let point = |x, y| Point { x, y };
        let curve =
            Curve::new([point(0.0, 0.0), point(0.0, 90.0), point(200.0, 90.0), point(200.0, 0.0)]);
        assert_eq!((curve.at(0.0, 0.0), curve.at(1.0, 0.0)), (point(0.0, 0.0), point(200.0, 0.0)));
        let steps: Vec<f64> = (0..10)
            .map(|i| {
                let (a, b) =
                    (curve.at(f64::from(i) / 10.0, 0.0), curve.at(f64::from(i + 1) / 10.0, 0.0));
                (b.x - a.x).hypot(b.y - a.y)
            })
            .collect();
        let (least, most) = (
            steps.iter().copied().fold(f64::MAX, f64::min),
            steps.iter().copied().fold(0.0, f64::max),
        );
        assert!(most / least < 1.1, "{steps:?}");
        assert!((curve.at(0.5, 0.0).x - 100.0).abs() < 0.5);
    }
}
