//! What can be done to a client, a group's member or not, and to a group.

use super::{Action, Group, action};
use crate::i18n::stage::StageText;
use crate::view_model::View;
use kafkascope_engine::command::Command;
use kafkascope_engine::ids::ClientId;

/// How slow an application becomes by a click; the command's text says it, and can be changed.
const SLOW_MS: u64 = 2_000;

pub fn client_actions(view: &View, id: ClientId) -> Vec<Group> {
    let Some(client) = view.client(id).filter(|client| !client.closed) else {
        return Vec::new();
    };
    let name = || client.name.clone();
    let close = Command::CloseClient { client: name() };
    let kill = Command::KillClient { client: name(), after: None };
    let process = vec![
        action("action-close-client", StageText::CloseClient, "", close),
        action("action-kill-client", StageText::KillClient, "", kill),
    ];
    let mut groups = vec![Group { name: StageText::Process, actions: process }];
    if let Some(member) = &client.member {
        let takes = |processing_ms| Command::SetProcessing { client: name(), processing_ms };
        let slow = action("action-slow", StageText::SlowClient, "", takes(SLOW_MS));
        let quick = action("action-quick", StageText::QuickClient, "", takes(0));
        let choices = match member.processing_ms {
            0 => vec![slow],
            SLOW_MS => vec![quick],
            _ => vec![slow, quick],
        };
        groups.push(Group { name: StageText::Application, actions: choices });
        groups.extend(group_actions(view, &member.group));
    }
    groups
}

pub fn group_actions(view: &View, group: &str) -> Vec<Group> {
    let one_more = view.group(group).and_then(|group| group.one_more.clone());
    let add = one_more.map(|add| action("action-add-member", StageText::AddMember, "", add));
    let actions: Vec<Action> = add.into_iter().collect();
    if actions.is_empty() {
        return Vec::new();
    }
    vec![Group { name: StageText::Group, actions }]
}
