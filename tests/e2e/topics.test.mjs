// Topics and their partitions: what moves and who is eligible, as the stage and the inspector show it, and the form that
// gives commands about them; and all of it on a narrow page.

import assert from "node:assert/strict";
import test from "node:test";
import { hashOfJournal } from "./hash.mjs";
import { visit } from "./person.mjs";

/** Where a strip has its name, and no record. */
const NAME = { position: { x: 12, y: 8 } };

/** A topic on two of three brokers, with records. */
async function makeMoves({ pause, type }) {
  await pause();
  await type("kafka-topics.sh --create --topic moves --replica-assignment 1:2", "run until quiet", "produce moves value=coffee count=6", "run until quiet");
}

test("a reassignment is picked by clicks, seen on its way, and taken back", async (t) => {
  const person = await visit(t, { width: 1440, height: 900 });
  const { page, at, type, ask, accessibility, screenshot } = person;
  await makeMoves(person);
  // What is to be copied cannot be copied yet.
  await type("cut broker-3 broker-1");
  await at("replica-broker-1-moves-0").click(NAME);
  await at("open-reassign").click();
  assert.match(await at("command-mistake").textContent(), /It is so already/);
  await at("target-broker-2").click();
  await at("target-broker-3").click();
  await at("command-throttle").fill("2000");
  assert.equal(
    await at("command-line").textContent(),
    `kafka-reassign-partitions.sh --execute --reassignment-json-file '{"version":1,"partitions":[{"topic":"moves","partition":0,"replicas":[1,3]}]}' --throttle 2000`,
  );
  assert.deepEqual(await accessibility(), []);
  await screenshot("reassign-form");
  await at("command-run").click();
  await at("topic-commands").waitFor({ state: "hidden" });
  await type("run 1s");

  await at("reassignment").waitFor();
  assert.match(await at("reassignment").textContent(), /AddingReplicas3RemovingReplicas2/);
  assert.match(await at("copy-broker-3").textContent(), /0 of 6 records · 0%/);
  assert.match(await at("throttled").textContent(), /broker-3 takes as a follower 2000 B\/s/);
  assert.equal(await at("tag-broker-3-moves-0").textContent(), "adding 0%");
  assert.equal(await at("tag-broker-2-moves-0").textContent(), "removing");
  assert.equal(await at("copied-broker-3-moves-0").getAttribute("data-percent"), "0");
  assert.match(await at("replica-broker-3-moves-0").getAttribute("aria-label"), /adding 0%/);
  assert.deepEqual(await accessibility(), []);
  await screenshot("reassigning");

  await at("cancel-reassignment").click();
  await at("reassignment").waitFor({ state: "detached" });
  await type("run 1s");
  assert.equal(await at("tag-broker-2-moves-0").count(), 0);
  assert.match(await ask("kafka-topics.sh --describe --topic moves"), /Replicas: 1,2/);

  // Another one, which nothing hinders: it ends, and its throttle is left until somebody verifies.
  await type("heal all", "run 40s");
  await at("replica-broker-1-moves-0").click(NAME);
  await at("target-broker-3").waitFor();
  await at("target-broker-3").click();
  await at("command-throttle").fill("2000");
  await page.keyboard.press("Enter");
  await type("run until isr moves-0 == 1,2,3", "run 1s");
  await at("throttle-left").waitFor();
  await at("clear-throttle").click();
  await at("throttle-left").waitFor({ state: "detached" });
});

test("the cluster counts what moves", async (t) => {
  const person = await visit(t, { lang: "ko", theme: "dark" });
  const { page, at, type } = person;
  await makeMoves(person);
  await type(
    "cut broker-3 broker-1",
    `kafka-reassign-partitions.sh --execute --reassignment-json-file '{"version":1,"partitions":[{"topic":"moves","partition":0,"replicas":[1,3]}]}'`,
    "run 1s",
  );
  await page.waitForFunction(() => document.querySelector("[data-testid=metric-ReassigningPartitions] dd").textContent === "1");
  assert.equal(await at("metric-UnderReplicatedPartitions").locator("dd").textContent(), "0", "what is being added is not missing");
  await at("row-moves-0").getByText("재배치 중 +3 −2").waitFor();
  await at("to-chart").click();
  await at("chart-partition").waitFor();
  await page.waitForFunction(() => document.querySelector("[data-testid=chart-partition]").value === "*");
});

