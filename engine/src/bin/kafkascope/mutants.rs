//! `kafkascope mutants`: what can be broken on purpose and, if asked, how many seeds it takes until a
//! check notices.

use kafkascope_engine::simulation::{Options, run_seed};
use kafkascope_engine::spec::Mutant;
use std::ops::RangeInclusive;
use std::process::ExitCode;

/// Lists them, or hunts each of them through the seeds. Exit 1 if one survives.
pub fn mutants(seeds: Option<RangeInclusive<u64>>) -> ExitCode {
    let Some(seeds) = seeds else {
        Mutant::names().for_each(|name| println!("{name}"));
        return ExitCode::SUCCESS;
    };
    let mutants = Mutant::ALL
        .iter()
        .map(|&mutant| (mutant.name(), Options { mutants: vec![mutant], ..Options::default() }));
    let mut survivors = 0;
    println!("{:<38} {:>6}  broken promise", "mutant", "seeds");
    for (name, options) in mutants {
        let caught = (1..)
            .zip(seeds.clone())
            .find_map(|(tried, seed)| Some((tried, run_seed(seed, &options).violation?)));
        match caught {
            Some((tried, violation)) => {
                let tried: u64 = tried;
                println!("{name:<38} {tried:>6}  {}", violation.broken.name());
            }
            None => {
                survivors += 1;
                println!("{name:<38} {:>6}  none: it survived", "-");
            }
        }
    }
    ExitCode::from(u8::from(survivors > 0))
}
