// The four great failures, each made by clicks alone, each told by the why panel, each ending with every replica alike:
// the active controller dies, the quorum's majority is lost and comes back, the network becomes a ring, a broker's host
// is replaced by an empty one.

import assert from "node:assert/strict";
import test from "node:test";
import { visit } from "./person.mjs";

/** Three controllers, of which controller-103 is active, and three brokers. */
async function quorum(t) {
  const app = await visit(t);
  const { page, at, pause } = app;
  await pause();
  await at("scenario").selectOption("quorum");
  await page.locator("[data-testid=controller-103]").waitFor();
  await pause();
  await app.type("run 1s");

  /** Clicks a node and one of the things that can be done to it. */
  const act = async (node, action) => {
    await at(node).click({ position: { x: 50, y: 16 } });
    await at(action).click();
    await at(action).waitFor({ state: "detached" });
  };
  const says = async (id, pattern) => {
    const place = at(id);
    await place.filter({ hasText: pattern }).waitFor();
  };
  /** Nothing was broken, and every replica has what the leader has. */
  const converged = async () => {
    await app.type("run until isr orders-0 == 1,2,3 within 120s", "run 2s");
    const logs = [];
    for (const node of ["broker-1", "broker-2", "broker-3"]) logs.push(await app.ask(`show log ${node} orders-0`));
    const batches = logs.map((log) => log.split("\n").filter((line) => /^\s*\d/.test(line)).join("\n"));
    assert(batches[0].length > 0, "there are records");
    assert.equal(batches[1], batches[0]);
    assert.equal(batches[2], batches[0]);
    assert.equal(await at("violation").count(), 0);
  };
  return { ...app, act, says, converged };
}

test("the active controller is crashed: another is elected, and the why panel leads back to the click", async (t) => {
  const { page, act, ask, says, type, converged, screenshot } = await quorum(t);
  await act("controller-103", "action-crash");
  await page.locator("[data-testid=controller-103][data-state=is-down]").waitFor();
  await type("run 6s");
  const [, leader] = (await ask("kafka-metadata-quorum.sh describe --status")).match(/LeaderId:\s+(10[12])/);
  await page.getByTestId(`controller-${leader}`).click({ position: { x: 50, y: 16 } });
  await page.keyboard.press("Escape");
  await says("why", /hears of no leader|asks the other controllers/);
  await screenshot("controller-failover-why");
  await act("controller-103", "action-start");
  await converged();
});

test("without a majority of the controllers records flow and metadata stand still, until it is back", async (t) => {
  const { page, act, ask, type, converged } = await quorum(t);
  for (const node of ["controller-103", "controller-101"]) {
    await act(node, "action-crash");
    await page.locator(`[data-testid=${node}][data-state=is-down]`).waitFor();
  }
  await type("run 6s", "produce orders key=k value=still producer=hand acks=all", "run until acknowledged hand >= 1 within 30s");
  assert.match(await ask("kafka-topics.sh --create --topic more --partitions 1"), /no active controller/);
  for (const node of ["controller-103", "controller-101"]) await act(node, "action-start");
  await type("run 8s");
  assert.match(await ask("kafka-metadata-quorum.sh describe --status"), /LeaderId:\s+10[123]/);
  await type("kafka-topics.sh --create --topic more --partitions 1", "run until leader more-0 != none within 30s");
  await converged();
});

test("links are cut so that a ring is left, and it heals", async (t) => {
  const { page, at, act, type, converged } = await quorum(t);
  await act("broker-1", "action-ring-cut");
  const cut = page.locator("[data-testid^=link-][data-cut=both]");
  await cut.first().waitFor({ state: "attached" });
  await cut.first().click({ force: true });
  await page.keyboard.press("Escape");
  await page.getByTestId("why").getByText("ring-cut").first().waitFor();
  await type("produce orders key=k value=ring producer=hand", "run 30s", "heal all");
  assert.equal(await page.locator("[data-testid^=link-][data-cut=both]").count(), 0);
  assert.equal(await at("violation").count(), 0);
  await type("run 10s");
  await converged();
});

test("a leader's host is replaced by an empty one: it comes back with everything", async (t) => {
  const { page, at, act, type, converged } = await quorum(t);
  await act("broker-1", "action-replace");
  await type("run until leader orders-0 != broker-1 within 60s", "run until isr orders-0 == 1,2,3 within 120s");
  await at("replica-broker-1-orders-0").click({ position: { x: 12, y: 8 } });
  const leader = at("why-leader");
  await leader.locator("summary").click();
  await leader.locator(".why-chain-link").click();
  await page.getByTestId("why").getByText("an empty one of the same id takes its place").waitFor();
  await page.keyboard.press("End");
  await converged();
});
