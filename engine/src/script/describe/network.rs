//! What happens to messages, in words.

use super::Teller;
use crate::event::{Direction, DropReason};
use crate::ids::{EnvelopeId, NodeId};
use crate::protocol::Api;
use crate::script::lang::say;
use crate::sim::time::SimTime;

impl Teller<'_> {
    pub(super) fn sent(
        &self,
        id: &EnvelopeId,
        api: Api,
        direction: Direction,
        due: SimTime,
    ) -> String {
        let ((from, to), api) = (self.ends(id), api.name());
        match direction {
            Direction::Request => say!(
                self.lang,
                "{from}이(가) {to}에 {api} 요청을 보냈습니다. {due}에 도착합니다.",
                "{from} sent {to} a {api} request, due at {due}."
            ),
            Direction::Response => say!(
                self.lang,
                "{from}이(가) {to}의 {api} 요청에 답했습니다. {due}에 도착합니다.",
                "{from} answered the {api} of {to}, due at {due}."
            ),
        }
    }

    pub(super) fn delivered(&self, id: &EnvelopeId, api: Api, direction: Direction) -> String {
        let ((from, to), api) = (self.ends(id), api.name());
        match direction {
            Direction::Request => say!(
                self.lang,
                "{to}이(가) {from}의 {api} 요청을 받았습니다.",
                "{to} received the {api} request of {from}."
            ),
            Direction::Response => say!(
                self.lang,
                "{to}이(가) {from}에서 {api} 응답을 받았습니다.",
                "{to} received the answer of {from} to its {api}."
            ),
        }
    }

    pub(super) fn dropped(
        &self,
        id: &EnvelopeId,
        api: Api,
        direction: Direction,
        reason: DropReason,
    ) -> String {
        let ((from, to), api, what) = (self.ends(id), api.name(), self.kind_of(direction));
        match reason {
            DropReason::LinkCut => say!(
                self.lang,
                "{from}에서 {to}(으)로 가는 링크가 끊겨 {api} {what}이(가) 사라졌습니다.",
                "The {api} {what} from {from} to {to} is lost: the link is cut."
            ),
            DropReason::LinkLossy => say!(
                self.lang,
                "{from}에서 {to}(으)로 가는 링크가 {api} {what}을(를) 잃어버렸습니다.",
                "The link from {from} to {to} lost this {api} {what}."
            ),
            DropReason::TakenOff => say!(
                self.lang,
                "{from}에서 {to}(으)로 가던 {api} {what}을(를) 없앴습니다.",
                "The {api} {what} from {from} to {to} was taken off the wire."
            ),
            DropReason::HostDown => say!(
                self.lang,
                "{to}에 전원이 없어 {from}이(가) 보낸 {api} {what}이(가) 사라졌습니다.",
                "The {api} {what} from {from} is lost: {to} has no power."
            ),
            DropReason::NotExpected => say!(
                self.lang,
                "{to}은(는) {from}이(가) 보낸 {api} {what}을(를) 더 기다리지 않아 버렸습니다.",
                "{to} no longer waits for this {api} {what} from {from} and drops it."
            ),
        }
    }

    fn kind_of(&self, direction: Direction) -> &'static str {
        match direction {
            Direction::Request => self.lang.pick("요청", "request"),
            Direction::Response => self.lang.pick("응답", "answer"),
        }
    }

    pub(super) fn duplicated(
        &self,
        id: &EnvelopeId,
        api: Api,
        direction: Direction,
        due: SimTime,
    ) -> String {
        let ((from, to), api, what) = (self.ends(id), api.name(), self.kind_of(direction));
        say!(
            self.lang,
            "{from}이(가) {to}에 보낸 {api} {what}이(가) 한 번 더 갑니다. {due}에 도착합니다.",
            "The {api} {what} from {from} to {to} is under way once more, due at {due}."
        )
    }

    pub(super) fn moved(
        &self,
        id: &EnvelopeId,
        api: Api,
        direction: Direction,
        due: SimTime,
    ) -> String {
        let ((from, to), api, what) = (self.ends(id), api.name(), self.kind_of(direction));
        say!(
            self.lang,
            "{from}이(가) {to}에 보낸 {api} {what}은(는) 이제 {due}에 도착합니다.",
            "The {api} {what} from {from} to {to} is now due at {due}."
        )
    }

    pub(super) fn queued(&self, id: &EnvelopeId, api: Api) -> String {
        let ((from, to), api) = (self.ends(id), api.name());
        say!(
            self.lang,
            "{to}이(가) 멈춰 있어 {from}의 {api} 요청이 소켓에서 기다립니다.",
            "{to} is paused: the {api} request of {from} waits in its socket."
        )
    }

    pub(super) fn connection_lost(&self, to: NodeId, api: Api) -> String {
        let (place, api) = (&self.place, api.name());
        say!(
            self.lang,
            "{api} 응답을 기다리던 {place}과(와) {to}의 연결이 끊겼습니다.",
            "{place} lost its connection to {to} while it waited for {api}."
        )
    }

    pub(super) fn timed_out(&self, to: NodeId, api: Api) -> String {
        let (place, api) = (&self.place, api.name());
        say!(
            self.lang,
            "{place}이(가) 기다리던 {to}의 {api} 응답이 제시간에 오지 않았습니다.",
            "{place} waited in vain for {to} to answer its {api}."
        )
    }
}
