// What the page shows of replication: epochs as bands, logs that differ, a truncation step by step, the ISR as a ring,
// partitions in trouble by Kafka's names, and why all of it is so.

import assert from "node:assert/strict";
import test from "node:test";
import { hashOfJournal } from "./hash.mjs";
import { visit } from "./person.mjs";

/** A leader that nobody reaches takes a record with acks=1; another is elected meanwhile and writes at the same offset. */
async function diverge({ type }) {
  await type(
    "run until quiet",
    "cut broker-1 broker-2",
    "cut broker-1 broker-3",
    "cut broker-1 controller-101",
    "produce orders key=k value=stale acks=1 producer=hasty",
    "run until acknowledged hasty >= 1",
    "run until leader orders-0 != broker-1 within 60s",
    "run 1s",
    "produce orders key=k value=newer producer=other",
    "run until acknowledged other >= 1 within 60s",
  );
}

test("two logs that differ are marked, and the truncation is seen and told step by step", async (t) => {
  const person = await visit(t);
  const { page, at, pause, type, screenshot } = person;
  await pause();
  await diverge(person);
  const mark = at("diverged-broker-1-orders-0");
  await mark.waitFor({ state: "attached" });
  const offset = await mark.getAttribute("data-offset");
  assert.equal(await at("diverged-broker-2-orders-0").getAttribute("data-offset"), offset);
  assert.match(await at("replica-broker-1-orders-0").getAttribute("aria-label"), new RegExp(`from offset ${offset} on`));
  await at("epoch-broker-2-orders-0-1").waitFor({ state: "attached" });
  assert.equal(await at("epoch-broker-1-orders-0-1").count(), 0, "the old leader knows of no second epoch");
  await screenshot("logs-diverged");

  await type("heal all");
  for (let steps = 0; (await at("cut-broker-1-orders-0").count()) === 0; steps++) {
    assert(steps < 2_000, "the old leader cuts its log");
    await person.step();
  }
  // What leaves is where it was, and the log is already without it.
  assert.equal(await at(`record-broker-1-orders-0-${offset}`).count(), 0);
  assert((await at("cut-broker-1-orders-0").textContent()).startsWith(offset), "from there on");
  assert.equal(Number(await at("cut-broker-1-orders-0").evaluate((cut) => cut.style.opacity)), 1);
  await screenshot("log-cut");
  await at("replica-broker-1-orders-0").click({ position: { x: 12, y: 8 } });
  const told = await at("truncation").textContent();
  assert.match(told, /lastFetchedEpoch 0/);
  assert.match(told, /divergingEpoch says that epoch 0 ends at/);

  // The record that was acknowledged by one broker alone is lost, and the terminal says so in the same words.
  await type("run 5s");
  assert.equal(await mark.count(), 0);
  assert.equal(await at("cut-broker-1-orders-0").count(), 0, "it is gone");
  assert.match(await person.ask(`why record orders-0 ${offset}`), /It is lost: acknowledged with acks=1/);
  await at(`record-broker-2-orders-0-${offset}`).click({ force: true });
  await at("why-record").getByText("It is lost: acknowledged with acks=1").waitFor();
});

test("a member leaves the ring with its reason and comes back", async (t) => {
  const { page, at, pause, type, accessibility, screenshot } = await visit(t, { lang: "ko", theme: "dark" });
  await pause();
  await at("replica-broker-1-orders-0").click();
  const place = (broker) => page.locator(`[data-testid=ring-${broker}]`).getAttribute("data-place");
  await at("ring-broker-3").waitFor({ state: "attached" });
  assert.equal(await place("broker-3"), "in");
  assert.equal(await at("partition-labels").textContent(), "");

  await type("pause broker-3", "produce orders key=k value=v", "run until isr orders-0 == 1,2 within 90s", "run 1s");
  await page.locator("[data-testid=ring-broker-3][data-place=out]").waitFor({ state: "attached" });
  assert.match(await at("isr-ring").locator("svg").getAttribute("aria-label"), /ISR 2\/3, min.insync.replicas 2/);
  assert.match(await at("partition-labels").textContent(), /At min ISR/);
  const isr = at("why-isr");
  await isr.locator("summary").focus();
  await page.keyboard.press("Enter");
  await isr.locator("li", { hasText: "broker-3" }).waitFor();
  await page.waitForFunction(() => /ISR은 \[1,2\]/.test(document.querySelector("[data-testid=why-isr]").textContent));
  assert.deepEqual(await accessibility(), []);
  await screenshot("isr-ring-ko-dark");

  await type("resume broker-3", "run until isr orders-0 == 1,2,3 within 60s", "run 1s");
  await page.locator("[data-testid=ring-broker-3][data-place=in]").waitFor({ state: "attached" });
  assert.equal(await at("partition-labels").textContent(), "");
});

