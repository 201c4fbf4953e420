//! Small shapes that double a colour, as path data: state icons, hatching, marks.

use crate::view_model::NodeState;

/// Diagonal lines inside a rectangle, `step` apart.
pub fn hatch(width: f64, height: f64, step: f64) -> String {
    let mut path = String::new();
    let mut c = step / 2.0;
    while c < width + height {
        let (x1, y1) = if c <= height { (0.0, c) } else { (c - height, height) };
        let (x2, y2) = if c <= width { (c, 0.0) } else { (width, c - width) };
        path.push_str(&format!("M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}"));
        c += step;
    }
    path
}

/// An icon for a state, about 12 by 12 around the origin. Drawn with strokes.
pub fn state_icon(state: NodeState) -> &'static str {
    match state {
        NodeState::Running => "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0",
        NodeState::Starting => "M-4 0a4 4 0 1 1 4 4",
        NodeState::Fenced => "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0M-3 3L3 -3",
        NodeState::Unregistered => "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0M-3 -3L3 3M3 -3L-3 3",
        NodeState::Stopping => "M-3.5 -3.5h7v7h-7z",
        NodeState::Paused => "M-2.2 -4v8M2.2 -4v8",
        NodeState::Down => "M-3.5 -3.5L3.5 3.5M3.5 -3.5L-3.5 3.5",
        NodeState::NoPower => "M1 -5L-3 1H3L-1 5",
    }
}

/// Which of the four colour families a leader epoch has.
pub fn epoch_class(leader_epoch: i32) -> &'static str {
    match leader_epoch.rem_euclid(4) {
        0 => "epoch-0",
        1 => "epoch-1",
        2 => "epoch-2",
        _ => "epoch-3",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hatching_stays_inside() {
        let path = hatch(24.0, 26.0, 6.0);
        let numbers = path.split(['M', 'L', ' ']).filter(|part| !part.is_empty());
        assert!(
            numbers.map(|n| n.parse::<f64>().unwrap()).all(|n| (0.0..=26.0).contains(&n)),
            "{path}"
        );
    }
}
