//! Every scenario in `testdata` prints what its file says. `UPDATE_TESTDATA=1` rewrites the files; read
//! the difference before you commit it.

use kafkascope_engine::script::{Lang, transcript};
use std::fs;
use std::path::{Path, PathBuf};

fn scenarios() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let entries = fs::read_dir(dir).expect("testdata is there");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "script"));
    files.sort();
    files
}

#[test]
fn scenarios_print_what_their_files_say() {
    let update = std::env::var_os("UPDATE_TESTDATA").is_some();
    let mut wrong = Vec::new();
    let files = scenarios();
    assert!(files.len() >= 8, "scenarios are missing");
    for file in &files {
        let text = fs::read_to_string(file).unwrap();
        let run = transcript::run(&text, Lang::En);
        let violation = run.runner.machine.cluster.violation();
        let of_the_past = !run.runner.machine.cluster.spec().history.is_fenced();
        assert!(violation.is_none() || of_the_past, "{}: {}", file.display(), violation.unwrap());
        if run.text == text {
            continue;
        }
        if update {
            fs::write(file, &run.text).unwrap();
        } else {
            wrong.push(format!("{}\n{}", file.display(), first_difference(&text, &run.text)));
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\nUPDATE_TESTDATA=1 cargo test -p kafkascope-engine --test scenarios rewrites them",
        wrong.join("\n")
    );
}

fn first_difference(expected: &str, found: &str) -> String {
    let pairs = (1..).zip(expected.lines().zip(found.lines()));
    match pairs.into_iter().find(|(_, (expected, found))| expected != found) {
        Some((line, (expected, found))) => {
            format!("line {line}\n  file: {expected}\n  now:  {found}")
        }
        None => format!("{} lines became {}", expected.lines().count(), found.lines().count()),
    }
}

/// Running what was printed prints the same: recorded output is never read back.
#[test]
fn running_a_transcript_again_changes_nothing() {
    for file in scenarios() {
        let once = transcript::run_transcript(&fs::read_to_string(&file).unwrap());
        assert_eq!(transcript::run_transcript(&once), once, "{}", file.display());
    }
}

/// The Korean words cover the same lines: nothing is told in one language only.
#[test]
fn scenarios_run_in_korean_too() {
    for file in scenarios() {
        let text = fs::read_to_string(&file).unwrap();
        let (ko, en) = (transcript::run(&text, Lang::Ko), transcript::run(&text, Lang::En));
        assert_eq!(ko.text.lines().count(), en.text.lines().count(), "{}", file.display());
        assert_eq!(ko.failures.len(), en.failures.len(), "{}", file.display());
        let open = ["이(가)", "은(는)", "을(를)", "과(와)", "(으)로", "(이)라"];
        assert!(!open.iter().any(|particle| ko.text.contains(particle)), "{}", file.display());
    }
}

/// A plain script is a scenario whose output is yet to be made.
#[test]
fn a_plain_script_becomes_a_transcript() {
    let text = transcript::run_transcript("# Hello\ncluster brokers=1 seed=1\n\nrun until ready\n");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[..4], ["# Hello", "$ cluster brokers=1 seed=1", "", "$ run until ready"]);
    assert!(lines[4..].iter().all(|line| !line.is_empty() && !line.starts_with(['$', '#'])));
    assert!(text.ends_with("every broker is ready\n"));
}