test("eligible leader replicas and the last leader stand apart from the ISR", async (t) => {
  const { page, at, pause, type, accessibility, screenshot } = await visit(t, {
    hash: hashOfJournal("cluster brokers=3 seed=966 eligible.leader.replicas.version=1\n"),
  });
  await at("app").waitFor();
  await pause();
  await type(
    "run until ready",
    "kafka-topics.sh --create --topic orders --replica-assignment 1:2:3 --config min.insync.replicas=2",
    "run until quiet",
    "produce orders value=promised",
    "run until acknowledged producer-1 >= 1",
    "stop broker-1",
    "run until isr orders-0 == 2,3",
    "run 1s",
    "stop broker-2",
    "run until isr orders-0 == 3",
    "run 1s",
  );
  assert.equal(await at("tag-broker-2-orders-0").textContent(), "eligible (ELR)");
  assert.equal(await at("tag-broker-1-orders-0").textContent(), "out of ISR");
  await at("replica-broker-3-orders-0").click(NAME);
  assert.match(await at("isr-ring").locator("svg").getAttribute("aria-label"), /broker-1 out, broker-2 out, ELR/);
  assert.match(await at("ring-notes").textContent(), /^ELR \(eligible leader replicas\): broker-2\./);
  await screenshot("elr");
  await type("power-loss broker-3", "run until leader orders-0 == none");
  await page.waitForFunction(() => /LastKnownElr: broker-3\./.test(document.querySelector("[data-testid=ring-notes]").textContent));
  assert.match(await at("inspector").textContent(), /\(ELR\)\[2, 3\]/);
  assert.deepEqual(await accessibility(), []);
  await screenshot("elr-no-leader");
});

test("topics are made, altered and deleted by one form, and refusals are words in it", async (t) => {
  const { page, at, pause, ask, type, accessibility, screenshot } = await visit(t, { lang: "ko" });
  await pause();
  await at("new-topic").click();
  assert.equal(await at("command-mistake").textContent(), "토픽의 이름을 적어 주세요.");
  await at("command-name").fill("orders");
  await at("command-replication-factor").fill("2");
  await at("config-unclean.leader.election.enable").selectOption("true");
  await page.keyboard.press("Escape");
  await at("topic-commands").waitFor({ state: "hidden" });

  await at("new-topic").click();
  await at("command-name").fill("orders");
  await page.keyboard.press("Enter");
  await at("command-refusal").getByText("orders").waitFor();
  assert.deepEqual(await accessibility(), []);
  await at("command-name").fill("fresh");
  await at("command-partitions").fill("2");
  await at("config-min.insync.replicas").fill("2");
  assert.equal(
    await at("command-line").textContent(),
    "kafka-topics.sh --create --topic fresh --partitions 2 --replication-factor 3 --config min.insync.replicas=2",
  );
  await screenshot("create-topic-ko");
  await page.keyboard.press("Enter");
  await type("run 1s");
  await at("row-fresh-1").getByRole("button").click();

  await at("open-alter-configs").click();
  assert.equal(await at("config-min.insync.replicas").inputValue(), "2");
  await at("config-min.insync.replicas").fill("");
  await at("config-cleanup.policy").selectOption("compact,delete");
  await at("command-run").click();
  await type("run 1s");
  assert.match(await ask("kafka-topics.sh --describe --topic fresh"), /Configs: cleanup.policy=compact,delete$/m);

  // One command follows from another without the mouse.
  await at("open-elect-leader").focus();
  await page.keyboard.press("Enter");
  await at("kind-elect-leader").focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await at("command-partitions").fill("5");
  assert.equal(await at("command-line").textContent(), "kafka-topics.sh --alter --topic fresh --partitions 5");
  await page.keyboard.press("Enter");
  await type("run 1s");
  await at("open-delete-topic").click();
  await at("command-run").click();
  await type("run 1s");
  assert.doesNotMatch(await ask("kafka-topics.sh --list"), /fresh/);
});

test("on a narrow page nothing hides anything, and trouble is told", async (t) => {
  const { page, at, pause, type, screenshot } = await visit(t, { hash: hashOfJournal("cluster brokers=3 controllers=3 seed=5\n") });
  await at("app").waitFor();
  await pause();
  await type(
    "run until ready",
    "kafka-topics.sh --create --topic orders --replica-assignment 1:2:3",
    "run 1s",
    "produce orders value=v count=3",
    "run 1s",
    "crash broker-3",
    "run until isr orders-0 == 1,2 within 60s",
    "run 1s",
  );
  await page.setViewportSize({ width: 390, height: 844 });
  await page.locator("[data-testid=stage][data-stacked=true]").waitFor();
  assert.equal(await at("tag-broker-1-orders-0").textContent(), "ISR 2/3");
  const feet = await page.locator(".cabinet.controller .cabinet-foot").allTextContents();
  assert(feet.length >= 6 && feet.every((line) => line !== "" && !line.includes("…")), feet.join(" | "));
  const handles = await page.locator(".link-handle").evaluateAll((all) =>
    all.map((one) => one.getBoundingClientRect()).map((box) => [box.x + box.width / 2, box.y + box.height / 2]),
  );
  assert(handles.length > 6);
  const apart = handles.flatMap(([x, y], index) => handles.slice(index + 1).map(([a, b]) => Math.hypot(x - a, y - b)));
  assert(Math.min(...apart) >= 23.5, `handles are ${Math.min(...apart)} px apart`);
  await screenshot("narrow-trouble");
});
