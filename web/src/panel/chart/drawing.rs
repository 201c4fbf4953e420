//! The chart as a list of lines and texts: axes and curves laid out by plotters, labels at the ends
//! of the curves pushed apart. Pure; what is drawn comes from [`super::curves`].

use super::curves::{ClusterCurves, PartitionCurves};
use super::recorder::{Ink, POSITIONS_MAX, Recorder, Shape};
use crate::view_model::groups::story::Story;
use crate::view_model::stairs::Curve;
use kafkascope_engine::ids::ClientId;
use kafkascope_engine::sim::time::SimTime;
use plotters::prelude::*;
use std::cmp::Reverse;

/// Which part of virtual time is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: SimTime,
    pub to: SimTime,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    pub shapes: Vec<Shape>,
    /// Where the curves are: from left to right, in pixels.
    columns: (i32, i32),
    pub size: (u32, u32),
    pub span: Span,
}

impl Drawing {
    /// The moment under a column of pixels.
    pub fn time_at(&self, x: i32) -> SimTime {
        let (left, right) = self.columns;
        let within = (x.clamp(left, right) - left) as u64;
        let width = (right - left).max(1) as u64;
        self.span.from
            + (u128::from(self.span.to.since(self.span.from)) * u128::from(within)
                / u128::from(width)) as u64
    }
}

/// A curve and what is written at its end.
pub struct Series<'a> {
    pub curve: &'a Curve,
    pub ink: Ink,
    pub name: String,
}

/// The curves of a partition, what matters most first. Where they run together all of them can be
/// seen: the later ones are thinner, dashed, and lie on top.
pub fn series<'a>(
    curves: &'a PartitionCurves,
    mut client_name: impl FnMut(ClientId) -> String,
) -> Vec<Series<'a>> {
    let high_watermark =
        Series { curve: &curves.high_watermark, ink: Ink::HighWatermark, name: "HW".into() };
    let log_end = Series { curve: &curves.log_end, ink: Ink::LogEnd, name: "LEO".into() };
    let position = |(n, (client, curve)): (usize, (&ClientId, &'a Curve))| Series {
        curve,
        ink: Ink::Position(n as u8),
        name: client_name(*client),
    };
    let positions = curves.positions.iter().take(POSITIONS_MAX).enumerate().map(position);
    [high_watermark, log_end].into_iter().chain(positions).collect()
}

/// How far a group is behind, in all and in the partitions where it is most at a moment.
pub fn lag_series(story: &Story, now: SimTime) -> Vec<Series<'_>> {
    let mut partitions: Vec<_> = story.partitions.iter().collect();
    partitions.sort_by_key(|(_, track)| Reverse(track.lag.value_at(now)));
    let most = partitions.into_iter().take(POSITIONS_MAX).enumerate();
    let each = most.map(|(n, (id, track))| Series {
        curve: &track.lag,
        ink: Ink::Position(n as u8),
        name: id.to_string(),
    });
    let all = Series { curve: &story.lag, ink: Ink::Lag, name: "lag".into() };
    std::iter::once(all).chain(each).collect()
}

/// The curves of the cluster, by Kafka's names.
pub fn cluster_series(curves: &ClusterCurves) -> Vec<Series<'_>> {
    [
        (&curves.offline, Ink::Offline, "OfflinePartitionsCount"),
        (&curves.under_replicated, Ink::UnderReplicated, "UnderReplicatedPartitions"),
        (&curves.elections, Ink::Elections, "LeaderElections"),
        (&curves.isr_shrinks, Ink::IsrShrinks, "IsrShrinks"),
        (&curves.isr_expands, Ink::IsrExpands, "IsrExpands"),
    ]
    .into_iter()
    .map(|(curve, ink, name)| Series { curve, ink, name: name.to_string() })
    .collect()
}

const LABEL_PX: i32 = 14;
const LABELS_WIDTH_PX: u32 = 108;

