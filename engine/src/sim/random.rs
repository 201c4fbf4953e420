//! Seeded chance: a small generator with its own range functions, and a stateless draw from ids.
//!
//! A library's distributions may change between minor versions, and with them every stored link;
//! these never do. Nothing here knows what is drawn, and there is no other source of chance.

/// The odd constant of SplitMix64, 2^64 divided by the golden ratio.
const GOLDEN_GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// SplitMix64 (Steele, Lea and Flood, 2014): 64 bits of state, each seed another stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimRng(u64);

impl SimRng {
    pub fn new(seed: u64) -> Self {
        SimRng(seed)
    }

    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN_GAMMA);
        finalize(self.0)
    }

    /// A number in `0..n`, every one equally likely (Lemire's multiply and reject).
    ///
    /// # Panics
    /// If `n` is 0: there is no such number.
    pub fn below(&mut self, n: u64) -> u64 {
        assert!(n > 0, "no number is below 0");
        let mut product = u128::from(self.next_u64()) * u128::from(n);
        if (product as u64) < n {
            let threshold = n.wrapping_neg() % n;
            while (product as u64) < threshold {
                product = u128::from(self.next_u64()) * u128::from(n);
            }
        }
        (product >> 64) as u64
    }

    /// A number in `lo..=hi`.
    pub fn range(&mut self, range: std::ops::RangeInclusive<u64>) -> u64 {
        let (lo, hi) = (*range.start(), *range.end());
        assert!(lo <= hi, "the range {lo}..={hi} is empty");
        match (hi - lo).checked_add(1) {
            Some(count) => lo + self.below(count),
            None => self.next_u64(),
        }
    }

    /// True `per_mille` times in a thousand; 1000 and more is always.
    pub fn chance(&mut self, per_mille: u32) -> bool {
        self.below(1000) < u64::from(per_mille)
    }

    /// One of `items`, every one equally likely; `None` if there is none.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        if items.is_empty() {
            return None;
        }
        items.get(self.below(items.len() as u64) as usize)
    }
}

/// A draw that depends on nothing but `parts`, in their order: the delay of an envelope is drawn
/// from (seed, envelope id), so that one more draw elsewhere does not reshuffle it.
pub fn mix(parts: &[u64]) -> u64 {
    let mut state = parts.len() as u64;
    for part in parts {
        state = finalize(state.wrapping_add(GOLDEN_GAMMA) ^ part);
    }
    finalize(state.wrapping_add(GOLDEN_GAMMA))
}

fn finalize(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_split_mix_64() {
        // The reference implementation's first numbers (Vigna, splitmix64.c) for seed 1234567.
        let mut rng = SimRng::new(1_234_567);
        let drawn: Vec<u64> = (0..5).map(|_| rng.next_u64()).collect();
        assert_eq!(
            drawn,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
                4_593_380_528_125_082_431,
                16_408_922_859_458_223_821,
            ]
        );
    }

    #[test]
    fn below_reaches_every_number_about_equally_often() {
        let mut rng = SimRng::new(1);
        let mut counts = [0u32; 7];
        for _ in 0..70_000 {
            counts[rng.below(7) as usize] += 1;
        }
        assert!(counts.iter().all(|count| (9_500..10_500).contains(count)), "{counts:?}");
        assert_eq!(rng.below(1), 0);
        assert!(rng.below(u64::MAX) < u64::MAX);
    }

    #[test]
    fn ranges_include_both_ends() {
        let mut rng = SimRng::new(2);
        let drawn: Vec<u64> = (0..200).map(|_| rng.range(5..=8)).collect();
        for wanted in 5..=8 {
            assert!(drawn.contains(&wanted));
        }
        assert!(drawn.iter().all(|n| (5..=8).contains(n)));
        assert_eq!(rng.range(9..=9), 9);
        rng.range(0..=u64::MAX);
    }

    #[test]
    fn chance_and_pick() {
        let mut rng = SimRng::new(3);
        assert!((0..100).all(|_| rng.chance(1000)));
        assert!((0..100).all(|_| !rng.chance(0)));
        let hits = (0..10_000).filter(|_| rng.chance(250)).count();
        assert!((2_300..2_700).contains(&hits), "{hits}");
        assert_eq!(rng.pick::<u8>(&[]), None);
        assert_eq!(rng.pick(&["only"]), Some(&"only"));
    }

    #[test]
    fn mix_depends_on_every_part_and_on_their_order() {
        assert_eq!(mix(&[1, 2, 3]), mix(&[1, 2, 3]));
        let others: [&[u64]; 5] = [&[1, 3, 2], &[1, 2], &[1, 2, 3, 0], &[0, 2, 3], &[]];
        for other in others {
            assert_ne!(mix(&[1, 2, 3]), mix(other), "{other:?}");
        }
    }
}
