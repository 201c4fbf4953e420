//! What is told of a message besides its names.

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    Request,
    Response,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DropReason {
    /// The link was cut when the message should have arrived.
    LinkCut,
    /// The link loses some of what it carries, and this was among it.
    LinkLossy,
    /// A person took it off the wire.
    TakenOff,
    /// The host has no power, so nobody answers.
    HostDown,
    /// Nobody waits for it any more: the asking process restarted, or gave up.
    NotExpected,
}
