//! Which runs to merge next: a function of their sizes and levels.

use std::ops::Range;

use crate::disk::limits::{RUN_IDS_MAX, SPREAD_RUNS_MAX, TIMED_MERGE_WIDTH};

/// The size of a run, and how often its ids were merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RunSize {
    pub(super) level: u8,
    pub(super) count: u64,
}

fn total(runs: &[RunSize]) -> u64 {
    runs.iter().fold(0, |sum, run| sum.saturating_add(run.count))
}

/// Runs with time, oldest first: the first eight neighbours of one level become one of the next. Neighbours in
/// age are neighbours in time, so the result is as narrow as they were together.
pub(super) fn choose_timed(runs: &[RunSize]) -> Option<Range<usize>> {
    let mut windows = runs.windows(TIMED_MERGE_WIDTH);
    let start = windows.position(|window| {
        let same = window.iter().zip(window.iter().skip(1)).all(|(one, next)| one.level == next.level);
        same && total(window) <= RUN_IDS_MAX
    })?;
    Some(start..start.saturating_add(TIMED_MERGE_WIDTH))
}

/// Spread runs, oldest first: more than eight are merged from the newest on, as long as an older one is not larger
/// than all newer ones together, and at least two.
pub(super) fn choose_spread(runs: &[RunSize]) -> Option<Range<usize>> {
    if runs.len() <= SPREAD_RUNS_MAX {
        return None;
    }
    let mut start = runs.len().saturating_sub(2);
    let mut merged = total(runs.get(start..)?);
    while let Some(older) = start.checked_sub(1).and_then(|index| runs.get(index)) {
        if older.count > merged {
            break;
        }
        merged = merged.saturating_add(older.count);
        start = start.saturating_sub(1);
    }
    (merged <= RUN_IDS_MAX).then_some(start..runs.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(counts: &[u64]) -> Vec<RunSize> {
        counts.iter().map(|count| RunSize { level: 0, count: *count }).collect()
    }

    #[test]
    fn spread_runs_are_merged_when_there_are_nine() {
        assert_eq!(choose_spread(&spread(&[1; 8])), None);
        assert_eq!(choose_spread(&spread(&[1; 9])), Some(0..9));
        assert_eq!(choose_spread(&spread(&[900, 64, 32, 16, 8, 4, 2, 1, 1])), Some(1..9));
        assert_eq!(choose_spread(&spread(&[900, 800, 700, 600, 500, 400, 300, 1, 1])), Some(7..9));
    }

    #[test]
    fn timed_runs_are_merged_by_level() {
        let runs = |levels: &[u8]| -> Vec<RunSize> {
            levels.iter().map(|level| RunSize { level: *level, count: 10 }).collect()
        };
        assert_eq!(choose_timed(&runs(&[0; 7])), None);
        assert_eq!(choose_timed(&runs(&[0; 8])), Some(0..8));
        assert_eq!(choose_timed(&runs(&[1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0])), Some(2..10));
        assert_eq!(choose_timed(&runs(&[1, 1, 1, 0, 0, 0, 0, 0, 0, 0])), None);
    }

    #[test]
    fn runs_that_would_be_too_large_stay() {
        let large = [RunSize { level: 3, count: RUN_IDS_MAX / 4 }; 9];
        assert_eq!(choose_timed(&large), None);
        assert_eq!(choose_spread(&large), None);
    }

    /// Over a long time each id is merged a few times only.
    #[test]
    fn spread_merges_cost_little() {
        let (mut runs, mut written) = (Vec::new(), 0_u64);
        for _ in 0..10_000 {
            runs.push(RunSize { level: 0, count: 100 });
            while let Some(range) = choose_spread(&runs) {
                let merged = total(&runs[range.clone()]);
                written += merged;
                runs.splice(range, [RunSize { level: 0, count: merged }]);
            }
            assert!(runs.len() <= SPREAD_RUNS_MAX);
        }
        assert!(written < 12 * total(&runs), "{written} of {}", total(&runs));
    }
}
