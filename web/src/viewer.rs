//! What the byte viewer shows: whose disk, which file, which part of it. The page holds one; anything
//! may open it at a place. What it looks like is [`crate::panel::bytes`]'s.

use crate::notice::Text;
use crate::view_model::bytes::{segment_name, tree};
use kafkascope_engine::cluster::Cluster;
use kafkascope_engine::ids::NodeId;
use kafkascope_engine::sim::disk::Disk;
use leptos::prelude::*;
use std::sync::Arc;

/// Whose files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Node(NodeId),
    /// What a person has opened from outside.
    Opened,
}

/// Files from outside, as if they were a disk of their own. Nothing of the cluster changes by them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    pub name: Arc<str>,
    pub disk: Arc<Disk>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Bytes,
    LookUp,
    Cleaner,
    Codecs,
    Dump,
}

#[derive(Clone, Copy)]
pub struct Viewer {
    pub open: RwSignal<bool>,
    pub source: RwSignal<Source>,
    pub path: RwSignal<Option<Arc<str>>>,
    /// A byte of the block that is shown.
    pub at: RwSignal<usize>,
    pub mode: RwSignal<Mode>,
    pub opened: RwSignal<Option<Opened>>,
    /// Why files from outside are not shown.
    pub problem: RwSignal<Option<Text>>,
    /// Files are being dragged over the page.
    pub dragging: RwSignal<bool>,
}

impl Viewer {
    pub fn new() -> Self {
        Viewer {
            open: RwSignal::new(false),
            source: RwSignal::new(Source::Node(NodeId(1))),
            path: RwSignal::new(None),
            at: RwSignal::new(0),
            mode: RwSignal::new(Mode::Bytes),
            opened: RwSignal::new(None),
            problem: RwSignal::new(None),
            dragging: RwSignal::new(false),
        }
    }

    /// Opens at a byte of a file of a node's disk.
    pub fn show(&self, node: NodeId, path: Arc<str>, at: usize) {
        self.source.set(Source::Node(node));
        self.problem.set(None);
        self.mode.set(Mode::Bytes);
        self.go(path, at);
        self.open.set(true);
    }

    /// Opens a node's disk where there is most to see, in one directory if one is named.
    pub fn show_disk(&self, cluster: &Cluster, node: NodeId, dir: Option<&str>) {
        let mut directories =
            cluster.node(node).map_or(Vec::new(), |node| tree::directories(&node.disk));
        directories.retain(|directory| dir.is_none_or(|dir| directory.name == dir));
        self.source.set(Source::Node(node));
        self.problem.set(None);
        self.mode.set(Mode::Bytes);
        self.at.set(0);
        self.path.set(tree::first_choice(&directories));
        self.open.set(true);
    }

    pub fn go(&self, path: Arc<str>, at: usize) {
        self.path.set(Some(path));
        self.at.set(at);
    }

    /// The same place on another disk, if it has such a file.
    pub fn choose(&self, source: Source, disk: &Disk) {
        self.source.set(source);
        let kept = self
            .path
            .with_untracked(|path| path.as_ref().is_some_and(|path| disk.file(path).is_some()));
        if !kept {
            self.at.set(0);
            self.path.set(tree::first_choice(&tree::directories(disk)));
        }
    }

    /// Shows files from outside.
    pub fn show_opened(&self, opened: Opened) {
        let path = tree::first_choice(&tree::directories(&opened.disk));
        self.mode.set(Mode::Bytes);
        self.opened.set(Some(opened));
        self.source.set(Source::Opened);
        self.at.set(0);
        self.path.set(path);
        self.open.set(true);
    }

    /// The base offset of the segment that the shown file belongs to.
    pub fn segment(&self) -> Option<i64> {
        self.path.with(|path| segment_name(path.as_ref()?).map(|(base, _)| base))
    }
}
