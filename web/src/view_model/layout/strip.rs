//! Inside a strip: how big cells are, which offsets are shown, and where the marks and their labels go
//! without covering each other.

use crate::view_model::View;

/// How much of a replica there is room to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Density {
    /// One line: its name, small cells, the high watermark.
    Line,
    /// Name and marks in one row, cells below.
    Compact,
    /// Name, epochs, cells, and marks at their place.
    Full,
}

impl Density {
    pub fn height(self) -> f64 {
        match self {
            Density::Full => 92.0,
            Density::Compact => 46.0,
            Density::Line => 20.0,
        }
    }

    pub fn gap(self) -> f64 {
        match self {
            Density::Full => 10.0,
            Density::Compact => 6.0,
            Density::Line => 4.0,
        }
    }

    pub fn cell_height(self) -> f64 {
        match self {
            Density::Full => 26.0,
            Density::Compact => 18.0,
            Density::Line => 12.0,
        }
    }

    /// From the top of the strip to the top of its cells.
    pub fn cells_top(self) -> f64 {
        match self {
            Density::Full => 34.0,
            Density::Compact => 21.0,
            Density::Line => 4.0,
        }
    }

    /// The height of so many strips, but not more than there is room for.
    pub fn height_of(self, strips: usize, room: f64) -> f64 {
        let strips = strips.max(1) as f64;
        let wanted = strips * self.height() + (strips - 1.0) * self.gap();
        wanted.min(room.max(self.height()))
    }

    pub fn that_fits(view: &View, room: f64) -> Density {
        let strips = view.brokers().map(|node| node.replicas.len()).max().unwrap_or(0);
        [Density::Full, Density::Compact]
            .into_iter()
            .find(|density| density.height_of(strips, f64::MAX) <= room)
            .unwrap_or(Density::Line)
    }
}

/// Room for the name at the left of a one-line strip, and for the marks at its right.
pub const LINE_NAME: f64 = 66.0;
pub const LINE_MARKS: f64 = 44.0;

/// Which offsets a strip shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    pub first_offset: i64,
    pub slots: usize,
    pub pitch: f64,
}

impl Window {
    /// The last slot is kept free: there the next record will go.
    pub fn of(longest_end: i64, log_start: i64, width: f64, density: Density) -> Window {
        let digits = longest_end.max(0).to_string().len() as f64;
        let least = match density {
            Density::Line => 9.0,
            _ => (12.0 + digits * 7.0).max(24.0),
        };
        let width = if density == Density::Line { width - LINE_NAME - LINE_MARKS } else { width };
        let slots = ((width / least) as usize).max(2);
        let first_offset = (longest_end - slots as i64 + 1).max(log_start.min(longest_end)).max(0);
        Window { first_offset, slots, pitch: (width / slots as f64).min(least * 1.35) }
    }
}

/// Where a boundary before `offset` is, from the left end of the cells.
pub fn boundary(first_offset: i64, slots: usize, pitch: f64, offset: i64) -> f64 {
    (offset - first_offset).clamp(0, slots as i64) as f64 * pitch
}

/// Width of a text in the page's 10 px label type.
pub fn label_width(text: &str) -> f64 {
    text.chars().map(|c| if c.is_ascii() { 6.3 } else { 10.5 }).sum()
}

/// Left ends of the two labels below the cells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Labels {
    pub hw_left: f64,
    pub hw_width: f64,
    pub leo_left: f64,
}

/// HW's label ends at its mark, LEO's begins at its own; where that does not fit they make way.
pub fn place_labels(hw_text: &str, leo_text: &str, hw_x: f64, leo_x: f64, width: f64) -> Labels {
    const APART: f64 = 6.0;
    let hw_width = label_width(hw_text) + 12.0;
    let leo_width = label_width(leo_text);
    let right = width + 6.0;
    let mut hw_left = (hw_x - hw_width + 1.0).max(-2.0);
    let mut leo_left = (leo_x + 6.0).min(right - leo_width);
    if leo_left < hw_left + hw_width + APART {
        hw_left = (leo_left - APART - hw_width).max(-2.0).min(hw_left);
        leo_left = leo_left.max(hw_left + hw_width + APART);
    }
    Labels { hw_left, hw_width, leo_left }
}
