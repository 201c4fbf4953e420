//! Which leader's records a log holds: its leader epochs, as far as events tell.

/// Runs of offsets, each from where it begins to where the next one does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lineage {
    runs: Vec<(i64, i32)>,
    end: i64,
}

impl Lineage {
    pub fn append(&mut self, base_offset: i64, last_offset: i64, epoch: i32) {
        if self.runs.last().is_none_or(|(_, last)| *last != epoch) {
            self.runs.push((base_offset, epoch));
        }
        self.end = last_offset + 1;
    }

    /// Takes over what another log holds there.
    pub fn copy(&mut self, from: &Lineage, base_offset: i64, last_offset: i64) {
        for offset in base_offset..=last_offset {
            if let Some(epoch) = from.epoch_at(offset) {
                self.append(offset, offset, epoch);
            }
        }
    }

    pub fn truncate(&mut self, to: i64) {
        self.runs.retain(|(start, _)| *start < to);
        self.end = self.end.min(to);
    }

    /// The first offset that both have, from different leaders.
    pub fn parts_from(&self, other: &Lineage) -> Option<i64> {
        let starts = self.runs.iter().chain(&other.runs).map(|(start, _)| *start);
        let differs = |at: &i64| match (self.epoch_at(*at), other.epoch_at(*at)) {
            (Some(mine), Some(other)) => mine != other,
            _ => false,
        };
        starts.filter(differs).min()
    }

    fn epoch_at(&self, offset: i64) -> Option<i32> {
        let run = self.runs.iter().rev().find(|(start, _)| *start <= offset);
        run.filter(|_| offset < self.end).map(|(_, epoch)| *epoch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_part_where_their_leaders_do() {
        let mut leader = Lineage::default();
        leader.append(0, 1, 0);
        let mut follower = Lineage::default();
        follower.copy(&leader, 0, 1);
        assert_eq!(follower, leader);
        leader.truncate(1);
        assert_eq!(follower.parts_from(&leader), None, "one is shorter");
        leader.append(1, 3, 2);
        assert_eq!(follower.parts_from(&leader), Some(1));
        assert_eq!(leader.parts_from(&follower), Some(1));
        follower.truncate(1);
        follower.copy(&leader, 1, 3);
        assert_eq!(follower, leader);
    }
}
