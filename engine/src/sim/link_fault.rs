//! What a link does to the messages that it carries, in the way of tc-netem: holds them up, loses
//! some, delivers some twice, lets some be overtaken. A link that is cut is something else.

use serde::{Deserialize, Serialize};

/// Of one direction, for every API or for one. The default harms nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LinkFault {
    /// Every message takes longer by something between these two, up to [`DELAY_MS_MAX`]. Those behind
    /// it wait, as on a TCP connection.
    pub delay_ms: (u64, u64),
    /// 0 to 1000; drawn for each message when it should arrive.
    pub loss_per_mille: u32,
    /// 0 to 1000. The copy is late, and may come behind messages that were sent after it.
    pub duplicate_per_mille: u32,
    /// 0 to 1000: such a message is held back, and those behind it do not wait.
    pub reorder_per_mille: u32,
}

pub const DELAY_MS_MAX: u64 = 600_000;
pub const PER_MILLE_MAX: u32 = 1_000;