test("the cluster tells its metrics and its partitions in trouble, and why a leader was chosen", async (t) => {
  const { page, at, pause, type, accessibility, screenshot } = await visit(t);
  await pause();
  const metric = async (name) => Number(await at(`metric-${name}`).locator("dd").textContent());
  await at("cluster-table").waitFor();
  assert.equal(await metric("ActiveControllerCount"), 1);
  assert.equal(await metric("UnderReplicatedPartitions"), 0);
  assert.equal(await at("row-orders-0").locator(".label").count(), 0);

  await type("crash broker-1", "run until leader orders-0 != broker-1 within 60s", "run 1s");
  await page.waitForFunction(() => document.querySelector("[data-testid=metric-UnderReplicatedPartitions] dd").textContent === "2");
  await page.waitForFunction(() => Number(document.querySelector("[data-testid=metric-LeaderElectionRateAndTimeMs] dd").textContent) >= 1);
  assert.equal(await metric("OfflinePartitionsCount"), 0);
  assert.equal(await metric("PreferredReplicaImbalanceCount"), 1);
  assert.match(await at("row-orders-0").textContent(), /At min ISR.*out of sync 1/);
  await at("only-trouble").check();
  assert.deepEqual(await accessibility(), []);
  await screenshot("cluster-table");

  await at("row-orders-0").getByRole("button").click();
  await at("why-leader").locator("summary").click();
  const election = at("election");
  await election.waitFor();
  assert.match(await election.textContent(), /broker-2: of those alive in the ISR it is the first in replica order/);
  assert.match(await election.textContent(), /broker-1 \(going, out of the ISR\)/);
  // From the fact to the event, and from there to what led to it.
  await at("why-leader").locator(".why-chain-link").click();
  await page.getByTestId("why").getByText("The controller fenced broker-1: no heartbeat").waitFor();
});

test("a consumer says why it reads from the follower in its rack", async (t) => {
  const racks = "cluster brokers=3 seed=21 broker.rack=a,b,c replica.selector.class=org.apache.kafka.common.replica.RackAwareReplicaSelector\n";
  const { page, at, pause, type, accessibility, screenshot } = await visit(t, { hash: hashOfJournal(racks) });
  await pause();
  await type(
    "run until ready",
    "kafka-topics.sh --create --topic orders --replica-assignment 1:2:3",
    "run until quiet",
    "produce orders value=latte count=3",
    "run 1s",
    "consume orders consumer=near from=earliest client.rack=b",
    "run 1s",
  );
  await at("client-near").click();
  const reads = at("why-reads-orders-0");
  await reads.getByText("It reads from the follower broker-2").waitFor();
  await reads.locator("summary").click();
  await reads.getByText("metadata.max.age.ms").waitFor();
  assert.deepEqual(await accessibility(), []);
  await screenshot("reads-nearby");
  await reads.locator(".why-chain-link").click();
  await at("why").getByText("broker-1 sends near to broker-2 for orders-0").waitFor();

  await at("client-near").click();
  await type("crash broker-2", "run 10s");
  await reads.getByText("It reads from the leader broker-1: no replica that may serve is in the consumer's rack").waitFor();
  // On a narrow page the rack is the last to be left out.
  await page.setViewportSize({ width: 390, height: 844 });
  await page.locator("[data-testid=stage][data-stacked=true]").waitFor();
  await page.locator(".stage-words").getByText(/rack b$/).last().waitFor({ state: "attached" });
});
