//! `kafkascope mutants`: what can be broken on purpose and, if asked, how many seeds it takes until a
//! check notices.

use crate::seeds::run_seeds;
use kafkascope_engine::simulation::Options;
use kafkascope_engine::spec::Mutant;
use std::ops::{ControlFlow, RangeInclusive};
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
        let (mut tried, mut caught) = (0, None);
        run_seeds(seeds.clone(), &options, |outcome| {
            tried += 1;
            caught = outcome.violation;
            if caught.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        match caught {
            Some(violation) => {
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
