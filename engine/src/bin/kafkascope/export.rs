//! `kafkascope export`: runs a scenario and writes each node's disk, as its page cache has it, as a
//! real directory tree, for Kafka's own tools to read.

use crate::failed;
use crate::run::{read_script, report};
use kafkascope_engine::cluster::Cluster;
use kafkascope_engine::script::{Lang, transcript};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

pub struct Export {
    pub file: PathBuf,
    pub out: PathBuf,
}

pub fn export(request: Export) -> ExitCode {
    let Export { file, out } = request;
    let is_used = fs::read_dir(&out).is_ok_and(|mut entries| entries.next().is_some());
    if is_used || out.is_file() {
        let out = out.display();
        return failed(&format!("{out} is not an empty directory; name another, or empty it"));
    }
    let text = match read_script(&file) {
        Ok(text) => text,
        Err(what) => return failed(&what),
    };
    let done = transcript::run(&text, Lang::En);
    let surprises = done.surprises(&text);
    if !surprises.is_empty() {
        report(&file, surprises, Lang::En);
        return failed("nothing is exported, because the scenario failed");
    }
    match write_disks(&done.runner.machine.cluster, &out) {
        Ok(files) => {
            println!("{files} files in {}", out.display());
            ExitCode::SUCCESS
        }
        Err(error) => failed(&format!("{} cannot be written: {error}", out.display())),
    }
}

/// Returns how many files were written.
fn write_disks(cluster: &Cluster, out: &Path) -> io::Result<usize> {
    let mut files = 0;
    for node in cluster.nodes() {
        let root = out.join(node.id.to_string());
        fs::create_dir_all(&root)?;
        for path in node.disk.paths() {
            let relative = Path::new(&**path);
            // A name that a script made up must not lead out of the directory.
            if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
                return Err(io::Error::other(format!("{path} is no path inside a disk")));
            }
            let target = root.join(relative);
            if let Some(parent) = target.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(target, node.disk.read_all(path).unwrap_or_default())?;
            files += 1;
        }
    }
    Ok(files)
}
