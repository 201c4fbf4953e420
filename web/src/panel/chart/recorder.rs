//! A plotters backend that neither paints nor measures: it writes down lines and texts, which the
//! page then makes SVG nodes of. So no markup is ever made from a string, colours stay in the style
//! sheet, and no label is measured through the document (which costs plotters 2-3 ms a chart).

use plotters::prelude::{Color, DrawingBackend};
use plotters::style::RGBAColor;
use plotters::style::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind,
};
use std::convert::Infallible;

/// What a line or a text is for. plotters knows colours only, so the part travels as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    None,
    Axis,
    Grid,
    Label,
    LogEnd,
    HighWatermark,
    Position(u8),
    Offline,
    UnderReplicated,
    Lag,
    Elections,
    IsrShrinks,
    IsrExpands,
    Cursor,
}

/// More consumers than this would not be told apart.
pub const POSITIONS_MAX: usize = 3;

impl Ink {
    const ALL: [Ink; 16] = [
        Ink::None,
        Ink::Axis,
        Ink::Grid,
        Ink::Label,
        Ink::LogEnd,
        Ink::HighWatermark,
        Ink::Position(0),
        Ink::Position(1),
        Ink::Position(2),
        Ink::Offline,
        Ink::UnderReplicated,
        Ink::Lag,
        Ink::Elections,
        Ink::IsrShrinks,
        Ink::IsrExpands,
        Ink::Cursor,
    ];

    /// The CSS class; colour and dash pattern are in `style/chart.css`.
    pub fn class(self) -> &'static str {
        match self {
            Ink::None => "chart-none",
            Ink::Axis => "chart-axis",
            Ink::Grid => "chart-grid",
            Ink::Label => "chart-label",
            Ink::LogEnd => "chart-leo",
            Ink::HighWatermark => "chart-hw",
            Ink::Position(0) => "chart-position-0",
            Ink::Position(1) => "chart-position-1",
            Ink::Position(_) => "chart-position-2",
            Ink::Offline => "chart-offline",
            Ink::UnderReplicated => "chart-under-replicated",
            Ink::Lag => "chart-lag",
            Ink::Elections => "chart-elections",
            Ink::IsrShrinks => "chart-isr-shrinks",
            Ink::IsrExpands => "chart-isr-expands",
            Ink::Cursor => "chart-cursor",
        }
    }

    pub fn as_color(self) -> RGBAColor {
        let code = Ink::ALL.iter().position(|ink| *ink == self).unwrap_or(0);
        RGBAColor(code as u8, 0, 0, if self == Ink::None { 0.0 } else { 1.0 })
    }

    fn of(color: BackendColor) -> Ink {
        Ink::ALL.get(usize::from(color.rgb.0)).copied().unwrap_or(Ink::None)
    }
}

impl Color for Ink {
    fn to_backend_color(&self) -> BackendColor {
        self.as_color().to_backend_color()
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    Line { points: String, ink: Ink },
    Text { x: i32, y: i32, anchor: &'static str, text: String, ink: Ink },
}

pub struct Recorder<'a> {
    pub size: (u32, u32),
    pub shapes: &'a mut Vec<Shape>,
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Recorder<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    /// Only rasters are made of pixels, and there are none here.
    fn draw_pixel(&mut self, _: BackendCoord, _: BackendColor) -> Drawn {
        Ok(())
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let ink = Ink::of(style.color());
        if ink != Ink::None {
            let points: Vec<_> = path.into_iter().map(|(x, y)| format!("{x},{y}")).collect();
            self.shapes.push(Shape::Line { points: points.join(" "), ink });
        }
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        (x, y): BackendCoord,
    ) -> Drawn {
        let anchor = style.anchor();
        let shape = Shape::Text {
            x,
            // From where the anchor is to the line on which the letters stand.
            y: y + match anchor.v_pos {
                VPos::Top => 10,
                VPos::Center => 4,
                VPos::Bottom => -2,
            },
            anchor: match anchor.h_pos {
                HPos::Left => "start",
                HPos::Center => "middle",
                HPos::Right => "end",
            },
            text: text.to_string(),
            ink: Ink::of(style.color()),
        };
        self.shapes.push(shape);
        Ok(())
    }

    /// About what a sans serif takes; good enough to leave room for a number.
    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let size = style.size();
        Ok(((text.chars().count() as f64 * size * 0.6) as u32, size as u32))
    }
}
