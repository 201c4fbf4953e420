//! Values over virtual time that change in steps: what charts draw, and what rates are read from.

use kafkascope_engine::sim::time::SimTime;

/// From `at` on, the value is this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    pub at: SimTime,
    pub value: i64,
}

/// A value that changes in steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Curve {
    points: Vec<Point>,
}

impl Curve {
    pub fn push(&mut self, point: Point) {
        match self.points.last_mut() {
            Some(last) if last.value == point.value => {}
            // Only the last value of a moment can be seen.
            Some(last) if last.at == point.at => *last = point,
            _ => self.points.push(point),
        }
    }

    pub fn first(&self) -> Option<i64> {
        self.points.first().map(|point| point.value)
    }

    /// The value at a moment; `None` before the first.
    pub fn value_at(&self, at: SimTime) -> Option<i64> {
        let after = self.points.partition_point(|point| point.at <= at);
        Some(self.points.get(after.checked_sub(1)?)?.value)
    }

    /// The corners of the stairs between two moments, at most about `columns` steps.
    pub fn stairs(&self, from: SimTime, to: SimTime, columns: u64) -> Vec<(SimTime, i64)> {
        let column_us = (to.since(from) / columns.max(1)).max(1);
        let mut corners: Vec<(SimTime, i64)> = Vec::new();
        let mut value = self.value_at(from);
        corners.extend(value.map(|value| (from, value)));
        let first = self.points.partition_point(|point| point.at <= from);
        let mut within = self.points[first..].iter().take_while(|point| point.at <= to).peekable();
        while let Some(point) = within.next() {
            let column = point.at.since(from) / column_us;
            // Of several steps in one column of pixels the last is enough.
            if within.peek().is_some_and(|next| next.at.since(from) / column_us == column) {
                continue;
            }
            corners.extend(value.map(|value| (point.at, value)));
            corners.push((point.at, point.value));
            value = Some(point.value);
        }
        corners.extend(value.map(|value| (to, value)));
        corners
    }
}
