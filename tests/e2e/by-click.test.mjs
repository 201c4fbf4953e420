// The four great failures, each made by clicks alone, each told by the why panel back to the click, each ending with
// every replica alike: the active controller dies, the quorum's majority is lost and comes back, the network becomes a
// ring, a broker's host is replaced by an empty one.

import assert from "node:assert/strict";
import test from "node:test";
import { visit } from "./person.mjs";

const BROKERS = ["broker-1", "broker-2", "broker-3"];
/** Where a cabinet has its name, and where a strip has. */
const FACE = { position: { x: 50, y: 16 } };
const NAME = { position: { x: 12, y: 8 } };

/** Three controllers, of which controller-103 is active, and three brokers. Time stands still. */
async function quorum(t, options) {
  const app = await visit(t, options);
  const { page, at } = app;
  await app.pause();
  await at("scenario").selectOption("quorum");
  await at("controller-103").waitFor();
  await app.pause();
  await at("speed").selectOption("1600");

  /** Lets time run until something is to be seen, and stops it. */
  const play = async (wanted) => {
    for (let rests = 0; !(await wanted.count()); rests++) {
      assert(rests < 12, `in vain: ${wanted}`);
      if ((await at("btn-play").getAttribute("data-playing")) === "false") await at("btn-play").click();
      await wanted.or(at("at-rest")).first().waitFor({ state: "attached" });
    }
    await app.pause();
  };
  const look = async (node) => {
    await at(node).click(FACE);
    await at("inspector").getByRole("heading", { level: 2, name: node }).waitFor();
    await at("actions-close").click();
  };
  return {
    ...app,
    play,
    look,
    /** An answer of the inspector that says this. */
    answer: (about, words) => at(about).filter({ hasText: words }),
    /** Clicks a node and one of the things that can be done to it. */
    act: async (node, action) => {
      await at(node).click(FACE);
      await at(action).click();
      await at(action).waitFor({ state: "detached" });
    },
    /** Follows an answer to the event that made it so, and that back to the click: all of this is told. */
    explained: async (about, ...told) => {
      await at(about).locator("summary").click();
      await at(about).locator(".why-chain-link").click();
      for (const words of told) await at("why").getByText(words).first().waitFor();
      await at("why").locator("li.is-command").getByText("your command").waitFor();
    },
    /** Every replica is in the ISR and has what the leader has, all of it committed; no monitor has found anything. */
    converged: async () => {
      await at("replica-broker-2-orders-0").click(NAME);
      await at("isr-ring").waitFor();
      await play(page.locator("[data-testid=isr-ring]:not(:has([data-place=out]))"));
      const marks = async () => {
        const labels = BROKERS.map((broker) => at(`replica-${broker}-orders-0`).getAttribute("aria-label"));
        return (await Promise.all(labels)).flatMap((label) => label.match(/HW (\d+), LEO (\d+)/).slice(1).map(Number));
      };
      for (let steps = 0; new Set(await marks()).size > 1; steps++) {
        assert(steps < 300, `the logs stay apart: ${await marks()}`);
        await app.step();
      }
      assert((await marks())[0] > 0, "and there is something in them");
      assert.equal(await page.locator(".monitor[data-state=quiet]").count(), 6);
      assert.equal(await at("violation").count(), 0);
    },
  };
}

test("the active controller is crashed, and another is elected", async (t) => {
  const { act, look, play, answer, explained, converged, screenshot } = await quorum(t);
  await act("controller-103", "action-crash");
  await play(answer("why-quorum", /controller-10[12] is the active controller \(epoch [2-9]\)/));
  await screenshot("controller-failover");
  await explained(
    "why-quorum",
    /is the active controller \(epoch [2-9]\)/,
    /asks the other controllers whether they would elect it/,
    "silent from here on",
    "Command: crash controller-103",
  );
  await act("controller-103", "action-start");
  await look("controller-103");
  await play(answer("why-quorum", /controller-103: follows controller-10[12]/));
  await converged();
});

test("without a majority records flow and metadata stand still, until it is back", async (t) => {
  const { page, at, act, look, play, answer, explained, converged, screenshot } = await quorum(t);
  for (const id of ["controller-103", "controller-101"]) await act(id, "action-crash");
  await look("controller-102");
  await play(answer("why-quorum", /no active controller, and none can be elected/));

  // A record that every member of the ISR has to store.
  await at("produce-topic").selectOption("orders");
  await at("produce-value").fill("still");
  await at("produce-more").locator("summary").click();
  await at("produce-producer").fill("app");
  await at("produce-send").click();
  await play(page.locator("[data-testid=client-app][aria-label*='acked 5']"));
  // A topic that somebody would have to write down.
  const create = async () => {
    await at("stage").click({ position: { x: 4, y: 4 } });
    await at("new-topic").click();
    await at("command-name").fill("more");
    await at("command-run").click();
  };
  await create();
  await at("command-refusal").getByText("no active controller").waitFor();
  await page.keyboard.press("Escape");
  await look("controller-102");
  await answer("why-quorum", "New topics, elections, changes of ISRs, fencing and blocks of producer ids wait").waitFor();
  await screenshot("majority-lost");
  await explained("why-quorum", "The process of controller-101 died", "Command: crash controller-101");

  for (const id of ["controller-103", "controller-101"]) await act(id, "action-start");
  await look("controller-102");
  await play(answer("why-quorum", /is the active controller \(epoch \d+\): metadata can change/));
  await create();
  await at("topic-commands").waitFor({ state: "hidden" });
  await play(at("row-more-0"));
  await converged();
});

test("links are cut so that a ring is left, and healed", async (t) => {
  const { page, at, act, play, explained, converged, screenshot } = await quorum(t);
  await act("broker-2", "action-ring-cut");
  await at("replica-broker-1-orders-0").click(NAME);
  await play(page.locator("[data-testid=isr-ring]:has([data-testid=ring-broker-3][data-place=out])"));
  await screenshot("ring-cut");
  await explained("why-isr", /The controller fenced broker-/, "Command: ring-cut");
  await act("broker-2", "action-heal-all");
  assert.equal(await page.locator("[data-testid^=link-][data-cut=both]").count(), 0);
  await converged();
});

test("a leader's host is replaced by an empty one, which comes back with everything", async (t) => {
  const { page, at, act, look, play, answer, explained, converged, screenshot } = await quorum(t);
  await act("broker-1", "action-replace");
  await at("replica-broker-2-orders-0").click(NAME);
  await play(page.locator("[data-testid=ring-broker-1][data-place=out]"));
  await explained("why-leader", /made broker-[23] leader of orders-0/, /The controller fenced broker-1/, /an empty one of the same id/, "silent from here on", "Command: replace broker-1");
  await look("broker-1");
  await play(answer("why-broker", "Replicas in the ISR: 1 of 1"));
  await screenshot("replaced-and-back");
  await explained("why-broker", /The controller unfenced broker-1/, /an empty one of the same id takes its place/, "Command: replace broker-1");
  await converged();
});