/// `None` if there is no room.
pub fn draw(
    series: &[Series<'_>],
    span: Span,
    now: SimTime,
    (width, height): (u32, u32),
) -> Option<Drawing> {
    if width < 160 || height < 60 || span.to <= span.from {
        return None;
    }
    let stairs: Vec<_> =
        series.iter().map(|one| one.curve.stairs(span.from, span.to, u64::from(width))).collect();
    let values = || stairs.iter().flatten().map(|(_, value)| *value);
    let (low, high) = (values().min().unwrap_or(0), values().max().unwrap_or(0));
    // From zero, unless that would squeeze the curves into the upper half.
    let low = if low <= high / 2 { 0 } else { low };
    let high = high.max(low + 4);

    let mut shapes = Vec::new();
    let root = Recorder { size: (width, height), shapes: &mut shapes }.into_drawing_area();
    let mut chart = ChartBuilder::on(&root)
        .margin_top(10)
        .margin_right(LABELS_WIDTH_PX)
        .x_label_area_size(24)
        .y_label_area_size(44)
        .build_cartesian_2d(span.from.0..span.to.0, low..high)
        .ok()?;
    let label = ("sans-serif", 11).into_font().color(&Ink::Label);
    chart
        .configure_mesh()
        .x_labels(((width - LABELS_WIDTH_PX) / 96).max(2) as usize)
        .y_labels((height / 22).clamp(2, 8) as usize)
        .x_label_formatter(&|at| short_time(SimTime(*at), span))
        .y_label_formatter(&|offset| offset.to_string())
        .label_style(label)
        .axis_style(Ink::Axis.as_color())
        .bold_line_style(Ink::Grid.as_color())
        .light_line_style(Ink::None.as_color())
        .draw()
        .ok()?;
    for (one, stairs) in series.iter().zip(&stairs) {
        let points = stairs.iter().map(|(at, value)| (at.0, *value));
        chart.draw_series(LineSeries::new(points, Ink::as_color(one.ink))).ok()?;
    }
    let (columns, rows) = chart.plotting_area().get_pixel_range();
    let mut ends: Vec<(i32, usize)> = stairs
        .iter()
        .enumerate()
        .filter_map(|(n, stairs)| {
            let (at, value) = stairs.last()?;
            Some((chart.backend_coord(&(at.0, *value)).1, n))
        })
        .collect();
    let cursor = (now >= span.from && now <= span.to).then(|| chart.backend_coord(&(now.0, low)).0);
    drop(chart);
    drop(root);

    if let Some(x) = cursor {
        let points = format!("{x},{} {x},{}", rows.start, rows.end);
        shapes.push(Shape::Line { points, ink: Ink::Cursor });
    }
    push_apart(&mut ends, rows.start, rows.end);
    for (y, n) in ends {
        let Some((_, value)) = stairs[n].last() else {
            continue;
        };
        let text = format!("{} {value}", shortened(&series[n].name));
        shapes.push(Shape::Text {
            x: columns.end + 8,
            y: y + 4,
            anchor: "start",
            text,
            ink: series[n].ink,
        });
    }
    Some(Drawing { shapes, columns: (columns.start, columns.end), size: (width, height), span })
}

/// Moves labels that would cover each other apart, and keeps them between `top` and `bottom`. Of
/// several at one height the first series comes first.
fn push_apart(ends: &mut [(i32, usize)], top: i32, bottom: i32) {
    ends.sort();
    let mut free = top;
    for (y, _) in ends.iter_mut() {
        *y = (*y).max(free);
        free = *y + LABEL_PX;
    }
    let mut free = bottom;
    for (y, _) in ends.iter_mut().rev() {
        *y = (*y).min(free);
        free = *y - LABEL_PX;
    }
}

/// Names of clients may be long; the room beside the chart is not.
fn shortened(name: &str) -> String {
    const MAX: usize = 11;
    if name.chars().count() <= MAX {
        return name.to_string();
    }
    name.chars().take(MAX - 1).chain(['…']).collect()
}

/// A tick of the time axis, without digits that are the same everywhere.
fn short_time(at: SimTime, span: Span) -> String {
    let whole = at.to_string();
    match span.to.since(span.from) {
        0..20_000_000 => whole,
        _ => whole.rsplit_once('.').map_or(whole.clone(), |(seconds, _)| seconds.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_do_not_cover_each_other() {
        let apart = |mut ends: Vec<(i32, usize)>| {
            push_apart(&mut ends, 0, 90);
            ends
        };
        assert_eq!(apart(vec![(50, 1), (50, 0), (10, 2)]), [(10, 2), (50, 0), (64, 1)]);
        assert_eq!(apart(vec![(0, 1), (0, 0)]), [(0, 0), (14, 1)]);
        assert_eq!(apart(vec![(89, 0), (90, 1), (70, 2)]), [(62, 2), (76, 0), (90, 1)]);
    }

    #[test]
    fn an_empty_history_still_has_axes_and_a_click_finds_its_time() {
        let history = PartitionCurves::default();
        let span = Span { from: SimTime(0), to: SimTime(1_000_000) };
        let all = series(&history, |_| String::new());
        let drawing = draw(&all, span, SimTime(500_000), (600, 140)).unwrap();
        let lines = |ink| {
            drawing
                .shapes
                .iter()
                .filter(|s| matches!(s, Shape::Line { ink: i, .. } if *i == ink))
                .count()
        };
        assert_eq!((lines(Ink::Cursor), lines(Ink::LogEnd)), (1, 0));
        assert!(lines(Ink::Axis) > 0 && lines(Ink::Grid) > 0);
        let (left, right) = drawing.columns;
        assert_eq!(drawing.time_at(left - 20), span.from);
        assert_eq!(drawing.time_at(right + 20), span.to);
        assert!(drawing.time_at((left + right) / 2).0.abs_diff(500_000) < 2_000);
        assert!(draw(&all, span, SimTime(0), (100, 20)).is_none());
    }
}
